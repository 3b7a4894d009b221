/*
 * A module with much to say about its queries: a list that is looked through, statements
 * that are good, slow and, with -DWRONG, wrong in two places.
 */
#include <helpdesk/plugin.h>

static const struct hd_field fields[] = {
	{ "id", HD_ID },
	{ "name", HD_TEXT, HD_CONTAINS, .max = 80 },
	{ "code", HD_TEXT, HD_FILTER, .max = 80 },
	{ "page", HD_INTEGER, HD_EXACT },
	{ "is_rare", HD_BOOLEAN, HD_EXACT },
	{ 0 },
};
static const struct hd_resource resources[] = {
	{ .path = "/wordy", .table = "wordy", .one = "word", .many = "words", .fields = fields },
	{ 0 },
};
static const struct hd_migration migrations[] = {
	{ 1, "create", .tables = resources },
	{ 0 },
};
static const struct hd_statement statements[] = {
	{ "SELECT name FROM wordy WHERE id = ?1" },
	{ "SELECT a.id FROM wordy a WHERE a.name = ?1 UNION ALL"
	  " SELECT a.id FROM wordy a WHERE a.name = ?2" },
#ifdef WRONG
	{ "SELECT nothing FROM wordy" },
	{ "SELECT id FROM wordy WHRE id = 1" },
#endif
	{ 0 },
};

HD_MODULE(wordy, "0.1.0", .resources = resources, .migrations = migrations,
    .statements = statements);
