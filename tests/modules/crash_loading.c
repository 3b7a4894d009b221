/*
 * crash_loading - crashes in its constructor, before the server has seen its descriptor
 */
#include <helpdesk/plugin.h>

__attribute__((constructor)) static void
crash(void)
{
	static volatile uintptr_t nowhere = 8;

	*(volatile int *)nowhere = 1;
}

HD_MODULE(crash_loading, "1.0.0");
