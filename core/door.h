/*
 * door.h - where long reads wait while the WAL is to start over
 *
 * SQLite starts the WAL over when nobody reads what is in it.  One long read after the
 * other leaves no such moment; so the writer closes the door, waits until those inside
 * have left, and opens it again.  Whoever waits outside waits no longer than it is closed.
 */
#ifndef DOOR_H
#define DOOR_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct door {
	pthread_mutex_t lock;		/* guards all below */
	pthread_cond_t changed;
	unsigned inside;
	int64_t closed_until;		/* milliseconds of the monotonic clock */
};

/* It is open. */
void door_init(struct door *);
void door_fini(struct door *);

/* Waits while it is closed, then is inside.  [any thread] */
void door_enter(struct door *);
void door_leave(struct door *);

/* Nobody enters for so many milliseconds from now; 0 opens it.  [any thread] */
void door_close(struct door *, unsigned ms);

/* Waits until nobody is inside, at most so many milliseconds; true if nobody is.
 * [any thread] */
bool door_wait(struct door *, unsigned ms);

#endif
