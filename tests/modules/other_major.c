/*
 * other_major - made for a server whose ABI has another major
 */
#include <helpdesk/plugin.h>

#undef HD_ABI_MAJOR
#define HD_ABI_MAJOR 2

HD_MODULE(other_major, "0.3.0");
