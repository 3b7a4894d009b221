/*
 * function_symbol - exports a function where the descriptor is looked for
 */
#include <helpdesk/plugin.h>

HD_IN_NOTE static const struct hd_note note = {
	9, sizeof(struct hd_note) - 24, HD_NOTE_TYPE, "helpdesk",
	HD_ABI_MAJOR, 0, "function_symbol", "1.0.0"
};

extern HD_EXPORT int hd_module_v1(void);

int
hd_module_v1(void)
{
	return 0;
}
