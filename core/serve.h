/*
 * serve.h - running what a route serves, wherever that happens
 */
#ifndef SERVE_H
#define SERVE_H

#include <stdbool.h>
#include <stdint.h>

struct request;

/*
 * Serves the request's route with req->db and an empty req->answer.body.  False with
 * the request failed, or over_budget set.
 */
bool serve_route(struct request *);

/*
 * Runs what comes before the route's write (route->before), with req->db.  False with the
 * request failed.
 */
bool serve_before(struct request *);

/* Whatever happened: afterwards the request has its one answer. */
void serve_finish(struct request *);

/* Gives the request the present moment. */
void serve_stamp(struct request *);

/* Likewise, but one after *last, whatever the clock does; it becomes *last. */
void serve_stamp_next(struct request *, int64_t *last);

#endif
