/*
 * audit_list.c - reading the audit trail, newest first
 *
 * Goes through it by pages, each with a statement of its own that an index answers in
 * order: whoever reads slowly holds no snapshot, which would let the log of the database
 * grow, and nothing is ever sorted.
 */
#include "audit.h"

#include <string.h>

#include "arena.h"
#include "cleanup.h"
#include "db.h"
#include "err.h"
#include "iso8601.h"
#include "out.h"

enum {
	PAGE_ENTRIES = 100,
	PAGE_BYTES = 1 << 20	/* a page ends with the entry that takes it beyond */
};

/* What a list can walk along from its end: each is an index of core_audit. */
enum walk { WALK_RECORD, WALK_AT, WALK_USER, WALK_ID };

/* Where a walk is. */
struct walking {
	struct db *db;
	const struct audit_filter *filter;
	enum walk walk;
	char at[ISO8601_TIME_SIZE];	/* what comes next is before (at, id) */
	int64_t id;
	int64_t left;			/* entries that may still come */
};

/* ---- what is asked ---- */

static enum walk
choose(const struct audit_filter *f)
{
	if (f->resource.at != NULL && f->record != 0)
		return WALK_RECORD;
	if (f->since.at != NULL || f->until.at != NULL)
		return WALK_AT;
	return f->user != 0 ? WALK_USER : WALK_ID;
}

/*
 * Conditions, by what the filter asks.  Where the walk is another, the column is hidden
 * in an expression: the engine would take its index, and have to sort what it finds.
 */
static void
write_conditions(struct out *sql, const struct audit_filter *f, enum walk walk)
{
	const struct { bool asked; enum walk by; const char *plain, *hidden, *rest; } rows[] = {
		{ f->resource.at != NULL, WALK_RECORD, "a.resource", "a.resource || ''", " = ?1" },
		{ f->record != 0, WALK_RECORD, "a.record", "a.record + 0", " = ?2" },
		{ f->user != 0, WALK_USER, "a.user_id", "a.user_id + 0", " = ?3" },
		{ f->since.at != NULL, WALK_AT, "a.at", "a.at || ''", " >= ?4" },
		{ f->until.at != NULL && walk != WALK_AT, WALK_AT, "a.at", "a.at || ''", " < ?5" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].asked)
			out_printf(sql, " AND %s%s", rows[i].by == walk ? rows[i].plain :
			    rows[i].hidden, rows[i].rest);
}

/* ?6 and ?7 are where the walk is, ?8 is how many entries it wants. */
static const char *
write_sql(struct arena *arena, const struct walking *w)
{
	bool by_time = w->walk == WALK_AT;
	struct out sql;

	out_init(&sql, arena, SIZE_MAX);
	out_string(&sql, "SELECT a.id, a.at, a.request_id, a.key_id, k.name, a.user_id, u.name,"
	    " a.address, a.resource, a.record, a.action, a.changes FROM core_audit a"
	    " LEFT JOIN core_key k ON k.id = a.key_id LEFT JOIN core_user u ON u.id = a.user_id"
	    " WHERE ");
	out_string(&sql, by_time ? "(a.at, a.id) < (?6, ?7)" : "a.id < ?7");
	write_conditions(&sql, w->filter, w->walk);
	out_string(&sql, by_time ? " ORDER BY a.at DESC, a.id DESC LIMIT ?8" :
	    " ORDER BY a.id DESC LIMIT ?8");
	out_char(&sql, '\0');
	return sql.failed ? NULL : sql.at;
}

static void
bind(struct db_stmt *st, const struct walking *w)
{
	const struct audit_filter *f = w->filter;

	db_bind_text(st, 1, f->resource);
	db_bind_int(st, 2, f->record);
	db_bind_int(st, 3, f->user);
	db_bind_text(st, 4, f->since);
	db_bind_text(st, 5, f->until);
	db_bind_text(st, 6, text_of(w->at));
	db_bind_int(st, 7, w->id);
	db_bind_int(st, 8, w->left < PAGE_ENTRIES ? w->left : PAGE_ENTRIES);
}

/* ---- pages ---- */

struct page {
	struct audit_entry entries[PAGE_ENTRIES];
	size_t n, bytes;
};

/* Adds the length of what it copies; an absent text stays absent. */
static bool
keep(struct arena *arena, struct text *t, size_t *bytes)
{
	*bytes += t->len;
	if (t->at != NULL)
		t->at = arena_copy(arena, t->at, t->len);
	return t->at != NULL || t->len == 0;
}

static struct audit_entry
entry_of(struct db_stmt *st)
{
	return (struct audit_entry){ .id = db_int(st, 0), .at = db_text(st, 1),
		.request_id = db_text(st, 2), .key = db_int(st, 3), .key_name = db_text(st, 4),
		.user = db_int(st, 5), .user_name = db_text(st, 6), .address = db_text(st, 7),
		.resource = db_text(st, 8), .record = db_int(st, 9), .action = db_text(st, 10),
		.changes = db_text(st, 11) };
}

static bool
keep_entry(struct arena *arena, struct page *page, struct db_stmt *st)
{
	struct audit_entry *t = &page->entries[page->n];
	struct text *const texts[] = { &t->at, &t->request_id, &t->key_name, &t->user_name,
		&t->address, &t->resource, &t->action, &t->changes };

	*t = entry_of(st);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (!keep(arena, texts[i], &page->bytes))
			return false;
	page->n++;
	return true;
}

/* The next page; an empty one at the end. */
static bool
read_page(struct arena *arena, const struct walking *w, struct page *page, struct err *e)
{
	CLEANUP(db_release) struct db_stmt *st = NULL;
	enum db_result result = DB_ROW;
	const char *sql = write_sql(arena, w);

	if (sql == NULL)
		return err_set(e, "no memory left for the audit trail");
	st = db_prepare(w->db, sql, e);
	if (st == NULL)
		return false;
	bind(st, w);
	while (page->n < PAGE_ENTRIES && page->bytes < PAGE_BYTES &&
	    (result = db_step(st)) == DB_ROW)
		if (!keep_entry(arena, page, st))
			return err_set(e, "no memory left for an entry of the audit trail");
	return result == DB_ROW || result == DB_DONE || err_set(e, "%s", db_message(w->db));
}

static void
go_to(struct walking *w, struct text at, int64_t id)
{
	size_t n = at.len < sizeof(w->at) ? at.len : sizeof(w->at) - 1;

	memcpy(w->at, at.at, n);
	w->at[n] = '\0';
	w->id = id;
}

/* Shows a page; *more is false behind the last. */
static bool
walk_page(struct walking *w, audit_each *each, void *context, bool *more, struct err *e)
{
	CLEANUP(arena_fini) struct arena arena;
	struct page *page;

	arena_init(&arena, SIZE_MAX);
	*more = false;
	page = arena_zero(&arena, sizeof(*page));
	if (page == NULL)
		return err_set(e, "no memory left for the audit trail");
	if (!read_page(&arena, w, page, e))
		return false;
	for (size_t i = 0; i < page->n; i++) {
		go_to(w, page->entries[i].at, page->entries[i].id);
		w->left--;
		if (!each(context, &page->entries[i]))
			return true;
	}
	*more = page->n > 0 && w->left > 0;
	return true;
}

bool
audit_list(struct db *db, const struct audit_filter *filter, audit_each *each, void *context,
    struct err *e)
{
	struct walking w = { .db = db, .filter = filter, .walk = choose(filter),
		.at = "~", .id = INT64_MAX, .left = filter->most != 0 ? filter->most : INT64_MAX };
	bool more = true;

	/* No id is 0, so this is before that time. */
	if (w.walk == WALK_AT && filter->until.at != NULL)
		go_to(&w, filter->until, 0);
	while (more)
		if (!walk_page(&w, each, context, &more, e))
			return false;
	return true;
}
