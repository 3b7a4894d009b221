/*
 * Text: what is UTF-8, what is white space, what is the same but for case.
 *
 * The rows come from RFC 3629, Unicode's CaseFolding.txt and PropList.txt.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "arena.h"
#include "text.h"

#define COUNT(rows) (sizeof (rows) / sizeof *(rows))

static void
assert_text(struct text t, struct text want)
{
	assert_int_equal(t.len, want.len);
	assert_true((t.at == NULL) == (want.at == NULL));
	if (want.len > 0)
		assert_memory_equal(t.at, want.at, want.len);
}

static void
a_string_is_a_text_and_no_string_is_none(void **state)
{
	(void)state;
	assert_text(text_of("αβ"), TEXT("\xce\xb1\xce\xb2"));
	assert_text(text_of(""), TEXT(""));
	assert_null(text_of(NULL).at);
	assert_int_equal(text_of(NULL).len, 0);
}

static void
texts_are_equal_if_their_bytes_are(void **state)
{
	static const struct { struct text a, b; bool same, same_ascii; } cases[] = {
		{ TEXT("abc"), TEXT("abc"), true, true },
		{ TEXT("abc"), TEXT("aBC"), false, true },
		{ TEXT("Content-Type"), TEXT("content-TYPE"), false, true },
		{ TEXT("abc"), TEXT("abcd"), false, false },
		{ TEXT("abc"), TEXT("abd"), false, false },
		{ TEXT("a\0b"), TEXT("a\0c"), false, false },
		{ TEXT("@[`{"), TEXT("`{@["), false, false },	/* 0x20 apart, but no letters */
		{ TEXT("α"), TEXT("Α"), false, false },
		{ TEXT(""), TEXT(""), true, true },
		{ TEXT(""), { NULL, 0 }, false, false },
		{ { NULL, 0 }, { NULL, 0 }, true, true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(text_equal(cases[i].a, cases[i].b), cases[i].same);
		assert_int_equal(text_equal(cases[i].b, cases[i].a), cases[i].same);
		assert_int_equal(text_equal_ascii(cases[i].a, cases[i].b), cases[i].same_ascii);
		assert_int_equal(text_equal_ascii(cases[i].b, cases[i].a), cases[i].same_ascii);
	}
}

/* RFC 3629 from its definition: encodes a number below 2^21, whether or not it may be. */
static size_t
encode(uint32_t c, size_t len, char *to)
{
	static const unsigned char marks[] = { 0, 0, 0xc0, 0xe0, 0xf0 };

	if (len == 1) {
		to[0] = (char)c;
		return 1;
	}
	for (size_t i = len - 1; i > 0; i--, c >>= 6)
		to[i] = (char)(0x80 | (c & 0x3f));
	to[0] = (char)(marks[len] | c);
	return len;
}

static void
each_code_point_has_exactly_one_encoding(void **state)
{
	static const uint32_t ends[] = { 0, 0x80, 0x800, 0x10000, 0x110000 };
	char bytes[4];

	(void)state;
	for (size_t len = 1; len <= 4; len++) {
		uint32_t all = len == 1 ? 0x80 : 1u << (len == 2 ? 11 : len == 3 ? 16 : 21);

		for (uint32_t c = 0; c < all; c++) {
			bool shortest = c >= ends[len - 1] && c < ends[len];
			bool right = shortest && !(c >= 0xd800 && c <= 0xdfff);
			struct text t = { bytes, encode(c, len, bytes) };

			if (text_valid(t, NULL) != right)
				fail_msg("U+%04X in %zu bytes", c, len);
		}
	}
}

static void
what_is_no_sequence_is_found_where_it_begins(void **state)
{
	static const struct { struct text t; size_t bad; } cases[] = {
		{ TEXT("\x80"), 0 },			/* a continuation of nothing */
		{ TEXT("a\xbf"), 1 },
		{ TEXT("\xc3"), 0 },			/* cut short */
		{ TEXT("ab\xe2\x82"), 2 },
		{ TEXT("ab\xf0\x9f\x98"), 2 },
		{ TEXT("\xe2\x82" "a"), 0 },		/* broken off */
		{ TEXT("\xf0\x9f\x98" "a"), 0 },
		{ TEXT("\xc3\xa9\xc3\xc3\xa9"), 2 },
		{ TEXT("\xc0\x80"), 0 },		/* U+0000 in two bytes */
		{ TEXT("\xc1\xbf"), 0 },
		{ TEXT("x\xed\xa0\x80"), 1 },		/* U+D800 */
		{ TEXT("x\xed\xbf\xbf"), 1 },		/* U+DFFF */
		{ TEXT("\xf4\x90\x80\x80"), 0 },	/* U+110000 */
		{ TEXT("\xf5\x80\x80\x80"), 0 },
		{ TEXT("\xf8\x88\x80\x80\x80"), 0 },	/* five bytes */
		{ TEXT("\xfe"), 0 },
		{ TEXT("caf\xe9 au lait, s'il vous pla\xeet"), 3 },	/* Latin-1 */
	};
	size_t bad;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		bad = 12345;
		assert_false(text_valid(cases[i].t, &bad));
		assert_int_equal(bad, cases[i].bad);
	}
}

static void
a_fault_is_found_at_every_offset(void **state)
{
	char bytes[64];
	size_t bad;

	(void)state;
	for (size_t len = 1; len <= sizeof bytes; len++) {
		memset(bytes, 'a', sizeof bytes);
		bad = 12345;
		assert_true(text_valid((struct text){ bytes, len }, &bad));
		assert_int_equal(bad, 12345);
		for (size_t i = 0; i < len; i++) {
			memset(bytes, 'a', sizeof bytes);
			bytes[i] = '\xff';
			assert_false(text_valid((struct text){ bytes, len }, &bad));
			assert_int_equal(bad, i);
		}
	}
	assert_true(text_valid((struct text){ 0 }, NULL));
}

static void
code_points_are_counted_not_bytes(void **state)
{
	(void)state;
	assert_int_equal(text_count((struct text){ 0 }), 0);
	assert_int_equal(text_count(TEXT("abc")), 3);
	assert_int_equal(text_count(TEXT("αβγ")), 3);
	assert_int_equal(text_count(TEXT("a\xe2\x82\xac\xf0\x9f\x98\x80.")), 4);
}

static void
a_cut_falls_between_code_points(void **state)
{
	static const struct { struct text t; size_t most; struct text want; } cases[] = {
		{ TEXT("abc"), 3, TEXT("abc") },
		{ TEXT("abc"), 10, TEXT("abc") },
		{ TEXT("abc"), 2, TEXT("ab") },
		{ TEXT("abc"), 0, TEXT("") },
		{ TEXT("αβ"), 3, TEXT("α") },
		{ TEXT("αβ"), 2, TEXT("α") },
		{ TEXT("αβ"), 1, TEXT("") },
		{ TEXT("a\xf0\x9f\x98\x80"), 4, TEXT("a") },
		{ TEXT("a\xf0\x9f\x98\x80"), 2, TEXT("a") },
		{ TEXT("a\xf0\x9f\x98\x80" "b"), 5, TEXT("a\xf0\x9f\x98\x80") },
		{ TEXT("\x80\x80\x80\x80\x80\x80\x80"), 5, TEXT("\x80\x80\x80\x80\x80") },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_text(text_cut(cases[i].t, cases[i].most), cases[i].want);
	assert_null(text_cut((struct text){ 0 }, 5).at);
}

static void
white_space_of_all_of_unicode_is_trimmed(void **state)
{
	static const uint32_t white[] = {
		0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x20, 0x85, 0xa0, 0x1680, 0x2000, 0x2001, 0x2002,
		0x2003, 0x2004, 0x2005, 0x2006, 0x2007, 0x2008, 0x2009, 0x200a, 0x2028, 0x2029,
		0x202f, 0x205f, 0x3000,
	};
	char bytes[16];
	size_t n;

	(void)state;
	for (uint32_t c = 1; c < 0x10000; c++) {
		bool is_white = false;

		if (c >= 0xd800 && c <= 0xdfff)
			continue;
		for (size_t i = 0; i < COUNT(white); i++)
			is_white |= white[i] == c;
		n = encode(c, c < 0x80 ? 1 : c < 0x800 ? 2 : 3, bytes);
		bytes[n] = 'x';
		encode(c, n, bytes + n + 1);
		if ((text_trim((struct text){ bytes, 2 * n + 1 }).len == 1) != is_white && c != 'x')
			fail_msg("U+%04X", c);
	}
}

static void
trimming_stops_at_the_first_and_last_character(void **state)
{
	static const struct { struct text t, want; } cases[] = {
		{ TEXT("abc"), TEXT("abc") },
		{ TEXT("  a  b\t\r\n"), TEXT("a  b") },
		{ TEXT("\xc2\xa0 \xe3\x80\x80" "αβ\xe2\x80\x83 "), TEXT("αβ") },
		{ TEXT("   "), TEXT("") },
		{ TEXT("\xe3\x80\x80"), TEXT("") },
		{ TEXT(""), TEXT("") },
		{ { NULL, 0 }, { NULL, 0 } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_text(text_trim(cases[i].t), cases[i].want);
}

static void
folding_removes_all_differences_of_case(void **state)
{
	static const struct { struct text t, want; } cases[] = {
		{ TEXT("Hello, WORLD 1-2 [Z]@`{"), TEXT("hello, world 1-2 [z]@`{") },
		{ TEXT("ABCDEFGHIJKLMNOPQRSTUVWXYZ"), TEXT("abcdefghijklmnopqrstuvwxyz") },
		{ TEXT("ΑΘΉΝΑ"), TEXT("αθήνα") },
		{ TEXT("αθήνα"), TEXT("αθήνα") },
		{ TEXT("ΟΔΌΣ οδός"), TEXT("οδόσ οδόσ") },		/* both sigmas */
		{ TEXT("ΣΊΣΥΦΟΣ"), TEXT("σίσυφοσ") },
		{ TEXT("Straße STRASSE"), TEXT("strasse strasse") },	/* F: full folding */
		{ TEXT("\xe1\xba\x9e"), TEXT("ss") },			/* U+1E9E */
		{ TEXT("\xef\xac\x83"), TEXT("ffi") },			/* U+FB03 */
		{ TEXT("\xc4\xb0"), TEXT("i\xcc\x87") },		/* U+0130, not Turkish */
		{ TEXT("\xc4\xb1I"), TEXT("\xc4\xb1i") },		/* U+0131 stays */
		{ TEXT("ПРИВЕТ"), TEXT("привет") },
		{ TEXT("\xe2\x84\xaa"), TEXT("k") },		/* U+212A, the Kelvin sign */
		{ TEXT("\xf0\x90\x90\x80"), TEXT("\xf0\x90\x90\xa8") },	/* U+10400 */
		{ TEXT("\xc5\x89"), TEXT("\xca\xbcn") },		/* U+0149 */
		{ TEXT("e\xcc\x81 \xc3\x89"), TEXT("e\xcc\x81 \xc3\xa9") },	/* not normalised */
		{ TEXT("東京 ABC"), TEXT("東京 abc") },
		{ TEXT("A\0B"), TEXT("a\0b") },
		{ TEXT(""), TEXT("") },
		{ { NULL, 0 }, { NULL, 0 } },
	};
	struct arena a;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		arena_init(&a, 1 << 16);
		assert_text(text_fold(&a, cases[i].t), cases[i].want);
		arena_fini(&a);
	}
}

static void
what_has_nothing_to_fold_is_not_copied(void **state)
{
	static const struct text texts[] = {
		TEXT("all small, 123"), TEXT("αθήνα"), TEXT("東京"), TEXT("\xc2\xa0"), TEXT(""),
	};
	struct arena none = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++)
		assert_ptr_equal(text_fold(&none, texts[i]).at, texts[i].at);
	assert_null(text_fold(&none, TEXT("Large")).at);
	assert_int_equal(text_fold(&none, TEXT("Large")).len, 0);
	assert_null(text_fold(&none, TEXT("Α")).at);
	assert_int_equal(text_fold(&none, TEXT("Α")).len, 0);
}

/* Or a search for a part would miss: no context, neither final sigma nor combining marks. */
static void
a_part_of_a_text_becomes_a_part_of_its_folding(void **state)
{
	static const char *const parts[] = {
		"Σ", "ς", "σ", "Α", "ΐ", "I", "\xc4\xb0", "\xcc\x87", "\xcc\x80", "J", "\xc4\xae",
		"ß", " ", ".", "'", "\xc2\xad", "N", "\xf0\x90\x90\x80",
		"\xef\xac\x83", "\xe2\x80\x8d",
	};
	char whole[64];
	struct arena a;
	struct text left, right, both;

	(void)state;
	for (size_t n = 0; n < 20 * 20 * 20; n++) {
		const char *x = parts[n % 20], *y = parts[n / 20 % 20], *z = parts[n / 400];

		arena_init(&a, 1 << 16);
		snprintf(whole, sizeof whole, "%s%s%s", x, y, z);
		left = text_fold(&a, text_of(x));
		right = text_fold(&a, text_of(whole + strlen(x)));
		both = text_fold(&a, text_of(whole));
		assert_int_equal(both.len, left.len + right.len);
		assert_memory_equal(both.at, left.at, left.len);
		assert_memory_equal(both.at + left.len, right.at, right.len);
		arena_fini(&a);
	}
}

static void
long_texts_are_folded_whole(void **state)
{
	char in[6000], want[6000];
	struct arena a;

	(void)state;
	arena_init(&a, 1 << 20);
	for (size_t i = 0; i < sizeof in; i += 2) {
		memcpy(in + i, "\xce\x91", 2);
		memcpy(want + i, "\xce\xb1", 2);
	}
	assert_text(text_fold(&a, (struct text){ in, sizeof in }),
	    (struct text){ want, sizeof want });
	memset(in, 'A', sizeof in);
	memset(want, 'a', sizeof want);
	assert_text(text_fold(&a, (struct text){ in, sizeof in }),
	    (struct text){ want, sizeof want });
	arena_fini(&a);
}

static void
a_decimal_integer_is_read_if_it_fits(void **state)
{
	static const struct { struct text t; int64_t want; } good[] = {
		{ TEXT("0"), 0 }, { TEXT("-0"), 0 }, { TEXT("7"), 7 }, { TEXT("-7"), -7 },
		{ TEXT("007"), 7 }, { TEXT("1234567890123"), 1234567890123 },
		{ TEXT("9223372036854775807"), INT64_MAX },
		{ TEXT("-9223372036854775808"), INT64_MIN },
		{ TEXT("00000000000000000000000000001"), 1 },
	};
	static const struct text bad[] = {
		TEXT(""), TEXT("-"), TEXT("+1"), TEXT(" 1"), TEXT("1 "), TEXT("--1"), TEXT("1-"),
		TEXT("1.0"), TEXT("1e3"), TEXT("0x10"), TEXT("12a"), TEXT("a"), TEXT("1\0"),
		TEXT("9223372036854775808"), TEXT("-9223372036854775809"),
		TEXT("18446744073709551616"), TEXT("99999999999999999999999999"),
		TEXT("\xd9\xa1"), { NULL, 0 },
	};
	int64_t n;

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		n = 99;
		assert_true(text_to_int(good[i].t, &n));
		assert_true(n == good[i].want);
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		n = 99;
		assert_false(text_to_int(bad[i], &n));
		assert_true(n == 99);
	}
}

static void
percent_escapes_are_decoded(void **state)
{
	static const struct { struct text t; bool plus; struct text want; } cases[] = {
		{ TEXT("abc"), false, TEXT("abc") },
		{ TEXT("a%20b%2Fc%2f"), false, TEXT("a b/c/") },
		{ TEXT("%CE%B1"), false, TEXT("α") },
		{ TEXT("a+b"), false, TEXT("a+b") },
		{ TEXT("a+b%2B"), true, TEXT("a b+") },
		{ TEXT("%2520"), false, TEXT("%20") },			/* once only */
		{ TEXT("%00%ff"), false, TEXT("\0\xff") },
		{ TEXT(""), true, TEXT("") },
	};
	struct arena a;
	struct text t;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		arena_init(&a, 1 << 16);
		assert_true(text_unescape(&a, cases[i].t, cases[i].plus, &t));
		assert_text(t, cases[i].want);
		assert_int_equal(t.at[t.len], 0);
		arena_fini(&a);
	}
}

static void
a_broken_escape_is_refused(void **state)
{
	static const struct text cases[] = {
		TEXT("%"), TEXT("a%2"), TEXT("%g0"), TEXT("%0g"), TEXT("%%20"), TEXT("%-1"),
		TEXT("% 1"), TEXT("%\xce\xb1"), TEXT("ok%zz"),
	};
	struct arena a, none = { 0 };
	struct text t;

	(void)state;
	arena_init(&a, 1 << 16);
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_false(text_unescape(&a, cases[i], false, &t));
	assert_false(text_unescape(&none, TEXT("abc"), false, &t));
	arena_fini(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_string_is_a_text_and_no_string_is_none),
		cmocka_unit_test(texts_are_equal_if_their_bytes_are),
		cmocka_unit_test(each_code_point_has_exactly_one_encoding),
		cmocka_unit_test(what_is_no_sequence_is_found_where_it_begins),
		cmocka_unit_test(a_fault_is_found_at_every_offset),
		cmocka_unit_test(code_points_are_counted_not_bytes),
		cmocka_unit_test(a_cut_falls_between_code_points),
		cmocka_unit_test(white_space_of_all_of_unicode_is_trimmed),
		cmocka_unit_test(trimming_stops_at_the_first_and_last_character),
		cmocka_unit_test(folding_removes_all_differences_of_case),
		cmocka_unit_test(what_has_nothing_to_fold_is_not_copied),
		cmocka_unit_test(a_part_of_a_text_becomes_a_part_of_its_folding),
		cmocka_unit_test(long_texts_are_folded_whole),
		cmocka_unit_test(a_decimal_integer_is_read_if_it_fits),
		cmocka_unit_test(percent_escapes_are_decoded),
		cmocka_unit_test(a_broken_escape_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
