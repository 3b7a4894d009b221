/*
 * schema.c - the tables that field tables ask for
 */
#include "schema.h"

#include "arena.h"
#include "cleanup.h"
#include "db.h"
#include "err.h"
#include "log.h"
#include "out.h"
#include "resource.h"
#include "search.h"
#include "type.h"

/* ---- migrations ---- */

/* The step that brings a field: its own, but none before that of the table, which is
 * that of its id. */
static unsigned
since(const struct hd_resource *r, const struct hd_field *f)
{
	unsigned table = r->fields[0].since == 0 ? 1 : r->fields[0].since;

	return f->since > table ? f->since : table;
}

/* What a column is, apart from its name: "TEXT NOT NULL". */
static void
write_column(struct out *out, const struct hd_field *f)
{
	const char *kind = type_of(f->type)->column;

	if (f->type == HD_ID) {
		/* AUTOINCREMENT: an id is never used again after a delete. */
		out_string(out, "INTEGER PRIMARY KEY AUTOINCREMENT");
		return;
	}
	out_string(out, kind);
	if (!field_nullable(f))
		out_string(out, " NOT NULL");
	if (f->type == HD_USER || f->type == HD_EDITOR)
		out_string(out, " REFERENCES core_user (id)");
}

static void
write_default(struct out *out, const struct hd_field *f)
{
	struct value v = field_default(f);

	if (v.kind == VALUE_INT)
		out_printf(out, " DEFAULT %lld", (long long)v.integer);
	if (v.kind != VALUE_TEXT)
		return;
	out_string(out, " DEFAULT '");
	for (size_t i = 0; i < v.text.len; i++) {
		if (v.text.at[i] == '\'')
			out_char(out, '\'');
		out_char(out, v.text.at[i]);
	}
	out_char(out, '\'');
}

static void
create_table(struct out *sql, const struct hd_resource *r, unsigned number)
{
	const struct hd_field *f;
	bool first = true;

	out_printf(sql, "CREATE TABLE %s (", r->table);
	for (f = r->fields; f->name != NULL; f++) {
		if (type_of(f->type)->column == NULL || since(r, f) != number)
			continue;
		out_printf(sql, "%s%s ", first ? "" : ", ", f->name);
		write_column(sql, f);
		first = false;
	}
	out_string(sql, ") STRICT;");
}

static void
add_columns(struct out *sql, const struct hd_resource *r, unsigned number)
{
	const struct hd_field *f;

	for (f = r->fields; f->name != NULL; f++) {
		if (type_of(f->type)->column == NULL || since(r, f) != number)
			continue;
		out_printf(sql, "ALTER TABLE %s ADD COLUMN %s ", r->table, f->name);
		write_column(sql, f);
		write_default(sql, f);
		out_char(sql, ';');
	}
}

/* The columns that a step brings, in words that do not depend on how SQL says them. */
static void
identify(struct out *out, const struct hd_resource *r, unsigned number)
{
	const struct hd_field *f;

	for (f = r->fields; f->name != NULL; f++)
		if (type_of(f->type)->column != NULL && since(r, f) == number)
			out_printf(out, "%s.%s type %d %s;", r->table, f->name, (int)f->type,
			    field_nullable(f) ? "null" : "not null");
}

bool
schema_migration(struct arena *a, const struct hd_migration *m, struct migration *ret,
    struct err *e)
{
	const struct hd_resource *r;
	struct out sql, identity;

	*ret = (struct migration){ .number = m->number, .name = m->name,
	    .sql = m->sqlite != NULL ? m->sqlite : m->sql };
	if (m->tables == NULL)
		return true;
	out_init(&sql, a, SIZE_MAX);
	out_init(&identity, a, SIZE_MAX);
	for (r = m->tables; r->path != NULL; r++) {
		if (since(r, &r->fields[0]) == m->number)
			create_table(&sql, r, m->number);
		else
			add_columns(&sql, r, m->number);
		identify(&identity, r, m->number);
	}
	out_char(&sql, '\0');
	out_char(&identity, '\0');
	if (sql.failed || identity.failed)
		return err_set(e, "no memory for migration %u", m->number);
	ret->sql = sql.at;
	ret->identity = identity.at;
	return true;
}

/* ---- what is derived ---- */

static bool
has_column(struct db *db, struct arena *a, const char *table, const char *column)
{
	CLEANUP(db_release) struct db_stmt *st = NULL;
	struct err e;

	st = db_prepare(db, arena_printf(a, "SELECT %s FROM %s LIMIT 1", column, table), &e);
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
	int64_t after = *id;

	arena_init(&a, SIZE_MAX);
	st = db_prepare(db, arena_printf(&a,
	    "SELECT id, %s FROM %s WHERE id > ?1 ORDER BY id LIMIT 1", c->field->name, r->d->table),
	    e);
	if (st == NULL)
		return false;
	db_bind_int(st, 1, after);
	result = db_step(st);
	*id = result == DB_ROW ? db_int(st, 0) : 0;
	if (result != DB_ROW)
		return result == DB_DONE || err_set(e, "%s", db_message(db));
	return db_is_null(st, 1) || fold_row(db, &a, r, c, *id, db_text(st, 1), e);
}

static bool
derive_fold(struct db *db, struct arena *a, const struct resource *r, const struct column *c,
    struct err *e)
{
	int64_t id = 0;

	if (c->fold == NULL || has_column(db, a, r->d->table, c->fold))
		return true;
	log_debug("making the folded copy of %s.%s", r->d->table, c->field->name);
	if (!db_execute(db, arena_printf(a, "ALTER TABLE %s ADD COLUMN %s TEXT", r->d->table,
	    c->fold), e))
		return false;
	do {
		if (!fold_next(db, r, c, &id, e))
			return false;
	} while (id != 0);
	return true;
}

/*
 * The index that a column wants: unique values for themselves, filters together with
 * the order of the list, so that a filtered list needs no sorting.  A part of a value
 * is found by reading the folded copies; no index helps there.
 */
static bool
derive_index(struct db *db, struct arena *a, const struct resource *r, const struct column *c,
    struct err *e)
{
	const char *column = c->fold != NULL ? c->fold : c->field->name;
	const char *order = r->d->order != NULL ? r->d->order : "id";
	const char *sql = NULL;

	if (c->field->flags & HD_UNIQUE)
		sql = arena_printf(a,
		    "CREATE UNIQUE INDEX IF NOT EXISTS %1$s_with_%2$s ON %1$s (%2$s)",
		    r->d->table, c->field->name);
	else if (c->field->flags & HD_FILTER)
		sql = arena_printf(a,
		    "CREATE INDEX IF NOT EXISTS %1$s_by_%2$s ON %1$s (%2$s, %3$s)", r->d->table,
		    column, order);
	else if (r->d->order != NULL && text_equal(text_of(c->field->name), text_of(order)))
		sql = arena_printf(a, "CREATE INDEX IF NOT EXISTS %1$s_by_%2$s ON %1$s (%2$s)",
		    r->d->table, order);
	return sql == NULL || db_execute(db, sql, e);
}

static bool
derive_all(struct db *db, const struct resource *r, struct err *e)
{
	CLEANUP(arena_fini) struct arena a;
	unsigned i;

	arena_init(&a, SIZE_MAX);
	for (i = 0; i < r->count; i++)
		if (!derive_fold(db, &a, r, &r->columns[i], e) ||
		    !derive_index(db, &a, r, &r->columns[i], e))
			return false;
	return search_derive(db, r, e);
}

bool
schema_derive(struct db *db, const struct resource *r, struct err *e)
{
	if (!db_begin(db, e))
		return false;
	if (derive_all(db, r, e))
		return db_commit(db, e);
	db_rollback(db);
	return false;
}
