/*
 * scope.h - what a key may do
 *
 * A scope is MODULE:read, MODULE:write, MODULE:* or *.  Reading is GET and HEAD, writing is
 * everything else; neither includes the other.  A set of scopes is a set of words (see
 * wordset.h).  [any thread]
 */
#ifndef SCOPE_H
#define SCOPE_H

#include <stdbool.h>

#include "text.h"

struct arena;
struct err;

/* The set of a key that may do everything. */
#define SCOPE_ALL "[\"*\"]"

/* Whether it is what a route can ask for: a module's name, ':', and read or write. */
bool scope_is_need(struct text);

/*
 * The set of the scopes in a list with commas; false with a sentence if one of them is none,
 * or if there is none at all.  *ret is in the arena, with a NUL behind.
 */
bool scope_read(struct arena *, struct text list, struct text *ret, struct err *);

/* Whether a key with this set may do what needs the scope.  What is no set allows nothing. */
bool scope_allows(struct text set, struct text need);

/* Whether inner allows nothing that outer does not; if it does, *beyond is one scope of it
 * that outer lacks. */
bool scope_within(struct text inner, struct text outer, struct text *beyond);

#endif
