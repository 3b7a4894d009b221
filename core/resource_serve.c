/*
 * resource_serve.c - what the routes of a resource do
 *
 * One set of functions for every resource; what is peculiar to one is in its table.
 */
#include "resource_serve.h"

#include <inttypes.h>
#include <string.h>

#include "attachment.h"
#include "audit.h"
#include "cleanup.h"
#include "db.h"
#include "json.h"
#include "key.h"
#include "request.h"
#include "resource.h"
#include "search.h"
#include "type.h"
#include "user.h"

static const struct resource *
resource_of(const struct request *req)
{
	return req->route->resource;
}

/* The {id} of the path; the router has seen that it is one. */
static int64_t
id_of(const struct request *req)
{
	int64_t id = 0;

	(void)text_to_int(req->params[0], &id);
	return id;
}

static bool
fail_absent(struct request *req, int64_t id)
{
	return request_fail_sentence(req, 404, "not_found", NULL, "No %s %" PRId64 ".",
	    resource_of(req)->d->one, id);
}

/* sql NULL: the arena in which it was to be made is used up. */
static struct db_stmt *
prepare(struct request *req, const char *sql)
{
	struct db_stmt *st;
	struct err e;

	if (sql == NULL) {
		request_fail_memory(req);
		return NULL;
	}
	st = db_prepare(req->db, sql, &e);
	if (st == NULL)
		request_fail_inside(req, "%s", e.message);
	return st;
}

/* ---- writing rows ---- */

static void
emit_row(struct request *req, const struct value *row)
{
	const struct resource *r = resource_of(req);
	struct emission e = { &req->answer.body, req, r, row[0].integer };
	unsigned i;

	for (i = 0; i < r->count; i++) {
		out_text(e.out, r->columns[i].member);
		value_emit(&e, r->columns[i].field, &row[i]);
	}
	out_char(e.out, '}');
}

static bool
answer_row(struct request *req, int status, const struct value *row)
{
	out_text(&req->answer.body, resource_of(req)->one_open);
	emit_row(req, row);
	out_char(&req->answer.body, '}');
	if (req->status != 0)
		return false;
	answer_complete(req, status);
	return true;
}

/* ---- reading ---- */

bool
resource_get(struct request *req)
{
	CLEANUP(db_release) struct db_stmt *st = prepare(req, resource_of(req)->select_one);
	struct value row[RESOURCE_FIELDS];
	enum db_result result;

	if (st == NULL)
		return false;
	db_bind_int(st, 1, id_of(req));
	result = db_step(st);
	if (result == DB_DONE)
		return fail_absent(req, id_of(req));
	if (result != DB_ROW)
		return request_fail_db(req, result);
	resource_row(resource_of(req), st, row);
	return answer_row(req, 200, row);
}

/* ---- lists ---- */

/* The conditions of a list in the making: their SQL, and the values for it. */
struct where {
	struct out sql;
	struct value values[RESOURCE_FIELDS + SEARCH_PARAMETERS];
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
		return request_fail_sentence(req, 400, "required", resource_of(req)->d->search,
		    "Parameter '%s' is required.", resource_of(req)->d->search);
	begin_condition(w);
	n = search_condition(&w->sql, &req->arena, resource_of(req), value, w->count + 1, values);
	if (n == 0)
		return request_fail_memory(req);
	for (i = 0; i < n; i++)
		w->values[w->count++] = value_text(values[i]);
	return true;
}

static bool
add_filter(struct request *req, struct where *w, unsigned i)
{
	const struct resource *r = resource_of(req);
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
	const struct resource *r = resource_of(req);
	unsigned i;

	out_init(&w->sql, &req->arena, SIZE_MAX);
	w->count = 0;
	if (r->d->listed != NULL)
		out_printf(&w->sql, " WHERE t.%s = 1", r->d->listed);
	for (i = 0; r->filters[i].name != NULL; i++)
		if (!add_filter(req, w, i))
			return false;
	return true;
}

static struct db_stmt *
prepare_list(struct request *req, const struct where *w)
{
	const struct resource *r = resource_of(req);
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
	st = prepare(req, sql.at);
	for (i = 0; st != NULL && i < w->count; i++)
		resource_bind(st, i + 1, &w->values[i]);
	return st;
}

static bool
emit_rows(struct request *req, struct db_stmt *st)
{
	const struct resource *r = resource_of(req);
	struct out *out = &req->answer.body;
	struct value row[RESOURCE_FIELDS];
	enum db_result result;
	bool first = true;

	while ((result = db_step(st)) == DB_ROW && !out->failed && req->status == 0) {
		if (!first)
			out_char(out, ',');
		first = false;
		resource_row(r, st, row);
		emit_row(req, row);
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

	if (!make_where(req, &where))
		return false;
	st = prepare_list(req, &where);
	if (st == NULL)
		return false;
	out_text(&req->answer.body, resource_of(req)->many_open);
	if (!emit_rows(req, st))
		return false;
	out_text(&req->answer.body, TEXT("]}"));
	answer_complete(req, 200);
	return true;
}

/* ---- what changes share ---- */

/* Names the field whose value is taken, by asking for each that must be unique. */
static bool
fail_taken(struct request *req, const struct value *row, int64_t own)
{
	const struct resource *r = resource_of(req);
	unsigned i;

	for (i = 0; i < r->count; i++) {
		CLEANUP(db_release) struct db_stmt *st = NULL;
		const struct hd_field *f = r->columns[i].field;

		if ((f->flags & HD_UNIQUE) == 0 || row[i].kind != VALUE_TEXT)
			continue;
		st = prepare(req, arena_printf(&req->arena,
		    "SELECT id FROM %s WHERE %s = ?1 AND id <> ?2", r->d->table, f->name));
		if (st == NULL)
			return false;
		db_bind_text(st, 1, row[i].text);
		db_bind_int(st, 2, own);
		if (db_step(st) == DB_ROW)
			request_fail(req, 409, "taken", f->name, "'%.*s' is taken",
			    TEXT_SHOWN(row[i].text));
	}
	return req->status == 0 ? request_fail_db(req, DB_NOT_UNIQUE) : false;
}

static bool
fail_change(struct request *req, enum db_result result, const struct value *row, int64_t own)
{
	if (result == DB_NOT_UNIQUE)
		return fail_taken(req, row, own);
	return request_fail_db(req, result);
}

/* A member of the audit entry's changes: "field":[old,new]. */
static void
emit_change(struct emission *e, const struct column *c, const struct value *from,
    const struct value *to)
{
	static const struct value null = { VALUE_NULL, 0, { NULL, 0 } };

	out_string(e->out, e->out->len > 1 ? ",\"" : "\"");
	out_string(e->out, c->field->name);
	out_string(e->out, "\":[");
	value_emit(e, c->field, from != NULL ? from : &null);
	out_char(e->out, ',');
	value_emit(e, c->field, to != NULL ? to : &null);
	out_char(e->out, ']');
}

/* Whether a column tells something that the rest of the audit entry does not. */
static bool
audited(const struct column *c)
{
	return c->type->column != NULL && c->field->type != HD_ID &&
	    c->field->type != HD_CREATED && c->field->type != HD_UPDATED &&
	    c->field->type != HD_EDITOR;
}

/* Writes the audit entry of a row that was from and is to; NULL: was not, is not. */
static bool
audit_row(struct request *req, const char *action, int64_t id, const struct value *from,
    const struct value *to)
{
	static const struct value null = { VALUE_NULL, 0, { NULL, 0 } };
	const struct resource *r = resource_of(req);
	struct out out;
	struct emission e = { &out, req, r, id };
	unsigned i;

	out_init(&out, &req->arena, SIZE_MAX);
	out_char(&out, '{');
	for (i = 0; i < r->count; i++)
		if (audited(&r->columns[i]) && !value_equal(from != NULL ? &from[i] : &null,
		    to != NULL ? &to[i] : &null))
			emit_change(&e, &r->columns[i], from != NULL ? &from[i] : NULL,
			    to != NULL ? &to[i] : NULL);
	out_char(&out, '}');
	if (out.failed)
		return request_fail_memory(req);
	return audit_write(req, action, r->d->table, id, (struct text){ out.at, out.len });
}

static bool
index_row(struct request *req, int64_t id)
{
	struct err e;

	if (!resource_of(req)->searched ||
	    search_put(req->db, resource_of(req), id, &e))
		return true;
	return request_fail_inside(req, "%s", e.message);
}

static bool
bind_fold(struct request *req, struct db_stmt *st, unsigned parameter, const struct value *v)
{
	struct text folded = { NULL, 0 };

	if (v->kind == VALUE_TEXT) {
		folded = text_fold(&req->arena, v->text);
		if (folded.at == NULL)
			return request_fail_memory(req);
	}
	db_bind_text(st, parameter, folded);
	return true;
}

/* ---- creating ---- */

/* What the server itself knows of a new row. */
static void
stamp_new(struct request *req, struct value *row)
{
	const struct resource *r = resource_of(req);
	struct value now = value_text(text_of(req->now_text));
	unsigned i;

	for (i = 0; i < r->count; i++) {
		enum hd_type type = r->columns[i].field->type;

		if (type == HD_CREATED || type == HD_UPDATED)
			row[i] = now;
		else if (type == HD_EDITOR)
			row[i].kind = VALUE_NULL;
	}
}

/* Derived members of a row that was not read from the database: names of users. */
static void
complete_row(const struct resource *r, struct value *row)
{
	unsigned i;

	for (i = 0; i < r->count; i++)
		if (r->columns[i].of >= 0) {
			row[i] = row[r->columns[i].of];
			row[i].kind = row[i].kind == VALUE_INT ? VALUE_TEXT : VALUE_NULL;
		}
}

/* Binds in the order of make_insert (resource.c). */
static bool
bind_new(struct request *req, struct db_stmt *st, const struct value *row)
{
	const struct resource *r = resource_of(req);
	unsigned i, n = 0;

	for (i = 0; i < r->count; i++)
		if (r->columns[i].type->column != NULL && r->columns[i].field->type != HD_ID)
			resource_bind(st, ++n, &row[i]);
	for (i = 0; i < r->count; i++)
		if (r->columns[i].fold != NULL && !bind_fold(req, st, ++n, &row[i]))
			return false;
	return true;
}

static bool
insert(struct request *req, struct value *row)
{
	CLEANUP(db_release) struct db_stmt *st = prepare(req, resource_of(req)->insert);
	enum db_result result;

	if (st == NULL || !bind_new(req, st, row))
		return false;
	result = db_step(st);
	if (result != DB_ROW)
		return fail_change(req, result, row, 0);
	row[0] = value_int(db_int(st, 0));
	result = db_step(st);
	return result == DB_DONE || fail_change(req, result, row, 0);
}

bool
resource_create(struct request *req)
{
	struct value *row = req->values;

	stamp_new(req, row);
	if (!insert(req, row))
		return false;
	complete_row(resource_of(req), row);
	return index_row(req, row[0].integer) &&
	    audit_row(req, "create", row[0].integer, NULL, row) && answer_row(req, 201, row);
}

/* ---- changing ---- */

static bool
keep_row(struct request *req, struct value *row)
{
	unsigned i;

	for (i = 0; i < resource_of(req)->count; i++)
		if (row[i].kind == VALUE_TEXT) {
			row[i].text.at = arena_copy(&req->arena, row[i].text.at, row[i].text.len);
			if (row[i].text.at == NULL)
				return request_fail_memory(req);
		}
	return true;
}

/* Reads a row to keep; on absence the request fails with 404. */
static bool
read_row(struct request *req, int64_t id, struct value *row)
{
	CLEANUP(db_release) struct db_stmt *st = prepare(req, resource_of(req)->select_one);
	enum db_result result;

	if (st == NULL)
		return false;
	db_bind_int(st, 1, id);
	result = db_step(st);
	if (result == DB_DONE)
		return fail_absent(req, id);
	if (result != DB_ROW)
		return request_fail_db(req, result);
	resource_row(resource_of(req), st, row);
	return keep_row(req, row);
}

/* Puts what the body gives over what was there; true if anything differs. */
static bool
apply(struct request *req, const struct value *from, struct value *to)
{
	const struct resource *r = resource_of(req);
	bool changed = false;
	unsigned i;

	for (i = 0; i < r->count; i++) {
		const struct value *given = &req->values[i];

		to[i] = given->kind == VALUE_ABSENT ? from[i] : *given;
		changed |= r->columns[i].type->given && !value_equal(&from[i], &to[i]);
	}
	return changed;
}

/* What the server itself knows of a changed row. */
static void
stamp_changed(struct request *req, struct value *row)
{
	const struct resource *r = resource_of(req);
	int64_t user = req->client != NULL ? req->client->hd.user : 0;
	unsigned i;

	for (i = 0; i < r->count; i++) {
		enum hd_type type = r->columns[i].field->type;

		if (type == HD_UPDATED)
			row[i] = value_text(text_of(req->now_text));
		else if (type == HD_EDITOR)
			row[i] = user != 0 ? value_int(user) : value_null();
	}
}

/* UPDATE with just the columns that differ: others, and their indexes, are left alone. */
static struct db_stmt *
prepare_update(struct request *req, const struct value *from, const struct value *to)
{
	const struct resource *r = resource_of(req);
	unsigned i, n = 0;
	struct out sql;

	out_init(&sql, &req->arena, SIZE_MAX);
	out_printf(&sql, "UPDATE %s SET ", r->d->table);
	for (i = 0; i < r->count; i++) {
		const struct column *c = &r->columns[i];

		if (c->type->column == NULL || value_equal(&from[i], &to[i]))
			continue;
		out_printf(&sql, "%s%s = ?%u", n > 0 ? ", " : "", c->field->name, n + 1);
		n++;
		if (c->fold != NULL)
			out_printf(&sql, ", %s = ?%u", c->fold, ++n);
	}
	out_printf(&sql, " WHERE id = ?%u", n + 1);
	out_char(&sql, '\0');
	if (sql.failed) {
		request_fail_memory(req);
		return NULL;
	}
	return prepare(req, sql.at);
}

static bool
bind_update(struct request *req, struct db_stmt *st, const struct value *from,
    const struct value *to)
{
	const struct resource *r = resource_of(req);
	unsigned i, n = 0;

	for (i = 0; i < r->count; i++) {
		if (r->columns[i].type->column == NULL || value_equal(&from[i], &to[i]))
			continue;
		resource_bind(st, ++n, &to[i]);
		if (r->columns[i].fold != NULL && !bind_fold(req, st, ++n, &to[i]))
			return false;
	}
	db_bind_int(st, n + 1, from[0].integer);
	return true;
}

static bool
update(struct request *req, const struct value *from, const struct value *to)
{
	CLEANUP(db_release) struct db_stmt *st = prepare_update(req, from, to);
	enum db_result result;

	if (st == NULL || !bind_update(req, st, from, to))
		return false;
	result = db_step(st);
	return result == DB_DONE || fail_change(req, result, to, from[0].integer);
}

/* Whether anything that is searched has changed; making the index of a long text costs. */
static bool
search_differs(const struct request *req, const struct value *from, const struct value *to)
{
	const struct resource *r = resource_of(req);
	unsigned i;

	for (i = 0; i < r->count; i++)
		if (r->columns[i].field->flags & HD_SEARCH && !value_equal(&from[i], &to[i]))
			return true;
	return false;
}

bool
resource_update(struct request *req)
{
	struct value from[RESOURCE_FIELDS], to[RESOURCE_FIELDS];
	int64_t id = id_of(req);

	if (!read_row(req, id, from))
		return false;
	if (!apply(req, from, to))
		return answer_row(req, 200, from);
	stamp_changed(req, to);
	if (!update(req, from, to) || (search_differs(req, from, to) && !index_row(req, id)) ||
	    !audit_row(req, "update", id, from, to))
		return false;
	/* Read again, for what the database derives from the new values. */
	return read_row(req, id, to) && answer_row(req, 200, to);
}

/* ---- deleting ---- */

static bool
erase(struct request *req, int64_t id)
{
	CLEANUP(db_release) struct db_stmt *st = prepare(req, resource_of(req)->erase);
	enum db_result result;

	if (st == NULL)
		return false;
	db_bind_int(st, 1, id);
	result = db_step(st);
	return result == DB_DONE || request_fail_db(req, result);
}

/* What belongs to a row goes with it; the audit entries stay. */
static bool
erase_belongings(struct request *req, int64_t id)
{
	const struct resource *r = resource_of(req);
	struct err e;

	if (attachment_erase(req->db, r->d->table, id, &e) &&
	    (!r->searched || search_erase(req->db, r, id, &e)))
		return true;
	return request_fail_inside(req, "%s", e.message);
}

bool
resource_delete(struct request *req)
{
	struct value row[RESOURCE_FIELDS];
	int64_t id = id_of(req);

	if (!read_row(req, id, row) || !erase_belongings(req, id) || !erase(req, id) ||
	    !audit_row(req, "delete", id, row, NULL))
		return false;
	out_string(&req->answer.body, "{\"status\":\"deleted\",\"id\":");
	out_int(&req->answer.body, id);
	out_char(&req->answer.body, '}');
	answer_complete(req, 200);
	return true;
}
