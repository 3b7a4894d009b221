/*
 * same_operation - calls its operation as sla calls another
 */
#include <helpdesk/plugin.h>

static bool
answer(struct hd_req *req)
{
	return hd_reply(req, 200);
}

static const struct hd_route routes[] = {
	{ "GET", "/again", HD_READ, 0, answer, .openapi = "{\"operationId\":\"getTicketSla\","
	  "\"responses\":{\"200\":{\"description\":\"Well\"}}}" },
	{ 0 },
};

HD_MODULE(same_operation, "1.0.0", .routes = routes);
