/* Bytes on their way out: growing, draining, failing for good. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "arena.h"
#include "out.h"

/* A drain that keeps what it gets, up to a limit. */
struct sink {
	char bytes[100000];
	size_t len, limit, calls;
};

static bool
take(void *sink, const char *bytes, size_t n)
{
	struct sink *s = sink;

	s->calls++;
	if (n > s->limit - s->len)
		return false;
	memcpy(s->bytes + s->len, bytes, n);
	s->len += n;
	return true;
}

static void
assert_holds(const struct out *o, const char *want)
{
	assert_false(o->failed);
	assert_int_equal(o->len, strlen(want));
	assert_memory_equal(o->at, want, o->len);
}

static void
all_writers_append(void **state)
{
	struct arena a;
	struct out o;

	(void)state;
	arena_init(&a, 1 << 16);
	out_init(&o, &a, 10000);
	out_string(&o, "one");
	out_char(&o, ' ');
	out_text(&o, TEXT("two"));
	out_text(&o, (struct text){ 0 });
	out_bytes(&o, NULL, 0);
	out_bytes(&o, " three!", 6);
	out_char(&o, ' ');
	out_int(&o, -4);
	out_printf(&o, " %s-%d", "five", 6);
	memcpy(out_room(&o, 100), "...", 3);
	o.len += 3;
	assert_true(out_finish(&o));
	assert_holds(&o, "one two three -4 five-6...");
	arena_fini(&a);
}

static void
whole_numbers_are_written_in_full(void **state)
{
	static const struct { int64_t n; const char *want; } cases[] = {
		{ 0, "0" }, { 7, "7" }, { 10, "10" }, { 99, "99" }, { 100, "100" }, { 101, "101" },
		{ 1000, "1000" }, { 1005, "1005" }, { 12345, "12345" }, { 100000, "100000" },
		{ -1, "-1" }, { -10, "-10" }, { -99, "-99" }, { -100, "-100" },
		{ INT64_MAX, "9223372036854775807" }, { INT64_MIN, "-9223372036854775808" },
	};
	struct arena a;
	struct out o;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		arena_init(&a, 4096);
		out_init(&o, &a, 100);
		out_int(&o, cases[i].n);
		assert_holds(&o, cases[i].want);
		arena_fini(&a);
	}
}

static void
whole_numbers_are_written_as_the_c_library_does(void **state)
{
	uint64_t n = 1;
	char want[32];
	struct arena a;
	struct out o;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		n = n * 6364136223846793005u + 1442695040888963407u;
		arena_init(&a, 4096);
		out_init(&o, &a, 100);
		snprintf(want, sizeof want, "%" PRId64, (int64_t)n >> (i % 64));
		out_int(&o, (int64_t)n >> (i % 64));
		assert_holds(&o, want);
		arena_fini(&a);
	}
}

static void
a_buffer_grows_up_to_its_limit_and_not_a_byte_further(void **state)
{
	static const size_t limits[] = { 1, 10, 255, 256, 257, 1000, 4096, 5000 };
	struct arena a;
	struct out o;

	(void)state;
	for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
		arena_init(&a, 1 << 20);
		out_init(&o, &a, limits[i]);
		for (size_t j = 0; j < limits[i]; j++)
			out_char(&o, (char)('a' + j % 26));
		assert_true(out_finish(&o));
		assert_int_equal(o.len, limits[i]);
		for (size_t j = 0; j < limits[i]; j++)
			assert_int_equal(o.at[j], 'a' + j % 26);
		out_char(&o, 'x');
		assert_false(out_finish(&o));
		assert_int_equal(o.len, limits[i]);
		arena_fini(&a);
	}
}

static void
failure_sticks(void **state)
{
	struct arena a;
	struct out o;

	(void)state;
	arena_init(&a, 1 << 16);
	out_init(&o, &a, 4);
	out_string(&o, "12345");
	out_char(&o, 'a');		/* which would fit */
	out_int(&o, 1);
	out_printf(&o, "x");
	assert_null(out_room(&o, 1));
	assert_true(o.failed);
	assert_int_equal(o.len, 0);
	assert_false(out_finish(&o));
	arena_fini(&a);
}

static void
the_arena_may_be_the_first_to_refuse(void **state)
{
	struct arena a;
	struct out o;

	(void)state;
	arena_init(&a, 8192);
	out_init(&o, &a, 1 << 30);
	for (int i = 0; i < 10000; i++)
		out_string(&o, "0123456789");
	assert_false(out_finish(&o));
	arena_fini(&a);
	arena_init(&a, 0);
	out_init_drain(&o, &a, 100, take, NULL);
	out_string(&o, "never drained");
	assert_null(out_room(&o, 1));
	assert_false(out_finish(&o));
	arena_fini(&a);
}

static void
a_drain_gets_every_byte_in_order(void **state)
{
	static struct sink sink;
	static const size_t sizes[] = { 1, 2, 7, 64, 1000 };
	static char want[sizeof sink.bytes];
	char piece[300];
	struct arena a;
	struct out o;
	size_t n;

	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		sink = (struct sink){ .limit = sizeof sink.bytes };
		arena_init(&a, 1 << 16);
		out_init_drain(&o, &a, sizes[i], take, &sink);
		n = 0;
		for (size_t k = 0; k < sizeof piece; k++) {
			memset(piece, (int)('a' + k % 26), k);
			out_bytes(&o, piece, k);
			out_char(&o, '.');
			memset(want + n, (int)('a' + k % 26), k);
			want[n + k] = '.';
			n += k + 1;
		}
		assert_true(out_finish(&o));
		assert_int_equal(sink.len, n);
		assert_memory_equal(sink.bytes, want, n);
		arena_fini(&a);
	}
}

static void
a_drain_is_called_once_for_many_small_pieces(void **state)
{
	static struct sink sink;
	struct arena a;
	struct out o;

	(void)state;
	sink = (struct sink){ .limit = sizeof sink.bytes };
	arena_init(&a, 1 << 16);
	out_init_drain(&o, &a, 1000, take, &sink);
	for (int i = 0; i < 1000; i++)
		out_char(&o, 'x');
	assert_int_equal(sink.calls, 0);
	out_char(&o, 'x');
	assert_int_equal(sink.calls, 1);
	assert_int_equal(sink.len, 1000);
	assert_true(out_finish(&o));
	assert_int_equal(sink.calls, 2);
	assert_int_equal(sink.len, 1001);
	assert_true(out_finish(&o));
	assert_int_equal(sink.calls, 2);
	arena_fini(&a);
}

static void
room_for_more_than_a_piece_is_given_all_the_same(void **state)
{
	static struct sink sink;
	struct arena a;
	struct out o;

	(void)state;
	sink = (struct sink){ .limit = sizeof sink.bytes };
	arena_init(&a, 1 << 16);
	out_init_drain(&o, &a, 10, take, &sink);
	out_string(&o, "abc");
	memset(out_room(&o, 50), 'x', 50);
	o.len += 50;
	out_printf(&o, "%060d", 1);
	assert_true(out_finish(&o));
	assert_int_equal(sink.len, 3 + 50 + 60);
	assert_memory_equal(sink.bytes, "abcxx", 5);
	arena_fini(&a);
}

static void
a_drain_that_is_full_is_not_called_again(void **state)
{
	static struct sink sink;
	struct arena a;
	struct out o;

	(void)state;
	sink = (struct sink){ .limit = 25 };
	arena_init(&a, 1 << 16);
	out_init_drain(&o, &a, 10, take, &sink);
	for (int i = 0; i < 100; i++)
		out_string(&o, "abcde");
	assert_false(out_finish(&o));
	assert_int_equal(sink.calls, 3);
	assert_int_equal(sink.len, 20);
	arena_fini(&a);
}

static void
what_is_left_of_a_failed_out_is_not_sent(void **state)
{
	static struct sink sink;
	struct arena a;
	struct out o;

	(void)state;
	sink = (struct sink){ .limit = 100 };
	arena_init(&a, 1 << 16);
	out_init_drain(&o, &a, 10, take, &sink);
	out_string(&o, "half");
	o.failed = true;		/* who makes the bytes may fail too */
	assert_false(out_finish(&o));
	assert_int_equal(sink.calls, 0);
	arena_fini(&a);
}

/* What it has outgrown is there for others: 4 MiB and the 2 MiB before it, but not the 1 MiB
 * before that, and so on. */
static void
what_a_buffer_has_outgrown_is_given_back(void **state)
{
	enum { LIMIT = 7 << 20, SIZE = 3 << 20 };
	struct arena a;
	struct out o;

	(void)state;
	arena_init(&a, LIMIT);
	assert_non_null(arena_alloc(&a, 1));
	out_init(&o, &a, SIZE_MAX);
	for (size_t i = 0; i < SIZE; i++)
		out_char(&o, (char)('a' + i % 26));
	assert_false(o.failed);
	assert_int_equal(o.len, SIZE);
	for (size_t i = 0; i < SIZE; i++)
		assert_int_equal(o.at[i], 'a' + i % 26);
	out_drop(&o);
	assert_true(a.left > LIMIT - (1 << 20));
	out_char(&o, 'x');
	assert_true(o.failed);
	arena_fini(&a);
}

/* The buffer is somebody else's, who uses it again at once. */
static void
what_is_kept_of_a_lent_buffer_outlives_it(void **state)
{
	static struct sink sink;
	char buffer[10];
	struct arena a;
	struct out o;

	(void)state;
	sink = (struct sink){ .limit = 100 };
	arena_init(&a, 1 << 16);
	out_init_lent(&o, buffer, sizeof buffer, &a, take, &sink);
	out_string(&o, "half");
	assert_true(out_keep(&o));
	memset(buffer, 'x', sizeof buffer);
	assert_int_equal(o.len, 4);
	assert_memory_equal(o.at, "half", 4);
	assert_int_equal(sink.calls, 0);
	out_string(&o, " more than it holds");		/* goes nowhere */
	assert_true(o.failed);
	assert_int_equal(sink.calls, 0);
	arena_fini(&a);
}

static void
a_lent_buffer_drains_like_any_other(void **state)
{
	static struct sink sink;
	char buffer[10];
	struct arena a;
	struct out o;

	(void)state;
	sink = (struct sink){ .limit = 100 };
	arena_init(&a, 1 << 16);
	out_init_lent(&o, buffer, sizeof buffer, &a, take, &sink);
	for (int i = 0; i < 5; i++)
		out_string(&o, "abcde");
	assert_true(out_finish(&o));
	assert_int_equal(sink.len, 25);
	arena_fini(&a);
}

static void
a_cell_is_filled_up_by_characters_not_bytes(void **state)
{
	static const struct { const char *text, *cell; } cases[] = {
		{ "ab", "ab    " }, { "", "      " }, { "\xce\xb1\xce\xb2", "\xce\xb1\xce\xb2    " },
		{ "abcd", "abcd  " }, { "abcdef", "abcdef  " },
	};
	struct arena a;

	(void)state;
	arena_init(&a, 4096);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct out o;

		out_init(&o, &a, 100);
		out_cell(&o, text_of(cases[i].text), 4);
		assert_int_equal(o.len, strlen(cases[i].cell));
		assert_memory_equal(o.at, cases[i].cell, o.len);
	}
	arena_fini(&a);
}

static void
nothing_at_all_is_written_well(void **state)
{
	struct arena a;
	struct out o;

	(void)state;
	arena_init(&a, 1 << 16);
	out_init(&o, &a, 0);
	out_text(&o, (struct text){ 0 });
	out_string(&o, "");
	assert_true(out_finish(&o));
	assert_int_equal(o.len, 0);
	out_char(&o, 'x');
	assert_false(out_finish(&o));
	arena_fini(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_writers_append),
		cmocka_unit_test(whole_numbers_are_written_in_full),
		cmocka_unit_test(whole_numbers_are_written_as_the_c_library_does),
		cmocka_unit_test(a_buffer_grows_up_to_its_limit_and_not_a_byte_further),
		cmocka_unit_test(failure_sticks),
		cmocka_unit_test(the_arena_may_be_the_first_to_refuse),
		cmocka_unit_test(a_drain_gets_every_byte_in_order),
		cmocka_unit_test(a_drain_is_called_once_for_many_small_pieces),
		cmocka_unit_test(room_for_more_than_a_piece_is_given_all_the_same),
		cmocka_unit_test(a_drain_that_is_full_is_not_called_again),
		cmocka_unit_test(what_is_left_of_a_failed_out_is_not_sent),
		cmocka_unit_test(what_a_buffer_has_outgrown_is_given_back),
		cmocka_unit_test(what_is_kept_of_a_lent_buffer_outlives_it),
		cmocka_unit_test(a_lent_buffer_drains_like_any_other),
		cmocka_unit_test(a_cell_is_filled_up_by_characters_not_bytes),
		cmocka_unit_test(nothing_at_all_is_written_well),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
