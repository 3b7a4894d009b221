/*
 * db_sqlite_permit.c - whose tables SQL may touch
 *
 * SQLite asks its authorizer for every table while it prepares a statement; this says
 * for each of its questions what to ask the permit, if anything.  What the table below
 * does not know is refused.
 */
#include "db_sqlite.h"

#include <stdio.h>
#include <string.h>

/* What an action names in its first and second word, and whether it changes it. */
static const struct action {
	const char *first, *second;	/* asked for */
	bool writes;
	const char *refused;		/* whatever it names */
} actions[] = {
	[SQLITE_READ]                = { "table", NULL },
	[SQLITE_INSERT]              = { "table", NULL, true },
	[SQLITE_UPDATE]              = { "table", NULL, true },
	[SQLITE_DELETE]              = { "table", NULL, true },
	[SQLITE_CREATE_TABLE]        = { "table", NULL, true },
	[SQLITE_CREATE_VTABLE]       = { "table", NULL, true },
	[SQLITE_CREATE_VIEW]         = { "view", NULL, true },
	[SQLITE_CREATE_INDEX]        = { "index", "table", true },
	[SQLITE_CREATE_TRIGGER]      = { "trigger", "table", true },
	[SQLITE_DROP_TABLE]          = { "table", NULL, true },
	[SQLITE_DROP_VTABLE]         = { "table", NULL, true },
	[SQLITE_DROP_VIEW]           = { "view", NULL, true },
	[SQLITE_DROP_INDEX]          = { "index", "table", true },
	[SQLITE_DROP_TRIGGER]        = { "trigger", "table", true },
	[SQLITE_ALTER_TABLE]         = { NULL, "table", true },
	[SQLITE_REINDEX]             = { "index", NULL, true },
	[SQLITE_ANALYZE]             = { "table", NULL, true },
	[SQLITE_CREATE_TEMP_TABLE]   = { .refused = "a temporary table" },
	[SQLITE_CREATE_TEMP_INDEX]   = { .refused = "a temporary index" },
	[SQLITE_CREATE_TEMP_TRIGGER] = { .refused = "a temporary trigger" },
	[SQLITE_CREATE_TEMP_VIEW]    = { .refused = "a temporary view" },
	[SQLITE_DROP_TEMP_TABLE]     = { .refused = "a temporary table" },
	[SQLITE_DROP_TEMP_INDEX]     = { .refused = "a temporary index" },
	[SQLITE_DROP_TEMP_TRIGGER]   = { .refused = "a temporary trigger" },
	[SQLITE_DROP_TEMP_VIEW]      = { .refused = "a temporary view" },
	[SQLITE_FUNCTION]            = { .refused = "load_extension" },
	[SQLITE_ATTACH]              = { .refused = "ATTACH" },
	[SQLITE_DETACH]              = { .refused = "DETACH" },
	[SQLITE_PRAGMA]              = { .refused = "PRAGMA" },
	[SQLITE_TRANSACTION]         = { .refused = "BEGIN, COMMIT or ROLLBACK" },
	[SQLITE_SAVEPOINT]           = { .refused = "SAVEPOINT" },
};

/* SQLite's own tables are part of every CREATE and DROP; it guards them itself. */
static bool
is_allowed(struct db *db, const char *kind, const char *name, bool writes)
{
	if (kind == NULL || name == NULL || strncmp(name, "sqlite_", 7) == 0 ||
	    db->permit(db->permit_context, name, writes))
		return true;
	snprintf(db->refusal, sizeof db->refusal, "touches %s \"%s\"", kind, name);
	return false;
}

/* What need not be asked for. */
static bool
is_harmless(int code, const char *first, const char *second)
{
	switch (code) {
	case SQLITE_SELECT:
	case SQLITE_RECURSIVE:
		return true;
	case SQLITE_FUNCTION:
		return sqlite3_stricmp(second, "load_extension") != 0;
	case SQLITE_PRAGMA:		/* FTS5 looks whether others have written */
		return sqlite3_stricmp(first, "data_version") == 0;
	default:
		return false;
	}
}

/* SQLite's question for each table, column, function that it meets. */
static int
authorize(void *context, int code, const char *first, const char *second, const char *database,
    const char *trigger)
{
	static const struct action unknown = { .refused = "this" };
	const bool known = code >= 0 && (size_t)code < sizeof actions / sizeof actions[0];
	const struct action *a = known ? &actions[code] : &unknown;
	struct db *db = context;

	(void)database, (void)trigger;
	if (db->at_own || is_harmless(code, first, second))
		return SQLITE_OK;
	if (a->first == NULL && a->second == NULL)
		snprintf(db->refusal, sizeof db->refusal, "%s is not allowed here",
		    a->refused != NULL ? a->refused : unknown.refused);
	else if (is_allowed(db, a->first, first, a->writes) &&
	    is_allowed(db, a->second, second, a->writes))
		return SQLITE_OK;
	return SQLITE_DENY;
}

void
db_set_permit(struct db *db, db_permit *permit, void *context)
{
	db_forget_statements(db);
	db->permit = permit;
	db->permit_context = context;
	sqlite3_set_authorizer(db->h, permit == NULL ? NULL : authorize, db);
}
