/* Memory that is given back all at once: alignment, limits, nothing shared. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "arena.h"

static bool
aligned(const void *p)
{
	return (uintptr_t)p % _Alignof(max_align_t) == 0;
}

static void
memory_is_aligned_for_any_type(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, 1 << 20);
	for (size_t size = 0; size < 100; size++) {
		assert_true(aligned(arena_alloc(&a, size)));
		assert_non_null(arena_copy(&a, "x", 1));	/* which is not aligned */
	}
	assert_true(aligned(arena_alloc(&a, 300000)));
	arena_fini(&a);
}

static void
a_gap_before_an_aligned_piece_counts_too(void **state)
{
	struct arena a;
	char *p;

	(void)state;
	arena_init(&a, SIZE_MAX);
	for (size_t i = 0; i < 5000; i++) {
		assert_non_null(arena_copy(&a, "odd", i % 3));
		p = arena_alloc(&a, i % 97);
		memset(p, 'x', i % 97);
		assert_true(p + i % 97 <= a.end);	/* none is large enough to go elsewhere */
	}
	arena_fini(&a);
}

static void
no_two_pieces_overlap(void **state)
{
	enum { N = 400 };
	static const size_t sizes[] = { 1, 0, 17, 4096, 3, 70000, 15, 16, 200000, 31 };
	unsigned char *pieces[N];
	struct arena a;

	(void)state;
	arena_init(&a, SIZE_MAX);
	for (size_t i = 0; i < N; i++) {
		pieces[i] = arena_alloc(&a, sizes[i % 10]);
		assert_non_null(pieces[i]);
		memset(pieces[i], (int)(i & 255), sizes[i % 10]);
	}
	for (size_t i = 0; i < N; i++)
		for (size_t j = 0; j < sizes[i % 10]; j++)
			assert_int_equal(pieces[i][j], i & 255);
	arena_fini(&a);
}

static void
zeroed_memory_is_zero_even_where_something_was_before(void **state)
{
	struct arena a;
	char *p;

	(void)state;
	arena_init(&a, 1 << 16);
	memset(arena_alloc(&a, 3000), 'x', 3000);
	arena_fini(&a);			/* and most likely the system gives us the same again */
	arena_init(&a, 1 << 16);
	p = arena_zero(&a, 3000);
	for (size_t i = 0; i < 3000; i++)
		assert_int_equal(p[i], 0);
	arena_fini(&a);
}

static void
nothing_is_given_over_the_limit(void **state)
{
	static const size_t limits[] = { 0, 1, 15, 16, 100, 4095, 4096, 4097, 65536, 1000000 };
	struct arena a;

	(void)state;
	for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
		size_t taken = 0;

		arena_init(&a, limits[i]);
		while (arena_alloc(&a, 100) != NULL)
			taken += 100;
		assert_true(taken <= limits[i]);
		/* and most of it is really to be had */
		assert_true(limits[i] < 4096 || taken > limits[i] - limits[i] / 4);
		assert_null(arena_alloc(&a, limits[i] + 1));
		assert_null(arena_zero(&a, limits[i] + 1));
		arena_fini(&a);
	}
}

static void
absurd_sizes_are_refused(void **state)
{
	volatile size_t most = SIZE_MAX;	/* or the compiler objects */
	struct arena a;

	(void)state;
	arena_init(&a, 1 << 20);
	for (size_t less = 0; less < 40; less++) {
		assert_null(arena_alloc(&a, most - less));
		assert_null(arena_copy(&a, "", most - less));
	}
	assert_non_null(arena_alloc(&a, 1));
	assert_null(arena_alloc(&a, most));
	arena_fini(&a);
}

static void
a_refusal_leaves_the_rest_usable(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, 8192);
	assert_null(arena_alloc(&a, 9000));
	assert_non_null(arena_alloc(&a, 4000));
	assert_null(arena_alloc(&a, 5000));
	assert_non_null(arena_alloc(&a, 1000));
	arena_fini(&a);
}

static void
a_large_piece_does_not_waste_the_room_of_the_newest_chunk(void **state)
{
	struct arena a;
	char *before, *after;

	(void)state;
	arena_init(&a, SIZE_MAX);
	before = arena_alloc(&a, 16);
	assert_non_null(arena_alloc(&a, 1 << 20));
	after = arena_alloc(&a, 16);
	assert_ptr_equal(after, before + 16);
	arena_fini(&a);
}

static void
made_empty_again_it_begins_with_its_first_piece(void **state)
{
	struct arena a;
	char *first;

	(void)state;
	arena_init(&a, SIZE_MAX);
	first = arena_alloc(&a, 16);
	assert_non_null(arena_alloc(&a, 1 << 20));
	assert_non_null(arena_alloc(&a, 1 << 14));
	arena_rewind(&a, 1 << 16);
	assert_ptr_equal(arena_alloc(&a, 16), first);
	assert_null(arena_alloc(&a, 1 << 16));		/* the new limit counts */
	assert_non_null(arena_alloc(&a, 1 << 15));
	arena_rewind(&a, 64);				/* what it has is too much */
	assert_null(arena_alloc(&a, 1 << 10));
	arena_rewind(&a, SIZE_MAX);
	assert_non_null(arena_alloc(&a, 1 << 10));
	arena_fini(&a);
}

/* ---- large pieces, given back before the rest ---- */

static void
a_large_piece_can_be_given_back_alone(void **state)
{
	enum { SIZE = 200 << 10, LIMIT = 300 << 10 };
	struct arena a;
	char *first, *large, *other;

	(void)state;
	arena_init(&a, LIMIT);
	first = arena_copy(&a, "first", 5);
	for (int i = 0; i < 100; i++) {
		large = arena_alloc(&a, SIZE);
		assert_non_null(large);
		memset(large, 'x', SIZE);
		assert_null(arena_alloc(&a, SIZE));	/* two are too much */
		other = arena_copy(&a, "other", 5);
		assert_non_null(other);
		arena_give_back(&a, large, SIZE);
		assert_string_equal(first, "first");
		assert_string_equal(other, "other");
	}
	arena_fini(&a);
}

static void
what_is_no_large_piece_stays(void **state)
{
	char elsewhere[1];
	struct arena a;
	char *small, *large;
	size_t left;

	(void)state;
	arena_init(&a, SIZE_MAX);
	large = arena_alloc(&a, 300 << 10);	/* the first: what comes next is behind it */
	small = arena_copy(&a, "small", 5);
	left = a.left;
	arena_give_back(&a, large, 300 << 10);
	arena_give_back(&a, small, 6);
	arena_give_back(&a, small, 300 << 10);
	arena_give_back(&a, elsewhere, 300 << 10);
	arena_give_back(&a, NULL, 0);
	assert_int_equal(a.left, left);
	assert_string_equal(small, "small");
	arena_fini(&a);
}

/* ---- large pieces, kept for the next ---- */

enum { LARGE = 300 << 10 };

static void
a_large_piece_is_kept_for_the_next(void **state)
{
	struct arena_stock stock = { NULL };
	struct arena a;
	char *large;

	(void)state;
	for (int rewound = 0; rewound < 2; rewound++) {
		arena_init(&a, SIZE_MAX);
		arena_draw_on(&a, &stock);
		assert_non_null(arena_alloc(&a, 16));
		large = arena_alloc(&a, LARGE);
		memset(large, 'x', LARGE);
		if (rewound)
			arena_rewind(&a, SIZE_MAX);
		else
			arena_fini(&a);
		assert_in_range(stock.size, LARGE, LARGE + 4096);
		if (!rewound)
			arena_init(&a, SIZE_MAX);
		arena_draw_on(&a, &stock);
		assert_non_null(arena_alloc(&a, 1000));
		assert_in_range(stock.size, LARGE, LARGE + 4096);	/* not for what is small */
		assert_ptr_equal(arena_alloc(&a, LARGE), large);
		assert_int_equal(stock.size, 0);
		arena_fini(&a);
		arena_stock_fini(&stock);
	}
}

/* Who was there before makes no difference to what fits. */
static void
what_is_taken_from_the_stock_counts_as_what_was_asked_for(void **state)
{
	struct arena_stock stock = { NULL };
	struct arena a;

	(void)state;
	arena_init(&a, SIZE_MAX);
	arena_draw_on(&a, &stock);
	assert_non_null(arena_alloc(&a, 16));
	assert_non_null(arena_alloc(&a, LARGE));
	arena_rewind(&a, LARGE);
	assert_non_null(arena_alloc(&a, 140 << 10));	/* there is only one that is too large */
	assert_in_range(stock.size, LARGE, LARGE + 4096);
	arena_rewind(&a, LARGE);
	assert_non_null(arena_alloc(&a, 160 << 10));	/* of which some is left over, */
	assert_in_range(stock.size, 140 << 10, LARGE - 1);
	assert_non_null(arena_alloc(&a, 130 << 10));	/* which takes nothing from others, */
	assert_null(arena_alloc(&a, 8 << 10));		/* and gives them nothing */
	arena_fini(&a);
	arena_stock_fini(&stock);
}

static void
a_stock_has_an_end(void **state)
{
	struct arena_stock stock = { NULL };
	struct arena a;

	(void)state;
	arena_init(&a, SIZE_MAX);
	arena_draw_on(&a, &stock);
	assert_non_null(arena_alloc(&a, 64 << 20));
	arena_rewind(&a, SIZE_MAX);
	assert_int_equal(stock.size, 0);		/* too large to lie there for nothing */
	for (int i = 0; i < 100; i++)
		assert_non_null(arena_alloc(&a, LARGE));
	arena_fini(&a);
	assert_in_range(stock.size, LARGE, 4 << 20);
	arena_stock_fini(&stock);
	assert_int_equal(stock.size, 0);
	assert_null(stock.first);
}

static void
who_has_left_the_stock_leaves_nothing_there(void **state)
{
	struct arena_stock stock = { NULL };
	struct arena a;
	size_t size;

	(void)state;
	arena_init(&a, SIZE_MAX);
	arena_draw_on(&a, &stock);
	assert_non_null(arena_alloc(&a, LARGE));
	arena_rewind(&a, SIZE_MAX);
	size = stock.size;
	assert_int_not_equal(size, 0);
	arena_draw_on(&a, NULL);
	assert_non_null(arena_alloc(&a, LARGE));
	assert_int_equal(stock.size, size);
	arena_fini(&a);
	assert_int_equal(stock.size, size);
	arena_stock_fini(&stock);
}

static void
a_copy_has_a_nul_behind(void **state)
{
	struct arena a;
	char *p;

	(void)state;
	arena_init(&a, 8192);
	memset(arena_alloc(&a, 2000), 'x', 2000);
	p = arena_copy(&a, "ab\0cd", 5);
	assert_memory_equal(p, "ab\0cd\0", 6);
	p = arena_copy(&a, NULL, 0);
	assert_string_equal(p, "");
	arena_fini(&a);
}

static void
formatted_text_of_any_length_fits_exactly(void **state)
{
	struct arena a;
	char *p;

	(void)state;
	arena_init(&a, 1 << 20);
	for (int width = 1; width < 9000; width = width * 2 + 1) {
		p = arena_printf(&a, "%*d.", width, 7);
		assert_int_equal(strlen(p), width + 1);
		assert_memory_equal(p + width - 1, "7.", 3);
	}
	arena_fini(&a);
	arena_init(&a, 5000);
	assert_null(arena_printf(&a, "%*d", 6000, 7));
	arena_fini(&a);
}

static void
an_ended_or_zeroed_arena_can_be_ended_and_gives_nothing(void **state)
{
	struct arena a = { 0 };

	(void)state;
	arena_fini(&a);
	assert_null(arena_alloc(&a, 1));
	arena_init(&a, 10000);
	assert_non_null(arena_alloc(&a, 1));
	arena_fini(&a);
	assert_null(arena_alloc(&a, 1));
	arena_fini(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_aligned_for_any_type),
		cmocka_unit_test(a_gap_before_an_aligned_piece_counts_too),
		cmocka_unit_test(no_two_pieces_overlap),
		cmocka_unit_test(zeroed_memory_is_zero_even_where_something_was_before),
		cmocka_unit_test(nothing_is_given_over_the_limit),
		cmocka_unit_test(absurd_sizes_are_refused),
		cmocka_unit_test(a_refusal_leaves_the_rest_usable),
		cmocka_unit_test(a_large_piece_does_not_waste_the_room_of_the_newest_chunk),
		cmocka_unit_test(made_empty_again_it_begins_with_its_first_piece),
		cmocka_unit_test(a_large_piece_can_be_given_back_alone),
		cmocka_unit_test(what_is_no_large_piece_stays),
		cmocka_unit_test(a_large_piece_is_kept_for_the_next),
		cmocka_unit_test(what_is_taken_from_the_stock_counts_as_what_was_asked_for),
		cmocka_unit_test(a_stock_has_an_end),
		cmocka_unit_test(who_has_left_the_stock_leaves_nothing_there),
		cmocka_unit_test(a_copy_has_a_nul_behind),
		cmocka_unit_test(formatted_text_of_any_length_fits_exactly),
		cmocka_unit_test(an_ended_or_zeroed_arena_can_be_ended_and_gives_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
