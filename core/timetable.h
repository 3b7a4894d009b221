/*
 * timetable.h - what is due at some moment
 *
 * One thread that sleeps until the next thing is due.  What is called must not take long: it
 * puts work into a lane.
 */
#ifndef TIMETABLE_H
#define TIMETABLE_H

#include <stdbool.h>
#include <stdint.h>

struct err;
struct timetable;

/* Embedded in what is to be called. */
struct due {
	struct due *next;
	int64_t at;			/* microseconds of the monotonic clock */
	void (*call)(struct due *);	/* on the timetable's thread */
};

bool timetable_open(struct timetable **ret, struct err *);

/* Ends the thread: nothing is called any more, and what is put in is not kept; NULL is fine. */
void timetable_stop(struct timetable *);

/* Once it has been stopped; NULL is fine. */
void timetable_free(struct timetable *);

/*
 * Calls it once, so many microseconds from now.  It must not be in the timetable yet; from
 * its call on it can be put in again.  [any thread]
 */
void timetable_put(struct timetable *, struct due *, int64_t microseconds);

#endif
