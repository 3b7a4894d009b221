/*
 * optioned - nothing is wrong with it but what the configuration says of its options
 */
#include <helpdesk/plugin.h>

static const struct hd_option options[] = {
	{ "url", HD_TEXT },
	{ "limit", HD_INTEGER, "10", .least = 1, .most = 100 },
	{ "loud", HD_BOOLEAN, "false" },
	{ 0 },
};

HD_MODULE(optioned, "1.0.0", .options = options);
