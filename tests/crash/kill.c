/*
 * kill.c - what was acknowledged survives a kill -9 in the middle of many writers
 *
 * Twenty times 64 writers make tickets, each with a subject of its own, until the
 * server is killed.  After each restart every ticket whose 201 had come must be there,
 * none twice, none without its audit entry, and the database must be whole.
 */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
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

enum { WRITERS = 64, ROUNDS = 20, TICKETS_MAX = 4000, WANTED = 300 };

struct battle {
	struct place place;
	char key[128];
	int round;
	atomic_int acknowledged;	/* in this round, by all */
};

struct writer {
	struct battle *battle;
	int number;
	int sent;		/* tickets 0 ... sent - 1 were acknowledged */
	pthread_t thread;
};

static const char *build;

static void
write_until_the_end(struct writer *w)
{
	struct wire wire;
	char body[200];

	wire_init(&wire, "127.0.0.1", w->battle->place.port);
	for (; w->sent < TICKETS_MAX; w->sent++) {
		snprintf(body, sizeof body, "{\"subject\":\"r%d w%d n%d\",\"description\":\"D\"}",
		    w->battle->round, w->number, w->sent);
		if (ask_status(&wire, "POST", "/api/v1/tickets", w->battle->key, body) != 201)
			break;
		atomic_fetch_add(&w->battle->acknowledged, 1);
	}
	wire_fini(&wire);
}

static void *
writer_run(void *w)
{
	write_until_the_end(w);
	return NULL;
}

static void
fight(struct battle *b, struct writer writers[WRITERS])
{
	const struct timespec pause = { .tv_nsec = 1000000 };

	atomic_store(&b->acknowledged, 0);
	for (int i = 0; i < WRITERS; i++) {
		writers[i] = (struct writer){ .battle = b, .number = i };
		assert_int_equal(pthread_create(&writers[i].thread, NULL, writer_run,
		    &writers[i]), 0);
	}
	/* Not the same moment in each round, but always in the middle. */
	while (atomic_load(&b->acknowledged) < WANTED + b->round * 13)
		nanosleep(&pause, NULL);
	assert_int_equal(place_stop(&b->place, SIGKILL), 128 + SIGKILL);
	for (int i = 0; i < WRITERS; i++)
		pthread_join(writers[i].thread, NULL);
}

/* The first column of the first row. */
static int64_t
number(struct battle *b, const char *format, ...)
{
	char path[200], sql[400];
	struct db_stmt *st;
	struct db *db;
	struct err e;
	int64_t n;
	va_list ap;

	va_start(ap, format);
	vsnprintf(sql, sizeof sql, format, ap);
	va_end(ap);
	snprintf(path, sizeof path, "%s/helpdesk.db", b->place.folder);
	if (!db_open(path, DB_READ_ONLY, &db, &e))
		fail_msg("%s", e.message);
	st = db_prepare(db, sql, &e);
	assert_non_null(st);
	assert_int_equal(db_step(st), DB_ROW);
	n = db_int(st, 0);
	db_release(&st);
	db_close(db);
	return n;
}

static void
check(struct battle *b, const struct writer writers[WRITERS])
{
	for (int i = 0; i < WRITERS; i++)
		assert_int_equal(number(b, "SELECT count(*) FROM tickets WHERE subject LIKE"
		    " 'r%d w%d n%%' AND CAST(substr(subject, %d) AS INTEGER) < %d",
		    b->round, i, 1 + snprintf(NULL, 0, "r%d w%d n", b->round, i),
		    writers[i].sent), writers[i].sent);
	assert_int_equal(number(b, "SELECT count(*) - count(DISTINCT subject) FROM tickets"), 0);
	assert_int_equal(number(b, "SELECT count(*) FROM tickets t WHERE (SELECT count(*) FROM"
	    " core_audit a WHERE a.resource = 'tickets' AND a.record = t.id) <> 1"), 0);
	assert_int_equal(number(b, "SELECT count(*) FROM core_audit a WHERE a.resource = 'tickets'"
	    " AND NOT EXISTS (SELECT 1 FROM tickets t WHERE t.id = a.record)"), 0);
	assert_int_equal(number(b, "SELECT count(*) FROM pragma_integrity_check"
	    " WHERE integrity_check <> 'ok'"), 0);
}

static void
what_was_acknowledged_survives_a_kill_in_the_middle_of_64_writers(void **state)
{
	static struct writer writers[WRITERS];
	static struct battle b;
	struct err e;

	(void)state;
	if (!place_make(&b.place, build, &e) || !place_configure(&b.place, place_sites, &e) ||
	    !place_add_user(&b.place, "athens", "maria", &e) ||
	    !place_add_key(&b.place, "athens", "Bot", "maria", b.key, &e))
		fail_msg("%s", e.message);
	for (b.round = 0; b.round < ROUNDS; b.round++) {
		if (!place_start(&b.place, &e))
			fail_msg("round %d: %s", b.round, e.message);
		if (b.round > 0)
			check(&(struct battle){ .place = b.place, .round = b.round - 1 }, writers);
		fight(&b, writers);
	}
	if (!place_start(&b.place, &e))
		fail_msg("%s", e.message);
	b.round--;
	check(&b, writers);
	printf("tickets: %lld\n", (long long)number(&b, "SELECT count(*) FROM tickets"));
	place_remove(&b.place);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_acknowledged_survives_a_kill_in_the_middle_of_64_writers),
	};

	build = argc > 1 ? argv[1] : "build";
	return cmocka_run_group_tests(tests, NULL, NULL);
}
