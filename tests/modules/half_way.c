/*
 * half_way - its second migration fails after it has made a table
 */
#include <helpdesk/plugin.h>

static const struct hd_migration migrations[] = {
	{ 1, "create", .sql = "CREATE TABLE half_way (id INTEGER PRIMARY KEY) STRICT;" },
	{ 2, "add_more", .sql = "CREATE TABLE half_way_more (id INTEGER PRIMARY KEY) STRICT;"
	    "INSERT INTO half_way (id) VALUES (7);"
	    "INSERT INTO half_way_more (colour) VALUES ('red');" },
	{ 0 },
};

HD_MODULE(half_way, "1.0.0", .migrations = migrations);
