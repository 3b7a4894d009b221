/*
 * same_path - wants another method of a path that is sla's
 */
#include <helpdesk/plugin.h>

static bool
answer(struct hd_req *req)
{
	return hd_reply(req, 200);
}

static const struct hd_route routes[] = {
	{ "DELETE", "/tickets/{id}/sla", HD_READ, 0, answer, .openapi = "{\"operationId\":\"deleteSamePath\","
	  "\"responses\":{\"200\":{\"description\":\"Well\"}}}" },
	{ 0 },
};

HD_MODULE(same_path, "1.0.0", .routes = routes);
