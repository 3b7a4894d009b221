/*
 * type.c - the table of types
 *
 * Knows what JSON and the database make of a value; knows no field by its name and
 * no resource.
 */
#include "type.h"

#include <string.h>

#include "arena.h"
#include "attachment.h"
#include "integer.h"
#include "iso8601.h"
#include "json.h"
#include "out.h"
#include "request.h"
#include "resource.h"
#include "type_schema.h"
#include "user.h"

static bool
wrong(struct request *req, const struct hd_field *f, const char *code, const char *must)
{
	return request_fail(req, 400, code, f->name, "must %s", must);
}

/* ---- text ---- */

static bool
check_text(struct request *req, const struct hd_field *f, const struct json *j, struct value *v)
{
	if (j->kind != JSON_STRING && j->kind != JSON_NUMBER)
		return wrong(req, f, "type", "be text");
	v->kind = VALUE_TEXT;
	v->text = f->flags & HD_TRIM ? text_trim(j->text) : j->text;
	if (f->max != 0 && v->text.len > f->max && text_count(v->text) > f->max)
		return request_fail(req, 400, "too_long", f->name,
		    "must be at most %u characters", f->max);
	return true;
}

static void
emit_text(struct emission *e, struct text before, const struct value *v)
{
	json_text_after(e->out, before, v->text);
}

/* ---- numbers ---- */

static void
emit_int(struct emission *e, struct text before, const struct value *v)
{
	out_text(e->out, before);
	out_int(e->out, v->integer);
}

/* As text a whole number has one form: "-12", not "1.2e1". */
static bool
only_digits(struct text t)
{
	size_t i = t.len > 0 && t.at[0] == '-';

	if (i == t.len)
		return false;
	for (; i < t.len; i++)
		if (t.at[i] < '0' || t.at[i] > '9')
			return false;
	return true;
}

static bool
check_integer(struct request *req, const struct hd_field *f, const struct json *j,
    struct value *v)
{
	enum integer_read read = INTEGER_NOT_WHOLE;

	if (j->kind == JSON_NUMBER || (j->kind == JSON_STRING && only_digits(j->text)))
		read = integer_read(j->text, &v->integer);
	if (read == INTEGER_NOT_WHOLE)
		return wrong(req, f, "type", "be a whole number");
	if (read == INTEGER_TOO_LARGE)
		return wrong(req, f, "range", "fit into 64 bits");
	v->kind = VALUE_INT;
	if (f->least == 0 && f->most == 0)
		return true;
	if (v->integer < f->least)
		return request_fail(req, 400, "range", f->name, "must be at least %lld",
		    (long long)f->least);
	if (v->integer > f->most)
		return request_fail(req, 400, "range", f->name, "must be at most %lld",
		    (long long)f->most);
	return true;
}

static bool
check_boolean(struct request *req, const struct hd_field *f, const struct json *j,
    struct value *v)
{
	if (j->kind != JSON_TRUE && j->kind != JSON_FALSE)
		return wrong(req, f, "type", "be true or false");
	*v = value_int(j->kind == JSON_TRUE);
	return true;
}

static void
emit_boolean(struct emission *e, struct text before, const struct value *v)
{
	out_text(e->out, before);
	out_string(e->out, v->integer ? "true" : "false");
}

/* ---- dates ---- */

/* Keeps a canonical form that was made on the stack. */
static bool
keep(struct request *req, const char *canonical, struct value *v)
{
	size_t n = strlen(canonical);
	char *copy = arena_copy(&req->arena, canonical, n);

	if (copy == NULL)
		return request_fail_memory(req);
	*v = value_text((struct text){ copy, n });
	return true;
}

static bool
check_date(struct request *req, const struct hd_field *f, const struct json *j, struct value *v)
{
	char date[ISO8601_DATE_SIZE];

	if (j->kind != JSON_STRING || !iso8601_date(j->text, date))
		return wrong(req, f, "format", "be a date (YYYY-MM-DD)");
	return keep(req, date, v);
}

static bool
check_time(struct request *req, const struct hd_field *f, const struct json *j, struct value *v)
{
	char time[ISO8601_TIME_SIZE];

	if (j->kind != JSON_STRING || !iso8601_time(j->text, time))
		return wrong(req, f, "format", "be a date-time (YYYY-MM-DDTHH:MM:SS)");
	return keep(req, time, v);
}

/* ---- users ---- */

static bool
check_user(struct request *req, const struct hd_field *f, const struct json *j, struct value *v)
{
	struct err e;
	struct user user;

	if (j->kind != JSON_STRING && j->kind != JSON_NUMBER)
		return wrong(req, f, "type", "be a user id or name");
	switch (user_find(req->db, &req->arena, j->text, &user, &e)) {
	case USER_FOUND:
		*v = (struct value){ VALUE_INT, user.id, user.name, .inactive = !user.active };
		return true;
	case USER_ABSENT:
		return request_fail(req, 400, "unknown_user", f->name, "no user '%.*s'",
		    TEXT_SHOWN(j->text));
	case USER_FAULT:
		break;
	}
	return request_fail_db(req, db_last_failure(req->db));
}

/* ---- tags ---- */

/* Appends a tag, trimmed, to a JSON array in the making; empty ones are dropped. */
static void
add_tag(struct out *out, struct text tag, bool *first)
{
	tag = text_trim(tag);
	if (tag.len == 0)
		return;
	if (!*first)
		out_char(out, ',');
	*first = false;
	json_text(out, tag);
}

static void
tags_of_text(struct out *out, struct text list)
{
	const char *end = list.at + list.len, *at = list.at, *comma;
	bool first = true;

	while (at < end) {
		comma = memchr(at, ',', (size_t)(end - at));
		if (comma == NULL)
			comma = end;
		add_tag(out, (struct text){ at, (size_t)(comma - at) }, &first);
		at = comma + 1;
	}
}

static bool
tags_of_array(struct out *out, const struct json *list)
{
	const struct json *j;
	bool first = true;

	for (j = list->first; j != NULL; j = j->next) {
		if (j->kind != JSON_STRING && j->kind != JSON_NUMBER)
			return false;
		add_tag(out, j->text, &first);
	}
	return true;
}

static bool
check_tags(struct request *req, const struct hd_field *f, const struct json *j, struct value *v)
{
	struct out out;
	bool fits = true;

	out_init(&out, &req->arena, SIZE_MAX);
	out_char(&out, '[');
	if (j->kind == JSON_STRING)
		tags_of_text(&out, j->text);
	else if (j->kind == JSON_ARRAY)
		fits = tags_of_array(&out, j);
	else
		fits = false;
	out_char(&out, ']');
	if (!fits)
		return wrong(req, f, "type", "be a list of text or a comma-separated text");
	if (out.failed)
		return request_fail_memory(req);
	*v = value_text((struct text){ out.at, out.len });
	return true;
}

static void
emit_json(struct emission *e, struct text before, const struct value *v)
{
	out_text(e->out, before);
	out_text(e->out, v->text);
}

static void
emit_attachments(struct emission *e, struct text before, const struct value *v)
{
	(void)v;
	out_text(e->out, before);
	attachment_emit(e->req, e->out, e->resource->d->table, e->id);
}

static const struct type types[] = {
	[HD_ID] = { .column = "INTEGER", .emit = emit_int, .describe = schema_id },
	[HD_TEXT] = { .column = "TEXT", .given = true, .folded = true,
	    .check = check_text, .emit = emit_text,
	    .describe = schema_text, .describe_given = schema_text_given },
	[HD_INTEGER] = { .column = "INTEGER", .given = true, .blank_is_null = true,
	    .check = check_integer, .emit = emit_int,
	    .describe = schema_integer, .describe_given = schema_integer_given },
	[HD_BOOLEAN] = { .column = "INTEGER", .given = true,
	    .check = check_boolean, .emit = emit_boolean,
	    .describe = schema_boolean, .describe_given = schema_boolean_given },
	[HD_DATE] = { .column = "TEXT", .given = true, .blank_is_null = true,
	    .check = check_date, .emit = emit_text,
	    .describe = schema_date, .describe_given = schema_date_given },
	[HD_TIME] = { .column = "TEXT", .given = true, .blank_is_null = true,
	    .check = check_time, .emit = emit_text,
	    .describe = schema_time, .describe_given = schema_time_given },
	[HD_USER] = { .column = "INTEGER", .given = true, .blank_is_null = true,
	    .check = check_user, .emit = emit_int,
	    .describe = schema_user, .describe_given = schema_user_given },
	[HD_USER_NAME] = { .emit = emit_text, .describe = schema_user_name },
	[HD_TAGS] = { .column = "TEXT", .given = true,
	    .check = check_tags, .emit = emit_json,
	    .describe = schema_tags, .describe_given = schema_tags_given },
	[HD_CREATED] = { .column = "TEXT", .emit = emit_text, .describe = schema_stamp },
	[HD_UPDATED] = { .column = "TEXT", .emit = emit_text, .describe = schema_stamp },
	[HD_EDITOR] = { .column = "INTEGER", .emit = emit_int, .describe = schema_user },
	[HD_ATTACHMENTS] = { .emit = emit_attachments, .describe = schema_attachments },
	[HD_PARENT] = { .column = "INTEGER", .emit = emit_int, .describe = schema_id },
	[HD_JSON] = { .column = "TEXT", .emit = emit_json, .describe = schema_json },
};

const struct type *
type_of(enum hd_type type)
{
	return &types[type];
}

bool
type_nullable(enum hd_type type)
{
	switch (type) {
	case HD_ID:
	case HD_TAGS:
	case HD_CREATED:
	case HD_UPDATED:
	case HD_ATTACHMENTS:
	case HD_PARENT:
		return false;
	default:
		return true;
	}
}

bool
field_nullable(const struct hd_field *f)
{
	return type_nullable(f->type) && (f->flags & (HD_REQUIRED | HD_CALLER)) == 0 &&
	    f->value == NULL;
}

unsigned
field_count(const struct hd_field *fields)
{
	unsigned n = 0;

	while (fields[n].name != NULL)
		n++;
	return n;
}

/* The descriptor's check has seen that .value is JSON of the type, without escapes. */
struct value
field_default(const struct hd_field *f)
{
	struct text t = text_of(f->value);
	struct value v = { VALUE_ABSENT, 0, { NULL, 0 } };

	if (f->type == HD_TAGS && t.at == NULL)
		t = TEXT("[]");
	if (t.at == NULL)
		return v;
	if (f->type == HD_BOOLEAN)
		return value_int(t.at[0] == 't');
	if (f->type == HD_INTEGER && text_to_int(t, &v.integer)) {
		v.kind = VALUE_INT;
		return v;
	}
	if (t.at[0] == '"')
		t = (struct text){ t.at + 1, t.len - 2 };
	return value_text(t);
}

bool
value_equal(const struct value *a, const struct value *b)
{
	if (a->kind != b->kind)
		return false;
	switch (a->kind) {
	case VALUE_INT:
		return a->integer == b->integer;
	case VALUE_TEXT:
		return text_equal(a->text, b->text);
	default:
		return true;
	}
}

void
value_emit(struct emission *e, struct text before, const struct hd_field *f,
    const struct value *v)
{
	if ((v->kind == VALUE_NULL || v->kind == VALUE_ABSENT) && f->type != HD_ATTACHMENTS) {
		out_text(e->out, before);
		out_bytes(e->out, "null", 4);
		return;
	}
	types[f->type].emit(e, before, v);
}
