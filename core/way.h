/*
 * way.h - what is done with every request before its route is run
 */
#ifndef WAY_H
#define WAY_H

#include <stdbool.h>

#include "house.h"

struct request;

/* Gives a request its moment, its id, and path and query as pieces of its target. */
void way_begin(struct request *);

/*
 * Takes a request that has begun and knows its site (req->site, req->desk) as far as its
 * route: route, reader, key and what it is good for, preferences, query, body.  False with
 * the request failed, or answered: OPTIONS ends here.
 */
bool way_walk(struct request *);

/*
 * Takes a question about an upload, which knows its site and has not begun, as far as who
 * asks, and whether he may; the router is asked first.  What it says of a failure is for nobody.
 */
enum house_admission way_admit(struct request *);

#endif
