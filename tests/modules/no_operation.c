/*
 * no_operation - has a route that the OpenAPI document would not know
 */
#include <helpdesk/plugin.h>

static bool
answer(struct hd_req *req)
{
	return hd_reply(req, 200);
}

static const struct hd_route routes[] = {
	{ "GET", "/no-operation", HD_READ, 0, answer },
	{ 0 },
};

HD_MODULE(no_operation, "1.0.0", .routes = routes);
