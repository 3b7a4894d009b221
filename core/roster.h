/*
 * roster.h - what the last start of a site found out about its modules
 *
 * A file's note does not say how many routes a module has, nor what it was refused for when
 * it was put beside the others.  The server knows when it has started, and keeps it in the
 * site's database (core_module) for those that ask without running a module.
 */
#ifndef ROSTER_H
#define ROSTER_H

#include <stdbool.h>
#include <stdint.h>

struct arena;
struct db;
struct err;
struct site;

struct roster_entry {
	bool found;
	int64_t routes;		/* that it served */
	const char *refused;	/* why it was not taken; NULL: it was */
};

/* Writes down what became of each module of a site that has started; nothing, if all is as it
 * was.  On the writer's connection, before it serves. */
bool roster_keep(struct db *, const struct site *, struct err *);

/*
 * What was written of the module of this name in this version, or in one that could not be told
 * since its file was not loaded.  Not found, and true, if the last start had no such module or
 * another version, or is older than the roster.
 */
bool roster_find(struct db *, struct arena *, const char *name, const char *version,
    struct roster_entry *ret, struct err *);

#endif
