/* Entity tags: what has the same one, which are listed, and that long answers have them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "../fixture/hall.h"
#include "db.h"
#include "err.h"
#include "etag.h"
#include "out.h"

#include <cmocka.h>	/* after plugin.h, where "fail" is a name */

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

/* ---- fingerprints ---- */

/*
 * XXH3_128bits of nothing is a constant of the algorithm (its published test vectors);
 * so the tags stay the same when the library, or the machine, is another.
 */
static void
a_fingerprint_is_xxh3_in_canonical_form(void **state)
{
	char hex[FINGERPRINT_SIZE];
	struct fingerprint f = { 0 };

	(void)state;
	assert_false(fingerprint_begun(&f));
	fingerprint_begin(&f);
	fingerprint_add(&f, NULL, 0);
	fingerprint_write(&f, hex);
	assert_string_equal(hex, "99aa06d3014798d86001c324468d497f");
	fingerprint_fini(&f);
	assert_false(fingerprint_begun(&f));
	fingerprint_fini(&f);
}

static void
print_of_pieces(const char *bytes, size_t n, size_t piece, char hex[FINGERPRINT_SIZE])
{
	struct fingerprint f = { 0 };
	size_t at;

	fingerprint_begin(&f);
	for (at = 0; at < n; at += piece)
		fingerprint_add(&f, bytes + at, n - at < piece ? n - at : piece);
	fingerprint_write(&f, hex);
	fingerprint_fini(&f);
}

static void
however_bytes_are_cut_the_fingerprint_is_the_same(void **state)
{
	static const size_t pieces[] = { 1, 7, 64, 255, 256, 257, 1024, 4999 };
	char bytes[5000], whole[FINGERPRINT_SIZE], hex[FINGERPRINT_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)(i * 31);
	print_of_pieces(bytes, sizeof(bytes), sizeof(bytes), whole);
	for (size_t i = 0; i < COUNT(pieces); i++) {
		print_of_pieces(bytes, sizeof(bytes), pieces[i], hex);
		assert_string_equal(hex, whole);
	}
	bytes[4321] ^= 1;
	print_of_pieces(bytes, sizeof(bytes), 100, hex);
	assert_string_not_equal(hex, whole);
}

static void
chain_of(const char *const pieces[], char hex[FINGERPRINT_SIZE])
{
	struct fingerprint_chain c = { 0, 0 };

	for (; *pieces != NULL; pieces++)
		fingerprint_chain_add(&c, *pieces, strlen(*pieces));
	fingerprint_chain_write(&c, hex);
}

static void
a_chain_tells_its_pieces_their_order_and_their_cuts(void **state)
{
	static const char *const chains[][4] = {
		{ "row", "other" }, { "other", "row" }, { "rowother" }, { "row", "other", "" },
		{ "", "row", "other" }, { "row" }, { "row", "row" }, { "" }, { NULL },
	};
	char hex[COUNT(chains)][FINGERPRINT_SIZE], again[FINGERPRINT_SIZE];

	(void)state;
	for (size_t i = 0; i < COUNT(chains); i++) {
		chain_of(chains[i], hex[i]);
		chain_of(chains[i], again);
		assert_string_equal(hex[i], again);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(hex[i], hex[k]);
	}
}

static void
an_absent_text_is_not_part_of_a_tag(void **state)
{
	char with[ETAG_SIZE], without[ETAG_SIZE];
	struct etag e = { 0 };

	(void)state;
	etag_add(&e, TEXT("row"));
	etag_finish(&e, without);
	etag_add(&e, (struct text){ NULL, 0 });
	etag_finish(&e, with);
	assert_string_equal(with, without);
}

static void
begun_anew_it_knows_nothing_of_before(void **state)
{
	char first[ETAG_SIZE], again[ETAG_SIZE], longer[ETAG_SIZE];
	struct etag e = { 0 };

	(void)state;
	etag_add(&e, TEXT("row"));
	etag_finish(&e, first);
	etag_add(&e, TEXT("row"));
	etag_finish(&e, longer);
	etag_begin(&e);
	etag_add(&e, TEXT("row"));
	etag_finish(&e, again);
	assert_string_equal(first, again);
	assert_string_not_equal(first, longer);
	assert_int_equal(strlen(first), ETAG_SIZE - 1);
	assert_true(first[0] == '"' && first[ETAG_SIZE - 2] == '"');
}

/* ---- lists of tags ---- */

static const struct {
	const char *list;
	bool weakly, strongly;
} lists[] = {
	{ "\"a\"",                    true,  true },
	{ "*",                        true,  true },
	{ "  * ",                     true,  true },
	{ "W/\"a\"",                  true,  false },
	{ "\"b\", \"a\"",             true,  true },
	{ "\"b\",\"a\"",              true,  true },
	{ ", ,\t\"b\" , W/\"a\" ,",   true,  false },
	{ "W/\"a\", \"a\"",           true,  true },
	{ "\"b,\"a\"",                false, false },	/* a tag that holds a comma, then a word */
	{ "\"x,y\", \"a\"",           true,  true },
	{ "\"\\\", \"a\"",            true,  true },	/* a backslash escapes nothing */
	{ "\"A\"",                    false, false },
	{ "\"aa\"",                   false, false },
	{ "w/\"a\"",                  false, false },	/* W is a capital: RFC 9110 8.8.3 */
	{ "W/ \"a\"",                 false, false },
	{ "a",                        false, false },
	{ "\"a",                      false, false },
	{ "\"",                       false, false },
	{ "W/",                       false, false },
	{ "\"b\" *",                  false, false },
	{ "",                         false, false },
	{ NULL,                       false, false },
};

static void
a_tag_is_listed_or_not(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(lists); i++) {
		struct text list = text_of(lists[i].list);

		if (etag_listed(list, TEXT("\"a\""), ETAG_WEAKLY) != lists[i].weakly ||
		    etag_listed(list, TEXT("\"a\""), ETAG_STRONGLY) != lists[i].strongly)
			fail_msg("%s", lists[i].list);
	}
}

/* ---- long answers ---- */

static const char *
site(struct place *p, const char *limits)
{
	return arena_printf(&p->arena, "limits: { %s }\nsites:\n  - name: main\n"
	    "    database: { path: @/main.db }\n    modules: { errand: }\n", limits);
}

static void
fill(struct place *p)
{
	char notes[5001];	/* of 200 rows: more than a piece of an answer */

	memset(notes, 'n', sizeof(notes) - 1);
	notes[sizeof(notes) - 1] = '\0';
	hall_enter(p, HOUSE_AT_ONCE, site(p, "inline_answer: 4KiB"));
	for (int i = 0; i < 200; i++)
		assert_int_equal(hall_send(p, "POST", "/api/v1/errands", arena_printf(&p->arena,
		    "{\"name\":\"n%d\",\"notes\":\"%s\"}", i, notes)).status, 201);
}

static struct got
ask_if_not(struct place *p, const char *target, const char *tag)
{
	struct ask ask = { .method = "GET", .target = target };

	ask.headers[0] = (struct header){ TEXT("if-none-match"), text_of(tag) };
	return hall_ask(p, &ask);
}

/* A list that is made at once, and one that goes through a spool: the same tag, and where
 * the client has it no body, wherever that was made. */
static void
the_tag_of_a_list_is_the_same_in_the_slow_lane(void **state)
{
	static const char *const limits[] = { "inline_answer: 4KiB", "inline_answer: 64MiB" };
	struct place *p = *state;
	const char *tag;
	struct got got;

	fill(p);
	got = hall_get(p, "/api/v1/errands");
	tag = hall_header(&got, "etag");
	assert_non_null(tag);
	for (size_t i = 0; i < COUNT(limits); i++) {
		hall_enter(p, HOUSE_SERVING, site(p, limits[i]));
		got = hall_get(p, "/api/v1/errands");
		assert_int_equal(got.status, 200);
		assert_int_equal(got.spooled, i == 0);
		assert_string_equal(hall_header(&got, "etag"), tag);
		got = ask_if_not(p, "/api/v1/errands", tag);
		assert_int_equal(got.status, 304);
		assert_int_equal(got.later, i == 0);
		assert_false(got.spooled);
		assert_int_equal(got.body.len, 0);
		assert_string_equal(hall_header(&got, "etag"), tag);
		got = ask_if_not(p, "/api/v1/errands", "\"other\"");
		assert_int_equal(got.status, 200);
		assert_int_equal(got.spooled, i == 0);
	}
}

/* Who has a row is told so without its being read, but never when anything has changed. */
static void
expect_known(struct place *p, const char *target, const char *tag)
{
	for (int i = 0; i < 3; i++) {
		struct got got = ask_if_not(p, target, tag);

		assert_int_equal(got.status, 304);
		assert_string_equal(hall_header(&got, "etag"), tag);
		assert_int_equal(got.body.len, 0);
	}
	assert_int_equal(ask_if_not(p, target, "\"other\"").status, 200);
}

static const char *
expect_new(struct place *p, const char *target, const char *tag)
{
	struct got got = ask_if_not(p, target, tag);

	assert_int_equal(got.status, 200);
	assert_string_not_equal(hall_header(&got, "etag"), tag);
	return hall_header(&got, "etag");
}

static void
a_tag_is_believed_until_anything_changes(void **state)
{
	static const enum house_mode modes[] = { HOUSE_AT_ONCE, HOUSE_SERVING };
	static const char row[] = "/api/v1/errands/1", other[] = "/api/v1/errands/2";
	struct place *p = *state;
	const char *tag, *tag_of_other;
	struct got got;

	for (size_t i = 0; i < COUNT(modes); i++) {
		hall_enter(p, modes[i], site(p, "unindexed: 0"));
		hall_send(p, "POST", "/api/v1/errands", "{\"name\":\"a\"}");
		hall_send(p, "POST", "/api/v1/errands", "{\"name\":\"b\"}");
		got = hall_get(p, row);
		tag = hall_header(&got, "etag");
		got = hall_get(p, other);
		tag_of_other = hall_header(&got, "etag");
		expect_known(p, row, tag);
		expect_known(p, other, tag_of_other);
		assert_int_equal(hall_send(p, "PATCH", row, arena_printf(&p->arena,
		    "{\"notes\":\"by us %d\"}", (int)i)).status, 200);
		expect_known(p, other, tag_of_other);
		tag = expect_new(p, row, tag);
		expect_known(p, row, tag);
		hall_change(p, "main.db", arena_printf(&p->arena,
		    "UPDATE errand SET notes = 'by others %d' WHERE id = 1", (int)i));
		tag = expect_new(p, row, tag);
		expect_known(p, row, tag);
		hall_change(p, "main.db", "DELETE FROM errand WHERE id = 1");
		assert_int_equal(ask_if_not(p, row, tag).status, 404);
		expect_known(p, other, tag_of_other);
		hall_change(p, "main.db", "DELETE FROM errand; DELETE FROM sqlite_sequence");
		hall_close(p);
	}
}

/* The last byte of the last row counts as much as the first. */
static void
any_change_of_any_row_is_another_tag(void **state)
{
	struct place *p = *state;
	const char *tag, *later;
	struct got got;

	fill(p);
	got = hall_get(p, "/api/v1/errands");
	tag = hall_header(&got, "etag");
	assert_int_equal(hall_send(p, "PATCH", "/api/v1/errands/1", "{\"notes\":\"x\"}").status,
	    200);
	got = hall_get(p, "/api/v1/errands");
	later = hall_header(&got, "etag");
	assert_string_not_equal(later, tag);
	assert_int_equal(hall_send(p, "DELETE", "/api/v1/errands/1", NULL).status, 200);
	got = hall_get(p, "/api/v1/errands");
	assert_string_not_equal(hall_header(&got, "etag"), later);
}

int
main(void)
{
#define IN_HALL(test) cmocka_unit_test_setup_teardown(test, hall_settle, hall_leave)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fingerprint_is_xxh3_in_canonical_form),
		cmocka_unit_test(however_bytes_are_cut_the_fingerprint_is_the_same),
		cmocka_unit_test(a_chain_tells_its_pieces_their_order_and_their_cuts),
		cmocka_unit_test(an_absent_text_is_not_part_of_a_tag),
		cmocka_unit_test(begun_anew_it_knows_nothing_of_before),
		cmocka_unit_test(a_tag_is_listed_or_not),
		IN_HALL(the_tag_of_a_list_is_the_same_in_the_slow_lane),
		IN_HALL(a_tag_is_believed_until_anything_changes),
		IN_HALL(any_change_of_any_row_is_another_tag),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
