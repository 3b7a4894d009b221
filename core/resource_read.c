/*
 * resource_read.c - what the routes of a resource do that change nothing: get and list
 *
 * One set of functions for every resource; what is peculiar to one is in its table.
 */
#include "resource_serve.h"

#include "cleanup.h"
#include "db.h"
#include "request.h"
#include "resource.h"
#include "row.h"
#include "search.h"
#include "type.h"
#include "user.h"

bool
resource_get(struct request *req)
{
	CLEANUP(db_release) struct db_stmt *st = row_select(req);
	struct value row[RESOURCE_FIELDS];
	enum db_result result;

	if (st == NULL)
		return false;
	result = db_step(st);
	if (result == DB_DONE)
		return row_fail_absent(req, row_id(req));
	if (result != DB_ROW)
		return request_fail_db(req, result);
	resource_row(row_resource(req), st, row);
	return row_answer(req, 200, row);
}

/* ---- lists ---- */

/* The conditions of a list in the making: their SQL, and the values for it. */
struct where {
	struct out sql;
	struct value values[RESOURCE_FIELDS + SEARCH_PARAMETERS + 1];
	unsigned count;
};

static void
begin_condition(struct where *w)
{
	out_string(&w->sql, w->sql.len == 0 ? " WHERE " : " AND ");
}

static bool
filter_by_user(struct request *req, struct where *w, const struct hd_field *f, struct text who)
{
	struct user user;
	struct err e;

	switch (user_find(req->db, &req->arena, who, &user, &e)) {
	case USER_FAULT:
		return request_fail_inside(req, "%s", e.message);
	case USER_ABSENT:
		if (f->missing != NULL)
			return request_fail_sentence(req, 404, "not_found", f->name, "%s",
			    f->missing);
		return request_fail(req, 404, "not_found", f->name, "no user '%.*s'",
		    TEXT_SHOWN(who));
	case USER_FOUND:
		break;
	}
	begin_condition(w);
	w->values[w->count++] = value_int(user.id);
	out_printf(&w->sql, "t.%s = ?%u", f->name, w->count);
	return true;
}

static bool
filter_by_text(struct request *req, struct where *w, const struct column *c, struct text value)
{
	struct text folded = text_fold(&req->arena, value);

	if (folded.at == NULL)
		return request_fail_memory(req);
	begin_condition(w);
	w->values[w->count++] = value_text(folded);
	if (c->field->flags & HD_CONTAINS)
		out_printf(&w->sql, DB_CONTAINS, c->fold, w->count);
	else
		out_printf(&w->sql, "t.%s = ?%u", c->fold, w->count);
	return true;
}

static bool
filter_by_search(struct request *req, struct where *w, struct text value)
{
	struct text values[SEARCH_PARAMETERS];
	unsigned i, n;

	value = text_trim(value);
	if (value.len == 0)
		return request_fail_sentence(req, 400, "required", row_resource(req)->d->search,
		    "Parameter '%s' is required.", row_resource(req)->d->search);
	begin_condition(w);
	n = search_condition(&w->sql, &req->arena, row_resource(req), value, w->count + 1, values);
	if (n == 0)
		return request_fail_memory(req);
	for (i = 0; i < n; i++)
		w->values[w->count++] = value_text(values[i]);
	return true;
}

static bool
add_filter(struct request *req, struct where *w, unsigned i)
{
	const struct resource *r = row_resource(req);
	const struct value *v = &req->arguments[i];
	const struct column *c;

	if (r->filtered[i] == -1)
		return filter_by_search(req, w, v->text);
	c = &r->columns[r->filtered[i]];
	if (v->kind == VALUE_ABSENT)
		return true;
	if (c->field->type == HD_USER)
		return filter_by_user(req, w, c->field, v->text);
	return filter_by_text(req, w, c, v->text);
}

static bool
make_where(struct request *req, struct where *w)
{
	const struct resource *r = row_resource(req);
	unsigned i;

	out_init(&w->sql, &req->arena, SIZE_MAX);
	w->count = 0;
	if (r->tied != NULL) {
		begin_condition(w);
		out_string(&w->sql, r->tied);
		w->values[w->count++] = value_int(row_parent_id(req));
	}
	if (r->d->listed != NULL) {
		begin_condition(w);
		out_printf(&w->sql, "t.%s = 1", r->d->listed);
	}
	for (i = 0; r->filters[i].name != NULL; i++)
		if (!add_filter(req, w, i))
			return false;
	return true;
}

static struct db_stmt *
prepare_list(struct request *req, const struct where *w)
{
	const struct resource *r = row_resource(req);
	struct db_stmt *st;
	struct out sql;
	unsigned i;

	out_init(&sql, &req->arena, SIZE_MAX);
	out_string(&sql, r->select);
	out_bytes(&sql, w->sql.at, w->sql.len);
	out_string(&sql, r->order);
	out_char(&sql, '\0');
	if (sql.failed || w->sql.failed) {
		request_fail_memory(req);
		return NULL;
	}
	st = row_prepare(req, sql.at);
	for (i = 0; st != NULL && i < w->count; i++)
		resource_bind(st, i + 1, &w->values[i]);
	return st;
}

static bool
emit_rows(struct request *req, struct db_stmt *st)
{
	const struct resource *r = row_resource(req);
	struct out *out = &req->answer.body;
	struct value row[RESOURCE_FIELDS];
	enum db_result result;
	bool first = true;

	while ((result = db_step(st)) == DB_ROW && !out->failed && req->status == 0) {
		if (!first)
			out_char(out, ',');
		first = false;
		resource_row(r, st, row);
		row_emit(req, row);
	}
	/* An answer that outgrew its buffer is noticed by whoever gave the buffer. */
	if (result == DB_ROW || result == DB_DONE)
		return req->status == 0;
	return request_fail_db(req, result);
}

bool
resource_list(struct request *req)
{
	CLEANUP(db_release) struct db_stmt *st = NULL;
	struct where where;

	if (!row_check_parent(req) || !make_where(req, &where))
		return false;
	st = prepare_list(req, &where);
	if (st == NULL)
		return false;
	etag_begin(&req->etag);	/* a list of nothing has a tag, too */
	out_text(&req->answer.body, row_resource(req)->many_open);
	if (!emit_rows(req, st))
		return false;
	out_text(&req->answer.body, TEXT("]}"));
	answer_complete(req, 200);
	return true;
}
