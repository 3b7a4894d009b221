/*
 * Whether a snippet is a piece of the text itself, around the right place, in whole
 * characters, whatever folding has made of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "arena.h"
#include "cleanup.h"
#include "out.h"
#include "snippet.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define SHARP_S "\xc3\x9f"		/* folds to ss: as long */
#define I_DOT "\xc4\xb0"		/* I with a dot above, folds to i and a mark: longer */
#define FI "\xef\xac\x81"		/* the ligature, folds to fi: shorter */
#define ACUTE "\xcc\x81"		/* a combining mark */
#define ATHENS "\xce\x91\xce\x98\xce\x89\xce\x9d\xce\x91"		/* in capitals */
#define ATHENS_FOLDED "\xce\xb1\xce\xb8\xce\xae\xce\xbd\xce\xb1"
#define IOTA "\xce\x90"			/* with two marks, folds to three characters */

static const char *
shown(struct arena *a, struct text t, struct text term)
{
	struct snippet s;
	struct out out;

	if (snippet_find(t, term, &s) != SNIPPET_FOUND)
		return NULL;
	assert_true(s.piece.at >= t.at && s.piece.at + s.piece.len <= t.at + t.len);
	assert_true(text_valid(s.piece, NULL));
	out_init(&out, a, SIZE_MAX);
	snippet_write(&out, &s);
	out_char(&out, '\0');
	return out.at;
}

static void
a_short_text_is_shown_whole(void **state)
{
	static const struct { const char *text, *term; bool found; } cases[] = {
		{ "VPN does not connect", "vpn", true },
		{ "VPN does not connect", "connect", true },
		{ "VPN does not connect", "vpm", false },
		{ "vpn", "vpn", true },
		{ "", "vpn", false },
		{ ATHENS, ATHENS_FOLDED, true },
		{ "Stra" SHARP_S "e", "strasse", true },
		{ "Stra" SHARP_S "e", "se", true },
		{ "Stra" SHARP_S "e", "ras", true },
		{ "STRASSE", "strasse", true },
		{ FI "rewall", "firewall", true },
		{ FI "rewall", "i", true },
		{ I_DOT "stanbul", "stanbul", true },
		{ I_DOT "stanbul", "i\xcc\x87stanbul", true },
		{ IOTA "x", "x", true },
		{ "e" ACUTE "t" "e" ACUTE, "te" ACUTE, true },
	};
	CLEANUP(arena_fini) struct arena a;

	(void)state;
	arena_init(&a, 1 << 20);
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *got = shown(&a, text_of(cases[i].text), text_of(cases[i].term));

		if (!cases[i].found)
			assert_null(got);
		else if (got == NULL)
			fail_msg("%s is not found in %s", cases[i].term, cases[i].text);
		else
			assert_string_equal(got, cases[i].text);
	}
}

/* A text: so many of one word, the other, so many of the first; a space between all. */
static struct text
around(struct arena *a, const char *word, size_t before, const char *middle, size_t behind)
{
	struct out out;

	out_init(&out, a, SIZE_MAX);
	for (size_t i = 0; i < before; i++)
		out_printf(&out, "%s ", word);
	out_string(&out, middle);
	for (size_t i = 0; i < behind; i++)
		out_printf(&out, " %s", word);
	return (struct text){ out.at, out.len };
}

/* Filler whose folding is longer or shorter, so that a place in it is elsewhere. */
static const char *const fillers[] = {
	"word", "stra" SHARP_S "e", ATHENS, I_DOT I_DOT I_DOT, FI FI FI, IOTA IOTA "a",
	"e" ACUTE "e" ACUTE "e" ACUTE,
};

static void
the_term_is_in_its_snippet_wherever_it_is(void **state)
{
	CLEANUP(arena_fini) struct arena a;
	const char *got;
	struct text t;

	(void)state;
	arena_init(&a, 256 << 20);
	for (size_t i = 0; i < COUNT(fillers); i++)
		for (size_t before = 0; before < 700; before += before < 20 ? 1 : 97) {
			t = around(&a, fillers[i], before, "NEEDLE-" SHARP_S, 100);
			got = shown(&a, t, TEXT("needle-ss"));
			assert_non_null(got);
			if (strstr(got, "NEEDLE-" SHARP_S) == NULL)
				fail_msg("after %zu of %s: %s", before, fillers[i], got);
			assert_int_equal(strncmp(got, "\xe2\x80\xa6", 3) == 0,
			    (size_t)(strstr(t.at, "NEEDLE") - t.at) >
			    (size_t)(strstr(got, "NEEDLE") - got));
		}
}

static void
a_snippet_is_about_160_characters_of_whole_words(void **state)
{
	CLEANUP(arena_fini) struct arena a;
	struct text t;
	struct snippet s;
	size_t n;

	(void)state;
	arena_init(&a, 1 << 20);
	t = around(&a, "word", 300, "needle", 300);
	assert_int_equal(snippet_find(t, TEXT("needle"), &s), SNIPPET_FOUND);
	n = text_count(s.piece);
	assert_in_range(n, 100, SNIPPET_CHARACTERS + 10);
	assert_true(s.before && s.behind);
	assert_memory_equal(s.piece.at, "word ", 5);
	assert_memory_equal(s.piece.at + s.piece.len - 5, " word", 5);
}

/* Without spaces it is cut between characters: never between a letter and its marks. */
static void
a_letter_keeps_its_marks(void **state)
{
	CLEANUP(arena_fini) struct arena a;
	struct out out;
	struct snippet s;
	struct text t;

	(void)state;
	arena_init(&a, 1 << 20);
	for (size_t shift = 0; shift < 6; shift++) {
		out_init(&out, &a, SIZE_MAX);
		for (size_t i = 0; i < shift; i++)
			out_char(&out, '.');
		for (size_t i = 0; i < 900; i++)
			out_string(&out, i == 450 ? "X" : "e" ACUTE ACUTE);
		t = (struct text){ out.at, out.len };
		assert_int_equal(snippet_find(t, TEXT("x"), &s), SNIPPET_FOUND);
		assert_true(s.before && s.behind);
		assert_int_equal(s.piece.at[0], 'e');
		assert_int_equal(s.piece.at[s.piece.len], 'e');
	}
}

/* A term may begin or end inside of what is one character: it is shown with all of it. */
static void
what_is_found_in_a_part_of_a_character_is_shown_with_it(void **state)
{
	static const struct { const char *middle, *term; } cases[] = {
		{ "<e" ACUTE ">", "<e" },
		{ "<e" ACUTE ">", ACUTE ">" },
		{ "<" SHARP_S ">", "s>" },
		{ "<" SHARP_S ">", "<s" },
	};
	CLEANUP(arena_fini) struct arena a;
	const char *got;

	(void)state;
	arena_init(&a, 1 << 20);
	for (size_t i = 0; i < COUNT(cases); i++) {
		got = shown(&a, around(&a, "word", 100, cases[i].middle, 100),
		    text_of(cases[i].term));
		assert_non_null(got);
		assert_non_null(strstr(got, cases[i].middle));
	}
}

static void
a_term_longer_than_a_snippet_is_shown_whole(void **state)
{
	CLEANUP(arena_fini) struct arena a;
	char term[400];
	struct snippet s;

	(void)state;
	arena_init(&a, 1 << 20);
	memset(term, 'x', sizeof term);
	term[sizeof term - 1] = '\0';
	assert_int_equal(snippet_find(around(&a, "word", 100, term, 100), text_of(term), &s),
	    SNIPPET_FOUND);
	assert_non_null(memmem(s.piece.at, s.piece.len, term, sizeof term - 1));
}

/* A letter with more marks than any script has would be shown with all of them. */
static void
marks_without_end_are_cut(void **state)
{
	static const struct { const char *before, *term, *behind; } cases[] = {
		{ "x ", "needle", " x" },
		{ "x needl", "e", "" },
		{ "", ACUTE "y", " x" },
	};
	CLEANUP(arena_fini) struct arena a;
	struct snippet s;
	struct out out;

	(void)state;
	arena_init(&a, 8 << 20);
	for (size_t i = 0; i < COUNT(cases); i++)
		for (int side = 0; side < 2; side++) {
			out_init(&out, &a, SIZE_MAX);
			out_string(&out, cases[i].before);
			for (unsigned k = 0; side == 0 && k < 40000; k++)
				out_string(&out, ACUTE);
			out_string(&out, cases[i].term);
			for (unsigned k = 0; side == 1 && k < 40000; k++)
				out_string(&out, ACUTE);
			out_string(&out, cases[i].behind);
			assert_int_equal(snippet_find((struct text){ out.at, out.len },
			    text_of(cases[i].term), &s), SNIPPET_FOUND);
			assert_non_null(memmem(s.piece.at, s.piece.len, cases[i].term,
			    strlen(cases[i].term)));
			assert_true(text_count(s.piece) <= SNIPPET_CHARACTERS + 2 * 32);
			assert_true(text_valid(s.piece, NULL));
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_short_text_is_shown_whole),
		cmocka_unit_test(the_term_is_in_its_snippet_wherever_it_is),
		cmocka_unit_test(a_snippet_is_about_160_characters_of_whole_words),
		cmocka_unit_test(a_letter_keeps_its_marks),
		cmocka_unit_test(what_is_found_in_a_part_of_a_character_is_shown_with_it),
		cmocka_unit_test(a_term_longer_than_a_snippet_is_shown_whole),
		cmocka_unit_test(marks_without_end_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
