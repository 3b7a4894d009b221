/*
 * openapi_error - the error answers in the OpenAPI document
 *
 * Every operation lists those that it can give by itself; "default" stands for what the
 * HTTP layer may find before anybody looks at the path (405, 414, 431 ...).
 */
#include "openapi_error.h"

#include <string.h>

#include "arena.h"
#include "err.h"
#include "json.h"
#include "openapi_header.h"
#include "openapi_merge.h"
#include "out.h"
#include "resource.h"
#include "route.h"

/* ---- which of them a route can give ---- */

static bool
always(const struct route *r)
{
	(void)r;
	return true;
}

static bool
needs_key(const struct route *r)
{
	return (r->flags & HD_PUBLIC) == 0;
}

static bool
has_body(const struct route *r)
{
	return r->body != NULL;
}

/* A filter by a user that does not exist is a 404, too. */
static bool
filters_by_user(const struct route *r)
{
	for (unsigned i = 0; r->resource != NULL && i < r->resource->count; i++)
		if (r->resource->columns[i].field->type == HD_USER &&
		    (r->resource->columns[i].field->flags & (HD_FILTER | HD_EXACT)) != 0)
			return r->query != NULL;
	return false;
}

static bool
can_miss(const struct route *r)
{
	return strchr(r->path, '{') != NULL || filters_by_user(r);
}

/* A value that must be unique is taken, or what is referred to goes meanwhile; or the name
 * of a POST that may be sent again was another's. */
static bool
can_conflict(const struct route *r)
{
	if (r->declared != NULL || strcmp(r->method, "POST") == 0)
		return r->access == HD_WRITE;
	for (const struct hd_field *f = r->body; f != NULL && f->name != NULL; f++)
		if (f->type == HD_USER || (f->flags & HD_UNIQUE) != 0)
			return true;
	return false;
}

#define HEADER(name, text, schema) \
	",\"" name "\":{\"description\":\"" text "\",\"schema\":" schema "}"
#define CHALLENGE HEADER("WWW-Authenticate", "How to authenticate: Bearer", \
	"{\"type\":\"string\"},\"example\":\"Bearer\"")
#define RETRY HEADER("Retry-After", "Seconds after which another try makes sense", \
	"{\"type\":\"integer\",\"minimum\":0},\"example\":1")

static const struct {
	const char *status, *name;
	bool (*given)(const struct route *);
	const char *description, *error, *more, *headers;
} answers[] = {
	{ "400", "BadRequest", always,
	  "Malformed, or not as the schema says; the message names what is wrong, all at once",
	  "assigned_to: no user 'bob'", "\"code\":\"unknown_user\",\"errors\":[{\"field\":"
	  "\"assigned_to\",\"code\":\"unknown_user\",\"message\":\"no user 'bob'\"}],", "" },
	{ "401", "Unauthorized", needs_key, "No API key, or not a valid one",
	  "Valid API key required.", "\"code\":\"unauthorized\",", CHALLENGE },
	{ "403", "Forbidden", needs_key, "The key may not do this, or not from this address",
	  "This key lacks the scope 'tickets:write'.", "\"code\":\"scope\",", "" },
	{ "404", "NotFound", can_miss, "There is no such thing",
	  "No ticket 4711.", "\"code\":\"not_found\",", "" },
	{ "409", "Conflict", can_conflict,
	  "A value that must be unique is taken, or an Idempotency-Key was used otherwise",
	  "asset_tag: 'DL-PRD-005' is taken", "\"code\":\"taken\",\"errors\":[{\"field\":"
	  "\"asset_tag\",\"code\":\"taken\",\"message\":\"'DL-PRD-005' is taken\"}],", "" },
	{ "412", "PreconditionFailed", openapi_header_may_mismatch,
	  "It is not what If-Match says",
	  "The ticket has changed since it was read; fetch it again.",
	  "\"code\":\"precondition\",\"errors\":[{\"field\":\"If-Match\",\"code\":"
	  "\"precondition\",\"message\":"
	  "\"The ticket has changed since it was read; fetch it again.\"}],", "" },
	{ "413", "ContentTooLarge", has_body, "The body is larger than the server takes",
	  "The request body is too large.", "\"code\":\"body_too_large\",", "" },
	{ "415", "UnsupportedMediaType", has_body, "The body is not JSON by its Content-Type",
	  "Content-Type must be application/json.", "\"code\":\"media_type\",", "" },
	{ "421", "MisdirectedRequest", always, "No site of this server has the host name",
	  "No site has the host 'example.org'.", "\"code\":\"no_site\",", "" },
	{ "500", "InternalError", always, "A fault of the server; its log has the request_id",
	  "Internal error.", "\"code\":\"internal\",", "" },
	{ "503", "Unavailable", always, "Too much to do at the moment",
	  "The database is busy; try again.", "\"code\":\"busy\",", RETRY },
	{ "default", "OtherError", always, "Whatever else may go wrong",
	  "The request target is too long.", "\"code\":\"target_too_long\",", "" },
};
enum { ANSWERS = sizeof answers / sizeof *answers };

void
openapi_error_responses(struct out *o, const struct route *route, const struct json *given)
{
	for (size_t i = 0; i < ANSWERS; i++)
		if (answers[i].given(route) &&
		    (given == NULL || json_member(given, text_of(answers[i].status)) == NULL))
			out_printf(o, ",\"%s\":{\"$ref\":\"#/components/responses/%s\"}",
			    answers[i].status, answers[i].name);
}

/* ---- what they consist of ---- */

#define ID_PATTERN "\"pattern\":\"^[A-Za-z0-9._-]{1,64}$\""

static const char error_schema[] =
    "{\"type\":\"object\",\"description\":\"What is wrong; error alone lets a person mend the"
    " request\",\"required\":[\"error\"],\"properties\":{"
    "\"error\":{\"type\":\"string\",\"description\":\"A sentence\"},"
    "\"code\":{\"type\":\"string\",\"description\":\"A stable word for programs\"},"
    "\"errors\":{\"type\":\"array\",\"description\":\"Each member or parameter that is wrong,"
    " in the order of the fields\",\"items\":{\"type\":\"object\","
    "\"required\":[\"field\",\"code\",\"message\"],\"properties\":{"
    "\"field\":{\"type\":\"string\"},\"code\":{\"type\":\"string\"},"
    "\"message\":{\"type\":\"string\"}}}},"
    "\"request_id\":{\"type\":\"string\",\"description\":\"As in X-Request-Id\"," ID_PATTERN
    "}}}";

static const char id_header[] =
    "{\"description\":\"The request's own X-Request-Id, if it is 1 to 64 of A-Z, a-z, 0-9, '.',"
    " '_' and '-', or a new one\",\"required\":true,\"schema\":{\"type\":\"string\"," ID_PATTERN
    "},\"example\":\"7c9e6679f3b04d0a\"}";

static void
write_answer(struct out *o, size_t i)
{
	out_string(o, "{\"description\":");
	json_text(o, text_of(answers[i].description));
	out_printf(o, ",\"headers\":{\"X-Request-Id\":{\"$ref\":"
	    "\"#/components/headers/X-Request-Id\"}%s},\"content\":{\"application/json\":{"
	    "\"schema\":{\"$ref\":\"#/components/schemas/Error\"},\"example\":{\"error\":",
	    answers[i].headers);
	json_text(o, text_of(answers[i].error));
	out_printf(o, ",%s\"request_id\":\"7c9e6679f3b04d0a\"}}}}", answers[i].more);
}

static bool
add(struct merge *m, struct arena *arena, const char *section, const char *name,
    struct text text, bool spare, struct err *e)
{
	const struct json *json;

	if (!json_parse(arena, text, &json, e))
		return false;
	return spare ? merge_spare(m, section, text_of(name), json, e) :
	    merge_component(m, section, text_of(name), json, NULL, e);
}

bool
openapi_error_components(struct merge *m, struct arena *arena, struct err *e)
{
	struct out o;

	if (!add(m, arena, "schemas", "Error", TEXT(error_schema), false, e) ||
	    !add(m, arena, "headers", "X-Request-Id", TEXT(id_header), false, e))
		return false;
	for (size_t i = 0; i < ANSWERS; i++) {
		out_init(&o, arena, SIZE_MAX);
		write_answer(&o, i);
		if (!add(m, arena, "responses", answers[i].name, (struct text){ o.at, o.len },
		    true, e))
			return false;
	}
	return true;
}
