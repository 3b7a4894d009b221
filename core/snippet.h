/*
 * snippet.h - what is around the text that was searched for
 *
 * The search knows folded text alone (text_fold), where letters may be longer, shorter or
 * more than in the text itself; a snippet is a piece of the text itself.
 */
#ifndef SNIPPET_H
#define SNIPPET_H

#include <stdbool.h>

#include "text.h"

struct out;

enum { SNIPPET_CHARACTERS = 160 };	/* about as many */

/* A piece of a text, with something or nothing of it before and behind. */
struct snippet {
	struct text piece;
	bool before, behind;
};

/* How a search for a snippet ended. */
enum snippet_found { SNIPPET_FOUND, SNIPPET_ABSENT, SNIPPET_NO_MEMORY };

/*
 * The surroundings of the first place in a text that holds a term, which is folded and
 * not empty.  Ends lie between words if there are any, and not inside of what is one
 * character to a reader, unless it is as long as no script has them.  *ret is a piece of
 * the text.  [any]
 */
enum snippet_found snippet_find(struct text, struct text term, struct snippet *ret);

/* Writes a snippet as it is shown, with an ellipsis where it is cut. */
void snippet_write(struct out *, const struct snippet *);

#endif
