/*
 * calls_sqlite - links nothing, but hopes that the server has SQLite
 */
#include <helpdesk/plugin.h>

extern const char *sqlite3_libversion(void);

static bool
start(struct hd_instance *instance)
{
	hd_log(instance, HD_INFO, "%s", sqlite3_libversion());
	return true;
}

HD_MODULE(calls_sqlite, "1.0.0", .init = start);
