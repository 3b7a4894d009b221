/*
 * host_row.c - rows that a module's code makes, changes, deletes and answers with
 *
 * As the API does it, inside the request that is being served: for a moment the request is
 * one for the resource, with a body made of the members; then it is what it was.
 */
#include "host_part.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "body.h"
#include "cleanup.h"
#include "db.h"
#include "etag.h"
#include "json.h"
#include "module.h"
#include "request.h"
#include "resource.h"
#include "resource_serve.h"
#include "row.h"
#include "site.h"
#include "user.h"

/* What a request was before it became one for a row, and the route that it has meanwhile. */
struct detour {
	struct route route;
	const struct route *own_route;
	struct text own_params[ROUTE_PARAMS];
	const struct json *own_json;
	struct value *own_values;
	bool own_strict;
	struct host_inside before;
};

static struct request *
request_of(struct hd_req *hd)
{
	return (struct request *)(void *)hd;
}

/* ---- the resource that is meant ---- */

static bool
may_reach(const struct instance *acting, const struct instance *of)
{
	const struct hd_need *need = acting->module->d->needs;

	for (; need != NULL && need->module != NULL; need++)
		if (strcmp(need->module, of->module->d->name) == 0)
			return true;
	return of == acting;
}

static const struct resource *
resource_among(const struct resource *const *all, const char *table)
{
	for (; *all != NULL; all++)
		if ((*all)->tie != TIE_RECORD && strcmp((*all)->d->table, table) == 0)
			return *all;
	return NULL;
}

/* The resource with that table, and whose it is; NULL with the request failed. */
static const struct resource *
find(struct request *req, const char *table, struct instance **of)
{
	const struct resource *r;
	size_t i;

	for (i = 0; i < req->site->instance_count; i++) {
		*of = req->site->instances[i];
		if ((*of)->refused != NULL || !may_reach(req->acting, *of))
			continue;
		r = resource_among((*of)->resources, table);
		if (r != NULL)
			return r;
	}
	host_wrong(req, "uses rows of %s, which is no resource of it or of a module that it "
	    "needs", table);
	return NULL;
}

/* ---- there and back ---- */

static bool
set_param(struct request *req, unsigned i, int64_t id)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%" PRId64, id);
	req->params[i] = text_of(host_string(req, text_of(digits)));
	return req->params[i].at != NULL;
}

/* Whether the operation is a module's to do: what the server keeps itself has rules of its
 * own (keys, the audit trail), which only what is served of it obeys. */
static bool
may_do(struct request *req, const struct resource *r, enum operation operation)
{
	return !r->core || (r->operations & 1u << operation) != 0 ||
	    host_wrong(req, "changes rows of %s in a way that is not served", r->d->table);
}

/* Turns the request into one for a resource; false with it failed, and as it was. */
static bool
depart(struct request *req, const char *table, enum operation operation, struct detour *d)
{
	const struct resource *r;
	struct instance *of;

	if (req->status != 0 || (r = find(req, table, &of)) == NULL ||
	    !may_do(req, r, operation))
		return false;
	*d = (struct detour){ .own_route = req->route, .own_json = req->json,
			      .own_values = req->values, .own_strict = req->strict };
	memcpy(d->own_params, req->params, sizeof(d->own_params));
	d->route = (struct route){ .method = "row", .path = r->d->path, .access = HD_WRITE,
				   .body = operation != OP_DELETE ? r->d->fields : NULL,
				   .partial = operation == OP_PATCH,
				   .required = r->required, .resource = r,
				   .operation = operation, .by_module = true, .instance = of,
				   .module = req->route->module };
	if (!host_enter(req, of, &d->before))
		return false;
	req->route = &d->route;
	req->strict = true;
	return true;
}

static bool
come_back(struct request *req, const struct detour *d)
{
	host_leave(req, &d->before);
	req->route = d->own_route;
	req->json = d->own_json;
	req->values = d->own_values;
	req->strict = d->own_strict;
	memcpy(req->params, d->own_params, sizeof(d->own_params));
	return req->status == 0;
}

/* ---- the body ---- */

static void
write_value(struct out *out, const struct hd_value *v)
{
	if (v->type == HD_INTEGER)
		out_int(out, v->integer);
	else if (v->type == HD_BOOLEAN)
		out_string(out, v->integer != 0 ? "true" : "false");
	else if (v->type == HD_JSON)
		out_string(out, v->text);
	else
		json_text(out, v->type == HD_TEXT ? text_of(v->text) : (struct text){ NULL, 0 });
}

/* Name of the field that holds the parent's number; NULL: the resource stands alone. */
static const char *
parent_field(const struct resource *r)
{
	int i = resource_column_of(r, HD_PARENT);

	return i >= 0 ? r->columns[i].field->name : NULL;
}

/*
 * The member at i of an array, as large as the module by has compiled it.  Its value is
 * what grows: the name stands before it.
 */
static bool
member_at(struct request *req, const struct instance *by, const struct hd_member *members,
    size_t i, struct hd_member *ret)
{
	const char *at = (const char *)members + i * by->module->d->member_size;

	memcpy(&ret->name, at + offsetof(struct hd_member, name), sizeof(ret->name));
	return host_value(req, by, at + offsetof(struct hd_member, value), &ret->value);
}

/* What a client would be told is wrong with its body, is the module's own fault here. */
static bool
check_member(struct request *req, const char *name)
{
	const struct resource *r = row_resource(req);
	int i = name != NULL ? resource_column(r, name) : -1;

	if (i < 0)
		return host_wrong(req, "gives the member %.64s, which %s has not",
		    name != NULL ? name : "NULL", r->d->table);
	return r->columns[i].type->given || r->columns[i].field->type == HD_PARENT ||
	    host_wrong(req, "gives the member %s, which is read-only", name);
}

/* Writes a member; that of the parent goes into the path instead. */
static bool
write_member(struct request *req, struct out *out, const struct hd_member *m)
{
	const struct resource *r = row_resource(req);
	const char *parent = parent_field(r);

	if (!check_member(req, m->name))
		return false;
	if (parent != NULL && strcmp(m->name, parent) == 0)
		return set_param(req, r->depth - 1, m->value.integer);
	out_char(out, out->len == 0 ? '{' : ',');
	json_text(out, text_of(m->name));
	out_char(out, ':');
	write_value(out, &m->value);
	return true;
}

/* Members as the JSON that a client would send; the parent is none of it. */
static bool
write_body(struct request *req, const struct instance *by, const struct hd_member *members,
    size_t n)
{
	struct hd_member m;
	struct out out;
	struct err e;
	size_t i;

	out_init(&out, &req->arena, SIZE_MAX);
	for (i = 0; i < n; i++)
		if (!member_at(req, by, members, i, &m) || !write_member(req, &out, &m))
			return false;
	out_string(&out, out.len == 0 ? "{}" : "}");
	if (out.failed)
		return request_fail_memory(req);
	return json_parse(&req->arena, (struct text){ out.at, out.len }, &req->json, &e) ||
	    host_wrong(req, "gives members that are no JSON: %s", e.message);
}

/* ---- a row that is there ---- */

/* The row that it belongs to, for the path. */
static bool
set_parent(struct request *req, int64_t id)
{
	const struct resource *r = row_resource(req);
	CLEANUP(db_release) struct db_stmt *st = NULL;
	enum db_result result;

	if (r->depth == 0)
		return true;
	st = row_prepare(req, arena_printf(&req->arena, "SELECT %s FROM %s WHERE id = ?1",
	    parent_field(r), r->d->table));
	if (st == NULL)
		return false;
	db_bind_int(st, 1, id);
	result = db_step(st);
	if (result == DB_DONE)
		return row_fail_absent(req, id);
	return result == DB_ROW ? set_param(req, r->depth - 1, db_int(st, 0)) :
	    request_fail_db(req, result);
}

static bool
point_at(struct request *req, int64_t id)
{
	return set_param(req, row_resource(req)->depth, id) && set_parent(req, id);
}

/* Reads it, and whatever its texts live in; false with the request failed. */
static bool
read_row(struct request *req, int64_t id, struct db_stmt **st, struct value *row)
{
	enum db_result result;

	if (!point_at(req, id) || (*st = row_select(req)) == NULL)
		return false;
	result = db_step(*st);
	if (result == DB_DONE)
		return row_fail_absent(req, id);
	if (result != DB_ROW)
		return request_fail_db(req, result);
	resource_row(row_resource(req), *st, row);
	return true;
}

/* ---- what plugin.h offers ---- */

int64_t
host_create(struct hd_req *hd, const char *table, const struct hd_member *members, size_t n)
{
	struct request *req = request_of(hd);
	struct detour detour;
	int64_t id = 0;

	if (!host_may_write(req) || !depart(req, table, OP_CREATE, &detour))
		return 0;
	if (write_body(req, detour.before.acting, members, n) && body_check(req) &&
	    resource_insert(req, req->values))
		id = req->values[0].integer;
	return come_back(req, &detour) ? id : 0;
}

bool
host_change(struct hd_req *hd, const char *table, int64_t id, const struct hd_member *members,
    size_t n)
{
	struct request *req = request_of(hd);
	struct detour detour;

	if (!host_may_write(req) || !depart(req, table, OP_PATCH, &detour))
		return false;
	(void)(write_body(req, detour.before.acting, members, n) && body_check(req) &&
	    point_at(req, id) && resource_amend(req, req->values));
	return come_back(req, &detour);
}

bool
host_erase(struct hd_req *hd, const char *table, int64_t id)
{
	struct request *req = request_of(hd);
	struct detour detour;

	if (!host_may_write(req) || !depart(req, table, OP_DELETE, &detour))
		return false;
	(void)(point_at(req, id) && resource_erase(req));
	return come_back(req, &detour);
}

/* Digits are an id wherever a user is meant; here a name is, and no name is all digits. */
int64_t
host_user_named(struct hd_req *hd, const char *name)
{
	struct request *req = request_of(hd);
	struct text text = text_of(name);
	struct user user;
	struct err e;

	if (req->status != 0 || !user_check_name(text, &e))
		return 0;
	switch (user_find(req->db, &req->arena, text, &user, &e)) {
	case USER_FOUND:
		return user.id;
	case USER_ABSENT:
		return 0;
	default:
		request_fail_inside(req, "%s", e.message);
		return 0;
	}
}

bool
host_put_row(struct hd_req *hd, const char *name, const char *table, int64_t id)
{
	struct request *req = request_of(hd);
	const bool alone = req->first_member && req->depth == 0;
	CLEANUP(db_release) struct db_stmt *st = NULL;
	struct value row[RESOURCE_FIELDS];
	struct text json = { NULL, 0 };
	struct detour detour;

	if (!depart(req, table, OP_GET, &detour))
		return false;
	if (read_row(req, id, &st, row))
		json = row_json(req, row);
	if (!come_back(req, &detour))
		return false;
	if (json.at == NULL)
		return request_fail_memory(req);
	out_text(host_begin_value(req, name), json);
	if (alone)
		etag_add(&req->etag, json);
	return req->status == 0;
}

bool
host_check_match(struct hd_req *hd, const char *table, int64_t id)
{
	struct request *req = request_of(hd);
	CLEANUP(db_release) struct db_stmt *st = NULL;
	struct value row[RESOURCE_FIELDS];
	struct detour detour;

	if (!host_may_write(req) || !depart(req, table, OP_GET, &detour))
		return false;
	(void)(read_row(req, id, &st, row) && row_check_tag(req, row));
	return come_back(req, &detour);
}
