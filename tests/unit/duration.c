/*
 * Whether spans of time are read as people write them, and nothing else is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "duration.h"

static void
a_span_is_a_number_and_a_unit(void **state)
{
	static const struct { const char *given; int64_t seconds; } cases[] = {
		{ "0", 0 }, { "0d", 0 }, { "90s", 90 }, { "15m", 15 * 60 }, { "24h", 24 * 3600 },
		{ "90d", 90 * 86400 }, { "36500d", INT64_C(36500) * 86400 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int64_t span = -1;

		if (!duration_read(text_of(cases[i].given), &span))
			fail_msg("%s is refused", cases[i].given);
		assert_int_equal(span, cases[i].seconds * 1000000);
	}
}

static void
what_is_none_is_refused(void **state)
{
	static const char *const wrong[] = { NULL, "", "1", "h", "-1h", "1 h", "1.5h", "1h30m",
		"1w", "1H", "36501d", "99999999999999999999d", "9223372036854775807h", "1h " };

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		int64_t span = -1;

		if (duration_read(text_of(wrong[i]), &span))
			fail_msg("%s is taken", wrong[i]);
		assert_int_equal(span, -1);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_span_is_a_number_and_a_unit),
		cmocka_unit_test(what_is_none_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
