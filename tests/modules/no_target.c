/*
 * no_target - refers to a component that nobody brings
 */
#include <helpdesk/plugin.h>

static bool
answer(struct hd_req *req)
{
	return hd_reply(req, 200);
}

static const struct hd_route routes[] = {
	{ "GET", "/no-target", HD_READ, 0, answer, .openapi = "{\"operationId\":\"getNoTarget\","
	  "\"responses\":{\"200\":{\"description\":\"Well\",\"content\":{"
	  "\"application/json\":{\"schema\":{\"$ref\":\"#/components/schemas/Nothing\"}}}}}}" },
	{ 0 },
};

HD_MODULE(no_target, "1.0.0", .routes = routes);
