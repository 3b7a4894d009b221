/*
 * lane - work that waits for a thread
 *
 * One lock for a lane and all its queues: it is held for a few pointers at a time,
 * never while somebody serves.  A queue stands in the line of ready queues exactly if
 * it has jobs and nobody serves it, so it can be in no two hands; after a batch it
 * goes to the end of the line, so no queue starves another.
 */
#include "lane.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "err.h"

struct queue {
	struct lane *lane;
	lane_serve *serve;
	void *context;
	unsigned most, batch;
	unsigned waiting, served;	/* jobs; served: given to serve, which has not returned */
	struct job *first, **tail;
	struct queue *next_ready;
};

struct worker {
	struct lane *lane;
	unsigned number;
	pthread_t thread;
};

struct lane {
	pthread_mutex_t lock;		/* guards all below, and the queues */
	pthread_cond_t wake;		/* a queue has become ready, or closing is set */
	bool closing;
	struct queue *ready, **tail;
	unsigned started;
	struct worker workers[];
};

/* Puts a queue at the end of the line. */
static void
line_up(struct lane *l, struct queue *q)
{
	q->next_ready = NULL;
	*l->tail = q;
	l->tail = &q->next_ready;
	pthread_cond_signal(&l->wake);
}

/* The queue that has been ready longest; NULL once the lane closes and none is left. */
static struct queue *
next_ready(struct lane *l)
{
	struct queue *q;

	while (l->ready == NULL && !l->closing)
		pthread_cond_wait(&l->wake, &l->lock);
	q = l->ready;
	if (q == NULL)
		return NULL;
	l->ready = q->next_ready;
	if (l->ready == NULL)
		l->tail = &l->ready;
	return q;
}

/* Takes a batch off the queue. */
static struct job *
take_batch(struct queue *q)
{
	struct job *first = q->first, **last = &q->first;

	for (q->served = 0; q->served < q->batch && *last != NULL; q->served++)
		last = &(*last)->next;
	q->waiting -= q->served;
	q->first = *last;
	if (q->first == NULL)
		q->tail = &q->first;
	*last = NULL;
	return first;
}

static void *
work(void *argument)
{
	struct worker *w = argument;
	struct lane *l = w->lane;
	struct queue *q;
	struct job *batch;

	pthread_mutex_lock(&l->lock);
	while ((q = next_ready(l)) != NULL) {
		batch = take_batch(q);
		pthread_mutex_unlock(&l->lock);
		q->serve(q->context, w->number, batch);
		pthread_mutex_lock(&l->lock);
		q->served = 0;
		if (q->waiting > 0)
			line_up(l, q);
	}
	pthread_mutex_unlock(&l->lock);
	return NULL;
}

static bool
start(struct lane *l, const char *name, struct err *e)
{
	struct worker *w = &l->workers[l->started];
	char full[16];		/* what the kernel keeps */
	int fault;

	w->lane = l;
	w->number = l->started;
	fault = pthread_create(&w->thread, NULL, work, w);
	if (fault != 0)
		return err_set(e, "cannot start thread %u of %s: %s", w->number, name,
		    strerrordesc_np(fault));
	l->started++;
	snprintf(full, sizeof full, "%.11s-%u", name, w->number % 1000);
	pthread_setname_np(w->thread, full);
	return true;
}

bool
lane_open(const char *name, unsigned threads, struct lane **ret, struct err *e)
{
	struct lane *l = arena_heap(NULL, sizeof *l + threads * sizeof *l->workers);
	sigset_t all, before;
	bool ok = true;

	assert(threads > 0);
	*l = (struct lane){ .closing = false };
	l->tail = &l->ready;
	pthread_mutex_init(&l->lock, NULL);
	pthread_cond_init(&l->wake, NULL);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);	/* inherited by the threads */
	for (unsigned i = 0; ok && i < threads; i++)
		ok = start(l, name, e);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (!ok) {
		lane_close(l);
		return false;
	}
	*ret = l;
	return true;
}

void
lane_close(struct lane *l)
{
	if (l == NULL)
		return;
	pthread_mutex_lock(&l->lock);
	l->closing = true;
	pthread_cond_broadcast(&l->wake);
	pthread_mutex_unlock(&l->lock);
	for (unsigned i = 0; i < l->started; i++)
		pthread_join(l->workers[i].thread, NULL);
	pthread_cond_destroy(&l->wake);
	pthread_mutex_destroy(&l->lock);
	free(l);
}

struct queue *
queue_open(struct lane *l, unsigned most, unsigned batch, lane_serve *serve, void *context)
{
	struct queue *q = arena_heap(NULL, sizeof *q);

	assert(most > 0 && batch > 0);
	*q = (struct queue){ .lane = l, .serve = serve, .context = context, .most = most,
	    .batch = batch };
	q->tail = &q->first;
	return q;
}

void
queue_close(struct queue *q)
{
	assert(q == NULL || q->waiting + q->served == 0);
	free(q);
}

bool
queue_push(struct queue *q, struct job *job)
{
	struct lane *l = q->lane;
	bool taken;

	pthread_mutex_lock(&l->lock);
	taken = !l->closing && q->waiting + q->served < q->most;
	if (taken) {
		job->next = NULL;
		*q->tail = job;
		q->tail = &job->next;
		if (q->waiting++ == 0 && q->served == 0)
			line_up(l, q);
	}
	pthread_mutex_unlock(&l->lock);
	return taken;
}

unsigned
queue_length(struct queue *q)
{
	unsigned n;

	pthread_mutex_lock(&q->lane->lock);
	n = q->waiting + q->served;
	pthread_mutex_unlock(&q->lane->lock);
	return n;
}
