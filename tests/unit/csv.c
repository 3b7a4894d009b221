/*
 * Whether cells are what RFC 4180 calls fields, and whether an Accept is weighed as
 * RFC 9110 has it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "../fixture/hall.h"
#include "accept.h"
#include "arena.h"
#include "cleanup.h"
#include "core_schema.h"
#include "csv.h"
#include "db.h"
#include "err.h"
#include "out.h"
#include "request.h"

#include <cmocka.h>	/* after plugin.h, where "fail" is a name */

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void
a_text_is_in_quotes_if_it_must_be(void **state)
{
	static const struct { const char *text, *cell; } cases[] = {
		{ "plain", "plain" },
		{ "two words ", "two words " },
		{ "a,b", "\"a,b\"" },
		{ "\"", "\"\"\"\"" },
		{ "say \"no\"", "\"say \"\"no\"\"\"" },
		{ "two\nlines", "\"two\nlines\"" },
		{ "a\rb", "\"a\rb\"" },
		{ "\xce\xb1;\t'", "\xce\xb1;\t'" },
		{ "", "\"\"" },
	};
	CLEANUP(arena_fini) struct arena a;
	struct out out;

	(void)state;
	arena_init(&a, 1 << 20);
	for (size_t i = 0; i < COUNT(cases); i++) {
		out_init(&out, &a, SIZE_MAX);
		csv_text(&out, text_of(cases[i].text));
		out_char(&out, '\0');
		assert_string_equal(out.at, cases[i].cell);
	}
}

/* ---- Accept ---- */

static void
assert_weights(const char *accept, const char *second, unsigned csv, unsigned json)
{
	struct request *req = request_new(1 << 20);
	const struct header headers[] = {
		{ TEXT("x-other"), TEXT("text/csv") }, { TEXT("accept"), text_of(accept) },
		{ TEXT("accept"), text_of(second) },
	};

	req->headers = headers;
	req->header_count = accept == NULL ? 1 : second == NULL ? 2 : 3;
	if (accept_weight(req, "text", "csv") != csv ||
	    accept_weight(req, "application", "json") != json)
		fail_msg("%s: csv %u, json %u", accept, accept_weight(req, "text", "csv"),
		    accept_weight(req, "application", "json"));
	request_free(req);
}

static void
assert_named(const char *accept, unsigned csv)
{
	struct request *req = request_new(1 << 20);
	const struct header headers[] = { { TEXT("accept"), text_of(accept) } };

	req->headers = headers;
	req->header_count = 1;
	if (accept_weight_named(req, "text", "csv") != csv)
		fail_msg("%s: %u", accept, accept_weight_named(req, "text", "csv"));
	request_free(req);
}

static void
an_accept_gives_each_type_its_weight(void **state)
{
	static const struct { const char *accept; unsigned csv, json; } cases[] = {
		{ NULL, 1000, 1000 },
		{ "", 1000, 1000 },
		{ "*/*", 1000, 1000 },
		{ "text/csv", 1000, 0 },
		{ "TEXT/CSV", 1000, 0 },
		{ "text/csv, application/json", 1000, 1000 },
		{ "text/csv, application/json;q=0.9", 1000, 900 },
		{ "application/json,text/csv;q=0.123", 123, 1000 },
		{ "text/*", 1000, 0 },
		{ "text/*;q=0.5, application/json;q=0.25", 500, 250 },
		{ "text/html, */*;q=0.8", 800, 800 },
		{ "*/*, text/csv;q=0", 0, 1000 },
		{ "text/csv;q=0.3, text/*;q=0.7, */*;q=0.5", 300, 500 },
		{ "*/*;q=0.5, text/csv;q=0.3", 300, 500 },
		{ "text/csv; charset=utf-8; q=0.4", 400, 0 },
		{ "text/csv;header=\"a,b;q=0.1\";q=0.6", 600, 0 },
		{ " text/csv ; q=1.000 ,, image/png", 1000, 0 },
		{ "text/csv;q=1.5", 0, 0 },
		{ "text/csv;q=x", 0, 0 },
		{ "text/csv;q=0.1234", 0, 0 },
		{ "image/png", 0, 0 },
		{ "csv", 0, 0 },
		{ "*/csv", 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_weights(cases[i].accept, NULL, cases[i].csv, cases[i].json);
	assert_weights("image/png", "text/csv;q=0.5", 500, 0);
}

static void
a_type_that_must_be_named_has_no_weight_of_its_kind(void **state)
{
	static const struct { const char *accept; unsigned csv; } cases[] = {
		{ "", 0 },
		{ "*/*", 0 },
		{ "text/*", 0 },
		{ "text/*, application/json;q=0.5", 0 },
		{ "text/csv", 1000 },
		{ "text/*;q=0.9, Text/CSV;q=0.4", 400 },
		{ "text/csv;q=0, text/*", 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_named(cases[i].accept, cases[i].csv);
}

/* ---- lists ---- */

static const char site[] =
    "limits: { inline_answer: 4KiB }\n"
    "sites:\n"
    "  - name: main\n"
    "    database: { path: @/main.db }\n"
    "    modules: { tickets: , knowledge: , software: }\n";

static struct got
ask(struct place *p, const char *target, const char *accept)
{
	return hall_ask(p, &(struct ask){ .method = "GET", .target = target,
	    .headers = { { TEXT("accept"), text_of(accept) } } });
}

static void
assert_answer(const struct got *got, const char *body)
{
	assert_int_equal(got->status, 200);
	assert_string_equal(hall_header(got, "content-type"),
	    "text/csv; charset=utf-8; header=present");
	assert_string_equal(hall_header(got, "vary"), "Accept");
	assert_string_equal(got->body.at, body);
}

static void
add(struct place *p, const char *path, const char *body)
{
	struct got got = hall_send(p, "POST", path, body);

	if (got.status != 201)
		fail_msg("%d: %s", got.status, got.body.at);
}

static void
a_list_is_lines_of_cells(void **state)
{
	struct place *p = *state;
	struct got got;

	hall_make_key(p, "main.db", "maria");
	hall_enter(p, HOUSE_AT_ONCE, site);
	add(p, "/api/v1/inventory/software",
	    "{\"name\":\"A, \\\"B\\\"\",\"seats\":0,\"vendor\":\"\","
	    "\"deployment_notes\":\"x\\ny\"}");
	add(p, "/api/v1/inventory/software", "{\"name\":\"C\",\"seats\":12}");
	got = ask(p, "/api/v1/inventory/software?fields=id,name,vendor,seats,deployment_notes"
	    "&sort=id", "text/csv");
	assert_answer(&got, "id,name,vendor,seats,deployment_notes\r\n"
	    "1,\"A, \"\"B\"\"\",\"\",0,\"x\ny\"\r\n"
	    "2,C,,12,\r\n");
	assert_string_equal(hall_header(&got, "content-disposition"),
	    "attachment; filename=\"software.csv\"");
}

/* What no route does yet: straight into the database. */
static void
attach(struct place *p, const char *sql)
{
	struct err e = { "" };
	struct db *db;

	if (!core_open(arena_printf(&p->arena, "%s/main.db", p->folder), &db, &e) ||
	    !db_begin(db, &e) || !db_execute(db, sql, &e) || !db_commit(db, &e))
		fail_msg("%s", e.message);
	db_close(db);
}

static void
tags_and_attachments_share_a_cell(void **state)
{
	struct place *p = *state;
	struct got got;

	hall_make_key(p, "main.db", "maria");
	hall_enter(p, HOUSE_AT_ONCE, site);
	add(p, "/api/v1/knowledge", "{\"title\":\"T\",\"content\":\"C\",\"created_by\":\"maria\","
	    "\"tags\":[\"vpn\",\"a \\\"b\\\"\"]}");
	add(p, "/api/v1/knowledge", "{\"title\":\"U\",\"content\":\"C\",\"created_by\":\"maria\","
	    "\"is_published\":true}");
	hall_close(p);
	attach(p, "INSERT INTO core_attachment (resource, record, filename,"
	    " filename_fold, size, uploaded_at) VALUES ('knowledge', 2, 'a.txt', 'a.txt', 1, 'x'),"
	    " ('knowledge', 2, 'b.txt', 'b.txt', 1, 'x')");
	hall_enter(p, HOUSE_AT_ONCE, site);
	got = ask(p, "/api/v1/knowledge?q=c&sort=id&fields=id,tags,is_published,attachments",
	    "text/csv");
	assert_answer(&got, "id,tags,is_published,attachments\r\n"
	    "1,\"vpn, a \"\"b\"\"\",true,\r\n"
	    "2,,true,\"b.txt, a.txt\"\r\n");
}

static void
a_list_of_nothing_is_its_names(void **state)
{
	struct place *p = *state;
	struct got got;

	hall_enter(p, HOUSE_AT_ONCE, site);
	got = ask(p, "/api/v1/tickets?fields=status,id", "text/csv");
	assert_answer(&got, "id,status\r\n");
	got = ask(p, "/api/v1/tickets?q=x&snippet=1&fields=id", "text/csv");
	assert_answer(&got, "id,snippet\r\n");
}

/* It does not fit what an event loop may answer, and is made anew in the slow lane. */
static void
a_long_list_is_the_same_from_the_slow_lane(void **state)
{
	struct place *p = *state;
	struct got got;
	struct out want;

	hall_make_key(p, "main.db", "maria");
	hall_enter(p, HOUSE_SERVING, site);
	out_init(&want, &p->arena, SIZE_MAX);
	out_string(&want, "id,name,vendor\r\n");
	for (unsigned i = 1; i <= 200; i++) {
		add(p, "/api/v1/inventory/software",
		    "{\"name\":\"A name of some length, and more\"}");
		out_printf(&want, "%u,\"A name of some length, and more\",\r\n", i);
	}
	out_char(&want, '\0');
	got = ask(p, "/api/v1/inventory/software?fields=id,name,vendor&sort=id&count=1&limit=1000",
	    "text/csv");
	assert_true(got.later);
	assert_answer(&got, want.at);
	assert_string_equal(hall_header(&got, "x-total-count"), "200");
}

static void
what_fails_is_json_all_the_same(void **state)
{
	struct place *p = *state;
	struct got got;

	hall_enter(p, HOUSE_AT_ONCE, site);
	got = ask(p, "/api/v1/tickets?limit=0", "text/csv");
	assert_int_equal(got.status, 400);
	assert_string_equal(hall_header(&got, "content-type"), "application/json");
	assert_null(hall_header(&got, "content-disposition"));
}

static void
what_wants_neither_gets_json(void **state)
{
	static const char *const accepts[] = { "image/png", "*/*", "text/csv;q=0.5, */*",
		"application/json, text/csv", "text/csv;q=0" };
	struct place *p = *state;
	struct got got;

	hall_enter(p, HOUSE_AT_ONCE, site);
	for (size_t i = 0; i < COUNT(accepts); i++) {
		got = ask(p, "/api/v1/tickets", accepts[i]);
		assert_string_equal(hall_header(&got, "content-type"), "application/json");
		assert_string_equal(hall_header(&got, "vary"), "Accept");
		assert_string_equal(got.body.at, "{\"tickets\":[]}");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_text_is_in_quotes_if_it_must_be),
		cmocka_unit_test(an_accept_gives_each_type_its_weight),
		cmocka_unit_test(a_type_that_must_be_named_has_no_weight_of_its_kind),
		cmocka_unit_test_setup_teardown(a_list_is_lines_of_cells, hall_settle, hall_leave),
		cmocka_unit_test_setup_teardown(tags_and_attachments_share_a_cell, hall_settle,
		    hall_leave),
		cmocka_unit_test_setup_teardown(a_list_of_nothing_is_its_names, hall_settle,
		    hall_leave),
		cmocka_unit_test_setup_teardown(a_long_list_is_the_same_from_the_slow_lane,
		    hall_settle, hall_leave),
		cmocka_unit_test_setup_teardown(what_fails_is_json_all_the_same, hall_settle,
		    hall_leave),
		cmocka_unit_test_setup_teardown(what_wants_neither_gets_json, hall_settle,
		    hall_leave),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
