/*
 * history - nothing is wrong with it: it serves before what now goes by its name
 */
#include <helpdesk/plugin.h>

static const struct hd_migration migrations[] = {
	{ 1, "create", .sql = "CREATE TABLE history (id INTEGER PRIMARY KEY) STRICT;" },
	{ 2, "add_until", .sql = "ALTER TABLE history ADD COLUMN until TEXT;" },
	{ 0 },
};

HD_MODULE(history, "1.0.0", .migrations = migrations);
