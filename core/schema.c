/*
 * schema.c - the tables that field tables ask for
 */
#include "schema.h"

#include <string.h>

#include "arena.h"
#include "err.h"
#include "out.h"
#include "resource.h"
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
write_column(struct out *out, const struct hd_resource *r, const struct hd_field *f)
{
	const char *kind = type_of(f->type)->column;

	if (f->type == HD_ID) {
		/* AUTOINCREMENT: an id is never used again after a delete. */
		out_string(out, "INTEGER PRIMARY KEY AUTOINCREMENT");
		return;
	}
	out_string(out, kind);
	if (!type_nullable(f->type))
		out_string(out, " NOT NULL");
	if (f->type == HD_USER || f->type == HD_EDITOR)
		out_string(out, " REFERENCES core_user (id)");
	if (f->type == HD_PARENT)
		out_printf(out, " REFERENCES %s (id)", r->parent);
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
		write_column(sql, r, f);
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
		write_column(sql, r, f);
		write_default(sql, f);
		out_char(sql, ';');
	}
}

/* The column of a step whose name comes next after another's, in the order of names. */
static const struct hd_field *
next_by_name(const struct hd_resource *r, unsigned number, const char *after)
{
	const struct hd_field *f, *best = NULL;

	for (f = r->fields; f->name != NULL; f++)
		if (type_of(f->type)->column != NULL && since(r, f) == number &&
		    strcmp(f->name, after) > 0 &&
		    (best == NULL || strcmp(f->name, best->name) < 0))
			best = f;
	return best;
}

/* The table whose name comes next after another's, in the order of names. */
static const struct hd_resource *
next_table(const struct hd_resource *r, const char *after)
{
	const struct hd_resource *best = NULL;

	for (; r->path != NULL; r++)
		if (!resource_is_core(r->table) && strcmp(r->table, after) > 0 &&
		    (best == NULL || strcmp(r->table, best->table) < 0))
			best = r;
	return best;
}

/*
 * The columns that a step brings, in words that depend neither on how SQL says them, nor
 * on what may change of a field that is there, nor on any order.
 */
static void
identify(struct out *out, const struct hd_resource *tables, unsigned number)
{
	const struct hd_resource *r = next_table(tables, "");
	const struct hd_field *f;

	for (; r != NULL; r = next_table(tables, r->table))
		for (f = next_by_name(r, number, ""); f != NULL;
		    f = next_by_name(r, number, f->name))
			out_printf(out, "%s.%s type %d;", r->table, f->name, (int)f->type);
}

/* What was a column's "not null" before the plugin ABI 1.0: a default did not count. */
static bool
was_nullable(const struct hd_field *f)
{
	return type_nullable(f->type) && (f->flags & (HD_REQUIRED | HD_CALLER)) == 0;
}

/* The identity that a table's part of a step had before the plugin ABI 1.0. */
static void
identify_formerly(struct out *out, const struct hd_resource *r, unsigned number)
{
	const struct hd_field *f = next_by_name(r, number, "");

	for (; f != NULL; f = next_by_name(r, number, f->name))
		out_printf(out, "%s.%s type %d %s;", r->table, f->name, (int)f->type,
		    was_nullable(f) ? "null" : "not null");
}

bool
schema_migration(struct arena *a, const struct hd_migration *m, struct migration *ret,
    struct err *e)
{
	const struct hd_resource *r;
	struct out sql, identity, former;

	*ret = (struct migration){ .number = m->number, .name = m->name,
	    .sql = m->sqlite != NULL ? m->sqlite : m->sql };
	if (m->tables == NULL)
		return true;
	out_init(&sql, a, SIZE_MAX);
	out_init(&identity, a, SIZE_MAX);
	out_init(&former, a, SIZE_MAX);
	for (r = m->tables; r->path != NULL; r++) {
		if (resource_is_core(r->table))
			continue;
		if (since(r, &r->fields[0]) == m->number)
			create_table(&sql, r, m->number);
		else
			add_columns(&sql, r, m->number);
		identify_formerly(&former, r, m->number);
	}
	identify(&identity, m->tables, m->number);
	out_char(&sql, '\0');
	out_char(&identity, '\0');
	out_char(&former, '\0');
	if (sql.failed || identity.failed || former.failed)
		return err_set(e, "no memory for migration %u", m->number);
	ret->sql = sql.at;
	ret->identity = identity.at;
	ret->former = former.at;
	return true;
}
