/* A long answer: memory first, then a file without a name, within a budget. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <signal.h>
#include <unistd.h>

#include "err.h"
#include "spool.h"

static char folder[64];

static int
setup(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/spool-test-XXXXXX");
	return mkdtemp(folder) == NULL;
}

static int
teardown(void **state)
{
	(void)state;
	return rmdir(folder);		/* which must be empty */
}

static unsigned char
byte_at(uint64_t i)
{
	return (unsigned char)(i * 131 + i / 251);
}

/* Appends n bytes, each of which tells where it is. */
static bool
write_bytes(struct spool *s, size_t n)
{
	char *bytes = malloc(n + 1);
	bool ok;

	for (size_t i = 0; i < n; i++)
		bytes[i] = (char)byte_at(spool_size(s) + i);
	ok = spool_write(s, bytes, n);
	free(bytes);
	return ok;
}

/* Reads all in pieces of this size and finds each byte where it belongs. */
static void
assert_content(struct spool *s, uint64_t size, size_t piece)
{
	char *bytes = malloc(piece);
	uint64_t at = 0;
	long n;

	assert_int_equal(spool_size(s), size);
	while ((n = spool_read(s, at, bytes, piece)) > 0) {
		assert_true((size_t)n <= piece);
		for (long i = 0; i < n; i++, at++)
			if ((unsigned char)bytes[i] != byte_at(at))
				fail_msg("wrong byte at %llu", (unsigned long long)at);
	}
	assert_int_equal(n, 0);
	assert_int_equal(at, size);
	free(bytes);
}

static unsigned
files_in_folder(void)
{
	unsigned n = 0;
	DIR *d = opendir(folder);

	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n - 2;
}

static struct spool *
open_spool(size_t memory, struct spool_budget *b)
{
	struct spool *s = NULL;
	struct err e = { "" };

	if (!spool_open(folder, memory, b, &s, &e))
		fail_msg("%s", e.message);
	return s;
}

static void
what_was_written_is_read_wherever_the_border_lies(void **state)
{
	static const size_t memories[] = { 0, 1, 100, 4096, 5000, 100000 };
	static const size_t pieces[] = { 1, 99, 4096, 70000 };
	struct spool_budget b = { .limit = 1 << 20 };

	(void)state;
	for (size_t i = 0; i < 6; i++) {
		for (size_t k = 0; k < 4; k++) {
			struct spool *s = open_spool(memories[i], &b);
			uint64_t size = 0;

			for (size_t n = 0; size < 30000; size += n++)
				assert_true(write_bytes(s, n));
			assert_content(s, size, pieces[k]);
			assert_int_equal(b.used, size > memories[i] ? size - memories[i] : 0);
			spool_close(s);
			assert_int_equal(b.used, 0);
		}
	}
}

static void
an_empty_spool_has_nothing_to_read(void **state)
{
	struct spool_budget b = { .limit = 0 };
	struct spool *s = open_spool(100, &b);
	char c;

	(void)state;
	assert_int_equal(spool_size(s), 0);
	assert_int_equal(spool_read(s, 0, &c, 1), 0);
	assert_int_equal(spool_read(s, 5, &c, 1), 0);
	assert_true(spool_write(s, NULL, 0));
	spool_close(s);
	spool_close(NULL);
}

static void
what_fits_into_memory_needs_no_file_and_no_budget(void **state)
{
	struct spool_budget b = { .limit = 0 };
	struct spool *s = open_spool(10000, &b);

	(void)state;
	assert_true(write_bytes(s, 10000));
	assert_content(s, 10000, 3000);
	assert_int_equal(b.used, 0);
	assert_false(write_bytes(s, 1));
	spool_close(s);
}

static void
the_file_has_no_name(void **state)
{
	struct spool_budget b = { .limit = 1 << 20 };
	struct spool *s = open_spool(10, &b);

	(void)state;
	assert_true(write_bytes(s, 100000));
	assert_int_equal(files_in_folder(), 0);
	assert_content(s, 100000, 65536);
	spool_close(s);
	assert_int_equal(files_in_folder(), 0);
}

static void
all_spools_together_keep_to_the_budget(void **state)
{
	struct spool_budget b = { .limit = 1000 };
	struct spool *one = open_spool(0, &b), *two = open_spool(0, &b);

	(void)state;
	assert_true(write_bytes(one, 600));
	assert_false(write_bytes(two, 401));
	assert_int_equal(b.used, 600);
	spool_close(two);
	two = open_spool(0, &b);
	assert_true(write_bytes(two, 400));
	assert_int_equal(b.used, 1000);
	assert_false(write_bytes(one, 1));
	assert_string_equal(spool_fault(one), "all spools together have reached their limit");
	spool_close(one);
	assert_int_equal(b.used, 400);
	spool_close(two);
	assert_int_equal(b.used, 0);
}

static void
after_a_failure_nothing_more_is_taken(void **state)
{
	struct spool_budget b = { .limit = 100 };
	struct spool *s = open_spool(0, &b);

	(void)state;
	assert_true(write_bytes(s, 50));
	assert_string_equal(spool_fault(s), "no fault");
	assert_false(write_bytes(s, 51));
	assert_false(write_bytes(s, 1));	/* which would fit, but leave a hole */
	assert_content(s, 50, 7);
	spool_close(s);
}

static void
what_is_written_anew_is_all_there_is(void **state)
{
	static const size_t firsts[] = { 0, 50, 100, 5000 }, seconds[] = { 0, 70, 9000 };
	struct spool_budget b = { .limit = 10000 };

	(void)state;
	for (size_t i = 0; i < sizeof(firsts) / sizeof(firsts[0]); i++)
		for (size_t k = 0; k < sizeof(seconds) / sizeof(seconds[0]); k++) {
			struct spool *s = open_spool(100, &b);
			char *others = calloc(1, firsts[i] + 1);

			assert_true(spool_write(s, others, firsts[i]));
			spool_rewind(s);
			assert_int_equal(spool_size(s), 0);
			assert_int_equal(b.used, 0);
			assert_true(write_bytes(s, seconds[k]));
			assert_content(s, seconds[k], 999);
			spool_close(s);
			assert_int_equal(b.used, 0);
			free(others);
		}
}

static void
a_disk_that_is_full_is_a_failure_and_costs_no_budget(void **state)
{
	struct rlimit before, small = { .rlim_cur = 10000 };
	struct spool_budget b = { .limit = 1 << 20 };
	struct spool *s = open_spool(100, &b);

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	small.rlim_max = before.rlim_max;
	setrlimit(RLIMIT_FSIZE, &small);
	assert_true(write_bytes(s, 5000));
	assert_false(write_bytes(s, 20000));
	assert_true(b.used <= 10000);
	setrlimit(RLIMIT_FSIZE, &before);
	assert_string_equal(spool_fault(s), "File too large");
	spool_close(s);
	assert_int_equal(b.used, 0);
}

static void
a_folder_that_takes_no_files_is_told_before_the_answer_begins(void **state)
{
	struct spool_budget b = { .limit = 100 };
	struct spool *s = NULL;
	struct err e = { "" };

	(void)state;
	assert_false(spool_open("/nonexistent/folder", 100, &b, &s, &e));
	assert_string_equal(e.message,
	    "cannot make files in /nonexistent/folder: No such file or directory");
	assert_null(s);
}

static void
a_folder_that_goes_away_is_a_failure_of_the_write(void **state)
{
	struct spool_budget b = { .limit = 100 };
	struct spool *s = open_spool(10, &b);

	(void)state;
	rmdir(folder);
	assert_true(write_bytes(s, 10));
	assert_false(write_bytes(s, 10));
	assert_string_equal(spool_fault(s), "No such file or directory");
	assert_int_equal(b.used, 0);
	assert_content(s, 10, 10);
	spool_close(s);
	setup(state);			/* for teardown */
}

/* ---- letting go ---- */

static void
what_is_short_is_let_go_at_once(void **state)
{
	struct spool_budget b = { .limit = 1 << 20 };
	struct spool_leavings l = { NULL };
	struct spool *s = open_spool(10, &b);

	(void)state;
	assert_true(write_bytes(s, 100000));
	spool_leave(&l, s);
	assert_int_equal(b.used, 0);
	spool_leave(&l, NULL);
	assert_false(spool_clear(&l));
}

/* Two long ones, of which each step takes back a part and none of the other's. */
static void
what_is_long_is_let_go_bit_by_bit(void **state)
{
	enum { LONG = 20 << 20, STEP_MOST = 4 << 20 };
	struct spool_budget b = { .limit = UINT64_C(1) << 30 };
	struct spool_leavings l = { NULL };
	unsigned long long before;
	unsigned steps = 0;

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct spool *s = open_spool(0, &b);

		assert_true(write_bytes(s, LONG));
		spool_leave(&l, s);
	}
	do {
		before = b.used;
		assert_true(before > 0);
		steps += spool_clear(&l);
		assert_in_range(before - b.used, 1, STEP_MOST);
	} while (b.used > 0);
	assert_true(steps >= 2 * LONG / STEP_MOST - 1);
	assert_false(spool_clear(&l));
}

static void
what_is_left_at_the_end_is_closed(void **state)
{
	struct spool_budget b = { .limit = UINT64_C(1) << 30 };
	struct spool_leavings l = { NULL };
	struct spool *s = open_spool(0, &b);

	(void)state;
	assert_true(write_bytes(s, 20 << 20));
	spool_leave(&l, s);
	assert_true(spool_clear(&l));
	spool_leavings_fini(&l);
	assert_int_equal(b.used, 0);
}

/* A file of somebody else's may be as long as it likes: nobody shortens it. */
static void
a_piece_of_a_file_leaves_the_file_as_it_is(void **state)
{
	enum { LONG = 20 << 20 };
	int file = open(folder, O_TMPFILE | O_RDWR, 0600);
	struct spool_leavings l = { NULL };
	struct spool *s = NULL;
	struct stat st;

	(void)state;
	assert_int_equal(ftruncate(file, LONG), 0);
	assert_true(spool_open_file(dup(file), 0, LONG, &s));
	spool_leave(&l, s);
	while (spool_clear(&l))
		continue;
	assert_int_equal(fstat(file, &st), 0);
	assert_int_equal(st.st_size, LONG);
	close(file);
}

/* ---- a piece of a file ---- */

/* A file of n telling bytes, without a name. */
static int
make_file(size_t n)
{
	int file = open(folder, O_TMPFILE | O_RDWR, 0600);
	unsigned char byte;

	assert_true(file >= 0);
	for (size_t i = 0; i < n; i++) {
		byte = byte_at(i);
		assert_int_equal(write(file, &byte, 1), 1);
	}
	return file;
}

static void
a_piece_of_a_file_is_that_piece_and_no_more(void **state)
{
	static const struct { uint64_t from, size; } pieces[] = {
		{ 0, 1000 }, { 0, 1 }, { 1, 998 }, { 999, 1 }, { 500, 0 }, { 1000, 0 },
	};
	char bytes[2000];

	(void)state;
	for (size_t i = 0; i < 6; i++) {
		uint64_t from = pieces[i].from, size = pieces[i].size;
		struct spool *s = NULL;

		assert_true(spool_open_file(make_file(1000), from, size, &s));
		assert_int_equal(spool_size(s), size);
		assert_int_equal(spool_read(s, 0, bytes, sizeof bytes), size);
		for (uint64_t k = 0; k < size; k++)
			assert_int_equal((unsigned char)bytes[k], byte_at(from + k));
		assert_int_equal(spool_read(s, size, bytes, 1), 0);
		if (size > 1) {
			assert_int_equal(spool_read(s, 1, bytes, 1), 1);
			assert_int_equal((unsigned char)bytes[0], byte_at(from + 1));
		}
		assert_false(spool_write(s, "x", 1));
		spool_close(s);
	}
}

static void
a_piece_that_is_not_in_the_file_is_no_spool_and_its_descriptor_is_closed(void **state)
{
	static const struct { uint64_t from, size; } pieces[] = {
		{ 0, 1001 }, { 1001, 0 }, { 1000, 1 }, { 1, UINT64_MAX }, { UINT64_MAX, 1 },
	};

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		struct spool *s = NULL;
		int file = make_file(1000);

		assert_false(spool_open_file(file, pieces[i].from, pieces[i].size, &s));
		assert_null(s);
		assert_int_equal(fcntl(file, F_GETFD), -1);
	}
}

static void
a_file_that_becomes_shorter_is_a_fault(void **state)
{
	int file = make_file(1000);
	struct spool *s = NULL;
	char bytes[100];

	(void)state;
	assert_true(spool_open_file(file, 500, 500, &s));
	assert_int_equal(ftruncate(file, 550), 0);
	assert_int_equal(spool_read(s, 0, bytes, 100), 50);
	assert_int_equal(spool_read(s, 50, bytes, 100), -1);
	assert_string_equal(spool_fault(s), "the file has become shorter");
	spool_close(s);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_was_written_is_read_wherever_the_border_lies),
		TEST(an_empty_spool_has_nothing_to_read),
		TEST(what_fits_into_memory_needs_no_file_and_no_budget),
		TEST(the_file_has_no_name),
		TEST(all_spools_together_keep_to_the_budget),
		TEST(after_a_failure_nothing_more_is_taken),
		TEST(what_is_written_anew_is_all_there_is),
		TEST(a_disk_that_is_full_is_a_failure_and_costs_no_budget),
		TEST(a_folder_that_takes_no_files_is_told_before_the_answer_begins),
		TEST(a_folder_that_goes_away_is_a_failure_of_the_write),
		TEST(what_is_short_is_let_go_at_once),
		TEST(what_is_long_is_let_go_bit_by_bit),
		TEST(what_is_left_at_the_end_is_closed),
		TEST(a_piece_of_a_file_leaves_the_file_as_it_is),
		TEST(a_piece_of_a_file_is_that_piece_and_no_more),
		TEST(a_piece_that_is_not_in_the_file_is_no_spool_and_its_descriptor_is_closed),
		TEST(a_file_that_becomes_shorter_is_a_fault),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
