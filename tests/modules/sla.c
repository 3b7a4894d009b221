/*
 * sla - nothing is wrong with it: the neighbour that others do not agree with
 */
#include <helpdesk/plugin.h>

static bool
sla_get(struct hd_req *req)
{
	return hd_reply(req, 200);
}

static const struct hd_field fields[] = { { "id", HD_ID }, { "name", HD_TEXT }, { 0 } };
static const struct hd_resource resources[] = {
	{ .path = "/slas", .table = "sla", .one = "sla", .many = "slas", .fields = fields },
	{ 0 },
};
static const struct hd_migration migrations[] = { { 1, "create", .tables = resources }, { 0 } };
static const struct hd_route routes[] = {
	{ "GET", "/tickets/{id}/sla", HD_READ, 0, sla_get, .openapi =
	  "{\"operationId\":\"getTicketSla\",\"responses\":{\"200\":{\"description\":\"Due\"}}}" },
	{ 0 },
};

HD_MODULE(sla, "0.3.0", .resources = resources, .migrations = migrations, .routes = routes,
    .openapi = "{\"components\":{\"schemas\":{\"Asset\":{\"type\":\"object\","
    "\"properties\":{\"id\":{\"type\":\"integer\"}}}}}}");
