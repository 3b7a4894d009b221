/*
 * hook.h - what modules do when a row changes
 *
 * The engine that writes rows knows that somebody may want to see what it has done, and not
 * who: whoever puts a site together makes the list, and the functions that it names.
 */
#ifndef HOOK_H
#define HOOK_H

#include <stdbool.h>
#include <stdint.h>

struct hd_hook;
struct instance;
struct request;
struct resource;
struct value;

/* What has become of a row. */
struct row_event {
	const struct resource *resource;
	unsigned verb;			/* HD_CREATE, HD_CHANGE or HD_DELETE */
	int64_t id;
	const struct value *from, *to;	/* in the order of the columns; NULL: was not, is not */
};

/* One of a site's, in the order in which they are called. */
struct hook {
	const struct resource *resource;
	unsigned verbs;
	bool (*run)(struct request *, const struct hook *, const struct row_event *);
	struct instance *instance;	/* whose it is, and what it has declared: for run */
	const struct hd_hook *declared;
	const struct hook *next;
};

/* Whether anybody wants to see it; else the rows need not be read. */
bool hook_wanted(const struct request *, const struct resource *, unsigned verb);

/* Calls those who want to see it; false with the request failed if one refuses. [writer] */
bool hook_call(struct request *, const struct row_event *);

#endif
