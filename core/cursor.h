/*
 * cursor.h - where a list was left, as a text that only the server reads
 *
 * Holds the values by which the last row was sorted, so that the next page begins after
 * them whatever was added or removed meanwhile, and a check value of the list that it
 * belongs to.  It is no secret and gives no right: whoever makes one up reads what he
 * could read anyway.  base64url (RFC 4648, section 5) without padding.
 */
#ifndef CURSOR_H
#define CURSOR_H

#include <stdint.h>

#include "text.h"

struct arena;
struct value;

/* How a cursor was found. */
enum cursor_found { CURSOR_FINE, CURSOR_GARBAGE, CURSOR_OF_ANOTHER_LIST };

/* Begins and continues a check value: of these texts, in this order.  [any] */
uint64_t cursor_check(uint64_t check, struct text);

/* The cursor for n values, in the arena; absent over its limit.  [any] */
struct text cursor_write(struct arena *, uint64_t check, const struct value *, unsigned n);

/*
 * Reads the values of a cursor, of which there must be n; their texts are in the arena.
 * They are set only if it is fine.  [any]
 */
enum cursor_found cursor_read(struct arena *, struct text cursor, uint64_t check,
    struct value *values, unsigned n);

#endif
