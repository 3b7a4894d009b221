/*
 * Whether a house takes in what it should, leaves out what it must, and serves the same
 * whatever way a request goes.
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
#include "conf.h"
#include "err.h"
#include "out.h"
#include "text.h"

#include <cmocka.h>	/* after plugin.h, where "fail" is a name */

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void
expect_text(const char *got, const char *want, const char *what)
{
	if ((got == NULL) != (want == NULL) || (got != NULL && strcmp(got, want) != 0))
		fail_msg("%s is '%.500s' in place of '%.500s'", what, got, want);
}

static void
expect_status(const struct got *got, int status)
{
	if (got->status != status)
		fail_msg("%d in place of %d: %.500s", got->status, status, got->body.at);
	if (got->status != 204)
		assert_string_equal(hall_header(got, "content-type"), "application/json");
}

static void
expect_got(struct place *p, const char *target, int status)
{
	struct got got = hall_get(p, target);

	if (got.status != status)
		fail_msg("%s: %d in place of %d: %.500s", target, got.status, status, got.body.at);
}

/* A site with these modules; in the arena. */
static const char *
site_of(struct place *p, const char *modules)
{
	return arena_printf(&p->arena,
	    "sites:\n"
	    "  - name: main\n"
	    "    database: { path: @/main.db }\n"
	    "    modules:\n"
	    "      meta:\n"
	    "      %s\n", modules);
}

/* ---- what is taken in, and what is left out ---- */

static const struct {
	const char *modules;	/* with %s where "required: false" may stand */
	const char *why;	/* what is said */
	const char *gone, *stays;	/* paths that are not, and are, served without it */
} refusals[] = {
	{ "ghost: { %s }", "ghost", "/api/v1/ghost", "/healthz" },
	{ "errand: { limit: 0, %s }", "option limit: 0 is not between 1 and 100",
	    "/api/v1/errands", "/healthz" },
	{ "errand: { limit: 101, %s }", "option limit: 101 is not between 1 and 100",
	    "/api/v1/errands", "/healthz" },
	{ "errand: { limit: ten, %s }", "option limit: must be a whole number",
	    "/api/v1/errand/rows", "/healthz" },
	{ "errand: { loud: 1, %s }", "option loud: must be true or false",
	    "/api/v1/errands", "/healthz" },
	{ "errand: { colour: red, %s }", "option colour: the module has no such option",
	    "/api/v1/errands", "/healthz" },
	{ "errand: { init: refuse, %s }", "there is nobody to run errands",
	    "/api/v1/errands", "/healthz" },
	{ "errand: { init: mute, %s }", "it gave no reason", "/api/v1/errand/rows", "/healthz" },
	{ "needy: { %s }", "needy 0.1.0 needs module errand, which this site does not have",
	    "/api/v1/needy", "/healthz" },
	{ "errand:\n      ambitious: { %s }",
	    "ambitious 1.0.0 needs module errand 9.0.0 or later, of the same major; this site has "
	    "1.2.0",
	    "/api/v1/ambitious", "/api/v1/errands" },
	{ "errand:\n      rival: { %s }",
	    "GET /errand/rows is already served by module errand 1.2.0", "/api/v1/rival",
	    "/api/v1/errand/rows" },
	{ "typo: { %s }", "statement 1: ", "/api/v1/typo", "/healthz" },
	{ "nosy: { %s }", "statement 1: touches table \"core_key\"; module nosy owns only \"nosy\""
	    " and \"nosy_*\"", "/api/v1/nosy", "/healthz" },
	{ "bold: { %s }", "statement 0: ", "/api/v1/bold", "/healthz" },
};

static const char *
modules_of(struct place *p, const char *format, const char *word)
{
	const char *at = strstr(format, "%s");

	return arena_printf(&p->arena, "%.*s%s%s", (int)(at - format), format, word, at + 2);
}

static void
a_module_that_cannot_be_taken_stops_the_start(void **state)
{
	struct place *p = *state;

	for (size_t i = 0; i < COUNT(refusals); i++) {
		if (hall_open(p, HOUSE_AT_ONCE, site_of(p, modules_of(p, refusals[i].modules,
		    "required: true"))))
			fail_msg("%s: the house opens", refusals[i].modules);
		if (strncmp(p->faults, "module refused: ", 16) != 0 ||
		    strstr(p->faults, refusals[i].why) == NULL ||
		    strstr(p->faults, " (test.yaml:") == NULL || hall_count(p->faults, "\n") != 1)
			fail_msg("%s: %s", refusals[i].modules, p->faults);
	}
}

static void
expect_left_out(struct place *p, size_t i)
{
	const char *name = refusals[i].gone + strlen("/api/v1/"), *log;
	struct got got = hall_get(p, "/readyz");

	expect_status(&got, 503);
	/* Whoever asks has no key: the reason, and the path in it, are for the log. */
	if (strstr(hall_json(p, got.body, "error"), " is refused") == NULL ||
	    strstr(got.body.at, ".so") != NULL)
		fail_msg("%s: %s", refusals[i].why, got.body.at);
	log = hall_log(p);
	if (strstr(log, refusals[i].why) == NULL)
		fail_msg("%s: %s", refusals[i].why, log);
	expect_got(p, refusals[i].gone, 404);
	expect_got(p, refusals[i].stays, 200);
	got = hall_get(p, "/api/v1/openapi.json");
	expect_status(&got, 200);
	if (hall_json(p, got.body, arena_printf(&p->arena, "paths /%s", name)) != NULL)
		fail_msg("the document has /%s", name);
}

static void
one_that_is_not_required_is_left_out_and_nothing_of_it_stays(void **state)
{
	struct place *p = *state;

	for (size_t i = 0; i < COUNT(refusals); i++) {
		hall_enter(p, i % 2 == 0 ? HOUSE_AT_ONCE : HOUSE_SERVING,
		    site_of(p, modules_of(p, refusals[i].modules, "required: false")));
		expect_left_out(p, i);
	}
}

static void
a_house_where_all_is_well_is_ready(void **state)
{
	struct place *p = *state;

	hall_enter(p, HOUSE_AT_ONCE, site_of(p, "errand:\n      needy:"));
	expect_got(p, "/readyz", 200);
	expect_got(p, "/api/v1/needy", 200);
}

/* All that is wrong is told at once, one a line. */
static void
every_fault_is_told(void **state)
{
	struct place *p = *state;

	assert_false(hall_open(p, HOUSE_AT_ONCE, site_of(p,
	    "errand: { limit: 0 }\n      ghost:\n      spectre:")));
	assert_int_equal(hall_count(p->faults, "\n"), 3);
	assert_non_null(strstr(p->faults, "errand"));
	assert_non_null(strstr(p->faults, "ghost"));
	assert_non_null(strstr(p->faults, "spectre"));
	assert_int_not_equal(access(arena_printf(&p->arena, "%s/main.db", p->folder), F_OK), 0);
}

/* ---- needs ---- */

static void
modules_start_after_what_they_need_and_end_before_it(void **state)
{
	struct place *p = *state;
	const char *log;

	hall_enter(p, HOUSE_AT_ONCE, site_of(p, "needy:\n      errand:"));
	hall_close(p);
	log = hall_log(p);
	assert_int_equal(hall_count(log, "errand starts"), 1);
	assert_int_equal(hall_count(log, "needy starts"), 1);
	assert_int_equal(hall_count(log, "errand ends"), 1);
	assert_int_equal(hall_count(log, "needy ends"), 1);
	assert_true(strstr(log, "errand starts") < strstr(log, "needy starts"));
	assert_true(strstr(log, "needy starts") < strstr(log, "needy ends"));
	assert_true(strstr(log, "needy ends") < strstr(log, "errand ends"));
}

/* What needs a module that could not be started is not begun either. */
static void
a_module_whose_need_fails_to_start_is_not_started(void **state)
{
	struct place *p = *state;
	struct got got;
	const char *log;

	hall_enter(p, HOUSE_AT_ONCE, site_of(p,
	    "needy: { required: false }\n      errand: { init: refuse, required: false }"));
	got = hall_get(p, "/readyz");
	expect_status(&got, 503);
	assert_non_null(strstr(got.body.at, "module errand is refused"));
	assert_non_null(strstr(got.body.at, "module needy is refused"));
	expect_got(p, "/api/v1/needy", 404);
	expect_got(p, "/api/v1/errands", 404);
	expect_got(p, "/healthz", 200);
	hall_close(p);
	log = hall_log(p);
	assert_int_equal(hall_count(log, "needy starts"), 0);
	assert_int_equal(hall_count(log, "needy ends"), 0);
	assert_int_equal(hall_count(log, "errand ends"), 0);
	expect_text(hall_sql(p, "main.db", "SELECT count(*) FROM core_migration"
	    " WHERE owner = 'needy'"), "0", "migrations of needy");
}

/* Likewise for one that is left out because its paths are taken. */
static void
a_module_whose_need_has_no_room_is_left_out_too(void **state)
{
	struct place *p = *state;
	struct got got;

	hall_enter(p, HOUSE_AT_ONCE, site_of(p, "errand:\n      rival: { required: false }\n"
	    "      follower: { required: false }"));
	got = hall_get(p, "/readyz");
	expect_status(&got, 503);
	assert_non_null(strstr(got.body.at, "module follower is refused"));
	expect_got(p, "/api/v1/follower", 404);
	expect_got(p, "/api/v1/rival", 404);
	expect_got(p, "/api/v1/errands", 200);
	assert_false(hall_open(p, HOUSE_AT_ONCE, site_of(p,
	    "errand:\n      rival: { required: false }\n      follower:")));
	assert_non_null(strstr(p->faults, "follower 1.0.0 needs module rival"));
}

static void
a_house_that_does_not_open_ends_what_it_has_begun(void **state)
{
	struct place *p = *state;
	const char *log;

	assert_false(hall_open(p, HOUSE_SERVING, site_of(p, "errand:\n      typo:")));
	log = hall_log(p);
	assert_int_equal(hall_count(log, "errand starts"), 1);
	assert_int_equal(hall_count(log, "errand ends"), 1);
}

/* ---- enabled ---- */

static void
a_module_that_is_off_is_not_there_and_its_rows_stay(void **state)
{
	struct place *p = *state;
	struct got got;

	hall_enter(p, HOUSE_AT_ONCE, site_of(p, "errand:"));
	got = hall_send(p, "POST", "/api/v1/errands", "{\"name\":\"kept\"}");
	expect_status(&got, 201);
	hall_enter(p, HOUSE_AT_ONCE, site_of(p, "errand: { enabled: false }"));
	expect_got(p, "/api/v1/errands", 404);
	expect_got(p, "/errand-echo/1/x", 404);
	expect_got(p, "/readyz", 200);
	got = hall_get(p, "/api/v1/openapi.json");
	assert_null(strstr(got.body.at, "errand"));
	hall_enter(p, HOUSE_AT_ONCE, site_of(p, "errand:"));
	got = hall_get(p, "/api/v1/errands/1");
	expect_status(&got, 200);
	expect_text(hall_json(p, got.body, "errand name"), "kept", "the name");
}

/* ---- sites ---- */

static const char two_sites[] =
    "sites:\n"
    "  - name: athens\n"
    "    hosts: [ athens.example.com ]\n"
    "    database: { path: @/athens.db }\n"
    "    modules: { errand: { greeting: kalimera } }\n"
    "  - name: patras\n"
    "    hosts: [ patras.example.com, \"[::1]\" ]\n"
    "    database: { path: @/patras.db }\n"
    "    modules: { errand: { greeting: chairete }, meta: }\n";

static struct got
ask_at(struct place *p, const char *host, const char *method, const char *target, const char *body)
{
	return hall_ask(p, &(struct ask){ .method = method, .target = target, .host = host,
	    .body = body });
}

static void
two_sites_share_nothing(void **state)
{
	static const char echo[] = "/api/v1/errand/echo/1/x";
	struct place *p = *state;
	struct got got;

	hall_enter(p, HOUSE_SERVING, two_sites);
	got = ask_at(p, "athens.example.com", "POST", "/api/v1/errands", "{\"name\":\"a\"}");
	expect_status(&got, 201);
	got = ask_at(p, "ATHENS.example.com.:8443", "GET", "/api/v1/errands", NULL);
	expect_text(hall_json(p, got.body, "errands 0 name"), "a", "the name");
	got = ask_at(p, "patras.example.com:80", "GET", "/api/v1/errands", NULL);
	expect_text(got.body.at, "{\"errands\":[]}", "the other site");
	got = ask_at(p, "athens.example.com", "GET", echo, NULL);
	expect_text(hall_json(p, got.body, "instance site"), "athens", "the site");
	expect_text(hall_json(p, got.body, "instance state"), "kalimera", "the state");
	got = ask_at(p, "[::1]:443", "GET", echo, NULL);
	expect_text(hall_json(p, got.body, "instance site"), "patras", "the site");
	expect_text(hall_json(p, got.body, "instance state"), "chairete", "the state");
	got = ask_at(p, "athens.example.com", "GET", "/healthz", NULL);
	expect_status(&got, 404);
	hall_close(p);
	assert_int_equal(hall_count(hall_log(p), "errand ends"), 2);
}

static void
a_host_of_no_site_is_misdirected(void **state)
{
	static const char *const hosts[] = { "volos.example.com", "", "athens", "[::2]" };
	struct place *p = *state;
	struct got got;

	hall_enter(p, HOUSE_AT_ONCE, two_sites);
	for (size_t i = 0; i < COUNT(hosts); i++) {
		got = ask_at(p, hosts[i], "GET", "/healthz", NULL);
		expect_status(&got, 421);
		expect_text(hall_json(p, got.body, "code"), "no_site", "the code");
		assert_non_null(hall_header(&got, "x-request-id"));
	}
}

static void
a_key_of_one_site_opens_no_other(void **state)
{
	struct place *p = *state;
	const char *key = hall_make_key(p, "athens.db", "maria");
	struct got got;

	hall_enter(p, HOUSE_SERVING, two_sites);
	got = hall_ask(p, &(struct ask){ .method = "GET", .target = "/api/v1/errands",
	    .host = "athens.example.com", .key = key });
	expect_status(&got, 200);
	got = hall_ask(p, &(struct ask){ .method = "GET", .target = "/api/v1/errands",
	    .host = "patras.example.com", .key = key });
	expect_status(&got, 401);
}

/* ---- at once and with lanes ---- */

static const struct ask conversation[] = {
	{ "POST", "/api/v1/errands", "{\"name\":\"one\",\"tag\":\"A\"}" },
	{ "POST", "/api/v1/errands", "{\"name\":\"\xce\x94\xcf\x8d\xce\xbf\"}" },
	{ "POST", "/api/v1/errands", "{\"name\":\"three\",\"tag\":\"A\"}" },
	{ "POST", "/api/v1/errands", "{\"name\":" }, { "POST", "/api/v1/errands", "[]" },
	{ "POST", "/api/v1/errands", NULL }, { "POST", "/api/v1/errands", "{}" },
	{ "GET", "/api/v1/errands" }, { "GET", "/api/v1/errands?name=ON" },
	{ "GET", "/api/v1/errands?name=%FF" }, { "GET", "/api/v1/errands/1" },
	{ "GET", "/api/v1/errands/99" }, { "GET", "/api/v1/errands/x" }, { "GET", "/nowhere" },
	{ "HEAD", "/api/v1/errands" }, { "OPTIONS", "/api/v1/errands" },
	{ "DELETE", "/api/v1/errands" }, { "PATCH", "/api/v1/errands/1", "{\"notes\":\"n\"}" },
	{ "PUT", "/api/v1/errands/2", "{\"tag\":\"A\"}" }, { "PATCH", "/api/v1/errands/99", "{}" },
	{ "PATCH", "/api/v1/errands/1", "{\"name\":null}" }, { "GET", "/api/v1/errand/nap" },
	{ "GET", "/api/v1/errand/rows" }, { "POST", "/api/v1/errand/body", "{\"name\":\"Bo\"}" },
	{ "POST", "/api/v1/errand/pair", "{\"first\":\"p\",\"second\":\"q\"}" },
	{ "POST", "/api/v1/errand/pair", "{\"first\":\"r\",\"second\":\"q\"}" },
	{ "POST", "/api/v1/errand/pair", "{\"first\":\"r\",\"second\":\"s\",\"then\":\"fail\"}" },
	{ "POST", "/api/v1/errand/misuse/silent" }, { "PUT", "/api/v1/errand/misuse/unclosed" },
	{ "DELETE", "/api/v1/errands/1" }, { "DELETE", "/api/v1/errands/1" },
	{ "GET", "/api/v1/errands" }, { "GET", "/api/v1/openapi.json" }, { "GET", "/readyz" },
	{ "GET", "/api/v1/errands", .key = "hp_nonsense" }, { "GET", "/healthz", .key = "" },
};

/* What a client would see of an answer, as one text. */
static const char *
seen(struct place *p, struct ask ask)
{
	struct got got;
	struct out out;

	ask.headers[0] = (struct header){ TEXT("x-request-id"), TEXT("same") };
	got = hall_ask(p, &ask);
	out_init(&out, &p->arena, SIZE_MAX);
	out_printf(&out, "%s %s: %d\n", ask.method, ask.target, got.status);
	for (unsigned i = 0; i < got.header_count; i++)
		out_printf(&out, "%s: %s\n", got.headers[i].name.at, got.headers[i].value.at);
	out_text(&out, got.body);
	out_char(&out, '\0');
	assert_int_equal(got.answers, got.later);
	return out.at;
}

static void
lanes_change_nothing_but_the_way(void **state)
{
	struct place *p = *state;
	const char *at_once[COUNT(conversation)];

	hall_enter(p, HOUSE_AT_ONCE, site_of(p, "errand:"));
	for (size_t i = 0; i < COUNT(conversation); i++)
		at_once[i] = seen(p, conversation[i]);
	hall_close(p);
	unlink(arena_printf(&p->arena, "%s/main.db", p->folder));
	hall_enter(p, HOUSE_SERVING, site_of(p, "errand:"));
	for (size_t i = 0; i < COUNT(conversation); i++)
		expect_text(seen(p, conversation[i]), at_once[i], "the answer");
}

/* ---- long answers ---- */

static void
fill(struct place *p, int rows, size_t length)
{
	char *notes = arena_zero(&p->arena, length + 1);
	struct got got;

	hall_enter(p, HOUSE_AT_ONCE, site_of(p, "errand:"));
	for (int i = 0; i < rows; i++) {
		memset(notes, 'a' + i % 26, length);
		got = hall_send(p, "POST", "/api/v1/errands", arena_printf(&p->arena,
		    "{\"name\":\"n%d\",\"notes\":\"%s\"}", i, notes));
		expect_status(&got, 201);
	}
}

static const struct {
	const char *what;
	int rows;
	size_t length;		/* of the notes of each */
	const char *limits;
	bool later, spooled;
} lists[] = {
	{ "a short one", 5, 10, "inline_answer: 4KiB", false, false },
	{ "one just over what is made at once", 50, 100, "inline_answer: 4KiB", true, false },
	{ "one that does not leave the buffer", 50, 9000, "inline_answer: 4KiB", true, false },
	{ "one that just goes to a file", 60, 9000, "inline_answer: 4KiB", true, true },
	{ "one of several pieces", 200, 10000, "inline_answer: 4KiB", true, true },
	{ "one with a row longer than a piece", 3, 600000, "inline_answer: 4KiB", true, true },
	{ "one that takes many steps", 500, 1, "read_steps: 1000", true, false },
	{ "one that takes many steps and room", 500, 2000, "read_steps: 1000", true, true },
};

static void
a_long_list_takes_the_slow_lane_and_is_the_same(void **state)
{
	struct place *p = *state;
	struct got once, got;

	for (size_t i = 0; i < COUNT(lists); i++) {
		fill(p, lists[i].rows, lists[i].length);
		once = hall_get(p, "/api/v1/errands");
		expect_status(&once, 200);
		hall_enter(p, HOUSE_SERVING, arena_printf(&p->arena, "limits: { %s }\n%s",
		    lists[i].limits, site_of(p, "errand:")));
		got = hall_get(p, "/api/v1/errands");
		expect_status(&got, 200);
		if (got.later != lists[i].later || got.spooled != lists[i].spooled ||
		    got.body.len != once.body.len ||
		    memcmp(got.body.at, once.body.at, got.body.len) != 0)
			fail_msg("%s: later %d, spooled %d, %zu bytes of %zu", lists[i].what,
			    got.later, got.spooled, got.body.len, once.body.len);
		hall_close(p);
		unlink(arena_printf(&p->arena, "%s/main.db", p->folder));
	}
}

/* What was made of it on the event loop in vain does not wait with it for its client. */
static void
a_long_list_holds_little_memory(void **state)
{
	struct place *p = *state;
	struct got got;

	fill(p, 200, 10000);
	hall_enter(p, HOUSE_SERVING, arena_printf(&p->arena, "limits: { inline_answer: 1MiB }\n%s",
	    site_of(p, "errand:")));
	got = hall_get(p, "/api/v1/errands");
	expect_status(&got, 200);
	assert_true(got.later && got.spooled);
	assert_in_range(got.held, 1, 512 << 10);
}

static const struct { int rows; size_t length; const char *limits; } longs[] = {
	{ 50, 200, "inline_answer: 4KiB" },
	{ 500, 1, "read_steps: 1000" },
};

/* It goes to the slow lane at once the next time, and so for a while when it is short again. */
static void
a_list_that_was_long_is_expected_to_be(void **state)
{
	struct place *p = *state;
	struct got got;

	for (size_t i = 0; i < COUNT(longs); i++) {
		unsigned later = 0;

		fill(p, longs[i].rows, longs[i].length);
		hall_enter(p, HOUSE_SERVING, arena_printf(&p->arena, "limits: { %s }\n%s",
		    longs[i].limits, site_of(p, "errand:")));
		for (int again = 0; again < 3; again++) {
			got = hall_get(p, "/api/v1/errands");
			assert_true(got.later);
			assert_int_equal(hall_count(got.body.at, "{\"id\":"), longs[i].rows);
		}
		hall_change(p, "main.db", "DELETE FROM errand WHERE id > 1");
		do {
			got = hall_get(p, "/api/v1/errands");
			assert_int_equal(hall_count(got.body.at, "{\"id\":"), 1);
			later += got.later;
		} while (got.later && later < 1000);
		assert_in_range(later, 1, 100);
		got = hall_get(p, "/api/v1/errands");
		assert_false(got.later);
		assert_int_equal(hall_count(got.body.at, "{\"id\":"), 1);
		hall_close(p);
		unlink(arena_printf(&p->arena, "%s/main.db", p->folder));
	}
}

/* What went to the file before it was found out is taken back. */
static void
a_long_list_that_is_out_of_order_is_made_anew(void **state)
{
	enum { ROWS = 200, LENGTH = 10000 };
	struct place *p = *state;
	char text[LENGTH + 1];
	struct got got;

	memset(text, 'd', LENGTH);
	text[LENGTH] = '\0';
	hall_make_key(p, "main.db", "maria");
	hall_enter(p, HOUSE_AT_ONCE, site_of(p, "tickets:"));
	for (int i = 0; i < ROWS; i++) {
		got = hall_send(p, "POST", "/api/v1/tickets", arena_printf(&p->arena,
		    "{\"subject\":\"s\",\"description\":\"%s\",\"created_by\":\"maria\"}", text));
		expect_status(&got, 201);
	}
	hall_close(p);
	hall_change(p, "main.db", "UPDATE tickets SET created_at = '2099-01-01T00:00:00.000000'"
	    " WHERE id = 1");
	hall_enter(p, HOUSE_SERVING, arena_printf(&p->arena,
	    "limits: { inline_answer: 4KiB, spool: 2560KiB }\n%s", site_of(p, "tickets:")));
	for (int again = 0; again < 2; again++) {
		got = hall_get(p, "/api/v1/tickets");
		expect_status(&got, 200);
		assert_true(got.spooled);
		assert_true(got.shuffled);	/* and is known, so that it is found out once */
		assert_int_equal(hall_count(got.body.at, "{\"id\":"), ROWS);
		assert_string_equal(hall_json(p, got.body, "tickets 0 id"), "1");
		assert_string_equal(hall_json(p, got.body, "tickets 1 id"), "200");
		assert_string_equal(hall_json(p, got.body, "tickets 199 id"), "2");
	}
}

/* The requests of a turn share a connection, but not what they may use of it. */
static void
what_one_request_uses_up_is_not_missing_to_the_next(void **state)
{
	static const struct ask heavy = { .method = "GET",
		.target = "/api/v1/errand/numbers?upto=20000" };
	static const struct ask light = { .method = "POST", .target = "/api/v1/errands",
		.body = "{\"name\":\"x\",\"keeper\":\"maria\"}" };
	enum { NEXT = 300 };
	struct place *p = *state;
	struct asked *first, *next[NEXT];
	struct got got;

	hall_make_key(p, "main.db", "maria");
	hall_enter(p, HOUSE_SERVING, arena_printf(&p->arena, "limits: { read_steps: 1000 }\n%s",
	    site_of(p, "errand:")));
	first = hall_push(p, &heavy);
	for (int i = 0; i < NEXT; i++)
		next[i] = hall_push(p, &light);
	for (int i = 0; i < NEXT; i++) {
		got = hall_wait(p, next[i]);
		expect_status(&got, 201);
	}
	got = hall_wait(p, first);
	expect_status(&got, 200);
	assert_true(got.later);
}

static void
a_handler_that_takes_long_is_run_again_and_its_answer_is_whole(void **state)
{
	struct place *p = *state;
	struct got once, got;

	hall_enter(p, HOUSE_AT_ONCE, site_of(p, "errand:"));
	once = hall_get(p, "/api/v1/errand/numbers?upto=20000");
	expect_status(&once, 200);
	expect_text(hall_json(p, once.body, "numbers 19999"), "20000", "the last");
	hall_enter(p, HOUSE_SERVING, arena_printf(&p->arena, "limits: { read_steps: 10000 }\n%s",
	    site_of(p, "errand:")));
	got = hall_get(p, "/api/v1/errand/numbers?upto=20000");
	expect_status(&got, 200);
	assert_true(got.later);
	expect_text(got.body.at, once.body.at, "the answer");
}

static void
what_even_the_slow_lane_cannot_do_is_told(void **state)
{
	static const struct {
		const char *limits, *target, *code;
	} cases[] = {
		{ "read_steps: 1000, slow_steps: 1", "/api/v1/errand/numbers?upto=1000000", "too_heavy" },
		{ "inline_answer: 4KiB, spool: 0", "/api/v1/errands", "disk_full" },
	};
	struct place *p = *state;
	struct got got;

	fill(p, 80, 10000);
	for (size_t i = 0; i < COUNT(cases); i++) {
		hall_enter(p, HOUSE_SERVING, arena_printf(&p->arena, "limits: { %s }\n%s",
		    cases[i].limits, site_of(p, "errand:")));
		got = hall_get(p, cases[i].target);
		expect_status(&got, 503);
		expect_text(hall_json(p, got.body, "code"), cases[i].code, "the code");
		assert_string_equal(hall_header(&got, "retry-after"), "1");
		assert_false(got.spooled);
		expect_got(p, "/api/v1/errands/1", 200);
	}
}

/* ---- queues ---- */

/* Opens a house with a gate at which requests wait, and few places to wait in. */
static void
enter_with_gate(struct place *p)
{
	assert_int_equal(system(arena_printf(&p->arena, "mkfifo %s/gate", p->folder)), 0);
	hall_enter(p, HOUSE_SERVING, arena_printf(&p->arena,
	    "server: { slow_threads: 1, blocking_threads: 1 }\n"
	    "limits: { write_queue: 2, slow_queue: 2, read_steps: 1000 }\n%s",
	    site_of(p, "errand: { gate: @/gate }")));
}

static void
open_gate(struct place *p)
{
	FILE *gate = fopen(arena_printf(&p->arena, "%s/gate", p->folder), "w");

	assert_non_null(gate);
	fclose(gate);
}

static void
expect_full(struct place *p, const struct ask *gate, const struct ask *other)
{
	struct asked *first = hall_push(p, gate), *second = hall_push(p, other);
	struct got got = hall_ask(p, other);

	expect_status(&got, 503);
	expect_text(hall_json(p, got.body, "code"), "busy", "the code");
	assert_string_equal(hall_header(&got, "retry-after"), "1");
	assert_false(got.later);
	expect_got(p, "/api/v1/errands", 200);		/* short reads are served on */
	open_gate(p);
	got = hall_wait(p, first);
	expect_status(&got, 200);
	got = hall_wait(p, second);
	if (got.status / 100 != 2)
		fail_msg("the one that waited: %d", got.status);
}

static void
who_finds_the_queue_of_changes_full_is_told_to_come_again(void **state)
{
	struct place *p = *state;

	enter_with_gate(p);
	expect_full(p, &(struct ask){ .method = "POST", .target = "/api/v1/errand/gate" },
	    &(struct ask){ .method = "POST", .target = "/api/v1/errands",
		.body = "{\"name\":\"x\"}" });
	expect_text(hall_sql(p, "main.db", "SELECT count(*) FROM errand"), "1", "rows");
}

static void
who_finds_the_blocking_lane_full_is_told_to_come_again(void **state)
{
	struct place *p = *state;

	enter_with_gate(p);
	expect_full(p, &(struct ask){ .method = "GET", .target = "/api/v1/errand/gate" },
	    &(struct ask){ .method = "GET", .target = "/api/v1/errand/nap" });
}

/* A service that never answers holds up modules that wait for it, and nobody who reads. */
static void
who_waits_for_others_holds_up_no_long_read(void **state)
{
	struct place *p = *state;
	struct asked *waiting[2];
	struct got got;

	enter_with_gate(p);
	waiting[0] = hall_push(p, &(struct ask){ .method = "GET", .target =
	    "/api/v1/errand/gate" });
	waiting[1] = hall_push(p, &(struct ask){ .method = "POST", .target =
	    "/api/v1/errand/stage/select" });
	got = hall_get(p, "/api/v1/errand/numbers?upto=1000000");
	expect_status(&got, 200);
	assert_true(got.later);
	open_gate(p);
	for (size_t i = 0; i < COUNT(waiting); i++)
		got = hall_wait(p, waiting[i]);
}

/* Before the gate nobody's writes are held up: only the last step is the writer's. */
static void
what_comes_before_a_write_holds_up_no_other_write(void **state)
{
	struct place *p = *state;
	struct asked *first;
	struct got got;

	enter_with_gate(p);
	first = hall_push(p, &(struct ask){ .method = "POST", .target =
	    "/api/v1/errand/stage/gate" });
	got = hall_send(p, "POST", "/api/v1/errands", "{\"name\":\"meanwhile\"}");
	expect_status(&got, 201);
	open_gate(p);
	got = hall_wait(p, first);
	expect_status(&got, 201);
	assert_int_equal(got.answers, 1);
	expect_text(hall_sql(p, "main.db", "SELECT group_concat(name) FROM errand ORDER BY id"),
	    "meanwhile,gate", "rows");
}

/* What was prepared while the queue of changes filled up is told so, and nothing is written. */
static void
who_is_prepared_and_finds_the_queue_of_changes_full_is_told_to_come_again(void **state)
{
	struct place *p = *state;
	struct asked *staged, *gated, *waiting;
	struct got got;

	enter_with_gate(p);
	gated = hall_push(p, &(struct ask){ .method = "POST", .target = "/api/v1/errand/gate" });
	waiting = hall_push(p, &(struct ask){ .method = "POST", .target = "/api/v1/errands",
	    .body = "{\"name\":\"x\"}" });
	staged = hall_push(p, &(struct ask){ .method = "POST", .target =
	    "/api/v1/errand/stage/select" });
	got = hall_wait(p, staged);
	expect_status(&got, 503);
	expect_text(hall_json(p, got.body, "code"), "busy", "the code");
	assert_int_equal(got.answers, 1);
	open_gate(p);
	got = hall_wait(p, gated);
	expect_status(&got, 200);
	got = hall_wait(p, waiting);
	expect_status(&got, 201);
	expect_text(hall_sql(p, "main.db", "SELECT count(*) FROM errand"), "1", "rows");
}

/* ---- leaving ---- */

/* Nobody waits: work that has not begun is dropped, and the owner is told all the same. */
static void
a_request_whose_client_is_gone_is_answered_once(void **state)
{
	static const struct ask asks[] = {
		{ "GET", "/api/v1/errand/nap", .gone = true },
		{ "POST", "/api/v1/errands", "{\"name\":\"x\"}", .gone = true },
		{ "POST", "/api/v1/errand/stage/gate", .gone = true },
		{ "GET", "/api/v1/errands", .gone = true },
	};
	struct place *p = *state;
	struct got got;
	const char *log;

	enter_with_gate(p);
	hall_log(p);
	for (size_t i = 0; i < COUNT(asks); i++) {
		got = hall_ask(p, &asks[i]);
		assert_int_equal(got.answers, got.later);
		assert_true(got.later == (i < 3));
		assert_int_not_equal(got.status, 0);
		assert_non_null(hall_json(p, got.body, ""));
	}
	log = hall_log(p);
	assert_int_equal(hall_count(log, "had a nap") + hall_count(log, "at the gate"), 0);
	expect_text(hall_sql(p, "main.db", "SELECT count(*) FROM errand WHERE name = 'gate'"), "0",
	    "rows");
}

static void
a_house_that_closes_answers_what_it_has_taken_in(void **state)
{
	enum { MANY = 40 };
	struct place *p = *state;
	struct asked *asked[2 * MANY];
	struct got got;

	hall_enter(p, HOUSE_SERVING, site_of(p, "errand:"));
	for (int i = 0; i < MANY; i++) {
		asked[i] = hall_push(p, &(struct ask){ .method = "POST", .target =
		    "/api/v1/errands", .body = "{\"name\":\"x\"}" });
		asked[MANY + i] = hall_push(p, &(struct ask){ .method = "GET", .target =
		    "/api/v1/errand/nap" });
	}
	hall_close(p);
	for (int i = 0; i < 2 * MANY; i++) {
		got = hall_wait(p, asked[i]);
		expect_status(&got, i < MANY ? 201 : 200);
		assert_int_equal(got.answers, 1);
	}
	expect_text(hall_sql(p, "main.db", "SELECT count(*) FROM errand"), "40", "rows");
}

/* ---- memory ---- */

/* Bodies of n bytes that take more memory than they have bytes. */
static const char *
make_body(struct place *p, const char *before, const char *piece, const char *after, size_t n)
{
	struct out out;

	out_init(&out, &p->arena, SIZE_MAX);
	out_string(&out, before);
	while (out.len < n)
		out_string(&out, piece);
	out_string(&out, after);
	out_char(&out, '\0');
	return out.at;
}

static void
a_request_that_uses_up_its_memory_is_too_large(void **state)
{
	static const struct {
		const char *before, *piece, *after;
	} bodies[] = {
		{ "{\"name\":\"x\",\"a\":[", "[],", "1]}" },
		{ "{\"name\":\"x\",\"a\":[", "{\"b\":1},", "1]}" },
		{ "{\"name\":\"x\",\"notes\":\"", "\\u03b1", "\"}" },
		{ "{\"name\":\"x\",\"a\":[", "\"\",", "1]}" },
		{ "{\"name\":\"x\",\"a\":", "                ", "1}" },
	};
	struct place *p = *state;
	struct got got;
	unsigned large = 0, taken = 0;

	hall_enter(p, HOUSE_SERVING, arena_printf(&p->arena, "limits: { request_memory: 1MiB }\n%s",
	    site_of(p, "errand:")));
	for (size_t i = 0; i < COUNT(bodies); i++)
		for (size_t n = 1000; n < 4000000; n = n * 3 / 2) {
			got = hall_send(p, "POST", "/api/v1/errands", make_body(p, bodies[i].before,
			    bodies[i].piece, bodies[i].after, n));
			if (got.status != 201 && got.status != 413)
				fail_msg("%s of %zu bytes: %d: %.200s", bodies[i].piece, n,
				    got.status, got.body.at);
			assert_non_null(hall_json(p, got.body, ""));
			large += got.status == 413;
			taken += got.status == 201;
		}
	assert_true(large > COUNT(bodies));
	assert_true(taken > COUNT(bodies));
	expect_text(hall_sql(p, "main.db", "SELECT count(*) FROM errand"),
	    arena_printf(&p->arena, "%u", taken), "rows");
}

/* The answer to a bad request is whole however little memory it has left. */
static void
faults_are_told_in_json_to_the_last_byte_of_memory(void **state)
{
	struct place *p = *state;
	struct got got;

	hall_enter(p, HOUSE_SERVING, arena_printf(&p->arena, "limits: { request_memory: 1MiB }\n%s",
	    site_of(p, "errand:")));
	for (size_t n = 100; n < 40000; n += 997) {
		struct out out;

		out_init(&out, &p->arena, SIZE_MAX);
		out_char(&out, '{');
		for (int i = 0; i < 100; i++) {
			out_printf(&out, "\"%d", i);
			for (int k = 0; k < 190; k++)
				out_string(&out, "\\u0001");
			out_string(&out, "\":1,");
		}
		out_string(&out, "\"a\":[");
		for (size_t k = 0; k < n / 4; k++)
			out_string(&out, "[],");
		out_bytes(&out, "1]}", 4);
		got = hall_ask(p, &(struct ask){ .method = "POST", .target = "/api/v1/errands",
		    .body = out.at, .headers = { { TEXT("prefer"), TEXT("handling=strict") } } });
		if (got.status != 400 && got.status != 413)
			fail_msg("%zu: %d", n, got.status);
		assert_non_null(hall_json(p, got.body, "error"));
		assert_non_null(hall_json(p, got.body, "request_id"));
	}
}

/* ---- doors beside the way ---- */

static void
a_refusal_of_the_street_has_the_envelope_of_every_other(void **state)
{
	struct place *p = *state;
	struct request *req = request_new(1 << 16);
	struct text body;

	req->method = TEXT("GET");
	req->target = TEXT("/x?y");
	house_refuse(req, 431, "headers", "Too many header fields.");
	body = (struct text){ arena_copy(&p->arena, req->answer.body.at, req->answer.body.len),
	    req->answer.body.len };
	assert_int_equal(req->answer.status, 431);
	expect_text(hall_json(p, body, "error"), "Too many header fields.", "the error");
	expect_text(hall_json(p, body, "code"), "headers", "the code");
	expect_text(hall_json(p, body, "request_id"), req->id, "the id");
	request_free(req);
}

static void
to_check_a_house_is_to_touch_nothing(void **state)
{
	struct place *p = *state;
	struct conf *conf;
	struct out faults;
	const char *yaml = arena_printf(&p->arena, "module_path: [ %s/tests/fixture ]\n"
	    "sites: [ { name: main, database: { path: %s/check.db }, modules: { errand: } } ]\n",
	    p->build, p->folder);

	out_init(&faults, &p->arena, 1 << 16);
	assert_true(conf_parse("test.yaml", yaml, strlen(yaml), &conf, &faults));
	assert_true(house_check(conf, &faults));
	assert_int_not_equal(access(arena_printf(&p->arena, "%s/check.db", p->folder), F_OK), 0);
	expect_text(hall_log(p), "", "the log");
	conf_free(conf);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, hall_settle, hall_leave)

/* The file is told once, whoever found the fault. */
static void
a_refusal_names_the_file_once(void **state)
{
	struct place *p = *state;

	assert_int_equal(system(arena_printf(&p->arena, "echo no ELF > %s/quiet.so; "
	    "chmod 644 %s/quiet.so", p->folder, p->folder)), 0);
	assert_false(hall_open(p, HOUSE_AT_ONCE,
	    "sites:\n  - name: main\n    database: { path: @/main.db }\n"
	    "    modules: { quiet: }\n"));
	assert_non_null(strstr(p->faults, arena_printf(&p->arena,
	    "module refused: %s/quiet.so: is no ELF file (test.yaml:", p->folder)));
}

/* ---- versions of a module ---- */

static const char retirees[] =
    "sites:\n"
    "  - name: main\n"
    "    database: { path: @/main.db }\n"
    "    modules: { retiree: }\n";

/* From now on retiree is its next version. */
static void
put_next_version(struct place *p)
{
	assert_int_equal(system(arena_printf(&p->arena,
	    "install -m 644 %s/tests/fixture/retiree_next.so %s/retiree.so", p->build,
	    p->folder)), 0);
}

static void
expect_next_version(struct place *p, const char *count)
{
	struct got got;

	hall_enter(p, HOUSE_AT_ONCE, retirees);
	assert_string_equal(hall_sql(p, "main.db", "SELECT group_concat(name) FROM"
	    " pragma_table_info('retiree') WHERE name NOT LIKE '%fold'"), "id,name");
	got = hall_get(p, "/api/v1/retirees?name=ADA&count=true");
	assert_int_equal(got.status, 200);
	assert_string_equal(hall_header(&got, "x-total-count"), count);
	/* It must not be given any more. */
	got = hall_send(p, "POST", "/api/v1/retirees", "{}");
	assert_int_equal(got.status, 201);
}

static void
a_field_is_retired_with_all_that_was_made_for_it(void **state)
{
	struct place *p = *state;
	struct got got;

	hall_enter(p, HOUSE_AT_ONCE, retirees);
	got = hall_send(p, "POST", "/api/v1/retirees", "{\"name\":\"Ada\",\"old\":\"x\"}");
	assert_int_equal(got.status, 201);
	got = hall_send(p, "POST", "/api/v1/retirees", "{\"name\":\"Bo\",\"old\":\"x\"}");
	assert_int_equal(got.status, 409);
	hall_close(p);
	put_next_version(p);
	expect_next_version(p, "1");
}

static void
a_retired_field_goes_from_a_new_database_too(void **state)
{
	struct place *p = *state;

	put_next_version(p);
	expect_next_version(p, "0");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_module_that_cannot_be_taken_stops_the_start),
		TEST(one_that_is_not_required_is_left_out_and_nothing_of_it_stays),
		TEST(a_house_where_all_is_well_is_ready),
		TEST(every_fault_is_told),
		TEST(modules_start_after_what_they_need_and_end_before_it),
		TEST(a_module_whose_need_fails_to_start_is_not_started),
		TEST(a_module_whose_need_has_no_room_is_left_out_too),
		TEST(a_house_that_does_not_open_ends_what_it_has_begun),
		TEST(a_module_that_is_off_is_not_there_and_its_rows_stay),
		TEST(a_refusal_names_the_file_once),
		TEST(a_field_is_retired_with_all_that_was_made_for_it),
		TEST(a_retired_field_goes_from_a_new_database_too),
		TEST(two_sites_share_nothing),
		TEST(a_host_of_no_site_is_misdirected),
		TEST(a_key_of_one_site_opens_no_other),
		TEST(lanes_change_nothing_but_the_way),
		TEST(a_long_list_takes_the_slow_lane_and_is_the_same),
		TEST(a_long_list_holds_little_memory),
		TEST(a_list_that_was_long_is_expected_to_be),
		TEST(a_long_list_that_is_out_of_order_is_made_anew),
		TEST(what_one_request_uses_up_is_not_missing_to_the_next),
		TEST(a_handler_that_takes_long_is_run_again_and_its_answer_is_whole),
		TEST(what_even_the_slow_lane_cannot_do_is_told),
		TEST(who_finds_the_queue_of_changes_full_is_told_to_come_again),
		TEST(who_finds_the_blocking_lane_full_is_told_to_come_again),
		TEST(who_waits_for_others_holds_up_no_long_read),
		TEST(what_comes_before_a_write_holds_up_no_other_write),
		TEST(who_is_prepared_and_finds_the_queue_of_changes_full_is_told_to_come_again),
		TEST(a_request_whose_client_is_gone_is_answered_once),
		TEST(a_house_that_closes_answers_what_it_has_taken_in),
		TEST(a_request_that_uses_up_its_memory_is_too_large),
		TEST(faults_are_told_in_json_to_the_last_byte_of_memory),
		TEST(a_refusal_of_the_street_has_the_envelope_of_every_other),
		TEST(to_check_a_house_is_to_touch_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
