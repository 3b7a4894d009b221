/* Why something failed: one message, cut to fit, never torn. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "err.h"
#include "text.h"

static void
setting_says_false_and_keeps_the_sentence(void **state)
{
	struct err e = { "" };

	(void)state;
	assert_false(err_set(&e, "no user '%s' in line %d", "bob", 7));
	assert_string_equal(e.message, "no user 'bob' in line 7");
}

static void
a_prefix_goes_before_what_is_there(void **state)
{
	struct err e = { "" };

	(void)state;
	err_set(&e, "port is missing");
	assert_false(err_prefix(&e, "%s:%d: ", "helpdesk.yaml", 12));
	assert_string_equal(e.message, "helpdesk.yaml:12: port is missing");
}

static void
nobody_may_want_to_know(void **state)
{
	(void)state;
	assert_false(err_set(NULL, "nothing"));
	assert_false(err_prefix(NULL, "nothing"));
}

static void
the_old_message_may_be_part_of_the_new_one(void **state)
{
	struct err e = { "" };

	(void)state;
	err_set(&e, "disk full");
	err_set(&e, "backup: %s (%s)", e.message, e.message);
	assert_string_equal(e.message, "backup: disk full (disk full)");
	err_prefix(&e, "[%s] ", e.message);
	assert_string_equal(e.message,
	    "[backup: disk full (disk full)] backup: disk full (disk full)");
}

static void
a_long_message_is_cut_to_fit(void **state)
{
	char text[5000];
	struct err e = { "" };

	(void)state;
	memset(text, 'a', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	err_set(&e, "%s", text);
	assert_int_equal(strlen(e.message), sizeof e.message - 1);
	err_prefix(&e, "b");
	assert_int_equal(strlen(e.message), sizeof e.message - 1);
	assert_memory_equal(e.message, "ba", 2);
}

static void
a_cut_never_goes_through_a_character(void **state)
{
	char text[1200];
	struct err e = { "" };

	(void)state;
	for (size_t before = 0; before < 4; before++) {
		memset(text, 'a', before);
		text[before] = '\0';
		while (strlen(text) + 4 < sizeof text)
			strcat(text, "\xf0\x9f\x98\x80");
		err_set(&e, "%s", text);
		assert_true(text_valid(text_of(e.message), NULL));
		assert_true(strlen(e.message) > sizeof e.message - 5);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(setting_says_false_and_keeps_the_sentence),
		cmocka_unit_test(a_prefix_goes_before_what_is_there),
		cmocka_unit_test(nobody_may_want_to_know),
		cmocka_unit_test(the_old_message_may_be_part_of_the_new_one),
		cmocka_unit_test(a_long_message_is_cut_to_fit),
		cmocka_unit_test(a_cut_never_goes_through_a_character),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
