/*
 * query.c - from the query of a request's target to checked values
 */
#include "query.h"

#include <string.h>

#include "json.h"
#include "request.h"
#include "type.h"

/* Takes "name=value" off the front of a query; false at its end. */
static bool
next_pair(struct text *rest, struct text *name, struct text *value)
{
	const char *amp, *equals;

	if (rest->len == 0)
		return false;
	amp = memchr(rest->at, '&', rest->len);
	*name = (struct text){ rest->at, amp == NULL ? rest->len : (size_t)(amp - rest->at) };
	rest->at += name->len + (amp != NULL);
	rest->len -= name->len + (amp != NULL);
	equals = memchr(name->at, '=', name->len);
	*value = (struct text){ name->at + name->len, 0 };
	if (equals != NULL) {
		value->at = equals + 1;
		value->len = name->len - (size_t)(equals + 1 - name->at);
		name->len = (size_t)(equals - name->at);
	}
	return true;
}

/* Which declared parameter a name is, still encoded as it may be; -1 for none. */
static int
declared(struct request *req, struct text raw)
{
	const struct route *route = req->route;
	struct text name = raw;
	int i;

	if (memchr(raw.at, '%', raw.len) != NULL &&
	    !text_unescape(&req->arena, raw, true, &name))
		return -1;

	for (i = 0; route->query != NULL && route->query[i].name != NULL; i++)
		if (text_equal(name, text_of(route->query[i].name)))
			return i;
	return -1;
}

/* A parameter as the JSON value that its type checks. */
static struct json
as_json(enum hd_type type, struct text value)
{
	struct json j = { .kind = JSON_STRING, .text = value };

	if (type == HD_BOOLEAN && text_equal(value, TEXT("true")))
		j.kind = JSON_TRUE;
	if (type == HD_BOOLEAN && text_equal(value, TEXT("false")))
		j.kind = JSON_FALSE;
	return j;
}

static bool
take(struct request *req, const struct hd_field *f, struct text raw, struct value *v)
{
	struct text value;
	struct json j;

	if (!text_unescape(&req->arena, raw, true, &value))
		return request_fail(req, 400, "malformed", f->name,
		    "has a broken percent-encoding");
	if (!text_valid(value, NULL))
		return request_fail(req, 400, "malformed", f->name, "is not UTF-8");
	if (value.len > 0 && memchr(value.at, '\0', value.len) != NULL)
		return request_fail(req, 400, "malformed", f->name, "must not hold U+0000");
	if (value.len == 0)
		return true;
	j = as_json(f->type, value);
	return type_of(f->type)->check(req, f, &j, v);
}

/*
 * Whether it is dry_run, which all routes that write have.  Nothing may be kept by mistake:
 * a value that says neither yes nor no is a fault, and given twice one "yes" is enough.
 */
static bool
take_dry_run(struct request *req, struct text raw_name, struct text raw)
{
	struct text name, value;

	if (req->route->access != HD_WRITE ||
	    !text_unescape(&req->arena, raw_name, true, &name) ||
	    !text_equal(name, TEXT("dry_run")))
		return false;
	if (!text_unescape(&req->arena, raw, true, &value))
		value = TEXT("?");
	if (text_equal(value, TEXT("1")) || text_equal(value, TEXT("true")))
		req->dry_run = true;
	else if (!text_equal(value, TEXT("0")) && !text_equal(value, TEXT("false")))
		request_fail(req, 400, "type", "dry_run", "must be 1, true, 0 or false");
	return true;
}

static void
refuse_unknown(struct request *req, struct text raw)
{
	struct text name;

	if (!text_unescape(&req->arena, raw, true, &name) || !text_valid(name, NULL))
		name = TEXT("?");
	request_fail_sentence(req, 400, "unknown", NULL, "Unknown query parameter '%.*s'.",
	    TEXT_SHOWN(name));
}

/* What must be given and was not. */
static void
require(struct request *req)
{
	const struct hd_field *f = req->route->query;
	const struct value *v;

	for (v = req->arguments; f != NULL && f->name != NULL; f++, v++)
		if (f->flags & HD_REQUIRED && v->kind == VALUE_ABSENT && req->status == 0)
			request_fail_sentence(req, 400, "required", f->name,
			    "Parameter '%s' is required.", f->name);
}

bool
query_read(struct request *req)
{
	const struct hd_field *fields = req->route->query;
	struct text rest = req->query, name, raw;
	bool seen[QUERY_PARAMETERS] = { false };
	int i;

	if (fields != NULL) {
		req->arguments = arena_zero(&req->arena,
		    (field_count(fields) + 1) * sizeof(*req->arguments));
		if (req->arguments == NULL)
			return request_fail_memory(req);
	}
	while (req->fault_count < FAULTS_MOST && next_pair(&rest, &name, &raw)) {
		i = declared(req, name);
		if (fields != NULL && i >= 0 && i < QUERY_PARAMETERS && !seen[i]) {
			seen[i] = true;
			(void)take(req, &fields[i], raw, &req->arguments[i]);
		} else if (i < 0 && !take_dry_run(req, name, raw) && req->strict && name.len > 0) {
			refuse_unknown(req, name);
		}
	}
	require(req);
	return req->status == 0;
}
