/*
 * history_older - is called history, and knows fewer migrations than history has applied
 */
#include <helpdesk/plugin.h>

static const struct hd_migration migrations[] = {
	{ 1, "create", .sql = "CREATE TABLE history (id INTEGER PRIMARY KEY) STRICT;" },
	{ 0 },
};

HD_MODULE(history, "1.0.0", .migrations = migrations);
