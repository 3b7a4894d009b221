/* roster.c - what the last start of a site found out about its modules */
#include "roster.h"

#include "arena.h"
#include "cleanup.h"
#include "db.h"
#include "err.h"
#include "module.h"
#include "site.h"
#include "text.h"

/* A row that is as it was is not written: a start that finds nothing new waits for no disk. */
static const char keep[] =
    "INSERT INTO core_module (name, version, routes, refused) VALUES (?1, ?2, ?3, ?4)"
    " ON CONFLICT (name) DO UPDATE SET version = excluded.version,"
    " routes = excluded.routes, refused = excluded.refused"
    " WHERE core_module.version <> excluded.version OR core_module.routes <> excluded.routes"
    " OR core_module.refused IS DISTINCT FROM excluded.refused";

static bool
keep_one(struct db *db, const struct instance *i, struct err *e)
{
	CLEANUP(db_release) struct db_stmt *st = db_prepare(db, keep, e);

	if (st == NULL)
		return false;
	db_bind_text(st, 1, text_of(i->conf->name));
	db_bind_text(st, 2, text_of(i->module != NULL ? i->module->d->version : ""));
	db_bind_int(st, 3, i->refused == NULL ? i->route_count : 0);
	db_bind_text(st, 4, text_of(i->why));
	return db_step(st) == DB_DONE || err_set(e, "%s", db_message(db));
}

static bool
keep_all(struct db *db, const struct site *s, struct err *e)
{
	for (size_t i = 0; i < s->instance_count; i++)
		if (!keep_one(db, s->instances[i], e))
			return false;
	return true;
}

bool
roster_keep(struct db *db, const struct site *s, struct err *e)
{
	if (!db_begin(db, e))
		return false;
	if (keep_all(db, s, e))
		return db_commit(db, e);
	db_rollback(db);
	return false;
}

static bool
read_entry(struct db *db, struct arena *a, const char *name, const char *version,
    struct roster_entry *ret, struct err *e)
{
	CLEANUP(db_release) struct db_stmt *st = db_prepare(db,
	    "SELECT routes, refused FROM core_module WHERE name = ?1 AND version IN (?2, '')", e);
	enum db_result result;

	if (st == NULL)
		return false;
	db_bind_text(st, 1, text_of(name));
	db_bind_text(st, 2, text_of(version));
	result = db_step(st);
	if (result == DB_ROW) {
		struct text refused = db_text(st, 1);

		ret->found = true;
		ret->routes = db_int(st, 0);
		ret->refused = refused.at != NULL ? arena_copy(a, refused.at, refused.len) : NULL;
	}
	return result == DB_ROW || result == DB_DONE || err_set(e, "%s", db_message(db));
}

bool
roster_find(struct db *db, struct arena *a, const char *name, const char *version,
    struct roster_entry *ret, struct err *e)
{
	bool has_table;

	*ret = (struct roster_entry){ 0 };
	return db_has_table(db, "core_module", &has_table, e) &&
	    (!has_table || read_entry(db, a, name, version, ret, e));
}
