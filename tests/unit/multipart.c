/* Forms with files: whole, cut anywhere, wrong, and hostile. */
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
#include "multipart.h"
#include "out.h"

#define FORM "multipart/form-data; boundary="
#define FILE_HEAD "Content-Disposition: form-data; name=\"f\"; filename=\"a.txt\"\r\n"
#define HEAD "Content-Disposition: form-data; name=\"x\"\r\n"

/* A body that comes in pieces of a size, and may fail in the end. */
struct body {
	struct text text;
	size_t piece, at;
	bool fails;
};

static long
source(void *context, char *bytes, size_t n)
{
	struct body *b = context;

	if (b->at == b->text.len)
		return b->fails ? -1 : 0;
	n = n < b->piece ? n : b->piece;
	n = n < b->text.len - b->at ? n : b->text.len - b->at;
	memcpy(bytes, b->text.at + b->at, n);
	b->at += n;
	return (long)n;
}

static void
write_part(struct out *out, struct multipart *m, const struct part *p, size_t piece)
{
	char *bytes = malloc(piece);
	long n;

	out_printf(out, "[%.*s|%.*s|%.*s:", (int)p->name.len, p->name.at,
	    p->filename.at == NULL ? 1 : (int)p->filename.len,
	    p->filename.at == NULL ? "-" : p->filename.at,
	    p->content_type.at == NULL ? 1 : (int)p->content_type.len,
	    p->content_type.at == NULL ? "-" : p->content_type.at);
	while ((n = multipart_read(m, bytes, piece)) > 0)
		out_bytes(out, bytes, (size_t)n);
	out_char(out, ']');
	free(bytes);
}

/* All that is in a body, in one line: "[name|filename|type:bytes]..." and how it ends. */
static const char *
parse(struct arena *a, const char *type, struct body *b, size_t piece)
{
	enum multipart_next next;
	struct multipart *m;
	struct part part;
	struct err e = { "" };
	struct out out;

	out_init(&out, a, 1 << 20);
	if (!multipart_open(a, text_of(type), source, b, &m, &e))
		return arena_printf(a, "no: %s", e.message);
	while ((next = multipart_next(m, &part, &e)) == MULTIPART_PART)
		write_part(&out, m, &part, piece);
	out_printf(&out, "%s%s", next == MULTIPART_END ? "end" :
	    next == MULTIPART_WRONG ? "wrong: " : "unreadable: ", e.message);
	out_char(&out, '\0');
	return out.at;
}

static const struct { const char *type; struct text body; const char *found; } cases[] = {
	/* The whole of it. */
	{ FORM "b", TEXT("--b\r\n" FILE_HEAD "Content-Type: text/plain\r\n\r\nabc\r\n--b--\r\n"),
	  "[f|a.txt|text/plain:abc]end" },
	{ FORM "b", TEXT("--b\r\n" HEAD "\r\none\r\n--b\r\n" FILE_HEAD "\r\ntwo\r\n--b--"),
	  "[x|-|-:one][f|a.txt|-:two]end" },
	{ FORM "b", TEXT("preamble\r\n--b\r\n" HEAD "\r\n1\r\n--b--\r\nepilogue\r\n--b\r\n"),
	  "[x|-|-:1]end" },
	{ FORM "b", TEXT("\r\n--b\r\n" HEAD "\r\n1\r\n--b--"), "[x|-|-:1]end" },
	{ FORM "b", TEXT("--b \t \r\n" HEAD "\r\n1\r\n--b-- \t\r\n"), "[x|-|-:1]end" },
	{ FORM "b", TEXT("--b--"), "end" },
	/* Bytes that are nearly a delimiter. */
	{ FORM "bb", TEXT("--bb\r\n" HEAD "\r\n\r\n--b\r\n--\r\n\r\n\r--bb\n--bb\r\r\n--bb--"),
	  "[x|-|-:\r\n--b\r\n--\r\n\r\n\r--bb\n--bb\r]end" },
	{ FORM "b", TEXT("--b\r\n" HEAD "\r\n--b\r\n--b--"), "[x|-|-:]wrong: the body ends in "
	  "the header of a part" },	/* the line's end is not the next delimiter's beginning */
	{ FORM "b", TEXT("--b\r\n" HEAD "\r\n\r\n\r\n\r\n--b--"), "[x|-|-:\r\n\r\n]end" },
	{ FORM "b", TEXT("x--b\r\n--b\r\n" HEAD "\r\n1\r\n--b--"), "[x|-|-:1]end" },
	/* No bytes: with a line of their own, and without. */
	{ FORM "b", TEXT("--b\r\n" FILE_HEAD "\r\n\r\n--b--"), "[f|a.txt|-:]end" },
	{ FORM "b", TEXT("--b\r\n" FILE_HEAD "\r\n--b--"), "[f|a.txt|-:]end" },
	/* Headers. */
	{ FORM "b", TEXT("--b\r\ncontent-DISPOSITION:form-data; name=x\r\nX-Any: \x80\t\r\n\r\n"
	  "1\r\n--b--"), "[x|-|-:1]end" },
	{ FORM "b", TEXT("--b\r\n" HEAD "Content-Transfer-Encoding: Binary\r\n\r\n1\r\n--b--"),
	  "[x|-|-:1]end" },
	{ FORM "b", TEXT("--b\r\nContent-Disposition: form-data; name=f; filename=\"\"\r\n\r\n\r\n"
	  "--b--"), "[f||-:]end" },
	/* Content-Type as it comes. */
	{ "Multipart/Form-Data;boundary=\"b c\"", TEXT("--b c\r\n" HEAD "\r\n1\r\n--b c--"),
	  "[x|-|-:1]end" },
	{ "multipart/form-data; charset=\"a;boundary=no\"; Boundary = b ; x=y",
	  TEXT("--b\r\n" HEAD "\r\n1\r\n--b--"), "[x|-|-:1]end" },
	{ FORM "'()+_,-./:=?", TEXT("--'()+_,-./:=?\r\n" HEAD "\r\n1\r\n--'()+_,-./:=?--"),
	  "[x|-|-:1]end" },
	/* What is wrong. */
	{ FORM "b", TEXT(""), "wrong: the body has no part with the boundary of Content-Type" },
	{ FORM "b", TEXT("--c\r\n" HEAD "\r\n1\r\n--c--"),
	  "wrong: the body has no part with the boundary of Content-Type" },
	{ FORM "b", TEXT("--b"), "wrong: the body ends before its closing boundary" },
	{ FORM "b", TEXT("--b\r\n"), "wrong: the body ends in the header of a part" },
	{ FORM "b", TEXT("--b\r\n" HEAD), "wrong: the body ends in the header of a part" },
	{ FORM "b", TEXT("--b\r\n" HEAD "\r\n1"),
	  "[x|-|-:1]wrong: the body ends before its closing boundary" },
	{ FORM "b", TEXT("--b\r\n" HEAD "\r\n1\r\n--"),
	  "[x|-|-:1]wrong: the body ends before its closing boundary" },
	{ FORM "b", TEXT("--b\r\n" HEAD "\r\n1\r\n--b"),
	  "[x|-|-:1]wrong: the body ends before its closing boundary" },
	{ FORM "b", TEXT("--b\r\n" HEAD "\r\n1\r\n--b-"),
	  "[x|-|-:1]wrong: a boundary is followed by something else" },
	{ FORM "b", TEXT("--b\r\n" HEAD "\r\n1\r\n--bc\r\n"),
	  "[x|-|-:1]wrong: a boundary is followed by something else" },
	{ FORM "b", TEXT("--b\r\n" HEAD "\r\n1\r\n--b\n" HEAD),
	  "[x|-|-:1]wrong: a boundary is followed by something else" },
	{ FORM "b", TEXT("--b\r\n" HEAD "\r\n1\r\n--b--x"),
	  "[x|-|-:1]wrong: the closing boundary is followed by something else" },
	{ FORM "b", TEXT("--b\r\n\r\n1\r\n--b--"), "wrong: a part has no Content-Disposition" },
	{ FORM "b", TEXT("--b\r\n\r\n--b--"), "wrong: a part has no Content-Disposition" },
	{ FORM "b", TEXT("--b\r\nContent-Disposition: attachment; name=f\r\n\r\n1\r\n--b--"),
	  "wrong: the Content-Disposition of a part is not form-data" },
	{ FORM "b", TEXT("--b\r\nContent-Disposition: form-data\r\n\r\n1\r\n--b--"),
	  "wrong: the Content-Disposition of a part has no name" },
	{ FORM "b", TEXT("--b\r\n" HEAD HEAD "\r\n1\r\n--b--"),
	  "wrong: the header of a part has a field twice" },
	{ FORM "b", TEXT("--b\r\n" HEAD "Content-Transfer-Encoding: base64\r\n\r\nMQ==\r\n--b--"),
	  "wrong: a part has a Content-Transfer-Encoding; send its bytes as they are" },
	{ FORM "b", TEXT("--b\r\n" HEAD " folded\r\n\r\n1\r\n--b--"),
	  "wrong: the header of a part has a line that is no field" },
	{ FORM "b", TEXT("--b\r\n" HEAD "X: a\0b\r\n\r\n1\r\n--b--"),
	  "wrong: the header of a part has a line that is no field" },
	{ FORM "b", TEXT("--b\r\n" HEAD "X: a\nY: b\r\n\r\n1\r\n--b--"),
	  "wrong: the header of a part has a line that is no field" },
	{ FORM "b", TEXT("--b\r\n" HEAD "no colon\r\n\r\n1\r\n--b--"),
	  "wrong: the header of a part has a line that is no field" },
	{ FORM "b", TEXT("--b\r\n" HEAD ": x\r\n\r\n1\r\n--b--"),
	  "wrong: the header of a part has a line that is no field" },
};
enum { CASES = sizeof cases / sizeof cases[0] };

static void
assert_found(size_t i, size_t piece, size_t taken)
{
	struct body b = { cases[i].body, piece, 0, false };
	struct arena a;
	const char *found;

	arena_init(&a, 1 << 20);
	found = parse(&a, cases[i].type, &b, taken);
	if (strcmp(found, cases[i].found) != 0)
		fail_msg("case %zu in pieces of %zu, taken by %zu: %s instead of %s", i, piece,
		    taken, found, cases[i].found);
	arena_fini(&a);
}

static void
a_body_is_the_same_in_whatever_pieces(void **state)
{
	(void)state;
	for (size_t i = 0; i < CASES; i++) {
		for (size_t piece = 1; piece <= 80; piece++)
			assert_found(i, piece, piece % 7 == 0 ? 1 : 4096);
		assert_found(i, SIZE_MAX, 4096);
		assert_found(i, SIZE_MAX, 1);
	}
}

/* No prefix of a good body is a good one, but for what stands behind its last boundary. */
static void
no_cut_body_is_whole(void **state)
{
	static const char body[] = "pre\r\n--b\r\n" FILE_HEAD "\r\nabc\r\n--b \r\n" HEAD
	    "\r\n\r\n\r\n--b--";

	(void)state;
	for (size_t n = 0; n < sizeof body - 1; n++) {
		/* In memory of just its size, so that a step beyond shows. */
		char *copy = malloc(n + (n == 0));
		struct body b = { { copy, n }, 5, 0, false };
		struct arena a;

		memcpy(copy, body, n);
		arena_init(&a, 1 << 20);
		if (strstr(parse(&a, FORM "b", &b, 3), "wrong: ") == NULL)
			fail_msg("the first %zu bytes are a body", n);
		arena_fini(&a);
		free(copy);
	}
}

static void
a_body_that_cannot_be_read_is_not_wrong(void **state)
{
	static const char body[] = "--b\r\n" HEAD "\r\n1234567890";

	(void)state;
	for (size_t n = 0; n < sizeof body; n++) {
		struct body b = { { body, n }, 64, 0, true };
		struct arena a;
		const char *found;

		arena_init(&a, 1 << 20);
		found = parse(&a, FORM "b", &b, 64);
		if (strstr(found, "unreadable: ") == NULL || strstr(found, "wrong: ") != NULL)
			fail_msg("after %zu bytes: %s", n, found);
		arena_fini(&a);
	}
}

#define TEN "0123456789"

static void
a_content_type_must_have_one_boundary(void **state)
{
	static const struct { const char *type, *why; } wrong[] = {
		{ NULL, "not multipart/form-data" },
		{ "multipart/mixed; boundary=b", "not multipart/form-data" },
		{ "multipart/form-datax; boundary=b", "not multipart/form-data" },
		{ "multipart/form-data", "needs a boundary" },
		{ "multipart/form-data; xboundary=b", "needs a boundary" },
		{ "multipart/form-data; boundary", "needs a boundary" },
		{ FORM, "1 to 70" },
		{ FORM "\"\"", "1 to 70" },
		{ FORM "\"b", "1 to 70" },
		{ FORM "\"b \"", "1 to 70" },
		{ FORM "b\r\nc", "1 to 70" },
		{ FORM "b\"c", "1 to 70" },
		{ FORM "\xc3\xa9", "1 to 70" },
		{ FORM TEN TEN TEN TEN TEN TEN TEN "0", "1 to 70" },
		{ FORM "b; boundary=c", "two boundaries" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		struct body b = { TEXT(""), 1, 0, false };
		struct arena a;
		const char *found;

		arena_init(&a, 1 << 20);
		found = parse(&a, wrong[i].type, &b, 1);
		if (strncmp(found, "no: ", 4) != 0 || strstr(found, wrong[i].why) == NULL)
			fail_msg("%s: %s", wrong[i].type, found);
		arena_fini(&a);
	}
}

/* ---- limits ---- */

/* What becomes of a body that is so many times a piece between two others. */
static const char *
parse_repeated(struct arena *a, const char *type, const char *before, const char *piece,
    unsigned times, const char *behind)
{
	struct out out;
	struct body b = { .piece = 4096 };

	out_init(&out, a, 8 << 20);
	out_string(&out, before);
	while (times-- > 0)
		out_string(&out, piece);
	out_string(&out, behind);
	b.text = (struct text){ out.at, out.len };
	return parse(a, type, &b, 4096);
}

static void
limits_hold(void **state)
{
	static const struct {
		const char *before, *piece;
		unsigned times;
		const char *behind, *why;	/* NULL: it is fine */
	} bodies[] = {
		{ "", "--b\r\n" HEAD "\r\n\r\n", 100, "--b--", NULL },
		{ "", "--b\r\n" HEAD "\r\n\r\n", 101, "--b--", "more than 100 parts" },
		{ "--b\r\n" HEAD, "A: b\r\n", 31, "\r\n\r\n--b--", NULL },
		{ "--b\r\n" HEAD, "A: b\r\n", 32, "\r\n\r\n--b--", "more than 32 fields" },
		{ "--b\r\n" HEAD "A: ", "0123456789", 814, "\r\n\r\n\r\n--b--", NULL },
		{ "--b\r\n" HEAD "A: ", "0123456789", 815, "\r\n\r\n\r\n--b--", "over 8 KiB" },
		{ "--b\r\n" HEAD "A: ", "0123456789", 80000, "", "over 8 KiB" },
		{ "--b", " ", 8192, "\r\n" HEAD "\r\n\r\n--b--", NULL },
		{ "--b", " ", 8193, "\r\n" HEAD "\r\n\r\n--b--", "too much white space" },
		{ "--b--", " ", 8193, "", "too much white space" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
		struct arena a;
		const char *found;

		arena_init(&a, 16 << 20);
		found = parse_repeated(&a, FORM "b", bodies[i].before, bodies[i].piece,
		    bodies[i].times, bodies[i].behind);
		if (strstr(found, bodies[i].why == NULL ? "]end" : bodies[i].why) == NULL)
			fail_msg("case %zu: %.200s", i, found);
		arena_fini(&a);
	}
}

static void
the_longest_boundary_is_one(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, 1 << 20);
	assert_string_equal(parse_repeated(&a, FORM TEN TEN TEN TEN TEN TEN TEN, "--", TEN, 7,
	    "\r\n" HEAD "\r\n1\r\n--" TEN TEN TEN TEN TEN TEN TEN "--"), "[x|-|-:1]end");
	arena_fini(&a);
}

/* Four MiB, all of it the beginning of a delimiter, in an arena that would not hold it. */
static void
memory_does_not_grow_with_a_part(void **state)
{
	enum { TIMES = 600000 };
	static const char before[] = "--b\r\n" FILE_HEAD "\r\n", behind[] = "\r\n--b--";
	static const char piece[] = "\r\n--\r\n-";
	char *bytes = malloc(sizeof before + TIMES * sizeof piece + sizeof behind), *to = bytes;
	struct body b = { .piece = 1000 };
	struct multipart *m;
	struct part part;
	struct arena a;
	struct err e;
	char taken[512];
	size_t sum = 0;
	long n;

	(void)state;
	to = stpcpy(to, before);
	for (unsigned i = 0; i < TIMES; i++)
		to = stpcpy(to, piece);
	to = stpcpy(to, behind);
	b.text = (struct text){ bytes, (size_t)(to - bytes) };
	arena_init(&a, 128 * 1024);
	assert_true(multipart_open(&a, TEXT(FORM "b"), source, &b, &m, &e));
	assert_int_equal(multipart_next(m, &part, &e), MULTIPART_PART);
	while ((n = multipart_read(m, taken, sizeof taken)) > 0)
		for (long i = 0; i < n; i++, sum++)
			if (taken[i] != piece[sum % (sizeof piece - 1)])
				fail_msg("wrong byte at %zu", sum);
	assert_int_equal(n, 0);
	assert_int_equal(sum, TIMES * (sizeof piece - 1));
	assert_int_equal(multipart_next(m, &part, &e), MULTIPART_END);
	arena_fini(&a);
	free(bytes);
}

/* Who is not interested in a part goes past it. */
static void
a_part_can_be_left_unread(void **state)
{
	struct body b = { TEXT("--b\r\n" HEAD "\r\none\r\n--b\r\n" FILE_HEAD "\r\ntwo\r\n"
	    "--b--"), 9, 0, false };
	struct multipart *m;
	struct part part;
	struct arena a;
	struct err e;
	char bytes[8];

	(void)state;
	arena_init(&a, 1 << 20);
	assert_true(multipart_open(&a, TEXT(FORM "b"), source, &b, &m, &e));
	assert_int_equal(multipart_read(m, bytes, sizeof bytes), -1);
	assert_int_equal(multipart_next(m, &part, &e), MULTIPART_PART);
	assert_int_equal(multipart_read(m, bytes, 1), 1);
	assert_int_equal(multipart_next(m, &part, &e), MULTIPART_PART);
	assert_true(text_equal(part.filename, TEXT("a.txt")));
	assert_int_equal(multipart_next(m, &part, &e), MULTIPART_END);
	arena_fini(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_body_is_the_same_in_whatever_pieces),
		cmocka_unit_test(no_cut_body_is_whole),
		cmocka_unit_test(a_body_that_cannot_be_read_is_not_wrong),
		cmocka_unit_test(a_content_type_must_have_one_boundary),
		cmocka_unit_test(limits_hold),
		cmocka_unit_test(the_longest_boundary_is_one),
		cmocka_unit_test(memory_does_not_grow_with_a_part),
		cmocka_unit_test(a_part_can_be_left_unread),
	};

	return cmocka_run_group_tests_name("multipart", tests, NULL, NULL);
}
