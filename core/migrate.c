/*
 * migrate.c - bringing a database from whatever it is to what the program needs
 *
 * The history is read anew inside the transaction of every step, so two processes that
 * start at once apply each step once.  It refuses to guess: a step that differs from
 * what was applied, a database that is ahead, a table of somebody else end it.
 */
#include "migrate.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "cleanup.h"
#include "db.h"
#include "err.h"
#include "iso8601.h"
#include "ownership.h"

enum { CHECKSUM_SIZE = 2 * 32 + 1 };	/* SHA-256 in hexadecimal */

static const char history_table[] =
    "CREATE TABLE IF NOT EXISTS core_migration ("
    "owner TEXT NOT NULL, number INTEGER NOT NULL, name TEXT NOT NULL, "
    "checksum TEXT NOT NULL, applied_at TEXT NOT NULL, "
    "PRIMARY KEY (owner, number)) STRICT";

/* What belongs together through all of the work on one owner's steps. */
struct work {
	struct db *db;
	const char *owner;
	const struct migration *steps;
	size_t n;
};

static bool
is_core(const char *owner)
{
	return strcmp(owner, "core") == 0;
}

/*
 * The checksum
 */

static void
free_text(char **where)
{
	free(*where);
}

/* Part of a word or of something quoted: between two of these a blank means something. */
static bool
is_wordy(char c)
{
	return isalnum((unsigned char)c) || (unsigned char)c >= 0x80 || strchr("_$'\"`[]", c);
}

/* The length of the blank or comment that the SQL begins with; 0 if it does not. */
static size_t
blank(const char *sql)
{
	const char *end;

	if (isspace((unsigned char)*sql))
		return 1;
	if (strncmp(sql, "--", 2) == 0)
		return strcspn(sql, "\n");
	if (strncmp(sql, "/*", 2) != 0)
		return 0;
	end = strstr(sql + 2, "*/");
	return end == NULL ? strlen(sql) : (size_t)(end + 2 - sql);
}

/* The length of the quoted text or name that the SQL begins with, else of one byte.  A
 * doubled quote is the end of one text and the beginning of the next. */
static size_t
piece(const char *sql)
{
	const char *end;

	if (strchr("'\"`[", *sql) == NULL)
		return 1;
	end = strchr(sql + 1, *sql == '[' ? ']' : *sql);
	return end == NULL ? strlen(sql) : (size_t)(end + 1 - sql);
}

/* The SQL without what does not change its meaning; the caller frees it. */
static char *
squeeze(const char *sql)
{
	char *squeezed = malloc(strlen(sql) + 1), *to = squeezed;
	bool apart = false;

	if (squeezed == NULL)
		return NULL;
	for (size_t len; *sql != '\0'; sql += len) {
		if ((len = blank(sql)) > 0) {
			apart = true;
			continue;
		}
		if (apart && to > squeezed && is_wordy(to[-1]) && is_wordy(*sql))
			*to++ = ' ';
		apart = false;
		len = piece(sql);
		memcpy(to, sql, len);
		to += len;
	}
	*to = '\0';
	return squeezed;
}

/* The checksum of what a step is known by. */
static bool
checksum_of(const struct migration *m, const char *known_by, char ret[CHECKSUM_SIZE],
    struct err *e)
{
	CLEANUP(free_text) char *text = squeeze(known_by);
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned len;

	if (text == NULL || !EVP_Digest(text, strlen(text), digest, &len, EVP_sha256(), NULL))
		return err_set(e, "migration %u (%s): no checksum can be made", m->number, m->name);
	for (unsigned i = 0; i < len; i++)
		snprintf(ret + 2 * i, 3, "%02x", digest[i]);
	return true;
}

static bool
checksum(const struct migration *m, char ret[CHECKSUM_SIZE], struct err *e)
{
	return checksum_of(m, m->identity != NULL ? m->identity : m->sql, ret, e);
}

/*
 * The history
 */

static bool
numbers_check(const struct work *w, struct err *e)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->steps[i].number != i + 1)
			return err_set(e, "migrations must be numbered 1, 2, 3 ...: %zu is missing",
			    i + 1);
	return true;
}

/* Whether a step was applied as what it is, or as what it was known by before. */
static bool
is_step(const struct migration *m, struct text then, bool *ret, struct err *e)
{
	char sum[CHECKSUM_SIZE], former[CHECKSUM_SIZE] = "";

	if (!checksum(m, sum, e) ||
	    (m->former != NULL && !checksum_of(m, m->former, former, e)))
		return false;
	*ret = text_equal(then, text_of(sum)) || text_equal(then, text_of(former));
	return true;
}

/* One row (number, checksum, applied_at) against the step it should be. */
static bool
applied_check(const struct work *w, struct db_stmt *row, unsigned expected, struct err *e)
{
	const struct migration *m;
	struct text at = db_text(row, 2);
	bool same;

	if (db_int(row, 0) != expected)
		return err_set(e,
		    "the table \"core_migration\" has no number %u of %s, but number %lld",
		    expected, w->owner, (long long)db_int(row, 0));
	if (expected > w->n)
		return true;		/* counted, and refused, by whoever knows them all */
	m = &w->steps[expected - 1];
	if (!is_step(m, db_text(row, 1), &same, e))
		return false;
	return same || err_set(e, "migration %u (%s) was applied on %.*s with other SQL; "
	    "add a new migration instead%s", m->number, m->name,
	    (int)(at.len < 10 ? at.len : 10), at.at != NULL ? at.at : "",
	    m->identity != NULL ? ", or give the new field .since" : "");
}

/* Reads what is applied, comparing it with the steps; *level is how many there are. */
static bool
history_read(const struct work *w, unsigned *level, struct err *e)
{
	CLEANUP(db_release) struct db_stmt *row = db_prepare(w->db, "SELECT number, checksum, "
	    "applied_at FROM core_migration WHERE owner = ?1 ORDER BY number", e);
	enum db_result result;
	unsigned n = 0;

	if (row == NULL)
		return false;
	db_bind_text(row, 1, text_of(w->owner));
	while ((result = db_step(row)) == DB_ROW)
		if (!applied_check(w, row, ++n, e))
			return false;
	if (result != DB_DONE)
		return err_set(e, "the table \"core_migration\": %s", db_message(w->db));
	if (n > w->n)
		return err_set(e, "the database is at migration %u, this %s knows only %zu", n,
		    is_core(w->owner) ? "server" : "module", w->n);
	*level = n;
	return true;
}

/* Notes a step that is known by what it was before as what it is now. */
static bool
renew(const struct work *w, const struct migration *m, struct err *e)
{
	CLEANUP(db_release) struct db_stmt *s = db_prepare(w->db, "UPDATE core_migration"
	    " SET checksum = ?1 WHERE owner = ?2 AND number = ?3 AND checksum = ?4", e);
	char sum[CHECKSUM_SIZE], former[CHECKSUM_SIZE];

	if (s == NULL || !checksum(m, sum, e) || !checksum_of(m, m->former, former, e))
		return false;
	db_bind_text(s, 1, text_of(sum));
	db_bind_text(s, 2, text_of(w->owner));
	db_bind_int(s, 3, m->number);
	db_bind_text(s, 4, text_of(former));
	return db_step(s) == DB_DONE || err_set(e, "the table \"core_migration\": %s",
	    db_message(w->db));
}

static bool
history_renew(const struct work *w, struct err *e)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->steps[i].former != NULL && !renew(w, &w->steps[i], e))
			return false;
	return true;
}

static bool
history_add(const struct work *w, const struct migration *m, struct err *e)
{
	CLEANUP(db_release) struct db_stmt *s = db_prepare(w->db, "INSERT INTO core_migration "
	    "(owner, number, name, checksum, applied_at) VALUES (?1, ?2, ?3, ?4, ?5)", e);
	char sum[CHECKSUM_SIZE], now[ISO8601_TIME_SIZE];

	if (s == NULL || !checksum(m, sum, e))
		return false;
	iso8601_format(iso8601_now(), now);
	db_bind_text(s, 1, text_of(w->owner));
	db_bind_int(s, 2, m->number);
	db_bind_text(s, 3, text_of(m->name));
	db_bind_text(s, 4, text_of(sum));
	db_bind_text(s, 5, text_of(now));
	return db_step(s) == DB_DONE || err_set(e, "the table \"core_migration\": %s",
	    db_message(w->db));
}

/*
 * A step
 */

static bool
step_run(const struct work *w, const struct migration *m, struct err *e)
{
	struct ownership o = { w->owner, NULL, false };
	struct err why = { "" };
	bool ok;

	ownership_hold(w->db, &o);
	ok = db_execute(w->db, m->sql, &why);
	ownership_lift(w->db);
	if (ok)
		return true;
	ownership_explain(&o, &why);
	return err_set(e, "migration %u (%s)%s %s", m->number, m->name, o.violated ? "" : ":",
	    why.message);
}

/* The first step that is missing, in the transaction that is open; *ended if none is. */
static bool
step_next(const struct work *w, bool *ended, struct err *e)
{
	unsigned level;

	if (!db_execute(w->db, history_table, e) || !history_renew(w, e) ||
	    !history_read(w, &level, e))
		return false;
	*ended = level == w->n;
	return *ended ||
	    (step_run(w, &w->steps[level], e) && history_add(w, &w->steps[level], e));
}

bool
migrate_apply(struct db *db, const char *owner, const struct migration *steps, size_t n,
    struct err *e)
{
	const struct work w = { db, owner, steps, n };
	bool ended = false;

	if (!numbers_check(&w, e))
		return false;
	while (!ended) {
		if (!db_begin(db, e))
			return false;
		if (!step_next(&w, &ended, e)) {
			db_rollback(db);
			return false;
		}
		if (!db_commit(db, e))
			return false;
	}
	return true;
}

bool
migrate_check(struct db *db, const char *owner, const struct migration *steps, size_t n,
    struct err *e)
{
	const struct work w = { db, owner, steps, n };
	unsigned level;
	bool begun;

	if (!numbers_check(&w, e) || !db_has_table(db, "core_migration", &begun, e))
		return false;
	return !begun || history_read(&w, &level, e);
}

int
migrate_level(struct db *db, const char *owner, struct err *e)
{
	CLEANUP(db_release) struct db_stmt *s = NULL;
	bool begun;

	if (!db_has_table(db, "core_migration", &begun, e))
		return -1;
	if (!begun)
		return 0;
	s = db_prepare(db, "SELECT count(*) FROM core_migration WHERE owner = ?1", e);
	if (s == NULL)
		return -1;
	db_bind_text(s, 1, text_of(owner));
	if (db_step(s) == DB_ROW)
		return (int)db_int(s, 0);
	err_set(e, "the table \"core_migration\": %s", db_message(db));
	return -1;
}
