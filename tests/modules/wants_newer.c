/*
 * wants_newer - needs a later sla than there is
 */
#include <helpdesk/plugin.h>

static const struct hd_need needs[] = { { "sla", "0.4.0" }, { 0 } };

HD_MODULE(wants_newer, "1.0.0", .needs = needs);
