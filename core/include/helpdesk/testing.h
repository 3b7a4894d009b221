/*
 * testing.h - a server that is none, for the unit tests of a module
 *
 * A test includes this header and the module's own source, so that it sees the tables and
 * the handlers that are static there.  It says what a request brings and what the database
 * would answer, has the request handled, and looks at what came of it:
 *
 *	#include <helpdesk/testing.h>
 *	#include "rooms.c"
 *
 *	int
 *	main(void)
 *	{
 *		static struct hd_test t;
 *
 *		hd_test_start(&t, HD_TEST_MODULE);
 *
 *		hd_test_request(&t, "POST", "/rooms/{id}/book");
 *		hd_test_give(&t, HD_TEST_PARAM, "id", "7");
 *		hd_test_give(&t, HD_TEST_BODY, "seats", "12");
 *		hd_test_row(&t, FIND, "7", "Blue room");
 *		hd_test_run(&t);
 *		hd_test_check(&t, t.status == 201);
 *		hd_test_check(&t, hd_test_ran(&t, BOOK) == 1);
 *		hd_test_check(&t, strcmp(t.json, "{\"booked\":12}") == 0);
 *
 *		return hd_test_end(&t);
 *	}
 *
 * Hooks, jobs and services are begun in place of a request, and run likewise:
 *
 *		hd_test_hook(&t, "hardware", HD_DELETE, 7);
 *		hd_test_give(&t, HD_TEST_OLD, "asset_tag", "DL-5");
 *		hd_test_check(&t, !hd_test_run(&t) && t.status == 409);
 *
 *		hd_test_job(&t, "overdue");
 *		hd_test_row(&t, LATE, "3");
 *		hd_test_check(&t, hd_test_run(&t) && t.change[0].id == 3);
 *
 * "cc -o test_rooms test_rooms.c $(pkg-config --cflags helpdesk-plugin)" builds it: nothing
 * but libc is linked, no server is there, no database.
 *
 * What is tested is the module's code.  Its tables are the server's to judge ("helpdesk
 * module check"), and so is its SQL: statements are not run, they give the rows that the
 * test has said, whatever the values are.  Rows that are made, changed or deleted are noted,
 * and nothing comes of it: no default, no other hook.
 *
 * The module is held to its tables.  What no server would let pass - a member that the
 * route's body does not declare, a statement that is not there or is given too few values, a
 * write in a handler that is not HD_WRITE, a row of a table that is out of reach or without a
 * member that is required, an answer where nobody has asked, a second reply - ends the test
 * with a sentence and abort(3), for it is a mistake of the module or of the test, never of a
 * client.
 *
 * Everything that a test is given lives until hd_test_end.  C11, one thread.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef HELPDESK_TESTING_H
#define HELPDESK_TESTING_H

#include <helpdesk/plugin.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	HD_TEST_MOST   = 64,	/* of everything that a test says, and that a handler does */
	HD_TEST_VALUES = 16,	/* of a row, and of a statement */
	HD_TEST_JSON   = 65536	/* bytes of an answer */
};

/* Where a text that a request brings is; what a field of a hook's row held, and holds. */
enum hd_test_place {
	HD_TEST_PARAM, HD_TEST_QUERY, HD_TEST_BODY, HD_TEST_HEADER, HD_TEST_OPTION, HD_TEST_OLD,
	HD_TEST_NEW
};

struct hd_test_given {
	enum hd_test_place place;
	const char *name, *value;
};

/* A row of what a statement finds, every column as its text; NULL is null. */
struct hd_test_row {
	unsigned statement;
	size_t count;
	const char *column[HD_TEST_VALUES];
};

/* A statement that a handler has run, and its values: value[0] is ?1. */
struct hd_test_statement {
	unsigned statement;
	size_t count;
	struct hd_value value[HD_TEST_VALUES];
};

/* An entry in the audit trail. */
struct hd_test_audit {
	const char *action, *resource;
	int64_t id;
	const char *field, *old_value, *new_value;
};

/* A row that was made, changed or deleted with hd_create, hd_change or hd_delete. */
struct hd_test_change {
	unsigned verb;			/* HD_CREATE, HD_CHANGE or HD_DELETE */
	const char *table;
	int64_t id;
	size_t count;
	struct hd_member member[HD_TEST_VALUES];
};

/* What other modules would offer: stands in for it. */
struct hd_test_offer {
	const char *id;
	bool (*call)(struct hd_req *, void *argument);
};

/* Rows with which nothing can be done, and what is said then. */
struct hd_test_denial {
	const char *table;
	unsigned verbs;
	int status;
};

/*
 * A test.  Begin with hd_test_start; what may be set directly says so, all else is there
 * to be looked at.
 */
struct hd_test {
	/* What came of the request. */
	int status;			/* of the reply, or of the failure; 0: neither */
	char json[HD_TEST_JSON];	/* the reply's body; "" after a failure */
	const char *media_type;		/* of hd_reply_bytes, or NULL */
	const char *field;		/* of hd_fail, or NULL */
	const char *message;		/* of hd_fail or hd_refuse, or NULL */
	struct hd_test_statement run[HD_TEST_MOST];
	unsigned run_count;
	struct hd_test_audit audit[HD_TEST_MOST];
	unsigned audit_count;
	struct hd_test_change change[HD_TEST_MOST];
	unsigned change_count;

	/* May be set before hd_test_run. */
	struct hd_client client;	/* who asks: client 1, "test", with user 1, "tester" */
	const char *now;		/* "2025-02-28T09:45:03.104281" */
	int64_t next_id;		/* of the row that hd_create makes next: 1 */
	enum hd_access access;		/* of a service, which runs as who calls it: HD_READ */

	/* The rest is the header's own. */
	struct hd_req req;
	struct hd_instance instance;
	const struct hd_module *module;
	char what[128];			/* what runs: "POST /rooms/{id}/book", "job overdue" */
	const struct hd_route *route;	/* one of these: */
	const struct hd_job *job;
	const struct hd_service *service;
	struct hd_event event;		/* .table NULL: none */
	void *argument;			/* of the service */
	struct hd_test_offer offer[HD_TEST_MOST];
	unsigned offer_count;
	struct hd_test_denial denial[HD_TEST_MOST];
	unsigned denial_count;
	struct hd_test_given header[HD_TEST_MOST];	/* of the answer */
	unsigned header_count;
	struct hd_test_given given[HD_TEST_MOST];
	unsigned given_count;
	struct hd_test_row row[HD_TEST_MOST];
	unsigned row_count;
	int denied[HD_TEST_MOST];	/* status that a statement fails with, or 0 */
	size_t length, depth;		/* of the answer, and of its open brackets */
	char bracket[32];
	bool replied, before, started;
	void *carried;			/* from .before to the handler */
	void *memory;			/* allocations, each pointing to the one before */
	unsigned failures;
};

/* What hd_select gives out. */
struct hd_rows {
	const struct hd_host *host;	/* first: every handle begins with it */
	struct hd_test *test;
	unsigned statement, next;
	const struct hd_test_row *at;	/* NULL: before the first, or behind the last */
};

/* ---- what holds it together ---- */

/* Ends the test: something was done that is never right. */
HD_FORMAT(2, 3) _Noreturn static inline void
hd_test_wrong(const struct hd_test *t, const char *format, ...)
{
	va_list ap;

	fprintf(stderr, "%s: ", t->module != NULL ? t->module->name : "testing.h");
	if (t->what[0] != '\0')
		fprintf(stderr, "%s ", t->what);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fputs("\n", stderr);
	abort();
}

static inline struct hd_test *
hd_test_of(struct hd_req *req)
{
	return (struct hd_test *)(void *)((char *)req - offsetof(struct hd_test, req));
}

static inline const struct hd_test *
hd_test_of_instance(const struct hd_instance *i)
{
	return (const struct hd_test *)(const void *)
	    ((const char *)i - offsetof(struct hd_test, instance));
}

/* Zeroed memory until hd_test_end. */
static inline void *
hd_test_memory(struct hd_test *t, size_t size)
{
	void **p = (void **)calloc(1, sizeof(max_align_t) + size);

	if (p == NULL)
		hd_test_wrong(t, "has used up the memory");
	*p = t->memory;
	t->memory = p;
	return (char *)p + sizeof(max_align_t);
}

static inline const char *
hd_test_copy(struct hd_test *t, const char *s)
{
	size_t size;

	if (s == NULL)
		return NULL;
	size = strlen(s) + 1;
	return (const char *)memcpy(hd_test_memory(t, size), s, size);
}

HD_FORMAT(2, 0) static inline const char *
hd_test_format(struct hd_test *t, const char *format, va_list ap)
{
	char text[1024];

	vsnprintf(text, sizeof(text), format, ap);
	return hd_test_copy(t, text);
}

static inline const struct hd_field *
hd_test_field(const struct hd_field *f, const char *name)
{
	while (f != NULL && f->name != NULL && strcmp(f->name, name) != 0)
		f++;
	return f != NULL && f->name != NULL ? f : NULL;
}

static inline const struct hd_option *
hd_test_option(const struct hd_module *m, const char *name)
{
	const struct hd_option *o = m->options;

	while (o != NULL && o->name != NULL && strcmp(o->name, name) != 0)
		o++;
	return o != NULL && o->name != NULL ? o : NULL;
}

/* Whether the route's template has "{name}" or "{name:text}". */
static inline bool
hd_test_has_param(const struct hd_route *r, const char *name)
{
	size_t n = strlen(name);
	const char *at = r->path;

	while ((at = strchr(at, '{')) != NULL)
		if (strncmp(++at, name, n) == 0 && (at[n] == '}' || at[n] == ':'))
			return true;
	return false;
}

static inline const struct hd_resource *
hd_test_resource(const struct hd_module *m, const char *table)
{
	const struct hd_resource *r = m->resources;

	while (r != NULL && r->path != NULL && strcmp(r->table, table) != 0)
		r++;
	return r != NULL && r->path != NULL ? r : NULL;
}

/* Whether a row of the table has the field, as far as the module's own tables tell. */
static inline bool
hd_test_is_field(const struct hd_test *t, const char *name)
{
	const struct hd_resource *r = t->event.table == NULL ? NULL :
	    hd_test_resource(t->module, t->event.table);

	return t->event.table != NULL && (r == NULL || hd_test_field(r->fields, name) != NULL);
}

static inline bool
hd_test_is_declared(const struct hd_test *t, enum hd_test_place place, const char *name)
{
	switch (place) {
	case HD_TEST_PARAM:
		return t->route != NULL && hd_test_has_param(t->route, name);
	case HD_TEST_QUERY:
		return t->route != NULL && hd_test_field(t->route->query, name) != NULL;
	case HD_TEST_BODY:
		return t->route != NULL && hd_test_field(t->route->body, name) != NULL;
	case HD_TEST_OPTION:
		return hd_test_option(t->module, name) != NULL;
	case HD_TEST_OLD:
	case HD_TEST_NEW:
		return hd_test_is_field(t, name);
	default:
		return true;
	}
}

/* Nobody may speak of what the module's tables do not have. */
static inline void
hd_test_must_be_declared(const struct hd_test *t, enum hd_test_place place, const char *name)
{
	static const char *const what[] = { "path parameter", "query parameter", "body member",
		"header", "option", "field", "field" };

	if (!hd_test_is_declared(t, place, name))
		hd_test_wrong(t, "declares no %s \"%s\"", what[place], name);
}

/* The text that was given last under a name, or NULL. */
static inline const char *
hd_test_text(const struct hd_test *t, enum hd_test_place place, const char *name)
{
	unsigned i = t->given_count;

	hd_test_must_be_declared(t, place, name);
	while (i-- > 0)
		if (t->given[i].place == place && strcmp(t->given[i].name, name) == 0)
			return t->given[i].value;
	return NULL;
}

static inline int64_t
hd_test_number(const char *text)
{
	char *end;
	long long number;

	if (text == NULL)
		return 0;
	if (strcmp(text, "true") == 0)
		return 1;
	number = strtoll(text, &end, 10);
	return *end == '\0' ? number : 0;
}

/* ---- the functions of the server: failing, and the request ---- */

HD_FORMAT(4, 0) static inline bool
hd_test_fail(struct hd_req *req, int status, const char *field, const char *format, va_list ap)
{
	struct hd_test *t = hd_test_of(req);

	if (status < 400 || status > 599)
		hd_test_wrong(t, "fails with status %d", status);
	if (t->status >= 400)	/* the first failure wins */
		return false;
	t->status = status;
	t->field = hd_test_copy(t, field);
	t->message = hd_test_format(t, format, ap);
	t->json[0] = '\0';
	return false;
}

static inline void *
hd_test_alloc(struct hd_req *req, size_t size)
{
	return hd_test_memory(hd_test_of(req), size);
}

static inline int64_t
hd_test_param_id(struct hd_req *req, const char *name)
{
	return hd_test_number(hd_test_text(hd_test_of(req), HD_TEST_PARAM, name));
}

static inline const char *
hd_test_param(struct hd_req *req, const char *name)
{
	return hd_test_text(hd_test_of(req), HD_TEST_PARAM, name);
}

static inline const char *
hd_test_header(struct hd_req *req, const char *name)
{
	return hd_test_text(hd_test_of(req), HD_TEST_HEADER, name);
}

/* The default of a parameter as text: a JSON string without its quotes. */
static inline const char *
hd_test_default(struct hd_test *t, const struct hd_field *f)
{
	char *text;

	if (f->value == NULL || f->value[0] != '"')
		return f->value;
	text = (char *)hd_test_memory(t, strlen(f->value));
	return (const char *)memcpy(text, f->value + 1, strlen(f->value) - 2);
}

static inline const char *
hd_test_query(struct hd_req *req, const char *name)
{
	struct hd_test *t = hd_test_of(req);
	const char *given = hd_test_text(t, HD_TEST_QUERY, name);

	return given != NULL && *given != '\0' ? given :
	    hd_test_default(t, hd_test_field(t->route->query, name));
}

/* Whether the route's body has the member as a number: integer, boolean, user. */
static inline bool
hd_test_is_number(const struct hd_test *t, const char *name)
{
	const struct hd_field *f = hd_test_field(t->route->body, name);

	return f != NULL && (f->type == HD_INTEGER || f->type == HD_BOOLEAN || f->type == HD_USER);
}

static inline bool
hd_test_body_has(struct hd_req *req, const char *name)
{
	return hd_test_text(hd_test_of(req), HD_TEST_BODY, name) != NULL;
}

static inline const char *
hd_test_body_text(struct hd_req *req, const char *name)
{
	const char *text = hd_test_text(hd_test_of(req), HD_TEST_BODY, name);

	return hd_test_is_number(hd_test_of(req), name) ? NULL : text;
}

/* Whether the test gave it; NULL is null. */
static inline bool
hd_test_body_given(struct hd_req *req, const char *name)
{
	const struct hd_test *t = hd_test_of(req);
	unsigned i;

	hd_test_must_be_declared(t, HD_TEST_BODY, name);
	for (i = 0; i < t->given_count; i++)
		if (t->given[i].place == HD_TEST_BODY && strcmp(t->given[i].name, name) == 0)
			return true;
	return false;
}

static inline int64_t
hd_test_body_int(struct hd_req *req, const char *name)
{
	const char *text = hd_test_text(hd_test_of(req), HD_TEST_BODY, name);

	return hd_test_is_number(hd_test_of(req), name) ? hd_test_number(text) : 0;
}

static inline void
hd_test_carry(struct hd_req *req, void *what)
{
	hd_test_of(req)->carried = what;
}

static inline void *
hd_test_carried(struct hd_req *req)
{
	return hd_test_of(req)->carried;
}

static inline const struct hd_client *
hd_test_client(struct hd_req *req)
{
	struct hd_test *t = hd_test_of(req);

	if (t->job != NULL || (t->route != NULL && (t->route->flags & HD_PUBLIC) != 0))
		return NULL;
	return &t->client;
}

static inline const char *
hd_test_now(struct hd_req *req)
{
	return hd_test_of(req)->now;
}

static inline struct hd_instance *
hd_test_instance(struct hd_req *req)
{
	return &hd_test_of(req)->instance;
}

static inline const char *
hd_test_option_text(const struct hd_instance *i, const char *name)
{
	const struct hd_test *t = hd_test_of_instance(i);
	const char *given = hd_test_text(t, HD_TEST_OPTION, name);

	return given != NULL ? given : hd_test_option(t->module, name)->value;
}

HD_FORMAT(2, 0) static inline void
hd_test_refuse(struct hd_instance *i, const char *format, va_list ap)
{
	struct hd_test *t = (struct hd_test *)(void *)
	    ((char *)i - offsetof(struct hd_test, instance));

	t->message = hd_test_format(t, format, ap);
}

HD_FORMAT(3, 0) static inline void
hd_test_log(const struct hd_instance *i, enum hd_level level, const char *format, va_list ap)
{
	(void)level;
	fprintf(stderr, "%s: ", hd_test_of_instance(i)->module->name);
	vfprintf(stderr, format, ap);
	fputs("\n", stderr);
}

/* ---- the database ---- */

/* The highest ?N of a statement. */
static inline size_t
hd_test_parameters(const char *sql)
{
	size_t most = 0, n;

	for (; (sql = strchr(sql, '?')) != NULL; sql++) {
		n = (size_t)strtoul(sql + 1, NULL, 10);
		most = n > most ? n : most;
	}
	return most;
}

static inline void
hd_test_must_be_statement(const struct hd_test *t, unsigned statement)
{
	const struct hd_statement *s = t->module->statements;
	unsigned n = 0;

	while (s != NULL && s[n].sql != NULL)
		n++;
	if (statement >= n || statement >= HD_TEST_MOST)
		hd_test_wrong(t, "has no statement %u", statement);
}

/* Notes a statement with its values; the status that it is to fail with, or 0. */
static inline int
hd_test_note(struct hd_test *t, unsigned statement, const struct hd_value *values, size_t n)
{
	struct hd_test_statement *r = &t->run[t->run_count];
	size_t i;

	hd_test_must_be_statement(t, statement);
	if (n != hd_test_parameters(t->module->statements[statement].sql) || n > HD_TEST_VALUES)
		hd_test_wrong(t, "gives statement %u %zu values: %s", statement, n,
		    t->module->statements[statement].sql);
	if (t->run_count++ == HD_TEST_MOST)
		hd_test_wrong(t, "runs more than %d statements", (int)HD_TEST_MOST);
	r->statement = statement;
	r->count = n;
	for (i = 0; i < n; i++) {
		r->value[i] = values[i];
		r->value[i].text = hd_test_copy(t, values[i].text);
	}
	return t->denied[statement];
}

static inline bool
hd_test_deny_now(struct hd_test *t, int status)
{
	if (t->status < 400) {
		t->status = status;
		t->message = "denied by the test";
		t->json[0] = '\0';
	}
	return false;
}

static inline struct hd_rows *
hd_test_select(struct hd_req *req, unsigned statement, const struct hd_value *values, size_t n)
{
	struct hd_test *t = hd_test_of(req);
	int denied = hd_test_note(t, statement, values, n);
	struct hd_rows *rows = (struct hd_rows *)hd_test_memory(t, sizeof(*rows));

	rows->host = req->host;
	rows->test = t;
	rows->statement = statement;
	return denied == 0 || hd_test_deny_now(t, denied) ? rows : NULL;
}

static inline bool
hd_test_next(struct hd_rows *rows)
{
	const struct hd_test *t = rows->test;

	while (rows->next < t->row_count && t->row[rows->next].statement != rows->statement)
		rows->next++;
	rows->at = rows->next < t->row_count ? &t->row[rows->next++] : NULL;
	return rows->at != NULL;
}

static inline const char *
hd_test_row_text(struct hd_rows *rows, unsigned column)
{
	if (rows->at == NULL)
		hd_test_wrong(rows->test, "reads a row where hd_next has not said there is one");
	if (column >= rows->at->count)
		hd_test_wrong(rows->test, "reads column %u of statement %u, of which the test gave "
		    "%zu", column, rows->statement, rows->at->count);
	return rows->at->column[column];
}

static inline int64_t
hd_test_row_int(struct hd_rows *rows, unsigned column)
{
	return hd_test_number(hd_test_row_text(rows, column));
}

static inline void
hd_test_must_write(const struct hd_test *t, const char *what)
{
	if (t->before)
		hd_test_wrong(t, "%s before its turn", what);
	if (t->access != HD_WRITE)
		hd_test_wrong(t, "%s, and is not HD_WRITE", what);
}

static inline bool
hd_test_execute(struct hd_req *req, unsigned statement, const struct hd_value *values, size_t n)
{
	struct hd_test *t = hd_test_of(req);
	int denied;

	hd_test_must_write(t, "writes");
	denied = hd_test_note(t, statement, values, n);
	return denied == 0 || hd_test_deny_now(t, denied);
}

static inline bool
hd_test_audit_entry(struct hd_req *req, const char *action, const char *resource, int64_t id,
    const char *field, const char *old_value, const char *new_value)
{
	struct hd_test *t = hd_test_of(req);
	struct hd_test_audit *a = &t->audit[t->audit_count];

	hd_test_must_write(t, "writes an audit entry");
	if (t->audit_count++ == HD_TEST_MOST)
		hd_test_wrong(t, "writes more than %d audit entries", (int)HD_TEST_MOST);
	a->action = hd_test_copy(t, action);
	a->resource = hd_test_copy(t, resource);
	a->id = id;
	a->field = hd_test_copy(t, field);
	a->old_value = hd_test_copy(t, old_value);
	a->new_value = hd_test_copy(t, new_value);
	return true;
}

/* ---- the answer ---- */

static inline void
hd_test_put(struct hd_test *t, const char *text, size_t n)
{
	if (t->length + n >= sizeof(t->json))
		hd_test_wrong(t, "answers with more than %d bytes", (int)HD_TEST_JSON);
	memcpy(t->json + t->length, text, n);
	t->length += n;
	t->json[t->length] = '\0';
}

static inline void
hd_test_put_string(struct hd_test *t, const char *s)
{
	char escape[8];

	hd_test_put(t, "\"", 1);
	for (; *s != '\0'; s++) {
		if (*s == '"' || *s == '\\')
			snprintf(escape, sizeof(escape), "\\%c", *s);
		else if ((unsigned char)*s < ' ')
			snprintf(escape, sizeof(escape), "\\u%04x", (unsigned char)*s);
		else
			snprintf(escape, sizeof(escape), "%c", *s);
		hd_test_put(t, escape, strlen(escape));
	}
	hd_test_put(t, "\"", 1);
}

/* Only a handler answers, when it is its turn, and once. */
static inline struct hd_test *
hd_test_must_answer(struct hd_req *req, const char *what)
{
	struct hd_test *t = hd_test_of(req);

	if (t->job != NULL || t->event.table != NULL)
		hd_test_wrong(t, "%s where nobody has asked", what);
	if (t->before)
		hd_test_wrong(t, "%s before its turn", what);
	return t;
}

/* Comma and name before a value. */
static inline struct hd_test *
hd_test_begin_value(struct hd_req *req, const char *name)
{
	struct hd_test *t = hd_test_must_answer(req, "answers");
	bool in_array = t->bracket[t->depth] == '[';

	if (t->replied)
		hd_test_wrong(t, "writes, though it has replied");
	if (in_array != (name == NULL))
		hd_test_wrong(t, in_array ? "writes into an array with the name \"%s\"" :
		    "writes into an object without a name%s", name != NULL ? name : "");
	if (t->length == 0)
		hd_test_put(t, "{", 1);
	if (strchr("{[", t->json[t->length - 1]) == NULL)
		hd_test_put(t, ",", 1);
	if (name != NULL) {
		hd_test_put_string(t, name);
		hd_test_put(t, ":", 1);
	}
	return t;
}

static inline void
hd_test_put_raw(struct hd_req *req, const char *name, const char *json)
{
	if (json == NULL)
		json = "null";
	hd_test_put(hd_test_begin_value(req, name), json, strlen(json));
}

static inline void
hd_test_open(struct hd_req *req, const char *name, char bracket)
{
	struct hd_test *t = hd_test_begin_value(req, name);

	if (t->depth + 1 == sizeof(t->bracket))
		hd_test_wrong(t, "opens more than %zu brackets", t->depth);
	t->bracket[++t->depth] = bracket;
	hd_test_put(t, &bracket, 1);
}

static inline void
hd_test_close(struct hd_req *req, char bracket)
{
	struct hd_test *t = hd_test_of(req);

	if (t->depth == 0 || t->bracket[t->depth] != (bracket == '}' ? '{' : '['))
		hd_test_wrong(t, "closes a bracket %c that is not open", bracket);
	t->depth--;
	hd_test_put(t, &bracket, 1);
}

static inline void
hd_test_put_text(struct hd_req *req, const char *name, const char *text)
{
	if (text == NULL)
		hd_test_put_raw(req, name, NULL);
	else
		hd_test_put_string(hd_test_begin_value(req, name), text);
}

static inline void
hd_test_put_int(struct hd_req *req, const char *name, int64_t integer)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%lld", (long long)integer);
	hd_test_put_raw(req, name, digits);
}

static inline void
hd_test_put_bool(struct hd_req *req, const char *name, bool boolean)
{
	hd_test_put_raw(req, name, boolean ? "true" : "false");
}

static inline struct hd_test *
hd_test_must_reply(struct hd_req *req, int status)
{
	struct hd_test *t = hd_test_must_answer(req, "replies");

	if (status < 200 || status > 299)
		hd_test_wrong(t, "replies with status %d", status);
	if (t->replied)
		hd_test_wrong(t, "replies twice");
	return t;
}

static inline bool
hd_test_reply(struct hd_req *req, int status)
{
	struct hd_test *t = hd_test_must_reply(req, status);

	if (t->status >= 400)
		return false;
	if (t->depth > 0)
		hd_test_wrong(t, "replies with %zu brackets open", t->depth);
	if (t->length == 0)
		hd_test_put(t, "{", 1);
	hd_test_put(t, "}", 1);
	t->replied = true;
	t->status = status;
	return true;
}

/* Only what fits is there to be looked at, as t->json. */
static inline bool
hd_test_reply_bytes(struct hd_req *req, int status, const char *media_type, const void *bytes,
    size_t n)
{
	struct hd_test *t = hd_test_must_reply(req, status);

	if (t->length > 0)
		hd_test_wrong(t, "writes JSON before bytes of %s", media_type);
	if (t->status >= 400)
		return false;
	hd_test_put(t, (const char *)bytes, n);
	t->media_type = hd_test_copy(t, media_type);
	t->replied = true;
	t->status = status;
	return true;
}

static inline bool
hd_test_set_header(struct hd_req *req, const char *name, const char *value)
{
	struct hd_test *t = hd_test_must_answer(req, "sets a header");

	if (t->replied)
		hd_test_wrong(t, "sets a header, though it has replied");
	if (t->status >= 400)
		return false;
	if (t->header_count == 8)
		hd_test_wrong(t, "sets more than 8 headers");
	t->header[t->header_count].name = hd_test_copy(t, name);
	t->header[t->header_count++].value = hd_test_copy(t, value);
	return true;
}

/* ---- rows of resources ---- */

/* Whether the table may be that of a module: "hardware", or named after it, "hardware_x"; or
 * one of the server's, "core_user", which some modules serve. */
static inline bool
hd_test_is_of(const char *table, const char *module)
{
	size_t n = strlen(module);

	return (strncmp(table, module, n) == 0 && (table[n] == '\0' || table[n] == '_')) ||
	    strncmp(table, "core_", 5) == 0;
}

static inline void
hd_test_must_reach(const struct hd_test *t, const char *table)
{
	const struct hd_need *need = t->module->needs;

	if (hd_test_resource(t->module, table) != NULL)
		return;
	for (; need != NULL && need->module != NULL; need++)
		if (hd_test_is_of(table, need->module))
			return;
	hd_test_wrong(t, "uses rows of %s, which is no resource of it or of a module that it needs",
	    table);
}

/* Whether hd_create or hd_change can give the field. */
static inline bool
hd_test_is_given(const struct hd_field *f, unsigned verb)
{
	switch (f->type) {
	case HD_TEXT: case HD_INTEGER: case HD_BOOLEAN: case HD_DATE: case HD_TIME: case HD_USER:
	case HD_TAGS:
		return verb == HD_CREATE || (f->flags & HD_CREATE_ONLY) == 0;
	case HD_PARENT:
		return verb == HD_CREATE;
	default:
		return false;
	}
}

static inline const struct hd_member *
hd_test_member(const struct hd_test_change *c, const char *name)
{
	size_t i;

	for (i = 0; i < c->count; i++)
		if (strcmp(c->member[i].name, name) == 0)
			return &c->member[i];
	return NULL;
}

/* Holds what is made or changed to the module's own table of fields. */
static inline void
hd_test_must_fit(const struct hd_test *t, const struct hd_test_change *c)
{
	const struct hd_resource *r = hd_test_resource(t->module, c->table);
	const struct hd_field *f;
	size_t i;

	for (i = 0; r != NULL && i < c->count; i++) {
		f = hd_test_field(r->fields, c->member[i].name);
		if (f == NULL || !hd_test_is_given(f, c->verb))
			hd_test_wrong(t, "gives the member \"%s\" of %s, which cannot be given",
			    c->member[i].name, c->table);
	}
	for (f = r != NULL && c->verb == HD_CREATE ? r->fields : NULL; f != NULL &&
	    f->name != NULL; f++)
		if ((f->type == HD_PARENT || ((f->flags & HD_REQUIRED) != 0 && f->value == NULL)) &&
		    hd_test_member(c, f->name) == NULL)
			hd_test_wrong(t, "does not give the member \"%s\" of %s", f->name,
			    c->table);
}

/* Whether nothing speaks against it; else the request is failed. */
static inline bool
hd_test_may(struct hd_test *t, const char *table, unsigned verb)
{
	unsigned i;

	hd_test_must_reach(t, table);
	if (t->status >= 400)
		return false;
	for (i = 0; i < t->denial_count; i++)
		if (strcmp(t->denial[i].table, table) == 0 && (t->denial[i].verbs & verb) != 0)
			return hd_test_deny_now(t, t->denial[i].status);
	return true;
}

static inline bool
hd_test_note_change(struct hd_test *t, unsigned verb, const char *table, int64_t id,
    const struct hd_member *members, size_t n)
{
	struct hd_test_change *c = &t->change[t->change_count];
	size_t i;

	hd_test_must_write(t, "writes");
	if (!hd_test_may(t, table, verb))
		return false;
	if (t->change_count++ == HD_TEST_MOST || n > HD_TEST_VALUES)
		hd_test_wrong(t, "changes more than %d rows, or %d members", (int)HD_TEST_MOST,
		    (int)HD_TEST_VALUES);
	c->verb = verb;
	c->table = hd_test_copy(t, table);
	c->id = id;
	c->count = n;
	for (i = 0; i < n; i++) {
		c->member[i].name = hd_test_copy(t, members[i].name);
		c->member[i].value = members[i].value;
		c->member[i].value.text = hd_test_copy(t, members[i].value.text);
	}
	hd_test_must_fit(t, c);
	return true;
}

static inline int64_t
hd_test_create(struct hd_req *req, const char *table, const struct hd_member *members, size_t n)
{
	struct hd_test *t = hd_test_of(req);

	return hd_test_note_change(t, HD_CREATE, table, t->next_id, members, n) ? t->next_id++ : 0;
}

static inline bool
hd_test_change_row(struct hd_req *req, const char *table, int64_t id,
    const struct hd_member *members, size_t n)
{
	return hd_test_note_change(hd_test_of(req), HD_CHANGE, table, id, members, n);
}

static inline bool
hd_test_erase(struct hd_req *req, const char *table, int64_t id)
{
	return hd_test_note_change(hd_test_of(req), HD_DELETE, table, id, NULL, 0);
}

/* A row is its id: {"id":7}. */
static inline bool
hd_test_put_row(struct hd_req *req, const char *name, const char *table, int64_t id)
{
	struct hd_test *t = hd_test_of(req);
	char json[40];

	if (!hd_test_may(t, table, HD_GET))
		return false;
	snprintf(json, sizeof(json), "{\"id\":%lld}", (long long)id);
	hd_test_put_raw(req, name, json);
	return true;
}

static inline bool
hd_test_check_match(struct hd_req *req, const char *table, int64_t id)
{
	struct hd_test *t = hd_test_of(req);

	(void)id;
	hd_test_must_write(t, "holds to If-Match");
	return hd_test_may(t, table, HD_GET);
}

/* ---- what a hook sees ---- */

static inline const struct hd_test *
hd_test_of_event(const struct hd_event *event)
{
	return (const struct hd_test *)(const void *)
	    ((const char *)event - offsetof(struct hd_test, event));
}

static inline const char *
hd_test_event_text(const struct hd_event *event, bool after, const char *field)
{
	return hd_test_text(hd_test_of_event(event), after ? HD_TEST_NEW : HD_TEST_OLD, field);
}

static inline int64_t
hd_test_event_int(const struct hd_event *event, bool after, const char *field)
{
	return hd_test_number(hd_test_event_text(event, after, field));
}

static inline bool
hd_test_event_changed(const struct hd_event *event, const char *field)
{
	const char *from = hd_test_event_text(event, false, field);
	const char *to = hd_test_event_text(event, true, field);

	return (from == NULL) != (to == NULL) || (from != NULL && strcmp(from, to) != 0);
}

/* ---- services ---- */

static inline const struct hd_service *
hd_test_own_service(const struct hd_module *m, const char *id)
{
	const struct hd_service *s = m->services;

	while (s != NULL && s->id != NULL && strcmp(s->id, id) != 0)
		s++;
	return s != NULL && s->id != NULL ? s : NULL;
}

static inline const struct hd_test_offer *
hd_test_offered(const struct hd_test *t, const char *id)
{
	unsigned i;

	for (i = 0; i < t->offer_count; i++)
		if (strcmp(t->offer[i].id, id) == 0)
			return &t->offer[i];
	return NULL;
}

static inline bool
hd_test_call(struct hd_req *req, const char *id, void *argument)
{
	struct hd_test *t = hd_test_of(req);
	const struct hd_test_offer *offer = hd_test_offered(t, id);
	const struct hd_service *own = hd_test_own_service(t->module, id);
	bool good;

	if (offer == NULL && own == NULL)
		hd_test_wrong(t, "calls %s, which nobody offers", id);
	if (t->status >= 400)
		return false;
	good = offer != NULL ? offer->call(req, argument) : own->call(req, argument);
	if (!good && t->status < 400)
		hd_test_wrong(t, "is said no by %s, but not why", id);
	return good;
}

static inline bool
hd_test_offers(const struct hd_instance *i, const char *id)
{
	const struct hd_test *t = hd_test_of_instance(i);

	return hd_test_offered(t, id) != NULL || hd_test_own_service(t->module, id) != NULL;
}

/* ---- times ---- */

/* The number that digits at a place of a time are. */
static inline int64_t
hd_test_digits(const char *time, size_t from, size_t n)
{
	int64_t number = 0;

	for (; n > 0 && strlen(time) > from && time[from] >= '0' && time[from] <= '9'; from++, n--)
		number = 10 * number + (time[from] - '0');
	return number;
}

/* Days from 0000-03-01 to a day: a year that begins in March ends with its leap day. */
static inline int64_t
hd_test_day_number(int64_t year, int64_t month, int64_t day)
{
	int64_t y = month > 2 ? year : year - 1, m = month > 2 ? month - 3 : month + 9;

	return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1;
}

/* The day of that number, looked for from a year and month that are not after it. */
static inline void
hd_test_find_day(int64_t number, int64_t *year, int64_t *month, int64_t *day)
{
	*year = number / 366;
	while (hd_test_day_number(*year + 1, 1, 1) <= number)
		++*year;
	*month = 1;
	while (*month < 12 && hd_test_day_number(*year, *month + 1, 1) <= number)
		++*month;
	*day = number - hd_test_day_number(*year, *month, 1) + 1;
}

/* Takes what hd_now gives, and what has no fraction or is a day alone; no zones. */
static inline const char *
hd_test_time_add(struct hd_req *req, const char *time, int64_t seconds)
{
	struct hd_test *t = hd_test_of(req);
	int64_t year, month, day, number, of_day;
	char text[64];

	if (time == NULL || strlen(time) < 10 || time[4] != '-' || time[7] != '-')
		hd_test_wrong(t, "adds to '%s', which is no time", time != NULL ? time : "NULL");
	number = hd_test_day_number(hd_test_digits(time, 0, 4), hd_test_digits(time, 5, 2),
	    hd_test_digits(time, 8, 2));
	of_day = 3600 * hd_test_digits(time, 11, 2) + 60 * hd_test_digits(time, 14, 2) +
	    hd_test_digits(time, 17, 2) + seconds;
	number += of_day / 86400 - (of_day % 86400 < 0);
	of_day = (of_day % 86400 + 86400) % 86400;
	hd_test_find_day(number, &year, &month, &day);
	snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:%02d:%02d.%06d", (int)year, (int)month,
	    (int)day, (int)(of_day / 3600), (int)(of_day / 60 % 60), (int)(of_day % 60),
	    (int)hd_test_digits(time, 20, 6));
	return hd_test_copy(t, text);
}

static inline const struct hd_host *
hd_test_host(void)
{
	static const struct hd_host host = {
		.abi = (uint32_t)HD_ABI_MAJOR << 16 | HD_ABI_MINOR,
		.fail = hd_test_fail, .alloc = hd_test_alloc,
		.param_id = hd_test_param_id, .param = hd_test_param,
		.header = hd_test_header, .query = hd_test_query,
		.body_has = hd_test_body_has, .body_text = hd_test_body_text,
		.body_int = hd_test_body_int, .client = hd_test_client,
		.option = hd_test_option_text, .instance = hd_test_instance,
		.select = hd_test_select, .next = hd_test_next,
		.row_int = hd_test_row_int, .row_text = hd_test_row_text,
		.execute = hd_test_execute, .audit = hd_test_audit_entry,
		.open = hd_test_open, .close = hd_test_close,
		.put_text = hd_test_put_text, .put_int = hd_test_put_int,
		.put_bool = hd_test_put_bool, .put_json = hd_test_put_raw,
		.reply = hd_test_reply, .now = hd_test_now,
		.refuse = hd_test_refuse, .log = hd_test_log,
		.carry = hd_test_carry, .carried = hd_test_carried,
		.create = hd_test_create, .change = hd_test_change_row, .erase = hd_test_erase,
		.set_header = hd_test_set_header, .reply_bytes = hd_test_reply_bytes,
		.call = hd_test_call, .offers = hd_test_offers,
		.event_text = hd_test_event_text, .event_int = hd_test_event_int,
		.event_changed = hd_test_event_changed,
		.put_row = hd_test_put_row, .check_match = hd_test_check_match,
		.time_add = hd_test_time_add,
		.body_given = hd_test_body_given,
	};

	return &host;
}

/* ---- what a test calls ---- */

#define HD_TEST_MODULE_V(major) (&hd_module_v##major)
#define HD_TEST_MODULE_OF(major) HD_TEST_MODULE_V(major)

/* The module whose source the test includes, whatever the major of the ABI is. */
#define HD_TEST_MODULE HD_TEST_MODULE_OF(HD_ABI_MAJOR)

/* Begins the test of a module: HD_TEST_MODULE.  init has not been called; see hd_test_init. */
static inline void
hd_test_start(struct hd_test *t, const struct hd_module *module)
{
	static const struct hd_client client = { 1, "test", 1, "tester" };

	memset(t, 0, sizeof(*t));
	t->module = module;
	t->req.host = t->instance.host = t->event.host = hd_test_host();
	t->instance.site = "test";
	t->client = client;
	t->now = "2025-02-28T09:45:03.104281";
	t->started = module->init == NULL;
	t->next_id = 1;
}

/* Gives a text under a name: a path parameter, a header, what a field held ...  Numbers and
 * booleans are given as their text.  Options stay until the end, the rest until the next
 * request, hook, job or service is begun. */
static inline void
hd_test_give(struct hd_test *t, enum hd_test_place place, const char *name, const char *value)
{
	struct hd_test_given *g = &t->given[t->given_count];

	hd_test_must_be_declared(t, place, name);
	if (t->given_count++ == HD_TEST_MOST)
		hd_test_wrong(t, "is given more than %d texts", (int)HD_TEST_MOST);
	g->place = place;
	g->name = hd_test_copy(t, name);
	g->value = hd_test_copy(t, value);
}

/* Calls the module's fini, if its life has begun. */
static inline void
hd_test_fini(struct hd_test *t)
{
	if (t->started && t->module->fini != NULL)
		t->module->fini(&t->instance);
	t->started = false;
	t->instance.state = NULL;
}

/* Begins the module's life, or another one: calls its init, if it has one, with the options
 * given so far.  False with t->message set if it refuses. */
static inline bool
hd_test_init(struct hd_test *t)
{
	hd_test_fini(t);
	t->message = NULL;
	t->started = t->module->init == NULL || t->module->init(&t->instance);
	return t->started;
}

/* Forgets what ran before, but for options and offers. */
static inline void
hd_test_begin(struct hd_test *t, const char *kind, const char *name)
{
	unsigned i, n = 0;

	snprintf(t->what, sizeof(t->what), "%s %s", kind, name);
	t->route = NULL;
	t->job = NULL;
	t->service = NULL;
	t->event.table = NULL;
	for (i = 0; i < t->given_count; i++)
		if (t->given[i].place == HD_TEST_OPTION)
			t->given[n++] = t->given[i];
	t->given_count = n;
	t->run_count = t->audit_count = t->row_count = 0;
	t->change_count = t->header_count = t->denial_count = 0;
	memset(t->denied, 0, sizeof(t->denied));
	t->status = 0;
	t->field = t->message = t->media_type = NULL;
	t->json[0] = '\0';
	t->length = t->depth = 0;
	t->replied = false;
	t->carried = NULL;
}

/* Begins a request to the route of this method and path, as its table has them; what the
 * request before it brought and did is forgotten. */
static inline void
hd_test_request(struct hd_test *t, const char *method, const char *path)
{
	const struct hd_route *r = t->module->routes;

	hd_test_begin(t, method, path);
	for (; r != NULL && r->method != NULL; r++)
		if (strcmp(r->method, method) == 0 && strcmp(r->path, path) == 0)
			t->route = r;
	if (t->route == NULL)
		hd_test_wrong(t, "is no route of it");
	t->access = t->route->access;
}

/* Likewise a change of a row, for the module's hooks on its table: HD_CREATE, HD_CHANGE or
 * HD_DELETE.  HD_TEST_OLD and HD_TEST_NEW say what the fields held and hold. */
static inline void
hd_test_hook(struct hd_test *t, const char *table, unsigned verb, int64_t id)
{
	const struct hd_hook *h = t->module->hooks;

	hd_test_begin(t, "hook on", table);
	while (h != NULL && h->table != NULL && (strcmp(h->table, table) != 0 ||
	    (h->verbs != 0 && (h->verbs & verb) == 0)))
		h++;
	if (h == NULL || h->table == NULL)
		hd_test_wrong(t, "is none of it for this change");
	t->event.table = h->table;
	t->event.verb = verb;
	t->event.id = id;
	t->access = HD_WRITE;
}

/* Likewise a run of the job of this name. */
static inline void
hd_test_job(struct hd_test *t, const char *name)
{
	const struct hd_job *j = t->module->jobs;

	hd_test_begin(t, "job", name);
	while (j != NULL && j->name != NULL && strcmp(j->name, name) != 0)
		j++;
	if (j == NULL || j->name == NULL)
		hd_test_wrong(t, "is none of it");
	t->job = j;
	t->access = HD_WRITE;
}

/* Likewise a call of the module's own service, with what hd_call would be given. */
static inline void
hd_test_service(struct hd_test *t, const char *id, void *argument)
{
	hd_test_begin(t, "service", id);
	t->service = hd_test_own_service(t->module, id);
	if (t->service == NULL)
		hd_test_wrong(t, "is none of it");
	t->argument = argument;
	t->access = HD_READ;
}

/* Offers a service, in place of the module that would; until the end. */
static inline void
hd_test_offer(struct hd_test *t, const char *id, bool (*call)(struct hd_req *, void *))
{
	struct hd_test_offer *offer = &t->offer[t->offer_count];

	if (t->offer_count++ == HD_TEST_MOST)
		hd_test_wrong(t, "is offered more than %d services", (int)HD_TEST_MOST);
	offer->id = hd_test_copy(t, id);
	offer->call = call;
}

/* One more row that a statement finds, column by column; NULL is null:
 * hd_test_row(&t, FIND, "7", "Blue room", NULL) */
#define hd_test_row(t, statement, ...)                                                       \
	hd_test_add_row(t, statement, (const char *const[]){ __VA_ARGS__ },                  \
	    sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(const char *))

static inline void
hd_test_add_row(struct hd_test *t, unsigned statement, const char *const *columns, size_t n)
{
	struct hd_test_row *row = &t->row[t->row_count];
	size_t i;

	hd_test_must_be_statement(t, statement);
	if (t->row_count++ == HD_TEST_MOST || n > HD_TEST_VALUES)
		hd_test_wrong(t, "is given more than %d rows, or %d columns", (int)HD_TEST_MOST,
		    (int)HD_TEST_VALUES);
	row->statement = statement;
	row->count = n;
	for (i = 0; i < n; i++)
		row->column[i] = hd_test_copy(t, columns[i]);
}

/* From now on the statement fails the request with this status: 409, as a value that is
 * there already does; 500; 503. */
static inline void
hd_test_deny(struct hd_test *t, unsigned statement, int status)
{
	hd_test_must_be_statement(t, statement);
	t->denied[statement] = status;
}

/* From now on what is done with rows of a table fails the request with this status: HD_CREATE,
 * HD_CHANGE, HD_DELETE, and HD_GET for hd_put_row and hd_check_match; or-ed together. */
static inline void
hd_test_deny_rows(struct hd_test *t, const char *table, unsigned verbs, int status)
{
	struct hd_test_denial *denial = &t->denial[t->denial_count];

	hd_test_must_reach(t, table);
	if (t->denial_count++ == HD_TEST_MOST)
		hd_test_wrong(t, "is denied more than %d times", (int)HD_TEST_MOST);
	denial->table = hd_test_copy(t, table);
	denial->verbs = verbs;
	denial->status = status;
}

/* What comes before, where nothing can be written. */
static inline bool
hd_test_run_before(struct hd_test *t, bool (*before)(struct hd_req *))
{
	bool good;

	if (before == NULL)
		return true;
	t->before = true;
	good = before(&t->req);
	t->before = false;
	return good;
}

static inline bool
hd_test_run_route(struct hd_test *t)
{
	bool good = hd_test_run_before(t, t->route->before) && t->route->handler(&t->req);

	if (good && !t->replied)
		hd_test_wrong(t, "returns true without hd_reply");
	return good;
}

static inline bool
hd_test_run_job(struct hd_test *t)
{
	return hd_test_run_before(t, t->job->before) &&
	    (t->job->run == NULL || t->job->run(&t->req));
}

/* Every hook that the change has, in the order of the table. */
static inline bool
hd_test_run_hooks(struct hd_test *t)
{
	const struct hd_hook *h = t->module->hooks;
	bool good = true;

	for (; good && h->table != NULL; h++)
		if (strcmp(h->table, t->event.table) == 0 &&
		    (h->verbs == 0 || (h->verbs & t->event.verb) != 0))
			good = h->run(&t->req, &t->event);
	return good;
}

/* Has it handled as the server would: .before, if there is one, then the handler, job, hook
 * or service.  Returns what that did; t has the rest. */
static inline bool
hd_test_run(struct hd_test *t)
{
	bool good = false;

	if (t->route != NULL)
		good = hd_test_run_route(t);
	else if (t->job != NULL)
		good = hd_test_run_job(t);
	else if (t->service != NULL)
		good = t->service->call(&t->req, t->argument);
	else if (t->event.table != NULL)
		good = hd_test_run_hooks(t);
	else
		hd_test_wrong(t, "is run without hd_test_request, _hook, _job or _service");
	if (!good && t->status < 400)
		hd_test_wrong(t, "returns false and has not failed");
	if (good && t->status >= 400)
		hd_test_wrong(t, "returns true and has failed");
	return good;
}

/* How often a statement was run. */
static inline unsigned
hd_test_ran(const struct hd_test *t, unsigned statement)
{
	unsigned i, n = 0;

	for (i = 0; i < t->run_count; i++)
		n += t->run[i].statement == statement;
	return n;
}

/* The header that the answer has, or NULL. */
static inline const char *
hd_test_answered(const struct hd_test *t, const char *name)
{
	unsigned i;

	for (i = 0; i < t->header_count; i++)
		if (strcmp(t->header[i].name, name) == 0)
			return t->header[i].value;
	return NULL;
}

/* Whether the i-th row that was made, changed or deleted got a member as this text, number or
 * boolean ("true"); NULL: null. */
static inline bool
hd_test_gave(const struct hd_test *t, unsigned i, const char *name, const char *value)
{
	const struct hd_member *m = i < t->change_count ? hd_test_member(&t->change[i], name) :
	    NULL;
	char digits[24];

	if (m == NULL || (m->value.type == HD_NONE) != (value == NULL))
		return false;
	if (value == NULL || m->value.type == HD_TEXT)
		return value == NULL || strcmp(m->value.text, value) == 0;
	if (m->value.type == HD_BOOLEAN)
		return strcmp(m->value.integer != 0 ? "true" : "false", value) == 0;
	snprintf(digits, sizeof(digits), "%lld", (long long)m->value.integer);
	return strcmp(digits, value) == 0;
}

/* Notes a failure of the test, with the place and what the request came to, if this is not
 * so.  The test goes on. */
#define hd_test_check(t, expression)                                                         \
	hd_test_note_check(t, expression, #expression, __FILE__, __LINE__)

static inline void
hd_test_note_check(struct hd_test *t, bool good, const char *what, const char *file, int line)
{
	if (good)
		return;
	t->failures++;
	fprintf(stderr, "%s:%d: not so: %s\n    status %d, field %s, message %s, answer %s\n",
	    file, line, what, t->status, t->field != NULL ? t->field : "none",
	    t->message != NULL ? t->message : "none", t->json);
}

/* Ends what hd_test_start began: calls the module's fini and frees all that the test was
 * given.  A fuzz target starts and stops for every input. */
static inline void
hd_test_stop(struct hd_test *t)
{
	void **p, *before;

	hd_test_fini(t);
	for (p = (void **)t->memory; p != NULL; p = (void **)before) {
		before = *p;
		free(p);
	}
	t->memory = NULL;
}

/* Likewise, says whether all was well, and returns main's status. */
static inline int
hd_test_end(struct hd_test *t)
{
	hd_test_stop(t);
	printf("%s: %s\n", t->module->name, t->failures == 0 ? "good" : "failed");
	return t->failures == 0 ? 0 : 1;
}

#endif
