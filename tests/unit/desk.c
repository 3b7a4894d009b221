/*
 * What one thread keeps of a site.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "core_schema.h"
#include "db.h"
#include "desk.h"
#include "err.h"
#include "house.h"
#include "iso8601.h"
#include "reader.h"

struct place {
	char folder[64], path[80];
};

static int
settle(void **state)
{
	static struct place p;
	struct err e = { "" };
	struct db *db;

	p = (struct place){ .folder = "/tmp/helpdesk-desk-XXXXXX" };
	*state = &p;
	if (mkdtemp(p.folder) == NULL)
		return -1;
	snprintf(p.path, sizeof p.path, "%s/x.db", p.folder);
	if (!core_open(p.path, &db, &e)) {
		print_error("%s\n", e.message);
		return -1;
	}
	db_close(db);
	return 0;
}

static int
leave(void **state)
{
	struct place *p = *state;
	char command[100];

	snprintf(command, sizeof command, "rm -rf '%s'", p->folder);
	return system(command);
}

/* KiB of pages that the reader of a desk keeps which may keep so many. */
static int64_t
kept(const struct place *p, unsigned pages)
{
	const char *path = p->path;
	struct desk *desk = desk_new(&path, 1, pages);
	struct err e = { "" };
	struct reader *r = desk_reader(desk, 0, iso8601_now(), 0, &e);
	struct db_stmt *st;
	int64_t kib;

	if (r == NULL)
		fail_msg("%s", e.message);
	st = db_prepare(reader_db(r), "PRAGMA cache_size", &e);
	assert_non_null(st);
	assert_int_equal(db_step(st), DB_ROW);
	kib = -db_int(st, 0);
	db_release(&st);
	desk_close(desk);
	return kib;
}

static void
a_reader_keeps_its_share_of_pages_and_what_every_one_has_at_least(void **state)
{
	assert_int_equal(kept(*state, 30000), 30000);
	assert_int_equal(kept(*state, DB_PAGES - 1), DB_PAGES);
	assert_int_equal(kept(*state, 0), DB_PAGES);
}

static int64_t
stamp(struct desk *desk)
{
	char text[ISO8601_TIME_SIZE], want[ISO8601_TIME_SIZE];
	int64_t now;

	desk_stamp(desk, &now, text);
	iso8601_format(now, want);
	assert_string_equal(text, want);
	return now;
}

static void
wait_for_the_clock(int64_t past)
{
	while (iso8601_now() <= past)
		continue;
}

/* What came in one read is asked at one moment, which is not before it came. */
static void
the_clock_stands_still_while_it_is_frozen(void **state)
{
	const struct place *p = *state;
	const char *path = p->path;
	struct desk *desk = desk_new(&path, 1, 0);
	int64_t first = stamp(desk), came, second, third;

	wait_for_the_clock(first);
	assert_true(stamp(desk) > first);
	desk_freeze(desk);
	came = iso8601_now();
	second = stamp(desk);
	assert_true(second >= came);
	wait_for_the_clock(second);
	assert_int_equal(stamp(desk), second);
	desk_freeze(desk);			/* the next read */
	third = stamp(desk);
	assert_true(third > second);
	desk_thaw(desk);
	wait_for_the_clock(third);
	assert_true(stamp(desk) > third);
	desk_close(desk);
}

static int
compare(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Of two threads, whose desks are two. */
static void
no_number_is_given_out_twice(void **state)
{
	enum { EACH = 50000 };
	static uint64_t numbers[2 * EACH];
	const struct place *p = *state;
	const char *path = p->path;

	for (size_t i = 0; i < 2; i++) {
		struct desk *desk = desk_new(&path, 1, 0);

		for (size_t k = 0; k < EACH; k++)
			numbers[i * EACH + k] = desk_number(desk);
		desk_close(desk);
	}
	qsort(numbers, 2 * EACH, sizeof numbers[0], compare);
	for (size_t i = 1; i < 2 * EACH; i++)
		assert_true(numbers[i] != numbers[i - 1]);
}

/* As bits go: of two in a row about half are not the same. */
static void
numbers_look_like_nothing(void **state)
{
	enum { MANY = 10000 };
	const struct place *p = *state;
	const char *path = p->path;
	struct desk *desk = desk_new(&path, 1, 0);
	uint64_t last = desk_number(desk), next;
	long differ = 0;

	for (int i = 0; i < MANY; i++, last = next) {
		next = desk_number(desk);
		differ += __builtin_popcountll(last ^ next);
	}
	assert_in_range(differ, 31L * MANY, 33L * MANY);
	desk_close(desk);
}

#define WITH_PLACE(test) cmocka_unit_test_setup_teardown(test, settle, leave)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_PLACE(a_reader_keeps_its_share_of_pages_and_what_every_one_has_at_least),
		WITH_PLACE(no_number_is_given_out_twice),
		WITH_PLACE(numbers_look_like_nothing),
		WITH_PLACE(the_clock_stands_still_while_it_is_frozen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
