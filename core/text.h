/*
 * text.h - a piece of text that is somewhere else, and what Unicode says of it
 *
 * A struct text does not own its bytes and has no terminator.  Functions that
 * speak of text want valid UTF-8; text_valid is the door.
 */
#ifndef TEXT_H
#define TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct arena;

struct text {
	const char *at;		/* NULL: absent (and len is 0) */
	size_t len;		/* bytes */
};

#define TEXT(literal) ((struct text){ (literal), sizeof(literal) - 1 })

/* The text of a NUL-terminated string; absent for NULL. */
static inline struct text
text_of(const char *s)
{
	return (struct text){ s, s == NULL ? 0 : strlen(s) };
}

/* An absent text equals only an absent one; so it is in text_equal_ascii. */
static inline bool
text_equal(struct text a, struct text b)
{
	if (a.len != b.len)
		return false;
	if (a.at == NULL || b.at == NULL)
		return a.at == b.at;
	return memcmp(a.at, b.at, a.len) == 0;
}

/* For text_equal_ascii: two that have the same length. */
bool text_equal_ascii_bytes(struct text, struct text);

/* Equal but for the case of ASCII letters: header names, tokens. */
static inline bool
text_equal_ascii(struct text a, struct text b)
{
	return a.len == b.len && text_equal_ascii_bytes(a, b);
}

/*
 * Whether these bytes are UTF-8 (RFC 3629): no overlong form, no surrogate, nothing
 * above U+10FFFF.  If not, *bad, if wanted, is where the first sequence begins that is
 * none.
 */
bool text_valid(struct text, size_t *bad);

/* Number of code points. */
size_t text_count(struct text);

/*
 * At most so many bytes of it, cut between code points; for messages that must fit.
 * Bytes that are not UTF-8 are cut anywhere.
 */
struct text text_cut(struct text, size_t most);

/* The two arguments of a "%.*s" that shows the beginning of a text in a message. */
#define TEXT_SHOWN(t) (int)text_cut((t), 200).len, (t).at

/* Without white space (Unicode White_Space) at both ends. */
struct text text_trim(struct text);

/*
 * The text with all differences of case removed, by Unicode's full case folding
 * (CaseFolding.txt, C + F), so that two texts that differ in case alone become the
 * same bytes, and a part of the text becomes a part of the result.  The result is
 * in the arena, or the text itself if it has nothing to fold; absent over the
 * arena's limit.
 */
struct text text_fold(struct arena *, struct text);

/*
 * A decimal integer: optional '-', digits, nothing else; false if it is not one or
 * does not fit.
 */
bool text_to_int(struct text, int64_t *ret);

/*
 * Decodes %xx and, if plus is set, '+' as space; false on a broken escape or over the
 * arena's limit.  *ret is a copy in the arena with a NUL behind; it may hold any bytes,
 * also NUL and what is not UTF-8.
 */
bool text_unescape(struct arena *, struct text, bool plus, struct text *ret);

#endif
