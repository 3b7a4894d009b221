/*
 * etag.h - a strong entity tag, and the header fields that name some (RFC 9110 8.8.3)
 *
 * A tag stands for the whole of what is answered: the same bytes, the same tag.
 */
#ifndef ETAG_H
#define ETAG_H

#include <stdbool.h>

#include "fingerprint.h"
#include "text.h"

enum { ETAG_SIZE = FINGERPRINT_SIZE + 2 };	/* with its quotes and a NUL behind */

/* A tag in the making.  Zeroed: not begun. */
struct etag {
	struct fingerprint_chain chain;
	bool begun;
};

/* Begins it, or begins it anew. */
void etag_begin(struct etag *);

/* Takes in more of what it stands for, a row say (an absent text is nothing); begins it if
 * need be. */
void etag_add(struct etag *, struct text);

/* Writes the tag of all that was added: "\"0123456789abcdef0123456789abcdef\"".  Begun. */
void etag_finish(const struct etag *, char tag[ETAG_SIZE]);

/* How two tags are compared (RFC 9110 8.8.3.2). */
enum etag_comparison {
	ETAG_WEAKLY,	/* If-None-Match: W/ counts for nothing */
	ETAG_STRONGLY	/* If-Match: a tag with W/ equals none */
};

/*
 * Whether a tag is among those of a field's value: "*" (RFC 9110 13.1.1, 13.1.2), or a
 * list of quoted tags.  What is neither ends the list; an absent value lists none.
 */
bool etag_listed(struct text list, struct text tag, enum etag_comparison);

#endif
