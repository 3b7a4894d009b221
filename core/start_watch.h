/*
 * start_watch.h - a module that crashes while the server starts is named
 */
#ifndef START_WATCH_H
#define START_WATCH_H

#include "site.h"

struct conf;
struct crash_watch;

struct start_watch {
	struct site_watch watch;	/* first: what the sites see */
	const struct conf *conf;
	struct arena *arena;
	struct out *faults;		/* NULL: the start is over */
	struct crash_watch *crash;
};

/*
 * If code of a module crashes while it is loaded, in its init, or in its fini when the start
 * is given up, the process ends with 78 and "module refused: modules/sla.so: crashed (SIGSEGV)
 * in its init (helpdesk.yaml:12)", behind whatever faults held.  Also if the module is not
 * required: what it has written, and where, nobody knows.
 */
void start_watch_init(struct start_watch *, const struct conf *, struct arena *,
    struct out *faults);

/* The server has started: from now on a crash is a crash, and faults may go. */
void start_watch_end(struct start_watch *);

#endif
