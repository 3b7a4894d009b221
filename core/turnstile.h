/*
 * turnstile.h - where long reads wait while the WAL is to start over
 *
 * SQLite starts the WAL over when nobody reads what is in it.  One long read after the
 * other leaves no such moment; so the writer closes the turnstile, waits until those inside
 * have left, and opens it again.  Whoever waits outside waits no longer than it is closed.
 */
#ifndef TURNSTILE_H
#define TURNSTILE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct turnstile {
	pthread_mutex_t lock;		/* guards all below */
	pthread_cond_t changed;
	unsigned inside;
	int64_t closed_until;		/* by clock_now */
};

/* It is open. */
void turnstile_init(struct turnstile *);
void turnstile_fini(struct turnstile *);

/* Waits while it is closed, then is inside.  [any thread] */
void turnstile_enter(struct turnstile *);
void turnstile_leave(struct turnstile *);

/* Nobody enters for so many milliseconds from now; 0 opens it.  [any thread] */
void turnstile_close(struct turnstile *, unsigned ms);

/* Waits until nobody is inside, at most so many milliseconds; true if nobody is.
 * [any thread] */
bool turnstile_wait(struct turnstile *, unsigned ms);

#endif
