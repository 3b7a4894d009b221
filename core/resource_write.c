/*
 * resource_write.c - what the routes of a resource do that change something
 *
 * Called inside the writer's transaction: whatever returns false is undone.  Each change
 * writes its audit entry and keeps what is derived from the row.
 */
#include "resource_serve.h"

#include <string.h>

#include "attachment.h"
#include "audit.h"
#include "cleanup.h"
#include "core_rules.h"
#include "db.h"
#include "hook.h"
#include "key.h"
#include "request.h"
#include "resource.h"
#include "row.h"
#include "search.h"
#include "type.h"
#include "version.h"

/* ---- what changes share ---- */

/* Names the field whose value is taken, by asking for each that must be unique. */
static bool
fail_taken(struct request *req, const struct value *row, int64_t own)
{
	const struct resource *r = row_resource(req);
	unsigned i;

	for (i = 0; i < r->count; i++) {
		CLEANUP(db_release) struct db_stmt *st = NULL;
		const struct hd_field *f = r->columns[i].field;

		if ((f->flags & HD_UNIQUE) == 0 || row[i].kind != VALUE_TEXT)
			continue;
		st = row_prepare(req, arena_printf(&req->arena,
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
	value_emit(e, TEXT(""), c->field, from != NULL ? from : &null);
	value_emit(e, TEXT(","), c->field, to != NULL ? to : &null);
	out_char(e->out, ']');
}

/* Writes the audit entry of a row that was from and is to; NULL: was not, is not. */
static bool
audit_row(struct request *req, const char *action, int64_t id, const struct value *from,
    const struct value *to)
{
	static const struct value null = { VALUE_NULL, 0, { NULL, 0 } };
	const struct resource *r = row_resource(req);
	struct out out;
	struct emission e = { &out, req, r, id };
	unsigned i;

	out_init(&out, &req->arena, SIZE_MAX);
	out_char(&out, '{');
	for (i = 0; i < r->count; i++)
		if (resource_tells(&r->columns[i]) && !value_equal(from != NULL ? &from[i] : &null,
		    to != NULL ? &to[i] : &null))
			emit_change(&e, &r->columns[i], from != NULL ? &from[i] : NULL,
			    to != NULL ? &to[i] : NULL);
	out_char(&out, '}');
	if (out.failed)
		return request_fail_memory(req);
	return audit_write(req, action, r->audited, id, (struct text){ out.at, out.len });
}

static bool
index_row(struct request *req, int64_t id)
{
	struct err e;

	if (!row_resource(req)->searched ||
	    search_put(req->db, row_resource(req), id, &e))
		return true;
	return request_fail_inside(req, "%s", e.message);
}

static bool
index_new_row(struct request *req, const struct value *row)
{
	const struct resource *r = row_resource(req);
	struct err e;

	if (!r->searched || search_add(req->db, r, row[0].integer, row, &e))
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

/* Who is deactivated may stay where it stands in from (NULL: nowhere), but comes to no new
 * place: clients send back whole rows. */
static bool
check_users(struct request *req, const struct resource *r, const struct value *from,
    const struct value *to)
{
	for (unsigned i = 0; i < r->count; i++)
		if (to[i].inactive && (from == NULL || !value_equal(&from[i], &to[i])))
			request_fail(req, 400, "inactive_user", r->columns[i].field->name,
			    "user '%.*s' is deactivated", TEXT_SHOWN(to[i].text));
	return req->status == 0;
}

/* What types and flags of fields do not say. */
static bool
check_row(struct request *req, const struct value *from, struct value *to)
{
	const struct resource *r = row_resource(req);

	return check_users(req, r, from, to) &&
	    core_rules_check(req, r->d->table, r->d->fields, from, to);
}

/* ---- reading it again ---- */

static bool
keep_row(struct request *req, const struct resource *r, struct value *row)
{
	unsigned i;

	for (i = 0; i < r->count; i++)
		if (row[i].kind == VALUE_TEXT) {
			row[i].text.at = arena_copy(&req->arena, row[i].text.at, row[i].text.len);
			if (row[i].text.at == NULL)
				return request_fail_memory(req);
		}
	return true;
}

/* Reads a row by its number alone. */
static bool
read_by_id(struct request *req, const struct resource *r, int64_t id, struct value *row)
{
	CLEANUP(db_release) struct db_stmt *st = row_prepare(req, r->select_one);
	enum db_result result;

	if (st == NULL)
		return false;
	db_bind_int(st, 1, id);
	result = db_step(st);
	if (result == DB_DONE)
		return row_fail_absent(req, id);
	if (result != DB_ROW)
		return request_fail_db(req, result);
	resource_row(r, st, row);
	return keep_row(req, r, row);
}

/* Lets modules see it; *to is then the row as they have left it, for the answer. */
static bool
call_hooks(struct request *req, unsigned verb, int64_t id, const struct value *from,
    struct value *to)
{
	const struct resource *r = row_resource(req);

	if (!hook_wanted(req, r, verb))
		return true;
	return hook_call(req, &(struct row_event){ r, verb, id, from, to }) &&
	    read_by_id(req, r, id, to);
}

/* ---- creating ---- */

/* What the server itself knows of a new row. */
static void
stamp_new(struct request *req, struct value *row)
{
	const struct resource *r = row_resource(req);
	struct value now = value_text(text_of(req->now_text));
	unsigned i;

	for (i = 0; i < r->count; i++) {
		enum hd_type type = r->columns[i].field->type;

		if (type == HD_CREATED || type == HD_UPDATED)
			row[i] = now;
		else if (type == HD_EDITOR)
			row[i].kind = VALUE_NULL;
		else if (type == HD_PARENT)
			row[i] = value_int(row_parent_id(req));
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
	const struct resource *r = row_resource(req);
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
	CLEANUP(db_release) struct db_stmt *st = row_prepare(req, row_resource(req)->insert);
	enum db_result result;
	int64_t id;

	if (st == NULL || !bind_new(req, st, row))
		return false;
	result = db_insert(st, &id);
	if (result != DB_DONE)
		return fail_change(req, result, row, 0);
	row[0] = value_int(id);
	return true;
}

bool
resource_insert(struct request *req, struct value *row)
{
	const struct resource *r = row_resource(req);

	if (!row_check_parent(req))
		return false;
	stamp_new(req, row);
	if (!check_row(req, NULL, row) || !insert(req, row))
		return false;
	complete_row(r, row);
	return index_new_row(req, row) &&
	    audit_row(req, "create", row[0].integer, NULL, row) &&
	    version_keep(req, r, NULL, row) &&
	    call_hooks(req, HD_CREATE, row[0].integer, NULL, row);
}

bool
resource_create(struct request *req)
{
	return resource_insert(req, req->values) && row_answer(req, 201, req->values);
}

/* ---- changing ---- */

/* Reads the row of the path to keep; on absence the request fails with 404. */
static bool
read_row(struct request *req, struct value *row)
{
	CLEANUP(db_release) struct db_stmt *st = row_select(req);
	enum db_result result;

	if (st == NULL)
		return false;
	result = db_step(st);
	if (result == DB_DONE)
		return row_fail_absent(req, row_id(req));
	if (result != DB_ROW)
		return request_fail_db(req, result);
	resource_row(row_resource(req), st, row);
	return keep_row(req, row_resource(req), row);
}

/* Puts what is given over what was there. */
static void
apply(const struct resource *r, const struct value *values, const struct value *from,
    struct value *to)
{
	unsigned i;

	for (i = 0; i < r->count; i++)
		to[i] = values[i].kind == VALUE_ABSENT ? from[i] : values[i];
}

/* Whether anything that a client can set differs. */
static bool
differs(const struct resource *r, const struct value *from, const struct value *to)
{
	unsigned i;

	for (i = 0; i < r->count; i++)
		if (r->columns[i].type->given && !value_equal(&from[i], &to[i]))
			return true;
	return false;
}

/* What the server itself knows of a changed row. */
static void
stamp_changed(struct request *req, struct value *row)
{
	const struct resource *r = row_resource(req);
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
	const struct resource *r = row_resource(req);
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
	return row_prepare(req, sql.at);
}

static bool
bind_update(struct request *req, struct db_stmt *st, const struct value *from,
    const struct value *to)
{
	const struct resource *r = row_resource(req);
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
	const struct resource *r = row_resource(req);
	unsigned i;

	for (i = 0; i < r->count; i++)
		if (r->columns[i].field->flags & HD_SEARCH && !value_equal(&from[i], &to[i]))
			return true;
	return false;
}

/* Makes a row that was from what the values say: *to, as the database has it then. */
static bool
amend(struct request *req, const struct value *values, const char *action,
    const struct value *from, struct value *to)
{
	const struct resource *r = row_resource(req);
	int64_t id = from[0].integer;

	apply(r, values, from, to);
	if (!check_row(req, from, to))
		return false;
	if (!differs(r, from, to)) {
		memcpy(to, from, r->count * sizeof(*to));
		return true;
	}
	stamp_changed(req, to);
	if (!update(req, from, to) || (search_differs(req, from, to) && !index_row(req, id)) ||
	    !audit_row(req, action, id, from, to) || !version_keep(req, r, from, to))
		return false;
	/* Read again, for what the database derives from the new values. */
	return read_row(req, to) && call_hooks(req, HD_CHANGE, id, from, to);
}

bool
resource_amend(struct request *req, const struct value *values)
{
	struct value from[RESOURCE_FIELDS] = { value_null() };
	struct value to[RESOURCE_FIELDS] = { value_null() };

	return read_row(req, from) && amend(req, values, "update", from, to);
}

bool
resource_change(struct request *req, const struct value *values, const char *action)
{
	struct value from[RESOURCE_FIELDS] = { value_null() };
	struct value to[RESOURCE_FIELDS] = { value_null() };

	return read_row(req, from) && row_check_tag(req, from) &&
	    amend(req, values, action, from, to) && row_answer(req, 200, to);
}

bool
resource_update(struct request *req)
{
	return resource_change(req, req->values, "update");
}

/* ---- deleting ---- */

static bool
run_with_id(struct request *req, const char *sql, int64_t id)
{
	CLEANUP(db_release) struct db_stmt *st = row_prepare(req, sql);
	enum db_result result;

	if (st == NULL)
		return false;
	db_bind_int(st, 1, id);
	result = db_step(st);
	return result == DB_DONE || request_fail_db(req, result);
}

static bool erase_tree(struct request *, const struct resource *, int64_t id,
    const struct value *row);
static bool erase_child(struct request *, const struct resource *, int64_t id);

/* A row that hangs at another, to be erased next; *id is 0 if there is none left. */
static bool
find_child(struct request *req, const struct resource *child, int64_t parent, int64_t *id)
{
	CLEANUP(db_release) struct db_stmt *st = row_prepare(req, arena_printf(&req->arena,
	    "SELECT t.id FROM %s t WHERE %s LIMIT 1", child->d->table, child->tied));
	enum db_result result;

	*id = 0;
	if (st == NULL)
		return false;
	db_bind_int(st, 1, parent);
	result = db_step(st);
	if (result == DB_ROW)
		*id = db_int(st, 0);
	return result == DB_ROW || result == DB_DONE || request_fail_db(req, result);
}

/* Erases the rows of a resource that hang at a row; the audit trail stays. */
static bool
erase_children(struct request *req, const struct resource *child, int64_t parent)
{
	int64_t id;

	if (child->tie == TIE_RECORD)
		return true;
	do {
		if (!find_child(req, child, parent, &id) ||
		    (id != 0 && !erase_child(req, child, id)))
			return false;
	} while (id != 0);
	return true;
}

/* What belongs to a row goes with it; the audit entries stay. */
static bool
erase_belongings(struct request *req, const struct resource *r, int64_t id)
{
	struct err e;

	if (!attachment_erase(req, r->audited, id))
		return false;
	if (version_erase(req->db, r->audited, id, &e) &&
	    (!r->searched || search_erase(req->db, r, id, &e)))
		return true;
	return request_fail_inside(req, "%s", e.message);
}

/* row: NULL if nobody wants to see it. */
static bool
erase_tree(struct request *req, const struct resource *r, int64_t id, const struct value *row)
{
	const struct resource *child;

	for (child = r->children; child != NULL; child = child->next)
		if (!erase_children(req, child, id))
			return false;
	return erase_belongings(req, r, id) && run_with_id(req, r->erase, id) &&
	    (row == NULL || hook_call(req, &(struct row_event){ r, HD_DELETE, id, row, NULL }));
}

static bool
erase_child(struct request *req, const struct resource *r, int64_t id)
{
	struct value row[RESOURCE_FIELDS] = { value_null() };

	if (!hook_wanted(req, r, HD_DELETE))
		return erase_tree(req, r, id, NULL);
	return read_by_id(req, r, id, row) && erase_tree(req, r, id, row);
}

static bool
erase(struct request *req, const struct value *row)
{
	int64_t id = row[0].integer;

	return erase_tree(req, row_resource(req), id, row) &&
	    audit_row(req, "delete", id, row, NULL);
}

bool
resource_erase(struct request *req)
{
	struct value row[RESOURCE_FIELDS] = { value_null() };

	return read_row(req, row) && erase(req, row);
}

bool
resource_delete(struct request *req)
{
	struct value row[RESOURCE_FIELDS] = { value_null() };
	int64_t id = row_id(req);

	if (!read_row(req, row) || !row_check_tag(req, row) || !erase(req, row))
		return false;
	out_string(&req->answer.body, "{\"status\":\"deleted\",\"id\":");
	out_int(&req->answer.body, id);
	out_char(&req->answer.body, '}');
	answer_complete(req, 200);
	return true;
}
