/*
 * next_minor - targets the minor after the server's; no line of it may run
 */
#define HD_ABI_TARGET (HD_ABI_MINOR + 1)
#include <helpdesk/plugin.h>

#include "trace.h"

HD_MODULE(next_minor, "0.3.0");
