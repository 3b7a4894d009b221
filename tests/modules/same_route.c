/*
 * same_route - wants a route of sla, whose parameter it calls otherwise
 */
#include <helpdesk/plugin.h>

static bool
answer(struct hd_req *req)
{
	return hd_reply(req, 200);
}

static const struct hd_route routes[] = {
	{ "GET", "/tickets/{t}/sla", HD_READ, 0, answer, .openapi = "{\"operationId\":\"getSameRoute\","
	  "\"responses\":{\"200\":{\"description\":\"Well\"}}}" },
	{ 0 },
};

HD_MODULE(same_route, "1.0.0", .routes = routes);
