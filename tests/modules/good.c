/*
 * good - a module that is taken: one of everything
 *
 * Its constructor leaves a trace, by which the tests see whether code of a file ran.
 */
#define _POSIX_C_SOURCE 200809L	/* setenv */
#include <helpdesk/plugin.h>

#include <stdlib.h>

static hd_handler good_count;

__attribute__((constructor)) static void
leave_trace(void)
{
	setenv("HELPDESK_TEST_GOOD_RAN", "yes", 1);
}

static bool
good_count(struct hd_req *req)
{
	return hd_reply(req, 200);
}

static const struct hd_field fields[] = {
	{ "id", HD_ID },
	{ "name", HD_TEXT, HD_REQUIRED | HD_TRIM | HD_FILTER, .max = 80, .value = "\"new\"" },
	{ "seats", HD_INTEGER, .least = 0, .most = 500, .since = 2, .example = "12" },
	{ 0 },
};
static const struct hd_field query[] = { { "least", HD_INTEGER }, { 0 } };

static const struct hd_resource resources[] = {
	{ .path = "/goods", .table = "good", .one = "good", .many = "goods", .fields = fields },
	{ 0 },
};
static const struct hd_route routes[] = {
	{ "GET", "/goods/{id}/count", HD_READ, 0, good_count, .query = query,
	  .openapi = "{\"operationId\":\"countGoods\","
	      "\"responses\":{\"200\":{\"description\":\"ok\"}}}" },
	{ 0 },
};
static const struct hd_migration migrations[] = {
	{ 1, "create", .tables = resources },
	{ 2, "add_seats", .tables = resources },
	{ 0 },
};
static const struct hd_statement statements[] = { { "SELECT count(*) FROM good" }, { 0 } };
static const struct hd_option options[] = {
	{ "limit", HD_INTEGER, "10", .least = 1, .most = 100 },
	{ 0 },
};
static const struct hd_need needs[] = { { "tickets", "1.0.0" }, { 0 } };

HD_MODULE(good, "1.2.3", .doc = "One of everything", .resources = resources, .routes = routes,
    .migrations = migrations, .statements = statements, .options = options, .needs = needs);
