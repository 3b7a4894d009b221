/*
 * clerk - makes loans that nobody could ask for, as one module makes rows of another
 *
 *	POST /api/v1/clerk/{id}/late	an asset was lent until the last day of 2019
 *	DELETE /api/v1/clerk/{id}	deletes an asset
 */
#include <helpdesk/plugin.h>

static bool
lend_late(struct hd_req *req)
{
	const struct hd_member members[] = {
		{ "hardware_id", hd_int(hd_param_id(req, "id")) },
		{ "borrower", hd_int(hd_client(req)->user) },
		{ "due_on", hd_str("2019-12-31") },
	};
	const int64_t id = hd_create(req, "loans", members, 3);

	return id != 0 && hd_put_row(req, "loan", "loans", id) && hd_reply(req, 201);
}

static bool
scrap(struct hd_req *req)
{
	return hd_delete(req, "hardware", hd_param_id(req, "id")) && hd_reply(req, 204);
}

static const struct hd_route routes[] = {
	{ .method = "POST", .path = "/clerk/{id}/late", .access = HD_WRITE, .handler = lend_late,
	  .openapi = "{\"operationId\": \"lendLate\", \"summary\": \"For tests\","
	    " \"responses\": {\"201\": {\"$ref\": \"#/components/responses/Loan\"}}}" },
	{ .method = "DELETE", .path = "/clerk/{id}", .access = HD_WRITE, .handler = scrap,
	  .openapi = "{\"operationId\": \"scrap\", \"summary\": \"For tests\","
	    " \"responses\": {\"204\": {\"description\": \"It is gone\"}}}" },
	{ 0 },
};
static const struct hd_need needs[] = {
	{ .module = "loans", .version = "1.0.0" }, { .module = "hardware", .version = "1.0.0" },
	{ 0 },
};

HD_MODULE(clerk, "1.0.0", .doc = "For tests", .routes = routes, .needs = needs);
