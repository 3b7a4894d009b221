/*
 * search.c - finding rows by a part of their text
 *
 * On SQLite the index is an FTS5 table with trigrams over text that is folded already,
 * so that what "without case" means is decided in one place (text_fold) and not by the
 * engine.  A phrase of trigrams is exactly a substring.  The index keeps no text of its
 * own: to take a row out, it must be told what was put in.  This is the one file above
 * db.h with words that only one engine knows;
 * PostgreSQL has a trigram index of its own for core_text_TABLE.
 *
 * FTS5 writes a segment, and merges others, at the end of every savepoint, which costs
 * several times what the change itself does.  So a change writes the text and notes that
 * the index is behind with the row; search_catch_up brings many rows into it at once.
 */
#include "search.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "cleanup.h"
#include "db.h"
#include "err.h"
#include "json.h"
#include "log.h"
#include "out.h"
#include "resource.h"
#include "type.h"

/* Between the pieces of a row's text, so that nothing is found across two of them: a
 * noncharacter, which text for interchange does not hold (Unicode, section 23.7). */
#define SEPARATOR "\xef\xbf\xbf"

enum {
	TRIGRAM = 3,			/* characters in a run */
	TRIGRAMS_MOST = 8,		/* of a term that are weighed, */
	WEIGHTS = 1024, WAYS = 4,	/* of runs that are remembered: places, so many in each */
	TRIGRAMS_ASKED = 2,		/* and that are looked up; the rest is compared: */
	WORTH = 8,			/* times a row costs what its entry of a run does */
	FILES_TEXT = 512 * 1024,	/* bytes of a row's files; the rest is not looked into */
	PIECE_ROWS = 512,		/* that are brought into the index at once, */
	PIECE_TEXT = 256 * 1024,	/* or bytes of text, whichever comes first */
	ROW_MEMORY = 256 * 1024 * 1024	/* for the text of one row */
};

/* The statements of a resource's index, made once. */
struct search_sql {
	const char *columns;	/* the searched columns of a row, in their order */
	bool files;		/* what is attached is searched too */
	const char *note, *put, *erase;
	const char *take_in, *take_out;
	const char *piece, *done, *behind;
	const char *weight;		/* rows that have a run */
};

/* Those columns that are the row's own; files are elsewhere. */
static const char *
select_columns(struct arena *a, const struct resource *r)
{
	struct out out;
	unsigned i;

	out_init(&out, a, SIZE_MAX);
	out_string(&out, "SELECT id");
	for (i = 0; i < r->count; i++)
		if (r->columns[i].field->flags & HD_SEARCH)
			out_printf(&out, ", %s", r->columns[i].type->column != NULL ?
			    r->columns[i].field->name : "NULL");
	out_printf(&out, " FROM %s WHERE id = ?1", r->d->table);
	out_char(&out, '\0');
	return out.at;
}

const struct search_sql *
search_compile(struct arena *a, const struct resource *r)
{
	struct search_sql *sql = arena_zero(a, sizeof(*sql));
	const char *table = r->d->table;

	sql->columns = select_columns(a, r);
	for (unsigned i = 0; i < r->count; i++)
		sql->files |= r->columns[i].field->type == HD_ATTACHMENTS &&
		    r->columns[i].field->flags & HD_SEARCH;
	sql->note = arena_printf(a, "INSERT INTO core_pending_%1$s (id, was)"
	    " SELECT ?1, (SELECT text FROM core_text_%1$s WHERE id = ?1) WHERE ?2 IS NULL"
	    " ON CONFLICT (id) DO NOTHING", table);
	sql->put = arena_printf(a, "INSERT INTO core_text_%s (id, text) VALUES (?1, ?2)"
	    " ON CONFLICT (id) DO UPDATE SET text = excluded.text", table);
	sql->erase = arena_printf(a, "DELETE FROM core_text_%s WHERE id = ?1 AND ?2 IS NULL",
	    table);
	sql->take_in = arena_printf(a, "INSERT INTO core_index_%s (rowid, text) VALUES (?1, ?2)",
	    table);
	sql->take_out = arena_printf(a, "INSERT INTO core_index_%1$s"
	    " (core_index_%1$s, rowid, text) VALUES ('delete', ?1, ?2)", table);
	sql->piece = arena_printf(a, "SELECT p.id, p.was, x.text FROM core_pending_%1$s p"
	    " LEFT JOIN core_text_%1$s x ON x.id = p.id ORDER BY p.id LIMIT %2$d", table,
	    PIECE_ROWS);
	sql->done = arena_printf(a, "DELETE FROM core_pending_%s WHERE id <= ?1 AND ?2 IS NULL",
	    table);
	sql->weight = arena_printf(a, "SELECT count(*) FROM (SELECT 1 FROM core_index_%1$s"
	    " WHERE core_index_%1$s MATCH ?1 LIMIT ?2)", table);
	sql->behind = arena_printf(a, "SELECT 1 FROM core_pending_%s LIMIT 1", table);
	return sql;
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
	size_t left = FILES_TEXT;
	enum db_result result;
	struct text text;

	st = db_prepare(db, "SELECT filename, text FROM core_attachment"
	    " WHERE resource = ?1 AND record = ?2 ORDER BY id", e);
	if (st == NULL)
		return false;
	db_bind_text(st, 1, text_of(table));
	db_bind_int(st, 2, id);
	while ((result = db_step(st)) == DB_ROW) {
		text = db_is_null(st, 1) ? TEXT("") : text_cut(db_text(st, 1), left);
		left -= text.len;
		if (!append_folded(out, a, db_text(st, 0)) ||
		    (text.len > 0 && !append_folded(out, a, text)))
			return err_set(e, "no memory for the text of a row");
	}
	return result == DB_DONE || err_set(e, "%s", db_message(db));
}

/* Appends what a field holds; absent: null. */
static bool
append_field(struct out *out, struct arena *a, const struct hd_field *f, struct text t,
    struct err *e)
{
	if (t.at == NULL || (f->type == HD_TAGS ? append_tags(out, a, t) :
	    append_folded(out, a, t)))
		return true;
	return err_set(e, "no memory for the text of a row");
}

/* Appends the n-th searched column, of the statement's row. */
static bool
append_column(struct out *out, struct db *db, struct arena *a, const struct resource *r,
    const struct hd_field *f, struct db_stmt *st, unsigned n, struct err *e)
{
	if (f->type == HD_ATTACHMENTS)
		return append_attachments(out, db, a, r->d->table, db_int(st, 0), e);
	return append_field(out, a, f, db_text(st, n), e);
}

/* Collects the folded text of a row; *found is false if there is no such row. */
static bool
collect(struct out *out, struct db *db, struct arena *a, const struct resource *r, int64_t id,
    bool *found, struct err *e)
{
	CLEANUP(db_release) struct db_stmt *st = db_prepare(db, r->search->columns, e);
	enum db_result result;
	unsigned i, n = 0;

	if (st == NULL)
		return false;
	db_bind_int(st, 1, id);
	result = db_step(st);
	*found = result == DB_ROW;
	if (result == DB_DONE)
		return true;
	if (result != DB_ROW)
		return err_set(e, "%s", db_message(db));
	for (i = 0; i < r->count; i++) {
		const struct hd_field *f = r->columns[i].field;

		if (f->flags & HD_SEARCH && !append_column(out, db, a, r, f, st, ++n, e))
			return false;
	}
	return true;
}

/* ---- keeping the index ---- */

/* Runs a statement with a row's id and, as ?2, its text. */
static bool
run(struct db *db, const char *sql, int64_t id, struct text t, struct err *e)
{
	CLEANUP(db_release) struct db_stmt *st = db_prepare(db, sql, e);

	if (st == NULL)
		return false;
	db_bind_int(st, 1, id);
	db_bind_text(st, 2, t);
	return db_step(st) == DB_DONE || err_set(e, "%s", db_message(db));
}

static const struct text nothing = { NULL, 0 };

/*
 * Notes that the index is behind with a row, and what it has of it (null: nothing), unless
 * that is noted already.
 */
static bool
note(struct db *db, const struct resource *r, int64_t id, struct err *e)
{
	return run(db, r->search->note, id, nothing, e);
}

/* The text of a row as it is now, in the arena; *found is false if there is no such row. */
static bool
text_now(struct db *db, struct arena *a, const struct resource *r, int64_t id, struct text *t,
    bool *found, struct err *e)
{
	struct out out;

	out_init(&out, a, SIZE_MAX);
	if (!collect(&out, db, a, r, id, found, e))
		return false;
	*t = out.len > 0 ? (struct text){ out.at, out.len } : TEXT("");
	return !out.failed || err_set(e, "no memory for the text of a row");
}

bool
search_put(struct db *db, const struct resource *r, int64_t id, struct err *e)
{
	CLEANUP(arena_fini) struct arena a;
	struct text t;
	bool found;

	arena_init(&a, ROW_MEMORY);
	if (!text_now(db, &a, r, id, &t, &found, e))
		return false;
	if (!found)
		return search_erase(db, r, id, e);
	return note(db, r, id, e) && run(db, r->search->put, id, t, e);
}

bool
search_add(struct db *db, const struct resource *r, int64_t id, const struct value *row,
    struct err *e)
{
	CLEANUP(arena_fini) struct arena a;
	struct out out;
	unsigned i;

	arena_init(&a, ROW_MEMORY);
	if (r->search->files)
		return search_put(db, r, id, e);
	out_init(&out, &a, SIZE_MAX);
	for (i = 0; i < r->count; i++) {
		const struct hd_field *f = r->columns[i].field;

		if (f->flags & HD_SEARCH && row[i].kind == VALUE_TEXT &&
		    !append_field(&out, &a, f, row[i].text, e))
			return false;
	}
	if (out.failed)
		return err_set(e, "no memory for the text of a row");
	return note(db, r, id, e) && run(db, r->search->put, id,
	    out.len > 0 ? (struct text){ out.at, out.len } : TEXT(""), e);
}

bool
search_erase(struct db *db, const struct resource *r, int64_t id, struct err *e)
{
	return note(db, r, id, e) && run(db, r->search->erase, id, nothing, e);
}

/* ---- catching up ---- */

/* Brings one piece of what is noted into the index; *last is the id of its last row. */
static bool
index_piece(struct db *db, const struct search_sql *sql, int64_t *last, struct err *e)
{
	CLEANUP(db_release) struct db_stmt *st = db_prepare(db, sql->piece, e);
	enum db_result result = DB_ROW;
	size_t bytes = 0;

	while (st != NULL && bytes < PIECE_TEXT && (result = db_step(st)) == DB_ROW) {
		struct text was = db_text(st, 1), is = db_text(st, 2);

		*last = db_int(st, 0);
		bytes += was.len + is.len;
		if ((was.at != NULL && !run(db, sql->take_out, *last, was, e)) ||
		    (is.at != NULL && !run(db, sql->take_in, *last, is, e)))
			return false;
	}
	if (st == NULL)
		return false;
	return result == DB_ROW || result == DB_DONE || err_set(e, "%s", db_message(db));
}

bool
search_catch_up(struct db *db, const struct resource *r, bool *more, struct err *e)
{
	int64_t last = 0;

	return index_piece(db, r->search, &last, e) &&
	    (last == 0 || run(db, r->search->done, last, nothing, e)) &&
	    search_is_behind(db, r, more, e);
}

bool
search_is_behind(struct db *db, const struct resource *r, bool *ret, struct err *e)
{
	CLEANUP(db_release) struct db_stmt *st = db_prepare(db, r->search->behind, e);
	enum db_result result;

	if (st == NULL)
		return false;
	result = db_step(st);
	*ret = result == DB_ROW;
	return result == DB_ROW || result == DB_DONE || err_set(e, "%s", db_message(db));
}

/* ---- making the index ---- */

/* A row that is in neither table. */
static bool
fill_one(struct db *db, struct arena *a, const struct resource *r, int64_t id, struct err *e)
{
	struct text t;
	bool found;

	return text_now(db, a, r, id, &t, &found, e) && (!found ||
	    (run(db, r->search->put, id, t, e) && run(db, r->search->take_in, id, t, e)));
}

/* Indexes the first row after id; *id becomes 0 after the last. */
static bool
fill_next(struct db *db, const struct resource *r, int64_t *id, struct err *e)
{
	CLEANUP(db_release) struct db_stmt *st = NULL;
	CLEANUP(arena_fini) struct arena a;
	enum db_result result;

	arena_init(&a, ROW_MEMORY);
	st = db_prepare(db, arena_printf(&a, "SELECT min(id) FROM %s WHERE id > ?1", r->d->table),
	    e);
	if (st == NULL)
		return false;
	db_bind_int(st, 1, *id);
	result = db_step(st);
	if (result != DB_ROW)
		return err_set(e, "%s", db_message(db));
	*id = db_int(st, 0);
	return *id == 0 || fill_one(db, &a, r, *id, e);
}

const char *
search_identity(struct arena *a, const struct resource *r)
{
	struct out out;
	unsigned i;

	out_init(&out, a, SIZE_MAX);
	out_string(&out, "trigrams 2:");
	for (i = 0; i < r->count; i++)
		if (r->columns[i].field->flags & HD_SEARCH)
			out_printf(&out, " %s", r->columns[i].field->name);
	out_char(&out, '\0');
	return out.at;
}

bool
search_is_there(struct db *db, const struct resource *r, bool *ret, struct err *e)
{
	CLEANUP(arena_fini) struct arena a;
	bool text, index, pending;

	arena_init(&a, ROW_MEMORY);
	if (!db_has_table(db, arena_printf(&a, "core_text_%s", r->d->table), &text, e) ||
	    !db_has_table(db, arena_printf(&a, "core_index_%s", r->d->table), &index, e) ||
	    !db_has_table(db, arena_printf(&a, "core_pending_%s", r->d->table), &pending, e))
		return false;
	*ret = text && index && pending;
	return true;
}

bool
search_drop(struct db *db, const char *table, struct err *e)
{
	CLEANUP(arena_fini) struct arena a;

	arena_init(&a, ROW_MEMORY);
	return db_execute(db, arena_printf(&a, "DROP TABLE IF EXISTS core_index_%1$s;"
	    "DROP TABLE IF EXISTS core_text_%1$s;"
	    "DROP TABLE IF EXISTS core_pending_%1$s;", table), e);
}

bool
search_make(struct db *db, const struct resource *r, struct err *e)
{
	CLEANUP(arena_fini) struct arena a;
	int64_t id = 0;

	arena_init(&a, ROW_MEMORY);
	/* Where a run stands is not kept: the text is compared itself, once it is found. */
	if (!db_execute(db, arena_printf(&a,
	    "CREATE TABLE core_text_%1$s (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;"
	    "CREATE TABLE core_pending_%1$s (id INTEGER PRIMARY KEY, was TEXT) STRICT;"
	    "CREATE VIRTUAL TABLE core_index_%1$s USING fts5 (text, content = 'core_text_%1$s',"
	    " content_rowid = 'id', tokenize = 'trigram case_sensitive 1', detail = 'none');",
	    r->d->table), e))
		return false;
	do {
		if (!fill_next(db, r, &id, e))
			return false;
	} while (id != 0);
	return true;
}

/* ---- asking ---- */

/* A run as an FTS5 string: in quotes, with quotes doubled. */
static void
quote(struct out *out, struct text run)
{
	size_t i;

	out_char(out, '"');
	for (i = 0; i < run.len; i++) {
		if (run.at[i] == '"')
			out_char(out, '"');
		out_char(out, run.at[i]);
	}
	out_char(out, '"');
}

/*
 * Whether the index can tell a run: what the engine takes for U+FFFD when it reads a
 * text (U+FFFE and U+FFFF, our separator) looks there like the real one.
 */
static bool
is_told(struct text run)
{
	return memmem(run.at, run.len, "\xef\xbf\xbd", 3) == NULL &&
	    memmem(run.at, run.len, "\xef\xbf\xbe", 3) == NULL &&
	    memmem(run.at, run.len, SEPARATOR, 3) == NULL;
}

/* Where each character of a text begins, and where the last one ends. */
static size_t *
beginnings(struct arena *a, struct text t, size_t n)
{
	size_t *at = arena_alloc(a, (n + 1) * sizeof(*at));
	size_t i, k = 0;

	for (i = 0; at != NULL && i < t.len; i++)
		if ((t.at[i] & 0xc0) != 0x80)
			at[k++] = i;
	if (at != NULL)
		at[n] = t.len;
	return at;
}

/* A run of three characters of a term. */
struct run {
	struct text text;
	unsigned rows;		/* that have it; see weigh */
};

/* What has been found out of runs.  It may be old: it decides how long a search takes, and
 * never what it finds. */
struct search_weights {
	struct weight {
		const struct resource *of;	/* NULL: empty */
		uint64_t run;
		unsigned rows, most;	/* rows that have it, counted up to most */
	} known[WEIGHTS][WAYS];		/* of a place the latest first */
};

struct search_weights *
search_weights_new(void)
{
	struct search_weights *w = arena_heap(NULL, sizeof(*w));

	memset(w, 0, sizeof(*w));
	return w;
}

void
search_weights_free(struct search_weights *w)
{
	free(w);
}

/* Its bytes, which are at most 12; what is lost of the last ones makes two runs one. */
static uint64_t
number_of(struct text run)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < run.len; i++)
		n = (n ^ (unsigned char)run.at[i]) * UINT64_C(0x100000001b3) + i;
	return n;
}

/* How many rows have a run: counted up to w->most; false if it cannot be told. */
static bool
count_rows(struct db *db, const struct resource *r, struct arena *a, struct text run,
    struct weight *w)
{
	CLEANUP(db_release) struct db_stmt *st = NULL;
	struct out query;
	struct err e;

	out_init(&query, a, SIZE_MAX);
	quote(&query, run);
	w->rows = w->most;	/* what is not known is not asked for first */
	st = db_prepare(db, r->search->weight, &e);
	if (st == NULL || query.failed)
		return false;
	db_bind_text(st, 1, (struct text){ query.at, query.len });
	db_bind_int(st, 2, w->most);
	if (db_step(st) != DB_ROW)
		return false;
	w->rows = (unsigned)db_int(st, 0);
	return true;
}

/* UINT_MAX: it was counted as far as it was to be. */
static unsigned
rows_of(const struct weight *w)
{
	return w->rows < w->most ? w->rows : UINT_MAX;
}

/* What is known of a run, as the latest of its place: nothing, if it is not there.  With one
 * for each place, every other run of a few thousand would drive out another. */
static struct weight *
recall(struct search_weights *weights, const struct resource *r, uint64_t run)
{
	struct weight *place = weights->known[(run ^ (uint64_t)(uintptr_t)r >> 4) % WEIGHTS];
	struct weight found = { .of = r, .run = run };
	unsigned i = 0;

	while (i < WAYS - 1 && (place[i].of != r || place[i].run != run))
		i++;
	if (place[i].of == r && place[i].run == run)
		found = place[i];
	memmove(place + 1, place, i * sizeof(place[0]));
	place[0] = found;
	return place;
}

static unsigned
weigh(struct db *db, struct search_weights *weights, const struct resource *r, struct arena *a,
    struct text run, unsigned most)
{
	struct weight now = { r, number_of(run), 0, most }, nowhere = { .of = r };
	struct weight *known = weights == NULL ? &nowhere : recall(weights, r, now.run);

	if (known->rows < known->most || known->most >= most)
		return rows_of(known);
	if (count_rows(db, r, a, run, &now))
		*known = now;
	return rows_of(&now);
}

/* Counts no further than it takes to find one that is in few rows. */
static void
weigh_all(struct db *db, struct search_weights *weights, const struct resource *r,
    struct arena *a, struct run *runs, unsigned n)
{
	static const unsigned most[] = { 256, 1024, 4096 };
	bool rare = false;
	unsigned i, k;

	for (k = 0; k < sizeof(most) / sizeof(most[0]) && !rare; k++)
		for (i = 0; i < n; i++) {
			runs[i].rows = weigh(db, weights, r, a, runs[i].text, most[k]);
			rare |= runs[i].rows < most[k];
		}
}

static bool
is_among(struct text text, const struct run *runs, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (text_equal(runs[i].text, text))
			return true;
	return false;
}

/* The runs of a term, spread over it, that the index can tell, each once; returns how many. */
static unsigned
find_runs(struct arena *a, struct text term, struct run runs[TRIGRAMS_MOST])
{
	size_t n = text_count(term), most, i, *at = beginnings(a, term, n);
	struct text run;
	unsigned found = 0;

	most = n < TRIGRAM ? 0 : n - TRIGRAM + 1;
	most = most < TRIGRAMS_MOST ? most : TRIGRAMS_MOST;
	for (i = 0; at != NULL && i < most; i++) {
		size_t from = most == 1 ? 0 : i * (n - TRIGRAM) / (most - 1);

		run = (struct text){ term.at + at[from], at[from + TRIGRAM] - at[from] };
		if (is_told(run) && !is_among(run, runs, found))
			runs[found++] = (struct run){ run, 0 };
	}
	return found;
}

static int
by_weight(const void *a, const void *b)
{
	const struct run *x = a, *y = b;

	if (x->rows != y->rows)
		return x->rows < y->rows ? -1 : 1;
	return x->text.at < y->text.at ? -1 : x->text.at > y->text.at;
}

/* How many of them, the rarest first, are looked up: one more saves rows to look at, and costs
 * its own entries. */
static unsigned
worth_asking(const struct run *runs, unsigned n)
{
	unsigned i = 0;

	while (i < n && i < TRIGRAMS_ASKED && runs[i].rows / WORTH <= runs[0].rows)
		i++;
	return i;
}

/*
 * What the index is asked: for the few runs of the term that are in the fewest rows, which
 * narrow it down nearly as well as all would.  (All of them as one phrase cost the engine a
 * gigabyte for a term of a thousand characters; one run that is in nearly every row costs more
 * than all the rest of a search.)  Empty if the index cannot tell the term, absent without
 * memory.
 */
static struct text
runs_of(struct db *db, struct search_weights *weights, struct arena *a,
    const struct resource *r, struct text term)
{
	struct run runs[TRIGRAMS_MOST];
	unsigned n = find_runs(a, term, runs), i;
	struct out out;

	if (n > 1)
		weigh_all(db, weights, r, a, runs, n);
	qsort(runs, n, sizeof(runs[0]), by_weight);
	n = worth_asking(runs, n);
	out_init(&out, a, SIZE_MAX);
	for (i = 0; i < n; i++) {
		if (i > 0)
			out_string(&out, " AND ");
		quote(&out, runs[i].text);
	}
	return out.failed ? (struct text){ NULL, 0 } :
	    (struct text){ out.len > 0 ? out.at : "", out.len };
}

unsigned
search_condition(struct out *out, struct db *db, struct search_weights *weights,
    struct arena *a, const struct resource *r, struct text term, unsigned parameter,
    struct text values[SEARCH_PARAMETERS])
{
	values[0] = text_fold(a, term);
	if (values[0].at == NULL)
		return 0;
	/* It would be found between the pieces of every row. */
	if (memmem(term.at, term.len, SEPARATOR, sizeof(SEPARATOR) - 1) != NULL) {
		out_printf(out, "?%u IS NULL", parameter);
		return 1;
	}
	values[1] = runs_of(db, weights, a, r, values[0]);
	if (values[1].at == NULL)
		return 0;
	if (values[1].len == 0) {
		out_printf(out, "t.id IN (SELECT id FROM core_text_%s"
		    " WHERE core_contains(text, ?%u))", r->d->table, parameter);
		return 1;
	}
	/* In the index, or not yet.  CROSS: in this order, or all texts would be read. */
	out_printf(out, "t.id IN (SELECT x.id FROM core_index_%1$s CROSS JOIN core_text_%1$s x"
	    " WHERE core_index_%1$s MATCH ?%3$u AND x.id = core_index_%1$s.rowid"
	    " AND core_contains(x.text, ?%2$u)"
	    " UNION ALL SELECT x.id FROM core_pending_%1$s CROSS JOIN core_text_%1$s x"
	    " WHERE x.id = core_pending_%1$s.id AND core_contains(x.text, ?%2$u))",
	    r->d->table, parameter, parameter + 1);
	return 2;
}

/* ---- ranking ---- */

static const struct hd_field *
first_searched(const struct resource *r)
{
	unsigned i;

	for (i = 0; i < r->count; i++)
		if (r->columns[i].field->flags & HD_SEARCH)
			return r->columns[i].field;
	return NULL;
}

/* The first field's text is what stands before the first separator, unless it is null. */
void
search_rank(struct arena *a, const struct resource *r, unsigned parameter,
    const char *ranks[SEARCH_RANKS])
{
	const struct hd_field *f = first_searched(r);

	ranks[0] = f == NULL || f->type != HD_TEXT ? "0 + 0" : arena_printf(a,
	    "(t.%s IS NOT NULL AND instr(x.text, ?%u) < instr(x.text, '" SEPARATOR "'))",
	    f->name, parameter);
	ranks[1] = arena_printf(a, "(length(x.text) - length(replace(x.text, ?%1$u, '')))"
	    " / length(?%1$u)", parameter);
}

void
search_join(struct out *out, const struct resource *r)
{
	out_printf(out, " JOIN core_text_%s x ON x.id = t.id", r->d->table);
}
