/*
 * Lanes: order in a queue, one thread at a time for each, nothing lost, nothing starved.
 *
 * What a queue guards is plain memory here, so ThreadSanitizer sees it if two threads
 * ever serve one queue.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "lane.h"

enum { QUEUES = 8, PRODUCERS = 4, EACH = 2000, THREADS = 3 };

struct note {
	struct job job;		/* first, so a pointer to it is a pointer to the note */
	unsigned producer, number;
};

/* What a queue guards. */
struct desk {
	struct queue *queue;
	unsigned next[PRODUCERS];	/* number that each producer's next note must have */
	unsigned served, batches, largest;
	bool busy, wrong;
};

static struct lane *
open_lane(unsigned threads)
{
	struct lane *l = NULL;
	struct err e = { "" };

	if (!lane_open("test", threads, &l, &e))
		fail_msg("%s", e.message);
	return l;
}

static void
serve_desk(void *context, unsigned thread, struct job *first)
{
	struct desk *d = context;
	unsigned n = 0;

	d->wrong |= d->busy || thread >= THREADS || first == NULL;
	d->busy = true;
	for (struct job *next; first != NULL; first = next, n++) {
		struct note *note = (struct note *)first;

		next = first->next;
		d->wrong |= note->number != d->next[note->producer]++;
		free(note);
	}
	d->served += n;
	d->batches++;
	d->largest = n > d->largest ? n : d->largest;
	if (d->batches % 16 == 0)
		sched_yield();
	d->busy = false;
}

struct producer {
	unsigned number;
	struct desk *desks;
	pthread_t thread;
};

static void *
produce(void *argument)
{
	struct producer *p = argument;

	for (unsigned i = 0; i < EACH; i++) {
		for (unsigned k = 0; k < QUEUES; k++) {
			struct note *n = malloc(sizeof *n);

			*n = (struct note){ .producer = p->number, .number = i };
			while (!queue_push(p->desks[k].queue, &n->job))
				sched_yield();
		}
	}
	return NULL;
}

static void
each_queue_is_served_in_order_and_by_one_thread_at_a_time(void **state)
{
	struct desk desks[QUEUES] = { { 0 } };
	struct producer producers[PRODUCERS];
	struct lane *l = open_lane(THREADS);

	(void)state;
	for (unsigned k = 0; k < QUEUES; k++)
		desks[k].queue = queue_open(l, 50, 7, serve_desk, &desks[k]);
	for (unsigned i = 0; i < PRODUCERS; i++) {
		producers[i] = (struct producer){ .number = i, .desks = desks };
		pthread_create(&producers[i].thread, NULL, produce, &producers[i]);
	}
	for (unsigned i = 0; i < PRODUCERS; i++)
		pthread_join(producers[i].thread, NULL);
	lane_close(l);
	for (unsigned k = 0; k < QUEUES; k++) {
		assert_false(desks[k].wrong);
		assert_int_equal(desks[k].served, PRODUCERS * EACH);
		assert_true(desks[k].largest <= 7);
		queue_close(desks[k].queue);
	}
}

/* A desk whose clerk waits until told to go on. */
struct gate {
	sem_t entered, go;
	struct queue *queue;
	unsigned batches[16], n;
	char name;
	char *log;		/* common to several gates of a lane with one thread */
};

static void
gate_init(struct gate *g)
{
	*g = (struct gate){ .n = 0 };
	sem_init(&g->entered, 0, 0);
	sem_init(&g->go, 0, 0);
}

static void
gate_fini(struct gate *g)
{
	queue_close(g->queue);
	sem_destroy(&g->entered);
	sem_destroy(&g->go);
}

static void
serve_gate(void *context, unsigned thread, struct job *first)
{
	struct gate *g = context;

	(void)thread;
	if (g->log != NULL)
		*strchr(g->log, '\0') = g->name;
	for (; first != NULL; first = first->next)
		g->batches[g->n]++;
	g->n++;
	sem_post(&g->entered);
	sem_wait(&g->go);
}

static void
let_pass(struct gate *g, unsigned times)
{
	while (times-- > 0)
		sem_post(&g->go);
}

static void
a_batch_is_what_waits_up_to_its_limit(void **state)
{
	struct job jobs[12];
	struct gate g;
	struct lane *l = open_lane(2);

	(void)state;
	gate_init(&g);
	g.queue = queue_open(l, 100, 5, serve_gate, &g);
	assert_true(queue_push(g.queue, &jobs[0]));
	sem_wait(&g.entered);
	for (unsigned i = 1; i < 12; i++)
		assert_true(queue_push(g.queue, &jobs[i]));
	assert_int_equal(queue_length(g.queue), 12);	/* one is being served */
	let_pass(&g, 4);
	lane_close(l);
	assert_int_equal(g.n, 4);
	assert_int_equal(g.batches[0], 1);
	assert_int_equal(g.batches[1], 5);
	assert_int_equal(g.batches[2], 5);
	assert_int_equal(g.batches[3], 1);
	gate_fini(&g);
}

static void
a_full_queue_refuses_until_there_is_room(void **state)
{
	struct job jobs[5];
	struct gate g;
	struct lane *l = open_lane(1);

	(void)state;
	gate_init(&g);
	g.queue = queue_open(l, 3, 2, serve_gate, &g);
	assert_int_equal(queue_length(g.queue), 0);
	assert_true(queue_push(g.queue, &jobs[0]));
	sem_wait(&g.entered);
	assert_true(queue_push(g.queue, &jobs[1]));
	assert_true(queue_push(g.queue, &jobs[2]));
	assert_false(queue_push(g.queue, &jobs[3]));
	assert_int_equal(queue_length(g.queue), 3);
	let_pass(&g, 1);
	sem_wait(&g.entered);		/* the first has been served, two are in hand */
	assert_int_equal(queue_length(g.queue), 2);
	assert_true(queue_push(g.queue, &jobs[3]));
	assert_false(queue_push(g.queue, &jobs[4]));
	let_pass(&g, 2);
	lane_close(l);
	assert_int_equal(g.n, 3);
	gate_fini(&g);
}

static void
queues_are_served_in_turn(void **state)
{
	char log[16] = "";
	struct job jobs[9];
	struct gate g[3];
	struct lane *l = open_lane(1);

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		gate_init(&g[i]);
		g[i].name = (char)('a' + i);
		g[i].log = log;
		g[i].queue = queue_open(l, 100, 1, serve_gate, &g[i]);
	}
	assert_true(queue_push(g[0].queue, &jobs[0]));
	sem_wait(&g[0].entered);
	for (unsigned i = 1; i < 5; i++)
		assert_true(queue_push(g[0].queue, &jobs[i]));	/* a has much to do */
	for (unsigned i = 5; i < 7; i++)
		assert_true(queue_push(g[1].queue, &jobs[i]));
	assert_true(queue_push(g[2].queue, &jobs[7]));
	for (unsigned i = 0; i < 3; i++)
		let_pass(&g[i], 10);
	lane_close(l);
	assert_string_equal(log, "abcabaaa");
	for (unsigned i = 0; i < 3; i++)
		gate_fini(&g[i]);
}

static void
queues_are_served_side_by_side(void **state)
{
	struct job jobs[2];
	struct gate g[2];
	struct lane *l = open_lane(2);

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		gate_init(&g[i]);
		g[i].queue = queue_open(l, 10, 10, serve_gate, &g[i]);
		assert_true(queue_push(g[i].queue, &jobs[i]));
	}
	sem_wait(&g[0].entered);	/* hangs if one has to wait for the other */
	sem_wait(&g[1].entered);
	let_pass(&g[0], 1);
	let_pass(&g[1], 1);
	lane_close(l);
	gate_fini(&g[0]);
	gate_fini(&g[1]);
}

static void
closing_serves_what_waits(void **state)
{
	struct desk desks[QUEUES] = { { 0 } };
	struct lane *l = open_lane(THREADS);

	(void)state;
	for (unsigned k = 0; k < QUEUES; k++) {
		desks[k].queue = queue_open(l, 1000, 3, serve_desk, &desks[k]);
		for (unsigned i = 0; i < 100; i++) {
			struct note *n = malloc(sizeof *n);

			*n = (struct note){ .number = i };
			assert_true(queue_push(desks[k].queue, &n->job));
		}
	}
	lane_close(l);
	for (unsigned k = 0; k < QUEUES; k++) {
		assert_false(desks[k].wrong);
		assert_int_equal(desks[k].served, 100);
		queue_close(desks[k].queue);
	}
}

/* A clerk who puts a job back again and again, for as long as that is taken. */
struct relay {
	struct queue *queue;
	atomic_uint rounds;
	atomic_bool refused;
};

static void
serve_relay(void *context, unsigned thread, struct job *first)
{
	struct relay *r = context;

	(void)thread;
	atomic_fetch_add(&r->rounds, 1);
	if (!queue_push(r->queue, first))
		atomic_store(&r->refused, true);
}

static void
a_clerk_may_push_to_its_own_queue_until_the_lane_closes(void **state)
{
	struct relay r = { .rounds = 0 };
	struct job job;
	struct lane *l = open_lane(2);

	(void)state;
	r.queue = queue_open(l, 2, 1, serve_relay, &r);	/* itself being served, one more fits */
	assert_true(queue_push(r.queue, &job));
	while (atomic_load(&r.rounds) < 1000)
		sched_yield();
	assert_false(atomic_load(&r.refused));
	lane_close(l);				/* ends, although the clerk never would */
	assert_true(atomic_load(&r.refused));
	queue_close(r.queue);
}

struct look {
	char name[16];
	bool blocked;
};

static void
serve_look(void *context, unsigned thread, struct job *first)
{
	struct look *look = context;
	sigset_t set;

	(void)thread;
	(void)first;
	pthread_getname_np(pthread_self(), look->name, sizeof look->name);
	pthread_sigmask(SIG_SETMASK, NULL, &set);
	look->blocked = sigismember(&set, SIGTERM) == 1;
}

static void
threads_have_names_and_take_no_signals(void **state)
{
	static const struct { const char *name, *want; } cases[] = {
		{ "write", "write-0" }, { "elevenchars", "elevenchars-0" },
		{ "far too long a name", "far too lon-0" },
	};
	struct look look;
	struct job job;
	struct lane *l;
	struct queue *q;
	sigset_t set;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		look = (struct look){ "" };
		assert_true(lane_open(cases[i].name, 1, &l, NULL));
		q = queue_open(l, 1, 1, serve_look, &look);
		assert_true(queue_push(q, &job));
		lane_close(l);
		queue_close(q);
		assert_string_equal(look.name, cases[i].want);
		assert_true(look.blocked);
	}
	pthread_sigmask(SIG_SETMASK, NULL, &set);
	assert_int_equal(sigismember(&set, SIGTERM), 0);	/* ours are as they were */
}

static void
an_idle_lane_and_an_idle_queue_close(void **state)
{
	struct lane *l = open_lane(4);
	struct queue *q = queue_open(l, 1, 1, serve_look, NULL);

	(void)state;
	queue_close(q);
	lane_close(l);
	lane_close(NULL);
	queue_close(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_queue_is_served_in_order_and_by_one_thread_at_a_time),
		cmocka_unit_test(a_batch_is_what_waits_up_to_its_limit),
		cmocka_unit_test(a_full_queue_refuses_until_there_is_room),
		cmocka_unit_test(queues_are_served_in_turn),
		cmocka_unit_test(queues_are_served_side_by_side),
		cmocka_unit_test(closing_serves_what_waits),
		cmocka_unit_test(a_clerk_may_push_to_its_own_queue_until_the_lane_closes),
		cmocka_unit_test(threads_have_names_and_take_no_signals),
		cmocka_unit_test(an_idle_lane_and_an_idle_queue_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
