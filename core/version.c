/*
 * version.c - how a row was: rows of core_version
 *
 * The content is JSON as clients see it, by member: it can be read by people, and by a
 * server whose table has more fields since.
 */
#include "version.h"

#include <inttypes.h>
#include <stdlib.h>

#include "arena.h"
#include "cleanup.h"
#include "db.h"
#include "err.h"
#include "json.h"
#include "key.h"
#include "request.h"
#include "resource.h"
#include "resource_serve.h"
#include "row.h"
#include "type.h"

/* ---- keeping ---- */

static struct text
write_content(struct request *req, const struct resource *r, const struct value *row)
{
	struct out out;
	struct emission e = { &out, req, r, row[0].integer };
	unsigned i;

	out_init(&out, &req->arena, SIZE_MAX);
	for (i = 0; i < r->count; i++) {
		if (!resource_tells(&r->columns[i]))
			continue;
		out_string(&out, out.len == 0 ? "{" : ",");
		json_text(&out, text_of(r->columns[i].field->name));
		value_emit(&e, TEXT(":"), r->columns[i].field, &row[i]);
	}
	out_char(&out, '}');
	return out.failed ? (struct text){ NULL, 0 } : (struct text){ out.at, out.len };
}

/* Since when a row was like this. */
static struct text
moment_of(const struct request *req, const struct resource *r, const struct value *row)
{
	int i = resource_column_of(r, HD_UPDATED);

	if (i < 0)
		i = resource_column_of(r, HD_CREATED);
	return i >= 0 && row[i].kind == VALUE_TEXT ? row[i].text : text_of(req->now_text);
}

static int64_t
editor_of(const struct request *req)
{
	return req->client != NULL ? req->client->hd.user : 0;
}

/* Under the next number that is free. */
static bool
add(struct request *req, const struct resource *r, const struct value *row, int64_t by)
{
	CLEANUP(db_release) struct db_stmt *st = row_prepare(req, "INSERT INTO core_version"
	    " (resource, record, number, created_at, created_by, content) VALUES (?1, ?2,"
	    " (SELECT coalesce(max(number), 0) + 1 FROM core_version"
	    " WHERE resource = ?1 AND record = ?2), ?3, ?4, ?5)");
	struct text content = write_content(req, r, row);
	enum db_result result;

	if (st == NULL)
		return false;
	if (content.at == NULL)
		return request_fail_memory(req);
	db_bind_text(st, 1, text_of(r->audited));
	db_bind_int(st, 2, row[0].integer);
	db_bind_text(st, 3, moment_of(req, r, row));
	if (by != 0)
		db_bind_int(st, 4, by);
	else
		db_bind_null(st, 4);
	db_bind_text(st, 5, content);
	result = db_step(st);
	return result == DB_DONE || request_fail_db(req, result);
}

static bool
has_any(struct request *req, const struct resource *r, int64_t id, bool *ret)
{
	CLEANUP(db_release) struct db_stmt *st = row_prepare(req,
	    "SELECT 1 FROM core_version WHERE resource = ?1 AND record = ?2 LIMIT 1");
	enum db_result result;

	if (st == NULL)
		return false;
	db_bind_text(st, 1, text_of(r->audited));
	db_bind_int(st, 2, id);
	result = db_step(st);
	*ret = result == DB_ROW;
	return result == DB_ROW || result == DB_DONE || request_fail_db(req, result);
}

bool
version_keep(struct request *req, const struct resource *r, const struct value *from,
    const struct value *to)
{
	bool any = true;

	if ((r->d->with & HD_WITH_VERSIONS) == 0)
		return true;
	if (from != NULL && !has_any(req, r, from[0].integer, &any))
		return false;
	if (!any && !add(req, r, from, 0))
		return false;
	return add(req, r, to, editor_of(req));
}

bool
version_erase(struct db *db, const char *resource, int64_t record, struct err *e)
{
	CLEANUP(db_release) struct db_stmt *st = NULL;

	st = db_prepare(db, "DELETE FROM core_version WHERE resource = ?1 AND record = ?2", e);
	if (st == NULL)
		return false;
	db_bind_text(st, 1, text_of(resource));
	db_bind_int(st, 2, record);
	return db_step(st) == DB_DONE || err_set(e, "%s", db_message(db));
}

/* ---- restoring ---- */

/* A value as it was answered once; it was checked when it came. */
static bool
value_of(struct request *req, const struct json *j, struct value *v)
{
	struct out out;

	*v = value_null();
	switch (j->kind) {
	case JSON_TRUE:
	case JSON_FALSE:
		*v = value_int(j->kind == JSON_TRUE);
		break;
	case JSON_NUMBER:
		v->kind = json_to_int(j, &v->integer) ? VALUE_INT : VALUE_NULL;
		break;
	case JSON_STRING:
		*v = value_text(j->text);
		break;
	case JSON_ARRAY:
	case JSON_OBJECT:
		out_init(&out, &req->arena, SIZE_MAX);
		json_write(&out, j);
		if (out.failed)
			return request_fail_memory(req);
		*v = value_text((struct text){ out.at, out.len });
		break;
	default:
		break;
	}
	return true;
}

/* The members of a version that a client could change; the rest stays as it is. */
static bool
read_content(struct request *req, const struct json *content, struct value *values)
{
	const struct resource *r = row_resource(req);
	const struct json *j;
	unsigned i;

	for (i = 0; i < r->count; i++) {
		const struct column *c = &r->columns[i];

		values[i].kind = VALUE_ABSENT;
		if (!c->type->given || (c->field->flags & (HD_CREATE_ONLY | HD_READ_ONLY)) != 0)
			continue;
		j = json_member(content, text_of(c->field->name));
		if (j != NULL && !value_of(req, j, &values[i]))
			return false;
	}
	return true;
}

static bool
find_content(struct request *req, int64_t number, const struct json **ret)
{
	CLEANUP(db_release) struct db_stmt *st = row_prepare(req, "SELECT content"
	    " FROM core_version WHERE resource = ?1 AND record = ?2 AND number = ?3");
	enum db_result result;
	struct text content;
	struct err e;

	if (st == NULL)
		return false;
	db_bind_text(st, 1, text_of(row_resource(req)->audited));
	db_bind_int(st, 2, row_id(req));
	db_bind_int(st, 3, number);
	result = db_step(st);
	if (result == DB_DONE)
		return request_fail_sentence(req, 404, "not_found", NULL,
		    "No version %" PRId64 ".", number);
	if (result != DB_ROW)
		return request_fail_db(req, result);
	content = db_text(st, 0);
	content.at = arena_copy(&req->arena, content.at, content.len);
	if (content.at == NULL)
		return request_fail_memory(req);
	return json_parse(&req->arena, content, ret, &e) ||
	    request_fail_inside(req, "version %" PRId64 ": %s", number, e.message);
}

bool
version_restore(struct request *req)
{
	struct value values[RESOURCE_FIELDS] = { value_null() };
	const struct json *content = NULL;
	int64_t number = 0;

	(void)text_to_int(req->params[row_resource(req)->depth + 1], &number);
	return find_content(req, number, &content) && read_content(req, content, values) &&
	    resource_change(req, values, "restore");
}
