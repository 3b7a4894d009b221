/*
 * Whether a whole number is read as what it is, however JSON writes it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "integer.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum { LONG = 4000 };

struct number {
	const char *in;
	int64_t value;
};

static void
expect_as(const char *in, enum integer_read read, int64_t value)
{
	int64_t got = 77;
	enum integer_read how = integer_read(text_of(in), &got);

	if (how != read)
		fail_msg("%.60s: %d in place of %d", in, how, read);
	if (how == INTEGER_READ && got != value)
		fail_msg("%.60s: %lld in place of %lld", in, (long long)got, (long long)value);
}

static void
expect(const char *in, int64_t value)
{
	expect_as(in, INTEGER_READ, value);
}

static void
expect_fraction(const char *in)
{
	expect_as(in, INTEGER_NOT_WHOLE, 0);
}

static void
expect_large(const char *in)
{
	expect_as(in, INTEGER_TOO_LARGE, 0);
}

static void
a_number_is_the_same_however_it_is_written(void **state)
{
	static const struct number cases[] = {
		{ "16", 16 }, { "16.0", 16 }, { "1.6e1", 16 },
		{ "1.6E1", 16 }, { "1.6e+1", 16 }, { "0.16e2", 16 },
		{ "160e-1", 16 }, { "16000e-3", 16 }, { "1600.00e-2", 16 },
		{ "0.000016e6", 16 }, { "1.6e01", 16 }, { "16e0", 16 },
		{ "16e-0", 16 }, { "16.000000000000000000000000000", 16 },
		{ "100e-2", 1 }, { "-5", -5 }, { "-5.0e0", -5 },
		{ "-0.5e1", -5 }, { "10", 10 }, { "1e18", 1000000000000000000 },
		{ "1e2", 100 }, { "1.05e2", 105 }, { "10.50e1", 105 },
		{ "100.01e2", 10001 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		expect(cases[i].in, cases[i].value);
}

static void
nothing_is_nothing_in_every_notation(void **state)
{
	static const char *const zeros[] = {
		"0", "-0", "0.0", "-0.0", "0e9", "0e-9", "0.000e400", "0e99999999999999999999",
		"0e-99999999999999999999", "0.0e0", "-0e1",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(zeros); i++)
		expect(zeros[i], 0);
}

static void
the_last_numbers_of_64_bits_are_read_and_the_next_are_not(void **state)
{
	static const struct number cases[] = {
		{ "9223372036854775807", INT64_MAX },
		{ "9223372036854775807.0", INT64_MAX },
		{ "9.223372036854775807e18", INT64_MAX },
		{ "92233720368547758070e-1", INT64_MAX },
		{ "9223372036854775806", INT64_MAX - 1 },
		{ "-9223372036854775808", INT64_MIN },
		{ "-9.223372036854775808e18", INT64_MIN },
		{ "-9223372036854775807", -INT64_MAX },
	};
	static const char *const large[] = {
		"9223372036854775808", "-9223372036854775809", "9.223372036854775808e18",
		"9999999999999999999", "18446744073709551616", "18446744073709551617",
		"99999999999999999999", "1e19", "-1e19",
		"1e20", "1e400", "1e4294967296",
		"1e18446744073709551616", "1e99999999999999999999",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		expect(cases[i].in, cases[i].value);
	for (size_t i = 0; i < COUNT(large); i++)
		expect_large(large[i]);
	expect_fraction("9223372036854775807.5");
	expect_fraction("9223372036854775808.5");
}

static void
a_fraction_is_no_whole_number(void **state)
{
	static const char *const fractions[] = {
		"0.5", "1.5", "-1.5", "1e-1", "10e-2", "1.05e1", "0.01e1", "1e-400", "0.00001",
		"1e-4294967296", "1e-18446744073709551616", "1e-99999999999999999999",
		"123456789012345678901234567890.5",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(fractions); i++)
		expect_fraction(fractions[i]);
}

/* Neither JSON nor the text of a number; the lexer stops them earlier, but not text. */
static void
what_is_no_number_is_no_whole_number(void **state)
{
	static const char *const words[] = {
		"", "-", "+5", " 5", "5 ", "1.", ".5", "-.5", "1.e1", "1e", "1e+", "1e-", "1e1.0",
		"e1", "0x10", "1_000", "1,000", "--5", "-+5", "1.2.3", "1e1e1", "5-", "00?", "NaN",
		"Infinity", "-Infinity", "true", "\xd9\xa3", "five", "\"5\"",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(words); i++)
		expect_fraction(words[i]);
	assert_int_equal(integer_read((struct text){ 0 }, &(int64_t){ 0 }), INTEGER_NOT_WHOLE);
	assert_int_equal(integer_read((struct text){ "5\0", 2 }, &(int64_t){ 0 }),
	    INTEGER_NOT_WHOLE);
}

/* JSON has none, but a number may come as text: "007". */
static void
zeros_in_front_mean_nothing(void **state)
{
	(void)state;
	expect("007", 7);
	expect("-007", -7);
	expect("00", 0);
	expect("00000000000000000000000000009223372036854775807", INT64_MAX);
}

static char *
repeat(char *to, char c, size_t n)
{
	memset(to, c, n);
	to[n] = '\0';
	return to + n;
}

static void
digits_are_counted_however_many_there_are(void **state)
{
	char in[2 * LONG], *p;

	(void)state;
	in[0] = '1';
	p = repeat(in + 1, '0', LONG);
	expect_large(in);
	sprintf(p, "e-%d", LONG);		/* 1 and 4000 zeros, 4000 places down: 1 */
	expect(in, 1);
	sprintf(p, "e-%d", LONG - 3);
	expect(in, 1000);
	sprintf(p, "e-%d", LONG + 1);
	expect_fraction(in);
	sprintf(p, ".0e-%d", LONG - 2);
	expect(in, 100);

	p = repeat(in, '0', LONG);
	strcpy(p, "42");
	expect(in, 42);
	p = repeat(in, '0', LONG);
	strcpy(p, "42.0");
	expect(in, 42);
}

static void
a_far_place_behind_the_point_counts(void **state)
{
	char in[2 * LONG], *p;

	(void)state;
	strcpy(in, "0.");
	p = repeat(in + 2, '0', LONG);
	strcpy(p, "7");				/* 7 at place 4001 */
	expect_fraction(in);
	sprintf(p, "7e%d", LONG + 1);
	expect(in, 7);
	sprintf(p, "7e%d", LONG + 3);
	expect(in, 700);
	sprintf(p, "7e%d", LONG);
	expect_fraction(in);

	strcpy(in, "5.");
	p = repeat(in + 2, '0', LONG);
	expect(in, 5);
	strcpy(p, "1");
	expect_fraction(in);
}

/* Digits with the point shifted by the exponent again, for numbers that are known. */
static void
every_shift_of_the_point_gives_the_number_back(void **state)
{
	static const int64_t numbers[] = { 1, 7, 10, 16, 1024, 900100, 123456789, INT64_MAX,
		INT64_MIN, -1, -100, 4000000000000000000 };
	char plain[32], in[128];

	(void)state;
	for (size_t i = 0; i < COUNT(numbers); i++) {
		const char *sign = numbers[i] < 0 ? "-" : "", *digits = plain + strlen(sign);
		size_t n;

		snprintf(plain, sizeof plain, "%lld", (long long)numbers[i]);
		n = strlen(digits);
		for (size_t k = 1; k < n; k++) {
			snprintf(in, sizeof in, "%s%.*s.%se%zu", sign, (int)k, digits, digits + k,
			    n - k);
			expect(in, numbers[i]);
		}
		for (int k = 0; k < 30; k++) {
			snprintf(in, sizeof in, "%s%s%.*se-%d", sign, digits, k,
			    "000000000000000000000000000000", k);
			expect(in, numbers[i]);
		}
	}
}

static void
what_is_behind_the_text_is_not_looked_at(void **state)
{
	int64_t n = 0;

	(void)state;
	assert_int_equal(integer_read((struct text){ "1234", 2 }, &n), INTEGER_READ);
	assert_int_equal(n, 12);
	assert_int_equal(integer_read((struct text){ "12.5", 3 }, &n), INTEGER_NOT_WHOLE);
	assert_int_equal(integer_read((struct text){ "12.5", 2 }, &n), INTEGER_READ);
	assert_int_equal(integer_read((struct text){ "1e5", 2 }, &n), INTEGER_NOT_WHOLE);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_number_is_the_same_however_it_is_written),
		cmocka_unit_test(nothing_is_nothing_in_every_notation),
		cmocka_unit_test(the_last_numbers_of_64_bits_are_read_and_the_next_are_not),
		cmocka_unit_test(a_fraction_is_no_whole_number),
		cmocka_unit_test(what_is_no_number_is_no_whole_number),
		cmocka_unit_test(zeros_in_front_mean_nothing),
		cmocka_unit_test(digits_are_counted_however_many_there_are),
		cmocka_unit_test(a_far_place_behind_the_point_counts),
		cmocka_unit_test(every_shift_of_the_point_gives_the_number_back),
		cmocka_unit_test(what_is_behind_the_text_is_not_looked_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
