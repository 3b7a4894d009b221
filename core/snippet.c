/*
 * snippet.c - what is around the text that was searched for
 *
 * A place in the folding is found again in the text by folding pieces of it from the
 * front and counting: foldings of pieces put together are the folding of the whole.
 */
#include "snippet.h"

#include <stdint.h>
#include <string.h>
#include <unigbrk.h>
#include <unictype.h>
#include <unistr.h>

#include "arena.h"
#include "cleanup.h"
#include "out.h"

enum {
	MEMORY = 256 * 1024 * 1024,	/* for the folding of one text */
	STRIDE = 512,			/* bytes that are folded at once */
	LEAD = 60,			/* characters before the term */
	SLACK = 24,			/* by which an end may move to be between words */
	MARKS = 32			/* by which it may move to keep a character whole */
};

/* ---- from the folding to the text ---- */

/* A place in a text, and in its folding. */
struct place {
	size_t at, folded;
};

static size_t
next_character(struct text t, size_t at)
{
	for (at++; at < t.len && (t.at[at] & 0xc0) == 0x80; at++)
		continue;
	return at;
}

static size_t
stride_end(struct text t, size_t at)
{
	struct text rest = { t.at + at, t.len - at };

	return at + text_cut(rest, STRIDE).len;
}

/* Goes on by steps as long as the folding stays within wanted. */
static bool
advance(struct text t, size_t wanted, size_t (*step)(struct text, size_t), struct place *p)
{
	CLEANUP(arena_fini) struct arena a;
	struct text piece, folded;

	arena_init(&a, MEMORY);
	while (p->at < t.len) {
		piece = (struct text){ t.at + p->at, step(t, p->at) - p->at };
		folded = text_fold(&a, piece);
		if (folded.at == NULL)
			return false;
		if (p->folded + folded.len > wanted)
			return true;
		p->at += piece.len;
		p->folded += folded.len;
	}
	return true;
}

/* The character that a place of the folding belongs to, or begins. */
static bool
unfold(struct text t, size_t wanted, struct place *p)
{
	return advance(t, wanted, stride_end, p) && advance(t, wanted, next_character, p);
}

/* Where the term is in the text: from the character that its folding begins in, to the
 * end of the one that it ends in. */
static enum snippet_found
locate(struct text t, struct text term, size_t *from, size_t *to)
{
	CLEANUP(arena_fini) struct arena a;
	struct place p = { 0, 0 };
	struct text folded;
	const char *at;
	size_t begin;

	arena_init(&a, MEMORY);
	folded = text_fold(&a, t);
	if (folded.at == NULL)
		return SNIPPET_NO_MEMORY;
	at = memmem(folded.at, folded.len, term.at, term.len);
	if (at == NULL)
		return SNIPPET_ABSENT;
	begin = (size_t)(at - folded.at);
	if (!unfold(t, begin, &p))
		return SNIPPET_NO_MEMORY;
	*from = p.at;
	if (!unfold(t, begin + term.len, &p))
		return SNIPPET_NO_MEMORY;
	*to = p.folded < begin + term.len ? next_character(t, p.at) : p.at;
	return SNIPPET_FOUND;
}

/* ---- where to cut ---- */

static ucs4_t
character_at(struct text t, size_t at)
{
	ucs4_t c = 0;

	u8_mbtouc(&c, (const uint8_t *)t.at + at, t.len - at);
	return c;
}

static size_t
previous_character(struct text t, size_t at)
{
	for (at--; at > 0 && (t.at[at] & 0xc0) == 0x80; at--)
		continue;
	return at;
}

/* Whether what is left and right of a place are two characters to a reader (UAX #29). */
static bool
is_boundary(struct text t, size_t at)
{
	if (at == 0 || at >= t.len)
		return true;
	return uc_is_grapheme_break(character_at(t, previous_character(t, at)),
	    character_at(t, at));
}

static bool
is_space(struct text t, size_t at)
{
	return uc_is_property_white_space(character_at(t, at));
}

/* The beginning, at most so many characters before from. */
static size_t
cut_before(struct text t, size_t from, size_t characters)
{
	size_t at = from, i, word;

	for (i = 0; at > 0 && i < characters; i++)
		at = previous_character(t, at);
	if (at == 0)
		return 0;
	for (i = 0, word = at; word < from && i < SLACK; i++) {
		if (is_space(t, previous_character(t, word)))
			return word;
		word = next_character(t, word);
	}
	while (at < from && !is_boundary(t, at))
		at = next_character(t, at);
	return at;
}

/* The end, at most so many characters behind to. */
static size_t
cut_behind(struct text t, size_t to, size_t characters)
{
	size_t at = to, i, word;

	for (i = 0; at < t.len && i < characters; i++)
		at = next_character(t, at);
	if (at >= t.len)
		return t.len;
	for (i = 0, word = at; word > to && i < SLACK; i++) {
		if (is_space(t, word))
			return word;
		word = previous_character(t, word);
	}
	while (at > to && !is_boundary(t, at))
		at = previous_character(t, at);
	/* The term may end inside of what is one character; some have no end in sight. */
	for (i = 0; at < t.len && i < MARKS && !is_boundary(t, at); i++)
		at = next_character(t, at);
	return at;
}

enum snippet_found
snippet_find(struct text t, struct text term, struct snippet *ret)
{
	size_t from, to, begin, end, shown, i;
	enum snippet_found found = locate(t, term, &from, &to);

	if (found != SNIPPET_FOUND)
		return found;
	for (i = 0; from > 0 && i < MARKS && !is_boundary(t, from); i++)
		from = previous_character(t, from);
	begin = cut_before(t, from, LEAD);
	shown = text_count((struct text){ t.at + begin, to - begin });
	end = cut_behind(t, to, shown < SNIPPET_CHARACTERS ? SNIPPET_CHARACTERS - shown : 0);
	*ret = (struct snippet){ { t.at + begin, end - begin }, begin > 0, end < t.len };
	return SNIPPET_FOUND;
}

void
snippet_write(struct out *out, const struct snippet *s)
{
	static const char ellipsis[] = "\xe2\x80\xa6";

	out_string(out, s->before ? ellipsis : "");
	out_text(out, s->piece);
	out_string(out, s->behind ? ellipsis : "");
}
