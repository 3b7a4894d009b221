/*
 * list_where.c - which rows a list has: its filters as a condition
 *
 * A filter that was given several values finds what has any of them.  A value with commas
 * is also one of its own, so that whoever does not encode them finds what he found.
 */
#include "list_where.h"

#include <string.h>

#include "arena.h"
#include "db.h"
#include "err.h"
#include "list_parameter.h"
#include "reader.h"
#include "request.h"
#include "resource.h"
#include "row.h"
#include "search.h"
#include "user.h"

void
where_and(struct where *w)
{
	out_string(&w->sql, w->sql.len == 0 ? " WHERE " : " AND ");
}

unsigned
where_value(struct where *w, struct value v)
{
	struct value *more;

	if (w->count == w->room) {
		more = arena_alloc(w->sql.arena, (2 * w->room + 8) * sizeof(*more));
		if (more == NULL) {
			w->sql.failed = true;
			return w->count;
		}
		if (w->count > 0)
			memcpy(more, w->values, w->count * sizeof(*more));
		w->values = more;
		w->room = 2 * w->room + 8;
	}
	w->values[w->count++] = v;
	return w->count;
}

/* The condition that a column has one of the values from this parameter on. */
static void
equal_any(struct where *w, const char *column, unsigned first)
{
	unsigned i;

	where_and(w);
	if (w->count < first) {
		out_string(&w->sql, "1 = 0");
	} else if (w->count == first) {
		out_printf(&w->sql, "t.%s = ?%u", column, first);
	} else {
		out_printf(&w->sql, "t.%s IN (?%u", column, first);
		for (i = first + 1; i <= w->count; i++)
			out_printf(&w->sql, ", ?%u", i);
		out_char(&w->sql, ')');
	}
}

/* ---- filters ---- */

/* A filter on its way. */
struct filter {
	struct request *req;
	struct where *w;
	const struct column *c;
	const char *name;		/* of the parameter */
	const struct alternative *first;
};

static bool
fail_user(const struct filter *f, struct text who)
{
	if (f->c->field->missing != NULL)
		return request_fail_sentence(f->req, 404, "not_found", f->name, "%s",
		    f->c->field->missing);
	return request_fail(f->req, 404, "not_found", f->name, "no user '%.*s'",
	    TEXT_SHOWN(who));
}

/* A user's name may have commas: if there is one of the whole name, parts need not be. */
static bool
filter_by_user(const struct filter *f)
{
	const struct alternative *a;
	unsigned first = f->w->count + 1;
	bool whole = false;
	struct user user;
	struct err e;

	for (a = f->first; a != NULL; a = a->next) {
		whole &= a->part;
		switch (user_find(f->req->db, &f->req->arena, a->text, &user, &e)) {
		case USER_FAULT:
			return request_fail_db(f->req, db_last_failure(f->req->db));
		case USER_ABSENT:
			if (!a->split && !whole)
				return fail_user(f, a->text);
			break;
		case USER_FOUND:
			whole |= a->split;
			where_value(f->w, value_int(user.id));
		}
	}
	equal_any(f->w, f->c->field->name, first);
	return true;
}

static bool
filter_by_whole(const struct filter *f)
{
	unsigned first = f->w->count + 1;
	const struct alternative *a;
	struct text folded;

	for (a = f->first; a != NULL; a = a->next) {
		folded = text_fold(&f->req->arena, a->text);
		if (folded.at == NULL)
			return request_fail_memory(f->req);
		where_value(f->w, value_text(folded));
	}
	equal_any(f->w, f->c->fold, first);
	return true;
}

static bool
filter_by_part(const struct filter *f)
{
	const struct alternative *a;
	struct text folded;

	where_and(f->w);
	out_string(&f->w->sql, f->first->next != NULL ? "(" : "");
	for (a = f->first; a != NULL; a = a->next) {
		folded = text_fold(&f->req->arena, a->text);
		if (folded.at == NULL)
			return request_fail_memory(f->req);
		out_string(&f->w->sql, a != f->first ? " OR " : "");
		out_printf(&f->w->sql, DB_CONTAINS, f->c->fold,
		    where_value(f->w, value_text(folded)));
	}
	out_string(&f->w->sql, f->first->next != NULL ? ")" : "");
	return true;
}

/* What a text is as a value of a field; false if it can be none. */
static bool
exact(const struct hd_field *f, struct text t, struct value *v)
{
	switch (f->type) {
	case HD_INTEGER:
		*v = value_int(0);
		return text_to_int(t, &v->integer);
	case HD_BOOLEAN:
		*v = value_int(text_equal(t, TEXT("true")));
		return v->integer || text_equal(t, TEXT("false"));
	default:
		*v = value_text(t);
		return true;
	}
}

static bool
filter_exactly(const struct filter *f)
{
	unsigned first = f->w->count + 1;
	const struct alternative *a;
	struct value v;

	for (a = f->first; a != NULL; a = a->next)
		if (exact(f->c->field, a->text, &v))
			where_value(f->w, v);
	equal_any(f->w, f->c->field->name, first);
	return true;
}

static bool
filter_by(const struct filter *f)
{
	if (f->c->field->type == HD_USER)
		return filter_by_user(f);
	if (f->c->field->flags & HD_CONTAINS)
		return filter_by_part(f);
	return f->c->field->flags & HD_FILTER ? filter_by_whole(f) : filter_exactly(f);
}

/* ---- search ---- */

static bool
search_by(struct request *req, struct where *w, struct text value)
{
	const struct resource *r = row_resource(req);
	struct text values[SEARCH_PARAMETERS];
	unsigned i, n;

	value = text_trim(value);
	if (value.len == 0 && (r->d->flags & HD_SEARCH_OPTIONAL) != 0)
		return true;
	if (value.len == 0)
		return request_fail_sentence(req, 400, "required", r->d->search,
		    "Parameter '%s' is required.", r->d->search);
	where_and(w);
	w->term_parameter = w->count + 1;
	n = search_condition(&w->sql, req->db, reader_weights(req->reader), &req->arena, r,
	    value, w->term_parameter, values);
	if (n == 0)
		return request_fail_memory(req);
	w->term = values[0];
	for (i = 0; i < n; i++)
		where_value(w, value_text(values[i]));
	return true;
}

/* ---- the whole ---- */

static bool
add_parameter(struct request *req, struct where *w, unsigned i)
{
	const struct resource *r = row_resource(req);
	const struct list_parameter *p = &r->roles[i];
	const struct value *v = &req->arguments[i];
	const struct filter f = { req, w, &r->columns[p->column], r->filters[i].name,
	    req->alternatives[i] };

	switch (p->role) {
	case LIST_FILTER:
		return f.first == NULL || filter_by(&f);
	case LIST_SEARCH:
		return v->kind == VALUE_ABSENT || search_by(req, w, v->text);
	case LIST_SINCE:
	case LIST_UNTIL:
		if (v->kind == VALUE_ABSENT)
			return true;
		where_and(w);
		out_printf(&w->sql, "t.%s %s ?%u", f.c->field->name,
		    p->role == LIST_SINCE ? ">=" : "<", where_value(w, *v));
		return true;
	default:
		return true;
	}
}

bool
where_make(struct request *req, struct where *w)
{
	const struct resource *r = row_resource(req);
	unsigned i;

	*w = (struct where){ .count = 0 };
	out_init(&w->sql, &req->arena, SIZE_MAX);
	if (r->tied != NULL) {
		where_and(w);
		out_string(&w->sql, r->tied);
		where_value(w, value_int(row_parent_id(req)));
	}
	if (r->d->listed != NULL) {
		where_and(w);
		out_printf(&w->sql, "t.%s = 1", r->d->listed);
	}
	for (i = 0; r->filters[i].name != NULL; i++)
		if (!add_parameter(req, w, i))
			return false;
	return true;
}
