/*
 * cursor.c - where a list was left, as a text that only the server reads
 *
 * Bytes: a version, the check value, the values one after the other, and a sum of all
 * that, so that what was cut or mistyped is told from what belongs elsewhere.
 */
#include "cursor.h"

#include <string.h>

#include "arena.h"
#include "out.h"
#include "type.h"

enum { VERSION = 1, NUMBER = 8, FRAME = 1 + NUMBER + NUMBER };

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* FNV-1a; the end of a text is told, so that "ab", "c" is not "a", "bc". */
uint64_t
cursor_check(uint64_t check, struct text t)
{
	size_t i;

	if (check == 0)
		check = UINT64_C(0xcbf29ce484222325);
	for (i = 0; i < t.len; i++)
		check = (check ^ (unsigned char)t.at[i]) * UINT64_C(0x100000001b3);
	return (check ^ 0x100) * UINT64_C(0x100000001b3);
}

/* ---- base64url ---- */

static void
encode(struct out *out, struct text bytes)
{
	uint32_t bits = 0;
	unsigned held = 0;
	size_t i;

	for (i = 0; i < bytes.len; i++) {
		bits = bits << 8 | (unsigned char)bytes.at[i];
		for (held += 8; held >= 6; held -= 6)
			out_char(out, digits[bits >> (held - 6) & 63]);
	}
	if (held > 0)
		out_char(out, digits[bits << (6 - held) & 63]);
}

/* False for what no encoder writes: other letters, a length that cannot be, stray bits. */
static bool
decode(struct arena *a, struct text t, struct text *ret)
{
	char *bytes = arena_alloc(a, t.len + 1);
	uint32_t bits = 0;
	unsigned held = 0;
	size_t i, n = 0;
	const char *digit;

	if (bytes == NULL || t.len % 4 == 1)
		return false;
	for (i = 0; i < t.len; i++) {
		digit = memchr(digits, t.at[i], sizeof(digits) - 1);
		if (digit == NULL)
			return false;
		bits = bits << 6 | (uint32_t)(digit - digits);
		held += 6;
		if (held >= 8) {
			held -= 8;
			bytes[n++] = (char)(bits >> held & 0xff);
		}
	}
	*ret = (struct text){ bytes, n };
	return (bits & ((1u << held) - 1)) == 0;
}

/* ---- bytes ---- */

static void
put_number(struct out *out, uint64_t n)
{
	unsigned i;

	for (i = 0; i < NUMBER; i++)
		out_char(out, (char)(n >> 8 * i & 0xff));
}

static void
put_value(struct out *out, const struct value *v)
{
	switch (v->kind) {
	case VALUE_INT:
		out_char(out, 'i');
		put_number(out, (uint64_t)v->integer);
		break;
	case VALUE_TEXT:
		out_char(out, 't');
		put_number(out, v->text.len);
		out_text(out, v->text);
		break;
	default:
		out_char(out, 'n');
	}
}

static bool
take(struct text *rest, size_t n, struct text *ret)
{
	if (rest->len < n)
		return false;
	*ret = (struct text){ rest->at, n };
	rest->at += n;
	rest->len -= n;
	return true;
}

static bool
take_number(struct text *rest, uint64_t *ret)
{
	struct text bytes;
	unsigned i;

	if (!take(rest, NUMBER, &bytes))
		return false;
	for (*ret = 0, i = 0; i < NUMBER; i++)
		*ret |= (uint64_t)(unsigned char)bytes.at[i] << 8 * i;
	return true;
}

static bool
take_text(struct text *rest, struct value *v)
{
	uint64_t len;
	struct text t;

	if (!take_number(rest, &len) || !take(rest, len, &t) || !text_valid(t, NULL) ||
	    memchr(t.at, '\0', t.len) != NULL)
		return false;
	*v = value_text(t);
	return true;
}

static bool
take_value(struct text *rest, struct value *v)
{
	struct text kind;
	uint64_t n;

	if (!take(rest, 1, &kind))
		return false;
	switch (kind.at[0]) {
	case 'i':
		if (!take_number(rest, &n))
			return false;
		*v = value_int((int64_t)n);
		return true;
	case 't':
		return take_text(rest, v);
	case 'n':
		*v = value_null();
		return true;
	default:
		return false;
	}
}

/* ---- the whole ---- */

struct text
cursor_write(struct arena *a, uint64_t check, const struct value *values, unsigned n)
{
	struct out bytes, out;
	unsigned i;

	out_init(&bytes, a, SIZE_MAX);
	out_init(&out, a, SIZE_MAX);
	out_char(&bytes, VERSION);
	put_number(&bytes, check);
	for (i = 0; i < n; i++)
		put_value(&bytes, &values[i]);
	if (!bytes.failed)
		put_number(&bytes, cursor_check(0, (struct text){ bytes.at, bytes.len }));
	if (!bytes.failed)
		encode(&out, (struct text){ bytes.at, bytes.len });
	if (bytes.failed || out.failed)
		return (struct text){ NULL, 0 };
	return (struct text){ out.at, out.len };
}

/* Opens the frame around the values: version, check value, sum. */
static bool
open_frame(struct text bytes, struct text *inside, uint64_t *check)
{
	struct text sum;
	uint64_t n;

	if (bytes.len < FRAME || bytes.at[0] != VERSION)
		return false;
	*inside = (struct text){ bytes.at, bytes.len - NUMBER };
	sum = (struct text){ bytes.at + inside->len, NUMBER };
	if (!take_number(&sum, &n) || n != cursor_check(0, *inside))
		return false;
	inside->at++;
	inside->len--;
	return take_number(inside, check);
}

enum cursor_found
cursor_read(struct arena *a, struct text cursor, uint64_t check, struct value *values,
    unsigned n)
{
	struct value *read = arena_zero(a, n * sizeof(*read));
	struct text bytes, inside;
	uint64_t of;
	unsigned i;

	if (read == NULL || !decode(a, cursor, &bytes) || !open_frame(bytes, &inside, &of))
		return CURSOR_GARBAGE;
	if (of != check)
		return CURSOR_OF_ANOTHER_LIST;
	for (i = 0; i < n; i++)
		if (!take_value(&inside, &read[i]))
			return CURSOR_GARBAGE;
	if (inside.len > 0)
		return CURSOR_GARBAGE;
	memcpy(values, read, n * sizeof(*read));
	return CURSOR_FINE;
}
