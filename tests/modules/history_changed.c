/*
 * history_changed - is called history, and has changed a migration that history has applied
 */
#include <helpdesk/plugin.h>

static const struct hd_migration migrations[] = {
	{ 1, "create", .sql = "CREATE TABLE history (id INTEGER PRIMARY KEY) STRICT;" },
	{ 2, "add_until", .sql = "ALTER TABLE history ADD COLUMN until INTEGER;" },
	{ 0 },
};

HD_MODULE(history, "1.0.0", .migrations = migrations);
