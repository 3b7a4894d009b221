/*
 * desk - asks sla when a ticket is due, where there is a sla
 *
 *	GET /api/v1/desk/{id}
 */
#include <helpdesk/sla.h>

static bool
ask(struct hd_req *req)
{
	struct sla_due due = { .ticket = hd_param_id(req, "id") };
	bool offered = hd_offers(hd_instance(req), SLA_DUE);

	if (offered && !hd_call(req, SLA_DUE, &due))
		return false;
	hd_put_bool(req, "offered", offered);
	hd_put_text(req, "due_at", due.due_at);
	hd_put_text(req, "state", due.state);
	return hd_reply(req, 200);
}

static const struct hd_route routes[] = {
	{ .method = "GET", .path = "/desk/{id}", .handler = ask, .openapi =
	    "{\"operationId\": \"askDesk\", \"summary\": \"For tests\","
	    " \"responses\": {\"200\": {\"description\": \"When it is due\"}}}" },
	{ 0 },
};

HD_MODULE(desk, "1.0.0", .doc = "For tests", .routes = routes);
