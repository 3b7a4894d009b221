/*
 * request.c - a request's life, and how it fails
 *
 * The only place that writes {"error": ...}.
 */
#include "request.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checks.h"
#include "json.h"
#include "key.h"
#include "log.h"
#include "spool.h"

/* An answer that says that the memory is used up needs some itself. */
enum { FAILURE_MEMORY = 256 * 1024 };

enum { STOCKED = 64 };	/* requests in a stock */

struct request *
request_new(size_t memory)
{
	struct request *req = checks_alloc(sizeof(*req));

	arena_init(&req->arena, memory);
	return req;
}

/* What is not in the arena. */
static void
let_go(struct request *req)
{
	spool_close(req->answer.spool);
	idempotency_fini(&req->idempotency);
	spool_close(req->upload);
}

void
request_free(struct request *req)
{
	if (req == NULL)
		return;
	let_go(req);
	arena_fini(&req->arena);
	checks_free(req, sizeof(*req), req->seen_by,
	    "a request after its answer");
}

struct request *
request_take(struct request_stock *stock, size_t memory)
{
	struct request *req = stock->first;
	struct arena arena;

	if (req == NULL) {
		req = request_new(memory);
		arena_draw_on(&req->arena, checks_reuse() ? &stock->large : NULL);
		return req;
	}
	stock->first = req->next;
	stock->count--;
	arena = req->arena;
	arena_rewind(&arena, memory);
	memset(req, 0, offsetof(struct request, answer.headers));
	req->arena = arena;
	req->err.message[0] = '\0';
	return req;
}

void
request_give(struct request_stock *stock, struct request *req)
{
	if (req == NULL || !checks_reuse()) {
		request_free(req);
		return;
	}
	arena_draw_on(&req->arena, &stock->large);
	if (stock->count == STOCKED) {
		request_free(req);
		return;
	}
	let_go(req);
	arena_rewind(&req->arena, SIZE_MAX);
	req->next = stock->first;
	stock->first = req;
	stock->count++;
}

void
request_stock_fini(struct request_stock *stock)
{
	struct request *req, *next;

	for (req = stock->first; req != NULL; req = next) {
		next = req->next;
		arena_fini(&req->arena);
		checks_free(req, sizeof(*req), "", "a request after its answer");
	}
	arena_stock_fini(&stock->large);
	*stock = (struct request_stock){ NULL };
}

void
request_stock_tidy(struct request_stock *stock)
{
	arena_stock_fini(&stock->large);
}

/* ---- leaving the connection ---- */

static bool
keep(struct request *req, struct text *t)
{
	if (t->at == NULL)
		return true;
	t->at = arena_copy(&req->arena, t->at, t->len);
	return t->at != NULL;
}

static bool
keep_headers(struct request *req)
{
	struct header *copies = arena_alloc(&req->arena, (req->header_count + 1) * sizeof(*copies));
	size_t i;

	if (copies == NULL)
		return false;
	for (i = 0; i < req->header_count; i++) {
		copies[i] = req->headers[i];
		if (!keep(req, &copies[i].name) || !keep(req, &copies[i].value))
			return false;
	}
	req->headers = copies;
	return true;
}

/* The key cache's is gone with the next request. */
static bool
keep_client(struct request *req)
{
	if (req->client == NULL)
		return true;
	req->client = key_client_copy(&req->arena, req->client);
	return req->client != NULL;
}

bool
request_detach(struct request *req)
{
	struct text target = req->target;
	unsigned i;

	arena_draw_on(&req->arena, NULL);	/* the stock is that of the thread it leaves */
	if (!keep_client(req) || !keep(req, &req->target) || !keep(req, &req->method) ||
	    !keep(req, &req->authority) || !keep(req, &req->address) || !keep_headers(req))
		return false;
	/* Path, query and parameters are pieces of the target. */
	if (req->path.at != NULL)
		req->path.at = req->target.at + (req->path.at - target.at);
	if (req->query.at != NULL)
		req->query.at = req->target.at + (req->query.at - target.at);
	for (i = 0; i < ROUTE_PARAMS; i++)
		if (req->params[i].at != NULL)
			req->params[i].at = req->target.at + (req->params[i].at - target.at);
	/* The body has been read into the arena as JSON, if the route wants one. */
	if (req->route != NULL && req->route->upload)
		return keep(req, &req->body);
	req->body = (struct text){ NULL, 0 };
	return true;
}

struct text
request_find_header(const struct request *req, struct text name)
{
	size_t i;

	for (i = 0; i < req->header_count; i++)
		if (text_equal(req->headers[i].name, name))
			return req->headers[i].value;
	return (struct text){ NULL, 0 };
}

bool
request_lists_tag(const struct request *req, const char *name, struct text tag,
    enum etag_comparison how)
{
	struct text wanted = text_of(name);
	size_t i;

	for (i = 0; i < req->header_count; i++)
		if (text_equal(req->headers[i].name, wanted) &&
		    etag_listed(req->headers[i].value, tag, how))
			return true;
	return false;
}

/* ---- failing ---- */

/* What is said when there is no memory left to say more. */
static const char no_memory[] = "The request needs more memory than it may have.";

/* Length of a text that may have been cut in the middle of a character. */
static size_t
whole_characters(const char *s)
{
	struct text t = text_of(s);
	size_t bad;

	return text_valid(t, &bad) ? t.len : bad;
}

static void
append(struct request *req, struct fault *fault)
{
	struct fault **end = &req->faults;

	while (*end != NULL)
		end = &(*end)->next;
	*end = fault;
	req->fault_count++;
}

/* A fault with a formatted message; NULL when there is no memory left to say it. */
__attribute__((format(printf, 5, 0))) static struct fault *
fault_new(struct request *req, int status, const char *code, const char *field,
    const char *format, va_list ap)
{
	struct fault *fault = arena_zero(&req->arena, sizeof(*fault));
	char message[1024];

	if (req->status == 0)
		req->status = status;
	if (fault == NULL)
		return NULL;
	vsnprintf(message, sizeof(message), format, ap);
	*fault = (struct fault){ .field = field, .code = code };
	fault->message = arena_copy(&req->arena, message, whole_characters(message));
	if (fault->message == NULL)
		fault->message = no_memory;
	return fault;
}

bool
request_fail(struct request *req, int status, const char *code, const char *field,
    const char *format, ...)
{
	struct fault *fault;
	va_list ap;

	va_start(ap, format);
	fault = fault_new(req, status, code, field, format, ap);
	va_end(ap);
	if (fault != NULL)
		append(req, fault);
	return false;
}

bool
request_fail_sentence(struct request *req, int status, const char *code, const char *field,
    const char *format, ...)
{
	struct fault *fault;
	va_list ap;

	va_start(ap, format);
	fault = fault_new(req, status, code, field, format, ap);
	va_end(ap);
	if (fault != NULL) {
		fault->sentence = true;
		append(req, fault);
	}
	return false;
}

/* The status is left to request_fail_required: other faults may come between. */
bool
request_miss(struct request *req, const char *field)
{
	struct fault *fault = arena_zero(&req->arena, sizeof(*fault));

	if (fault == NULL)
		return request_fail_memory(req);
	*fault = (struct fault){ .field = field, .code = "required", .message = "is required",
	    .silent = true };
	append(req, fault);
	return false;
}

bool
request_fail_required(struct request *req, const char *sentence)
{
	struct fault *fault = arena_zero(&req->arena, sizeof(*fault));

	if (fault == NULL)
		return request_fail_memory(req);
	*fault = (struct fault){ .code = "required", .message = sentence, .next = req->faults };
	req->faults = fault;
	if (req->status == 0)
		req->status = 400;
	return false;
}

bool
request_fail_inside(struct request *req, const char *format, ...)
{
	char message[1024];
	va_list ap;

	va_start(ap, format);
	vsnprintf(message, sizeof(message), format, ap);
	va_end(ap);
	log_error("%s %.*s %.*s: %s", req->id, (int)req->method.len, req->method.at,
	    (int)req->path.len, req->path.at, message);
	return request_fail(req, 500, "internal", NULL,
	    "Internal error; the server's log has it under the request id.");
}

bool
request_fail_memory(struct request *req)
{
	return request_fail(req, 413, "too_large", NULL, no_memory);
}

/* What a database's answer means for the client. */
static const struct {
	int status;
	const char *code, *message;
} db_failures[] = {
	[DB_NOT_UNIQUE] = { 409, "taken", "A value that must be unique is taken." },
	[DB_NO_REFERENCE] = { 409, "reference", "The row is in use, or refers to a lost one." },
	[DB_OVER_BUDGET] = { 503, "too_heavy", "The request takes too long; narrow it down." },
	[DB_BUSY] = { 503, "busy", "The database is busy; try again." },
	[DB_FULL] = { 503, "disk_full", "The server's disk is full." },
};

bool
request_fail_db(struct request *req, enum db_result result)
{
	size_t i = result;

	if (result == DB_OVER_BUDGET)
		req->over_budget = true;
	if (i >= sizeof(db_failures) / sizeof(db_failures[0]) || db_failures[i].status == 0)
		return request_fail_inside(req, "%s", db_message(req->db));
	return request_fail(req, db_failures[i].status, db_failures[i].code, NULL, "%s",
	    db_failures[i].message);
}

/* ---- answering ---- */

void
answer_put_header(struct request *req, struct text name, struct text value)
{
	struct answer *a = &req->answer;

	if (a->header_count < ANSWER_HEADERS)
		a->headers[a->header_count++] = (struct header){ name, value };
}

/* Place of the answer's header; their number if it has none. */
static unsigned
header_index(const struct answer *a, const char *name)
{
	unsigned i;

	for (i = 0; i < a->header_count; i++)
		if (text_equal(a->headers[i].name, text_of(name)))
			break;
	return i;
}

void
answer_replace_header(struct request *req, const char *name, struct text value)
{
	struct answer *a = &req->answer;
	unsigned i = header_index(a, name);

	if (i < a->header_count)
		a->headers[i].value = value;
	else
		answer_header(req, name, value);
}

struct text
answer_find_header(const struct request *req, struct text name)
{
	const struct answer *a = &req->answer;
	unsigned i;

	for (i = 0; i < a->header_count; i++)
		if (text_equal(a->headers[i].name, name))
			return a->headers[i].value;
	return (struct text){ NULL, 0 };
}

static bool
is_read(const struct request *req)
{
	return text_equal(req->method, TEXT("GET")) || text_equal(req->method, TEXT("HEAD"));
}

bool
answer_is_known(const struct request *req)
{
	struct text tag = answer_header_value(req, "etag");

	return is_read(req) && tag.at != NULL &&
	    request_lists_tag(req, "if-none-match", tag, ETAG_WEAKLY);
}

/* The tag of the rows.  Another form of them, CSV say, has another one; and rows that
 * were not all written, because the buffer was too small, have none. */
static void
put_tag(struct request *req)
{
	struct answer *a = &req->answer;
	char *tag;

	if (!req->etag.begun || a->body.failed || answer_has_header(req, "etag"))
		return;
	etag_add(&req->etag, answer_header_value(req, "content-type"));
	tag = arena_alloc(&req->arena, ETAG_SIZE);
	if (tag == NULL)
		return;
	etag_finish(&req->etag, tag);
	answer_header(req, "etag", text_of(tag));
}

static void
drop_body(struct request *req)
{
	struct answer *a = &req->answer;
	unsigned i, n = 0;

	spool_close(a->spool);
	a->spool = NULL;
	out_drop(&a->body);
	out_init(&a->body, &req->arena, SIZE_MAX);
	for (i = 0; i < a->header_count; i++)
		if (!text_equal(a->headers[i].name, TEXT("content-type")))
			a->headers[n++] = a->headers[i];
	a->header_count = n;
}

void
answer_restart(struct request *req)
{
	if (req->answer.spool != NULL)
		spool_rewind(req->answer.spool);
	req->answer.body.len = 0;
}

/* What becomes of a success: the status that it is answered with. */
static int
shorten(struct request *req, int status)
{
	if (status == 200 && answer_is_known(req)) {
		drop_body(req);
		return 304;
	}
	if (prefer_minimal(req, status)) {
		drop_body(req);
		return status == 201 ? 201 : 204;
	}
	return status;
}

/* Headers that every answer has. */
static void
put_headers(struct request *req, int status)
{
	const struct out *body = &req->answer.body;
	bool empty = status == 304 || status == 204 || (body->len == 0 && body->drain == NULL);
	bool tagged = is_read(req) && answer_has_header(req, "etag");

	if (!empty && !answer_has_header(req, "content-type"))
		answer_header(req, "content-type", TEXT("application/json"));
	answer_header(req, "x-content-type-options", TEXT("nosniff"));
	if (!answer_has_header(req, "cache-control"))
		answer_header(req, "cache-control",
		    tagged ? TEXT("private, no-cache") : TEXT("no-store"));
	answer_header(req, "x-request-id", text_of(req->id));
}

void
answer_complete(struct request *req, int status)
{
	const char *applied = prefer_applied(req, status);

	if (status >= 200 && status <= 299) {
		put_tag(req);
		status = shorten(req, status);
	}
	req->answer.status = status;
	put_headers(req, status);
	if (applied != NULL)
		answer_header(req, "preference-applied", text_of(applied));
	if (req->dry_run)
		answer_header(req, "dry-run", TEXT("true"));
}

/* "field: message; field: message", as one JSON string. */
static void
write_summary(struct out *out, struct arena *arena, const struct fault *faults)
{
	const struct fault *f;
	struct out all;

	out_init(&all, arena, SIZE_MAX);
	for (f = faults; f != NULL; f = f->next) {
		if (f->silent)
			continue;
		if (all.len > 0)
			out_string(&all, "; ");
		if (f->field != NULL && !f->sentence) {
			out_string(&all, f->field);
			out_string(&all, ": ");
		}
		out_string(&all, f->message);
	}
	json_text(out, all.failed ? text_of(no_memory) : (struct text){ all.at, all.len });
}

static void
write_fault(struct out *out, const struct fault *f)
{
	out_string(out, "{\"field\":");
	json_text(out, text_of(f->field));
	out_string(out, ",\"code\":");
	json_text(out, text_of(f->code));
	out_string(out, ",\"message\":");
	json_text(out, text_of(f->message));
	out_char(out, '}');
}

static void
write_faults(struct out *out, const struct fault *faults)
{
	const struct fault *f;
	bool first = true;

	for (f = faults; f != NULL; f = f->next) {
		if (f->field == NULL)
			continue;
		out_string(out, first ? ",\"errors\":[" : ",");
		first = false;
		write_fault(out, f);
	}
	if (!first)
		out_char(out, ']');
}

/* What speaks of the answer that was not made, and is not true of a failure. */
static bool
is_of_success(struct text name)
{
	static const char *const names[] = {
		"cache-control", "content-disposition", "etag", "expires", "last-modified",
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (text_equal(name, text_of(names[i])))
			return true;
	return false;
}

/* What a module has set stays on the failure that it has chosen: Retry-After, Allow. */
static void
add_own_headers(struct request *req)
{
	unsigned i;

	for (i = 0; req->own_stay && i < req->own_headers; i++)
		if (!is_of_success(req->own[i].name))
			answer_replace_header(req, req->own[i].name.at, req->own[i].value);
}

/* Headers that belong to a status, whoever it comes from. */
static void
add_status_headers(struct request *req, int status)
{
	if (status == 401 && !answer_has_header(req, "www-authenticate"))
		answer_header(req, "www-authenticate", TEXT("Bearer"));
	if (status == 503 && !answer_has_header(req, "retry-after"))
		answer_header(req, "retry-after", TEXT("1"));
}

static void
write_failure(struct request *req, const struct fault *faults)
{
	struct out *body = &req->answer.body;

	req->arena.left += FAILURE_MEMORY;
	out_drop(body);
	out_init(body, &req->arena, SIZE_MAX);
	out_string(body, "{\"error\":");
	write_summary(body, &req->arena, faults);
	out_string(body, ",\"code\":");
	json_text(body, text_of(faults->code));
	write_faults(body, faults);
	out_string(body, ",\"request_id\":");
	json_text(body, text_of(req->id));
	out_char(body, '}');
}

void
answer_failure(struct request *req)
{
	static const struct fault unknown = { .code = "internal", .message = "Internal error." };
	const struct fault *faults = req->faults != NULL ? req->faults : &unknown;
	struct answer *a = &req->answer;
	struct fault first = { .code = faults->code, .message = faults->message };

	spool_close(a->spool);
	a->spool = NULL;
	/* A 405 keeps its Allow, a 416 its Content-Range. */
	if ((req->status != 405 && req->status != 416) || a->status != 0)
		a->header_count = 0;
	write_failure(req, faults);
	if (a->body.failed)	/* there are too many, or too long ones: the first alone */
		write_failure(req, &first);
	add_own_headers(req);
	add_status_headers(req, req->status);
	answer_complete(req, req->status == 0 ? 500 : req->status);
}

/* RFC 9110 section 15, and RFC 6585. */
static const struct {
	int status;
	const char *reason;
} reasons[] = {
	{ 200, "OK" }, { 201, "Created" }, { 204, "No Content" }, { 206, "Partial Content" },
	{ 304, "Not Modified" },
	{ 400, "Bad Request" }, { 401, "Unauthorized" }, { 403, "Forbidden" }, { 404, "Not Found" },
	{ 405, "Method Not Allowed" }, { 408, "Request Timeout" }, { 409, "Conflict" },
	{ 412, "Precondition Failed" }, { 413, "Content Too Large" }, { 414, "URI Too Long" },
	{ 415, "Unsupported Media Type" }, { 416, "Range Not Satisfiable" },
	{ 417, "Expectation Failed" }, { 421, "Misdirected Request" },
	{ 422, "Unprocessable Content" }, { 429, "Too Many Requests" },
	{ 431, "Request Header Fields Too Large" },
	{ 500, "Internal Server Error" }, { 501, "Not Implemented" }, { 502, "Bad Gateway" },
	{ 503, "Service Unavailable" }, { 504, "Gateway Timeout" },
	{ 505, "HTTP Version Not Supported" },
};

const char *
answer_reason(int status)
{
	size_t i;

	for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return "Status";
}
