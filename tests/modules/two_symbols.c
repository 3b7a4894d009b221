/*
 * two_symbols - shows a function of its own to the world
 */
#include <helpdesk/plugin.h>

extern HD_EXPORT int two_symbols_answer(void);

int
two_symbols_answer(void)
{
	return 42;
}

HD_MODULE(two_symbols, "1.0.0");
