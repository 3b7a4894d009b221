/*
 * tickets - what people ask for, and what is said about it: /api/v1/tickets
 *
 * Status, priority and department are free text: every organisation has its own.
 */
#include <helpdesk/plugin.h>

static const struct hd_field fields[] = {
	{ "id", HD_ID },
	{ "subject", HD_TEXT, HD_REQUIRED | HD_TRIM | HD_SEARCH, .max = 255,
	  .doc = "The matter in a few words", .example = "\"Printer jam\"" },
	{ "description", HD_TEXT, HD_REQUIRED | HD_TRIM | HD_SEARCH, .doc = "The whole story",
	  .example = "\"3rd floor printer keeps jamming\"" },
	{ "status", HD_TEXT, HD_FILTER | HD_SORT, .max = 50, .value = "\"Open\"",
	  .doc = "Free text", .example = "\"Open\"" },
	{ "priority", HD_TEXT, HD_SORT, .max = 50, .example = "\"Medium\"" },
	{ "department", HD_TEXT, HD_FILTER | HD_SORT, .max = 100, .example = "\"Facilities\"" },
	{ "created_by", HD_USER, HD_CREATE_ONLY | HD_CALLER,
	  .doc = "Who asked", .example = "18" },
	{ "assigned_to", HD_USER, HD_FILTER, .missing = "Assigned user not found.",
	  .doc = "Who works on it", .example = "7" },
	{ "assignee", HD_USER_NAME, .of = "assigned_to", .doc = "Name of assigned_to" },
	{ "created_at", HD_CREATED },
	{ "updated_at", HD_UPDATED },
	{ "closed_at", HD_TIME, .doc = "When it was closed", .example = "\"2025-02-28T11:30:00\"" },
	{ 0 },
};

static const struct hd_field comment_fields[] = {
	{ "id", HD_ID, .since = 2 },
	{ "ticket_id", HD_PARENT },
	{ "author", HD_USER, HD_CREATE_ONLY | HD_CALLER, .doc = "Who says it", .example = "7" },
	{ "author_name", HD_USER_NAME, .of = "author", .doc = "Name of author" },
	{ "body", HD_TEXT, HD_REQUIRED | HD_TRIM, .doc = "What is said",
	  .example = "\"The paper tray was the culprit.\"" },
	{ "is_internal", HD_BOOLEAN, HD_EXACT, .value = "false",
	  .doc = "Not meant for whoever asked" },
	{ "created_at", HD_CREATED },
	{ "updated_at", HD_UPDATED },
	{ 0 },
};

static const struct hd_resource resources[] = {
	{ .path = "/tickets", .table = "tickets", .one = "ticket", .many = "tickets",
	  .title = "Tickets", .fields = fields, .order = "created_at",
	  .search = "q", .flags = HD_SEARCH_OPTIONAL,
	  .required = "Both subject and description are required.",
	  .doc = "A request for help, from the first word to its closing",
	  .with = HD_WITH_ATTACHMENTS | HD_WITH_HISTORY },
	{ .path = "/tickets/{id}/comments", .table = "tickets_comments", .one = "comment",
	  .many = "comments", .title = "Tickets", .fields = comment_fields, .order = "created_at",
	  .parent = "tickets", .doc = "What somebody says about a ticket" },
	{ 0 },
};

static const struct hd_migration migrations[] = {
	{ 1, "create", .tables = resources },
	{ 2, "comments", .tables = resources },
	{ 0 },
};

HD_MODULE(tickets, "1.0.0", .doc = "Tickets", .resources = resources, .migrations = migrations);
