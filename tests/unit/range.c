/* Parts of a file: what RFC 9110, section 14 lets a client ask for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "arena.h"
#include "out.h"
#include "range.h"

static void
a_range_is_a_part_the_whole_or_outside(void **state)
{
	static const struct {
		const char *header;
		uint64_t size;
		enum range_found found;
		struct range range;
	} cases[] = {
		{ NULL, 100, RANGE_WHOLE },
		{ "", 100, RANGE_WHOLE },
		/* The examples of section 14.1.2, of 10000 bytes. */
		{ "bytes=0-499", 10000, RANGE_PART, { 0, 500 } },
		{ "bytes=500-999", 10000, RANGE_PART, { 500, 500 } },
		{ "bytes=-500", 10000, RANGE_PART, { 9500, 500 } },
		{ "bytes=9500-", 10000, RANGE_PART, { 9500, 500 } },
		{ "bytes=0-0,-1", 10000, RANGE_WHOLE },
		{ "bytes= 0-999, 4500-5499, -1000", 10000, RANGE_WHOLE },
		{ "bytes=500-600,601-999", 10000, RANGE_WHOLE },
		/* Edges. */
		{ "bytes=0-", 1, RANGE_PART, { 0, 1 } },
		{ "bytes=99-", 100, RANGE_PART, { 99, 1 } },
		{ "bytes=100-", 100, RANGE_OUTSIDE },
		{ "bytes=100-200", 100, RANGE_OUTSIDE },
		{ "bytes=99-100", 100, RANGE_PART, { 99, 1 } },
		{ "bytes=-100", 100, RANGE_PART, { 0, 100 } },
		{ "bytes=-101", 100, RANGE_PART, { 0, 100 } },
		{ "bytes=-0", 100, RANGE_OUTSIDE },
		{ "bytes=0-", 0, RANGE_OUTSIDE },
		{ "bytes=0-0", 0, RANGE_OUTSIDE },
		{ "bytes=-1", 0, RANGE_WHOLE },
		{ "bytes=-0", 0, RANGE_OUTSIDE },
		{ "bytes=5-2", 100, RANGE_WHOLE },
		{ "bytes=0-18446744073709551615", 100, RANGE_PART, { 0, 100 } },
		{ "bytes=0-18446744073709551616", 100, RANGE_PART, { 0, 100 } },
		{ "bytes=99999999999999999999999-", 100, RANGE_OUTSIDE },
		{ "bytes=18446744073709551614-18446744073709551615", UINT64_MAX, RANGE_PART,
		  { UINT64_MAX - 1, 1 } },
		{ "bytes=-18446744073709551616", 100, RANGE_PART, { 0, 100 } },
		/* Lists may hold empty elements and white space; units have no case. */
		{ "Bytes=0-9", 100, RANGE_PART, { 0, 10 } },
		{ "bytes= 0-9 ", 100, RANGE_PART, { 0, 10 } },
		{ "bytes=,0-9, ,", 100, RANGE_PART, { 0, 10 } },
		/* Malformed. */
		{ "bytes", 100, RANGE_WHOLE },
		{ "bytes=", 100, RANGE_WHOLE },
		{ "bytes=-", 100, RANGE_WHOLE },
		{ "bytes=--1", 100, RANGE_WHOLE },
		{ "bytes=1", 100, RANGE_WHOLE },
		{ "bytes=a-b", 100, RANGE_WHOLE },
		{ "bytes=0x1-2", 100, RANGE_WHOLE },
		{ "bytes=0 - 9", 100, RANGE_WHOLE },
		{ "bytes=+0-9", 100, RANGE_WHOLE },
		{ "bytes=0-9x", 100, RANGE_WHOLE },
		{ "bytes:0-9", 100, RANGE_WHOLE },
		{ "lines=0-9", 100, RANGE_WHOLE },
		{ "bytes =0-9", 100, RANGE_WHOLE },
		{ "0-9", 100, RANGE_WHOLE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct range r = { 0, 0 };
		enum range_found found = range_find(text_of(cases[i].header), cases[i].size, &r);

		if (found != cases[i].found || r.from != cases[i].range.from ||
		    r.size != cases[i].range.size)
			fail_msg("%s: %d, %llu+%llu", cases[i].header, (int)found,
			    (unsigned long long)r.from, (unsigned long long)r.size);
	}
}

static void
a_range_counts_for_the_same_file_alone(void **state)
{
	struct text etag = TEXT("\"abc\"");

	(void)state;
	assert_true(range_counts((struct text){ 0 }, etag));
	assert_true(range_counts(TEXT("\"abc\""), etag));
	assert_false(range_counts(TEXT("\"abd\""), etag));
	assert_false(range_counts(TEXT("W/\"abc\""), etag));
	assert_false(range_counts(TEXT("W/\"abc\""), TEXT("W/\"abc\"")));
	assert_false(range_counts(TEXT("*"), etag));
	assert_false(range_counts(TEXT(""), etag));
	assert_false(range_counts(TEXT("Wed, 21 Oct 2026 07:28:00 GMT"), etag));
}

static void
a_part_says_where_it_is(void **state)
{
	struct arena a;
	struct out out;

	(void)state;
	arena_init(&a, 4096);
	out_init(&out, &a, 256);
	range_write(&out, (struct range){ 42, 1192 }, 1234);
	out_char(&out, ' ');
	range_write_outside(&out, 1234);
	out_char(&out, '\0');
	/* The examples of section 14.4. */
	assert_string_equal(out.at, "bytes 42-1233/1234 bytes */1234");
	arena_fini(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_range_is_a_part_the_whole_or_outside),
		cmocka_unit_test(a_range_counts_for_the_same_file_alone),
		cmocka_unit_test(a_part_says_where_it_is),
	};

	return cmocka_run_group_tests_name("range", tests, NULL, NULL);
}
