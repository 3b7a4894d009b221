/* Which reads are sent to a slow lane at once, and for how long. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "foresight.h"

static const struct text list = { "/api/v1/tickets", 15 };

/* How often it is expected to be long, asked until it is not. */
static unsigned
believed(struct foresight *f, unsigned site, struct text target)
{
	unsigned n = 0;

	while (n < 1000 && foresight_expects(f, site, target))
		n++;
	return n;
}

static void
what_took_long_is_expected_to_but_not_for_ever(void **state)
{
	struct foresight f = { false };

	(void)state;
	assert_int_equal(believed(&f, 0, list), 0);
	for (int again = 0; again < 3; again++) {
		foresight_note(&f, 0, list);
		assert_in_range(believed(&f, 0, list), 2, 100);
		assert_int_equal(believed(&f, 0, list), 0);
	}
}

static void
nothing_is_expected_of_others(void **state)
{
	static const char *const others[] = { "/api/v1/tickets?limit=5", "/api/v1/ticket",
		"/api/v1/tickets/", "/api/v1/tickets/1", "", "/" };
	struct foresight f = { false };

	(void)state;
	foresight_note(&f, 3, list);
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		assert_int_equal(believed(&f, 3, text_of(others[i])), 0);
	assert_int_equal(believed(&f, 2, list), 0);
	assert_int_equal(believed(&f, 0, list), 0);
	assert_true(believed(&f, 3, list) > 0);
}

/* More than there is room for: the latest is known, and each is known at most as itself. */
static void
a_table_that_is_full_forgets_and_mistakes_nothing(void **state)
{
	enum { MANY = 10 * FORESIGHT_SLOTS };
	struct foresight f = { false };
	char target[32];
	unsigned known = 0;

	(void)state;
	for (int i = 0; i < MANY; i++) {
		snprintf(target, sizeof target, "/api/v1/list/%d", i);
		foresight_note(&f, 0, text_of(target));
		assert_true(foresight_expects(&f, 0, text_of(target)));
	}
	for (int i = 0; i < 2 * MANY; i++) {
		snprintf(target, sizeof target, "/api/v1/list/%d", i);
		if (foresight_expects(&f, 0, text_of(target))) {
			assert_true(i < MANY);
			known++;
		}
	}
	assert_in_range(known, 1, FORESIGHT_SLOTS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_took_long_is_expected_to_but_not_for_ever),
		cmocka_unit_test(nothing_is_expected_of_others),
		cmocka_unit_test(a_table_that_is_full_forgets_and_mistakes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
