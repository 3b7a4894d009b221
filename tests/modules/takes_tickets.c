/*
 * takes_tickets - writes to a table of another module when it migrates
 */
#include <helpdesk/plugin.h>

static const struct hd_migration migrations[] = {
	{ 1, "create", .sql = "CREATE TABLE takes_tickets (id INTEGER PRIMARY KEY) STRICT;"
	    "UPDATE tickets SET status = 'Taken';" },
	{ 0 },
};

HD_MODULE(takes_tickets, "1.0.0", .migrations = migrations);
