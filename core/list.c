/*
 * list.c - a list of rows: what was asked for, found out once, and what comes of it
 *
 * Without parameters of its own a list is one statement and all rows, along the ids if they
 * have its order (list_walk.h).  A page is read
 * from one statement, or behind a cursor from one after the other (list_sort.h) until it
 * is full; all of them see the same snapshot.
 */
#include "list.h"

#include "arena.h"
#include "choice.h"
#include "cleanup.h"
#include "cursor.h"
#include "db.h"
#include "list_form.h"
#include "list_link.h"
#include "list_parameter.h"
#include "request.h"
#include "resource.h"
#include "resource_serve.h"
#include "row.h"
#include "search.h"
#include "user_names.h"

/* ---- what was asked for ---- */

/* The value of a parameter by what it does; NULL: the list has none, or it was not given. */
static const struct value *
argument(const struct list *l, enum list_role role)
{
	int at = l->r->role_at[role];

	return at >= 0 && l->req->arguments[at].kind != VALUE_ABSENT ? &l->req->arguments[at] :
	    NULL;
}

static int64_t
number(const struct list *l, enum list_role role)
{
	const struct value *v = argument(l, role);

	return v != NULL ? v->integer : 0;
}

/* The sum of what a filter was given: their order does not matter. */
static uint64_t
check_of_values(const struct alternative *a)
{
	uint64_t sum = 0;

	for (; a != NULL; a = a->next)
		sum += cursor_check(0, a->text);
	return sum;
}

static uint64_t
add_number(uint64_t check, uint64_t n)
{
	char bytes[sizeof(n)];
	unsigned i;

	for (i = 0; i < sizeof(n); i++)
		bytes[i] = (char)(n >> 8 * i & 0xff);
	return cursor_check(check, (struct text){ bytes, sizeof(bytes) });
}

/* Whether a parameter of one value says which rows there are. */
static bool
narrows(enum list_role role)
{
	return role == LIST_SINCE || role == LIST_UNTIL || role == LIST_SEARCH;
}

/* What a cursor belongs to: rows of this path, these filters, this order. */
static uint64_t
check_of(const struct list *l)
{
	const struct resource *r = l->r;
	uint64_t check = cursor_check(0, text_of(r->d->table));
	unsigned i;

	for (i = 0; i < ROUTE_PARAMS; i++)
		check = cursor_check(check, l->req->params[i]);
	for (i = 0; r->filters[i].name != NULL; i++) {
		if (r->roles[i].role == LIST_FILTER)
			check = add_number(check, check_of_values(l->req->alternatives[i]));
		else if (narrows(r->roles[i].role))
			check = cursor_check(check, l->req->arguments[i].text);
	}
	return sort_check(&l->sort, check);
}

static bool
read_cursor(struct list *l)
{
	const struct value *v = argument(l, LIST_CURSOR);

	if (v == NULL)
		return true;
	l->resumed = true;
	switch (cursor_read(&l->req->arena, v->text, l->check, l->last, l->sort.count)) {
	case CURSOR_FINE:
		return true;
	case CURSOR_OF_ANOTHER_LIST:
		return request_fail(l->req, 400, "cursor", "cursor", "belongs to another list");
	case CURSOR_GARBAGE:
		break;
	}
	return request_fail(l->req, 400, "cursor", "cursor", "is none of this server");
}

static bool
read_fields(struct list *l)
{
	const struct value *v = argument(l, LIST_FIELDS);

	l->req->chosen = 0;
	return v == NULL || choice_read(l->req, v);
}

bool
list_read(struct request *req, struct list *ret)
{
	struct list *l = ret;

	*l = (struct list){ .req = req, .r = row_resource(req), .form = list_form(req) };
	if (!row_check_parent(req) || !where_make(req, &l->where) || !read_fields(l) ||
	    !sort_read(req, &l->where, &l->sort))
		return false;
	l->limit = number(l, LIST_LIMIT);
	l->counts = number(l, LIST_COUNT) != 0;
	l->snippets = number(l, LIST_SNIPPET) != 0;
	l->check = check_of(l);
	if (!read_cursor(l) ||
	    !sort_check_index(req, &l->where, &l->sort, l->limit > 0 || l->resumed))
		return false;
	l->walk = walk_begin(l);
	return true;
}

/* ---- statements ---- */

unsigned
list_statements(const struct list *l)
{
	return l->resumed ? sort_segments(&l->sort) : 1;
}

/* The place of the limit among the parameters. */
static unsigned
limit_parameter(const struct list *l)
{
	return l->where.count + SORT_KEYS + 1;
}

/* A page needs the values that it was sorted by, for its cursor; they follow the columns. */
static void
write_select(struct out *sql, const struct list *l)
{
	unsigned i;

	out_string(sql, l->r->selected_nameless);
	for (i = 0; l->limit > 0 && i < l->sort.count; i++)
		out_printf(sql, ", %s", l->sort.keys[i].sql);
	out_printf(sql, " FROM %s t", l->r->d->table);
	if (l->sort.ranked)
		search_join(sql, l->r);
	out_bytes(sql, l->where.sql.at, l->where.sql.len);
}

const char *
list_statement(const struct list *l, unsigned i, bool *needed, unsigned *parameters)
{
	int order = l->walk.column >= 0 ? SORT_BY_ID : SORT_WHOLE;
	struct out sql;

	*parameters = 0;
	*needed = !l->resumed || sort_has_segment(&l->sort, l->last, i);
	if (!*needed)
		return NULL;
	out_init(&sql, &l->req->arena, SIZE_MAX);
	write_select(&sql, l);
	if (l->resumed)
		*parameters = sort_write_segment(&sql, &l->sort, &l->where, l->last, i);
	sort_write_order(&sql, &l->sort, l->resumed ? (int)i : order);
	if (l->limit > 0)
		out_printf(&sql, " LIMIT ?%u", limit_parameter(l));
	out_char(&sql, '\0');
	return sql.failed || l->where.sql.failed ? NULL : sql.at;
}

static void
bind_where(struct db_stmt *st, const struct where *w)
{
	unsigned i;

	for (i = 0; i < w->count; i++)
		resource_bind(st, i + 1, &w->values[i]);
}

/* The i-th statement, ready; *st stays NULL if there can be no rows in it. */
static bool
prepare(struct list *l, unsigned i, struct db_stmt **st)
{
	unsigned parameters, k;
	bool needed;
	const char *sql = list_statement(l, i, &needed, &parameters);

	if (!needed)
		return true;
	*st = row_prepare(l->req, sql);
	if (*st == NULL)
		return false;
	bind_where(*st, &l->where);
	for (k = 0; k < parameters; k++)
		if (l->last[k].kind != VALUE_NULL)
			resource_bind(*st, l->where.count + 1 + k, &l->last[k]);
	if (l->limit > 0)
		db_bind_int(*st, limit_parameter(l), l->limit - l->rows + 1);
	return true;
}

/* ---- rows ---- */

/* Keeps the place of the last row of a page, in case that another follows. */
static void
note_place(struct list *l, struct db_stmt *st)
{
	struct value values[SORT_KEYS];
	unsigned i;

	for (i = 0; i < l->sort.count; i++)
		resource_value(st, l->r->count + i, l->sort.keys[i].number, &values[i]);
	l->next = cursor_write(&l->req->arena, l->check, values, l->sort.count);
	if (l->next.at == NULL)
		request_fail_memory(l->req);
}

static bool
is_full(const struct list *l)
{
	return l->limit > 0 && l->rows == l->limit;
}

/* Names of users stand beside their ids. */
static bool
put_names(struct list *l, struct value *row)
{
	struct request *req = l->req;
	enum db_result result;
	struct text name;
	unsigned i;

	user_names_next_row(l->names);
	for (i = 0; i < l->r->count; i++) {
		const struct value *user = l->r->columns[i].of >= 0 ?
		    &row[l->r->columns[i].of] : NULL;

		if (user == NULL || user->kind != VALUE_INT)
			continue;
		result = user_names_get(l->names, req->db, user->integer, &name);
		if (result != DB_ROW && result != DB_DONE)
			return request_fail_db(req, result);
		row[i] = result == DB_ROW ? value_text(name) : value_null();
	}
	return true;
}

static void
emit_row(struct list *l, struct db_stmt *st)
{
	struct value row[RESOURCE_FIELDS];

	resource_row(l->r, st, row);
	if (!walk_step(&l->walk, row) || !put_names(l, row))
		return;
	l->form->row(l, row);
	l->rows++;
	if (is_full(l))
		note_place(l, st);
}

static bool
emit_statement(struct list *l, unsigned i)
{
	CLEANUP(db_release) struct db_stmt *st = NULL;
	struct out *out = &l->req->answer.body;
	enum db_result result;

	if (!prepare(l, i, &st))
		return false;
	if (st == NULL)
		return true;
	while ((result = db_step(st)) == DB_ROW && !out->failed && l->req->status == 0) {
		l->more = is_full(l);
		if (l->more)
			return true;
		emit_row(l, st);
		if (l->walk.broken)
			return true;
	}
	/* An answer that outgrew its buffer is noticed by whoever gave the buffer. */
	if (result == DB_ROW || result == DB_DONE)
		return l->req->status == 0;
	return request_fail_db(l->req, result);
}

static bool
emit_rows(struct list *l)
{
	unsigned i;

	etag_begin(&l->req->etag);	/* a list of nothing has a tag, too */
	l->form->open(l);
	for (i = 0; i < list_statements(l) && !l->more && !l->req->answer.body.failed; i++)
		if (!emit_statement(l, i))
			return false;
	if (!l->walk.broken)
		l->form->close(l);
	return true;
}

static bool
emit(struct list *l)
{
	if (!emit_rows(l))
		return false;
	if (!l->walk.broken)
		return true;
	walk_give_up(l);
	return emit_rows(l);
}

/* ---- what is said about them ---- */

static bool
count_rows(struct list *l, int64_t *ret)
{
	CLEANUP(db_release) struct db_stmt *st = NULL;
	const struct out *where = &l->where.sql;
	enum db_result result;

	st = row_prepare(l->req, arena_printf(&l->req->arena, "SELECT count(*) FROM %s t%.*s",
	    l->r->d->table, (int)where->len, where->len > 0 ? where->at : ""));
	if (st == NULL)
		return false;
	bind_where(st, &l->where);
	result = db_step(st);
	if (result != DB_ROW)
		return request_fail_db(l->req, result);
	*ret = db_int(st, 0);
	return true;
}

static bool
say_count(struct list *l)
{
	const char *said;
	int64_t n = 0;

	if (!l->counts)
		return true;
	if (!count_rows(l, &n))
		return false;
	said = arena_printf(&l->req->arena, "%lld", (long long)n);
	if (said == NULL)
		return request_fail_memory(l->req);
	answer_header(l->req, "x-total-count", text_of(said));
	return true;
}

static bool
say_pages(struct list *l)
{
	struct text link;

	if (l->limit == 0)
		return true;
	link = list_link(l->req, l->more ? l->next : (struct text){ NULL, 0 });
	if (link.at == NULL)
		return request_fail_memory(l->req);
	answer_header(l->req, "link", link);
	return true;
}

bool
resource_list(struct request *req)
{
	CLEANUP(user_names_fini) struct user_names names;
	struct list list;

	user_names_init(&names);
	if (!list_read(req, &list))
		return false;
	list.names = &names;
	if (!say_count(&list) || !emit(&list) || !say_pages(&list))
		return false;
	list.form->head(&list);
	answer_complete(req, 200);
	return true;
}
