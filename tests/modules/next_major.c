/*
 * next_major - made for the major after the server's; no line of it may run
 */
#include <helpdesk/plugin.h>

#include "trace.h"

enum { NEXT = HD_ABI_MAJOR + 1 };
#undef HD_ABI_MAJOR
#define HD_ABI_MAJOR NEXT

HD_MODULE(next_major, "0.3.0");
