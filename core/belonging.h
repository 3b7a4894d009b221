/*
 * belonging.h - what the server keeps for each row besides its fields
 *
 * Attachments, versions, history: rows of the server's own tables that hang at the row of
 * any resource that asks for them (hd_resource.with), served by the same functions.
 */
#ifndef BELONGING_H
#define BELONGING_H

#include <helpdesk/plugin.h>

struct arena;
struct resource;

enum { BELONGINGS = 3 };

struct belonging {
	unsigned with;		/* the bit that asks for it */
	const char *table, *one, *many;
	const char *key;	/* column by which a path names one */
	const char *order;	/* as hd_resource.order */
	unsigned operations;	/* bits 1 << enum operation */
	const struct hd_field *fields;
	const char *doc;
};

/* The i-th of all; NULL after the last. */
const struct belonging *belonging_get(unsigned i);

/* Its descriptor below the paths of a parent; in the arena. */
const struct hd_resource *belonging_table(struct arena *, const struct belonging *,
    const struct resource *parent);

#endif
