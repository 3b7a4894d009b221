/*
 * crash_fini - crashes when it is to end
 */
#include <helpdesk/plugin.h>

static void
end(struct hd_instance *instance)
{
	static volatile uintptr_t nowhere = 8;

	(void)instance;
	*(volatile int *)nowhere = 1;
}

HD_MODULE(crash_fini, "1.0.0", .fini = end);
