/*
 * door.c - where long reads wait while the WAL is to start over
 */
#include "door.h"

#include <time.h>

static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Under the lock: waits for a change, at most until then. */
static void
wait_until(struct door *d, int64_t ms)
{
	const struct timespec t = { (time_t)(ms / 1000), (long)(ms % 1000) * 1000000 };

	pthread_cond_timedwait(&d->changed, &d->lock, &t);
}

void
door_init(struct door *d)
{
	pthread_condattr_t attr;

	*d = (struct door){ .inside = 0 };
	pthread_mutex_init(&d->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&d->changed, &attr);
	pthread_condattr_destroy(&attr);
}

void
door_fini(struct door *d)
{
	pthread_cond_destroy(&d->changed);
	pthread_mutex_destroy(&d->lock);
}

void
door_enter(struct door *d)
{
	pthread_mutex_lock(&d->lock);
	while (d->closed_until > now_ms())
		wait_until(d, d->closed_until);
	d->inside++;
	pthread_mutex_unlock(&d->lock);
}

void
door_leave(struct door *d)
{
	pthread_mutex_lock(&d->lock);
	if (--d->inside == 0)
		pthread_cond_broadcast(&d->changed);
	pthread_mutex_unlock(&d->lock);
}

void
door_close(struct door *d, unsigned ms)
{
	pthread_mutex_lock(&d->lock);
	d->closed_until = ms > 0 ? now_ms() + ms : 0;
	pthread_cond_broadcast(&d->changed);
	pthread_mutex_unlock(&d->lock);
}

bool
door_wait(struct door *d, unsigned ms)
{
	const int64_t until = now_ms() + ms;
	bool empty;

	pthread_mutex_lock(&d->lock);
	while (d->inside > 0 && now_ms() < until)
		wait_until(d, until);
	empty = d->inside == 0;
	pthread_mutex_unlock(&d->lock);
	return empty;
}
