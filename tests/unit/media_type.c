/* What is kept of a Content-Type, and the text of a file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "arena.h"
#include "err.h"
#include "media_type.h"

#define UNKNOWN "application/octet-stream"
#define TEN "aaaaaaaaaa"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

static void
a_type_is_kept_if_it_is_one(void **state)
{
	static const struct { const char *given, *kept; } cases[] = {
		{ NULL, UNKNOWN },
		{ "", UNKNOWN },
		{ "text/plain", "text/plain" },
		{ " Text/HTML ", "text/html" },
		{ "image/svg+xml", "image/svg+xml" },
		{ "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
		  "application/vnd.openxmlformats-officedocument.wordprocessingml.document" },
		{ "text/plain;charset=utf-8", "text/plain; charset=utf-8" },
		{ "text/plain ; format=flowed; Charset=\"UTF-8\"", "text/plain; charset=UTF-8" },
		{ "text/plain; charset=utf-8; charset=utf-7", "text/plain; charset=utf-8" },
		{ "text/plain; boundary=x", "text/plain" },
		{ "text/plain; charset", "text/plain" },
		{ "text/plain; charset=", "text/plain" },
		{ "text/plain; charset=\"utf-8", "text/plain" },
		{ "text/plain; charset=\"a b\"", "text/plain" },
		{ "text/plain; charset=a\r\nX: y", "text/plain; charset=a" },
		{ "text/plain;", "text/plain" },
		{ "text", UNKNOWN },
		{ "text/", UNKNOWN },
		{ "/plain", UNKNOWN },
		{ "text/plain/x", UNKNOWN },
		{ "text /plain", UNKNOWN },
		{ "text/pl ain", UNKNOWN },
		{ "text/plain\r\nSet-Cookie: a=b", UNKNOWN },
		{ "text/\"plain\"", UNKNOWN },
		{ "te\xc3\xa9t/plain", UNKNOWN },
		{ "*/*", "*/*" },
		{ "text/" HUNDRED TEN TEN "aa", "text/" HUNDRED TEN TEN "aa" },		/* 127 */
		{ "text/" HUNDRED TEN TEN "aaa", UNKNOWN },
		{ "text/" HUNDRED "; charset=aaaaaaaaaaaa", "text/" HUNDRED "; charset=aaaaaaaaaaaa" },
		{ "text/" HUNDRED "; charset=aaaaaaaaaaaaa", "text/" HUNDRED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct arena a;
		struct text kept;

		arena_init(&a, 65536);
		kept = media_type_keep(&a, text_of(cases[i].given));
		if (!text_equal(kept, text_of(cases[i].kept)))
			fail_msg("%s: %.*s", cases[i].given, (int)kept.len, kept.at);
		arena_fini(&a);
	}
}

static void
text_is_what_begins_so(void **state)
{
	(void)state;
	assert_true(media_type_is_text(TEXT("text/plain")));
	assert_true(media_type_is_text(TEXT("text/csv; charset=utf-8")));
	assert_false(media_type_is_text(TEXT("text/")));
	assert_false(media_type_is_text(TEXT("textual/plain")));
	assert_false(media_type_is_text(TEXT(UNKNOWN)));
	assert_false(media_type_is_text((struct text){ 0 }));
}

/* The text of a file of these bytes, repeated so many times; in the arena. */
static struct text
text_in(struct arena *a, struct text bytes, unsigned times)
{
	int fd = memfd_create("text", 0);
	struct text found = { NULL, 0 };
	struct err e;

	while (times-- > 0)
		assert_int_equal(write(fd, bytes.at, bytes.len), bytes.len);
	lseek(fd, 0, SEEK_SET);
	assert_true(media_type_text(a, fd, &found, &e));
	close(fd);
	return found;
}

static void
the_text_of_a_file_is_its_valid_beginning(void **state)
{
	static const struct { struct text bytes, found; } cases[] = {
		{ TEXT(""), { NULL, 0 } },
		{ TEXT("abc"), TEXT("abc") },
		{ TEXT("αθήνα\n"), TEXT("αθήνα\n") },
		{ TEXT("\xef\xbb\xbf" "abc"), TEXT("abc") },
		{ TEXT("\xef\xbb\xbf"), { NULL, 0 } },
		{ TEXT("\xef\xbb"), { NULL, 0 } },
		{ TEXT("caf\xe9 noir"), TEXT("caf") },
		{ TEXT("abc\xce"), TEXT("abc") },
		{ TEXT("\xff\xfe" "a\0b\0"), { NULL, 0 } },
		{ TEXT("a\0b"), { NULL, 0 } },
		{ TEXT("\0"), { NULL, 0 } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct arena a;
		struct text found;

		arena_init(&a, 4 << 20);
		found = text_in(&a, cases[i].bytes, 1);
		if (!text_equal(found, cases[i].found))
			fail_msg("case %zu: %zu bytes", i, found.len);
		arena_fini(&a);
	}
}

static void
a_long_text_is_cut_between_characters(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, 16 << 20);
	assert_int_equal(text_in(&a, TEXT("0123456789abcdef"), 70000).len, 1 << 20);
	/* 2^20 is not a multiple of three. */
	assert_int_equal(text_in(&a, TEXT("€"), 400000).len, (1 << 20) - 1);
	arena_fini(&a);
}

static void
what_cannot_be_read_is_a_failure(void **state)
{
	struct arena a;
	struct text found;
	struct err e;

	(void)state;
	arena_init(&a, 4 << 20);
	assert_false(media_type_text(&a, -1, &found, &e));
	assert_non_null(strstr(e.message, "Bad file descriptor"));
	arena_fini(&a);
	arena_init(&a, 4096);
	assert_false(media_type_text(&a, 0, &found, &e));
	assert_non_null(strstr(e.message, "memory"));
	arena_fini(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_type_is_kept_if_it_is_one),
		cmocka_unit_test(text_is_what_begins_so),
		cmocka_unit_test(the_text_of_a_file_is_its_valid_beginning),
		cmocka_unit_test(a_long_text_is_cut_between_characters),
		cmocka_unit_test(what_cannot_be_read_is_a_failure),
	};

	return cmocka_run_group_tests_name("media_type", tests, NULL, NULL);
}
