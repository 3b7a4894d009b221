/*
 * lane.h - work that waits for a thread
 *
 * A lane has a few threads and serves queues.  A queue is served by one thread at a
 * time, in order, so what a queue guards needs no lock; different queues are served
 * side by side, in turn.  Hundreds of idle queues cost no thread.
 */
#ifndef LANE_H
#define LANE_H

#include <stdbool.h>
#include <stddef.h>

struct err;
struct lane;
struct queue;

/* One piece of work; embedded in what it is about. */
struct job {
	struct job *next;
};

/*
 * Serves the jobs that were waiting, oldest first, linked by next; whoever serves
 * owns them.  thread is the lane's thread: 0, 1 ...  It may push to any queue, also
 * to this one.
 */
typedef void lane_serve(void *context, unsigned thread, struct job *first);

/*
 * Starts a lane of so many threads, at least one, named so for ps and gdb (at most 11
 * bytes; more is cut).  They take no signals.
 */
bool lane_open(const char *name, unsigned threads, struct lane **ret, struct err *);

/*
 * Serves what waits, then ends the threads; NULL is fine.  Meanwhile pushes are
 * refused.  What is left to do with its queues afterwards is to close them.
 */
void lane_close(struct lane *);

/*
 * A queue that holds at most most jobs, those that are served now included, of which
 * a serve gets at most batch at once; both at least 1.
 */
struct queue *queue_open(struct lane *, unsigned most, unsigned batch, lane_serve *,
    void *context);

/* Once its lane is closed, or when it is empty for good; NULL is fine. */
void queue_close(struct queue *);

/* Puts a job at the end; false if the queue is full or the lane closes.  [any thread] */
bool queue_push(struct queue *, struct job *);

/* Jobs that wait or are served now.  [any thread] */
unsigned queue_length(struct queue *);

#endif
