/*
 * worker.h - one thread of the street: one event loop, one h2o context, one desk
 */
#ifndef WORKER_H
#define WORKER_H

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include <h2o.h>

#include "exchange.h"
#include "head.h"
#include "request.h"
#include "spool.h"

struct addresses;
struct conf;
struct desk;
struct err;
struct house;
struct listener;

/* What all threads share; read-only but for the counters. */
struct street {
	const struct conf *conf;
	struct house *house;
	h2o_globalconf_t h2o;
	struct addresses *addresses;
	struct listener *listeners;
	size_t listener_count;
	unsigned most_connections;	/* below the number of descriptors there are */
	struct worker *workers;		/* all threads, also those that have not started; */
	unsigned worker_count;		/* so many */
	struct head_limits head;
	atomic_uint connections;
	atomic_size_t held;		/* bytes of requests that are not complete */
	atomic_bool draining;
	atomic_uint running;		/* threads that serve */
};

/* A listener as one thread sees it. */
struct door {
	struct worker *worker;
	const struct listener *listener;
	h2o_socket_t *socket;		/* NULL once closed */
	h2o_accept_ctx_t accept;
};

struct worker {
	struct street *street;
	pthread_t thread;
	h2o_context_t ctx;
	struct desk *desk;
	struct request_stock requests;
	struct exchange_stock exchanges;
	struct spool_leavings leavings;
	struct door *doors;
	h2o_linklist_t conns;		/* of struct conn */
	h2o_linklist_t lingering;	/* likewise, closed but for reading what still comes */
	h2o_multithread_receiver_t answers;	/* from the lanes */
	h2o_multithread_receiver_t wake;
	h2o_multithread_receiver_t arrivals;	/* connections that other threads have accepted */
	atomic_uint load;		/* its connections, and those that are on their way to it */
	atomic_bool takes;		/* it can be given some */
	h2o_timeout_entry_t tick;	/* every 100 ms */
	unsigned ticks;
	unsigned out;			/* requests that are with a lane */
	int spare;			/* a descriptor for when there is none left */
	bool draining;
	uint64_t drain_end;
	sem_t leave;			/* posted when a drained thread may close its loop */
};

/* Starts a thread; it is ready, or has failed, when this returns. [startup] */
bool worker_start(struct worker *, struct street *, struct err *);

/* Makes the thread look whether the street is draining. [any] */
void worker_wake(struct worker *);

/*
 * Lets a thread that has drained close its loop, and waits for it.  Not before nobody
 * sends to the loop any more: neither worker_wake nor a lane.  [main thread]
 */
void worker_join(struct worker *);

/* Milliseconds, of the loop's clock. [its thread] */
uint64_t worker_now(const struct worker *);

#endif
