/*
 * search.c - finding rows by a part of their text
 *
 * On SQLite the index is an FTS5 table with trigrams over text that is folded already,
 * so that what "without case" means is decided in one place (text_fold) and not by the
 * engine.  A phrase of trigrams is exactly a substring.  The index keeps no text of its
 * own: to take a row out, it must be told what was put in.  This is the one file above
 * db.h with words that only one engine knows;
 * PostgreSQL has a trigram index of its own for TABLE_text.
 */
#include "search.h"

#include <string.h>

#include "arena.h"
#include "cleanup.h"
#include "db.h"
#include "err.h"
#include "json.h"
#include "log.h"
#include "out.h"
#include "resource.h"

/* Between the pieces of a row's text, so that nothing is found across two of them: a
 * noncharacter, which text for interchange does not hold (Unicode, section 23.7). */
#define SEPARATOR "\xef\xbf\xbf"

enum { TRIGRAM = 3, FILL_MEMORY = 64 * 1024 * 1024 };

/* A statement made in an arena; sql NULL: the arena was used up. */
static struct db_stmt *
prepare(struct db *db, const char *sql, struct err *e)
{
	if (sql == NULL) {
		err_set(e, "no memory for a statement");
		return NULL;
	}
	return db_prepare(db, sql, e);
}

/* ---- the text of a row ---- */

static bool
append_folded(struct out *out, struct arena *a, struct text t)
{
	struct text folded = text_fold(a, t);

	if (t.len > 0 && folded.at == NULL)
		return false;
	out_text(out, folded);
	out_string(out, SEPARATOR);
	return true;
}

/* Tags are kept as a JSON array; in text they stand one by one. */
static bool
append_tags(struct out *out, struct arena *a, struct text json)
{
	const struct json *list, *tag;
	struct err e;

	if (!json_parse(a, json, &list, &e))
		return false;
	for (tag = list->first; tag != NULL; tag = tag->next)
		if (!append_folded(out, a, tag->text))
			return false;
	return true;
}

static bool
append_attachments(struct out *out, struct db *db, struct arena *a, const char *table, int64_t id,
    struct err *e)
{
	CLEANUP(db_release) struct db_stmt *st = NULL;

	st = db_prepare(db, "SELECT filename FROM core_attachment"
	    " WHERE resource = ?1 AND record = ?2 ORDER BY id", e);
	if (st == NULL)
		return false;
	db_bind_text(st, 1, text_of(table));
	db_bind_int(st, 2, id);
	while (db_step(st) == DB_ROW)
		if (!append_folded(out, a, db_text(st, 0)))
			return err_set(e, "no memory for the text of a row");
	return true;
}

static bool
append_column(struct out *out, struct db *db, struct arena *a, const struct resource *r,
    unsigned i, struct db_stmt *st, struct err *e)
{
	const struct hd_field *f = r->columns[i].field;
	bool fits = true;

	if ((f->flags & HD_SEARCH) == 0)
		return true;
	if (f->type == HD_ATTACHMENTS)
		return append_attachments(out, db, a, r->d->table, db_int(st, 0), e);
	if (f->type == HD_TAGS)
		fits = append_tags(out, a, db_text(st, i));
	else if (!db_is_null(st, i))
		fits = append_folded(out, a, db_text(st, i));
	return fits || err_set(e, "no memory for the text of a row");
}

/* Collects the folded text of a row; *found is false if there is no such row. */
static bool
collect(struct out *out, struct db *db, struct arena *a, const struct resource *r, int64_t id,
    bool *found, struct err *e)
{
	CLEANUP(db_release) struct db_stmt *st = db_prepare(db, r->select_one, e);
	enum db_result result;
	unsigned i;

	if (st == NULL)
		return false;
	db_bind_int(st, 1, id);
	result = db_step(st);
	*found = result == DB_ROW;
	if (result == DB_DONE)
		return true;
	if (result != DB_ROW)
		return err_set(e, "%s", db_message(db));
	for (i = 0; i < r->count; i++)
		if (!append_column(out, db, a, r, i, st, e))
			return false;
	return true;
}

/* ---- keeping the index ---- */

/* Runs a statement with a row's id and, as ?2, its text. */
static bool
run(struct db *db, const char *sql, int64_t id, struct text t, struct err *e)
{
	CLEANUP(db_release) struct db_stmt *st = prepare(db, sql, e);

	if (st == NULL)
		return false;
	db_bind_int(st, 1, id);
	db_bind_text(st, 2, t);
	return db_step(st) == DB_DONE || err_set(e, "%s", db_message(db));
}

/* Takes a row out of both tables, if it is there. */
static bool
take_out(struct db *db, struct arena *a, const char *table, int64_t id, struct err *e)
{
	CLEANUP(db_release) struct db_stmt *st = NULL;
	enum db_result result;

	st = prepare(db, arena_printf(a, "SELECT text FROM %s_text WHERE id = ?1", table), e);
	if (st == NULL)
		return false;
	db_bind_int(st, 1, id);
	result = db_step(st);
	if (result != DB_ROW)
		return result == DB_DONE || err_set(e, "%s", db_message(db));
	return run(db, arena_printf(a, "INSERT INTO %1$s_index (%1$s_index, rowid, text)"
	    " VALUES ('delete', ?1, ?2)", table), id, db_text(st, 0), e) &&
	    run(db, arena_printf(a, "DELETE FROM %s_text WHERE id = ?1 AND ?2 IS NULL", table), id,
	    (struct text){ NULL, 0 }, e);
}

static bool
put_in(struct db *db, struct arena *a, const char *table, int64_t id, struct text t,
    struct err *e)
{
	return run(db, arena_printf(a, "INSERT INTO %s_text (id, text) VALUES (?1, ?2)", table), id,
	    t, e) &&
	    run(db, arena_printf(a, "INSERT INTO %s_index (rowid, text) VALUES (?1, ?2)", table),
	    id, t, e);
}

bool
search_put(struct db *db, struct arena *a, const struct resource *r, int64_t id, struct err *e)
{
	struct text t;
	struct out out;
	bool found;

	out_init(&out, a, SIZE_MAX);
	if (!collect(&out, db, a, r, id, &found, e) || !take_out(db, a, r->d->table, id, e))
		return false;
	if (!found)
		return true;
	if (out.failed)
		return err_set(e, "no memory for the text of a row");
	t = out.len > 0 ? (struct text){ out.at, out.len } : TEXT("");
	return put_in(db, a, r->d->table, id, t, e);
}

bool
search_erase(struct db *db, const struct resource *r, int64_t id, struct err *e)
{
	CLEANUP(arena_fini) struct arena a;

	arena_init(&a, FILL_MEMORY);
	return take_out(db, &a, r->d->table, id, e);
}

/* ---- making the index ---- */

/* Indexes the first row after id; *id becomes 0 after the last. */
static bool
fill_next(struct db *db, const struct resource *r, int64_t *id, struct err *e)
{
	CLEANUP(db_release) struct db_stmt *st = NULL;
	CLEANUP(arena_fini) struct arena a;
	enum db_result result;

	arena_init(&a, FILL_MEMORY);
	st = prepare(db, arena_printf(&a, "SELECT min(id) FROM %s WHERE id > ?1", r->d->table), e);
	if (st == NULL)
		return false;
	db_bind_int(st, 1, *id);
	result = db_step(st);
	if (result != DB_ROW)
		return err_set(e, "%s", db_message(db));
	*id = db_int(st, 0);
	return *id == 0 || search_put(db, &a, r, *id, e);
}

static bool
create(struct db *db, struct arena *a, const char *table, struct err *e)
{
	const char *sql = arena_printf(a,
	    "DROP TABLE IF EXISTS %1$s_index; DROP TABLE IF EXISTS %1$s_text;"
	    "CREATE TABLE %1$s_text (id INTEGER PRIMARY KEY REFERENCES %1$s (id),"
	    " text TEXT NOT NULL) STRICT;"
	    "CREATE VIRTUAL TABLE %1$s_index USING fts5 (text, content = '%1$s_text',"
	    " content_rowid = 'id', tokenize = 'trigram case_sensitive 1');", table);

	return sql != NULL && db_execute(db, sql, e);
}

/* Whether the two tables are there; one alone is of no use. */
static bool
look(struct db *db, struct arena *a, const char *table, bool *there, struct err *e)
{
	bool text, index;

	if (!db_has_table(db, arena_printf(a, "%s_text", table), &text, e) ||
	    !db_has_table(db, arena_printf(a, "%s_index", table), &index, e))
		return false;
	*there = text && index;
	return true;
}

bool
search_derive(struct db *db, const struct resource *r, struct err *e)
{
	CLEANUP(arena_fini) struct arena a;
	int64_t id = 0;
	bool there;

	arena_init(&a, FILL_MEMORY);
	if (!r->searched)
		return true;
	if (!look(db, &a, r->d->table, &there, e))
		return false;
	if (there)
		return true;
	log_debug("making the search index of %s", r->d->table);
	if (!create(db, &a, r->d->table, e))
		return false;
	do {
		if (!fill_next(db, r, &id, e))
			return false;
	} while (id != 0);
	return true;
}

/* ---- asking ---- */

/* The term as an FTS5 string: in quotes, with quotes doubled. */
static struct text
quote(struct arena *a, struct text term)
{
	struct out out;
	size_t i;

	out_init(&out, a, SIZE_MAX);
	out_char(&out, '"');
	for (i = 0; i < term.len; i++) {
		if (term.at[i] == '"')
			out_char(&out, '"');
		out_char(&out, term.at[i]);
	}
	out_char(&out, '"');
	return out.failed ? (struct text){ NULL, 0 } : (struct text){ out.at, out.len };
}

/*
 * Whether the index can tell the term's runs of three: there must be one, and what the
 * engine takes for U+FFFD when it reads a text (U+FFFE and U+FFFF, our separator) looks
 * there like the real one.
 */
static bool
is_indexed(struct text term)
{
	return text_count(term) >= TRIGRAM && memmem(term.at, term.len, "\xef\xbf\xbd", 3) == NULL &&
	    memmem(term.at, term.len, "\xef\xbf\xbe", 3) == NULL &&
	    memmem(term.at, term.len, SEPARATOR, 3) == NULL;
}

struct text
search_condition(struct out *out, struct arena *a, const struct resource *r, struct text term,
    unsigned parameter)
{
	struct text folded = text_fold(a, term);

	if (folded.at == NULL)
		return folded;
	if (!is_indexed(folded)) {
		out_printf(out, "t.id IN (SELECT id FROM %s_text WHERE instr(text, ?%u) > 0)",
		    r->d->table, parameter);
		return folded;
	}
	out_printf(out, "t.id IN (SELECT rowid FROM %1$s_index WHERE %1$s_index MATCH ?%2$u)",
	    r->d->table, parameter);
	return quote(a, folded);
}
