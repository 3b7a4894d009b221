/*
 * ceiling_lane.c - a queue
 */
#include "ceiling_lane.h"

#include <stddef.h>

void
lane_init(struct lane *l)
{
	pthread_mutex_init(&l->mutex, NULL);
	pthread_cond_init(&l->filled, NULL);
	l->first = NULL;
	l->last = &l->first;
}

void
lane_push(struct lane *l, struct lane_job *job)
{
	job->next = NULL;
	pthread_mutex_lock(&l->mutex);
	if (l->first == NULL)
		pthread_cond_signal(&l->filled);
	*l->last = job;
	l->last = &job->next;
	pthread_mutex_unlock(&l->mutex);
}

struct lane_job *
lane_take(struct lane *l, unsigned most)
{
	struct lane_job *taken, *end;

	pthread_mutex_lock(&l->mutex);
	while (l->first == NULL)
		pthread_cond_wait(&l->filled, &l->mutex);
	taken = end = l->first;
	while (--most > 0 && end->next != NULL)
		end = end->next;
	l->first = end->next;
	if (l->first == NULL)
		l->last = &l->first;
	pthread_mutex_unlock(&l->mutex);
	end->next = NULL;
	return taken;
}
