/*
 * timetable.c - what is due at some moment
 *
 * A handful of entries: a list in the order of their moments is all it takes.
 */
#include "timetable.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "arena.h"
#include "clock.h"
#include "err.h"

struct timetable {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct due *first;
	bool stopping;
};

/* Until something changes or the first is due.  With the lock held. */
static void
wait(struct timetable *t)
{
	if (t->first == NULL)
		pthread_cond_wait(&t->changed, &t->lock);
	else
		clock_cond_wait(&t->changed, &t->lock, t->first->at);
}

static void *
run(void *arg)
{
	struct timetable *t = arg;
	struct due *d;

	pthread_mutex_lock(&t->lock);
	while (!t->stopping) {
		d = t->first;
		if (d == NULL || d->at > clock_now()) {
			wait(t);
			continue;
		}
		t->first = d->next;
		pthread_mutex_unlock(&t->lock);
		d->call(d);
		pthread_mutex_lock(&t->lock);
	}
	pthread_mutex_unlock(&t->lock);
	return NULL;
}

/* A thread that takes no signals. */
static bool
start(struct timetable *t)
{
	sigset_t all, before;
	int failed;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	failed = pthread_create(&t->thread, NULL, run, t);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (failed == 0)
		pthread_setname_np(t->thread, "timetable");
	return failed == 0;
}

bool
timetable_open(struct timetable **ret, struct err *e)
{
	struct timetable *t = arena_heap(NULL, sizeof(*t));

	*t = (struct timetable){ .first = NULL };
	pthread_mutex_init(&t->lock, NULL);
	clock_cond_init(&t->changed);
	if (start(t)) {
		*ret = t;
		return true;
	}
	timetable_free(t);
	return err_set(e, "no thread can be started");
}

void
timetable_stop(struct timetable *t)
{
	bool running;

	if (t == NULL)
		return;
	pthread_mutex_lock(&t->lock);
	running = !t->stopping;
	t->stopping = true;
	pthread_cond_signal(&t->changed);
	pthread_mutex_unlock(&t->lock);
	if (running)
		pthread_join(t->thread, NULL);
}

void
timetable_free(struct timetable *t)
{
	if (t == NULL)
		return;
	pthread_mutex_destroy(&t->lock);
	pthread_cond_destroy(&t->changed);
	free(t);
}

void
timetable_put(struct timetable *t, struct due *d, int64_t microseconds)
{
	struct due **at = &t->first;

	d->at = clock_now() + microseconds;
	pthread_mutex_lock(&t->lock);
	if (!t->stopping) {
		while (*at != NULL && (*at)->at <= d->at)
			at = &(*at)->next;
		d->next = *at;
		*at = d;
		pthread_cond_signal(&t->changed);
	}
	pthread_mutex_unlock(&t->lock);
}
