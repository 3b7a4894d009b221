/*
 * host.h - the server as a module's code sees it
 */
#ifndef HOST_H
#define HOST_H

#include <stdbool.h>

#include <helpdesk/plugin.h>

struct request;

/* The function table that every handle given to a module begins with. */
const struct hd_host *host_table(void);

/* Serves a module's own route: calls its handler, and gives back what it left open. */
bool host_serve(struct request *);

/* Likewise what the module does before the write (hd_route.before, hd_job.before). */
bool host_before(struct request *);

/* Likewise a job, whose route is its own (route->job). */
bool host_job(struct request *);

/* Calls a hook of a module (hd_hook). */
struct hook;
struct row_event;
bool host_hook(struct request *, const struct hook *, const struct row_event *);

#endif
