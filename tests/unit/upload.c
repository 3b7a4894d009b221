/* A body on its way into a spool: the same however it is cut, and never beyond its limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "spool.h"
#include "upload.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static struct spool *
make_spool(struct spool_budget *budget)
{
	struct spool *s = NULL;
	struct err e;

	assert_true(spool_open("/tmp", 16, budget, &s, &e));
	return s;
}

static void
expect_stored(struct upload *u, const char *body)
{
	size_t n = strlen(body);
	struct spool *s = upload_take(u);
	char bytes[256];
	long got;
	size_t at;

	assert_non_null(s);
	assert_int_equal(spool_size(s), n);
	for (at = 0; at < n; at += (size_t)got) {
		got = spool_read(s, at, bytes, sizeof bytes);
		assert_true(got > 0);
		assert_memory_equal(bytes, body + at, got);
	}
	spool_close(s);
}

/*
 * Feeds a text in pieces of a size; what comes behind the body, in the piece that ends it,
 * goes to *after.  The refusal.
 */
static enum refusal
feed(struct upload *u, const char *text, size_t piece, char *after)
{
	size_t n, left = strlen(text);
	char *bytes;
	bool done = false;

	*after = '\0';
	for (; left > 0 && !done; text += n, left -= n) {
		size_t now;

		n = now = left < piece ? left : piece;
		bytes = malloc(n);	/* of just that size: who goes beyond is seen */
		memcpy(bytes, text, n);
		done = upload_feed(u, bytes, &now);
		assert_true(done ? now >= 1 && now <= n : now == 0);
		assert_true(upload_paid(u) <= n);
		if (done) {
			memcpy(after, bytes + 1, now - 1);
			after[now - 1] = '\0';
		}
		free(bytes);
	}
	assert_true(done);
	return upload_end(u);
}

static const struct {
	uint64_t length;	/* 0: chunks */
	const char *text, *body, *after;
	enum refusal refusal;
} bodies[] = {
	{ 1, "a", "a", "", REFUSAL_NONE },
	{ 30, "012345678901234567890123456789next", "012345678901234567890123456789", "next",
	  REFUSAL_NONE },
	{ 0, "0\r\n\r\nnext", "", "next", REFUSAL_NONE },
	{ 0, "3\r\nabc\r\n0\r\n\r\n0\r\n\r\n", "abc", "0\r\n\r\n", REFUSAL_NONE },
	{ 0, "1\r\na\r\n01f;x=\"y\"\r\n0123456789012345678901234567890\r\n0;z\r\na: b\r\nc: d\r\n\r\n.",
	  "a0123456789012345678901234567890", ".", REFUSAL_NONE },
	{ 0, "28\r\n0123456789012345678901234567890123456789\r\n0\r\n\r\n",
	  "0123456789012345678901234567890123456789", "", REFUSAL_NONE },
	{ 0, "29\r\n01234567890123456789012345678901234567890\r\n0\r\n\r\n", NULL, "",
	  REFUSAL_BODY_LONG },
	{ 0, "x\r\n", NULL, "", REFUSAL_BODY_BROKEN },
	{ 0, "1\r\nab\r\n", NULL, "", REFUSAL_BODY_BROKEN },
	{ 0, "1\r\na\r\n-1\r\n", NULL, "", REFUSAL_BODY_BROKEN },
	{ 0, "fffffffffffffffff\r\n", NULL, "", REFUSAL_BODY_BROKEN },
	{ 0, "ffffffffffffffff\r\n01234567890123456789012345678901234567890", NULL, "",
	  REFUSAL_BODY_LONG },
};

static void
a_body_is_the_same_however_it_is_cut(void **state)
{
	struct spool_budget budget = { .limit = 1000 };
	char after[256];

	(void)state;
	for (size_t i = 0; i < COUNT(bodies); i++) {
		size_t n = strlen(bodies[i].text);

		for (size_t piece = 1; piece <= n; piece++) {
			struct upload *u = upload_new(make_spool(&budget), 40,
			    bodies[i].length == 0 ? UPLOAD_LENGTH_UNKNOWN : bodies[i].length);

			if (bodies[i].length == 0)
				upload_set_chunked(u);
			assert_int_equal(feed(u, bodies[i].text, piece, after),
			    bodies[i].refusal);
			/* A piece may end with the body; it never has more than comes behind. */
			assert_memory_equal(after, bodies[i].after, strlen(after));
			if (piece == n)
				assert_string_equal(after, bodies[i].after);
			if (bodies[i].refusal == REFUSAL_NONE)
				expect_stored(u, bodies[i].body);
			else
				assert_null(upload_take(u));
			upload_free(u);
			assert_int_equal(budget.used, 0);
		}
	}
}

static void
a_length_over_the_limit_is_refused_before_a_byte_has_come(void **state)
{
	struct spool_budget budget = { .limit = 1000 };
	struct upload *u = upload_new(make_spool(&budget), 40, 41);

	(void)state;
	assert_int_equal(upload_refusal(u), REFUSAL_BODY_LONG);
	upload_free(u);
	u = upload_new(make_spool(&budget), 40, 40);
	assert_int_equal(upload_refusal(u), REFUSAL_NONE);
	upload_free(u);
	u = upload_new(NULL, 40, 40);
	assert_int_equal(upload_refusal(u), REFUSAL_DISK_FULL);
	upload_free(u);
	upload_free(NULL);
}

static void
a_full_disk_gives_back_what_was_stored(void **state)
{
	struct spool_budget budget = { .limit = 20 };
	struct upload *u = upload_new(make_spool(&budget), 1000, UPLOAD_LENGTH_UNKNOWN);

	(void)state;
	upload_write(u, "0123456789012345678901234567890123456", 36);
	assert_int_equal(upload_refusal(u), REFUSAL_NONE);
	assert_int_equal(budget.used, 20);
	upload_write(u, "x", 1);
	assert_int_equal(upload_refusal(u), REFUSAL_DISK_FULL);
	assert_int_equal(upload_end(u), REFUSAL_DISK_FULL);
	assert_int_equal(budget.used, 0);
	assert_null(upload_take(u));
	upload_free(u);
}

static void
what_is_refused_is_listened_to_for_a_while(void **state)
{
	struct spool_budget budget = { .limit = 1000 };
	struct upload *u = upload_new(make_spool(&budget), 40, UPLOAD_LENGTH_UNKNOWN);
	static const char bytes[40];

	(void)state;
	upload_write(u, bytes, 40);
	assert_int_equal(upload_refusal(u), REFUSAL_NONE);
	assert_false(upload_is_over(u));
	upload_write(u, bytes, 39);
	assert_int_equal(upload_refusal(u), REFUSAL_BODY_LONG);
	assert_false(upload_is_over(u));
	upload_write(u, bytes, 1);
	assert_true(upload_is_over(u));
	upload_free(u);
}

static void
a_body_that_is_not_as_long_as_was_said_is_refused_at_its_end(void **state)
{
	struct spool_budget budget = { .limit = 1000 };
	struct upload *u = upload_new(make_spool(&budget), 40, 4);

	(void)state;
	upload_write(u, "abc", 3);
	assert_int_equal(upload_refusal(u), REFUSAL_NONE);
	assert_int_equal(upload_end(u), REFUSAL_LENGTH_DIFFERS);
	upload_write(u, "d", 1);
	assert_int_equal(upload_end(u), REFUSAL_NONE);
	upload_write(u, "e", 1);
	assert_int_equal(upload_end(u), REFUSAL_LENGTH_DIFFERS);
	upload_free(u);
}

/* Extensions and trailers are words around a body, and not one. */
static void
noise_is_not_paid_for(void **state)
{
	struct spool_budget budget = { .limit = 1000 };
	struct upload *u = upload_new(make_spool(&budget), 40, UPLOAD_LENGTH_UNKNOWN);
	char noise[] = "2;1234567890123456789012345678901234567890", data[] = "\r\nab\r\n";
	size_t n = sizeof noise - 1;

	(void)state;
	upload_set_chunked(u);
	assert_false(upload_feed(u, noise, &n));
	assert_int_equal(upload_paid(u), 0);
	n = sizeof data - 1;
	assert_false(upload_feed(u, data, &n));
	assert_int_equal(upload_paid(u), sizeof data - 1);
	upload_free(u);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_body_is_the_same_however_it_is_cut),
		cmocka_unit_test(a_length_over_the_limit_is_refused_before_a_byte_has_come),
		cmocka_unit_test(a_full_disk_gives_back_what_was_stored),
		cmocka_unit_test(what_is_refused_is_listened_to_for_a_while),
		cmocka_unit_test(a_body_that_is_not_as_long_as_was_said_is_refused_at_its_end),
		cmocka_unit_test(noise_is_not_paid_for),
	};

	return cmocka_run_group_tests_name("upload", tests, NULL, NULL);
}
