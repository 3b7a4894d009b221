/*
 * wordset.h - sets of plain words, kept as a JSON array
 *
 * What a key may do and where it may come from are such sets: ["hardware:*","tickets:read"].
 * The words are sorted, none is covered by another, and none holds what JSON escapes, so a
 * set is looked into as it stands, without parsing and without memory.  What is no such set
 * has no words.  [any thread]
 */
#ifndef WORDSET_H
#define WORDSET_H

#include <stdbool.h>

#include "text.h"

struct arena;
struct err;

enum { WORDSET_MOST = 100 };	/* words of a list */

/* What the words of a set are. */
struct wordset_kind {
	/*
	 * The one way to write a word that somebody has typed, in the arena or a part of what
	 * was given; false with a sentence that names what is wrong with it.
	 */
	bool (*read)(struct arena *, struct text given, struct text *ret, struct err *);

	/* Whether all that inner stands for is in outer. */
	bool (*covers)(struct text outer, struct text inner);
};

/*
 * The set of the words in a list, which are between commas; white space around a word and
 * empty words are dropped.  False with a sentence if one is not what it should be, or there
 * are more than WORDSET_MOST.  *ret is in the arena, with a NUL behind.
 */
bool wordset_read(const struct wordset_kind *, struct arena *, struct text list,
    struct text *ret, struct err *);

/* The next word of a set; false behind the last.  It begins with *rest being the set. */
bool wordset_next(struct text *rest, struct text *word);

/* Whether a word of the set covers this one. */
bool wordset_covers(const struct wordset_kind *, struct text set, struct text word);

/*
 * Whether each word of inner is covered by one of outer.  If not, *beyond is the first
 * that is not.
 */
bool wordset_within(const struct wordset_kind *, struct text inner, struct text outer,
    struct text *beyond);

#endif
