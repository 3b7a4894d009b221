/*
 * ceiling_lane.h - jobs on their way from the event loops to a thread that may wait
 */
#pragma once

#include <pthread.h>

struct lane_job {
	struct lane_job *next;
};

struct lane {
	pthread_mutex_t mutex;
	pthread_cond_t filled;
	struct lane_job *first, **last;
};

void lane_init(struct lane *);
void lane_push(struct lane *, struct lane_job *);

/* Waits for jobs and takes what is there, at most so many, as a list. */
struct lane_job *lane_take(struct lane *, unsigned most);
