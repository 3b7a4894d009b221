/*
 * turnstile.c - where long reads wait while the WAL is to start over
 */
#include "turnstile.h"

#include "clock.h"

enum { MILLISECOND = 1000 };	/* of clock_now */

void
turnstile_init(struct turnstile *t)
{
	*t = (struct turnstile){ .inside = 0 };
	pthread_mutex_init(&t->lock, NULL);
	clock_cond_init(&t->changed);
}

void
turnstile_fini(struct turnstile *t)
{
	pthread_cond_destroy(&t->changed);
	pthread_mutex_destroy(&t->lock);
}

void
turnstile_enter(struct turnstile *t)
{
	pthread_mutex_lock(&t->lock);
	while (t->closed_until > clock_now())
		clock_cond_wait(&t->changed, &t->lock, t->closed_until);
	t->inside++;
	pthread_mutex_unlock(&t->lock);
}

void
turnstile_leave(struct turnstile *t)
{
	pthread_mutex_lock(&t->lock);
	if (--t->inside == 0)
		pthread_cond_broadcast(&t->changed);
	pthread_mutex_unlock(&t->lock);
}

void
turnstile_close(struct turnstile *t, unsigned ms)
{
	pthread_mutex_lock(&t->lock);
	t->closed_until = clock_now() + (int64_t)ms * MILLISECOND;
	pthread_cond_broadcast(&t->changed);
	pthread_mutex_unlock(&t->lock);
}

bool
turnstile_wait(struct turnstile *t, unsigned ms)
{
	const int64_t until = clock_now() + (int64_t)ms * MILLISECOND;
	bool empty;

	pthread_mutex_lock(&t->lock);
	while (t->inside > 0 && clock_now() < until)
		clock_cond_wait(&t->changed, &t->lock, until);
	empty = t->inside == 0;
	pthread_mutex_unlock(&t->lock);
	return empty;
}
