/*
 * hpack_write.c - fields on their way to a client, as HPACK (RFC 7541)
 *
 * The latest entries of the client's table are remembered, fewer than it has room for, so
 * what is remembered is there; how far back it stands follows from how many came since.
 */
#include "hpack_write.h"

#include <string.h>

/* How a representation begins (RFC 7541 6), and the bits of its first byte that count. */
enum { INDEXED = 0x80, INDEXING = 0x40, RESIZE = 0x20, PASSING = 0x00 };
enum { INDEXED_BITS = 7, INDEXING_BITS = 6, PASSING_BITS = 4, STRING_BITS = 7 };

enum {
	OVERHEAD = 32,		/* of an entry in the table (RFC 7541 4.1) */
	FIRST = 62,		/* the latest entry's number, behind the static table */
	STATUS = 8,		/* ":status: 200" there */
	CONTENT_LENGTH = 28
};

_Static_assert(HPACK_ENTRIES * (HPACK_TEXT + OVERHEAD) <= HPACK_TABLE,
    "what is remembered is in the client's table");

/* RFC 7541 5.1. */
static uint8_t *
put_int(uint8_t *to, unsigned first, unsigned bits, size_t n)
{
	const size_t most = (1u << bits) - 1;

	if (n < most) {
		*to++ = (uint8_t)(first | n);
		return to;
	}
	*to++ = (uint8_t)(first | most);
	for (n -= most; n >= 128; n >>= 7)
		*to++ = (uint8_t)(n | 128);
	*to++ = (uint8_t)n;
	return to;
}

static uint8_t *
put_string(uint8_t *to, struct text t)
{
	to = put_int(to, 0, STRING_BITS, t.len);
	if (t.len > 0)
		memcpy(to, t.at, t.len);
	return to + t.len;
}

static uint8_t *
put_literal(uint8_t *to, unsigned kind, unsigned bits, unsigned known, struct text name,
    struct text value)
{
	to = put_int(to, kind, bits, known);
	if (known == 0)
		to = put_string(to, name);
	return put_string(to, value);
}

/* ---- the table ---- */

/* Whether the entry, the first being 1, is still remembered. */
static bool
is_there(const struct hpack_sender *s, unsigned entry)
{
	return entry - 1 < s->inserted && s->inserted - entry < HPACK_ENTRIES;
}

/* What the client calls it now. */
static unsigned
number(const struct hpack_sender *s, unsigned entry)
{
	return FIRST + s->inserted - entry;
}

static bool
has_name(const struct hpack_sender *s, unsigned entry, struct text name)
{
	const unsigned i = entry % HPACK_ENTRIES;

	return s->length[i].name == name.len && memcmp(s->text[i], name.at, name.len) == 0;
}

static bool
has_value(const struct hpack_sender *s, unsigned entry, struct text value)
{
	const unsigned i = entry % HPACK_ENTRIES;

	return s->length[i].value == value.len &&
	    memcmp(s->text[i] + s->length[i].name, value.at, value.len) == 0;
}

/* The latest entry with this name and value, else one with this name, else 0.  last: where it
 * was found before; a name alone is not looked for elsewhere. */
static unsigned
find(const struct hpack_sender *s, unsigned last, struct text name, struct text value,
    enum hpack_lasts lasts)
{
	unsigned named = is_there(s, last) && has_name(s, last, name) ? last : 0;

	if (named != 0 && lasts == HPACK_NAME)
		return named;
	for (unsigned entry = s->inserted; is_there(s, entry); entry--) {
		if (!has_name(s, entry, name))
			continue;
		if (has_value(s, entry, value))
			return entry;
		if (named == 0)
			named = entry;
	}
	return named;
}

static bool
fits(const struct hpack_sender *s, struct text name, struct text value)
{
	return !s->closed && value.at != NULL && name.len <= HPACK_TEXT &&
	    value.len <= HPACK_TEXT - name.len;
}

static void
insert(struct hpack_sender *s, struct text name, struct text value)
{
	const unsigned i = ++s->inserted % HPACK_ENTRIES;

	s->length[i].name = (uint8_t)name.len;
	s->length[i].value = (uint8_t)value.len;
	memcpy(s->text[i], name.at, name.len);
	memcpy(s->text[i] + name.len, value.at, value.len);
}

/* ---- fields ---- */

uint8_t *
hpack_write_status(struct hpack_sender *s, uint8_t *to, unsigned status, bool table)
{
	static const uint16_t known[] = { 200, 204, 206, 304, 400, 404, 500 };
	const char digits[] = { (char)('0' + status / 100 % 10), (char)('0' + status / 10 % 10),
		(char)('0' + status % 10) };

	s->place = 0;
	if (!table && !s->closed) {
		s->closed = true;
		s->inserted = 0;
		*to++ = RESIZE;		/* to nothing, which no client can refuse */
	}
	for (unsigned i = 0; i < sizeof known / sizeof known[0]; i++)
		if (known[i] == status)
			return put_int(to, INDEXED, INDEXED_BITS, STATUS + i);
	return put_literal(to, PASSING, PASSING_BITS, STATUS, (struct text){ 0 },
	    (struct text){ digits, sizeof digits });
}

static uint8_t *
put_entry(const struct hpack_sender *s, uint8_t *to, unsigned entry)
{
	return put_int(to, INDEXED, INDEXED_BITS, number(s, entry));
}

/* Goes on to the next place of a block; those behind the last share it. */
static unsigned *
take_place(struct hpack_sender *s)
{
	return &s->last[s->place < HPACK_PLACES - 1 ? s->place++ : HPACK_PLACES - 1];
}

uint8_t *
hpack_write_again(struct hpack_sender *s, uint8_t *to, struct text name, struct text value)
{
	const unsigned entry = s->last[s->place];

	if (!is_there(s, entry) || !has_value(s, entry, value) || !has_name(s, entry, name))
		return NULL;
	take_place(s);
	return put_entry(s, to, entry);
}

uint8_t *
hpack_write_field(struct hpack_sender *s, uint8_t *to, unsigned known, struct text name,
    struct text value, enum hpack_lasts lasts)
{
	const bool keeps = lasts != HPACK_NOTHING && fits(s, name, value);
	unsigned *last = take_place(s);

	*last = keeps ? find(s, *last, name, value, lasts) : 0;
	if (*last != 0 && has_value(s, *last, value))
		return put_entry(s, to, *last);
	if (known == 0 && *last != 0)
		known = number(s, *last);
	if (!keeps || (lasts == HPACK_NAME && known != 0))
		return put_literal(to, PASSING, PASSING_BITS, known, name, value);
	insert(s, name, value);
	*last = s->inserted;
	return put_literal(to, INDEXING, INDEXING_BITS, known, name, value);
}

uint8_t *
hpack_write_length(uint8_t *to, uint64_t length)
{
	char digits[20], *p = digits + sizeof digits;

	do
		*--p = (char)('0' + length % 10);
	while ((length /= 10) > 0);
	return put_literal(to, PASSING, PASSING_BITS, CONTENT_LENGTH, (struct text){ 0 },
	    (struct text){ p, (size_t)(digits + sizeof digits - p) });
}
