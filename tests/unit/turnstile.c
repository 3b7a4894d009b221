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

#include "turnstile.h"

enum { LONG = 60 * 1000, SHORT = 20 };	/* milliseconds; what is LONG never comes to its end */

struct guest {
	struct turnstile turnstile;
	atomic_bool entered;
	pthread_t thread;
};

static void *
enter(void *argument)
{
	struct guest *g = argument;

	turnstile_enter(&g->turnstile);
	atomic_store(&g->entered, true);
	return NULL;
}

static void
send_in(struct guest *g)
{
	assert_int_equal(pthread_create(&g->thread, NULL, enter, g), 0);
}

static void
an_open_turnstile_lets_everybody_in(void **state)
{
	struct turnstile d;

	(void)state;
	turnstile_init(&d);
	assert_true(turnstile_wait(&d, 0));
	turnstile_enter(&d);
	turnstile_enter(&d);
	assert_false(turnstile_wait(&d, SHORT));
	turnstile_leave(&d);
	assert_false(turnstile_wait(&d, 0));
	turnstile_leave(&d);
	assert_true(turnstile_wait(&d, LONG));
	turnstile_fini(&d);
}

static void
a_closed_turnstile_keeps_out_until_it_is_opened(void **state)
{
	struct guest g = { .entered = false };

	(void)state;
	turnstile_init(&g.turnstile);
	turnstile_close(&g.turnstile, LONG);
	send_in(&g);
	assert_true(turnstile_wait(&g.turnstile, SHORT));
	usleep(SHORT * 1000);
	assert_false(atomic_load(&g.entered));
	turnstile_close(&g.turnstile, 0);
	assert_int_equal(pthread_join(g.thread, NULL), 0);
	assert_false(turnstile_wait(&g.turnstile, 0));
	turnstile_leave(&g.turnstile);
	turnstile_fini(&g.turnstile);
}

static void
a_closed_turnstile_opens_by_itself(void **state)
{
	struct turnstile d;

	(void)state;
	turnstile_init(&d);
	turnstile_close(&d, SHORT);
	turnstile_enter(&d);
	assert_false(turnstile_wait(&d, 0));
	turnstile_leave(&d);
	turnstile_fini(&d);
}

static void *
leave(void *argument)
{
	usleep(SHORT * 1000);
	turnstile_leave(argument);
	return NULL;
}

static void
who_waits_is_woken_by_the_last_that_leaves(void **state)
{
	pthread_t thread;
	struct turnstile d;

	(void)state;
	turnstile_init(&d);
	turnstile_enter(&d);
	assert_int_equal(pthread_create(&thread, NULL, leave, &d), 0);
	assert_true(turnstile_wait(&d, LONG));
	assert_int_equal(pthread_join(thread, NULL), 0);
	turnstile_fini(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_open_turnstile_lets_everybody_in),
		cmocka_unit_test(a_closed_turnstile_keeps_out_until_it_is_opened),
		cmocka_unit_test(a_closed_turnstile_opens_by_itself),
		cmocka_unit_test(who_waits_is_woken_by_the_last_that_leaves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
