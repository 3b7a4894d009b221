/*
 * clock.c - time that only goes forward, and waiting by it
 */
#include "clock.h"

#include <time.h>

enum { SECOND = 1000 * 1000, NANOSECONDS = 1000 };

int64_t
clock_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * SECOND + t.tv_nsec / NANOSECONDS;
}

void
clock_cond_init(pthread_cond_t *cond)
{
	pthread_condattr_t monotonic;

	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(cond, &monotonic);
	pthread_condattr_destroy(&monotonic);
}

void
clock_cond_wait(pthread_cond_t *cond, pthread_mutex_t *lock, int64_t until)
{
	const struct timespec t = { until / SECOND, until % SECOND * NANOSECONDS };

	pthread_cond_timedwait(cond, lock, &t);
}
