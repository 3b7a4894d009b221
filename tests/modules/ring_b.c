/*
 * ring_b - needs ring_a, which needs ring_b
 */
#include <helpdesk/plugin.h>

static const struct hd_need needs[] = { { "ring_a", "1.0.0" }, { 0 } };

HD_MODULE(ring_b, "1.0.0", .needs = needs);
