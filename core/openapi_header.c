/*
 * openapi_header.c - the conditions of requests in the OpenAPI document
 */
#include "openapi_header.h"

#include <string.h>

#include "json.h"
#include "openapi_merge.h"
#include "out.h"
#include "route.h"

/* ---- which routes have them ---- */

static bool
is_method(const struct route *r, const char *method)
{
	return strcmp(r->method, method) == 0;
}

static bool
reads_rows(const struct route *r)
{
	return r->declared == NULL && is_method(r, "GET");
}

bool
openapi_header_may_mismatch(const struct route *r)
{
	return r->declared == NULL && r->access == HD_WRITE && !is_method(r, "POST");
}

static bool
can_repeat(const struct route *r)
{
	return r->access == HD_WRITE && is_method(r, "POST") && (r->flags & HD_PUBLIC) == 0;
}

static bool
changes_rows(const struct route *r)
{
	return r->declared == NULL && r->access == HD_WRITE;
}

/* A route that declares a parameter of this name means something else by it. */
static bool
can_dry_run(const struct route *r)
{
	const struct hd_field *f;

	for (f = r->query; f != NULL && f->name != NULL; f++)
		if (strcmp(f->name, "dry_run") == 0)
			return false;
	return r->access == HD_WRITE;
}

static const struct openapi_header headers[] = {
	{ "IfNoneMatch",    "If-None-Match",   "header", reads_rows },
	{ "IfMatch",        "If-Match",        "header", openapi_header_may_mismatch },
	{ "IdempotencyKey", "Idempotency-Key", "header", can_repeat },
	{ "Prefer",         "Prefer",          "header", changes_rows },
	{ "DryRun",         "dry_run",         "query",  can_dry_run },
};

const struct openapi_header *
openapi_headers(size_t *n)
{
	*n = sizeof headers / sizeof *headers;
	return headers;
}

/* ---- what they consist of ---- */

#define TAG "\"\\\"4b6306d9d8b66840939208935be87a13\\\"\""

static const struct {
	const char *section, *name, *json;
} components[] = {
	{ "parameters", "IfNoneMatch",
	  "{\"name\":\"If-None-Match\",\"in\":\"header\",\"required\":false,\"description\":"
	  "\"ETags that the client has, or *: 304 if what would be answered has one of them\","
	  "\"schema\":{\"type\":\"string\"},\"example\":" TAG "}" },
	{ "parameters", "IfMatch",
	  "{\"name\":\"If-Match\",\"in\":\"header\",\"required\":false,\"description\":"
	  "\"The ETag of what is to be changed, as it was read, or *: 412 if it has changed"
	  " since\",\"schema\":{\"type\":\"string\"},\"example\":" TAG "}" },
	{ "parameters", "IdempotencyKey",
	  "{\"name\":\"Idempotency-Key\",\"in\":\"header\",\"required\":false,\"description\":"
	  "\"A name of the client's choice. The same request under the same name is done once"
	  " within 24 hours; sent again, it is answered again, with Idempotency-Replayed: true."
	  " Another request under this name is a 409\",\"schema\":{\"type\":\"string\","
	  "\"minLength\":1,\"maxLength\":255,\"pattern\":\"^[!-~]+$\"},"
	  "\"example\":\"5f1c3d52-printer-jam\"}" },
	{ "parameters", "Prefer",
	  "{\"name\":\"Prefer\",\"in\":\"header\",\"required\":false,\"description\":"
	  "\"RFC 7240. return=minimal: a 201 has no body, and what would be a 200 is a 204."
	  " handling=strict: unknown parameters and members are a 400\","
	  "\"schema\":{\"type\":\"string\"},\"example\":\"return=minimal\"}" },
	{ "parameters", "DryRun",
	  "{\"name\":\"dry_run\",\"in\":\"query\",\"required\":false,\"description\":"
	  "\"All is checked, and answered as if it were done, with Dry-Run: true; nothing is"
	  " kept\",\"schema\":{\"type\":\"string\",\"enum\":[\"1\",\"true\",\"0\",\"false\"]},"
	  "\"example\":\"1\"}" },
	{ "headers", "ETag",
	  "{\"description\":\"Stands for all members of what is answered\",\"schema\":"
	  "{\"type\":\"string\"},\"example\":" TAG "}" },
	{ "headers", "Location",
	  "{\"description\":\"Where it is, if it is new\",\"schema\":{\"type\":\"string\"},"
	  "\"example\":\"/api/v1/tickets/202\"}" },
	{ "responses", "NotModified",
	  "{\"description\":\"It has one of the ETags of If-None-Match\",\"headers\":"
	  "{\"X-Request-Id\":{\"$ref\":\"#/components/headers/X-Request-Id\"},"
	  "\"ETag\":{\"$ref\":\"#/components/headers/ETag\"}}}" },
	{ "responses", "NoContent",
	  "{\"description\":\"It is done, and Prefer: return=minimal was sent\",\"headers\":"
	  "{\"X-Request-Id\":{\"$ref\":\"#/components/headers/X-Request-Id\"}}}" },
};

bool
openapi_header_components(struct merge *m, struct arena *arena, struct err *e)
{
	const struct json *json;

	for (size_t i = 0; i < sizeof components / sizeof *components; i++)
		if (!json_parse(arena, text_of(components[i].json), &json, e) ||
		    !merge_spare(m, components[i].section, text_of(components[i].name), json, e))
			return false;
	return true;
}

void
openapi_header_responses(struct out *o, const struct route *r)
{
	if (openapi_header_may_mismatch(r))
		out_string(o, ",\"204\":{\"$ref\":\"#/components/responses/NoContent\"}");
	if (reads_rows(r))
		out_string(o, ",\"304\":{\"$ref\":\"#/components/responses/NotModified\"}");
}
