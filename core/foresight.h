/*
 * foresight.h - which reads will take long: those that did the last time
 *
 * What is too long for an event loop is begun there, stopped, and done again in a slow lane.
 * Who asks the same again, a list of thousands of rows every minute, is better sent to the slow
 * lane at once.  Now and then the loop tries again, since rows go, too.
 */
#ifndef FORESIGHT_H
#define FORESIGHT_H

#include <stdbool.h>
#include <stdint.h>

#include "text.h"

enum { FORESIGHT_SLOTS = 64 };

/* Of one thread.  Zeroed: nothing has been seen. */
struct foresight {
	bool any;
	struct {
		uint64_t read;		/* a number that stands for it */
		unsigned times;		/* that it will be believed */
	} slots[FORESIGHT_SLOTS];
};

/* Whether a site's read of this target is likely to be too long; asked for once each time it
 * comes. */
bool foresight_expects(struct foresight *, unsigned site, struct text target);

/* Notes that it was. */
void foresight_note(struct foresight *, unsigned site, struct text target);

#endif
