/*
 * users - the people of a site: /api/v1/users
 *
 * The table is the server's own, and so are the rules about names and addresses; nobody is
 * ever deleted, because tickets and the history refer to them.
 */
#include <helpdesk/plugin.h>

static const struct hd_field fields[] = {
	{ "id", HD_ID },
	{ "name", HD_TEXT, HD_REQUIRED | HD_TRIM | HD_FILTER, .max = 80,
	  .doc = "Unique without case, and not all digits, which would be an id",
	  .example = "\"maria\"" },
	{ "full_name", HD_TEXT, HD_TRIM, .max = 150, .example = "\"Maria Antoniou\"" },
	{ "email", HD_TEXT, HD_TRIM, .max = 254, .example = "\"maria@example.com\"" },
	{ "active", HD_BOOLEAN, .value = "true",
	  .doc = "To who is not active nothing new can be assigned" },
	{ "created_at", HD_CREATED },
	{ "updated_at", HD_UPDATED },
	{ 0 },
};

static const struct hd_resource resources[] = {
	{ .path = "/users", .table = "core_user", .one = "user", .many = "users",
	  .title = "Users", .fields = fields,
	  .verbs = HD_LIST | HD_GET | HD_CREATE | HD_CHANGE, .with = HD_WITH_HISTORY,
	  .doc = "A person whom tickets, articles and assets refer to" },
	{ 0 },
};

HD_MODULE(users, "1.0.0", .doc = "The people of the site", .resources = resources);
