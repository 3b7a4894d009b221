/*
 * resource.c - a field table made ready
 *
 * Turns a module's table into the names, SQL and JSON pieces that every request
 * uses.  Identifiers in SQL come from the module's constant tables, which have been
 * checked to be plain names; what a client says is never part of it.
 */
#include "resource.h"

#include <stdint.h>
#include <string.h>

#include "arena.h"
#include "attachment.h"
#include "audit.h"
#include "belonging.h"
#include "db.h"
#include "err.h"
#include "list_parameter.h"
#include "out.h"
#include "resource_serve.h"
#include "search.h"
#include "version.h"

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
		c->number = c->type->column != NULL && c->type->column[0] == 'I';
		r->searched |= is_search_field(f);
	}
	r->count = (unsigned)(c - r->columns);
	for (c = r->columns; c < r->columns + r->count; c++)
		if (c->field->of != NULL)
			c->of = resource_column(r, c->field->of);
}

/* ---- SQL ---- */

static void
select_column(struct out *out, const struct column *c, bool names)
{
	if (c->type->column != NULL)
		out_printf(out, "t.%s", c->field->name);
	else if (c->field->type == HD_USER_NAME && names)
		out_printf(out, "(SELECT name FROM core_user WHERE id = t.%s)", c->field->of);
	else
		out_string(out, "NULL");
}

static const char *
make_selected(struct arena *a, const struct resource *r, bool names)
{
	struct out out;
	unsigned i;

	out_init(&out, a, SIZE_MAX);
	out_string(&out, "SELECT ");
	for (i = 0; i < r->count; i++) {
		if (i > 0)
			out_string(&out, ", ");
		select_column(&out, &r->columns[i], names);
	}
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
	if (write_inserted(&out, r, write_name) == 0)
		return arena_printf(a, "INSERT INTO %s DEFAULT VALUES", r->d->table);
	out_string(&out, ") VALUES (");
	write_inserted(&out, r, write_parameter);
	out_char(&out, ')');
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

/* ---- what hangs at what ---- */

bool
resource_is_core(const char *table)
{
	return strncmp(table, "core_", 5) == 0;
}

/* The condition that a row hangs at the parent whose id is a parameter. */
static const char *
tie_condition(struct arena *a, const struct resource *r, unsigned parameter)
{
	switch (r->tie) {
	case TIE_COLUMN:
		return arena_printf(a, "t.%s = ?%u",
		    r->columns[resource_column_of(r, HD_PARENT)].field->name, parameter);
	case TIE_RECORD:
		return arena_printf(a, "t.resource = '%s' AND t.record = ?%u",
		    r->parent->audited, parameter);
	case TIE_NONE:
		break;
	}
	return NULL;
}

static const char *
make_select_item(struct arena *a, const struct resource *r)
{
	return arena_printf(a, "%s WHERE t.%s = ?1%s%s", r->select, r->key,
	    r->parent != NULL ? " AND " : "", r->parent != NULL ? tie_condition(a, r, 2) : "");
}

static void
hang(struct resource *r, struct resource *parent, enum tie tie)
{
	struct resource **last = &parent->children;

	while (*last != NULL)
		last = &(*last)->next;
	*last = r;
	r->parent = parent;
	r->tie = tie;
	r->depth = parent->depth + 1;
}

/* ---- making ---- */

static void
make_statements(struct arena *a, struct resource *r)
{
	r->tied = tie_condition(a, r, 1);
	r->selected = make_selected(a, r, true);
	r->selected_nameless = make_selected(a, r, false);
	r->select = arena_printf(a, "%s FROM %s t", r->selected, r->d->table);
	r->select_one = arena_printf(a, "%s WHERE t.id = ?1", r->select);
	r->select_item = make_select_item(a, r);
	r->order = make_order(a, r);
	r->insert = make_insert(a, r);
	r->erase = arena_printf(a, "DELETE FROM %s WHERE id = ?1", r->d->table);
	if (r->searched)
		r->search = search_compile(a, r);
}

/* The operations that a resource's verbs stand for; no verb: all of them. */
static unsigned
operations_of(const struct hd_resource *d)
{
	static const unsigned of_verb[] = { 1 << OP_LIST, 1 << OP_GET, 1 << OP_CREATE,
	    1 << OP_PATCH | 1 << OP_PUT, 1 << OP_DELETE };
	unsigned i, all = 0;

	for (i = 0; i < sizeof(of_verb) / sizeof(of_verb[0]); i++)
		if (d->verbs == 0 || (d->verbs & 1u << i) != 0)
			all |= of_verb[i];
	if (d->with & HD_WITH_VERSIONS)
		all |= 1 << OP_RESTORE;
	return all;
}

static struct resource *
make(struct arena *a, const struct hd_resource *d, struct resource *parent, enum tie tie)
{
	struct resource *r = arena_zero(a, sizeof(*r));

	r->d = d;
	r->key = "id";
	r->core = resource_is_core(d->table);
	r->audited = audit_name(d->table);
	if (parent != NULL)
		hang(r, parent, tie);
	make_columns(a, r);
	make_statements(a, r);
	r->one_open = text_of(arena_printf(a, "{\"%s\":", d->one));
	r->many_open = text_of(arena_printf(a, "{\"%s\":[", d->many));
	list_parameters(a, r);
	r->required = d->required != NULL ? d->required : resource_required(a, d->fields);
	r->operations = operations_of(d);
	return r;
}

struct resource *
resource_new(struct arena *a, const struct hd_resource *d)
{
	return make(a, d, NULL, TIE_NONE);
}

static struct resource *
find_by_table(const struct resource **all, unsigned n, const char *table)
{
	unsigned i;

	for (i = 0; table != NULL && i < n; i++)
		if (strcmp(all[i]->d->table, table) == 0)
			return (struct resource *)(uintptr_t)all[i];
	return NULL;
}

/* Adds what every row of a resource has besides its fields. */
static unsigned
add_belongings(struct arena *a, struct resource *parent, const struct resource **all)
{
	const struct belonging *b;
	struct resource *r;
	unsigned n = 0, i;

	for (i = 0; (b = belonging_get(i)) != NULL; i++) {
		if ((parent->d->with & b->with) == 0)
			continue;
		r = make(a, belonging_table(a, b, parent), parent, TIE_RECORD);
		r->operations = b->operations;
		r->key = b->key;
		r->select_item = make_select_item(a, r);
		all[n++] = r;
	}
	return n;
}

const struct resource **
resource_compile(struct arena *a, const struct hd_resource *d)
{
	const struct resource **all;
	struct resource *r, *parent;
	unsigned i, n = 0, count = 0;

	while (d != NULL && d[count].path != NULL)
		count++;
	all = arena_zero(a, (count * (1 + BELONGINGS) + 1) * sizeof(*all));
	for (i = 0; i < count; i++) {
		parent = find_by_table(all, n, d[i].parent);
		r = make(a, &d[i], parent, parent != NULL ? TIE_COLUMN : TIE_NONE);
		all[n++] = r;
		n += add_belongings(a, r, all + n);
	}
	return all;
}

/* ---- routes ---- */

/* How an operation is served. */
static const struct {
	const char *method;
	bool item;
	const char *suffix;	/* of the path */
	bool body, partial, list, upload;
	enum hd_access access;
	bool (*serve)(struct request *);
	bool (*before)(struct request *);	/* in the slow lane; see struct route */
} operations[OPERATIONS] = {
	[OP_LIST] = { "GET", .list = true, .serve = resource_list },
	[OP_CREATE] = { "POST", .body = true, .access = HD_WRITE, .serve = resource_create },
	[OP_GET] = { "GET", .item = true, .serve = resource_get },
	[OP_PATCH] = { "PATCH", .item = true, .body = true, .partial = true,
	    .access = HD_WRITE, .serve = resource_update },
	[OP_PUT] = { "PUT", .item = true, .body = true, .partial = true,
	    .access = HD_WRITE, .serve = resource_update },
	[OP_DELETE] = { "DELETE", .item = true, .access = HD_WRITE, .serve = resource_delete },
	[OP_UPLOAD] = { "POST", .upload = true, .access = HD_WRITE, .serve = attachment_create,
	    .before = attachment_receive },
	[OP_DOWNLOAD] = { "GET", .item = true, .serve = attachment_download },
	[OP_DETACH] = { "DELETE", .item = true, .access = HD_WRITE, .serve = attachment_detach },
	[OP_RESTORE] = { "POST", .item = true, .suffix = "/versions/{version}/restore",
	    .access = HD_WRITE, .serve = version_restore },
};

/* The path of one row: the only parameter of a path is called id, others by what they are. */
static const char *
item_path(struct arena *a, const struct resource *r, const char *prefix)
{
	return arena_printf(a, "%s%s/{%s}", prefix, r->d->path,
	    r->parent != NULL ? r->d->one : "id");
}

unsigned
resource_routes(struct arena *a, const struct resource *r, const char *prefix,
    struct route *routes)
{
	const char *many = arena_printf(a, "%s%s", prefix, r->d->path);
	const char *one = item_path(a, r, prefix);
	unsigned op, n = 0;

	for (op = 0; op < OPERATIONS; op++) {
		if ((r->operations & 1u << op) == 0)
			continue;
		routes[n++] = (struct route){
			.method = operations[op].method,
			.path = arena_printf(a, "%s%s", operations[op].item ? one : many,
			    operations[op].suffix != NULL ? operations[op].suffix : ""),
			.access = operations[op].access,
			.serve = operations[op].serve,
			.before = operations[op].before,
			.upload = operations[op].upload,
			.resource = r,
			.operation = op,
			.body = operations[op].body ? r->d->fields : NULL,
			.partial = operations[op].partial,
			.required = r->required,
			.query = operations[op].list ? r->filters :
			    operations[op].serve == resource_get ? r->choice : NULL,
		};
	}
	return n;
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

int
resource_column_of(const struct resource *r, enum hd_type type)
{
	unsigned i;

	for (i = 0; i < r->count; i++)
		if (r->columns[i].field->type == type)
			return (int)i;
	return -1;
}

bool
resource_tells(const struct column *c)
{
	enum hd_type type = c->field->type;

	return c->type->column != NULL && type != HD_ID && type != HD_CREATED &&
	    type != HD_UPDATED && type != HD_EDITOR;
}

/* Member by member: gcc makes a struct in pieces of 8 bytes and copies it in pieces of 16, for
 * which a processor waits until the former have left it; that was an eighth of a list. */
void
resource_value(struct db_stmt *st, unsigned column, bool is_number, struct value *ret)
{
	bool present;

	ret->integer = 0;
	ret->text = text_of(NULL);
	if (is_number) {
		present = db_number(st, column, &ret->integer);
	} else {
		ret->text = db_text(st, column);
		present = ret->text.at != NULL;
	}
	ret->kind = !present ? VALUE_NULL : is_number ? VALUE_INT : VALUE_TEXT;
	ret->inactive = false;
}

void
resource_row(const struct resource *r, struct db_stmt *st, struct value *row)
{
	unsigned i;

	for (i = 0; i < r->count; i++)
		resource_value(st, i, r->columns[i].number, &row[i]);
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
	const char *const statements[] = { r->select_one, r->select_item, r->insert, r->erase };
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
