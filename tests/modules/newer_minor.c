/*
 * newer_minor - targets a minor that no server of today has
 *
 * Its constructor leaves a trace that no test may find.
 */
#define _POSIX_C_SOURCE 200809L	/* setenv */
#define HD_ABI_TARGET 7
#include <helpdesk/plugin.h>

#include <stdlib.h>

__attribute__((constructor)) static void
leave_trace(void)
{
	setenv("HELPDESK_TEST_NEWER_RAN", "yes", 1);
}

HD_MODULE(newer_minor, "0.3.0");
