/* Content-Disposition: names of files as clients send them, and as we do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "arena.h"
#include "disposition.h"
#include "err.h"
#include "out.h"

static void
headers_are_read(void **state)
{
	static const struct { const char *header, *type, *name, *filename; } cases[] = {
		/* RFC 6266, section 5. */
		{ "Attachment; filename=example.html", "Attachment", NULL, "example.html" },
		{ "INLINE; FILENAME= \"an example.html\"", "INLINE", NULL, "an example.html" },
		{ "attachment; filename*= UTF-8''%e2%82%ac%20rates", "attachment", NULL, "€ rates" },
		{ "attachment; filename=\"EURO rates\"; filename*=utf-8''%e2%82%ac%20rates",
		  "attachment", NULL, "€ rates" },
		/* In either order; RFC 8187's other charset, a language. */
		{ "attachment; filename*=utf-8''%e2%82%ac; filename=\"EURO\"", "attachment", NULL, "€" },
		{ "attachment; filename*=iso-8859-1'en'%A3%20rates", "attachment", NULL, "£ rates" },
		/* What cannot be read of filename* leaves filename. */
		{ "attachment; filename=a.txt; filename*=UTF-8''%zz", "attachment", NULL, "a.txt" },
		{ "attachment; filename=a.txt; filename*=UTF-8''%ff", "attachment", NULL, "a.txt" },
		{ "attachment; filename=a.txt; filename*=koi8-r''%ff", "attachment", NULL, "a.txt" },
		{ "attachment; filename=a.txt; filename*=b.txt", "attachment", NULL, "a.txt" },
		{ "attachment; filename=a.txt; filename*=UTF-8'b.txt", "attachment", NULL, "a.txt" },
		{ "attachment; filename*=UTF-8'", "attachment", NULL, NULL },
		/* Forms. */
		{ "form-data; name=\"file\"", "form-data", "file", NULL },
		{ "form-data; name=\"file\"; filename=\"\"", "form-data", "file", "" },
		{ "form-data; name=\"a%22b\"; filename=\"c%22d.txt\"", "form-data", "a\"b", "c\"d.txt" },
		{ "form-data; filename=\"a\\\"b.txt\"; name=x", "form-data", "x", "a\"b.txt" },
		{ "form-data; name=f; filename=\"100%.txt\"", "form-data", "f", "100%.txt" },
		{ "form-data; name=f; filename=\"a%41%2.txt\"", "form-data", "f", "a%41%2.txt" },
		{ "form-data; name=\"f\"; filename=\"Αναφορά.pdf\"", "form-data", "f", "Αναφορά.pdf" },
		{ "form-data; name=f; filename=報告.pdf", "form-data", "f", "報告.pdf" },
		{ "form-data; name=\"f\"; filename=\"caf\xe9.txt\"", "form-data", "f", "café.txt" },
		{ "form-data; name=f; filename=\"a;b=c.txt\"", "form-data", "f", "a;b=c.txt" },
		/* Folders. */
		{ "attachment; filename=\"../../etc/passwd\"", "attachment", NULL, "passwd" },
		{ "attachment; filename=\"C:\\Users\\maria\\a.txt\"", "attachment", NULL, "a.txt" },
		{ "attachment; filename=\"C:\\\\Users\\\\a.txt\"", "attachment", NULL, "a.txt" },
		{ "attachment; filename*=UTF-8''..%2F..%2Fa.txt", "attachment", NULL, "a.txt" },
		{ "attachment; filename*=UTF-8''..%5Ca.txt", "attachment", NULL, "a.txt" },
		/* What is not seen. */
		{ "attachment; filename=\"a\tb\x01\x7f.txt\"", "attachment", NULL, "ab.txt" },
		{ "form-data; name=f; filename=\"a%0D%0AX: y.txt\"", "form-data", "f", "aX: y.txt" },
		{ "attachment; filename*=UTF-8''a%C2%85b.txt", "attachment", NULL, "ab.txt" },
		{ "attachment; filename*=UTF-8''inv%E2%80%AEfdp.exe", "attachment", NULL, "invfdp.exe" },
		{ "attachment; filename*=UTF-8''%EF%BB%BFa.txt", "attachment", NULL, "a.txt" },
		{ "attachment; filename*=UTF-8''a%E2%80%8Db", "attachment", NULL, "a\xe2\x80\x8d" "b" },
		{ "attachment; filename=\"  a b.txt \"", "attachment", NULL, "a b.txt" },
		{ "attachment; filename=\".profile\"", "attachment", NULL, ".profile" },
		{ "attachment; filename=\"...\"", "attachment", NULL, "..." },
		/* Loose ends. */
		{ "attachment", "attachment", NULL, NULL },
		{ " attachment ; ; filename = a.txt ; ", "attachment", NULL, "a.txt" },
		{ "attachment; foo=\"bar; filename=b\"; filename=a", "attachment", NULL, "a" },
		{ "attachment; filename*0=\"a\"; filename*1=\"b\"", "attachment", NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct disposition d;
		struct arena a;
		struct err e;

		arena_init(&a, 65536);
		if (!disposition_read(&a, text_of(cases[i].header), &d, &e))
			fail_msg("%s: %s", cases[i].header, e.message);
		if (!text_equal(d.type, text_of(cases[i].type)) ||
		    !text_equal(d.name, text_of(cases[i].name)) ||
		    !text_equal(d.filename, text_of(cases[i].filename)))
			fail_msg("%s: '%.*s'", cases[i].header, (int)d.filename.len, d.filename.at);
		arena_fini(&a);
	}
}

static void
what_is_wrong_is_said(void **state)
{
	static const struct { struct text header; const char *why; } cases[] = {
		{ TEXT(""), "no type" },
		{ TEXT("; filename=a"), "no type" },
		{ TEXT("attachment filename=a"), "other than ';'" },
		{ TEXT("attachment; filename"), "'filename' without a value" },
		{ TEXT("attachment; filename=\"a"), "does not end" },
		{ TEXT("attachment; filename=\"a\\\""), "does not end" },
		{ TEXT("attachment; filename=\"a\"b"), "other than ';'" },
		{ TEXT("attachment; filename=a\"b\""), "other than ';'" },
		{ TEXT("attachment; filename=a; filename=b"), "filename twice" },
		{ TEXT("attachment; filename*=UTF-8''a; filename*=UTF-8''b"), "filename* twice" },
		{ TEXT("form-data; name=a; name=b"), "name twice" },
		{ TEXT("form-data; name=\"\xff\""), "not UTF-8" },
		{ TEXT("attachment; filename=."), "nothing is left" },
		{ TEXT("attachment; filename=\"..\""), "nothing is left" },
		{ TEXT("attachment; filename=\"a/..\""), "nothing is left" },
		{ TEXT("attachment; filename=\"a/\""), "nothing is left" },
		{ TEXT("attachment; filename=\"  \""), "nothing is left" },
		{ TEXT("attachment; filename=\"\x01\""), "nothing is left" },
		{ TEXT("attachment; filename*=UTF-8''a%00.txt"), "NUL" },
		{ TEXT("attachment; filename=\"a\0.txt\""), "NUL" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct disposition d;
		struct arena a;
		struct err e = { "" };

		arena_init(&a, 65536);
		if (disposition_read(&a, cases[i].header, &d, &e) ||
		    strstr(e.message, cases[i].why) == NULL)
			fail_msg("%s: %s", cases[i].header.at, e.message);
		arena_fini(&a);
	}
}

/* A name of n times a character, and an ending. */
static struct text
long_name(struct arena *a, unsigned n, const char *character, const char *ending)
{
	struct out out;

	out_init(&out, a, 8192);
	out_string(&out, "attachment; filename=\"");
	while (n-- > 0)
		out_string(&out, character);
	out_printf(&out, "%s\"", ending);
	return (struct text){ out.at, out.len };
}

static void
a_long_name_keeps_its_extension(void **state)
{
	static const struct {
		unsigned n;
		const char *character, *ending;
		size_t bytes;
		const char *end;
	} cases[] = {
		{ 251, "a", ".pdf", 255, "aa.pdf" },
		{ 252, "a", ".pdf", 255, "aa.pdf" },
		{ 900, "a", ".pdf", 255, "aa.pdf" },
		{ 900, "€", ".pdf", 251 * 3 + 4, "€.pdf" },
		{ 900, "a", "", 255, "aa" },
		{ 900, "a", ".aaaaaaaaaaaaaaaa", 255, "aaaa" },
		{ 900, "a", ".aaaaaaaaaaaaaaa", 255, "a.aaaaaaaaaaaaaaa" },
		{ 900, "a", ".tar.gz", 255, "aa.gz" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		size_t n = strlen(cases[i].end);
		struct disposition d;
		struct arena a;
		struct err e;

		arena_init(&a, 1 << 20);
		assert_true(disposition_read(&a, long_name(&a, cases[i].n, cases[i].character,
		    cases[i].ending), &d, &e));
		assert_int_equal(d.filename.len, cases[i].bytes);
		assert_memory_equal(d.filename.at + d.filename.len - n, cases[i].end, n);
		arena_fini(&a);
	}
}

static void
a_name_is_written_twice(void **state)
{
	static const struct { struct text name; const char *header; } cases[] = {
		{ TEXT("a.txt"), "attachment; filename=\"a.txt\"; filename*=UTF-8''a.txt" },
		{ TEXT("€ rates.txt"),
		  "attachment; filename=\"_ rates.txt\"; filename*=UTF-8''%E2%82%AC%20rates.txt" },
		{ TEXT("a\"b\\c%d'e*f;g"), "attachment; filename=\"a_b_c_d'e*f;g\"; "
		  "filename*=UTF-8''a%22b%5Cc%25d%27e%2Af%3Bg" },
		{ TEXT("a\r\nX: y\0z"),
		  "attachment; filename=\"a__X: y_z\"; filename*=UTF-8''a%0D%0AX%3A%20y%00z" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct arena a;
		struct out out;

		arena_init(&a, 65536);
		out_init(&out, &a, 4096);
		disposition_write(&out, cases[i].name);
		out_char(&out, '\0');
		assert_string_equal(out.at, cases[i].header);
		arena_fini(&a);
	}
}

/* Whatever we write we read as the same name. */
static void
what_is_written_is_read(void **state)
{
	static const char *const names[] = {
		"a.txt", "Αναφορά 2026.pdf", "報告書.docx", "תקציר.txt", "a\"b;c=d'e%41.txt", "😀.png",
	};

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		struct disposition d;
		struct arena a;
		struct out out;
		struct err e;

		arena_init(&a, 65536);
		out_init(&out, &a, 4096);
		disposition_write(&out, text_of(names[i]));
		assert_true(disposition_read(&a, (struct text){ out.at, out.len }, &d, &e));
		assert_true(text_equal(d.filename, text_of(names[i])));
		arena_fini(&a);
	}
}

/* Every header cut at every byte, in memory of just its size. */
static void
no_cut_header_is_read_beyond(void **state)
{
	static const char whole[] = "form-data; "
	    "name=\"a%22b\"; filename=\"c\\\"d%0D\xce\xb1.txt\"; "
	    "filename*=UTF-8'el'%ce%b1%2Fb.txt";

	(void)state;
	for (size_t n = 0; n < sizeof whole; n++) {
		struct disposition d;
		struct arena a;
		struct err e;
		struct text cut;

		cut = (struct text){ test_malloc(n), n };
		memcpy((void *)(uintptr_t)cut.at, whole, n);
		arena_init(&a, 65536);
		(void)disposition_read(&a, cut, &d, &e);
		arena_fini(&a);
		test_free((void *)(uintptr_t)cut.at);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(headers_are_read),
		cmocka_unit_test(what_is_wrong_is_said),
		cmocka_unit_test(a_long_name_keeps_its_extension),
		cmocka_unit_test(a_name_is_written_twice),
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(no_cut_header_is_read_beyond),
	};

	return cmocka_run_group_tests_name("disposition", tests, NULL, NULL);
}
