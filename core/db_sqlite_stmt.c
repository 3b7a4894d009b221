/*
 * db_sqlite_stmt.c - SQLite's statements: their cache, their values, their steps
 *
 * Every step of a statement that is not the engine's own goes through step(), which
 * refuses to write outside a transaction and holds the budget.
 */
#include "db_sqlite.h"

#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "err.h"

struct db_stmt {
	struct cached cached;		/* first: the cache hands these out */
	LIST_ENTRY(db_stmt) lent;
	struct db *db;
	sqlite3_stmt *st;
	bool writes;
	int fault;			/* of a bind; told by the next step */
	unsigned generation;
	char sql[];
};

/* The first statement of the SQL; *rest is what is behind.  NULL in *ret for none. */
static bool
prepare(struct db *db, const char *sql, unsigned flags, sqlite3_stmt **ret, const char **rest,
    struct err *e)
{
	int rc;

	db->refusal[0] = '\0';
	rc = sqlite3_prepare_v3(db->h, sql, -1, flags, ret, rest);
	return rc == SQLITE_OK || db_fail(db, rc, e);
}

/* Exactly one statement; behind it may only be blanks, comments and ';'. */
static sqlite3_stmt *
prepare_one(struct db *db, const char *sql, struct err *e)
{
	sqlite3_stmt *st = NULL, *second = NULL;
	const char *rest;

	if (!prepare(db, sql, SQLITE_PREPARE_PERSISTENT, &st, &rest, e))
		return NULL;
	if (st == NULL)
		db_refuse(db, DB_ERROR, "there is no statement in the SQL", e);
	else if (*rest == '\0' || (prepare(db, rest, 0, &second, &rest, NULL) && second == NULL))
		return st;
	else
		db_refuse(db, DB_ERROR, "there is more than one statement in the SQL", e);
	sqlite3_finalize(second);
	sqlite3_finalize(st);
	return NULL;
}

static void
stmt_free(struct db_stmt *s)
{
	sqlite3_finalize(s->st);
	free(s);
}

void
db_forget_statements(struct db *db)
{
	struct cached *c;

	db->generation++;
	while ((c = cache_oldest(&db->idle)) != NULL)
		stmt_free((struct db_stmt *)c);
}

void
db_trim(struct db *db)
{
	db_forget_statements(db);
	sqlite3_db_release_memory(db->h);
}

void
db_free_statements(struct db *db)
{
	struct db_stmt *s;

	while ((s = LIST_FIRST(&db->lent)) != NULL) {
		LIST_REMOVE(s, lent);
		stmt_free(s);
	}
	db_forget_statements(db);
}

static struct db_stmt *
stmt_new(struct db *db, const char *sql, size_t len, uint64_t hash, struct err *e)
{
	struct db_stmt *s = malloc(sizeof *s + len + 1);

	if (s == NULL) {
		db_refuse(db, DB_ERROR, "out of memory", e);
		return NULL;
	}
	memcpy(s->sql, sql, len + 1);
	cached_init(&s->cached, s->sql, len, hash);
	s->db = db;
	s->fault = SQLITE_OK;
	s->generation = db->generation;
	s->st = prepare_one(db, s->sql, e);
	if (s->st == NULL) {
		free(s);
		return NULL;
	}
	s->writes = !sqlite3_stmt_readonly(s->st);
	return s;
}

struct db_stmt *
db_prepare(struct db *db, const char *sql, struct err *e)
{
	size_t len = strlen(sql);
	uint64_t hash = cache_hash(sql, len);
	struct db_stmt *s = (struct db_stmt *)cache_take(&db->idle, sql, len, hash);

	if (s == NULL)
		s = stmt_new(db, sql, len, hash, e);
	if (s != NULL)
		LIST_INSERT_HEAD(&db->lent, s, lent);
	return s;
}

void
db_release(struct db_stmt **where)
{
	struct db_stmt *s = *where, *surplus = s;

	if (s == NULL)
		return;
	*where = NULL;
	LIST_REMOVE(s, lent);
	sqlite3_reset(s->st);
	sqlite3_clear_bindings(s->st);
	s->fault = SQLITE_OK;
	if (s->generation == s->db->generation)
		surplus = (struct db_stmt *)cache_put(&s->db->idle, &s->cached);
	if (surplus != NULL)
		stmt_free(surplus);
}

static void
bound(struct db_stmt *s, int rc)
{
	if (rc != SQLITE_OK)
		s->fault = rc;
}

void
db_bind_int(struct db_stmt *s, unsigned parameter, int64_t value)
{
	bound(s, sqlite3_bind_int64(s->st, (int)parameter, value));
}

void
db_bind_text(struct db_stmt *s, unsigned parameter, struct text t)
{
	bound(s, sqlite3_bind_text64(s->st, (int)parameter, t.at, t.len, SQLITE_STATIC,
	    SQLITE_UTF8));
}

void
db_bind_null(struct db_stmt *s, unsigned parameter)
{
	bound(s, sqlite3_bind_null(s->st, (int)parameter));
}

unsigned
db_parameters(const struct db_stmt *s)
{
	return (unsigned)sqlite3_bind_parameter_count(s->st);
}

bool
db_writes(const struct db_stmt *s)
{
	return s->writes;
}

/* One step under our rules, of a statement that writes or does not. */
static enum db_result
step(struct db *db, sqlite3_stmt *st, bool writes)
{
	int rc;

	if (writes && db->mode == DB_WRITER && sqlite3_get_autocommit(db->h)) {
		db_refuse(db, DB_ERROR, "nothing is written outside a transaction", NULL);
		return DB_ERROR;
	}
	db->stoppable = !writes;
	db->refusal[0] = '\0';
	rc = sqlite3_step(st);
	if (rc == SQLITE_ROW)
		return DB_ROW;
	if (rc != SQLITE_DONE)
		db_note(db, rc);
	sqlite3_reset(st);
	return rc == SQLITE_DONE ? DB_DONE : db->last;
}

enum db_result
db_step(struct db_stmt *s)
{
	if (s->fault == SQLITE_OK)
		return step(s->db, s->st, s->writes);
	db_refuse(s->db, DB_ERROR, s->fault == SQLITE_RANGE ?
	    "a parameter was bound that the statement does not have" :
	    sqlite3_errstr(s->fault), NULL);
	sqlite3_reset(s->st);
	return DB_ERROR;
}

enum db_result
db_insert(struct db_stmt *s, int64_t *id)
{
	enum db_result result = db_step(s);

	if (result != DB_DONE)
		return result;
	if (sqlite3_changes64(s->db->h) == 0) {	/* then the last id is another row's */
		db_refuse(s->db, DB_ERROR, "a trigger has had the row ignored", NULL);
		return DB_ERROR;
	}
	*id = sqlite3_last_insert_rowid(s->db->h);
	return DB_DONE;
}

bool
db_is_null(struct db_stmt *s, unsigned column)
{
	return sqlite3_column_type(s->st, (int)column) == SQLITE_NULL;
}

bool
db_is_text(struct db_stmt *s, unsigned column)
{
	return sqlite3_column_type(s->st, (int)column) == SQLITE_TEXT;
}

int64_t
db_int(struct db_stmt *s, unsigned column)
{
	return sqlite3_column_int64(s->st, (int)column);
}

/*
 * By way of sqlite3_column_value, since each sqlite3_column_ call looks for the column anew.
 * Its value is called unprotected, against other threads: this connection has one at a time.
 */
bool
db_number(struct db_stmt *s, unsigned column, int64_t *ret)
{
	sqlite3_value *v = sqlite3_column_value(s->st, (int)column);

	*ret = sqlite3_value_int64(v);
	return sqlite3_value_type(v) != SQLITE_NULL;
}

struct text
db_text(struct db_stmt *s, unsigned column)
{
	sqlite3_value *v = sqlite3_column_value(s->st, (int)column);
	const char *at = (const char *)sqlite3_value_text(v);

	return (struct text){ at, at != NULL ? (size_t)sqlite3_value_bytes(v) : 0 };
}

unsigned
db_columns(struct db_stmt *s)
{
	return (unsigned)sqlite3_column_count(s->st);
}

int64_t
db_changes(struct db *db)
{
	return sqlite3_changes64(db->h);
}

static bool
execute_one(struct db *db, sqlite3_stmt *st, struct err *e)
{
	switch (step(db, st, !sqlite3_stmt_readonly(st))) {
	case DB_DONE:
		return true;
	case DB_ROW:
		return db_refuse(db, DB_ERROR, "a statement returned rows", e);
	default:
		return err_set(e, "%s", db->message);
	}
}

bool
db_execute(struct db *db, const char *sql, struct err *e)
{
	sqlite3_stmt *st;
	bool ok = true;

	while (ok && *sql != '\0') {
		if (!prepare(db, sql, 0, &st, &sql, e))
			return false;
		ok = st == NULL || execute_one(db, st, e);
		sqlite3_finalize(st);
	}
	return ok;
}

bool
db_has_table(struct db *db, const char *table, bool *ret, struct err *e)
{
	CLEANUP(db_release) struct db_stmt *s = db_prepare(db,
	    "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1", e);
	enum db_result result;

	if (s == NULL)
		return false;
	db_bind_text(s, 1, (struct text){ table, strlen(table) });
	result = db_step(s);
	if (result != DB_ROW && result != DB_DONE)
		return err_set(e, "%s", db->message);
	*ret = result == DB_ROW;
	return true;
}

bool
db_version(struct db *db, int64_t *ret, struct err *e)
{
	CLEANUP(db_release) struct db_stmt *s = db_prepare(db, "PRAGMA data_version", e);

	if (s == NULL)
		return false;
	if (db_step(s) != DB_ROW)
		return err_set(e, "%s", db->message);
	*ret = db_int(s, 0);
	return true;
}

void
db_budget(struct db *db, unsigned steps)
{
	db->budgeted = steps != 0;
	db->thousands = db->given = steps / BUDGET_GRAIN;
}

void
db_budget_again(struct db *db)
{
	db->thousands = db->given;
}

int
db_look_at_budget(void *context)
{
	struct db *db = context;

	if (!db->budgeted || !db->stoppable)
		return 0;
	if (db->thousands == 0)
		return 1;
	db->thousands--;
	return 0;
}
