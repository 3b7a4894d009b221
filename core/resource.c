/*
 * resource.c - a field table made ready
 *
 * Turns a module's table into the names, SQL and JSON pieces that every request
 * uses.  Identifiers in SQL come from the module's constant tables, which have been
 * checked to be plain names; what a client says is never part of it.
 */
#include "resource.h"

#include <string.h>

#include "arena.h"
#include "db.h"
#include "err.h"
#include "out.h"
#include "resource_serve.h"

/* Texts made at start are small and few; memory that runs out then is an abort. */
static const char *
finish(struct out *out)
{
	out_char(out, '\0');
	return out->at;
}

/* ---- columns ---- */

static bool
is_search_field(const struct hd_field *f)
{
	return (f->flags & HD_SEARCH) != 0;
}

static const char *
fold_column(struct arena *a, const struct hd_field *f)
{
	if (!type_of(f->type)->folded || (f->flags & (HD_FILTER | HD_CONTAINS)) == 0)
		return NULL;
	return arena_printf(a, "%s_fold", f->name);
}

static void
make_columns(struct arena *a, struct resource *r)
{
	const struct hd_field *f;
	struct column *c = r->columns;

	for (f = r->d->fields; f->name != NULL; f++, c++) {
		c->field = f;
		c->type = type_of(f->type);
		c->member = text_of(arena_printf(a, "%s\"%s\":", c == r->columns ? "{" : ",",
		    f->name));
		c->fold = fold_column(a, f);
		c->of = -1;
		r->searched |= is_search_field(f);
	}
	r->count = (unsigned)(c - r->columns);
	for (c = r->columns; c < r->columns + r->count; c++)
		if (c->field->of != NULL)
			c->of = resource_column(r, c->field->of);
}

/* ---- SQL ---- */

static void
select_column(struct out *out, const struct column *c)
{
	if (c->type->column != NULL)
		out_printf(out, "t.%s", c->field->name);
	else if (c->field->type == HD_USER_NAME)
		out_printf(out, "(SELECT name FROM core_user WHERE id = t.%s)", c->field->of);
	else
		out_string(out, "NULL");
}

static const char *
make_select(struct arena *a, const struct resource *r)
{
	struct out out;
	unsigned i;

	out_init(&out, a, SIZE_MAX);
	out_string(&out, "SELECT ");
	for (i = 0; i < r->count; i++) {
		if (i > 0)
			out_string(&out, ", ");
		select_column(&out, &r->columns[i]);
	}
	out_printf(&out, " FROM %s t", r->d->table);
	return finish(&out);
}

/* Calls write for every column that an INSERT sets: first the values, then the folds. */
static unsigned
write_inserted(struct out *out, const struct resource *r,
    void (*write)(struct out *, const char *name, unsigned parameter))
{
	unsigned i, n = 0;

	for (i = 0; i < r->count; i++)
		if (r->columns[i].type->column != NULL && r->columns[i].field->type != HD_ID)
			write(out, r->columns[i].field->name, ++n);
	for (i = 0; i < r->count; i++)
		if (r->columns[i].fold != NULL)
			write(out, r->columns[i].fold, ++n);
	return n;
}

static void
write_name(struct out *out, const char *name, unsigned parameter)
{
	out_printf(out, "%s%s", parameter > 1 ? ", " : "", name);
}

static void
write_parameter(struct out *out, const char *name, unsigned parameter)
{
	(void)name;
	out_printf(out, "%s?%u", parameter > 1 ? ", " : "", parameter);
}

static const char *
make_insert(struct arena *a, const struct resource *r)
{
	struct out out;

	out_init(&out, a, SIZE_MAX);
	out_printf(&out, "INSERT INTO %s (", r->d->table);
	write_inserted(&out, r, write_name);
	out_string(&out, ") VALUES (");
	write_inserted(&out, r, write_parameter);
	out_string(&out, ") RETURNING id");
	return finish(&out);
}

static const char *
make_order(struct arena *a, const struct resource *r)
{
	if (r->d->order == NULL)
		return " ORDER BY t.id DESC";
	return arena_printf(a, " ORDER BY t.%s DESC, t.id DESC", r->d->order);
}

/* ---- what clients see ---- */

/* The next field from f on that must be given; NULL after the last. */
static const struct hd_field *
next_required(const struct hd_field *f)
{
	while (f->name != NULL && (f->flags & HD_REQUIRED) == 0)
		f++;
	return f->name != NULL ? f : NULL;
}

const char *
resource_required(struct arena *a, const struct hd_field *fields)
{
	const struct hd_field *f = next_required(fields), *next;
	struct out out;
	bool many = false;

	out_init(&out, a, SIZE_MAX);
	for (; f != NULL; f = next) {
		next = next_required(f + 1);
		if (many)
			out_string(&out, next == NULL ? " and " : ", ");
		out_string(&out, f->name);
		many |= next != NULL;
	}
	out_string(&out, many ? " are required." : " is required.");
	return finish(&out);
}

static bool
is_filter(const struct hd_field *f)
{
	return (f->flags & (HD_FILTER | HD_CONTAINS)) != 0;
}

/* The query parameters of a list.  They are text whatever the field is: a filter that
 * means nothing finds nothing. */
static const struct hd_field *
make_filters(struct arena *a, struct resource *r)
{
	struct hd_field *filters = arena_zero(a, (r->count + 2) * sizeof(*filters));
	unsigned i, n = 0;

	for (i = 0; filters != NULL && i < r->count; i++) {
		if (!is_filter(r->columns[i].field))
			continue;
		r->filtered[n] = (int)i;
		filters[n] = *r->columns[i].field;
		filters[n].max = 0;
		filters[n].flags = 0;
		filters[n++].type = HD_TEXT;
	}
	if (filters != NULL && r->d->search != NULL) {
		r->filtered[n] = -1;
		filters[n++] = (struct hd_field){ .name = r->d->search, .type = HD_TEXT,
		    .flags = HD_REQUIRED,
		    .doc = "Text to be found in any of the searched members, case ignored" };
	}
	return filters;
}

struct resource *
resource_new(struct arena *a, const struct hd_resource *d)
{
	struct resource *r = arena_zero(a, sizeof(*r));

	if (r == NULL)
		return NULL;
	r->d = d;
	make_columns(a, r);
	r->select = make_select(a, r);
	r->select_one = arena_printf(a, "%s WHERE t.id = ?1", r->select);
	r->order = make_order(a, r);
	r->insert = make_insert(a, r);
	r->erase = arena_printf(a, "DELETE FROM %s WHERE id = ?1", d->table);
	r->one_open = text_of(arena_printf(a, "{\"%s\":", d->one));
	r->many_open = text_of(arena_printf(a, "{\"%s\":[", d->many));
	r->filters = make_filters(a, r);
	r->required = d->required != NULL ? d->required : resource_required(a, d->fields);
	return r;
}

/* ---- routes ---- */

/* What a resource serves: a row per operation. */
static const struct {
	const char *method;
	bool item, body, partial, list;
	enum hd_access access;
	bool (*serve)(struct request *);
} operations[RESOURCE_ROUTES] = {
	{ "GET",    false, false, false, true,  HD_READ,  resource_list },
	{ "POST",   false, true,  false, false, HD_WRITE, resource_create },
	{ "GET",    true,  false, false, false, HD_READ,  resource_get },
	{ "PATCH",  true,  true,  true,  false, HD_WRITE, resource_update },
	{ "PUT",    true,  true,  true,  false, HD_WRITE, resource_update },
	{ "DELETE", true,  false, false, false, HD_WRITE, resource_delete },
};

void
resource_routes(struct arena *a, const struct resource *r, const char *prefix,
    struct route routes[RESOURCE_ROUTES])
{
	const char *many = arena_printf(a, "%s%s", prefix, r->d->path);
	const char *one = arena_printf(a, "%s%s/{id}", prefix, r->d->path);
	unsigned i;

	for (i = 0; i < RESOURCE_ROUTES; i++)
		routes[i] = (struct route){
			.method = operations[i].method,
			.path = operations[i].item ? one : many,
			.access = operations[i].access,
			.serve = operations[i].serve,
			.resource = r,
			.body = operations[i].body ? r->d->fields : NULL,
			.partial = operations[i].partial,
			.required = r->required,
			.query = operations[i].list ? r->filters : NULL,
		};
}

/* ---- rows ---- */

int
resource_column(const struct resource *r, const char *name)
{
	unsigned i;

	for (i = 0; i < r->count; i++)
		if (strcmp(r->columns[i].field->name, name) == 0)
			return (int)i;
	return -1;
}

void
resource_row(const struct resource *r, struct db_stmt *st, struct value *row)
{
	const char *column;
	unsigned i;

	for (i = 0; i < r->count; i++) {
		column = r->columns[i].type->column;
		if (db_is_null(st, i))
			row[i] = value_null();
		else if (column != NULL && column[0] == 'I')
			row[i] = value_int(db_int(st, i));
		else
			row[i] = value_text(db_text(st, i));
	}
}

void
resource_bind(struct db_stmt *st, unsigned parameter, const struct value *v)
{
	switch (v->kind) {
	case VALUE_INT:
		db_bind_int(st, parameter, v->integer);
		break;
	case VALUE_TEXT:
		db_bind_text(st, parameter, v->text);
		break;
	default:
		db_bind_null(st, parameter);
	}
}

bool
resource_prepare(const struct resource *r, struct db *db, struct err *e)
{
	const char *const statements[] = { r->select_one, r->insert, r->erase };
	struct db_stmt *st;
	size_t i;

	for (i = 0; i < sizeof(statements) / sizeof(statements[0]); i++) {
		st = db_prepare(db, statements[i], e);
		if (st == NULL)
			return err_prefix(e, "table %s: ", r->d->table);
		db_release(&st);
	}
	return true;
}
