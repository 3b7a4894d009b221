/*
 * ring_a - needs ring_b, which needs ring_a
 */
#include <helpdesk/plugin.h>

static const struct hd_need needs[] = { { "ring_b", "1.0.0" }, { 0 } };

HD_MODULE(ring_a, "1.0.0", .needs = needs);
