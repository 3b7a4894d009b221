/*
 * slow.h - the slow lanes: long reads, and modules that talk to other services
 *
 * What would hold up an event loop is served here, into a spool, so that it is made
 * at full speed and sent at the client's.  A write that has something before it
 * (route->before) is prepared here and goes on to the writer.  The two have lanes of their
 * own: a service that does not answer holds up no read.
 */
#ifndef SLOW_H
#define SLOW_H

#include <stdbool.h>
#include <stddef.h>

#include "house.h"

struct lane;
struct line;
struct request;
struct spool_budget;

/* What a line of a slow lane needs to know; outlives it. */
struct slow_terms {
	unsigned queue;			/* jobs that may wait in one line */
	unsigned steps;			/* of the database, in thousands, that a request may take */
	struct spool_budget *budget;
	bool (*write)(struct request *);	/* gives one that is prepared to the writer; false
						 * with the request failed */
};

/*
 * A line for one site: a queue of its own with a reader of its own, so that the lines
 * of a site are served side by side.  path: of the database; folder: for spools.
 */
struct line *line_open(struct lane *, const struct slow_terms *, const char *path,
    const char *folder);
void line_close(struct line *);		/* after the lane; NULL is fine */

/* The request is served later and then has its answer; false if the line is full. */
bool line_push(struct line *, struct request *);

/* Requests in the line.  [any thread] */
unsigned line_length(const struct line *);

#endif
