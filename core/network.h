/*
 * network.h - where a key may come from
 *
 * A network is an address of IPv4 or IPv6, or ADDRESS/BITS (RFC 4632, RFC 4291 section 2.3)
 * without bits beyond its prefix.  An IPv4-mapped IPv6 address (RFC 4291 section 2.5.5.2) is
 * the IPv4 address in it, and a network of IPv6 holds no address of IPv4.  A set of networks
 * is a set of words (see wordset.h); the empty one, [], is everywhere.  [any thread]
 */
#ifndef NETWORK_H
#define NETWORK_H

#include <stdbool.h>

#include "text.h"

struct arena;
struct err;

/* The set of a key that works everywhere. */
#define NETWORK_ANY "[]"

/*
 * The set of the networks in a list with commas; false with a sentence if one of them is
 * none.  *ret is in the arena, with a NUL behind.
 */
bool network_read(struct arena *, struct text list, struct text *ret, struct err *);

/* Whether the address, as text, is in the set.  What is no set holds no address. */
bool network_match(struct text set, struct text address);

/*
 * Whether each network of inner is in one of outer.  If not, *beyond is one that is not;
 * absent if inner is everywhere and outer is not.
 */
bool network_within(struct text inner, struct text outer, struct text *beyond);

#endif
