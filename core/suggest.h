/*
 * suggest.h - did you mean ...?
 */
#ifndef SUGGEST_H
#define SUGGEST_H

struct suggestion {
	const char *word;	/* what was written */
	const char *best;	/* the nearest of what was offered; NULL: nothing is near */
	unsigned distance;	/* of best */
};

/* Begins: { .word = "thread" }.  Keeps the candidate if it is the nearest so far. */
void suggest_offer(struct suggestion *, const char *candidate);

#endif
