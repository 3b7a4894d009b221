/*
 * every - a module that uses all of plugin.h, in C and in C++20
 *
 * C++20 wants all members of a row by name, or none; C takes any mixture.
 */
#include "every.h"

#define DONE "{\"200\":{\"description\":\"Done\"}}"

static const struct hd_field fields[] = {
	{ .name = "id", .type = HD_ID },
	{ .name = "name", .type = HD_TEXT, .flags = HD_REQUIRED | HD_TRIM, .max = 80 },
	{ .name = "seen", .type = HD_BOOLEAN, .flags = HD_READ_ONLY, .value = "false" },
	{ 0 },
};
static const struct hd_resource resources[] = {
	{ .path = "/every", .table = "every", .one = "every", .many = "everies",
	  .fields = fields, .with = HD_WITH_HISTORY | HD_WITH_VERSIONS },
	{ 0 },
};
static const struct hd_field body[] = {
	{ .name = "to", .type = HD_TEXT }, { .name = "days", .type = HD_INTEGER }, { 0 },
};
static const struct hd_route routes[] = {
	{ .method = "GET", .path = "/every/{id}/{word:text}", .access = HD_READ,
	  .handler = every_read,
	  .openapi = "{\"operationId\":\"readEvery\",\"responses\":" DONE "}" },
	{ .method = "POST", .path = "/every/{id}/lend", .access = HD_WRITE,
	  .handler = every_write, .body = body,
	  .openapi = "{\"operationId\":\"lendEvery\",\"responses\":" DONE "}" },
	{ .method = "POST", .path = "/every/{id}/row", .access = HD_WRITE,
	  .flags = HD_ANY_KEY, .handler = every_row,
	  .openapi = "{\"operationId\":\"rowEvery\",\"responses\":" DONE "}",
	  .before = every_before },
	{ 0 },
};
static const struct hd_migration migrations[] = {
	{ .number = 1, .name = "create", .tables = resources }, { 0 },
};
static const struct hd_statement statements[] = {
	{ .sql = "SELECT id, name FROM every WHERE id = ?1" },
	{ .sql = "UPDATE OR FAIL every SET name = ?1",
	  .postgresql = "UPDATE every SET name = ?1" },
	{ 0 },
};
static const struct hd_option options[] = {
	{ .name = "greeting", .type = HD_TEXT, .value = "hello" }, { 0 },
};
static const struct hd_hook hooks[] = {
	{ .table = "every", .verbs = HD_CREATE | HD_CHANGE | HD_DELETE, .run = every_change },
	{ 0 },
};
static const struct hd_job jobs[] = {
	{ .name = "now_and_then", .every = "1h", .before = every_before, .run = every_write },
	{ 0 },
};
static const struct hd_service services[] = {
	{ .id = "every.twice/1", .call = every_service, .doc = "Nothing, twice" }, { 0 },
};
static const struct hd_need needs[] = { { .module = "meta", .version = "1.0.0" }, { 0 } };

HD_MODULE(every, "1.0.0", .resources = resources, .routes = routes, .migrations = migrations,
    .statements = statements, .options = options, .needs = needs,
    .hooks = hooks, .jobs = jobs, .services = services, .init = every_init);
