/*
 * network.c - where a key may come from
 *
 * Every network is 16 bytes and a number of bits; those of IPv4 are their mapped form.
 */
#include "network.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "arena.h"
#include "err.h"
#include "wordset.h"

enum { BYTES = 16, MAPPED_BITS = 96 };

struct network {
	unsigned char bytes[BYTES];
	unsigned bits;
	bool v4;
};

static const unsigned char mapped[MAPPED_BITS / 8] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

/* ---- one network ---- */

static bool
read_address(struct text given, struct network *n)
{
	char address[INET6_ADDRSTRLEN];

	if (given.len == 0 || given.len >= sizeof address ||
	    memchr(given.at, '\0', given.len) != NULL)
		return false;
	memcpy(address, given.at, given.len);
	address[given.len] = '\0';
	n->bits = 8 * BYTES;
	if (inet_pton(AF_INET, address, n->bytes + sizeof mapped) == 1) {
		memcpy(n->bytes, mapped, sizeof mapped);
		n->v4 = true;
		return true;
	}
	n->v4 = false;
	return inet_pton(AF_INET6, address, n->bytes) == 1;
}

/* Whether nothing is set behind the first bits. */
static bool
is_clean(const struct network *n)
{
	for (unsigned i = n->bits; i < 8 * BYTES; i++)
		if ((n->bytes[i / 8] >> (7 - i % 8) & 1) != 0)
			return false;
	return true;
}

static bool
read_bits(struct text given, struct network *n)
{
	unsigned before = n->v4 ? MAPPED_BITS : 0;
	int64_t bits;

	if (given.len == 0 || given.len > 3 || !text_to_int(given, &bits) || given.at[0] == '-' ||
	    bits > 8 * BYTES - before)
		return false;
	n->bits = before + (unsigned)bits;
	return true;
}

static bool
network_parse(struct text given, struct network *ret)
{
	const char *slash = memchr(given.at, '/', given.len);
	size_t n = slash != NULL ? (size_t)(slash - given.at) : given.len;

	if (!read_address((struct text){ given.at, n }, ret))
		return false;
	if (slash != NULL && !read_bits((struct text){ slash + 1, given.len - n - 1 }, ret))
		return false;
	ret->v4 = ret->bits >= MAPPED_BITS && memcmp(ret->bytes, mapped, sizeof mapped) == 0;
	return true;
}

/* The one way in which a network is written. */
static const char *
network_text(struct arena *arena, const struct network *n)
{
	char address[INET6_ADDRSTRLEN];

	inet_ntop(n->v4 ? AF_INET : AF_INET6, n->bytes + (n->v4 ? sizeof mapped : 0), address,
	    sizeof address);
	if (n->bits == 8 * BYTES)
		return arena_printf(arena, "%s", address);
	return arena_printf(arena, "%s/%u", address, n->bits - (n->v4 ? MAPPED_BITS : 0));
}

static void
clean(struct network *n)
{
	for (unsigned i = n->bits; i < 8 * BYTES; i++)
		n->bytes[i / 8] &= (unsigned char)~(1u << (7 - i % 8));
}

static bool
read_one(struct arena *arena, struct text given, struct text *ret, struct err *e)
{
	struct network n;
	const char *text;

	if (!network_parse(given, &n))
		return err_set(e, "'%.*s' is no network; a network is an address, or ADDRESS/BITS "
		    "as in 10.0.0.0/8 or 2001:db8::/32", TEXT_SHOWN(given));
	if (!is_clean(&n)) {
		clean(&n);
		text = network_text(arena, &n);
		return err_set(e, "'%.*s' has bits beyond its prefix; is %s meant?",
		    TEXT_SHOWN(given), text != NULL ? text : "another");
	}
	text = network_text(arena, &n);
	*ret = text_of(text);
	return text != NULL || err_set(e, "the list is too long");
}

static bool
same_prefix(const unsigned char *a, const unsigned char *b, unsigned bits)
{
	unsigned whole = bits / 8, rest = bits % 8;

	return memcmp(a, b, whole) == 0 &&
	    (rest == 0 || (a[whole] ^ b[whole]) >> (8 - rest) == 0);
}

static bool
covers(struct text outer, struct text inner)
{
	struct network o, i;

	return network_parse(outer, &o) && network_parse(inner, &i) && o.v4 == i.v4 &&
	    o.bits <= i.bits && same_prefix(o.bytes, i.bytes, o.bits);
}

/* ---- sets ---- */

static const struct wordset_kind kind = { read_one, covers };

static bool
is_everywhere(struct text set)
{
	return text_equal(set, TEXT(NETWORK_ANY));
}

bool
network_read(struct arena *arena, struct text list, struct text *ret, struct err *e)
{
	return wordset_read(&kind, arena, list, ret, e);
}

bool
network_match(struct text set, struct text address)
{
	const char *zone;

	if (is_everywhere(set))
		return true;
	zone = address.at != NULL ? memchr(address.at, '%', address.len) : NULL;
	if (zone != NULL)	/* RFC 4007 section 11: which link; no network has one */
		address.len = (size_t)(zone - address.at);
	return address.len > 0 && wordset_covers(&kind, set, address);
}

bool
network_within(struct text inner, struct text outer, struct text *beyond)
{
	if (is_everywhere(outer))
		return true;
	if (is_everywhere(inner)) {
		*beyond = (struct text){ NULL, 0 };
		return false;
	}
	return wordset_within(&kind, inner, outer, beyond);
}
