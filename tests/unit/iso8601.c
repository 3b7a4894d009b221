/* Dates and times: what exists, in UTC, in the one form that is kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "iso8601.h"

#define COUNT(rows) (sizeof (rows) / sizeof *(rows))

static void
days_that_exist_are_dates(void **state)
{
	static const char *const cases[] = {
		"2025-02-28", "2024-02-29", "2000-02-29", "0001-01-01", "9999-12-31", "2025-04-30",
		"2025-01-31", "2025-12-31", "1600-02-29",
	};
	char out[ISO8601_DATE_SIZE];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_true(iso8601_date(text_of(cases[i]), out));
		assert_string_equal(out, cases[i]);
	}
}

static void
anything_else_is_no_date(void **state)
{
	static const char *const cases[] = {
		"", "2025", "2025-02", "2025-02-29", "1900-02-29", "2100-02-29", "2025-02-30",
		"2025-04-31", "2025-06-31", "2025-09-31", "2025-11-31", "2025-01-32", "2025-00-10",
		"2025-13-10", "2025-10-00", "0000-01-01", "2025-2-28", "25-02-28", "2025/02/28",
		"20250228", "2025-02-28 ", " 2025-02-28", "2025-02-28T00:00", "+2025-02-28",
		"-2025-02-28", "12025-02-28", "2025-02-2a", "2025-0\xd9\xa1-01", "28.02.2025",
		"2025-02-28Z",
	};
	char out[ISO8601_DATE_SIZE] = "untouched";

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (iso8601_date(text_of(cases[i]), out))
			fail_msg("%s", cases[i]);
	assert_false(iso8601_date((struct text){ 0 }, out));
	assert_false(iso8601_date(TEXT("2025-02-28\0"), out));
	assert_string_equal(out, "untouched");
}

static void
times_become_utc_in_the_one_form(void **state)
{
	static const struct { const char *in, *want; } cases[] = {
		{ "2025-02-28", "2025-02-28T00:00:00" },
		{ "2025-02-28T09:45", "2025-02-28T09:45:00" },
		{ "2025-02-28T09:45:03", "2025-02-28T09:45:03" },
		{ "2025-02-28T09:45Z", "2025-02-28T09:45:00" },
		{ "2025-02-28T09:45:03Z", "2025-02-28T09:45:03" },
		{ "2025-02-28T09:45:03.104281", "2025-02-28T09:45:03.104281" },
		{ "2025-02-28T09:45:03.1", "2025-02-28T09:45:03.100000" },
		{ "2025-02-28T09:45:03.12", "2025-02-28T09:45:03.120000" },
		{ "2025-02-28T09:45:03.000001", "2025-02-28T09:45:03.000001" },
		{ "2025-02-28T09:45:03.0", "2025-02-28T09:45:03" },
		{ "2025-02-28T09:45:03.000000Z", "2025-02-28T09:45:03" },
		{ "2025-02-28T09:45:03.999999+00:00", "2025-02-28T09:45:03.999999" },
		{ "2025-02-28T09:45:03-00:00", "2025-02-28T09:45:03" },
		{ "2025-02-28T09:45:03+02:00", "2025-02-28T07:45:03" },
		{ "2025-02-28T09:45+05:30", "2025-02-28T04:15:00" },
		{ "2025-02-28T22:00:00-03:30", "2025-03-01T01:30:00" },
		{ "2024-02-29T23:59:59.5-00:01", "2024-03-01T00:00:59.500000" },
		{ "2025-01-01T01:00+02:00", "2024-12-31T23:00:00" },
		{ "2000-03-01T00:00+00:01", "2000-02-29T23:59:00" },
		{ "1900-03-01T00:00+00:01", "1900-02-28T23:59:00" },
		{ "1969-12-31T23:59:59.999999", "1969-12-31T23:59:59.999999" },
		{ "1582-10-10T00:00", "1582-10-10T00:00:00" },		/* proleptic */
		{ "0001-01-01T00:00", "0001-01-01T00:00:00" },
		{ "0001-01-01T23:59+23:59", "0001-01-01T00:00:00" },
		{ "9999-12-31T23:59:59.999999", "9999-12-31T23:59:59.999999" },
		{ "9999-12-31T00:00-23:59", "9999-12-31T23:59:00" },
	};
	char out[ISO8601_TIME_SIZE];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		if (!iso8601_time(text_of(cases[i].in), out))
			fail_msg("%s", cases[i].in);
		assert_string_equal(out, cases[i].want);
	}
}

static void
what_does_not_exist_is_no_time(void **state)
{
	static const char *const cases[] = {
		"", "2025-02-29", "2025-02-30T00:00", "2025-02-28T", "2025-02-28T09",
		"2025-02-28T9:45",
		"2025-02-28T24:00", "2025-02-28T24:00:00", "2025-02-28T23:60",
		"2025-02-28T23:59:60",
		"2025-02-28T09:45:", "2025-02-28T09:45:3", "2025-02-28T09:45:03.",
		"2025-02-28T09:45:03.1234567", "2025-02-28T09:45.5", "2025-02-28T09:45:03,5",
		"2025-02-28T09:45:03.Z", "2025-02-28T09:45:03 Z", "2025-02-28T09:45:03ZZ",
		"2025-02-28T09:45:03+2", "2025-02-28T09:45:03+02", "2025-02-28T09:45:03+0200",
		"2025-02-28T09:45:03+02:60", "2025-02-28T09:45:03+24:00",
		"2025-02-28T09:45:03 02:00",
		"2025-02-28T09:45:03+02:00Z", "2025-02-28T09:45:03+02:00 ", "2025-02-28T-9:45",
		"2025-02-28Z", "2025-02-28+02:00", "2025-02-28x09:45", "20250228T094503",
		"09:45:03", "2025-02-28 09:45:03", "2025-02-28t09:45:03", "2025-02-28T09:45:03z",
		"2025-02-28T09:45:03 ", " 2025-02-28T09:45:03", "2025-02-28  09:45:03",
		("2025-02-28\xc2\xa0" "09:45"), "now", "1740735903", "2025-W09-5", "2025-059",
		"0001-01-01T00:00+00:01", "0000-12-31T23:59-00:01", "9999-12-31T23:59:59-00:01",
		"10000-01-01T00:00",
	};
	char out[ISO8601_TIME_SIZE] = "untouched";

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (iso8601_time(text_of(cases[i]), out))
			fail_msg("%s became %s", cases[i], out);
	assert_false(iso8601_time((struct text){ 0 }, out));
	assert_false(iso8601_time(TEXT("2025-02-28\0"), out));
	assert_false(iso8601_time(TEXT("2025-02-28T09:45\0"), out));
	assert_string_equal(out, "untouched");
}

static void
moments_are_written_with_six_digits(void **state)
{
	static const struct { int64_t t; const char *want; } cases[] = {
		{ 0, "1970-01-01T00:00:00.000000" },
		{ 1, "1970-01-01T00:00:00.000001" },
		{ -1, "1969-12-31T23:59:59.999999" },
		{ 951782400000000, "2000-02-29T00:00:00.000000" },
		{ 1000000000000000, "2001-09-09T01:46:40.000000" },
		{ 2147483647000000, "2038-01-19T03:14:07.000000" },
		{ -2147483648000000, "1901-12-13T20:45:52.000000" },
		{ INT64_MIN, "0001-01-01T00:00:00.000000" },
		{ INT64_MAX, "9999-12-31T23:59:59.999999" },
	};
	char out[ISO8601_TIME_SIZE];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		iso8601_format(cases[i].t, out);
		assert_string_equal(out, cases[i].want);
	}
}

/* The C library knows the same calendar: a moment on every day, there and back. */
static void
every_day_of_ten_thousand_years_is_right(void **state)
{
	char out[ISO8601_TIME_SIZE], back[ISO8601_TIME_SIZE], want[64];
	struct tm tm;

	(void)state;
	for (int64_t day = -719162; day < 2932897; day++) {
		int64_t second = day * 86400 + (day * 7919 % 86400 + 86400) % 86400;
		time_t t = (time_t)second;

		gmtime_r(&t, &tm);
		snprintf(want, sizeof want, "%04d-%02d-%02dT%02d:%02d:%02d.000000",
		    tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
		iso8601_format(second * 1000000, out);
		assert_string_equal(out, want);
		out[19] = '\0';
		assert_true(iso8601_time(text_of(out), back));
		assert_string_equal(back, out);
	}
}

static void
now_is_what_the_clock_says(void **state)
{
	int64_t before = (int64_t)time(NULL) - 1, now = iso8601_now();
	char out[ISO8601_TIME_SIZE], back[ISO8601_TIME_SIZE];

	(void)state;
	assert_true(now / 1000000 >= before);
	assert_true(now / 1000000 <= (int64_t)time(NULL) + 1);
	iso8601_format(now / 1000000 * 1000000 + 5, out);
	assert_true(iso8601_time(text_of(out), back));
	assert_string_equal(back, out);
}

/* One after the other, near and far, forwards and backwards. */
static void
a_moment_near_the_last_is_written_like_any_other(void **state)
{
	static const int64_t steps[] = { 0, 1, 999998, 1, 1, 999999, -1, -999999, 5000000,
		86400000000, -86400000001, 31536000000000, -5 };
	struct iso8601_second second = { 0 };
	char near[ISO8601_TIME_SIZE], plain[ISO8601_TIME_SIZE];
	int64_t t = INT64_C(1740735902000001);

	(void)state;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		t += steps[i];
		iso8601_format_near(&second, t, near);
		iso8601_format(t, plain);
		assert_string_equal(near, plain);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_moment_near_the_last_is_written_like_any_other),
		cmocka_unit_test(days_that_exist_are_dates),
		cmocka_unit_test(anything_else_is_no_date),
		cmocka_unit_test(times_become_utc_in_the_one_form),
		cmocka_unit_test(what_does_not_exist_is_no_time),
		cmocka_unit_test(moments_are_written_with_six_digits),
		cmocka_unit_test(every_day_of_ten_thousand_years_is_right),
		cmocka_unit_test(now_is_what_the_clock_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
