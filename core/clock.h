/*
 * clock.h - time that only goes forward, and waiting by it
 *
 * The time of day, which somebody may set, is iso8601.h's.
 */
#ifndef CLOCK_H
#define CLOCK_H

#include <pthread.h>
#include <stdint.h>

/* Microseconds since some moment.  [any thread] */
int64_t clock_now(void);

/* For clock_cond_wait; pthread_cond_destroy as any other. */
void clock_cond_init(pthread_cond_t *);

/* pthread_cond_wait, but at most until clock_now says so; it may return sooner. */
void clock_cond_wait(pthread_cond_t *, pthread_mutex_t *, int64_t until);

#endif
