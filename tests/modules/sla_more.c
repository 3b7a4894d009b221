/*
 * sla_more - its tables would be called sla_*, which belong to module sla
 */
#include <helpdesk/plugin.h>

HD_MODULE(sla_more, "1.0.0");
