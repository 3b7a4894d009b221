/*
 * host.c - the server as a module's code sees it
 *
 * Each function of the table does one thing of plugin.h.  What a module may hand in
 * is checked here; a wrong call fails the request and is logged, and never more.
 */
#include "host.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "audit.h"
#include "checks.h"
#include "cleanup.h"
#include "db.h"
#include "host_part.h"
#include "iso8601.h"
#include "json.h"
#include "key.h"
#include "log.h"
#include "module.h"
#include "ownership.h"
#include "request.h"
#include "site.h"
#include "type.h"

enum { NESTED_MOST = 16, ACTION_MOST = 48 };

/* What hd_rows points to. */
struct hd_rows {
	const struct hd_host *host;	/* first: every handle begins with it */
	struct request *req;
	const struct instance *by;
	struct db_stmt *st;
	struct hd_rows *next;		/* the request's */
	bool at_row;
	bool begun;			/* the first step is done: it came to first */
	enum db_result first;
	struct lent *lent;		/* checking build: texts of the row */
};

/* A text of a row, lent until the next one. */
struct lent {
	struct lent *next;
	char *at;
	size_t size;
	unsigned column;
};

static struct request *
request_of(struct hd_req *hd)
{
	return (struct request *)(void *)hd;
}

static const struct instance *
instance_of(const struct hd_instance *hd)
{
	return (const struct instance *)(const void *)hd;
}

/* ---- failing ---- */

bool
host_wrong(struct request *req, const char *format, ...)
{
	const struct instance *acting = req->acting;
	char message[512];
	va_list ap;

	if (req->status != 0)
		return false;
	va_start(ap, format);
	vsnprintf(message, sizeof(message), format, ap);
	va_end(ap);
	return request_fail_inside(req, "module %s %s %s", acting->module->d->name,
	    acting->module->d->version, message);
}

static bool
no_memory(struct request *req)
{
	return req->status == 0 && request_fail_memory(req);
}

const char *
host_string(struct request *req, struct text t)
{
	const char *copy;

	if (t.at == NULL)
		return NULL;
	copy = arena_copy(&req->arena, t.at, t.len);
	if (copy == NULL)
		no_memory(req);
	return copy;
}

/* The stable word for a status that a module fails with. */
static const struct {
	int status;
	const char *code;
} codes[] = {
	{ 400, "invalid" }, { 401, "unauthorized" }, { 403, "forbidden" }, { 404, "not_found" },
	{ 409, "conflict" }, { 412, "precondition" }, { 413, "too_large" }, { 415, "media_type" },
	{ 422, "invalid" }, { 502, "bad_gateway" }, { 503, "unavailable" },
};

static const char *
code_of(int status)
{
	size_t i;

	for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (codes[i].status == status)
			return codes[i].code;
	return status < 500 ? "refused" : "internal";
}

__attribute__((format(printf, 4, 0))) static bool
host_fail(struct hd_req *hd, int status, const char *field, const char *format, va_list ap)
{
	struct request *req = request_of(hd);
	char message[1024];

	if (req->status != 0)
		return false;
	vsnprintf(message, sizeof(message), format, ap);
	if (status < 400 || status > 599)
		return host_wrong(req, "failed with status %d: %s", status, message);
	if (!text_valid(text_of(field), NULL))
		return host_wrong(req, "failed with a field that is no UTF-8: %s", message);
	req->own_stay = true;
	return request_fail(req, status, code_of(status), host_string(req, text_of(field)), "%s",
	    message);
}

/* ---- the request ---- */

static void *
host_alloc(struct hd_req *hd, size_t size)
{
	void *p = arena_zero(&request_of(hd)->arena, size);

	if (p == NULL)
		no_memory(request_of(hd));
	return p;
}

/* Place of a template's parameter; -1. */
static int
param_index(const struct request *req, const char *name)
{
	struct text wanted = text_of(name), have;
	unsigned i;

	for (i = 0; i < ROUTE_PARAMS; i++) {
		have = route_param_name(req->route, i);
		if (have.at == NULL)
			return -1;
		if (text_equal(have, wanted))
			return (int)i;
	}
	return -1;
}

static int64_t
host_param_id(struct hd_req *hd, const char *name)
{
	struct request *req = request_of(hd);
	int i = param_index(req, name);
	int64_t id = 0;

	return i >= 0 && text_to_int(req->params[i], &id) ? id : 0;
}

static const char *
host_param(struct hd_req *hd, const char *name)
{
	struct request *req = request_of(hd);
	int i = param_index(req, name);
	struct text value;

	if (i < 0)
		return NULL;
	if (text_unescape(&req->arena, req->params[i], false, &value))
		return value.at;
	no_memory(req);
	return NULL;
}

static const char *
host_header(struct hd_req *hd, const char *name)
{
	struct text value = request_header(request_of(hd), name);

	return text_valid(value, NULL) ? host_string(request_of(hd), value) : NULL;
}

/* Place of a field in its table; -1. */
static int
field_index(const struct hd_field *fields, const char *name)
{
	int i;

	for (i = 0; fields != NULL && fields[i].name != NULL; i++)
		if (strcmp(fields[i].name, name) == 0)
			return i;
	return -1;
}

/* What a parameter is that is not given; NULL: nothing. */
static const char *
parameter_default(struct request *req, const struct hd_field *f)
{
	struct value v = field_default(f);

	return v.kind == VALUE_TEXT ? host_string(req, v.text) : f->value;
}

static const char *
host_query(struct hd_req *hd, const char *name)
{
	struct request *req = request_of(hd);
	int i = field_index(req->route->query, name);
	const struct value *v = i >= 0 ? &req->arguments[i] : NULL;
	char digits[24];

	if (v == NULL)
		return NULL;
	if (v->kind == VALUE_ABSENT)
		return parameter_default(req, &req->route->query[i]);
	if (v->kind == VALUE_TEXT)
		return host_string(req, v->text);
	if (req->route->query[i].type == HD_BOOLEAN)
		return v->integer != 0 ? "true" : "false";
	snprintf(digits, sizeof(digits), "%" PRId64, v->integer);
	return host_string(req, text_of(digits));
}

/* What the body gives for a field; NULL: the route has no such field. */
static const struct value *
member(const struct request *req, const char *name)
{
	int i = field_index(req->route->body, name);

	return i >= 0 ? &req->values[i] : NULL;
}

static bool
host_body_has(struct hd_req *hd, const char *field)
{
	const struct value *v = member(request_of(hd), field);

	return v != NULL && (v->kind == VALUE_INT || v->kind == VALUE_TEXT);
}

static bool
host_body_given(struct hd_req *hd, const char *field)
{
	struct request *req = request_of(hd);

	return member(req, field) != NULL && json_member(req->json, text_of(field)) != NULL;
}

static const char *
host_body_text(struct hd_req *hd, const char *field)
{
	struct request *req = request_of(hd);
	const struct value *v = member(req, field);

	return v != NULL && v->kind == VALUE_TEXT ? host_string(req, v->text) : NULL;
}

static int64_t
host_body_int(struct hd_req *hd, const char *field)
{
	const struct value *v = member(request_of(hd), field);

	return v != NULL && v->kind == VALUE_INT ? v->integer : 0;
}

static const struct hd_client *
host_client(struct hd_req *hd)
{
	const struct client *client = request_of(hd)->client;

	return client != NULL ? &client->hd : NULL;
}

static const char *
host_now(struct hd_req *hd)
{
	struct request *req = request_of(hd);

	if (req->stage != REQUEST_PREPARES)
		return req->now_text;
	/* The write has a time of its own, which comes later. */
	memcpy(req->before_text, req->now_text, sizeof(req->before_text));
	return req->before_text;
}

static const char *
host_time_add(struct hd_req *hd, const char *time, int64_t seconds)
{
	enum { SECOND = 1000000 };
	const int64_t most = INT64_C(10000) * 366 * 86400;	/* from one end to the other */
	struct request *req = request_of(hd);
	char moment[ISO8601_TIME_SIZE];
	int64_t at;

	if (time == NULL || !iso8601_moment(text_of(time), &at)) {
		host_wrong(req, "adds to '%s', which is no time", time != NULL ? time : "NULL");
		return NULL;
	}
	seconds = seconds > most ? most : seconds < -most ? -most : seconds;
	iso8601_format(at + seconds * SECOND, moment);
	return host_string(req, text_of(moment));
}

static struct hd_instance *
host_instance(struct hd_req *hd)
{
	return &request_of(hd)->acting->hd;
}

static const char *
host_option(const struct hd_instance *hd, const char *name)
{
	const struct instance *instance = instance_of(hd);
	const struct hd_option *o = instance->module->d->options;
	size_t i;

	for (i = 0; o != NULL && o[i].name != NULL; i++)
		if (strcmp(o[i].name, name) == 0)
			return instance->options[i];
	return NULL;
}

/* ---- the database ---- */

/* Texts are checked where they come in: they may leave again as they are. */
static bool
check_text(struct request *req, const char *text)
{
	return text_valid(text_of(text), NULL) || host_wrong(req, "gives a text that is no UTF-8");
}

bool
host_value(struct request *req, const struct instance *by, const void *at, struct hd_value *ret)
{
	*ret = (struct hd_value){ HD_NONE };
	memcpy(ret, at, by->module->d->value_size);
	if (ret->size == 0)
		switch (ret->type) {
		case HD_NONE:
		case HD_INTEGER:
		case HD_BOOLEAN:
			return true;
		case HD_TEXT:
			return check_text(req, ret->text);
		case HD_JSON:
			return (ret->text != NULL && json_valid(text_of(ret->text), NULL)) ||
			    host_wrong(req, "gives as JSON what is none");
		default:
			break;
		}
	return host_wrong(req, "gives a value of type %d and size %u, which there is not",
	    (int)ret->type, (unsigned)ret->size);
}

/* Binds one value; false with the request failed. */
static bool
bind(struct request *req, struct db_stmt *st, unsigned parameter, const void *value)
{
	struct hd_value v;

	if (!host_value(req, req->acting, value, &v))
		return false;
	if (v.type == HD_INTEGER || v.type == HD_BOOLEAN)
		db_bind_int(st, parameter, v.integer);
	else if (v.type == HD_TEXT || v.type == HD_JSON)
		db_bind_text(st, parameter, text_of(host_string(req, text_of(v.text))));
	else
		db_bind_null(st, parameter);
	return true;
}

/* Binds an array of values, as large as the module has compiled them. */
static bool
bind_all(struct request *req, struct db_stmt *st, const struct hd_value *values, size_t n)
{
	const char *at = (const char *)values;
	unsigned i;

	if (n != db_parameters(st))
		return host_wrong(req, "gives %zu values to a statement of %u parameters", n,
		    db_parameters(st));
	for (i = 0; i < n; i++)
		if (!bind(req, st, i + 1, at + i * req->acting->module->d->value_size))
			return false;
	return true;
}

static struct db_stmt *
prepare(struct request *req, unsigned number, const struct hd_value *values, size_t n)
{
	const struct instance *instance = req->acting;
	struct db_stmt *st;
	struct err e;

	if (number >= instance->statement_count) {
		host_wrong(req, "has no statement %u", number);
		return NULL;
	}
	st = db_prepare(req->db, instance->statements[number], &e);
	if (st == NULL)
		request_fail_inside(req, "%s", e.message);
	else if (!bind_all(req, st, values, n))
		db_release(&st);
	return st;
}

/* Runs what writes as a whole, which its first step does; false with the request failed. */
static bool
begin(struct hd_rows *rows)
{
	if (!db_writes(rows->st))
		return true;
	if (!host_may_write(rows->req))
		return false;
	rows->begun = true;
	rows->first = db_step(rows->st);
	return rows->first == DB_ROW || rows->first == DB_DONE ||
	    request_fail_db(rows->req, rows->first);
}

static enum db_result
step(struct hd_rows *rows)
{
	if (rows->st == NULL)
		return DB_DONE;
	if (!rows->begun)
		return db_step(rows->st);
	rows->begun = false;
	return rows->first;
}

static struct hd_rows *
host_select(struct hd_req *hd, unsigned number, const struct hd_value *values, size_t n)
{
	struct request *req = request_of(hd);
	struct hd_rows *rows = host_alloc(hd, sizeof(*rows));

	if (rows == NULL || req->status != 0)
		return NULL;
	*rows = (struct hd_rows){ .host = hd->host, .req = req, .by = req->acting,
				  .st = prepare(req, number, values, n) };
	if (rows->st == NULL)
		return NULL;
	if (!begin(rows)) {
		db_release(&rows->st);
		return NULL;
	}
	rows->next = req->rows;
	req->rows = rows;
	return rows;
}

/* The texts of the row that was are not to be used any more. */
static void
take_back(struct hd_rows *rows)
{
	char module[64], what[64];
	struct lent *l;

	for (l = rows->lent; l != NULL; l = l->next) {
		snprintf(module, sizeof(module), "%s %s", rows->by->module->d->name,
		    rows->by->module->d->version);
		snprintf(what, sizeof(what), "the text of column %u after the next row",
		    l->column);
		checks_free(l->at, l->size, module, what);
	}
	rows->lent = NULL;
}

/* A copy that can be taken back. */
static const char *
lend(struct hd_rows *rows, unsigned column, struct text t)
{
	struct lent *l = arena_zero(&rows->req->arena, sizeof(*l));

	if (l == NULL || t.at == NULL)
		return t.at;
	*l = (struct lent){ rows->lent, checks_alloc(t.len + 1), t.len + 1, column };
	memcpy(l->at, t.at, t.len);
	rows->lent = l;
	return l->at;
}

static bool
host_next(struct hd_rows *rows)
{
	enum db_result result = step(rows);

	take_back(rows);
	rows->at_row = result == DB_ROW;
	if (rows->at_row)
		return true;
	if (result != DB_DONE && rows->req->status == 0)
		request_fail_db(rows->req, result);
	/* A step after the last would begin anew. */
	db_release(&rows->st);
	return false;
}

static int64_t
host_row_int(struct hd_rows *rows, unsigned column)
{
	int64_t number;

	if (!rows->at_row || column >= db_columns(rows->st))
		return 0;
	if (!db_is_text(rows->st, column))
		return db_int(rows->st, column);
	return text_to_int(db_text(rows->st, column), &number) ? number : 0;
}

static const char *
host_row_text(struct hd_rows *rows, unsigned column)
{
	if (!rows->at_row || column >= db_columns(rows->st))
		return NULL;
	return checks_on() ? lend(rows, column, db_text(rows->st, column)) :
	    db_text(rows->st, column).at;
}

bool
host_may_write(struct request *req)
{
	if (req->stage == REQUEST_WRITES)
		return req->status == 0;
	if (req->stage == REQUEST_PREPARES)
		return host_wrong(req, "writes before its turn in %s %s", req->route->method,
		    req->route->path);
	return host_wrong(req, "writes in %s %s, which is not HD_WRITE", req->route->method,
	    req->route->path);
}

static bool
host_execute(struct hd_req *hd, unsigned number, const struct hd_value *values, size_t n)
{
	CLEANUP(db_release) struct db_stmt *st = NULL;
	struct request *req = request_of(hd);
	enum db_result result;

	if (!host_may_write(req))
		return false;
	st = prepare(req, number, values, n);
	if (st == NULL)
		return false;
	do
		result = db_step(st);
	while (result == DB_ROW);
	return result == DB_DONE || request_fail_db(req, result);
}

/* Whose table it is: of this module, or of one that it needs. */
static bool
is_its_own(const struct instance *acting, const char *table)
{
	const struct hd_need *need = acting->module->d->needs;

	for (; need != NULL && need->module != NULL; need++)
		if (ownership_is(need->module, table))
			return true;
	return ownership_is(acting->module->d->name, table);
}

static bool
is_action(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_");

	return n > 0 && n <= ACTION_MOST && s[n] == '\0' && s[0] >= 'a' && s[0] <= 'z';
}

static bool
is_json_or_null(const char *json)
{
	return json == NULL || json_valid(text_of(json), NULL);
}

static bool
check_entry(struct request *req, const char *action, const char *table)
{
	if (action == NULL || !is_action(action))
		return host_wrong(req, "writes an audit entry whose action is no word");
	return (table != NULL && is_its_own(req->acting, table)) ||
	    host_wrong(req, "writes an audit entry for %.64s, which is no table of it or of a "
	    "module that it needs", table != NULL ? table : "NULL");
}

static bool
check_change(struct request *req, const char *field, const char *old_value, const char *new_value)
{
	if (!text_valid(text_of(field), NULL) || !is_json_or_null(old_value) ||
	    !is_json_or_null(new_value))
		return host_wrong(req, "writes an audit entry with what is no JSON");
	return true;
}

static bool
host_audit(struct hd_req *hd, const char *action, const char *resource, int64_t id,
    const char *field, const char *old_value, const char *new_value)
{
	struct request *req = request_of(hd);
	struct out out;

	if (!host_may_write(req) || !check_entry(req, action, resource) ||
	    !check_change(req, field, old_value, new_value))
		return false;
	out_init(&out, &req->arena, SIZE_MAX);
	out_char(&out, '{');
	if (field != NULL) {
		json_text(&out, text_of(field));
		out_printf(&out, ":[%s,%s]", old_value != NULL ? old_value : "null",
		    new_value != NULL ? new_value : "null");
	}
	out_char(&out, '}');
	if (out.failed)
		return request_fail_memory(req);
	return audit_write(req, action, resource, id, (struct text){ out.at, out.len });
}

/* ---- between the parts of a request ---- */

static void
host_carry(struct hd_req *hd, void *what)
{
	request_of(hd)->carried = what;
}

static void *
host_carried(struct hd_req *hd)
{
	return request_of(hd)->carried;
}

/* ---- start ---- */

__attribute__((format(printf, 2, 0))) static void
host_refuse(struct hd_instance *hd, const char *format, va_list ap)
{
	struct instance *instance = (struct instance *)(void *)hd;

	vsnprintf(instance->err.message, sizeof(instance->err.message), format, ap);
}

static void (*const levels[])(const char *format, ...) = {
	[HD_DEBUG] = log_debug, [HD_INFO] = log_info, [HD_WARNING] = log_warning,
	[HD_ERROR] = log_error,
};

__attribute__((format(printf, 3, 0))) static void
host_log(const struct hd_instance *hd, enum hd_level level, const char *format, va_list ap)
{
	char message[1024];

	vsnprintf(message, sizeof(message), format, ap);
	levels[level <= HD_ERROR ? level : HD_ERROR]("%s: %s: %s", hd->site,
	    instance_of(hd)->module->d->name, message);
}

static const struct hd_host host = {
	.abi = (uint32_t)HD_ABI_MAJOR << 16 | HD_ABI_MINOR,
	.fail = host_fail,
	.alloc = host_alloc,
	.param_id = host_param_id,
	.param = host_param,
	.header = host_header,
	.query = host_query,
	.body_has = host_body_has,
	.body_text = host_body_text,
	.body_int = host_body_int,
	.client = host_client,
	.option = host_option,
	.instance = host_instance,
	.select = host_select,
	.next = host_next,
	.row_int = host_row_int,
	.row_text = host_row_text,
	.execute = host_execute,
	.audit = host_audit,
	.open = host_open,
	.close = host_close,
	.put_text = host_put_text,
	.put_int = host_put_int,
	.put_bool = host_put_bool,
	.put_json = host_put_json,
	.reply = host_reply,
	.now = host_now,
	.refuse = host_refuse,
	.log = host_log,
	.carry = host_carry,
	.carried = host_carried,
	.create = host_create,
	.change = host_change,
	.erase = host_erase,
	.set_header = host_set_header,
	.reply_bytes = host_reply_bytes,
	.call = host_call,
	.offers = host_offers,
	.event_text = host_event_text,
	.event_int = host_event_int,
	.event_changed = host_event_changed,
	.attempt = host_attempt,
	.user_named = host_user_named,
	.put_row = host_put_row,
	.check_match = host_check_match,
	.time_add = host_time_add,
	.body_given = host_body_given,
};

const struct hd_host *
host_table(void)
{
	return &host;
}

/* All text that a module sees is UTF-8; the router does not ask that of a path. */
static bool
check_params(struct request *req)
{
	struct text name, value;
	unsigned i;

	for (i = 0; i < ROUTE_PARAMS && req->params[i].at != NULL; i++) {
		name = route_param_name(req->route, i);
		if (!text_unescape(&req->arena, req->params[i], false, &value))
			return request_fail_memory(req);
		if (!text_valid(value, NULL))
			return request_fail(req, 400, "malformed", host_string(req, name),
			    "is not UTF-8");
	}
	return true;
}

/* ---- running a module's code ---- */

bool
host_enter(struct request *req, struct instance *acting, struct host_inside *before)
{
	*before = (struct host_inside){ req->acting, req->rows, req->carried, req->mute };
	if (req->nested >= NESTED_MOST)
		return host_wrong(req, "is called %d deep: hooks and services go in circles",
		    NESTED_MOST);
	req->nested++;
	req->acting = acting;
	req->rows = NULL;
	req->carried = NULL;
	return true;
}

void
host_leave(struct request *req, const struct host_inside *before)
{
	struct hd_rows *rows;

	for (rows = req->rows; rows != NULL; rows = rows->next) {
		take_back(rows);
		db_release(&rows->st);
	}
	req->rows = before->rows;
	req->acting = before->acting;
	req->carried = before->carried;
	req->mute = before->mute;
	req->nested--;
}

/* Calls a module's function, and gives back what it left open.  What it carries goes on to
 * the next: both are the same module's. */
static bool
call(struct request *req, hd_handler *handler)
{
	struct host_inside before;
	void *carried;
	bool said;

	req->first_member = true;
	req->depth = 0;
	req->nested = 0;
	req->own_headers = 0;
	req->acting = req->route->instance;
	if (!host_enter(req, req->route->instance, &before))
		return false;
	if (checks_on())
		snprintf(req->seen_by, sizeof(req->seen_by), "%s", req->route->module);
	req->carried = before.carried;
	said = handler(&req->hd);
	carried = req->carried;
	host_leave(req, &before);
	req->carried = carried;
	return said;
}

/* Likewise one that nobody waits for. */
static bool
call_job(struct request *req, hd_handler *handler)
{
	bool said;

	req->mute = true;
	said = call(req, handler);
	if (!said && req->status == 0)
		return host_wrong(req, "ended the job, but did not say why");
	return said && req->status == 0;
}

bool
host_before(struct request *req)
{
	if (req->route->job != NULL)
		return call_job(req, req->route->job->before);
	if (!check_params(req))
		return false;
	if (!call(req, req->route->declared->before))
		return host_wrong(req, "ended the request before its turn, but did not fail it");
	return req->status == 0;
}

bool
host_job(struct request *req)
{
	const struct hd_job *job = req->route->job;

	if (!call_job(req, job->run != NULL ? job->run : job->before))
		return false;
	req->answer.body.len = 0;
	answer_complete(req, 204);
	return true;
}

bool
host_serve(struct request *req)
{
	bool answered;

	if (!check_params(req))
		return false;
	out_char(&req->answer.body, '{');
	answered = call(req, req->route->declared->handler);
	if (req->answer.status == 0)
		return host_wrong(req, "neither replied nor failed");
	if (!answered)
		return host_wrong(req, "replied, but returned false");
	return req->status == 0;
}
