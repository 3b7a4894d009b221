/*
 * reads_keys - has a statement on a table of the server's
 */
#include <helpdesk/plugin.h>

static const struct hd_statement statements[] = {
	{ "SELECT name FROM core_user" },
	{ "SELECT digest FROM core_key" },
	{ 0 },
};

HD_MODULE(reads_keys, "1.0.0", .statements = statements);
