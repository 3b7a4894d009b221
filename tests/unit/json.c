/*
 * JSON: what RFC 8259 allows becomes a tree, anything else a sentence with a place.
 *
 * Offsets and kinds of fault are derived from the grammar; the columns count code
 * points from 1.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "err.h"
#include "json.h"
#include "out.h"

#define COUNT(rows) (sizeof (rows) / sizeof *(rows))

static struct arena arena;

static int
setup(void **state)
{
	(void)state;
	arena_init(&arena, (size_t)1 << 28);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_fini(&arena);
	return 0;
}

/* The document, which must be right. */
static const struct json *
parse(struct text t)
{
	struct err e = { "untouched" };
	const struct json *j = NULL;

	if (!json_parse(&arena, t, &j, &e))
		fail_msg("%.*s: %s", (int)t.len, t.at, e.message);
	assert_string_equal(e.message, "untouched");
	assert_non_null(j);
	return j;
}

static void
assert_refused(struct text t, const char *want)
{
	struct err e = { "" };
	const struct json *j = NULL;

	if (json_parse(&arena, t, &j, &e))
		fail_msg("taken: %.*s", (int)t.len, t.at);
	if (strcmp(e.message, want) != 0)
		fail_msg("%.*s\n says  %s\n wants %s", (int)t.len, t.at, e.message, want);
	assert_null(j);
	assert_false(json_parse(&arena, t, &j, NULL));
}

/* A refusal that depends on nothing behind the bytes: valgrind and ASan see the end. */
static void
assert_refused_exactly(struct text t, const char *want)
{
	char *exact = malloc(t.len > 0 ? t.len : 1);

	memcpy(exact, t.at, t.len);
	assert_refused((struct text){ exact, t.len }, want);
	free(exact);
}

static void
assert_written(const struct json *j, bool sort, const char *want)
{
	struct out o;

	out_init(&o, &arena, 1 << 20);
	if (sort)
		json_write_sorted(&o, &arena, j);
	else
		json_write(&o, j);
	out_char(&o, '\0');
	assert_true(out_finish(&o));
	assert_string_equal(o.at, want);
}

/* ---- what is right ---- */

static void
what_was_read_is_written_again(void **state)
{
	static const struct { const char *in, *want; } cases[] = {
		{ "null", "null" }, { "true", "true" }, { "false", "false" },
		{ "\"\"", "\"\"" }, { "\"a\"", "\"a\"" }, { "{}", "{}" }, { "[]", "[]" },
		{ " \t\r\n{ \t\r\n} \t\r\n", "{}" },
		{ "[1,2,3]", "[1,2,3]" },
		{ "[ 1 , \"2\" , [ 3 , [ ] ] , { } ]", "[1,\"2\",[3,[]],{}]" },
		{ "{\"b\":1,\"a\":{\"d\":[],\"c\":null}}",
		  "{\"b\":1,\"a\":{\"d\":[],\"c\":null}}" },
		{ "{ \"a\" : true , \"\" : false }", "{\"a\":true,\"\":false}" },
		{ "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\\"\\\\/\\b\\f\\n\\r\\t\"" },
		{ "\"\\u0041\\u00e9\\u20AC\"", "\"Aé€\"" },
		{ "\"\\ud83d\\uDE00\"", "\"\xf0\x9f\x98\x80\"" },
		{ "\"\\ud800\\udc00\\udbff\\udfff\"", "\"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\"" },
		{ "\"\\u0001\\u001f\\u007f\"", "\"\\u0001\\u001f\x7f\"" },
		{ "\"\\\\u0000 \\\\ud800\"", "\"\\\\u0000 \\\\ud800\"" },	/* no escapes */
		{ "\"\\ud7ff\\ue000\"", "\"\xed\x9f\xbf\xee\x80\x80\"" },
		{ "\"\\ufeff\"", "\"\xef\xbb\xbf\"" },
		{ "\"αθήνα 東京 \xf0\x9f\x98\x80\"", "\"αθήνα 東京 \xf0\x9f\x98\x80\"" },
		{ "\"a/b\"", "\"a/b\"" },
		{ "{\"\\u0061\":1,\"A\":2}", "{\"a\":1,\"A\":2}" },
		{ "{\"a\":{\"a\":1},\"b\":{\"a\":1}}", "{\"a\":{\"a\":1},\"b\":{\"a\":1}}" },
		{ "[{\"a\":1},{\"a\":1}]", "[{\"a\":1},{\"a\":1}]" },
		/* numbers keep their text */
		{ "0", "0" }, { "-0", "-0" }, { "7 ", "7" }, { "-1.50", "-1.50" },
		{ "[1e5,1E+5,1e-05,0.0,0e0,-0.1E1]", "[1e5,1E+5,1e-05,0.0,0e0,-0.1E1]" },
		{ "1e999999", "1e999999" }, { "\n12", "12" },
		{ "123456789012345678901234567890", "123456789012345678901234567890" },
		{ "0.1234567890123456789012345678901", "0.1234567890123456789012345678901" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_written(parse(text_of(cases[i].in)), false, cases[i].want);
}

static void
the_tree_has_names_counts_and_kinds(void **state)
{
	const struct json *j = parse(TEXT("{\"id\":7,\"tags\":[\"x\",null,true,false],\"o\":{}}"));
	const struct json *tags = json_member(j, TEXT("tags")), *x = tags->first;

	(void)state;
	assert_int_equal(j->kind, JSON_OBJECT);
	assert_int_equal(j->count, 3);
	assert_null(j->name.at);
	assert_null(j->next);
	assert_int_equal(j->first->kind, JSON_NUMBER);
	assert_true(text_equal(j->first->text, TEXT("7")));
	assert_int_equal(tags->kind, JSON_ARRAY);
	assert_int_equal(tags->count, 4);
	assert_true(text_equal(tags->name, TEXT("tags")));
	assert_int_equal(x->kind, JSON_STRING);
	assert_true(text_equal(x->text, TEXT("x")));
	assert_int_equal(x->next->kind, JSON_NULL);
	assert_int_equal(x->next->next->kind, JSON_TRUE);
	assert_int_equal(x->next->next->next->kind, JSON_FALSE);
	assert_null(x->next->next->next->next);
	assert_int_equal(tags->next->kind, JSON_OBJECT);
	assert_int_equal(tags->next->count, 0);
	assert_null(tags->next->first);
}

static void
texts_have_a_nul_behind(void **state)
{
	const struct json *j = parse(TEXT("{\"name\":\"va\\u0041lue\",\"n\":12.50}"));

	(void)state;
	assert_string_equal(j->first->name.at, "name");
	assert_string_equal(j->first->text.at, "vaAlue");
	assert_string_equal(j->first->next->text.at, "12.50");
	assert_string_equal(parse(TEXT("\"\""))->text.at, "");
	assert_string_equal(parse(TEXT("12"))->text.at, "12");
}

static void
nothing_points_into_the_bytes(void **state)
{
	char bytes[] = "{\"name\":[\"value\",12]}";
	const struct json *j = parse(text_of(bytes));

	(void)state;
	memset(bytes, '#', sizeof bytes);
	assert_written(j, false, "{\"name\":[\"value\",12]}");
}

static void
a_member_is_found_by_its_whole_name(void **state)
{
	const struct json *j = parse(TEXT("{\"a\":1,\"ab\":2,\"\":3,\"A\":4}"));

	(void)state;
	assert_true(text_equal(json_member(j, TEXT("ab"))->text, TEXT("2")));
	assert_true(text_equal(json_member(j, TEXT(""))->text, TEXT("3")));
	assert_true(text_equal(json_member(j, TEXT("A"))->text, TEXT("4")));
	assert_null(json_member(j, TEXT("abc")));
	assert_null(json_member(j, TEXT("b")));
	assert_null(json_member(parse(TEXT("[1]")), TEXT("")));
	assert_null(json_member(parse(TEXT("\"a\"")), TEXT("a")));
	assert_null(json_member(NULL, TEXT("a")));
}

static void
only_a_whole_number_that_fits_is_an_integer(void **state)
{
	static const struct { const char *in; bool ok; int64_t want; } cases[] = {
		{ "0", true, 0 }, { "-0", true, 0 }, { "42", true, 42 }, { "-42", true, -42 },
		{ "9223372036854775807", true, INT64_MAX },
		{ "-9223372036854775808", true, INT64_MIN },
		{ "9223372036854775808", false, 0 }, { "-9223372036854775809", false, 0 },
		{ "1.0", false, 0 }, { "1e2", false, 0 }, { "\"1\"", false, 0 },
		{ "true", false, 0 }, { "null", false, 0 }, { "[1]", false, 0 }, { "{}", false, 0 },
	};
	int64_t n;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		n = 99;
		assert_int_equal(json_to_int(parse(text_of(cases[i].in)), &n), cases[i].ok);
		assert_true(n == (cases[i].ok ? cases[i].want : 99));
	}
}

/* ---- what is wrong ---- */

static void
an_empty_or_blank_body_is_refused(void **state)
{
	static const struct text cases[] = { { NULL, 0 }, TEXT(""), TEXT(" "), TEXT(" \t\r\n \n") };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_refused(cases[i], "the body is empty");
}

struct refusal {
	const char *in, *why;
};

static void
assert_all_refused(const struct refusal *cases, size_t n)
{
	for (size_t i = 0; i < n; i++)
		assert_refused_exactly(text_of(cases[i].in), cases[i].why);
}

static void
a_document_must_not_end_early(void **state)
{
	static const struct refusal cases[] = {
		{ "{", "line 1, column 2: expected a name in double quotes or '}', found the end" },
		{ "{ ",
		  "line 1, column 3: expected a name in double quotes or '}', found the end" },
		{ "{\"a\"", "line 1, column 5: expected ':' after the name, found the end" },
		{ "{\"a\":", "line 1, column 6: expected a value, found the end" },
		{ "{\"a\":1", "line 1, column 7: expected ',' or '}', found the end" },
		{ "{\"a\":1,",
		  "line 1, column 8: expected a name in double quotes, found the end" },
		{ "{\"a\":{}", "line 1, column 8: expected ',' or '}', found the end" },
		{ "{\"a\":[]", "line 1, column 8: expected ',' or '}', found the end" },
		{ "[", "line 1, column 2: expected a value or ']', found the end" },
		{ "[1", "line 1, column 3: expected ',' or ']', found the end" },
		{ "[1,", "line 1, column 4: expected a value, found the end" },
		{ "[[]", "line 1, column 4: expected ',' or ']', found the end" },
		{ "[\n1\n\n", "line 4, column 1: expected ',' or ']', found the end" },
		{ "\"", "line 1, column 1: the string has no end" },
		{ "\"abc", "line 1, column 1: the string has no end" },
		{ "\"abc\\", "line 1, column 1: the string has no end" },
		{ "\"abc\\\"", "line 1, column 1: the string has no end" },
		{ "[\"abc", "line 1, column 2: the string has no end" },
		{ "{\"abc", "line 1, column 2: the string has no end" },
		{ "{\"abc\":1,\"d", "line 1, column 10: the string has no end" },
		{ "{\"abc\":\"d}", "line 1, column 8: the string has no end" },
		{ "{\"abc\":\"d\\\"}", "line 1, column 8: the string has no end" },
		{ "-", "line 1, column 2: expected a digit after '-'" },
		{ "[-", "line 1, column 3: expected a digit after '-'" },
		{ "1.", "line 1, column 3: expected a digit after '.'" },
		{ "[0.", "line 1, column 4: expected a digit after '.'" },
		{ "1e", "line 1, column 3: expected a digit in the exponent" },
		{ "1e+", "line 1, column 4: expected a digit in the exponent" },
		{ "-1.5E-", "line 1, column 7: expected a digit in the exponent" },
		{ "t", "line 1, column 1: expected a value, found 't'; text is in double quotes" },
		{ "tru",
		  "line 1, column 1: expected a value, found 'tru'; text is in double quotes" },
		{ "[nul",
		  "line 1, column 2: expected a value or ']', found 'nul'; "
		  "text is in double quotes" },
		{ "{\"a\":fals",
		  "line 1, column 6: expected a value, found 'fals'; text is in double quotes" },
	};

	(void)state;
	assert_all_refused(cases, COUNT(cases));
}

static void
a_token_must_not_stand_where_it_is_not_allowed(void **state)
{
	static const struct refusal cases[] = {
		{ "}", "line 1, column 1: expected a value, found '}'" },
		{ "]", "line 1, column 1: expected a value, found ']'" },
		{ ",", "line 1, column 1: expected a value, found ','" },
		{ ":", "line 1, column 1: expected a value, found ':'" },
		{ " ,1", "line 1, column 2: expected a value, found ','" },
		{ "{,}", "line 1, column 2: expected a name in double quotes or '}', found ','" },
		{ "{]", "line 1, column 2: expected a name in double quotes or '}', found ']'" },
		{ "{:1}", "line 1, column 2: expected a name in double quotes or '}', found ':'" },
		{ "{1:2}",
		  "line 1, column 2: expected a name in double quotes or '}', found a number" },
		{ "{-1:2}",
		  "line 1, column 2: expected a name in double quotes or '}', found a number" },
		{ "{[]:2}",
		  "line 1, column 2: expected a name in double quotes or '}', found '['" },
		{ "{{}:2}",
		  "line 1, column 2: expected a name in double quotes or '}', found '{'" },
		{ "{null:2}",
		  "line 1, column 2: expected a name in double quotes or '}', found 'null'" },
		{ "{a:2}", "line 1, column 2: expected a name in double quotes or '}', found 'a'" },
		{ "{'a':2}",
		  "line 1, column 2: expected a name in double quotes or '}', found '''" },
		{ "{\"a\"}", "line 1, column 5: expected ':' after the name, found '}'" },
		{ "{\"a\",\"b\"}", "line 1, column 5: expected ':' after the name, found ','" },
		{ "{\"a\" 1}", "line 1, column 6: expected ':' after the name, found a number" },
		{ "{\"a\" \"b\"}",
		  "line 1, column 6: expected ':' after the name, found a string" },
		{ "{\"a\"=1}", "line 1, column 5: expected ':' after the name, found '='" },
		{ "{\"a\" true}", "line 1, column 6: expected ':' after the name, found 'true'" },
		{ "{\"a\"::1}", "line 1, column 6: expected a value, found ':'" },
		{ "{\"a\":,}", "line 1, column 6: expected a value, found ','" },
		{ "{\"a\":}", "line 1, column 6: expected a value, found '}'" },
		{ "{\"a\": ]", "line 1, column 7: expected a value, found ']'" },
		{ "{\"a\":1]", "line 1, column 7: expected ',' or '}', found ']'" },
		{ "{\"a\":1:2}", "line 1, column 7: expected ',' or '}', found ':'" },
		{ "{\"a\":1 \"b\":2}", "line 1, column 8: expected ',' or '}', found a string" },
		{ "{\"a\":1;\"b\":2}", "line 1, column 7: expected ',' or '}', found ';'" },
		{ "{\"a\":\"b\" 5}", "line 1, column 10: expected ',' or '}', found a number" },
		{ "{\"a\":\"b\"c\"}", "line 1, column 9: expected ',' or '}', found 'c'" },
		{ "{\"a\":1,}", "line 1, column 8: expected a name in double quotes, found '}'" },
		{ "{\"a\":1,,\"b\":2}",
		  "line 1, column 8: expected a name in double quotes, found ','" },
		{ "{\"a\":1 , 2}",
		  "line 1, column 10: expected a name in double quotes, found a number" },
		{ "{\"a\":1,b:2}",
		  "line 1, column 8: expected a name in double quotes, found 'b'" },
		{ "[,]", "line 1, column 2: expected a value or ']', found ','" },
		{ "[,1]", "line 1, column 2: expected a value or ']', found ','" },
		{ "[}", "line 1, column 2: expected a value or ']', found '}'" },
		{ "[:]", "line 1, column 2: expected a value or ']', found ':'" },
		{ "[1,]", "line 1, column 4: expected a value, found ']'" },
		{ "[1,,2]", "line 1, column 4: expected a value, found ','" },
		{ "[1 2]", "line 1, column 4: expected ',' or ']', found a number" },
		{ "[1}", "line 1, column 3: expected ',' or ']', found '}'" },
		{ "[1:2]", "line 1, column 3: expected ',' or ']', found ':'" },
		{ "[\"a\" \"b\"]", "line 1, column 6: expected ',' or ']', found a string" },
		{ "[\"a\":1]", "line 1, column 5: expected ',' or ']', found ':'" },
		{ "[true false]", "line 1, column 7: expected ',' or ']', found 'false'" },
		{ "[truefalse]", "line 1, column 6: expected ',' or ']', found 'false'" },
		{ "[1true]", "line 1, column 3: expected ',' or ']', found 'true'" },
		{ "[[1]{}]", "line 1, column 5: expected ',' or ']', found '{'" },
		{ "[{}[]]", "line 1, column 4: expected ',' or ']', found '['" },
		{ "[1,\n 2,\n 3\n 4]", "line 4, column 2: expected ',' or ']', found a number" },
		{ "{\n\t\"a\": 1,\n\t\"b\": x\n}",
		  "line 3, column 7: expected a value, found 'x'; text is in double quotes" },
		{ "{\"αβγ\": \"δ\" \"ε\"}",
		  "line 1, column 13: expected ',' or '}', found a string" },
		{ "[\"\xf0\x9f\x98\x80\",]", "line 1, column 6: expected a value, found ']'" },
	};

	(void)state;
	assert_all_refused(cases, COUNT(cases));
}

static void
nothing_may_follow_the_document(void **state)
{
	static const struct refusal cases[] = {
		{ "{}{}", "line 1, column 3: expected nothing after the value, found '{'" },
		{ "{} {}", "line 1, column 4: expected nothing after the value, found '{'" },
		{ "{}\n[]", "line 2, column 1: expected nothing after the value, found '['" },
		{ "{}}", "line 1, column 3: expected nothing after the value, found '}'" },
		{ "[]]", "line 1, column 3: expected nothing after the value, found ']'" },
		{ "{},", "line 1, column 3: expected nothing after the value, found ','" },
		{ "{}x", "line 1, column 3: expected nothing after the value, found 'x'" },
		{ "{}\"", "line 1, column 3: expected nothing after the value, found a string" },
		{ "1 2", "line 1, column 3: expected nothing after the value, found a number" },
		{ "1,2", "line 1, column 2: expected nothing after the value, found ','" },
		{ "\"a\" \"b\"",
		  "line 1, column 5: expected nothing after the value, found a string" },
		{ "\"a\":1", "line 1, column 4: expected nothing after the value, found ':'" },
		{ "null null", "line 1, column 6: expected nothing after the value, found 'null'" },
		{ "nullx", "line 1, column 5: expected nothing after the value, found 'x'" },
		{ "{} // note", "line 1, column 4: expected nothing after the value, found '/'" },
		{ "{};", "line 1, column 3: expected nothing after the value, found ';'" },
		{ "{}\x01", "line 1, column 3: expected nothing after the value, found U+0001" },
		{ "{}é", "line 1, column 3: expected nothing after the value, found U+00E9" },
	};

	(void)state;
	assert_all_refused(cases, COUNT(cases));
	assert_refused(TEXT("{}\0"),
	    "line 1, column 3: expected nothing after the value, found U+0000");
}

static void
what_json_does_not_have_is_refused(void **state)
{
	static const struct refusal cases[] = {
		{ "'a'",
		  "line 1, column 1: expected a value, found '''; strings are in double quotes" },
		{ "[+1]",
		  "line 1, column 2: expected a value or ']', found '+'; "
		  "a number has no plus sign" },
		{ "[1,.5]",
		  "line 1, column 4: expected a value, found '.'; a number begins with a digit" },
		{ "/* a */ {}",
		  "line 1, column 1: expected a value, found '/'; JSON has no comments" },
		{ "// a\n{}",
		  "line 1, column 1: expected a value, found '/'; JSON has no comments" },
		{ "# a\n{}",
		  "line 1, column 1: expected a value, found '#'; JSON has no comments" },
		{ "[1/* a */]", "line 1, column 3: expected ',' or ']', found '/'" },
		{ "{/* a */}",
		  "line 1, column 2: expected a name in double quotes or '}', found '/'" },
		{ "NaN",
		  "line 1, column 1: expected a value, found 'NaN'; text is in double quotes" },
		{ "Infinity",
		  "line 1, column 1: expected a value, found 'Infinity'; "
		  "text is in double quotes" },
		{ "True",
		  "line 1, column 1: expected a value, found 'True'; text is in double quotes" },
		{ "NULL",
		  "line 1, column 1: expected a value, found 'NULL'; text is in double quotes" },
		{ "nul]",
		  "line 1, column 1: expected a value, found 'nul'; text is in double quotes" },
		{ "undefined",
		  "line 1, column 1: expected a value, found 'undefined'; "
		  "text is in double quotes" },
		{ "aVeryLongWordThatIsCutSomewhere",
		  "line 1, column 1: expected a value, found 'aVeryLongWordThatIsC'; "
		  "text is in double quotes" },
		{ "[-Infinity]", "line 1, column 3: expected a digit after '-'" },
		{ "subject=a&b=c",
		  "line 1, column 1: expected a value, found 'subject'; text is in double quotes" },
		{ "<xml/>", "line 1, column 1: expected a value, found '<'" },
		{ "(1)", "line 1, column 1: expected a value, found '('" },
		{ "\\", "line 1, column 1: expected a value, found '\\'" },
		{ "`a`", "line 1, column 1: expected a value, found '`'" },
		{ "“a”", "line 1, column 1: expected a value, found U+201C" },
		{ "[\xf0\x9f\x98\x80]",
		  "line 1, column 2: expected a value or ']', found U+1F600" },
		{ "\x01", "line 1, column 1: expected a value, found U+0001" },
		{ "[\x7f]", "line 1, column 2: expected a value or ']', found U+007F" },
	};

	(void)state;
	assert_all_refused(cases, COUNT(cases));
	assert_refused(TEXT("\0{}"), "line 1, column 1: expected a value, found U+0000");
	assert_refused(TEXT("[1\0]"), "line 1, column 3: expected ',' or ']', found U+0000");
}

static void
a_number_has_the_form_of_rfc_8259(void **state)
{
	static const struct refusal cases[] = {
		{ "01", "line 1, column 1: a number must not begin with 0 and go on" },
		{ "00", "line 1, column 1: a number must not begin with 0 and go on" },
		{ "-01", "line 1, column 1: a number must not begin with 0 and go on" },
		{ "[1,007]", "line 1, column 4: a number must not begin with 0 and go on" },
		{ "{\"a\": 01}", "line 1, column 7: a number must not begin with 0 and go on" },
		{ "01.5", "line 1, column 1: a number must not begin with 0 and go on" },
		{ "0x10", "line 1, column 2: expected nothing after the value, found 'x'" },
		{ "[0x10]", "line 1, column 3: expected ',' or ']', found 'x'" },
		{ "[1.]", "line 1, column 4: expected a digit after '.'" },
		{ "[1.e5]", "line 1, column 4: expected a digit after '.'" },
		{ "[-.5]", "line 1, column 3: expected a digit after '-'" },
		{ "[-]", "line 1, column 3: expected a digit after '-'" },
		{ "[--1]", "line 1, column 3: expected a digit after '-'" },
		{ "[- 1]", "line 1, column 3: expected a digit after '-'" },
		{ "[-a]", "line 1, column 3: expected a digit after '-'" },
		{ "[1e]", "line 1, column 4: expected a digit in the exponent" },
		{ "[1E+]", "line 1, column 5: expected a digit in the exponent" },
		{ "[1e-x]", "line 1, column 5: expected a digit in the exponent" },
		{ "[1.5e]", "line 1, column 6: expected a digit in the exponent" },
		{ "[1e.5]", "line 1, column 4: expected a digit in the exponent" },
		{ "[1e+-5]", "line 1, column 5: expected a digit in the exponent" },
		{ "[1.2.3]", "line 1, column 5: expected ',' or ']', found '.'" },
		{ "[1e5.5]", "line 1, column 5: expected ',' or ']', found '.'" },
		{ "[1-2]", "line 1, column 3: expected ',' or ']', found a number" },
		{ "[1+2]", "line 1, column 3: expected ',' or ']', found '+'" },
		{ "[1_000]", "line 1, column 3: expected ',' or ']', found '_'" },
		{ "[12L]", "line 1, column 4: expected ',' or ']', found 'L'" },
		{ "1,5", "line 1, column 2: expected nothing after the value, found ','" },
		{ "\xd9\xa1", "line 1, column 1: expected a value, found U+0661" },
		{ "\xef\xbc\x91", "line 1, column 1: expected a value, found U+FF11" },
	};

	(void)state;
	assert_all_refused(cases, COUNT(cases));
}

static void
a_string_has_the_form_of_rfc_8259(void **state)
{
	static const struct refusal cases[] = {
		{ "\"\\a\"", "line 1, column 2: '\\a' is no escape; a backslash is written \\\\" },
		{ "\"\\x41\"",
		  "line 1, column 2: '\\x' is no escape; a backslash is written \\\\" },
		{ "\"\\'\"", "line 1, column 2: '\\'' is no escape; a backslash is written \\\\" },
		{ "\"\\0\"", "line 1, column 2: '\\0' is no escape; a backslash is written \\\\" },
		{ "\"\\N\"", "line 1, column 2: '\\N' is no escape; a backslash is written \\\\" },
		{ "\"\\U0041\"",
		  "line 1, column 2: '\\U' is no escape; a backslash is written \\\\" },
		{ "\"C:\\dir\"",
		  "line 1, column 4: '\\d' is no escape; a backslash is written \\\\" },
		{ "\"ok\\n\\\\\\q\"",
		  "line 1, column 8: '\\q' is no escape; a backslash is written \\\\" },
		{ "\"\\ a\"", "line 1, column 2: a backslash is written \\\\" },
		{ "\"\\é\"", "line 1, column 2: a backslash is written \\\\" },
		{ "\"\\\n\"", "line 1, column 2: a backslash is written \\\\" },
		{ "{\"\\a\":1}",
		  "line 1, column 3: '\\a' is no escape; a backslash is written \\\\" },
		{ "{\"a\":1,\"αβ\\a\":1}",
		  "line 1, column 11: '\\a' is no escape; a backslash is written \\\\" },
		{ "\"\\u\"", "line 1, column 2: \\u takes four hexadecimal digits" },
		{ "\"\\u1\"", "line 1, column 2: \\u takes four hexadecimal digits" },
		{ "\"\\u12\"", "line 1, column 2: \\u takes four hexadecimal digits" },
		{ "\"\\u123\"", "line 1, column 2: \\u takes four hexadecimal digits" },
		{ "\"\\u123g\"", "line 1, column 2: \\u takes four hexadecimal digits" },
		{ "\"\\u 123\"", "line 1, column 2: \\u takes four hexadecimal digits" },
		{ "\"\\u+123\"", "line 1, column 2: \\u takes four hexadecimal digits" },
		{ "\"\\u0x12\"", "line 1, column 2: \\u takes four hexadecimal digits" },
		{ "\"ab\\u{41}\"", "line 1, column 4: \\u takes four hexadecimal digits" },
		{ "\"\\ud83d\\u\"", "line 1, column 8: \\u takes four hexadecimal digits" },
		{ "\"\\u12", "line 1, column 2: \\u takes four hexadecimal digits" },
	};
	char in[32], want[128];

	(void)state;
	assert_all_refused(cases, COUNT(cases));
	for (int c = 0; c < 0x20; c++) {
		snprintf(want, sizeof want, "line 1, column 5: "
		    "a control character (U+%04X) in a string must be escaped", (unsigned)c);
		memcpy(in, "[\"ab.cd\"]", 10);
		in[4] = (char)c;
		assert_refused((struct text){ in, 9 }, want);
		memcpy(in, "{\"ab.cd\":1}", 12);
		in[4] = (char)c;
		assert_refused((struct text){ in, 11 }, want);
	}
}

static void
a_lone_surrogate_is_refused(void **state)
{
	static const struct refusal cases[] = {
		{ "\"\\ud800\"", "line 1, column 2: \\ud800 is one half of a surrogate pair" },
		{ "\"\\uDBFF\"", "line 1, column 2: \\udbff is one half of a surrogate pair" },
		{ "\"\\udc00\"", "line 1, column 2: \\udc00 is one half of a surrogate pair" },
		{ "\"\\uDFFF\"", "line 1, column 2: \\udfff is one half of a surrogate pair" },
		{ "\"ab\\ud83d\"", "line 1, column 4: \\ud83d is one half of a surrogate pair" },
		{ "\"\\ud83dx\"", "line 1, column 2: \\ud83d is one half of a surrogate pair" },
		{ "\"\\ud83d\\n\"", "line 1, column 2: \\ud83d is one half of a surrogate pair" },
		{ "\"\\ud83d\\u0041\"",
		  "line 1, column 2: \\ud83d is one half of a surrogate pair" },
		{ "\"\\ud83d\\ud83d\\ude00\"",
		  "line 1, column 2: \\ud83d is one half of a surrogate pair" },
		{ "\"\\ud83d\\\\ude00\"",
		  "line 1, column 2: \\ud83d is one half of a surrogate pair" },
		{ "\"\\ude00\\ude00\"",
		  "line 1, column 2: \\ude00 is one half of a surrogate pair" },
		{ "\"\\ude00\\ud83d\"",
		  "line 1, column 2: \\ude00 is one half of a surrogate pair" },
		{ "\"\\ud83d\\ude00\\ude00\"",
		  "line 1, column 14: \\ude00 is one half of a surrogate pair" },
		{ "\"\\\\\\ud83d\"", "line 1, column 4: \\ud83d is one half of a surrogate pair" },
		{ "{\"\\ud800\":1}", "line 1, column 3: \\ud800 is one half of a surrogate pair" },
		{ "[\"\\ud83d\",\"\\ude00\"]",
		  "line 1, column 3: \\ud83d is one half of a surrogate pair" },
		{ "[1, \"é\\ud800\"]",
		  "line 1, column 7: \\ud800 is one half of a surrogate pair" },
	};

	(void)state;
	assert_all_refused(cases, COUNT(cases));
}

static void
the_character_nul_is_refused(void **state)
{
	static const struct refusal cases[] = {
		{ "\"\\u0000\"", "line 1, column 2: U+0000 cannot be part of text" },
		{ "\"a\\tb\\u0000c\"", "line 1, column 6: U+0000 cannot be part of text" },
		{ "{\"a\\u0000\":1}", "line 1, column 4: U+0000 cannot be part of text" },
		{ "\"\\\\\\u0000\"", "line 1, column 4: U+0000 cannot be part of text" },
	};

	(void)state;
	assert_all_refused(cases, COUNT(cases));
}

static void
only_four_characters_are_white_space(void **state)
{
	static const char *const odd[] = { "\v", "\f" };
	static const struct { const char *before, *behind; int column; } places[] = {
		{ "", "{}", 1 }, { "{", "}", 2 }, { "{", "\"a\":1}", 2 }, { "{\"a\"", ":1}", 5 },
		{ "{\"a\":", "1}", 6 }, { "{\"a\":1", "}", 7 }, { "{\"a\":1", ",\"b\":2}", 7 },
		{ "{\"a\":1,",
		  "\"b\":2}", 8 }, { "[", "]", 2 }, { "[", "true]", 2 }, { "[1", "]", 3 },
		{ "[1", ",2]", 3 }, { "[1, ", "2]", 5 }, { "{}", "", 3 }, { "{} ", " ", 4 },
		{ "1", "", 2 }, { "", "1", 1 }, { "", "", 1 }, { "[\"a\",", "\"b\"]", 6 },
		{ "[null,", "[]]", 7 }, { "[null,", "{}]", 7 },
	};
	char in[64], want[128];

	(void)state;
	for (size_t i = 0; i < COUNT(places); i++) {
		for (size_t k = 0; k < COUNT(odd); k++) {
			snprintf(in, sizeof in, "%s%s%s", places[i].before, odd[k],
			    places[i].behind);
			snprintf(want, sizeof want, "line 1, column %d: only space, tab, line feed "
			    "and carriage return may stand between values", places[i].column);
			assert_refused_exactly(text_of(in), want);
		}
	}
	assert_refused(TEXT("[\xc2\xa0]"),
	    "line 1, column 2: expected a value or ']', found U+00A0");
	assert_refused(TEXT("[1\xe2\x80\xa8]"),
	    "line 1, column 3: expected ',' or ']', found U+2028");
}

static void
bytes_that_are_not_utf8_are_refused(void **state)
{
	static const struct refusal cases[] = {
		{ "\"caf\xe9\"", "line 1, column 5: the bytes are not UTF-8" },
		{ "{\n \"αβ\xc0\x80\": 1}", "line 2, column 5: the bytes are not UTF-8" },
		{ "\"\xed\xa0\xbd\xed\xb8\x80\"", "line 1, column 2: the bytes are not UTF-8" },
		{ "\"\xf4\x90\x80\x80\"", "line 1, column 2: the bytes are not UTF-8" },
		{ "{}\x80", "line 1, column 3: the bytes are not UTF-8" },
		{ "\xff\xfe{", "line 1, column 1: the bytes are not UTF-8" },
		{ "[nonsense, \xff",
		  "line 1, column 12: the bytes are not UTF-8" },	/* checked first */
	};

	(void)state;
	assert_all_refused(cases, COUNT(cases));
}

static void
a_byte_order_mark_is_refused(void **state)
{
	(void)state;
	assert_refused(TEXT("\xef\xbb\xbf{}"),
	    "line 1, column 1: JSON must not begin with a byte order mark (U+FEFF)");
	assert_refused(TEXT("\xef\xbb\xbf"),
	    "line 1, column 1: JSON must not begin with a byte order mark (U+FEFF)");
	assert_refused(TEXT("{}\xef\xbb\xbf"),
	    "line 1, column 3: expected nothing after the value, found U+FEFF");
}

static void
a_member_must_not_appear_twice(void **state)
{
	static const struct refusal cases[] = {
		{ "{\"a\":1,\"a\":1}", "line 1, column 8: a member 'a' appears twice" },
		{ "{\"a\":1,\"\\u0061\":2}", "line 1, column 8: a member 'a' appears twice" },
		{ "{\"\":1,\"b\":2,\"\":3}", "line 1, column 13: a member '' appears twice" },
		{ "{\"x\":[{\"a\":1,\"b\":2,\n\"a\":3}]}",
		  "line 2, column 1: a member 'a' appears twice" },
		{ "{\"b\":1,\"a\":1,\"b\":1,\"a\":1}",
		  "line 1, column 14: a member 'b' appears twice" },
		{ "{\"a\":1,\"a\":2,\"a\":3}", "line 1, column 8: a member 'a' appears twice" },
		{ "{\"αθήνα\":1,\"αθήνα\":2}",
		  "line 1, column 12: a member 'αθήνα' appears twice" },
		{ "{\"a\":1,\"b\":{},\"c\":[],\"d\":null,\"e\":\"\","
		  "\"f\":2,\"g\":3,\"h\":4,\"i\":5,\"b\":6}",
		  "line 1, column 62: a member 'b' appears twice" },
		{ "{\"a\":{\"b\":1},\"a\":{\"b\":1}}",
		  "line 1, column 14: a member 'a' appears twice" },
	};
	char in[1000], want[300], name[201];

	(void)state;
	assert_all_refused(cases, COUNT(cases));
	memset(name, 'n', 200);
	name[200] = '\0';
	snprintf(in, sizeof in, "{\"%s\":1,\"%s\":2}", name, name);
	snprintf(want, sizeof want, "line 1, column 207: a member '%.100s...' appears twice", name);
	assert_refused(text_of(in), want);
}

/* Among a hundred thousand, the one that comes twice: no time that grows with the square. */
static void
a_duplicate_is_found_among_very_many_members(void **state)
{
	enum { N = 100000 };
	char *in = malloc(N * 12 + 100), *at = in, want[100];

	(void)state;
	*at++ = '{';
	for (unsigned i = 0; i < N; i++)
		at += sprintf(at, "\"%05u\":0,", i * 7919u % N);
	sprintf(at - 1, "}");
	assert_int_equal(parse(text_of(in))->count, N);
	snprintf(want, sizeof want, "line 1, column %d: a member '31415' appears twice",
	    (int)(at - in) + 1);
	at[-1] = ',';
	sprintf(at, "\"31415\":0}");
	assert_refused(text_of(in), want);
	free(in);
}

static void
nesting_ends_at_the_limit(void **state)
{
	char in[200], want[100];

	(void)state;
	memset(in, '[', JSON_DEPTH);
	memset(in + JSON_DEPTH, ']', JSON_DEPTH);
	in[2 * JSON_DEPTH] = '\0';
	assert_written(parse(text_of(in)), false, in);
	assert_written(parse(text_of(in)), true, in);
	memset(in, '[', JSON_DEPTH + 1);
	memset(in + JSON_DEPTH + 1, ']', JSON_DEPTH + 1);
	snprintf(want, sizeof want, "line 1, column %d: nested deeper than %d levels",
	    JSON_DEPTH + 1, JSON_DEPTH);
	assert_refused((struct text){ in, 2 * JSON_DEPTH + 2 }, want);
	in[JSON_DEPTH] = '{';
	assert_refused((struct text){ in, JSON_DEPTH + 1 }, want);
	in[JSON_DEPTH] = '1';		/* a value within is no level */
	in[JSON_DEPTH + 1] = '\0';
	for (int i = 0; i < JSON_DEPTH; i++)
		strcat(in, "]");
	parse(text_of(in));
}

static void
bottomless_nesting_costs_nothing(void **state)
{
	enum { N = 1 << 20 };
	static const char *const cases[] = { "[", "{\"a\":" };
	char *in = malloc(N + 8);
	struct arena small;
	const struct json *j;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		size_t n = strlen(cases[i]);

		for (size_t at = 0; at < N; at += n)
			memcpy(in + at, cases[i], n);
		arena_init(&small, 16384);
		assert_false(json_parse(&small, (struct text){ in, N }, &j, NULL));
		arena_fini(&small);
	}
	free(in);
}

static void
memory_stays_within_forty_times_the_bytes(void **state)
{
	enum { N = 1 << 20 };
	static const struct { const char *first, *again, *last; } cases[] = {
		{ "[",
		  "0,", "0]" }, { "[", "\"\",", "0]" }, { "[", "[],", "0]" }, { "[", "{},", "0]" },
		{ "[", "null,", "0]" }, { "[", "{\"\":0},", "0]" }, { "[", "{\"\":[0]},", "0]" },
		{ "\"", "\\u0041", "\"" }, { "\"", "a", "\"" }, { "", "1", "" },
	};
	char *in = malloc(N + 100), *at;
	struct arena bounded;
	const struct json *j;
	struct err e;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		at = stpcpy(in, cases[i].first);
		while (at < in + N)
			at = stpcpy(at, cases[i].again);
		stpcpy(at, cases[i].last);
		arena_init(&bounded, 40 * (size_t)N);
		if (!json_parse(&bounded, text_of(in), &j, &e))
			fail_msg("%s: %s", cases[i].again, e.message);
		arena_fini(&bounded);
	}
	free(in);
}

static void
over_the_limit_of_the_arena_is_a_failure_wherever_it_comes(void **state)
{
	static const char in[] =
	    "{\"name\":\"a string that takes some room, long enough to need a chunk\",\"n\":12.5,"
	    "\"list\":[null,true,[1,2,3],{\"x\":{\"y\":\"\\u00e9\"}}],\"z\":1,\"zz\":2,\"zzz\":3}";
	struct arena small;
	const struct json *j;
	struct err e;
	bool taken = false;

	(void)state;
	for (size_t limit = 0; limit < 4000 && !taken; limit++) {
		arena_init(&small, limit);
		taken = json_parse(&small, text_of(in), &j, &e);
		if (!taken)
			assert_string_equal(e.message,
			    "the body needs more memory than a request may take");
		arena_fini(&small);
	}
	assert_true(taken);
}

/* Every document that a slip of the hand makes of a right one: no crash, and no half tree. */
static void
every_cut_and_every_changed_byte_is_survived(void **state)
{
	static const char good[] =
	    " {\"a\": [1, -2.5e+3, true, false, null, \"\\ud83d\\ude00\\n\"],\t\"b\\u0062\": {}, "
	    "\"αβ\": \"\xf0\x9f\x98\x80\"}\r\n";
	enum { SIZE = sizeof good - 1 };
	char in[SIZE];
	struct arena small;
	const struct json *j;
	struct err e;

	(void)state;
	for (size_t i = 1; i < SIZE - 3; i++) {
		char *exact = malloc(i);

		memcpy(exact, good, i);
		arena_init(&small, 1 << 20);
		assert_false(json_parse(&small, (struct text){ exact, i }, &j, &e));
		arena_fini(&small);
		free(exact);
	}
	for (size_t i = 0; i < SIZE; i++) {
		for (int c = 0; c < 256; c++) {
			memcpy(in, good, SIZE);
			in[i] = (char)c;
			arena_init(&small, 1 << 20);
			e.message[0] = '\0';
			if (!json_parse(&small, (struct text){ in, SIZE }, &j, &e))
				assert_true(text_valid(text_of(e.message), NULL) && e.message[0]);
			arena_fini(&small);
		}
	}
}

/* ---- writing ---- */

static void
sorted_members_make_equal_values_equal(void **state)
{
	const struct json *j = parse(TEXT("{\"b\":[{\"d\":1,\"c\":2}],\"\":0,"
	    "\"aa\":{\"z\":1,\"y\":{}},\"a\":[3,1,2],\"é\":1,\"Z\":2}"));

	(void)state;
	assert_written(j, true, "{\"\":0,\"Z\":2,\"a\":[3,1,2],\"aa\":{\"y\":{},\"z\":1},"
	    "\"b\":[{\"c\":2,\"d\":1}],\"é\":1}");
	assert_written(parse(TEXT("{}")), true, "{}");
	assert_written(parse(TEXT("[\"a\"]")), true, "[\"a\"]");
}

static void
sorting_without_memory_fails_the_out(void **state)
{
	const struct json *j = parse(TEXT("{\"b\":1,\"a\":2}"));
	struct arena none = { 0 };
	struct out o;

	(void)state;
	out_init(&o, &arena, 1000);
	json_write_sorted(&o, &none, j);
	assert_false(out_finish(&o));
}

/* The rule of RFC 8259, section 7, byte by byte. */
static size_t
escape_slowly(char *to, const char *from, size_t n)
{
	char *start = to;

	*to++ = '"';
	for (size_t i = 0; i < n; i++) {
		const char *s = strchr("\"\"\\\\\bb\ff\nn\rr\tt", from[i]);

		if (from[i] == '"' || from[i] == '\\')
			to += sprintf(to, "\\%c", from[i]);
		else if (from[i] != '\0' && s != NULL && (unsigned char)from[i] < 0x20)
			to += sprintf(to, "\\%c", s[1]);
		else if ((unsigned char)from[i] < 0x20)
			to += sprintf(to, "\\u%04x", (unsigned)from[i]);
		else
			*to++ = from[i];
	}
	*to++ = '"';
	return (size_t)(to - start);
}

static void
assert_text_written(const char *from, size_t n)
{
	static char want[100000];
	size_t len = escape_slowly(want, from, n);
	struct arena a;
	struct out o;

	arena_init(&a, 1 << 20);
	out_init(&o, &a, len);		/* and not a byte more */
	json_text(&o, (struct text){ from, n });
	assert_true(out_finish(&o));
	assert_int_equal(o.len, len);
	assert_memory_equal(o.at, want, len);
	arena_fini(&a);
}

static void
every_byte_is_escaped_or_left_at_every_place(void **state)
{
	char text[40];

	(void)state;
	for (int c = 0; c < 256; c++) {
		for (size_t n = 1; n <= sizeof text; n += 3) {
			for (size_t i = 0; i < n; i++) {
				memset(text, 'a', n);
				text[i] = (char)c;
				assert_text_written(text, n);
				text[n - 1] = (char)c;
				assert_text_written(text, n);
			}
		}
		memset(text, c, sizeof text);
		assert_text_written(text, sizeof text);
	}
	assert_text_written("", 0);
}

static void
long_texts_are_written_whole(void **state)
{
	char text[5000];

	(void)state;
	memset(text, 'a', sizeof text);
	for (size_t n = 1000; n < sizeof text; n += 13)
		assert_text_written(text, n);
	for (size_t i = 0; i < sizeof text; i += 1 + i % 17)
		text[i] = i % 2 != 0 ? '\n' : '"';
	for (size_t n = 1000; n < sizeof text; n += 13)
		assert_text_written(text, n);
	memset(text, '\x01', sizeof text);
	assert_text_written(text, sizeof text);
}

static void
an_absent_text_is_null(void **state)
{
	struct out o;

	(void)state;
	out_init(&o, &arena, 100);
	json_text(&o, (struct text){ 0 });
	out_char(&o, ' ');
	json_text(&o, TEXT(""));
	out_char(&o, '\0');
	assert_string_equal(o.at, "null \"\"");
}

static void
names_have_commas_between_them(void **state)
{
	struct out o;
	bool first = true;

	(void)state;
	out_init(&o, &arena, 100);
	json_name(&o, &first, "id");
	out_int(&o, 1);
	json_name(&o, &first, "a\"b");
	out_int(&o, 2);
	json_name(&o, &first, "c");
	out_char(&o, '\0');
	assert_string_equal(o.at, "\"id\":1,\"a\\\"b\":2,\"c\":");
	assert_false(first);
}

static void
a_text_over_the_limit_fails_the_out(void **state)
{
	struct out o;

	(void)state;
	for (size_t limit = 0; limit < 11; limit++) {
		out_init(&o, &arena, limit);
		json_text(&o, TEXT("abc\ndefg"));	/* 11 bytes */
		assert_false(out_finish(&o));
	}
	out_init(&o, &arena, 11);
	json_text(&o, TEXT("abc\ndefg"));
	assert_true(out_finish(&o));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_was_read_is_written_again),
		TEST(the_tree_has_names_counts_and_kinds),
		TEST(texts_have_a_nul_behind),
		TEST(nothing_points_into_the_bytes),
		TEST(a_member_is_found_by_its_whole_name),
		TEST(only_a_whole_number_that_fits_is_an_integer),
		TEST(an_empty_or_blank_body_is_refused),
		TEST(a_document_must_not_end_early),
		TEST(a_token_must_not_stand_where_it_is_not_allowed),
		TEST(nothing_may_follow_the_document),
		TEST(what_json_does_not_have_is_refused),
		TEST(a_number_has_the_form_of_rfc_8259),
		TEST(a_string_has_the_form_of_rfc_8259),
		TEST(a_lone_surrogate_is_refused),
		TEST(the_character_nul_is_refused),
		TEST(only_four_characters_are_white_space),
		TEST(bytes_that_are_not_utf8_are_refused),
		TEST(a_byte_order_mark_is_refused),
		TEST(a_member_must_not_appear_twice),
		TEST(a_duplicate_is_found_among_very_many_members),
		TEST(nesting_ends_at_the_limit),
		TEST(bottomless_nesting_costs_nothing),
		TEST(memory_stays_within_forty_times_the_bytes),
		TEST(over_the_limit_of_the_arena_is_a_failure_wherever_it_comes),
		TEST(every_cut_and_every_changed_byte_is_survived),
		TEST(sorted_members_make_equal_values_equal),
		TEST(sorting_without_memory_fails_the_out),
		TEST(every_byte_is_escaped_or_left_at_every_place),
		TEST(long_texts_are_written_whole),
		TEST(an_absent_text_is_null),
		TEST(names_have_commas_between_them),
		TEST(a_text_over_the_limit_fails_the_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
