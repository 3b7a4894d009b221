/*
 * Whether modules can work with each other: hooks, services, rows of others, jobs; and
 * whether what goes wrong there is undone as a whole.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../fixture/hall.h"

#include <cmocka.h>	/* after plugin.h, where "fail" is a name */

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char site[] =
    "sites:\n"
    "  - name: main\n"
    "    database: { path: @/main.db }\n"
    "    modules: { teller: , auditor: }\n";

static void
expect(const struct got *got, int status)
{
	if (got->status != status)
		fail_msg("%d in place of %d: %.500s", got->status, status,
		    got->body.at != NULL ? got->body.at : "");
}

static void
expect_sql(struct place *p, const char *sql, const char *want)
{
	const char *got = hall_sql(p, "main.db", sql);

	if (got == NULL || strcmp(got, want) != 0)
		fail_msg("%s is '%s' in place of '%s'", sql, got != NULL ? got : "null", want);
}

static struct got
send(struct place *p, const char *method, const char *target, const char *body, int status)
{
	struct got got = hall_send(p, method, target, body);

	expect(&got, status);
	return got;
}

#define NOTES "SELECT group_concat(verb || ' ' || row || ' ' || coalesce(was, '-') || ' ' || " \
	"coalesce(now, '-') || ' ' || coalesce(told, '-'), '; ') FROM auditor"

/* ---- hooks ---- */

static void
a_hook_sees_rows_come_change_and_go(void **state)
{
	struct place *p = *state;

	hall_enter(p, HOUSE_AT_ONCE, site);
	send(p, "POST", "/api/v1/accounts", "{\"owner\":\"maria\",\"amount\":5}", 201);
	send(p, "PATCH", "/api/v1/accounts/1", "{\"owner\":\"marie\"}", 200);
	send(p, "PATCH", "/api/v1/accounts/1", "{\"owner\":\"marie\"}", 200);	/* nothing */
	send(p, "PATCH", "/api/v1/accounts/1", "{\"amount\":0}", 200);
	send(p, "DELETE", "/api/v1/accounts/1", NULL, 200);
	expect_sql(p, NOTES, "4 1 - maria 1; 8 1 maria marie 0; 8 1 marie marie 1; 16 1 marie - 1");
}

static void
rows_that_go_with_another_are_seen(void **state)
{
	struct place *p = *state;

	hall_enter(p, HOUSE_AT_ONCE, site);
	send(p, "POST", "/api/v1/accounts", "{\"owner\":\"maria\"}", 201);
	send(p, "POST", "/api/v1/accounts/1/slips", "{\"note\":\"first\"}", 201);
	send(p, "POST", "/api/v1/accounts/1/slips", "{\"note\":\"second\"}", 201);
	send(p, "DELETE", "/api/v1/accounts/1", NULL, 200);
	expect_sql(p, NOTES " WHERE verb = 16", "16 1 first - -; 16 2 second - -; 16 1 maria - 1");
}

static void
a_hook_that_refuses_undoes_all(void **state)
{
	struct place *p = *state;
	struct got got;

	hall_enter(p, HOUSE_AT_ONCE, site);
	send(p, "POST", "/api/v1/accounts", "{\"owner\":\"maria\",\"amount\":5}", 201);
	got = send(p, "PATCH", "/api/v1/accounts/1", "{\"amount\":-1}", 409);
	assert_string_equal(hall_json(p, got.body, "error"), "amount: maria owes");
	got = send(p, "DELETE", "/api/v1/accounts/1", NULL, 409);
	assert_string_equal(hall_json(p, got.body, "error"), "The account is not empty.");
	send(p, "POST", "/api/v1/accounts", "{\"owner\":\"peter\",\"amount\":-1}", 409);
	expect_sql(p, "SELECT group_concat(owner || amount) FROM teller", "maria5");
	expect_sql(p, NOTES, "4 1 - maria 1");
	expect_sql(p, "SELECT count(*) FROM core_audit WHERE resource = 'teller'", "1");
}

static void
an_answer_has_what_a_hook_has_done(void **state)
{
	struct place *p = *state;
	struct got got, read;

	hall_enter(p, HOUSE_AT_ONCE, site);
	got = send(p, "POST", "/api/v1/accounts", "{\"owner\":\"+\"}", 201);
	assert_string_equal(hall_json(p, got.body, "account amount"), "1");
	got = send(p, "PATCH", "/api/v1/accounts/1", "{\"amount\":0}", 200);
	assert_string_equal(hall_json(p, got.body, "account amount"), "1");
	read = send(p, "GET", "/api/v1/accounts/1", NULL, 200);
	assert_string_equal(hall_header(&got, "etag"), hall_header(&read, "etag"));
}

static void
what_a_hook_does_wrong_is_told(void **state)
{
	static const struct { const char *owner, *log; } cases[] = {
		{ "!", "refused a change of teller, but did not say why" },
		{ "?", "asks for the field colour, which teller has not" },
		{ ">", "answers where nobody has asked" },
		{ "@", "hooks and services go in circles" },
	};
	struct place *p = *state;

	hall_enter(p, HOUSE_AT_ONCE, site);
	for (size_t i = 0; i < COUNT(cases); i++) {
		send(p, "POST", "/api/v1/accounts", arena_printf(&p->arena,
		    "{\"owner\":\"%s\"}", cases[i].owner), 500);
		assert_non_null(strstr(hall_log(p), cases[i].log));
	}
	expect_sql(p, "SELECT count(*) FROM teller", "0");
	expect_sql(p, "SELECT count(*) FROM auditor", "0");
}

/* ---- services ---- */

static void
a_service_runs_as_who_offers_it(void **state)
{
	struct place *p = *state;
	struct got got;

	hall_enter(p, HOUSE_AT_ONCE, site);
	send(p, "POST", "/api/v1/accounts", "{\"owner\":\"maria\",\"amount\":5}", 201);
	got = hall_get(p, "/api/v1/auditor/1");
	expect(&got, 200);
	assert_string_equal(got.body.at,
	    "{\"carried\":true,\"amount\":5,\"offered\":true,\"not_offered\":false,\"runs\":1}");
	assert_string_equal(hall_header(&got, "x-teller"), "open");
	got = hall_get(p, "/api/v1/auditor/2");
	expect(&got, 404);
	assert_string_equal(hall_json(p, got.body, "error"), "No account 2.");
}

static void
a_call_for_nothing_fails(void **state)
{
	static const struct { const char *service, *log; } cases[] = {
		{ "teller.balance/3", "calls teller.balance/3, which no module of the site offers" },
		{ "teller.circles/1", "hooks and services go in circles" },
		{ "teller.silent/1", "said no to teller.silent/1, but not why" },
	};
	struct place *p = *state;

	hall_enter(p, HOUSE_AT_ONCE, site);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct got got = hall_get(p, arena_printf(&p->arena,
		    "/api/v1/auditor/call?service=%s", cases[i].service));

		expect(&got, 500);
		assert_non_null(strstr(hall_log(p), cases[i].log));
	}
}

/* ---- rows of others ---- */

static void
a_handler_makes_changes_and_deletes_rows(void **state)
{
	struct place *p = *state;
	struct got got;

	hall_enter(p, HOUSE_AT_ONCE, site);
	got = send(p, "POST", "/api/v1/auditor", "{\"owner\":\"maria\"}", 201);
	/* What .before has carried is the handler's alone: the hooks have seen nothing. */
	assert_string_equal(hall_json(p, got.body, "carried"), "true");
	expect_sql(p, "SELECT owner || amount || open FROM teller", "maria00");
	expect_sql(p, "SELECT account || note FROM teller_slip", "1changed");
	expect_sql(p, "SELECT group_concat(action || ' ' || resource, '; ') FROM core_audit",
	    "create teller; create teller_slip; update teller_slip; update teller");
	send(p, "DELETE", "/api/v1/auditor/1", NULL, 204);
	expect_sql(p, "SELECT count(*) FROM teller", "0");
	expect_sql(p, "SELECT count(*) FROM teller_slip", "0");
	send(p, "DELETE", "/api/v1/auditor/1", NULL, 404);
}

/* Serves accounts, and users, of whom maria is the first. */
static void
enter_with_maria(struct place *p, const char *options)
{
	hall_enter(p, HOUSE_SERVING, arena_printf(&p->arena, "sites:\n  - name: main\n"
	    "    database: { path: @/main.db }\n"
	    "    modules: { users: , teller: , auditor: { %s } }\n", options));
	send(p, "POST", "/api/v1/users", "{\"name\":\"maria\"}", 201);
}

/* Who is meant is looked up on the writer's thread, which has no reader of its own. */
static void
a_row_may_name_a_user(void **state)
{
	struct place *p = *state;

	enter_with_maria(p, "");
	send(p, "POST", "/api/v1/auditor", "{\"owner\":\"a\",\"keeper\":\"maria\"}", 201);
	send(p, "POST", "/api/v1/auditor", "{\"owner\":\"b\",\"keeper\":\"nobody\"}", 400);
	expect_sql(p, "SELECT group_concat(owner || keeper) FROM teller", "a1");
}

static void
tags_are_handed_on_as_they_came(void **state)
{
	struct place *p = *state;

	hall_enter(p, HOUSE_AT_ONCE, site);
	send(p, "POST", "/api/v1/auditor", "{\"owner\":\"maria\",\"labels\":\"a b, \\\"c\\\"\"}",
	    201);
	send(p, "POST", "/api/v1/auditor", "{\"owner\":\"peter\"}", 201);
	expect_sql(p, "SELECT group_concat(labels) FROM teller",
	    "[\"a b\",\"\\\"c\\\"\"],[]");
}

static void
rows_of_others_are_checked_as_a_clients(void **state)
{
	struct place *p = *state;
	struct got got;

	hall_enter(p, HOUSE_AT_ONCE, site);
	send(p, "POST", "/api/v1/auditor", "{\"owner\":\"maria\"}", 201);
	got = send(p, "POST", "/api/v1/auditor", "{\"owner\":\"maria\"}", 409);
	assert_string_equal(hall_json(p, got.body, "error"), "owner: 'maria' is taken");
	send(p, "POST", "/api/v1/auditor", "{\"owner\":\"a name of over twenty characters\"}", 400);
	send(p, "POST", "/api/v1/auditor/meddle?member=colour", NULL, 500);
	assert_non_null(strstr(hall_log(p), "gives the member colour, which teller has not"));
	send(p, "POST", "/api/v1/auditor/meddle?member=id", NULL, 500);
	assert_non_null(strstr(hall_log(p), "gives the member id, which is read-only"));
	expect_sql(p, "SELECT count(*) FROM teller", "1");
}

static void
only_what_is_needed_can_be_changed(void **state)
{
	struct place *p = *state;

	hall_enter(p, HOUSE_AT_ONCE, site);
	send(p, "POST", "/api/v1/auditor/meddle?table=core_user", NULL, 500);
	assert_non_null(strstr(hall_log(p),
	    "uses rows of core_user, which is no resource of it"));
	send(p, "GET", "/api/v1/auditor/meddle?table=teller", NULL, 500);
	assert_non_null(strstr(hall_log(p), "which is not HD_WRITE"));
}

static void
what_fails_in_an_attempt_is_undone_alone(void **state)
{
	struct place *p = *state;
	struct got got;

	hall_enter(p, HOUSE_AT_ONCE, site);
	got = send(p, "POST",
	    "/api/v1/auditor/several?owners=maria,A%20name%20of%20over%20twenty,closed,maria,peter",
	    NULL, 200);
	assert_string_equal(got.body.at, "{\"said\":[\"good\",\"owner: must be at most 20 "
	    "characters\",\"owner: is closed\",\"owner: 'maria' is taken\",\"good\"]}");
	expect_sql(p, "SELECT group_concat(owner) FROM teller", "maria,peter");
	expect_sql(p, "SELECT count(*) FROM teller_slip", "2");
	expect_sql(p, "SELECT count(*) FROM core_audit WHERE resource = 'teller'", "2");
	expect_sql(p, "SELECT count(*) FROM auditor WHERE was = 'closed' OR now = 'closed'", "0");
}

static void
what_is_nobodys_fault_is_not_passed_over(void **state)
{
	static const struct { const char *owners, *log; } cases[] = {
		{ "maria,broken,peter", NULL },
		{ "maria,silent,peter", "failed in an attempt, but did not say why" },
		{ "maria,>,peter", "answers where nobody has asked" },
	};
	struct place *p = *state;

	hall_enter(p, HOUSE_AT_ONCE, site);
	for (size_t i = 0; i < COUNT(cases); i++) {
		send(p, "POST", arena_printf(&p->arena, "/api/v1/auditor/several?owners=%s",
		    cases[i].owners), NULL, 500);
		if (cases[i].log != NULL)
			assert_non_null(strstr(hall_log(p), cases[i].log));
	}
	send(p, "GET", "/api/v1/auditor/several?owners=maria", NULL, 500);
	assert_non_null(strstr(hall_log(p), "which is not HD_WRITE"));
	expect_sql(p, "SELECT count(*) FROM teller", "0");
	expect_sql(p, "SELECT count(*) FROM core_audit", "0");
}

/* Memory that is used up in the middle: the request ends, however many rows there were. */
static void
an_attempt_that_uses_up_the_memory_fails_the_request(void **state)
{
	struct place *p = *state;
	struct out out;

	hall_enter(p, HOUSE_AT_ONCE, arena_printf(&p->arena,
	    "limits: { request_memory: 1MiB }\n%s", site));
	out_init(&out, &p->arena, SIZE_MAX);
	out_string(&out, "/api/v1/auditor/several?owners=o0");
	for (int i = 1; i < 1000; i++)
		out_printf(&out, ",o%d", i);
	out_char(&out, '\0');
	send(p, "POST", out.at, NULL, 413);
	expect_sql(p, "SELECT count(*) FROM teller", "0");
}

static void
a_user_is_found_by_name_and_never_by_number(void **state)
{
	static const struct { const char *name, *id; } cases[] = {
		{ "maria", "1" }, { "MARIA", "1" }, { "%CE%A3%CE%9F%CE%A6%CE%99%CE%91", "2" },
		{ "1", "0" }, { "nobody", "0" }, { "mar", "0" },
	};
	struct place *p = *state;
	struct got got;

	hall_enter(p, HOUSE_AT_ONCE, "sites:\n  - name: main\n    database: { path: @/main.db }\n"
	    "    modules: { users: , teller: , auditor: }\n");
	send(p, "POST", "/api/v1/users", "{\"name\":\"Maria\",\"active\":false}", 201);
	send(p, "POST", "/api/v1/users", "{\"name\":\"σοφια\"}", 201);
	for (size_t i = 0; i < COUNT(cases); i++) {
		got = hall_get(p, arena_printf(&p->arena, "/api/v1/auditor/user?name=%s",
		    cases[i].name));
		expect(&got, 200);
		assert_string_equal(hall_json(p, got.body, "id"), cases[i].id);
	}
}

/* ---- answers with rows of others ---- */

static void
a_row_is_answered_as_get_answers_it(void **state)
{
	struct place *p = *state;
	struct got own, put;

	hall_enter(p, HOUSE_AT_ONCE, site);
	send(p, "POST", "/api/v1/accounts", "{\"owner\":\"maria\",\"amount\":5}", 201);
	send(p, "POST", "/api/v1/accounts/1/slips", "{\"note\":\"first\"}", 201);
	own = send(p, "GET", "/api/v1/accounts/1", NULL, 200);
	put = send(p, "GET", "/api/v1/auditor/1/row", NULL, 200);
	assert_string_equal(put.body.at, own.body.at);
	assert_string_equal(hall_header(&put, "etag"), hall_header(&own, "etag"));
	put = hall_ask(p, &(struct ask){ .method = "GET", .target = "/api/v1/auditor/1/row",
	    .headers = { { TEXT("if-none-match"), text_of(hall_header(&own, "etag")) } } });
	expect(&put, 304);
	put = send(p, "GET", "/api/v1/auditor/1/rows", NULL, 200);
	assert_string_equal(hall_json(p, put.body, "accounts 1 owner"), "maria");
	assert_string_equal(hall_json(p, put.body, "slip note"), "first");
	assert_string_equal(hall_json(p, put.body, "slip account"), "1");
}

static void
what_is_more_than_a_row_has_no_tag_of_it(void **state)
{
	static const char *const targets[] = { "/api/v1/auditor/1/rows", "/api/v1/auditor/1/more" };
	struct place *p = *state;

	hall_enter(p, HOUSE_AT_ONCE, site);
	send(p, "POST", "/api/v1/accounts", "{\"owner\":\"maria\"}", 201);
	send(p, "POST", "/api/v1/accounts/1/slips", "{\"note\":\"first\"}", 201);
	for (size_t i = 0; i < COUNT(targets); i++) {
		struct got got = send(p, "GET", targets[i], NULL, 200);

		assert_null(hall_header(&got, "etag"));
	}
}

static void
a_row_that_is_not_there_is_not_answered(void **state)
{
	struct place *p = *state;
	struct got got;

	hall_enter(p, HOUSE_AT_ONCE, site);
	got = send(p, "GET", "/api/v1/auditor/7/row", NULL, 404);
	assert_string_equal(hall_json(p, got.body, "error"), "No account 7.");
	send(p, "GET", "/api/v1/auditor/nobody", NULL, 500);
	assert_non_null(strstr(hall_log(p), "uses rows of core_user, which is no resource of it"));
}

static struct got
look(struct place *p, const char *field, const char *tag)
{
	return hall_ask(p, &(struct ask){ .method = "POST", .target = "/api/v1/auditor/1/look",
	    .headers = { { text_of(field), text_of(tag) } } });
}

static void
a_handler_holds_to_if_match(void **state)
{
	struct place *p = *state;
	const char *tag;
	struct got got;

	hall_enter(p, HOUSE_AT_ONCE, site);
	send(p, "POST", "/api/v1/auditor/1/look", NULL, 404);
	send(p, "POST", "/api/v1/accounts", "{\"owner\":\"maria\"}", 201);
	got = send(p, "GET", "/api/v1/accounts/1", NULL, 200);
	tag = hall_header(&got, "etag");
	got = look(p, "if-none-match", tag);
	expect(&got, 412);
	expect_sql(p, "SELECT looked_at FROM teller", "0");
	got = look(p, "if-match", tag);
	expect(&got, 200);
	assert_string_equal(hall_json(p, got.body, "account looked_at"), "1");
	got = look(p, "if-match", tag);
	expect(&got, 412);
	assert_string_equal(hall_json(p, got.body, "error"),
	    "The account has changed since it was read; fetch it again.");
	send(p, "GET", "/api/v1/auditor/1/look", NULL, 500);
	assert_non_null(strstr(hall_log(p), "which is not HD_WRITE"));
}

static void
what_is_read_only_no_client_gives(void **state)
{
	struct place *p = *state;
	struct got got;

	hall_enter(p, HOUSE_AT_ONCE, site);
	got = send(p, "POST", "/api/v1/accounts", "{\"owner\":\"maria\",\"looked_at\":7}", 201);
	assert_string_equal(hall_json(p, got.body, "account looked_at"), "0");
	got = send(p, "PATCH", "/api/v1/accounts/1", "{\"looked_at\":7}", 200);
	assert_string_equal(hall_json(p, got.body, "account looked_at"), "0");
	got = hall_ask(p, &(struct ask){ .method = "PATCH", .target = "/api/v1/accounts/1",
	    .body = "{\"looked_at\":7}", .headers = { { TEXT("prefer"),
	    TEXT("handling=strict") } } });
	expect(&got, 400);
	assert_string_equal(hall_json(p, got.body, "error"), "Read-only member 'looked_at'.");
	got = send(p, "POST", "/api/v1/auditor/1/look", NULL, 200);
	assert_string_equal(hall_json(p, got.body, "account looked_at"), "1");
}

static void
what_is_read_only_stays_when_a_version_is_restored(void **state)
{
	struct place *p = *state;
	struct got got;

	hall_enter(p, HOUSE_AT_ONCE, site);
	send(p, "POST", "/api/v1/accounts", "{\"owner\":\"maria\"}", 201);
	send(p, "POST", "/api/v1/auditor/1/look", NULL, 200);
	send(p, "PATCH", "/api/v1/accounts/1", "{\"owner\":\"marie\"}", 200);
	got = send(p, "POST", "/api/v1/accounts/1/versions/1/restore", NULL, 200);
	assert_string_equal(hall_json(p, got.body, "account owner"), "maria");
	assert_string_equal(hall_json(p, got.body, "account looked_at"), "1");
}

static void
moments_are_added_to(void **state)
{
	static const struct { const char *time, *seconds, *then; } cases[] = {
		{ "2025-02-28T09:45:03.104281", "86400", "2025-03-01T09:45:03.104281" },
		{ "2024-02-28T23:59:59", "1", "2024-02-29T00:00:00.000000" },
		{ "2025-03-01", "-1", "2025-02-28T23:59:59.000000" },
		{ "9999-12-31", "9223372036854775807", "9999-12-31T23:59:59.999999" },
		{ "2025-01-01", "-9223372036854775808", "0001-01-01T00:00:00.000000" },
	};
	struct place *p = *state;

	hall_enter(p, HOUSE_AT_ONCE, site);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct got got = send(p, "GET", arena_printf(&p->arena,
		    "/api/v1/auditor/time?time=%s&seconds=%s", cases[i].time, cases[i].seconds),
		    NULL, 200);

		assert_string_equal(hall_json(p, got.body, "then"), cases[i].then);
	}
	send(p, "GET", "/api/v1/auditor/time?time=noon&seconds=1", NULL, 500);
	assert_non_null(strstr(hall_log(p), "adds to 'noon', which is no time"));
}

/* ---- other answers ---- */

static void
an_answer_may_be_no_json(void **state)
{
	struct place *p = *state;
	struct got got;

	hall_enter(p, HOUSE_AT_ONCE, site);
	got = hall_get(p, "/api/v1/auditor/ink");
	expect(&got, 200);
	assert_string_equal(got.body.at, "id,ink\r\n1,blue\r\n");
	assert_string_equal(hall_header(&got, "content-type"), "text/csv");
}

static void
headers_that_are_the_servers_are_not_set(void **state)
{
	static const char *const names[] = {
		"content-length", "Upper", "a b", "x:y", "connection",
	};
	struct place *p = *state;
	struct got got;

	hall_enter(p, HOUSE_AT_ONCE, site);
	got = hall_get(p, "/api/v1/auditor/header");
	expect(&got, 500);
	assert_null(hall_header(&got, "x-split"));
	for (size_t i = 0; i < COUNT(names); i++) {
		got = hall_get(p, arena_printf(&p->arena, "/api/v1/auditor/header?name=%s",
		    strcmp(names[i], "a b") == 0 ? "a%20b" : names[i]));
		expect(&got, 500);
	}
}

static unsigned
count_headers(const struct got *got, const char *name)
{
	unsigned n = 0;

	for (unsigned i = 0; i < got->header_count; i++)
		n += text_equal(got->headers[i].name, text_of(name));
	return n;
}

static void
a_header_is_there_once_and_stays_on_a_failure_of_the_modules(void **state)
{
	static const struct {
		const char *target;
		int status;
		const char *retry, *cache;
	} cases[] = {
		{ "/api/v1/auditor/limited", 200, "30", "public" },
		{ "/api/v1/auditor/limited?status=4", 429, "30", "no-store" },
		{ "/api/v1/auditor/limited?status=5", 503, "30", "no-store" },
		{ "/api/v1/auditor/limited?status=1", 500, NULL, "no-store" },
	};
	struct place *p = *state;

	hall_enter(p, HOUSE_AT_ONCE, site);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct got got = hall_get(p, cases[i].target);
		const char *retry = hall_header(&got, "retry-after");

		expect(&got, cases[i].status);
		assert_int_equal(count_headers(&got, "retry-after"), cases[i].retry != NULL);
		assert_int_equal(count_headers(&got, "x-limit"), cases[i].retry != NULL);
		assert_int_equal(count_headers(&got, "cache-control"), 1);
		assert_string_equal(hall_header(&got, "cache-control"), cases[i].cache);
		if (retry != NULL)
			assert_string_equal(retry, cases[i].retry);
	}
}

/* ---- jobs ---- */

static void
wait_for(struct place *p, const char *sql, const char *want)
{
	const char *got = NULL;

	for (int i = 0; i < 1000; i++) {
		got = hall_sql(p, "main.db", sql);
		if (got != NULL && strcmp(got, want) == 0)
			return;
		usleep(10000);
	}
	fail_msg("%s stays '%s'", sql, got != NULL ? got : "null");
}

static void
a_job_runs_again_and_again(void **state)
{
	struct place *p = *state;
	const char *log;

	hall_enter(p, HOUSE_SERVING, "sites:\n  - name: main\n    database: { path: @/main.db }\n"
	    "    modules: { teller: , auditor: { often: 1s } }\n");
	wait_for(p, "SELECT count(*) >= 2 FROM auditor WHERE verb = 0", "1");
	hall_close(p);
	expect_sql(p, "SELECT count(*) FROM auditor WHERE was <> 'found'", "0");
	log = hall_log(p);
	assert_true(hall_count(log,
	    "main: module auditor: job stumbles failed: stumbled over 7") >= 1);
	assert_int_equal(hall_count(log, "job counts"), 0);
	assert_int_equal(hall_count(log, "job looks"), 0);
}

static void
a_job_may_name_a_user(void **state)
{
	struct place *p = *state;

	enter_with_maria(p, "pay: 1s");
	wait_for(p, "SELECT count(*) >= 1 FROM teller WHERE keeper = 1", "1");
}

static void
a_job_that_is_never_due_does_not_run(void **state)
{
	struct place *p = *state;

	hall_enter(p, HOUSE_SERVING, site);
	send(p, "POST", "/api/v1/accounts", "{\"owner\":\"maria\"}", 201);
	hall_close(p);
	expect_sql(p, "SELECT count(*) FROM auditor WHERE verb = 0", "0");
}

static void
a_job_of_no_span_is_refused(void **state)
{
	struct place *p = *state;

	assert_false(hall_open(p, HOUSE_AT_ONCE, "sites:\n  - name: main\n"
	    "    database: { path: @/main.db }\n"
	    "    modules: { teller: , auditor: { often: now } }\n"));
	assert_non_null(strstr(p->faults,
	    "option often: 'now' is no span of time; one is 30s, 15m, 24h, 7d or 0"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, hall_settle, hall_leave)
		TEST(a_hook_sees_rows_come_change_and_go),
		TEST(rows_that_go_with_another_are_seen),
		TEST(a_hook_that_refuses_undoes_all),
		TEST(an_answer_has_what_a_hook_has_done),
		TEST(what_a_hook_does_wrong_is_told),
		TEST(a_service_runs_as_who_offers_it),
		TEST(a_call_for_nothing_fails),
		TEST(a_handler_makes_changes_and_deletes_rows),
		TEST(a_row_may_name_a_user),
		TEST(tags_are_handed_on_as_they_came),
		TEST(rows_of_others_are_checked_as_a_clients),
		TEST(only_what_is_needed_can_be_changed),
		TEST(what_fails_in_an_attempt_is_undone_alone),
		TEST(what_is_nobodys_fault_is_not_passed_over),
		TEST(an_attempt_that_uses_up_the_memory_fails_the_request),
		TEST(a_user_is_found_by_name_and_never_by_number),
		TEST(a_row_is_answered_as_get_answers_it),
		TEST(what_is_more_than_a_row_has_no_tag_of_it),
		TEST(a_row_that_is_not_there_is_not_answered),
		TEST(a_handler_holds_to_if_match),
		TEST(what_is_read_only_no_client_gives),
		TEST(what_is_read_only_stays_when_a_version_is_restored),
		TEST(moments_are_added_to),
		TEST(an_answer_may_be_no_json),
		TEST(headers_that_are_the_servers_are_not_set),
		TEST(a_header_is_there_once_and_stays_on_a_failure_of_the_modules),
		TEST(a_job_runs_again_and_again),
		TEST(a_job_may_name_a_user),
		TEST(a_job_that_is_never_due_does_not_run),
		TEST(a_job_of_no_span_is_refused),
	};

	return cmocka_run_group_tests_name("rows, hooks, services, jobs", tests, NULL, NULL);
}
