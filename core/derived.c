/*
 * derived.c - what can be made anew from a resource's columns
 *
 * Names are in the core's own space (core_*), except for the folded copies, which are
 * columns of the module's table; no field's name may end like theirs.
 */
#include "derived.h"

#include <string.h>

#include "arena.h"
#include "cleanup.h"
#include "db.h"
#include "err.h"
#include "list_parameter.h"
#include "log.h"
#include "ownership.h"
#include "resource.h"
#include "search.h"
#include "text.h"

/* What the folded copies are made with; another number makes them anew. */
static const char fold_identity[] = "casefold 1";

/* A resource on its way. */
struct making {
	struct db *db;
	const struct resource *r;	/* NULL: nobody has the table any more */
	const char *table;
	struct arena *a;	/* without a limit: it is made at start, from our own tables */
};

/* ---- the register ---- */

static struct db_stmt *
ask(const struct making *m, const char *sql, const char *kind, const char *field, struct err *e)
{
	struct db_stmt *st = db_prepare(m->db, sql, e);

	if (st == NULL)
		return NULL;
	db_bind_text(st, 1, text_of(m->table));
	db_bind_text(st, 2, text_of(kind));
	db_bind_text(st, 3, text_of(field));
	return st;
}

/* Whether a thing was made from just this. */
static bool
is_made(const struct making *m, const char *kind, const char *field, const char *identity,
    bool *ret, struct err *e)
{
	CLEANUP(db_release) struct db_stmt *st = ask(m, "SELECT identity FROM core_derived"
	    " WHERE resource = ?1 AND kind = ?2 AND field = ?3", kind, field, e);
	enum db_result result;

	if (st == NULL)
		return false;
	result = db_step(st);
	*ret = result == DB_ROW && text_equal(db_text(st, 0), text_of(identity));
	return result == DB_ROW || result == DB_DONE || err_set(e, "%s", db_message(m->db));
}

static bool
note_made(const struct making *m, const char *kind, const char *field, const char *identity,
    struct err *e)
{
	CLEANUP(db_release) struct db_stmt *st = ask(m, "INSERT INTO core_derived"
	    " (resource, kind, field, identity) VALUES (?1, ?2, ?3, ?4)"
	    " ON CONFLICT (resource, kind, field) DO UPDATE SET identity = excluded.identity",
	    kind, field, e);

	if (st == NULL)
		return false;
	db_bind_text(st, 4, text_of(identity));
	return db_step(st) == DB_DONE || err_set(e, "%s", db_message(m->db));
}

static bool
note_gone(const struct making *m, const char *kind, const char *field, struct err *e)
{
	CLEANUP(db_release) struct db_stmt *st = ask(m, "DELETE FROM core_derived"
	    " WHERE resource = ?1 AND kind = ?2 AND field = ?3", kind, field, e);

	return st != NULL && (db_step(st) == DB_DONE || err_set(e, "%s", db_message(m->db)));
}

/* ---- folded copies ---- */

static bool
has_column(const struct making *m, const char *column)
{
	CLEANUP(db_release) struct db_stmt *st = NULL;
	struct err e;

	st = db_prepare(m->db, arena_printf(m->a, "SELECT %s FROM %s LIMIT 1", column,
	    m->r->d->table), &e);
	return st != NULL;
}

/* Sets the folded copy of one row. */
static bool
fold_row(struct db *db, struct arena *a, const struct resource *r, const struct column *c,
    int64_t id, struct text value, struct err *e)
{
	CLEANUP(db_release) struct db_stmt *st = NULL;

	st = db_prepare(db, arena_printf(a, "UPDATE %s SET %s = ?1 WHERE id = ?2", r->d->table,
	    c->fold), e);
	if (st == NULL)
		return false;
	db_bind_text(st, 1, text_fold(a, value));
	db_bind_int(st, 2, id);
	return db_step(st) == DB_DONE || err_set(e, "%s", db_message(db));
}

/* Folds the next row after *id, which becomes 0 after the last. */
static bool
fold_next(struct db *db, const struct resource *r, const struct column *c, int64_t *id,
    struct err *e)
{
	CLEANUP(db_release) struct db_stmt *st = NULL;
	CLEANUP(arena_fini) struct arena a;
	enum db_result result;

	arena_init(&a, SIZE_MAX);
	st = db_prepare(db, arena_printf(&a,
	    "SELECT id, %s FROM %s WHERE id > ?1 ORDER BY id LIMIT 1", c->field->name, r->d->table),
	    e);
	if (st == NULL)
		return false;
	db_bind_int(st, 1, *id);
	result = db_step(st);
	*id = result == DB_ROW ? db_int(st, 0) : 0;
	if (result != DB_ROW)
		return result == DB_DONE || err_set(e, "%s", db_message(db));
	return db_is_null(st, 1) || fold_row(db, &a, r, c, *id, db_text(st, 1), e);
}

static bool
make_fold(const struct making *m, const struct column *c, struct err *e)
{
	bool there = has_column(m, c->fold), made;
	int64_t id = 0;

	if (!is_made(m, "fold", c->field->name, fold_identity, &made, e))
		return false;
	if (there && made)
		return true;
	log_debug("making the folded copy of %s.%s", m->r->d->table, c->field->name);
	if (!there && !db_execute(m->db, arena_printf(m->a, "ALTER TABLE %s ADD COLUMN %s TEXT",
	    m->r->d->table, c->fold), e))
		return false;
	do {
		if (!fold_next(m->db, m->r, c, &id, e))
			return false;
	} while (id != 0);
	return note_made(m, "fold", c->field->name, fold_identity, e);
}

/* ---- indexes ---- */

/*
 * The columns of the index that a field wants; NULL: none.  Unique values by
 * themselves; filters together with the order of the list, so that a filtered list needs
 * no sorting.  A part of a value is found by reading the folded copies: no index helps.
 */
static const char *
index_columns(const struct making *m, const struct column *c)
{
	const char *order = m->r->d->order != NULL ? m->r->d->order : "id";

	if (c->field->flags & HD_UNIQUE)
		return c->field->name;
	if (c->field->type == HD_PARENT)
		return arena_printf(m->a, "%s, %s", c->field->name, order);
	if (c->field->flags & HD_FILTER)
		return arena_printf(m->a, "%s, %s", c->fold != NULL ? c->fold : c->field->name,
		    order);
	if (c->field->flags & HD_EXACT)
		return arena_printf(m->a, "%s, %s", c->field->name, order);
	if (m->r->d->order != NULL && strcmp(c->field->name, order) == 0)
		return order;
	return NULL;
}

/*
 * The column of a second index, for lists that are sorted by the field, or cut out by it;
 * NULL: none, or the first one begins and ends with it.  The id is in every index, behind
 * its columns.  Rows that hang at another are few in a list, and sorted as they are.
 */
static const char *
sort_columns(const struct making *m, const struct column *c)
{
	const struct hd_resource *d = m->r->d;
	const char *first = index_columns(m, c), *columns = c->fold != NULL ? c->fold :
	    c->field->name;

	if (m->r->parent != NULL || (d->verbs != 0 && (d->verbs & HD_LIST) == 0) ||
	    c->field->type == HD_ID || (!list_can_sort(c->field) &&
	    (c->field->flags & HD_SPAN) == 0))
		return NULL;
	return first != NULL && strcmp(first, columns) == 0 ? NULL : columns;
}

/* The kinds of indexes, as the register knows them. */
static const struct index {
	const char *kind, *name;	/* name: in that of the index */
	bool may_be_unique;
	const char *(*columns)(const struct making *, const struct column *);
} indexes[] = {
	{ "index", "by", true, index_columns },
	{ "sort", "sort", false, sort_columns },
};
enum { INDEXES = sizeof indexes / sizeof indexes[0] };

static const struct index *
index_of(const char *kind)
{
	size_t i;

	for (i = 0; i < INDEXES; i++)
		if (strcmp(indexes[i].kind, kind) == 0)
			return &indexes[i];
	return NULL;
}

static bool
drop_index(const struct making *m, const struct index *x, const char *field, struct err *e)
{
	return db_execute(m->db, arena_printf(m->a, "DROP INDEX IF EXISTS core_%s_%s_%s",
	    m->table, x->name, field), e);
}

static const char *
unique_or_not(const struct index *x, const struct column *c)
{
	return x->may_be_unique && c->field->flags & HD_UNIQUE ? "UNIQUE " : "";
}

/* What an index is made from; NULL: it is not wanted. */
static const char *
index_identity(const struct making *m, const struct index *x, const struct column *c)
{
	const char *columns = x->columns(m, c);

	return columns == NULL ? NULL :
	    arena_printf(m->a, "%s(%s)", unique_or_not(x, c), columns);
}

static bool
make_index(const struct making *m, const struct index *x, const struct column *c, struct err *e)
{
	const char *columns = x->columns(m, c), *field = c->field->name;
	const char *unique = unique_or_not(x, c), *identity = index_identity(m, x, c);
	bool made;

	if (columns == NULL)
		return true;
	if (!is_made(m, x->kind, field, identity, &made, e) ||
	    (!made && !drop_index(m, x, field, e)))
		return false;
	return db_execute(m->db, arena_printf(m->a,
	    "CREATE %sINDEX IF NOT EXISTS core_%s_%s_%s ON %s (%s)", unique, m->r->d->table,
	    x->name, field, m->r->d->table, columns), e) &&
	    note_made(m, x->kind, field, identity, e);
}

static bool
make_indexes(const struct making *m, const struct column *c, struct err *e)
{
	size_t i;

	for (i = 0; i < INDEXES; i++)
		if (!make_index(m, &indexes[i], c, e))
			return false;
	return true;
}

/* ---- search ---- */

static bool
make_search(const struct making *m, struct err *e)
{
	const char *identity = search_identity(m->a, m->r);
	bool made, there;

	if (!m->r->searched)
		return true;
	if (!is_made(m, "search", "", identity, &made, e) ||
	    !search_is_there(m->db, m->r, &there, e))
		return false;
	if (made && there)
		return true;
	log_debug("making the search index of %s", m->r->d->table);
	return search_drop(m->db, m->r->d->table, e) && search_make(m->db, m->r, e) &&
	    note_made(m, "search", "", identity, e);
}

/* ---- what nobody asks for any more ---- */

static const struct column *
column_named(const struct resource *r, struct text name)
{
	unsigned i;

	for (i = 0; i < r->count; i++)
		if (text_equal(text_of(r->columns[i].field->name), name))
			return &r->columns[i];
	return NULL;
}

/* What a thing would be made from today; NULL: nobody asks for it. */
static const char *
wanted(const struct making *m, const char *kind, struct text field)
{
	const struct column *c = m->r != NULL ? column_named(m->r, field) : NULL;

	if (strcmp(kind, "search") == 0)
		return m->r != NULL && m->r->searched ? search_identity(m->a, m->r) : NULL;
	if (c == NULL)
		return NULL;
	if (index_of(kind) != NULL)
		return index_identity(m, index_of(kind), c);
	return c->fold != NULL ? fold_identity : NULL;
}

/* A folded copy stays where it is, but is no longer believed. */
static bool
take_away(const struct making *m, const char *kind, const char *field, struct err *e)
{
	if (index_of(kind) != NULL && !drop_index(m, index_of(kind), field, e))
		return false;
	if (strcmp(kind, "search") == 0 && !search_drop(m->db, m->table, e))
		return false;
	return note_gone(m, kind, field, e);
}

/* Finds one thing that is not wanted; *kind stays NULL if there is none. */
static bool
find_unwanted(const struct making *m, const char **kind, const char **field, struct err *e)
{
	CLEANUP(db_release) struct db_stmt *st = NULL;
	enum db_result result;
	const char *from;

	st = db_prepare(m->db, "SELECT kind, field, identity FROM core_derived"
	    " WHERE resource = ?1", e);
	if (st == NULL)
		return false;
	db_bind_text(st, 1, text_of(m->table));
	while ((result = db_step(st)) == DB_ROW) {
		from = wanted(m, db_text(st, 0).at, db_text(st, 1));
		if (from != NULL && text_equal(text_of(from), db_text(st, 2)))
			continue;
		*kind = arena_copy(m->a, db_text(st, 0).at, db_text(st, 0).len);
		*field = arena_copy(m->a, db_text(st, 1).at, db_text(st, 1).len);
		return true;
	}
	return result == DB_DONE || err_set(e, "%s", db_message(m->db));
}

static bool
take_unwanted(const struct making *m, struct err *e)
{
	const char *kind, *field;

	do {
		kind = NULL;
		if (!find_unwanted(m, &kind, &field, e) ||
		    (kind != NULL && !take_away(m, kind, field, e)))
			return false;
	} while (kind != NULL);
	return true;
}

/* ---- the whole ---- */

static bool
make_all(const struct making *m, struct err *e)
{
	const struct column *c;

	if (!take_unwanted(m, e))
		return false;
	for (c = m->r->columns; c < m->r->columns + m->r->count; c++)
		if ((c->fold != NULL && !make_fold(m, c, e)) || !make_indexes(m, c, e))
			return false;
	return make_search(m, e);
}

bool
derived_make(struct db *db, const struct resource *r, struct err *e)
{
	CLEANUP(arena_fini) struct arena a;
	struct making m = { db, r, r->d->table, &a };

	arena_init(&a, SIZE_MAX);
	if (!db_begin(db, e))
		return false;
	if (make_all(&m, e))
		return db_commit(db, e);
	db_rollback(db);
	return false;
}

/* ---- before the migrations ---- */

/* The table that comes next in the register; "" after the last. */
static bool
next_table(struct db *db, struct arena *a, const char **table, struct err *e)
{
	CLEANUP(db_release) struct db_stmt *st = db_prepare(db,
	    "SELECT min(resource) FROM core_derived WHERE resource > ?1", e);

	if (st == NULL)
		return false;
	db_bind_text(st, 1, text_of(*table));
	if (db_step(st) != DB_ROW)
		return err_set(e, "%s", db_message(db));
	*table = db_is_null(st, 0) ? "" : arena_copy(a, db_text(st, 0).at, db_text(st, 0).len);
	return true;
}

static const struct resource *
resource_of(const struct resource *const *all, const char *table)
{
	for (; *all != NULL; all++)
		if ((*all)->tie != TIE_RECORD && strcmp((*all)->d->table, table) == 0)
			return *all;
	return NULL;
}

static bool
prune_all(struct db *db, struct arena *a, const char *owner, const struct resource *const *all,
    struct err *e)
{
	struct making m = { .db = db, .table = "", .a = a };

	for (;;) {
		if (!next_table(db, a, &m.table, e))
			return false;
		if (*m.table == '\0')
			return true;
		m.r = resource_of(all, m.table);
		if (ownership_is(owner, m.table) && !take_unwanted(&m, e))
			return false;
	}
}

bool
derived_prune(struct db *db, const char *owner, const struct resource *const *all,
    struct err *e)
{
	CLEANUP(arena_fini) struct arena a;

	arena_init(&a, SIZE_MAX);
	if (!db_begin(db, e))
		return false;
	if (prune_all(db, &a, owner, all, e))
		return db_commit(db, e);
	db_rollback(db);
	return false;
}
