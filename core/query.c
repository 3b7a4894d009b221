/*
 * query.c - from the query of a request's target to checked values
 */
#include "query.h"

#include <string.h>

#include "json.h"
#include "request.h"
#include "type.h"

bool
query_next(struct text *rest, struct text *name, struct text *value)
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

/* A parameter as the JSON value that its type checks.  The list's own switches, which
 * have bounds, may be given as numbers. */
static struct json
as_json(const struct hd_field *f, struct text value)
{
	bool number = f->type == HD_BOOLEAN && f->most == 1;
	struct json j = { .kind = JSON_STRING, .text = value };

	if (f->type != HD_BOOLEAN)
		return j;
	if (text_equal(value, TEXT("true")) || (number && text_equal(value, TEXT("1"))))
		j.kind = JSON_TRUE;
	if (text_equal(value, TEXT("false")) || (number && text_equal(value, TEXT("0"))))
		j.kind = JSON_FALSE;
	return j;
}

static bool
decode(struct request *req, const struct hd_field *f, struct text raw, struct text *value)
{
	if (!text_unescape(&req->arena, raw, true, value))
		return request_fail(req, 400, "malformed", f->name,
		    "has a broken percent-encoding");
	if (!text_valid(*value, NULL))
		return request_fail(req, 400, "malformed", f->name, "is not UTF-8");
	if (value->len > 0 && memchr(value->at, '\0', value->len) != NULL)
		return request_fail(req, 400, "malformed", f->name, "must not hold U+0000");
	return true;
}

static bool
take(struct request *req, const struct hd_field *f, struct text raw, struct value *v)
{
	struct text value;
	struct json j;

	if (!decode(req, f, raw, &value))
		return false;
	if (value.len == 0)
		return true;
	j = as_json(f, value);
	return type_of(f->type)->check(req, f, &j, v);
}

/* ---- parameters that take several values ---- */

/* Filters keep the flag that made them one; no other parameter has it. */
static bool
takes_several(const struct hd_field *f)
{
	return (f->flags & (HD_FILTER | HD_CONTAINS | HD_EXACT)) != 0;
}

/* Whether there is room for one more.  A value that is split stands for those that follow,
 * so it is not one of them; there may be as many of it, though nothing follows. */
static bool
has_room(const struct alternative *a, const struct alternative *one)
{
	unsigned entries = 1, values = !one->split;

	for (; a != NULL; a = a->next) {
		entries++;
		values += !a->split;
	}
	return values <= QUERY_ALTERNATIVES && entries <= 2 * QUERY_ALTERNATIVES;
}

static bool
append(struct request *req, unsigned i, struct alternative one)
{
	struct alternative **end = &req->alternatives[i];

	if (!has_room(*end, &one))
		return request_fail(req, 400, "too_many", req->route->query[i].name,
		    "takes at most %d values", QUERY_ALTERNATIVES);
	while (*end != NULL)
		end = &(*end)->next;
	*end = arena_zero(&req->arena, sizeof(**end));
	if (*end == NULL)
		return request_fail_memory(req);
	**end = one;
	return true;
}

/* What stands between commas; a comma that is encoded belongs to the value. */
static bool
take_parts(struct request *req, unsigned i, struct text raw)
{
	const char *end = raw.at + raw.len, *at = raw.at, *comma;
	struct text part;

	for (; at < end; at = comma + 1) {
		comma = memchr(at, ',', (size_t)(end - at));
		if (comma == NULL)
			comma = end;
		if (!decode(req, &req->route->query[i], (struct text){ at, (size_t)(comma - at) },
		    &part))
			return false;
		if (part.len > 0 &&
		    !append(req, i, (struct alternative){ .text = part, .part = true }))
			return false;
	}
	return true;
}

static bool
take_several(struct request *req, unsigned i, struct text raw)
{
	bool split = memchr(raw.at, ',', raw.len) != NULL;
	struct text whole;

	if (!decode(req, &req->route->query[i], raw, &whole))
		return false;
	if (whole.len == 0)
		return true;
	if (req->arguments[i].kind == VALUE_ABSENT)
		req->arguments[i] = value_text(whole);
	return append(req, i, (struct alternative){ .text = whole, .split = split }) &&
	    (!split || take_parts(req, i, raw));
}

/* ---- the query ---- */

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

static bool
make_room(struct request *req)
{
	unsigned n;

	if (req->route->query == NULL)
		return true;
	n = field_count(req->route->query) + 1;
	req->arguments = arena_zero(&req->arena, n * sizeof(*req->arguments));
	req->alternatives = arena_zero(&req->arena, n * sizeof(struct alternative *));
	return (req->arguments != NULL && req->alternatives != NULL) || request_fail_memory(req);
}

/* Of a parameter that takes one value the first counts; one fault of each is enough. */
static void
take_declared(struct request *req, unsigned i, struct text raw, bool *done)
{
	const struct hd_field *f = &req->route->query[i];

	if (*done)
		return;
	*done = true;
	if (takes_several(f))
		*done = !take_several(req, i, raw);
	else
		(void)take(req, f, raw, &req->arguments[i]);
}

bool
query_read(struct request *req)
{
	struct text rest = req->query, name, raw;
	bool done[QUERY_PARAMETERS] = { false };
	int i;

	if (rest.len == 0 && req->route->query == NULL)
		return true;
	if (!make_room(req))
		return false;
	while (req->fault_count < FAULTS_MOST && query_next(&rest, &name, &raw)) {
		i = declared(req, name);
		if (i >= 0 && i < QUERY_PARAMETERS)
			take_declared(req, (unsigned)i, raw, &done[i]);
		else if (i < 0 && !take_dry_run(req, name, raw) && req->strict &&
		    name.len > 0)
			refuse_unknown(req, name);
	}
	require(req);
	return req->status == 0;
}
