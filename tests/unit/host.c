/*
 * Whether a module's code gets what plugin.h promises, and whether anything that it does
 * wrong ends as an answer and a line in the log.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../fixture/hall.h"
#include "text.h"

#include <cmocka.h>	/* after plugin.h, where "fail" is a name */

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char site[] =
    "limits: { request_memory: 2MiB }\n"
    "sites:\n"
    "  - name: main\n"
    "    database: { path: @/main.db }\n"
    "    modules: { errand: { greeting: Καλημέρα, limit: 12 }, meta: , users: }\n";

static void
expect_text(const char *got, const char *want, const char *what)
{
	if ((got == NULL) != (want == NULL) || (got != NULL && strcmp(got, want) != 0))
		fail_msg("%s is '%.500s' in place of '%.500s'", what, got, want);
}

struct member {
	const char *path, *value;
};

static void
expect_members(struct place *p, const struct got *got, const struct member *members, size_t n)
{
	for (size_t i = 0; i < n; i++)
		expect_text(hall_json(p, got->body, members[i].path), members[i].value,
		    members[i].path);
}

static void
expect_status(const struct got *got, int status)
{
	if (got->status != status)
		fail_msg("%d in place of %d: %.500s", got->status, status, got->body.at);
}

/* What every answer is, whatever a module does: JSON, with headers, once. */
static void
expect_sound(struct place *p, const struct got *got)
{
	if (got->status == 204 || got->status == 304)
		assert_int_equal(got->body.len, 0);
	else
		assert_non_null(hall_json(p, got->body, ""));
	assert_non_null(hall_header(got, "x-request-id"));
	assert_non_null(hall_header(got, "x-content-type-options"));
	assert_non_null(hall_header(got, "cache-control"));
	if (got->status != 204 && got->status != 304)
		assert_string_equal(hall_header(got, "content-type"), "application/json");
}

/* ---- what a handler gets ---- */

static void
a_handler_sees_what_was_asked(void **state)
{
	static const struct member members[] = {
		{ "id", "9223372036854775807" }, { "word", "a b/\xce\xb1" }, { "no_id", "0" },
		{ "no_word", "null" }, { "header", "from afar" }, { "query text", "x y" },
		{ "query number", "-5" }, { "query flag", "true" }, { "query day", "2024-02-29" },
		{ "query at", "2025-01-01T10:00:00" }, { "query who", "1" }, { "query else", "null" },
		{ "client", "{\"id\":0,\"name\":\"administrator\",\"user\":0,\"user_name\":null}" },
		{ "same_now", "true" },
	};
	struct place *p = *state;
	struct got got;

	hall_make_key(p, "main.db", "maria");
	hall_enter(p, HOUSE_AT_ONCE, site);
	got = hall_ask(p, &(struct ask){ .method = "GET",
	    .target = "/api/v1/errand/echo/9223372036854775807/a%20b%2F%CE%B1"
	    "?text=+x+y%20&number=-5&flag=true&day=2024-02-29"
	    "&at=2025-01-01T12:00%2B02:00&who=MARIA&else=no",
	    .headers = { { TEXT("x-errand"), TEXT("from afar") } } });
	expect_status(&got, 200);
	expect_sound(p, &got);
	expect_members(p, &got, members, COUNT(members));
	assert_int_equal(strlen(hall_json(p, got.body, "now")),
	    strlen("2025-02-28T09:45:03.104281"));
}

static void
who_calls_is_meant_where_nobody_is_named(void **state)
{
	struct place *p = *state;
	const char *key = hall_make_key(p, "main.db", "maria");
	struct ask ask = { .method = "POST", .target = "/api/v1/errand/mine", .body = "{}",
	    .key = key };
	struct got got;

	hall_enter(p, HOUSE_AT_ONCE, site);
	got = hall_ask(p, &ask);
	expect_status(&got, 200);
	expect_text(got.body.at, "{\"who\":1}", "the answer");
	ask.key = NULL;		/* the administrator has no user */
	got = hall_ask(p, &ask);
	expect_status(&got, 400);
	expect_text(hall_json(p, got.body, "error"), "who must reference a valid user or configure"
	    " a default user for this API key.", "error");
}

static void
a_body_names_nobody_who_is_deactivated(void **state)
{
	struct place *p = *state;
	struct got got;

	hall_make_key(p, "main.db", "maria");
	hall_enter(p, HOUSE_AT_ONCE, site);
	got = hall_send(p, "POST", "/api/v1/errand/body", "{\"name\":\"a\",\"who\":\"maria\"}");
	expect_status(&got, 201);
	got = hall_send(p, "PATCH", "/api/v1/users/1", "{\"active\":false}");
	expect_status(&got, 200);
	got = hall_send(p, "POST", "/api/v1/errand/body", "{\"name\":\"a\",\"who\":\"maria\"}");
	expect_status(&got, 400);
	expect_text(hall_json(p, got.body, "error"), "who: user 'maria' is deactivated", "error");
	expect_text(hall_json(p, got.body, "code"), "inactive_user", "code");
	/* Whom one asks about may be anybody. */
	got = hall_get(p, "/api/v1/errand/echo/1/x?who=maria");
	expect_status(&got, 200);
	expect_text(hall_json(p, got.body, "query who"), "1", "who");
}

static void
what_was_not_asked_is_null(void **state)
{
	static const char *const names[] = { "text", "number", "flag", "day", "at", "who" };
	struct place *p = *state;
	struct got got;

	hall_enter(p, HOUSE_AT_ONCE, site);
	got = hall_get(p, "/api/v1/errand/echo/1/x?text=&flag=false");
	expect_status(&got, 200);
	for (size_t i = 0; i < COUNT(names); i++)
		expect_text(hall_json(p, got.body, arena_printf(&p->arena, "query %s", names[i])),
		    strcmp(names[i], "flag") == 0 ? "false" : "null", names[i]);
	expect_text(hall_json(p, got.body, "header"), "null", "header");
}

static void
a_parameter_that_is_not_given_is_its_default(void **state)
{
	static const struct member defaults[] = {
		{ "query colour", "red and blue" }, { "query times", "-3" },
		{ "query loud", "true" }, { "query from", "2025-02-28" },
	};
	static const struct member given[] = {
		{ "query colour", "red and blue" }, { "query times", "4" },
		{ "query loud", "false" }, { "query from", "2025-01-01" },
	};
	struct place *p = *state;
	struct got got;

	hall_enter(p, HOUSE_AT_ONCE, site);
	got = hall_get(p, "/api/v1/errand/echo/1/x");
	expect_members(p, &got, defaults, COUNT(defaults));
	got = hall_get(p, "/api/v1/errand/echo/1/x?colour=&times=4&loud=false&from=2025-01-01");
	expect_members(p, &got, given, COUNT(given));
}

static void
a_handler_sees_who_calls_and_where(void **state)
{
	struct place *p = *state;
	const char *key = hall_make_key(p, "main.db", "maria");
	static const struct member members[] = {
		{ "client id", "1" }, { "client name", "maria's bot" }, { "client user", "1" },
		{ "client user_name", "maria" }, { "instance site", "main" },
		{ "instance started", "42" },
		{ "instance state", "\xce\x9a\xce\xb1\xce\xbb\xce\xb7\xce\xbc\xce\xad\xcf\x81\xce\xb1" },
		{ "instance greeting", "\xce\x9a\xce\xb1\xce\xbb\xce\xb7\xce\xbc\xce\xad\xcf\x81\xce\xb1" },
		{ "instance limit", "12" }, { "instance loud", "false" }, { "instance unknown", "null" },
	};
	struct got got;

	hall_enter(p, HOUSE_AT_ONCE, site);
	got = hall_ask(p, &(struct ask){ .method = "GET", .target = "/api/v1/errand/echo/1/x",
	    .key = key });
	expect_status(&got, 200);
	expect_members(p, &got, members, COUNT(members));
	got = hall_ask(p, &(struct ask){ .method = "GET", .target = "/errand-echo/1/x",
	    .key = key });
	expect_status(&got, 200);
	expect_text(hall_json(p, got.body, "client"), "null", "the client of a public route");
	got = hall_ask(p, &(struct ask){ .method = "GET", .target = "/api/v1/errand/echo/1/x",
	    .key = "hp_000000000000_x" });
	expect_status(&got, 401);
}

/* Before a handler is called, all that its tables say has been checked. */
static void
what_the_tables_forbid_never_comes_to_a_handler(void **state)
{
	static const struct {
		const char *target, *field;
		int status;
	} cases[] = {
		{ "/api/v1/errand/echo/1/x?text=123456789012345678901", "text", 400 },
		{ "/api/v1/errand/echo/1/x?number=6", "number", 400 },
		{ "/api/v1/errand/echo/1/x?number=x", "number", 400 },
		{ "/api/v1/errand/echo/1/x?flag=1", "flag", 400 },
		{ "/api/v1/errand/echo/1/x?day=2025-02-29", "day", 400 },
		{ "/api/v1/errand/echo/1/x?at=25:00", "at", 400 },
		{ "/api/v1/errand/echo/1/x?who=nobody", "who", 400 },
		{ "/api/v1/errand/echo/1/x?text=%FF", "text", 400 },
		{ "/api/v1/errand/echo/1/x?text=%00", "text", 400 },
		{ "/api/v1/errand/echo/1/x?text=%4", "text", 400 },
		{ "/api/v1/errand/numbers", "upto", 400 },
		{ "/api/v1/errand/echo/0/x", NULL, 404 }, { "/api/v1/errand/echo/-1/x", NULL, 404 },
		{ "/api/v1/errand/echo/x/x", NULL, 404 }, { "/api/v1/errand/echo/1/", NULL, 404 },
		{ "/api/v1/errand/echo/9223372036854775808/x", NULL, 404 },
		{ "/api/v1/errand/echo/1/%00", NULL, 404 },
	};
	struct place *p = *state;
	struct got got;

	hall_enter(p, HOUSE_AT_ONCE, site);
	for (size_t i = 0; i < COUNT(cases); i++) {
		got = hall_get(p, cases[i].target);
		if (got.status != cases[i].status)
			fail_msg("%s: %d", cases[i].target, got.status);
		expect_sound(p, &got);
		if (cases[i].field != NULL)
			expect_text(hall_json(p, got.body, "errors 0 field"), cases[i].field,
			    cases[i].target);
	}
}

/* All text that a module sees is UTF-8. */
static void
bytes_that_are_no_text_do_not_reach_a_handler(void **state)
{
	struct place *p = *state;
	struct got got;

	hall_enter(p, HOUSE_AT_ONCE, site);
	got = hall_get(p, "/api/v1/errand/echo/1/a%FFb");
	expect_status(&got, 400);
	expect_sound(p, &got);
	expect_text(hall_json(p, got.body, "errors 0 field"), "word", "the field");
	got = hall_ask(p, &(struct ask){ .method = "GET",
	    .raw = TEXT("/api/v1/errand/echo/1/\xff") });
	expect_status(&got, 400);
	expect_sound(p, &got);
	got = hall_ask(p, &(struct ask){ .method = "GET", .target = "/api/v1/errand/echo/1/x",
	    .headers = { { TEXT("x-errand"), TEXT("caf\xe9") } } });
	expect_status(&got, 200);
	expect_text(hall_json(p, got.body, "header"), "null", "a header in Latin-1");
}

static void
a_handler_sees_the_body_as_its_table_checked_it(void **state)
{
	static const struct member members[] = {
		{ "members 0 has", "true" }, { "members 0 text", "Bo" }, { "members 0 int", "0" },
		{ "members 1 has", "true" }, { "members 1 text", "null" }, { "members 1 int", "12" },
		{ "members 2 has", "true" }, { "members 2 text", "null" }, { "members 2 int", "1" },
		{ "members 3 has", "true" }, { "members 3 text", "2024-02-29" },
		{ "members 4 text", "2025-01-01T10:00:00" },
		{ "members 5 has", "true" }, { "members 5 text", "null" }, { "members 5 int", "1" },
		{ "members 6 has", "true" }, { "members 6 text", "[\"a\",\"b c\"]" },
		{ "members 7 has", "false" }, { "members 7 text", "null" }, { "members 7 int", "0" },
		{ "labels 1", "b c" },
	};
	struct place *p = *state;
	struct got got;

	hall_make_key(p, "main.db", "maria");
	hall_enter(p, HOUSE_AT_ONCE, site);
	got = hall_send(p, "POST", "/api/v1/errand/body", "{\"name\":\" Bo \",\"count\":1.2e1,"
	    "\"flag\":true,\"day\":\"2024-02-29\",\"at\":\"2025-01-01T12:00+02:00\","
	    "\"who\":\"MARIA\",\"labels\":\"a, b c,\",\"undeclared\":\"x\"}");
	expect_status(&got, 201);
	expect_members(p, &got, members, COUNT(members));
}

static void
what_a_body_does_not_give_is_absent_or_its_default(void **state)
{
	static const struct member members[] = {
		{ "members 0 text", "Bo" }, { "members 1 has", "true" }, { "members 1 int", "3" },
		{ "members 2 has", "false" }, { "members 3 has", "false" }, { "members 3 text", "null" },
		{ "members 5 int", "0" }, { "members 6 text", "[]" }, { "labels", "[]" },
	};
	static const char *const targets[] = { "/api/v1/errand/body", "/errand-body" };
	struct place *p = *state;
	struct got got;

	hall_enter(p, HOUSE_AT_ONCE, site);
	for (size_t i = 0; i < COUNT(targets); i++) {
		got = hall_send(p, "POST", targets[i], "{\"name\":\"Bo\",\"day\":\"\"}");
		expect_status(&got, 201);
		expect_members(p, &got, members, COUNT(members));
		got = hall_send(p, "POST", targets[i], "{\"name\":\" \",\"count\":\"x\"}");
		expect_status(&got, 400);
		expect_text(hall_json(p, got.body, "errors 1 field"), "count", "the second fault");
	}
}

/* What was said is told apart from what was made of saying nothing. */
static void
a_handler_sees_what_a_body_names(void **state)
{
	static const struct member members[] = {
		{ "members 0 given", "true" }, { "members 1 has", "true" },
		{ "members 1 given", "false" }, { "members 2 has", "false" },
		{ "members 2 given", "true" }, { "members 3 given", "true" },
		{ "members 4 given", "false" }, { "members 6 has", "true" },
		{ "members 6 given", "false" }, { "members 7 given", "false" },
	};
	struct place *p = *state;
	struct got got;

	hall_enter(p, HOUSE_AT_ONCE, site);
	got = hall_send(p, "POST", "/api/v1/errand/body",
	    "{\"name\":\"Bo\",\"flag\":null,\"day\":\"\",\"undeclared\":1}");
	expect_status(&got, 201);
	expect_members(p, &got, members, COUNT(members));
}

static void
what_a_patch_does_not_name_is_absent(void **state)
{
	static const struct member members[] = {
		{ "members 0 has", "false" }, { "members 0 text", "null" },
		{ "members 1 has", "false" }, { "members 1 int", "0" },
		{ "members 2 given", "true" }, { "members 2 has", "true" },
		{ "members 6 has", "false" }, { "members 6 text", "null" },
	};
	struct place *p = *state;
	struct got got;

	hall_enter(p, HOUSE_AT_ONCE, site);
	got = hall_send(p, "PATCH", "/api/v1/errand/body", "{\"flag\":false}");
	expect_status(&got, 201);
	expect_members(p, &got, members, COUNT(members));
	got = hall_send(p, "PATCH", "/api/v1/errand/body", "{\"name\":null}");
	expect_status(&got, 400);
	got = hall_send(p, "PATCH", "/api/v1/errand/body", "{\"count\":\"x\"}");
	expect_status(&got, 400);
}

static void
a_handler_reads_rows(void **state)
{
	static const struct member members[] = {
		{ "rows 0 0", "1" }, { "rows 0 1", "first" }, { "rows 0 2", "null" },
		{ "rows 0 3", "0" }, { "rows 1 0", "2" }, { "rows 1 2", "17" }, { "rows 1 3", "17" },
		{ "rows 1 4", "0" },	/* a text that only begins with a number */
		{ "rows 2", NULL },
	};
	struct place *p = *state;
	struct got got;

	hall_enter(p, HOUSE_AT_ONCE, site);
	hall_send(p, "POST", "/api/v1/errands", "{\"name\":\"first\"}");
	hall_send(p, "POST", "/api/v1/errands", "{\"name\":\"2nd\",\"notes\":17}");
	got = hall_get(p, "/api/v1/errand/rows");
	expect_status(&got, 200);
	expect_members(p, &got, members, COUNT(members));
	got = hall_get(p, "/api/v1/errand/nap");
	expect_status(&got, 200);
	expect_members(p, &got, members, COUNT(members));
}

/* ---- writes ---- */

static void
a_write_is_kept_with_its_audit_entries(void **state)
{
	struct place *p = *state;
	struct got got;

	hall_enter(p, HOUSE_AT_ONCE, site);
	got = hall_ask(p, &(struct ask){ .method = "POST", .target = "/api/v1/errand/pair",
	    .body = "{\"first\":\"a\",\"second\":\"b\"}",
	    .headers = { { TEXT("x-request-id"), TEXT("the-pair") } } });
	expect_status(&got, 201);
	expect_text(hall_json(p, got.body, "count"), "2", "count");
	expect_text(hall_sql(p, "main.db", "SELECT group_concat(name, ' ') FROM errand"), "a b",
	    "rows");
	expect_text(hall_sql(p, "main.db", "SELECT group_concat(action || ' ' || resource || ' ' ||"
	    " record || ' ' || changes || ' ' || request_id || ' ' || address, '; ')"
	    " FROM core_audit"), "pair errand 7 {\"name\":[null,\"one\"]} the-pair 192.0.2.7;"
	    " paired errand 8 {} the-pair 192.0.2.7", "the audit trail");
}

static void
a_write_that_fails_halfway_leaves_nothing(void **state)
{
	static const struct {
		const char *body;
		int status;
	} cases[] = {
		{ "{\"first\":\"a\",\"second\":\"b\",\"then\":\"fail\"}", 422 },
		{ "{\"first\":\"a\",\"second\":\"b\",\"then\":\"forget\"}", 500 },
		{ "{\"first\":\"a\",\"second\":\"a\"}", 409 },
		{ "{\"first\":\"a\",\"second\":\"taken\"}", 409 },
	};
	struct place *p = *state;
	struct got got;

	hall_enter(p, HOUSE_AT_ONCE, site);
	hall_send(p, "POST", "/api/v1/errands", "{\"name\":\"x\",\"tag\":\"taken\"}");
	for (size_t i = 0; i < COUNT(cases); i++) {
		got = hall_send(p, "POST", "/api/v1/errand/pair", cases[i].body);
		expect_status(&got, cases[i].status);
		expect_sound(p, &got);
		expect_text(hall_sql(p, "main.db", "SELECT count(*) FROM errand"), "1", "rows");
		expect_text(hall_sql(p, "main.db", "SELECT count(*) FROM core_audit"), "1",
		    "entries");
	}
	got = hall_send(p, "POST", "/api/v1/errand/pair", cases[0].body);
	expect_text(hall_json(p, got.body, "error"), "second: 'b' is not to be paired",
	    "the error");
	expect_text(hall_json(p, got.body, "errors 0 field"), "second", "the field");
}

/* Good and bad ones wait together behind a gate, so they share a transaction. */
static void
a_write_that_fails_spoils_no_other_of_its_batch(void **state)
{
	enum { MANY = 30 };
	struct place *p = *state;
	struct asked *gate, *asked[MANY];
	struct got got;
	FILE *open_gate;

	assert_int_equal(system(arena_printf(&p->arena, "mkfifo %s/gate", p->folder)), 0);
	hall_enter(p, HOUSE_SERVING,
	    "sites:\n"
	    "  - name: main\n"
	    "    database: { path: @/main.db }\n"
	    "    modules: { errand: { gate: @/gate } }\n");
	gate = hall_push(p, &(struct ask){ .method = "POST", .target = "/api/v1/errand/gate" });
	for (int i = 0; i < MANY; i++)
		asked[i] = hall_push(p, &(struct ask){ .method = "POST",
		    .target = i % 3 == 2 ? "/api/v1/errand/misuse/silent" : "/api/v1/errand/pair",
		    .body = arena_printf(&p->arena, "{\"first\":\"a%d\",\"second\":\"b%d\"%s}",
		    i, i, i % 3 == 1 ? ",\"then\":\"fail\"" : "") });
	open_gate = fopen(arena_printf(&p->arena, "%s/gate", p->folder), "w");
	assert_non_null(open_gate);
	fclose(open_gate);
	got = hall_wait(p, gate);
	expect_status(&got, 200);
	for (int i = 0; i < MANY; i++) {
		got = hall_wait(p, asked[i]);
		expect_status(&got, i % 3 == 0 ? 201 : i % 3 == 1 ? 422 : 500);
		assert_int_equal(got.answers, 1);
	}
	hall_close(p);
	expect_text(hall_sql(p, "main.db", "SELECT count(*) FROM errand"), "20", "rows");
	expect_text(hall_sql(p, "main.db", "SELECT count(DISTINCT substr(name, 2)) FROM errand"
	    " WHERE substr(name, 2) % 3 = 0"), "10", "pairs");
	expect_text(hall_sql(p, "main.db", "SELECT count(*) FROM core_audit"), "20", "entries");
}

/* A row may be nothing but its number. */
static void
a_resource_may_have_an_id_alone(void **state)
{
	struct place *p = *state;
	struct got got;

	hall_enter(p, HOUSE_AT_ONCE, site);
	got = hall_send(p, "POST", "/api/v1/errand-numbers", "{}");
	expect_status(&got, 201);
	got = hall_send(p, "POST", "/api/v1/errand-numbers", "{}");
	expect_text(hall_json(p, got.body, "errand_number"), "{\"id\":2}", "the second");
	got = hall_send(p, "PATCH", "/api/v1/errand-numbers/2", "{}");
	expect_status(&got, 200);
	got = hall_send(p, "DELETE", "/api/v1/errand-numbers/2", NULL);
	expect_status(&got, 200);
	got = hall_get(p, "/api/v1/errand-numbers");
	expect_text(hall_json(p, got.body, "errand_numbers"), "[{\"id\":1}]", "the list");
}

/* ---- misuse ---- */

enum { READING = 1, WRITING = 2, BLOCKING = 4, ANYWHERE = 7 };

static const struct {
	const char *name;
	unsigned where;
	int status;
	const char *log;	/* NULL: nothing is logged */
	const char *path, *value;	/* a member of the answer */
} misuses[] = {
	{ "unclosed", ANYWHERE, 500, "open brackets" },
	{ "closed_twice", ANYWHERE, 500, "closes a bracket" },
	{ "closed_outermost", ANYWHERE, 500, "closes a bracket" },
	{ "closed_otherwise", ANYWHERE, 500, "closes a bracket" },
	{ "closed_a_million_times", ANYWHERE, 500, "closes a bracket" },
	{ "too_deep", ANYWHERE, 500, "brackets" },
	{ "nameless_member", ANYWHERE, 500, "without a name" },
	{ "named_element", ANYWHERE, 500, "with a name" },
	{ "replied_twice", ANYWHERE, 500, "has replied" },
	{ "written_after_the_reply", ANYWHERE, 500, "has replied" },
	{ "failed_after_the_reply", ANYWHERE, 409, NULL, "error", "on second thoughts" },
	{ "not_allowed_after_the_reply", ANYWHERE, 405, NULL, "error", "on second thoughts" },
	{ "replied_but_false", ANYWHERE, 500, "returned false" },
	{ "silent", ANYWHERE, 500, "neither replied nor failed" },
	{ "silent_and_false", ANYWHERE, 500, "neither replied nor failed" },
	{ "failed_but_true", ANYWHERE, 409, NULL, "error", "no" },
	{ "failed_twice", ANYWHERE, 404, NULL, "error", "first: one" },
	{ "failed_then_replied", ANYWHERE, 404, NULL, "error", "one" },
	{ "failed_then_worked", ANYWHERE, 404, NULL, "error", "one" },
	{ "failed_with_words_that_go", ANYWHERE, 400, NULL, "error", "passing: words that go" },
	{ "failed_at_length", ANYWHERE, 400, NULL },
	{ "reply_0", ANYWHERE, 500, "status 0" },
	{ "reply_199", ANYWHERE, 500, "status 199" },
	{ "reply_300", ANYWHERE, 500, "status 300" },
	{ "reply_404", ANYWHERE, 500, "status 404" },
	{ "reply_negative", ANYWHERE, 500, "status -200" },
	{ "reply_204", ANYWHERE, 204, NULL },
	{ "fail_200", ANYWHERE, 500, "status 200" },
	{ "fail_399", ANYWHERE, 500, "status 399" },
	{ "fail_600", ANYWHERE, 500, "status 600" },
	{ "fail_0", ANYWHERE, 500, "status 0" },
	{ "fail_418", ANYWHERE, 418, NULL, "error", "odd" },
	{ "fail_599", ANYWHERE, 599, NULL, "error", "odd" },
	{ "written", READING | BLOCKING, 500, "not HD_WRITE" },
	{ "written_by_select", READING | BLOCKING, 500, "not HD_WRITE" },
	{ "written_by_select_alone", READING | BLOCKING, 500, "not HD_WRITE" },
	{ "written_by_select_alone", WRITING, 409, NULL, "error", "1 of 4" },
	{ "audited", READING | BLOCKING, 500, "not HD_WRITE" },
	{ "made_a_key", READING | BLOCKING, 500, "where it may not write" },
	{ "made_a_key", WRITING, 200, NULL, "key scopes 0", "*" },
	{ "made_a_nameless_key", WRITING, 400, NULL, "errors 0 field", "name" },
	{ "made_a_key_of_no_json", WRITING, 400, NULL, "errors 0 field", "scopes" },
	{ "rotated_no_key", READING | BLOCKING, 500, "where it may not write" },
	{ "rotated_no_key", WRITING, 404, NULL, "error", "No key 0." },
	{ "revoked_no_key", READING | BLOCKING, 500, "where it may not write" },
	{ "revoked_no_key", WRITING, 404, NULL, "error", "No key -1." },
	{ "selected_what_is_not_there", ANYWHERE, 500, "no statement 5" },
	{ "executed_what_is_not_there", WRITING, 500, "no statement 4294967295" },
	{ "too_many_values", ANYWHERE, 500, "gives 2 values to a statement of 0 parameters" },
	{ "too_few_values", ANYWHERE, 500, "gives 0 values to a statement of 1 parameters" },
	{ "gave_a_value_of_no_type", ANYWHERE, 500, "a value of type 5 and size 0" },
	{ "gave_a_value_of_some_size", ANYWHERE, 500, "a value of type 3 and size 3" },
	{ "gave_a_member_of_no_type", WRITING, 500, "a value of type 5 and size 0" },
	{ "gave_two_members_as_one", WRITING, 500, "gives as JSON what is none" },
	{ "made_a_key_as_a_row", WRITING, 500, "rows of core_key in a way that is not served" },
	{ "renamed_a_key", WRITING, 500, "rows of core_key in a way that is not served" },
	{ "deleted_a_key", WRITING, 500, "rows of core_key in a way that is not served" },
	{ "put_no_text", ANYWHERE, 500, "writes a text that is no UTF-8" },
	{ "put_under_no_text", ANYWHERE, 500, "whose name is no UTF-8" },
	{ "put_no_json", ANYWHERE, 500, "writes as JSON what is none" },
	{ "put_two_json", ANYWHERE, 500, "writes as JSON what is none" },
	{ "failed_with_no_text", ANYWHERE, 500, "a field that is no UTF-8" },
	{ "asked_with_no_text", ANYWHERE, 500, "gives a text that is no UTF-8" },
	{ "wrote_no_text", WRITING, 500, "gives a text that is no UTF-8" },
	{ "audited_no_json", WRITING, 500, "with what is no JSON" },
	{ "audited_nothing", WRITING, 500, "whose action is no word" },
	{ "audited_with_many_words", WRITING, 500, "whose action is no word" },
	{ "audited_nobody", WRITING, 500, "for NULL, which is no table of it" },
	{ "audited_somebody_else", WRITING, 500, "for core_key, which is no table of it" },
	{ "allocated_for_ever", ANYWHERE, 413, NULL },
	{ "allocated_for_ever_and_ignored_it", ANYWHERE, 413, NULL },
	{ "wrote_for_ever", WRITING, 413, NULL },
	{ "left_rows_open", ANYWHERE, 200, NULL },
	{ "asked_on", ANYWHERE, 200, NULL, "more", "0" },
	{ "asked_on", ANYWHERE, 200, NULL, "rows", "3" },
	{ "asked_on", ANYWHERE, 200, NULL, "before", "0" },
	{ "asked_on", ANYWHERE, 200, NULL, "before_text", "null" },
	{ "asked_on", ANYWHERE, 200, NULL, "beyond", "0" },
	{ "asked_on", ANYWHERE, 200, NULL, "beyond_text", "null" },
	{ "asked_on", ANYWHERE, 200, NULL, "after", "0" },
	{ "asked_on", ANYWHERE, 200, NULL, "after_text", "null" },
	{ "replied_openapi_late", ANYWHERE, 500, "OpenAPI" },
	{ "replied_openapi_twice", ANYWHERE, 500, "has replied" },
	{ "replied_openapi_after_failing", ANYWHERE, 404, NULL, "error", "one" },
};

static const struct {
	unsigned where;
	const char *method;
} wheres[] = { { READING, "GET" }, { WRITING, "POST" }, { BLOCKING, "PUT" } };

static void
expect_misuse(struct place *p, size_t i, const char *method)
{
	const char *log;
	struct got got;

	got = hall_send(p, method, arena_printf(&p->arena, "/api/v1/errand/misuse/%s",
	    misuses[i].name), NULL);
	if (got.status != misuses[i].status)
		fail_msg("%s %s: %d: %.300s", method, misuses[i].name, got.status, got.body.at);
	expect_sound(p, &got);
	if (misuses[i].path != NULL)
		expect_text(hall_json(p, got.body, misuses[i].path), misuses[i].value,
		    misuses[i].name);
	log = hall_log(p);
	if (misuses[i].log == NULL)
		expect_text(log, "", misuses[i].name);
	else if (hall_count(log, misuses[i].log) != 1 || hall_count(log, "\n") != 1 ||
	    strstr(log, hall_header(&got, "x-request-id")) == NULL)
		fail_msg("%s %s: the log is '%.500s'", method, misuses[i].name, log);
}

static void
expect_misuses(struct place *p, enum house_mode mode)
{
	static const char rows[] = "SELECT count(*) FROM errand";

	hall_enter(p, mode, site);
	for (int i = 0; i < 3; i++)
		hall_send(p, "POST", "/api/v1/errands", "{\"name\":\"x\"}");
	hall_log(p);
	for (size_t i = 0; i < COUNT(misuses); i++)
		for (size_t k = 0; k < COUNT(wheres); k++)
			if (misuses[i].where & wheres[k].where)
				expect_misuse(p, i, wheres[k].method);
	expect_text(hall_sql(p, "main.db", rows), "3", "rows");
	expect_text(hall_sql(p, "main.db", "SELECT count(*) FROM core_audit"), "4", "entries");
}

static void
what_a_module_does_wrong_is_an_answer_and_a_line_in_the_log(void **state)
{
	expect_misuses(*state, HOUSE_AT_ONCE);
}

static void
likewise_where_there_are_lanes(void **state)
{
	expect_misuses(*state, HOUSE_SERVING);
}

static void
an_answer_without_end_uses_up_the_memory_where_there_are_no_lanes(void **state)
{
	struct place *p = *state;
	struct got got;

	hall_enter(p, HOUSE_AT_ONCE, site);
	got = hall_get(p, "/api/v1/errand/misuse/wrote_for_ever");
	expect_status(&got, 413);
	expect_sound(p, &got);
}

/* With lanes the answer of a read is not the memory's business: it goes to a spool. */
static void
an_answer_without_end_is_spooled_as_far_as_there_is_room(void **state)
{
	struct place *p = *state;
	struct got got;

	hall_enter(p, HOUSE_SERVING,
	    "limits: { request_memory: 2MiB, spool: 1MiB }\n"
	    "sites:\n"
	    "  - name: main\n"
	    "    database: { path: @/main.db }\n"
	    "    modules: { errand: }\n");
	got = hall_get(p, "/api/v1/errand/misuse/wrote_for_ever");
	expect_status(&got, 503);
	expect_sound(p, &got);
	expect_text(hall_json(p, got.body, "code"), "disk_full", "the code");
	assert_true(got.later);
	got = hall_get(p, "/api/v1/errand/echo/1/x");
	expect_status(&got, 200);
}

/* ---- what comes before a write ---- */

static const struct {
	const char *word;
	int status;
	const char *log;	/* what the module did wrong; NULL: nothing */
} stages[] = {
	{ "select", 201, NULL },
	{ "now", 201, NULL },
	{ "fail", 409, NULL },
	{ "fail_but_true", 409, NULL },
	{ "unknown", 404, NULL },
	{ "%FF", 400, NULL },
	{ "add", 500, "writes before its turn in POST /api/v1/errand/stage" },
	{ "add_by_select", 500, "writes before its turn" },
	{ "audit", 500, "writes before its turn" },
	{ "put", 500, "answers before its turn" },
	{ "reply", 500, "replies before its turn" },
	{ "forget", 500, "did not fail it" },
};

static void
expect_stage(struct place *p, size_t i, enum house_mode mode)
{
	const char *log;
	struct got got = hall_send(p, "POST", arena_printf(&p->arena, "/api/v1/errand/stage/%s",
	    stages[i].word), NULL);

	if (got.status != stages[i].status || got.later != (mode == HOUSE_SERVING) ||
	    got.answers != got.later || got.spooled)
		fail_msg("%s: %d, later %d, %d answers: %.300s", stages[i].word, got.status,
		    got.later, got.answers, got.body.at);
	expect_sound(p, &got);
	if (got.status == 201)
		expect_text(hall_json(p, got.body, "later"),
		    strcmp(stages[i].word, "now") == 0 ? "true" : "false", "the later time");
	log = hall_log(p);
	if (stages[i].log == NULL)
		expect_text(log, "", stages[i].word);
	else if (hall_count(log, stages[i].log) != 1 || hall_count(log, "\n") != 1)
		fail_msg("%s: the log is '%.500s'", stages[i].word, log);
}

static void
what_comes_before_a_write_reads_and_may_end_it(void **state)
{
	static const enum house_mode modes[] = { HOUSE_AT_ONCE, HOUSE_SERVING };
	struct place *p = *state;

	for (size_t k = 0; k < COUNT(modes); k++) {
		hall_enter(p, modes[k], site);
		hall_log(p);
		for (size_t i = 0; i < COUNT(stages); i++)
			expect_stage(p, i, modes[k]);
		expect_text(hall_sql(p, "main.db", "SELECT group_concat(name) FROM errand"),
		    "select,now", "rows");
		hall_close(p);
		unlink(arena_printf(&p->arena, "%s/main.db", p->folder));
	}
}

static void
a_module_that_did_wrong_serves_on(void **state)
{
	struct place *p = *state;
	struct got got;

	hall_enter(p, HOUSE_AT_ONCE, site);
	for (size_t i = 0; i < COUNT(misuses); i++)
		hall_send(p, "POST", arena_printf(&p->arena, "/api/v1/errand/misuse/%s",
		    misuses[i].name), NULL);
	got = hall_send(p, "POST", "/api/v1/errand/pair", "{\"first\":\"a\",\"second\":\"b\"}");
	expect_status(&got, 201);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, hall_settle, hall_leave)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_handler_sees_what_was_asked),
		TEST(who_calls_is_meant_where_nobody_is_named),
		TEST(a_body_names_nobody_who_is_deactivated),
		TEST(what_was_not_asked_is_null),
		TEST(a_parameter_that_is_not_given_is_its_default),
		TEST(a_handler_sees_who_calls_and_where),
		TEST(what_the_tables_forbid_never_comes_to_a_handler),
		TEST(bytes_that_are_no_text_do_not_reach_a_handler),
		TEST(a_handler_sees_the_body_as_its_table_checked_it),
		TEST(what_a_body_does_not_give_is_absent_or_its_default),
		TEST(a_handler_sees_what_a_body_names),
		TEST(what_a_patch_does_not_name_is_absent),
		TEST(a_handler_reads_rows),
		TEST(a_resource_may_have_an_id_alone),
		TEST(a_write_is_kept_with_its_audit_entries),
		TEST(a_write_that_fails_halfway_leaves_nothing),
		TEST(a_write_that_fails_spoils_no_other_of_its_batch),
		TEST(what_a_module_does_wrong_is_an_answer_and_a_line_in_the_log),
		TEST(likewise_where_there_are_lanes),
		TEST(an_answer_without_end_uses_up_the_memory_where_there_are_no_lanes),
		TEST(an_answer_without_end_is_spooled_as_far_as_there_is_room),
		TEST(what_comes_before_a_write_reads_and_may_end_it),
		TEST(a_module_that_did_wrong_serves_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
