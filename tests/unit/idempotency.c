/* A POST that may be sent again: what counts as the same, what is kept, for how long. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "../fixture/hall.h"
#include "cleanup.h"
#include "core_schema.h"
#include "db.h"
#include "err.h"
#include "key.h"
#include "request.h"
#include "serve.h"

#include <cmocka.h>	/* after plugin.h, where "fail" is a name */

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

/* ---- what is asked ---- */

/* A request that stands at no site; its headers are one of these. */
struct asking {
	const char *method, *target, *type, *body;
	const char *pieces[3];	/* what comes in another way */
};

static const struct route writing = { .method = "POST", .access = HD_WRITE };
static const struct client somebody = { .hd = { .id = 7, .name = "Bot" } };

static void
free_request(struct request **req)
{
	request_free(*req);
}

static struct request *
make(const struct asking *a, struct header headers[2])
{
	struct request *req = request_new(1 << 20);

	headers[0] = (struct header){ TEXT("idempotency-key"), TEXT("once") };
	headers[1] = (struct header){ TEXT("content-type"), text_of(a->type) };
	req->headers = headers;
	req->header_count = a->type != NULL ? 2 : 1;
	req->method = text_of(a->method);
	req->target = text_of(a->target);
	req->body = text_of(a->body);
	req->route = &writing;
	req->client = &somebody;
	return req;
}

static void
print(const struct asking *a, char hex[FINGERPRINT_SIZE])
{
	CLEANUP(free_request) struct request *req = NULL;
	struct header headers[2];

	req = make(a, headers);
	assert_true(idempotency_begin(req));
	for (size_t i = 0; i < COUNT(a->pieces) && a->pieces[i] != NULL; i++)
		idempotency_add(req, a->pieces[i], strlen(a->pieces[i]));
	fingerprint_write(&req->idempotency.print, hex);
}

static const struct {
	const char *what;
	struct asking one, other;
	bool same;
} pairs[] = {
	{ "the same", { "POST", "/t", "application/json", "{}" },
	  { "POST", "/t", "application/json", "{}" }, true },
	{ "another body", { "POST", "/t", NULL, "{}" }, { "POST", "/t", NULL, "{ }" }, false },
	{ "another target", { "POST", "/t", NULL, "{}" }, { "POST", "/t?a", NULL, "{}" }, false },
	{ "another type", { "POST", "/t", "application/json", "{}" },
	  { "POST", "/t", "text/plain", "{}" }, false },
	{ "a border elsewhere", { "POST", "/t", "a", "b" }, { "POST", "/t", "ab", "" }, false },
	{ "a body in pieces", { "POST", "/t", NULL, "abc" },
	  { "POST", "/t", NULL, NULL, { "a", "bc" } }, true },
	{ "another boundary",
	  { "POST", "/t", "multipart/form-data; boundary=x", NULL, { "name", "bytes" } },
	  { "POST", "/t", "multipart/form-data; boundary=y", NULL, { "name", "bytes" } }, true },
	{ "another multipart", { "POST", "/t", "multipart/form-data; boundary=x" },
	  { "POST", "/t", "multipart/mixed; boundary=x" }, false },
	{ "another parameter of what has no boundary", { "POST", "/t", "text/plain; charset=utf-8" },
	  { "POST", "/t", "text/plain; charset=latin1" }, false },
};

static void
what_is_asked_is_the_same_or_not(void **state)
{
	char one[FINGERPRINT_SIZE], other[FINGERPRINT_SIZE];

	(void)state;
	for (size_t i = 0; i < COUNT(pairs); i++) {
		print(&pairs[i].one, one);
		print(&pairs[i].other, other);
		if ((strcmp(one, other) == 0) != pairs[i].same)
			fail_msg("%s", pairs[i].what);
	}
}

/* ---- one after the other ---- */

static const char site[] =
    "sites:\n  - name: main\n    database: { path: @/main.db }\n    modules: { errand: }\n";

static struct ask
named(const char *target, const char *name, const char *body)
{
	struct ask ask = { .method = "POST", .target = target, .body = body };

	ask.headers[0] = (struct header){ TEXT("idempotency-key"), text_of(name) };
	return ask;
}

static struct got
send_named(struct place *p, const char *target, const char *name, const char *body)
{
	struct ask ask = named(target, name, body);

	return hall_ask(p, &ask);
}

static bool
replayed(const struct got *got)
{
	const char *value = hall_header(got, "idempotency-replayed");

	return value != NULL && strcmp(value, "true") == 0;
}

static void
a_modules_own_route_is_answered_again(void **state)
{
	static const enum house_mode modes[] = { HOUSE_AT_ONCE, HOUSE_SERVING };
	static const char *const bodies[] = {
		"{\"first\":\"a\",\"second\":\"b\"}", "{\"first\":\"c\",\"second\":\"d\"}",
	};
	struct place *p = *state;
	struct got one, other;

	for (size_t i = 0; i < COUNT(modes); i++) {
		const char *name = i == 0 ? "first" : "second";

		hall_enter(p, modes[i], site);
		one = send_named(p, "/api/v1/errand/pair", name, bodies[i]);
		other = send_named(p, "/api/v1/errand/pair", name, bodies[i]);
		assert_int_equal(one.status, 201);
		assert_int_equal(other.status, 201);
		assert_false(replayed(&one));
		assert_true(replayed(&other));
		assert_true(text_equal(one.body, other.body));
	}
	assert_string_equal(hall_sql(p, "main.db", "SELECT count(*) FROM errand"), "4");
}

/* Both are on their way before either is done: the reader knows of none. */
static void
of_two_at_once_one_is_done(void **state)
{
	struct place *p = *state;
	struct ask ask = named("/api/v1/errands", "twins", "{\"name\":\"n\"}");
	struct asked *on_their_way[8];
	struct got got;
	int again = 0;

	hall_enter(p, HOUSE_SERVING, site);
	for (size_t i = 0; i < COUNT(on_their_way); i++)
		on_their_way[i] = hall_push(p, &ask);
	for (size_t i = 0; i < COUNT(on_their_way); i++) {
		got = hall_wait(p, on_their_way[i]);
		assert_int_equal(got.status, 201);
		assert_string_equal(hall_json(p, got.body, "errand id"), "1");
		again += replayed(&got);
	}
	assert_int_equal(again, COUNT(on_their_way) - 1);
	assert_string_equal(hall_sql(p, "main.db", "SELECT count(*) FROM errand"), "1");
}

static void
it_is_known_after_a_restart(void **state)
{
	struct place *p = *state;
	struct got one, other;

	hall_enter(p, HOUSE_SERVING, site);
	one = send_named(p, "/api/v1/errands", "lasting", "{\"name\":\"n\"}");
	hall_enter(p, HOUSE_SERVING, site);
	other = send_named(p, "/api/v1/errands", "lasting", "{\"name\":\"n\"}");
	assert_false(replayed(&one));
	assert_true(replayed(&other));
	assert_string_equal(hall_header(&one, "etag"), hall_header(&other, "etag"));
	assert_true(text_equal(one.body, other.body));
}

/* What a body refers to, or a value that must be unique, is not asked for again. */
static void
it_is_answered_again_though_it_could_not_be_done_again(void **state)
{
	static const char body[] = "{\"name\":\"n\",\"tag\":\"only\"}";
	struct place *p = *state;
	struct got got;

	hall_enter(p, HOUSE_AT_ONCE, site);
	assert_int_equal(send_named(p, "/api/v1/errands", "a", body).status, 201);
	got = send_named(p, "/api/v1/errands", "a", body);
	assert_int_equal(got.status, 201);
	assert_int_equal(send_named(p, "/api/v1/errands", "b", body).status, 409);
	assert_int_equal(hall_send(p, "DELETE", "/api/v1/errands/1", NULL).status, 200);
	got = send_named(p, "/api/v1/errands", "a", body);
	assert_true(replayed(&got));
	got = send_named(p, "/api/v1/errands", "b", body);
	assert_int_equal(got.status, 201);
	assert_false(replayed(&got));
}

/* ---- how long it is kept ---- */

static void
close_db(struct db **db)
{
	db_close(*db);
}

/* The moment so many seconds ago, in SQL. */
#define AGO(seconds) "strftime('%Y-%m-%dT%H:%M:%f000', 'now', '-" #seconds " seconds')"

static void
after_a_day_it_is_done_again(void **state)
{
	struct place *p = *state;
	struct got got;

	hall_enter(p, HOUSE_AT_ONCE, site);
	send_named(p, "/api/v1/errands", "day", "{\"name\":\"n\"}");
	hall_change(p, "main.db", "UPDATE core_idempotency SET at = " AGO(86100));
	got = send_named(p, "/api/v1/errands", "day", "{\"name\":\"n\"}");
	assert_true(replayed(&got));
	got = send_named(p, "/api/v1/errands", "day", "{\"name\":\"other\"}");
	assert_int_equal(got.status, 409);
	hall_change(p, "main.db", "UPDATE core_idempotency SET at = " AGO(86401));
	got = send_named(p, "/api/v1/errands", "day", "{\"name\":\"other\"}");
	assert_int_equal(got.status, 201);
	assert_false(replayed(&got));
	got = send_named(p, "/api/v1/errands", "day", "{\"name\":\"other\"}");
	assert_true(replayed(&got));
	assert_string_equal(hall_sql(p, "main.db", "SELECT count(*) FROM errand"), "2");
}

/* A site whose clients send no more names keeps nothing of them. */
static void
what_is_too_old_is_gone_after_a_start(void **state)
{
	struct place *p = *state;

	hall_enter(p, HOUSE_AT_ONCE, site);
	hall_change(p, "main.db", "INSERT INTO core_idempotency VALUES (1, 'old', '', " AGO(86401)
	    ", 201, '', ''), (1, 'new', '', " AGO(86000) ", 201, '', '')");
	hall_close(p);
	hall_enter(p, HOUSE_AT_ONCE, site);
	assert_string_equal(hall_sql(p, "main.db", "SELECT name FROM core_idempotency"), "new");
}

/* A few with each that is new: all of a crowd in time, and never all at once. */
static void
what_is_too_old_is_dropped_a_few_at_a_time(void **state)
{
	struct place *p = *state;
	int left = 100, was;

	hall_enter(p, HOUSE_AT_ONCE, site);
	hall_change(p, "main.db", "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL"
	    " SELECT i + 1 FROM n WHERE i < 100)"
	    " INSERT INTO core_idempotency SELECT 1, 'old' || i, '', " AGO(90000)
	    ", 201, '', '' FROM n");
	for (int i = 0; i < 100 && left > 0; i++) {
		send_named(p, "/api/v1/errands", arena_printf(&p->arena, "new%d", i),
		    "{\"name\":\"n\"}");
		was = left;
		sscanf(hall_sql(p, "main.db", "SELECT count(*) FROM core_idempotency WHERE"
		    " name LIKE 'old%'"), "%d", &left);
		assert_true(left < was && was - left < 50);
	}
	assert_int_equal(left, 0);
}

/* ---- what is not kept ---- */

static void
what_is_not_done_is_not_kept(void **state)
{
	static const struct { const char *target, *body; int status; } cases[] = {
		{ "/api/v1/errand/pair", "{\"first\":\"a\",\"second\":\"b\",\"then\":\"fail\"}",
		  422 },
		{ "/api/v1/errand/pair", "{\"first\":\"a\"}", 400 },
		{ "/api/v1/errand/pair?dry_run=1", "{\"first\":\"a\",\"second\":\"b\"}", 201 },
		{ "/api/v1/errands?dry_run=true", "{\"name\":\"n\"}", 201 },
		{ "/api/v1/errand/body", "{\"name\":\"n\"}", 201 },	/* writes nothing */
	};
	struct place *p = *state;
	struct got got;

	hall_enter(p, HOUSE_AT_ONCE, site);
	for (size_t i = 0; i < 2 * COUNT(cases); i++) {
		got = send_named(p, cases[i / 2].target, "n", cases[i / 2].body);
		if (got.status != cases[i / 2].status || replayed(&got))
			fail_msg("%s: %d", cases[i / 2].body, got.status);
	}
	assert_string_equal(hall_sql(p, "main.db", "SELECT count(*) FROM core_idempotency"), "0");
	assert_string_equal(hall_sql(p, "main.db", "SELECT count(*) FROM errand"), "0");
	assert_string_equal(hall_sql(p, "main.db", "SELECT count(*) FROM core_audit"), "0");
}

/* A dry run in a batch with what is meant: it alone is undone. */
static void
a_dry_run_takes_nobody_along(void **state)
{
	struct place *p = *state;
	struct asked *asked[9];
	struct got got;

	hall_enter(p, HOUSE_SERVING, site);
	for (size_t i = 0; i < COUNT(asked); i++)
		asked[i] = hall_push(p, &(struct ask){ .method = "POST",
		    .target = i % 3 == 1 ? "/api/v1/errands?dry_run=1" : "/api/v1/errands",
		    .body = "{\"name\":\"n\"}" });
	for (size_t i = 0; i < COUNT(asked); i++) {
		got = hall_wait(p, asked[i]);
		assert_int_equal(got.status, 201);
		assert_int_equal(hall_header(&got, "dry-run") != NULL, i % 3 == 1);
	}
	assert_string_equal(hall_sql(p, "main.db", "SELECT count(*) || ' ' || max(id) FROM errand"),
	    "6 6");
	assert_string_equal(hall_sql(p, "main.db", "SELECT count(*) FROM core_audit"), "6");
}

/* ---- secrets ---- */

static struct request *
make_answered(struct db *db, struct header headers[2])
{
	static const struct asking asking = { "POST", "/keys", NULL, "{}" };
	struct request *req = make(&asking, headers);

	req->db = db;
	serve_stamp(req);
	assert_true(idempotency_begin(req));
	return req;
}

static void
a_secret_is_not_kept_and_its_request_not_done_again(void **state)
{
	CLEANUP(close_db) struct db *db = NULL;
	CLEANUP(free_request) struct request *first = NULL, *second = NULL;
	struct header headers[2];
	struct place *p = *state;
	struct err e = { "" };

	if (!core_open(arena_printf(&p->arena, "%s/main.db", p->folder), &db, &e) ||
	    !db_begin(db, &e))
		fail_msg("%s", e.message);
	first = make_answered(db, headers);
	assert_true(idempotency_find(first));
	out_init(&first->answer.body, &first->arena, SIZE_MAX);
	out_string(&first->answer.body, "{\"key\":\"hush\"}");
	first->answer_secret = true;
	answer_complete(first, 201);
	assert_true(idempotency_keep(first));
	assert_true(db_commit(db, &e));

	second = make_answered(db, headers);
	assert_false(idempotency_find(second));
	assert_int_equal(second->status, 409);
	assert_string_equal(second->faults->code, "idempotency");
	assert_non_null(strstr(second->faults->message, "was done"));
	assert_string_equal(hall_sql(p, "main.db", "SELECT count(*) FROM core_idempotency WHERE"
	    " body IS NULL AND headers NOT LIKE '%hush%'"), "1");
}

int
main(void)
{
#define IN_HALL(test) cmocka_unit_test_setup_teardown(test, hall_settle, hall_leave)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_asked_is_the_same_or_not),
		IN_HALL(a_modules_own_route_is_answered_again),
		IN_HALL(of_two_at_once_one_is_done),
		IN_HALL(it_is_known_after_a_restart),
		IN_HALL(it_is_answered_again_though_it_could_not_be_done_again),
		IN_HALL(after_a_day_it_is_done_again),
		IN_HALL(what_is_too_old_is_gone_after_a_start),
		IN_HALL(what_is_too_old_is_dropped_a_few_at_a_time),
		IN_HALL(what_is_not_done_is_not_kept),
		IN_HALL(a_dry_run_takes_nobody_along),
		IN_HALL(a_secret_is_not_kept_and_its_request_not_done_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
