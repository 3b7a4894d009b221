/*
 * Who may be inside, and who waits for whom.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "door.h"

enum { LONG = 60 * 1000, SHORT = 20 };	/* milliseconds; what is LONG never comes to its end */

struct guest {
	struct door door;
	atomic_bool entered;
	pthread_t thread;
};

static void *
enter(void *argument)
{
	struct guest *g = argument;

	door_enter(&g->door);
	atomic_store(&g->entered, true);
	return NULL;
}

static void
send_in(struct guest *g)
{
	assert_int_equal(pthread_create(&g->thread, NULL, enter, g), 0);
}

static void
an_open_door_lets_everybody_in(void **state)
{
	struct door d;

	(void)state;
	door_init(&d);
	assert_true(door_wait(&d, 0));
	door_enter(&d);
	door_enter(&d);
	assert_false(door_wait(&d, SHORT));
	door_leave(&d);
	assert_false(door_wait(&d, 0));
	door_leave(&d);
	assert_true(door_wait(&d, LONG));
	door_fini(&d);
}

static void
a_closed_door_keeps_out_until_it_is_opened(void **state)
{
	struct guest g = { .entered = false };

	(void)state;
	door_init(&g.door);
	door_close(&g.door, LONG);
	send_in(&g);
	assert_true(door_wait(&g.door, SHORT));
	usleep(SHORT * 1000);
	assert_false(atomic_load(&g.entered));
	door_close(&g.door, 0);
	assert_int_equal(pthread_join(g.thread, NULL), 0);
	assert_false(door_wait(&g.door, 0));
	door_leave(&g.door);
	door_fini(&g.door);
}

static void
a_closed_door_opens_by_itself(void **state)
{
	struct door d;

	(void)state;
	door_init(&d);
	door_close(&d, SHORT);
	door_enter(&d);
	assert_false(door_wait(&d, 0));
	door_leave(&d);
	door_fini(&d);
}

static void *
leave(void *argument)
{
	usleep(SHORT * 1000);
	door_leave(argument);
	return NULL;
}

static void
who_waits_is_woken_by_the_last_that_leaves(void **state)
{
	pthread_t thread;
	struct door d;

	(void)state;
	door_init(&d);
	door_enter(&d);
	assert_int_equal(pthread_create(&thread, NULL, leave, &d), 0);
	assert_true(door_wait(&d, LONG));
	assert_int_equal(pthread_join(thread, NULL), 0);
	door_fini(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_open_door_lets_everybody_in),
		cmocka_unit_test(a_closed_door_keeps_out_until_it_is_opened),
		cmocka_unit_test(a_closed_door_opens_by_itself),
		cmocka_unit_test(who_waits_is_woken_by_the_last_that_leaves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
