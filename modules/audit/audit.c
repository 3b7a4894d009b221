/*
 * audit - who changed what, and when: /api/v1/audit
 *
 * The trail is the server's own and written by it; here it can be read, and nothing else.
 */
#include <helpdesk/plugin.h>

static const struct hd_field fields[] = {
	{ "id", HD_ID },
	{ "at", HD_CREATED, HD_SPAN },
	{ "request_id", HD_TEXT, .doc = "Its X-Request-Id; null: a command on the server" },
	{ "key_id", HD_INTEGER, .doc = "The API key; null: a command on the server" },
	{ "user_id", HD_USER, HD_EXACT, .filter = "actor", .doc = "The user of the key" },
	{ "actor", HD_USER_NAME, .of = "user_id", .doc = "Name of the user of the key" },
	{ "address", HD_TEXT, .doc = "Where the request came from; local: a command on the server",
	  .example = "\"192.0.2.7\"" },
	{ "resource", HD_TEXT, HD_REQUIRED | HD_EXACT, .doc = "What was changed: tickets, users",
	  .example = "\"tickets\"" },
	{ "record", HD_INTEGER, HD_REQUIRED | HD_EXACT, .filter = "id", .doc = "Its id",
	  .example = "42" },
	{ "action", HD_TEXT, HD_REQUIRED, .doc = "create, update, delete, or a module's word",
	  .example = "\"update\"" },
	{ "changes", HD_JSON, .doc = "By member: [old value, new value]",
	  .example = "{\"status\":[\"Open\",\"Resolved\"]}" },
	{ 0 },
};

static const struct hd_resource resources[] = {
	{ .path = "/audit", .table = "core_audit", .one = "entry", .many = "audit",
	  .title = "Audit", .fields = fields, .verbs = HD_LIST | HD_GET,
	  .doc = "A change, and who made it" },
	{ 0 },
};

HD_MODULE(audit, "1.0.0", .doc = "The audit trail", .resources = resources);
