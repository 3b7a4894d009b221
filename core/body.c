/*
 * body.c - from the bytes of a request's body to checked values
 *
 * Knows what the types and flags of fields mean for a body; what a value of a type
 * may be is the type's own business (type.c).
 */
#include "body.h"

#include <string.h>

#include "json.h"
#include "key.h"
#include "request.h"
#include "resource.h"
#include "type.h"

/* application/json, or another JSON type (RFC 6839): application/merge-patch+json. */
static bool
is_json(struct text type)
{
	const char *semicolon = memchr(type.at, ';', type.len);
	struct text suffix;

	if (semicolon != NULL)
		type.len = (size_t)(semicolon - type.at);
	type = text_trim(type);
	if (text_equal_ascii(type, TEXT("application/json")))
		return true;
	if (type.len < 5)
		return false;
	suffix = (struct text){ type.at + type.len - 5, 5 };
	return text_equal_ascii(suffix, TEXT("+json"));
}

static bool
parse(struct request *req)
{
	struct text type = request_header(req, "content-type");
	struct err e;

	if (type.at != NULL && type.len > 0 && req->body.len > 0 && !is_json(type))
		return request_fail(req, 415, "media_type", NULL,
		    "Content-Type must be application/json.");
	if (!json_parse(&req->arena, req->body, &req->json, &e))
		return strcmp(e.message, JSON_NO_MEMORY) == 0 ? request_fail_memory(req) :
		    request_fail(req, 400, "malformed", NULL, "Malformed JSON: %s", e.message);
	if (req->json->kind != JSON_OBJECT)
		return request_fail(req, 400, "malformed", NULL, "The body must be a JSON object.");
	return true;
}

/* ---- one member ---- */

/* Whether a body can set the field at all. */
static bool
writable(const struct request *req, const struct hd_field *f)
{
	return type_of(f->type)->given && !(req->route->partial && f->flags & HD_CREATE_ONLY) &&
	    !((f->flags & HD_READ_ONLY) != 0 && !req->route->by_module);
}

/* What a field takes that was not given, or given as nothing, on creation. */
static bool
fill(struct request *req, const struct hd_field *f, struct value *v)
{
	const struct hd_client *client = req->client != NULL ? &req->client->hd : NULL;

	*v = field_default(f);
	if (v->kind != VALUE_ABSENT)
		return true;
	if (f->flags & HD_CALLER) {
		if (client == NULL || client->user == 0)
			return request_fail_sentence(req, 400, "required", f->name,
			    "%s must reference a valid user or configure a default user"
			    " for this API key.", f->name);
		*v = (struct value){ VALUE_INT, client->user, text_of(client->user_name) };
		return true;
	}
	if (f->flags & HD_REQUIRED)
		return request_miss(req, f->name);
	v->kind = VALUE_NULL;
	return true;
}

/* A member that says "nothing": null, or "" where that means null. */
static bool
empty(struct request *req, const struct hd_field *f, struct value *v)
{
	bool has_default = f->value != NULL || f->flags & HD_CALLER;

	if (f->type == HD_TAGS)
		return fill(req, f, v);
	if (f->type == HD_BOOLEAN && f->value != NULL)
		return request_fail(req, 400, "not_null", f->name, "must not be null");
	if (!req->route->partial)
		return fill(req, f, v);
	if (has_default || f->flags & HD_REQUIRED)
		return request_fail(req, 400, "not_null", f->name, "must not be null");
	v->kind = VALUE_NULL;
	return true;
}

/* What the flags say of a text that its type has taken. */
static bool
check_flags(struct request *req, const struct hd_field *f, struct value *v)
{
	bool blank;

	if (f->type != HD_TEXT || v->kind != VALUE_TEXT)
		return true;
	blank = text_trim(v->text).len == 0;
	if (f->flags & HD_REQUIRED && blank) {
		if (!req->route->partial)
			return request_miss(req, f->name);
		return request_fail(req, 400, "blank", f->name, "must not be blank");
	}
	if (v->text.len > 0)
		return true;
	if (f->value != NULL) {
		if (req->route->partial)
			return request_fail(req, 400, "blank", f->name, "must not be blank");
		*v = field_default(f);
	} else if (f->flags & HD_UNIQUE) {
		v->kind = VALUE_NULL;
	}
	return true;
}

/* Whoever is deactivated does nothing new.  In a row he may stay where he stands, so that is
 * seen when it is written. */
static bool
check_active(struct request *req, const struct hd_field *f, const struct value *v)
{
	return !v->inactive || req->route->resource != NULL || request_fail(req, 400,
	    "inactive_user", f->name, "user '%.*s' is deactivated", TEXT_SHOWN(v->text));
}

static bool
check_member(struct request *req, const struct hd_field *f, struct value *v)
{
	const struct json *j = json_member(req->json, text_of(f->name));
	const struct type *type = type_of(f->type);

	if (!writable(req, f))
		return (f->flags & HD_READ_ONLY) == 0 || req->route->partial || fill(req, f, v);
	if (j == NULL)
		return req->route->partial || fill(req, f, v);
	if (j->kind == JSON_NULL ||
	    (type->blank_is_null && j->kind == JSON_STRING && j->text.len == 0))
		return empty(req, f, v);
	return type->check(req, f, j, v) && check_flags(req, f, v) && check_active(req, f, v);
}

/* ---- the whole ---- */

static const struct hd_field *
field_named(const struct hd_field *fields, struct text name)
{
	for (; fields->name != NULL; fields++)
		if (text_equal(name, text_of(fields->name)))
			return fields;
	return NULL;
}

/* Prefer: handling=strict (RFC 7240): what would be ignored is a fault. */
static void
check_strictly(struct request *req)
{
	const struct hd_field *f;
	const struct json *j;

	for (j = req->json->first; j != NULL; j = j->next) {
		f = field_named(req->route->body, j->name);
		if (f == NULL)
			request_fail_sentence(req, 400, "unknown", j->name.at,
			    "Unknown member '%.*s'.", TEXT_SHOWN(j->name));
		else if (!writable(req, f))
			request_fail_sentence(req, 400, "read_only", f->name,
			    "Read-only member '%s'.", f->name);
		if (req->status != 0 && req->fault_count >= FAULTS_MOST)
			return;
	}
}

static bool
any_missed(const struct request *req)
{
	const struct fault *f;

	for (f = req->faults; f != NULL; f = f->next)
		if (f->silent)
			return true;
	return false;
}

bool
body_read(struct request *req)
{
	return parse(req) && body_check(req);
}

bool
body_check(struct request *req)
{
	const struct hd_field *f;
	struct value *v;

	v = arena_zero(&req->arena, (field_count(req->route->body) + 1) * sizeof(*v));
	if (v == NULL)
		return request_fail_memory(req);
	req->values = v;
	for (f = req->route->body; f->name != NULL; f++, v++)
		(void)check_member(req, f, v);
	if (req->strict)
		check_strictly(req);
	if (any_missed(req))
		request_fail_required(req, req->route->required);
	return req->status == 0;
}
