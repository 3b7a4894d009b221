/*
 * again.c - a POST with an Idempotency-Key is done once, though a kill -9 comes between
 *
 * Thirty times a ticket is sent and the server killed at some moment: before it has read
 * the request, while it makes the ticket, or after its answer.  Sent again after the
 * restart, the ticket must be there once, and who had an answer already gets the same.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "arena.h"
#include "ask.h"
#include "db.h"
#include "err.h"
#include "place.h"
#include "wire.h"

enum { ROUNDS = 30 };

static const char *build;

struct ground {
	struct place place;
	char key[128];
	struct arena arena;
	int answered, lost;	/* rounds whose first answer came, or not */
};

static void
must(bool good, const struct err *e)
{
	if (!good)
		fail_msg("%s", e->message);
}

static struct text
question(struct ground *g, int round)
{
	struct question q = ask_question("POST", "/api/v1/tickets", g->key,
	    arena_printf(&g->arena, "{\"subject\":\"round %d\",\"description\":\"D\"}", round));

	q.fields[q.field_count++] = (struct field){ TEXT("Idempotency-Key"),
	    text_of(arena_printf(&g->arena, "round-%d", round)) };
	return wire_bytes(&g->arena, &q);
}

/* Sends it, and kills the server a little later each time: up to 3 ms, by tenths.  True if
 * the answer came all the same. */
static bool
send_and_kill(struct ground *g, int round, struct reply *r)
{
	const struct timespec pause = { .tv_nsec = round * 100000 };
	struct wire wire;
	struct err e;
	bool came;

	must(place_start(&g->place, &e), &e);
	wire_init(&wire, "127.0.0.1", g->place.port);
	must(wire_send(&wire, question(g, round), &e), &e);
	nanosleep(&pause, NULL);
	assert_int_equal(place_stop(&g->place, SIGKILL), 128 + SIGKILL);
	came = wire_read(&wire, &g->arena, false, r, &e);
	wire_fini(&wire);
	return came;
}

static struct reply
send_again(struct ground *g, int round)
{
	struct reply r = { 0 };
	struct wire wire;
	struct err e;

	wire_init(&wire, "127.0.0.1", g->place.port);
	must(wire_ask(&wire, &g->arena, question(g, round), false, &r, &e), &e);
	wire_fini(&wire);
	return r;
}

static void
expect_same(const struct reply *one, const struct reply *other)
{
	static const char *const fields[] = { "etag", "location", "content-type" };

	assert_int_equal(one->status, 201);
	assert_int_equal(other->status, 201);
	assert_true(text_equal(one->body, other->body));
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
		assert_true(text_equal(reply_field(one, fields[i]),
		    reply_field(other, fields[i])));
	assert_true(text_equal(reply_field(other, "idempotency-replayed"), TEXT("true")));
}

static int64_t
number(struct ground *g, const char *sql)
{
	const char *path = arena_printf(&g->arena, "%s/helpdesk.db", g->place.folder);
	struct db_stmt *st;
	struct db *db;
	struct err e;
	int64_t n;

	must(db_open(path, DB_READ_ONLY, &db, &e), &e);
	st = db_prepare(db, sql, &e);
	assert_non_null(st);
	assert_int_equal(db_step(st), DB_ROW);
	n = db_int(st, 0);
	db_release(&st);
	db_close(db);
	return n;
}

static void
fight(struct ground *g, int round)
{
	struct reply first = { 0 }, second, third;
	bool came = send_and_kill(g, round, &first);
	struct err e;

	must(place_start(&g->place, &e), &e);
	second = send_again(g, round);
	third = send_again(g, round);
	if (came)
		expect_same(&first, &second);
	expect_same(&second, &third);
	g->answered += came;
	g->lost += !came;
	assert_int_equal(number(g, arena_printf(&g->arena,
	    "SELECT count(*) FROM tickets WHERE subject = 'round %d'", round)), 1);
	assert_int_equal(place_stop(&g->place, SIGTERM), 0);
}

static void
a_post_sent_again_after_a_kill_is_done_once(void **state)
{
	static struct ground g;
	struct err e;

	(void)state;
	arena_init(&g.arena, 64 << 20);
	must(place_make(&g.place, build, &e) && place_configure(&g.place, place_sites, &e) &&
	    place_add_user(&g.place, "athens", "maria", &e) &&
	    place_add_key(&g.place, "athens", "Bot", "maria", g.key, &e), &e);
	for (int round = 0; round < ROUNDS; round++)
		fight(&g, round);
	assert_int_equal(number(&g, "SELECT count(*) FROM tickets"), ROUNDS);
	assert_int_equal(number(&g, "SELECT count(*) FROM core_audit WHERE resource = 'tickets'"),
	    ROUNDS);
	assert_int_equal(number(&g, "SELECT count(*) FROM core_idempotency"), ROUNDS);
	printf("first answers: %d came, %d were lost\n", g.answered, g.lost);
	place_remove(&g.place);
	arena_fini(&g.arena);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_post_sent_again_after_a_kill_is_done_once),
	};

	build = argc > 1 ? argv[1] : "build";
	return cmocka_run_group_tests(tests, NULL, NULL);
}
