/*
 * knowledge - articles that answer the question before it is asked: /api/v1/knowledge
 *
 * Lists are searches: they want a term and show published articles only.  A draft is
 * there for those who know its id.
 */
#include <helpdesk/plugin.h>

static const struct hd_field fields[] = {
	{ "id", HD_ID },
	{ "title", HD_TEXT, HD_REQUIRED | HD_TRIM | HD_SEARCH | HD_SORT, .max = 255,
	  .example = "\"Reset VPN profile\"" },
	{ "summary", HD_TEXT, HD_SEARCH, .example = "\"Steps to fix VPN client issues\"" },
	{ "content", HD_TEXT, HD_REQUIRED | HD_TRIM | HD_SEARCH, .doc = "The article itself",
	  .example = "\"1. Open VPN client...\"" },
	{ "tags", HD_TAGS, HD_SEARCH, .example = "[\"vpn\", \"network\"]" },
	{ "category", HD_TEXT, HD_SEARCH, .max = 120, .example = "\"Networking\"" },
	{ "is_published", HD_BOOLEAN, .value = "true", .doc = "Whether searches find it" },
	{ "created_by", HD_USER, HD_CREATE_ONLY | HD_CALLER,
	  .doc = "Who wrote it", .example = "5" },
	{ "updated_by", HD_EDITOR, .doc = "Who changed it last" },
	{ "created_at", HD_CREATED },
	{ "updated_at", HD_UPDATED },
	{ "attachments", HD_ATTACHMENTS, HD_SEARCH },
	{ 0 },
};

static const struct hd_resource resources[] = {
	{ .path = "/knowledge", .table = "knowledge", .one = "article", .many = "results",
	  .title = "Knowledge base", .fields = fields, .order = "updated_at",
	  .search = "q", .listed = "is_published",
	  .doc = "An article of the knowledge base",
	  .with = HD_WITH_ATTACHMENTS | HD_WITH_VERSIONS | HD_WITH_HISTORY },
	{ 0 },
};

static const struct hd_migration migrations[] = {
	{ 1, "create", .tables = resources },
	{ 0 },
};

HD_MODULE(knowledge, "1.0.0", .doc = "The knowledge base",
	.resources = resources, .migrations = migrations);
