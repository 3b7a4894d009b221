/*
 * wants_ghost - needs a module that there is not
 */
#include <helpdesk/plugin.h>

static const struct hd_need needs[] = { { "ghost", "1.0.0" }, { 0 } };

HD_MODULE(wants_ghost, "1.0.0", .needs = needs);
