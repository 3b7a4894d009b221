/*
 * text - a piece of text that is somewhere else, and what Unicode says of it
 *
 * Most text is ASCII, so whatever walks over bytes does eight at a time until one
 * is not.  Knows neither locale nor language, and does not normalise: folding goes
 * code point by code point, or a part of a text would not be a part of its folding.
 */
#include "text.h"

#include <stdlib.h>
#include <string.h>
#include <unicase.h>
#include <unictype.h>
#include <unistr.h>

#include "arena.h"
#include "word.h"

static uint64_t
load(const char *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof word);
	return word;
}

static const uint8_t *
octets(const char *p)
{
	return (const uint8_t *)p;
}

static const char *
chars(const uint8_t *p)
{
	return (const char *)p;
}

static char
ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

bool
text_equal_ascii_bytes(struct text a, struct text b)
{
	if (a.at == NULL || b.at == NULL)
		return a.at == b.at;
	for (size_t i = 0; i < a.len; i++)
		if (ascii_lower(a.at[i]) != ascii_lower(b.at[i]))
			return false;
	return true;
}

/*
 * What may follow a first byte.  A form that is too long, a surrogate or a value that
 * is too large shows in the second byte (RFC 3629, section 4).
 */
static const struct lead {
	uint8_t from, to;	/* the first byte */
	uint8_t low, high;	/* the second */
	uint8_t len;
} leads[] = {
	{ 0xc2, 0xdf, 0x80, 0xbf, 2 },
	{ 0xe0, 0xe0, 0xa0, 0xbf, 3 },
	{ 0xe1, 0xec, 0x80, 0xbf, 3 },
	{ 0xed, 0xed, 0x80, 0x9f, 3 },
	{ 0xee, 0xef, 0x80, 0xbf, 3 },
	{ 0xf0, 0xf0, 0x90, 0xbf, 4 },
	{ 0xf1, 0xf3, 0x80, 0xbf, 4 },
	{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
};

/* Length of the sequence at s that is not ASCII; 0 if it is none. */
static size_t
sequence(const uint8_t *s, size_t left)
{
	const struct lead *l = leads, *end = leads + sizeof leads / sizeof *leads;

	while (l < end && s[0] > l->to)
		l++;
	if (l == end || s[0] < l->from || left < l->len || s[1] < l->low || s[1] > l->high)
		return 0;
	for (size_t i = 2; i < l->len; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return l->len;
}

/* Number of bytes in front that are ASCII for certain; fewer than eight may be missing. */
static size_t
ascii_run(const char *at, size_t len)
{
	size_t i = 0;

	while (len - i >= 8 && (load(at + i) & EACH(0x80)) == 0)
		i += 8;
	return i;
}

/* Nearly all texts are; what is looked at twice at the end costs less than bytes one by one. */
static bool
is_ascii(const char *at, size_t len)
{
	size_t i = ascii_run(at, len);
	uint8_t all = 0;

	if (len >= 8)
		return len - i < 8 && (load(at + len - 8) & EACH(0x80)) == 0;
	for (i = 0; i < len; i++)
		all |= (uint8_t)at[i];
	return all < 0x80;
}

bool
text_valid(struct text t, size_t *bad)
{
	const uint8_t *s = octets(t.at);
	size_t i, n;

	if (is_ascii(t.at, t.len))
		return true;
	i = ascii_run(t.at, t.len);
	while (i < t.len) {
		n = s[i] < 0x80 ? 1 : sequence(s + i, t.len - i);
		if (n == 0) {
			if (bad != NULL)
				*bad = i;
			return false;
		}
		i += n;
		if (i < t.len && s[i] < 0x80)
			i += ascii_run(t.at + i, t.len - i);
	}
	return true;
}

size_t
text_count(struct text t)
{
	size_t n = 0;

	for (size_t i = 0; i < t.len; i++)
		n += (t.at[i] & 0xc0) != 0x80;
	return n;
}

struct text
text_cut(struct text t, size_t most)
{
	size_t len = most;

	if (t.len <= most)
		return t;
	while (len > 0 && most - len < 3 && (t.at[len] & 0xc0) == 0x80)
		len--;
	t.len = (t.at[len] & 0xc0) == 0x80 ? most : len;
	return t;
}

/* Of these it is known without the tables: neither white space nor part of a character. */
static bool
is_solid(char c)
{
	return c > ' ' && c < 0x7f;
}

struct text
text_trim(struct text t)
{
	const uint8_t *at = octets(t.at), *end, *before;
	ucs4_t c;
	int n;

	if (t.len == 0 || (is_solid(t.at[0]) && is_solid(t.at[t.len - 1])))
		return t;
	end = at + t.len;
	while (at < end) {
		n = u8_mbtouc(&c, at, (size_t)(end - at));
		if (!uc_is_property_white_space(c))
			break;
		at += n;
	}
	while (at < end) {
		before = u8_prev(&c, end, at);
		if (before == NULL || !uc_is_property_white_space(c))
			break;
		end = before;
	}
	return (struct text){ chars(at), (size_t)(end - at) };
}

enum letters { NOTHING_TO_FOLD, CAPITALS, NOT_ASCII };

static enum letters
survey(struct text t)
{
	enum letters found = NOTHING_TO_FOLD;

	if (ascii_run(t.at, t.len) + 8 <= t.len)
		return NOT_ASCII;
	for (size_t i = 0; i < t.len; i++) {
		if ((t.at[i] & 0x80) != 0)
			return NOT_ASCII;
		if (ascii_lower(t.at[i]) != t.at[i])
			found = CAPITALS;
	}
	return found;
}

static struct text
fold_ascii(struct arena *arena, struct text t)
{
	char *s = arena_copy(arena, t.at, t.len);

	if (s == NULL)
		return (struct text){ 0 };
	for (size_t i = 0; i < t.len; i++)
		s[i] = ascii_lower(s[i]);
	return (struct text){ s, t.len };
}

static struct text
fold_unicode(struct arena *arena, struct text t)
{
	uint8_t some[1024], *made;
	size_t len = sizeof some;
	struct text folded;

	made = u8_casefold(octets(t.at), t.len, NULL, NULL, some, &len);
	if (made == NULL)
		return (struct text){ 0 };
	folded = t;
	if (!text_equal((struct text){ chars(made), len }, t))
		folded = (struct text){ arena_copy(arena, made, len), len };
	if (folded.at == NULL)
		folded.len = 0;
	if (made != some)
		free(made);
	return folded;
}

struct text
text_fold(struct arena *arena, struct text t)
{
	switch (survey(t)) {
	case CAPITALS:
		return fold_ascii(arena, t);
	case NOT_ASCII:
		return fold_unicode(arena, t);
	default:
		return t;
	}
}

/* Counts downwards, as -2^63 has no counterpart above zero. */
bool
text_to_int(struct text t, int64_t *ret)
{
	bool negative = t.len > 0 && t.at[0] == '-';
	int64_t n = 0;

	if (t.len == negative)
		return false;
	for (size_t i = negative; i < t.len; i++) {
		if (t.at[i] < '0' || t.at[i] > '9')
			return false;
		if (__builtin_mul_overflow(n, 10, &n) ||
		    __builtin_sub_overflow(n, t.at[i] - '0', &n))
			return false;
	}
	if (!negative && n == INT64_MIN)
		return false;
	*ret = negative ? n : -n;
	return true;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool
text_unescape(struct arena *arena, struct text t, bool plus, struct text *ret)
{
	char *s = arena_copy(arena, t.at, t.len), *to = s;
	int high, low;

	if (s == NULL)
		return false;
	for (size_t i = 0; i < t.len; i++) {
		if (plus && t.at[i] == '+') {
			*to++ = ' ';
		} else if (t.at[i] == '%') {
			if (t.len - i < 3 || (high = hex_digit(t.at[i + 1])) < 0 ||
			    (low = hex_digit(t.at[i + 2])) < 0)
				return false;
			*to++ = (char)(high << 4 | low);
			i += 2;
		} else {
			*to++ = t.at[i];
		}
	}
	*to = '\0';
	*ret = (struct text){ s, (size_t)(to - s) };
	return true;
}
