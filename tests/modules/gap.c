/*
 * gap - has migrations 1 and 3
 */
#include <helpdesk/plugin.h>

static const struct hd_migration migrations[] = {
	{ 1, "create", .sql = "CREATE TABLE gap (id INTEGER PRIMARY KEY) STRICT;" },
	{ 3, "add_name", .sql = "ALTER TABLE gap ADD COLUMN name TEXT;" },
	{ 0 },
};

HD_MODULE(gap, "1.0.0", .migrations = migrations);
