/*
 * Whether a cursor gives back what was put in, and nothing else is taken for one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "arena.h"
#include "cleanup.h"
#include "cursor.h"
#include "type.h"

#include <cmocka.h>	/* after plugin.h, where "fail" is a name */

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum { CHECK = 4711 };

static void
assert_value(const struct value *got, const struct value *want)
{
	assert_int_equal(got->kind, want->kind);
	assert_true(value_equal(got, want));
}

static void
values_come_back_as_they_were(void **state)
{
	CLEANUP(arena_fini) struct arena a;
	const struct value values[] = {
		value_int(0), value_int(1), value_int(-1), value_int(INT64_MAX),
		value_int(INT64_MIN), value_null(), value_text(TEXT("")), value_text(TEXT("a")),
		value_text(TEXT("\xce\x91\xce\xb8\xce\xae\xce\xbd\xce\xb1, \"100%\"")),
	};
	struct value got[COUNT(values)];
	struct text cursor;

	(void)state;
	arena_init(&a, 1 << 20);
	for (unsigned n = 0; n <= COUNT(values); n++) {
		cursor = cursor_write(&a, CHECK, values, n);
		assert_non_null(cursor.at);
		assert_int_equal(cursor_read(&a, cursor, CHECK, got, n), CURSOR_FINE);
		for (unsigned i = 0; i < n; i++)
			assert_value(&got[i], &values[i]);
	}
}

/* So that it needs no escape in a query, whatever it holds. */
static void
a_cursor_is_letters_digits_and_two_marks(void **state)
{
	CLEANUP(arena_fini) struct arena a;
	struct value v;
	struct text cursor;

	(void)state;
	arena_init(&a, 1 << 20);
	for (int64_t n = -300; n < 300; n++) {
		v = value_int(n * INT64_C(0x0123456789ab));
		cursor = cursor_write(&a, (uint64_t)n, &v, 1);
		for (size_t i = 0; i < cursor.len; i++)
			assert_non_null(memchr("ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			    "abcdefghijklmnopqrstuvwxyz0123456789-_", cursor.at[i], 64));
	}
}

static void
a_cursor_of_another_list_is_told_from_garbage(void **state)
{
	CLEANUP(arena_fini) struct arena a;
	const struct value v[] = { value_text(TEXT("2025")), value_int(7) };
	struct value got[2];
	struct text cursor;

	(void)state;
	arena_init(&a, 1 << 20);
	cursor = cursor_write(&a, CHECK, v, 2);
	assert_int_equal(cursor_read(&a, cursor, CHECK + 1, got, 2), CURSOR_OF_ANOTHER_LIST);
	assert_int_equal(cursor_read(&a, cursor, CHECK, got, 1), CURSOR_GARBAGE);
	assert_int_equal(cursor_read(&a, TEXT(""), CHECK, got, 2), CURSOR_GARBAGE);
	assert_int_equal(cursor_read(&a, TEXT("====") , CHECK, got, 2), CURSOR_GARBAGE);
	assert_int_equal(cursor_read(&a, TEXT("hello") , CHECK, got, 2), CURSOR_GARBAGE);
}

/* Every letter replaced, and every length. */
static void
what_was_mistyped_or_cut_is_garbage(void **state)
{
	CLEANUP(arena_fini) struct arena a;
	const struct value v[] = { value_text(TEXT("2025")), value_int(7), value_null() };
	struct value got[3];
	struct text cursor, cut;
	char *wrong;

	(void)state;
	arena_init(&a, 1 << 20);
	cursor = cursor_write(&a, CHECK, v, 3);
	for (size_t i = 0; i < cursor.len; i++) {
		wrong = arena_copy(&a, cursor.at, cursor.len);
		wrong[i] = wrong[i] == 'A' ? 'B' : 'A';
		assert_int_equal(cursor_read(&a, (struct text){ wrong, cursor.len }, CHECK, got, 3),
		    CURSOR_GARBAGE);
		cut = (struct text){ cursor.at, i };
		assert_int_equal(cursor_read(&a, cut, CHECK, got, 3), CURSOR_GARBAGE);
	}
}

static void
a_check_value_knows_where_texts_end(void **state)
{
	uint64_t one, other;

	(void)state;
	one = cursor_check(cursor_check(0, TEXT("ab")), TEXT("c"));
	other = cursor_check(cursor_check(0, TEXT("a")), TEXT("bc"));
	assert_true(one != other);
	assert_true(cursor_check(0, TEXT("")) != cursor_check(cursor_check(0, TEXT("")), TEXT("")));
}

static void
a_cursor_that_has_no_room_is_absent(void **state)
{
	CLEANUP(arena_fini) struct arena a;
	const struct value v = value_text(TEXT("a text of some length"));

	(void)state;
	arena_init(&a, 0);
	assert_null(cursor_write(&a, CHECK, &v, 1).at);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_come_back_as_they_were),
		cmocka_unit_test(a_cursor_is_letters_digits_and_two_marks),
		cmocka_unit_test(a_cursor_of_another_list_is_told_from_garbage),
		cmocka_unit_test(what_was_mistyped_or_cut_is_garbage),
		cmocka_unit_test(a_check_value_knows_where_texts_end),
		cmocka_unit_test(a_cursor_that_has_no_room_is_absent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
