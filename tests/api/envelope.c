/*
 * envelope.c - the rules of the section "Answers" of the contract, for each answer
 */
#include "envelope.h"

#include <string.h>

#include "arena.h"
#include "err.h"
#include "expect.h"
#include "json.h"

static const char id_characters[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";

static bool
check_cache(const struct reply *r, struct err *e)
{
	struct text cache = reply_field(r, "cache-control");

	if (text_equal(cache, TEXT("no-store")))
		return true;
	if (text_equal(cache, TEXT("private, no-cache")) && reply_field(r, "etag").at != NULL)
		return true;
	return err_set(e, "Cache-Control: %.*s", (int)cache.len, cache.len == 0 ? "" : cache.at);
}

static bool
check_id(const struct reply *r, struct err *e)
{
	struct text id = reply_field(r, "x-request-id");

	if (id.at != NULL && id.len >= 1 && id.len <= 64 &&
	    strspn(id.at, id_characters) >= id.len)
		return true;
	return err_set(e, "X-Request-Id: %.*s", (int)id.len, id.len == 0 ? "" : id.at);
}

static bool
check_type(const struct reply *r, struct err *e)
{
	struct text type = reply_field(r, "content-type");

	if (text_equal_ascii(type, TEXT("application/json")) ||
	    text_equal_ascii(type, TEXT("application/json; charset=utf-8")))
		return true;
	return err_set(e, "Content-Type: %.*s", (int)type.len, type.len == 0 ? "" : type.at);
}

/* A list as CSV (RFC 4180, RFC 7111): its lines are none of ours to check. */
static bool
is_csv(const struct reply *r)
{
	return r->status == 200 && text_equal(reply_field(r, "content-type"),
	    TEXT("text/csv; charset=utf-8; header=present"));
}

static bool
is_text(const struct json *v)
{
	return v != NULL && v->kind == JSON_STRING && v->text.len > 0;
}

static bool
check_faults(const struct json *faults, struct err *e)
{
	for (const struct json *f = faults->first; f != NULL; f = f->next) {
		const struct json *field = json_member(f, TEXT("field"));

		if (field == NULL || (field->kind != JSON_NULL && field->kind != JSON_STRING) ||
		    !is_text(json_member(f, TEXT("code"))) ||
		    !is_text(json_member(f, TEXT("message"))) || f->count != 3)
			return err_set(e, "errors: not field, code and message");
	}
	return faults->kind == JSON_ARRAY || err_set(e, "errors: no list");
}

static bool
check_error(const struct json *body, const struct reply *r, struct err *e)
{
	static const char *const order[] = { "error", "code", "errors", "request_id" };
	const struct json *id = json_member(body, TEXT("request_id"));
	const struct json *faults = json_member(body, TEXT("errors"));
	size_t i = 0;

	if (body->kind != JSON_OBJECT || !is_text(json_member(body, TEXT("error"))) ||
	    !text_equal(body->first->name, TEXT("error")))
		return err_set(e, "an error without the member error in front");
	for (const struct json *m = body->first; m != NULL; m = m->next) {
		while (i < 4 && !text_equal(m->name, text_of(order[i])))
			i++;
		if (i++ == 4)
			return err_set(e, "an error with the member %.*s at its place",
			    (int)m->name.len, m->name.at);
	}
	if (id != NULL && !text_equal(id->text, reply_field(r, "x-request-id")))
		return err_set(e, "request_id is not X-Request-Id");
	return faults == NULL || check_faults(faults, e);
}

/* A 500 is never an answer that a test waits for. */
static bool
tells_nothing_inner(const struct reply *r, struct err *e)
{
	static const char *const words[] = { "SELECT ", "INSERT ", "sqlite", ".c:", "core_" };

	if (r->status != 500)
		return true;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (r->body.len > 0 && memmem(r->body.at, r->body.len, words[i],
		    strlen(words[i])) != NULL)
			return err_set(e, "a 500 that tells %s", words[i]);
	return true;
}

/* A file that was attached: only ever to be kept, never to be shown as a page of ours. */
static bool
is_file(const struct reply *r)
{
	return (r->status == 200 || r->status == 206) &&
	    reply_field(r, "content-disposition").at != NULL;
}

static bool
check_file(const struct reply *r, struct err *e)
{
	if (!expect_like(TEXT("attachment; *"), reply_field(r, "content-disposition")))
		return err_set(e, "a file that is no attachment");
	if (!text_equal(reply_field(r, "content-security-policy"),
	    TEXT("sandbox; default-src 'none'")))
		return err_set(e, "a file without Content-Security-Policy");
	return text_equal(reply_field(r, "accept-ranges"), TEXT("bytes")) ||
	    err_set(e, "a file without Accept-Ranges");
}

/* What is made is told unless it is not to be. */
static bool
may_be_empty(const struct reply *r)
{
	struct text applied = reply_field(r, "preference-applied");

	return r->status == 304 || r->status == 204 ||
	    (r->status == 201 && expect_like(TEXT("*return=minimal"), applied));
}

bool
envelope_check(struct arena *a, const struct reply *r, bool head, struct err *e)
{
	const struct json *body;

	if (!text_equal(reply_field(r, "x-content-type-options"), TEXT("nosniff")) &&
	    r->status != 304)
		return err_set(e, "no X-Content-Type-Options: nosniff");
	if (!check_cache(r, e) || !check_id(r, e))
		return false;
	if (r->body.len == 0 && may_be_empty(r))
		return true;
	if (is_csv(r))
		return true;
	if (is_file(r))
		return check_file(r, e);
	if (!check_type(r, e))
		return false;
	if (head)
		return true;
	if (!json_parse(a, r->body, &body, e))
		return err_prefix(e, "the answer is no JSON: ");
	if (r->status >= 400 && !check_error(body, r, e))
		return false;
	return tells_nothing_inner(r, e);
}

bool
envelope_check_message(struct arena *a, const struct reply *r, struct text pattern,
    struct err *e)
{
	const struct json *body, *error;

	if (!json_parse(a, r->body, &body, e))
		return err_prefix(e, "the answer is no JSON: ");
	error = json_member(body, TEXT("error"));
	if (error == NULL)
		return err_set(e, "expected an error, came none");
	return expect_like(pattern, error->text) || err_set(e, "expected \"%.*s\", came \"%.*s\"",
	    (int)pattern.len, pattern.at, (int)error->text.len, error->text.at);
}
