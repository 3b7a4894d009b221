/*
 * ownership.h - which tables a module may touch
 *
 * A module owns the tables (and indexes) that are named after it: NAME and NAME_*.  It
 * may read the users, whom everybody refers to, and what the modules own that it needs.
 * The core owns everything.
 */
#ifndef OWNERSHIP_H
#define OWNERSHIP_H

#include <stdbool.h>

struct db;
struct err;

struct ownership {
	const char *owner;
	const char *const *needs;	/* names of the modules it needs, ended by NULL; or NULL */
	bool violated;			/* set by the first refusal */
};

/* Whether a table, or an index, is named after its owner. */
bool ownership_is(const char *owner, const char *table);

/* From now on whatever is prepared on this connection keeps to it; it must live until
 * ownership_lift. */
void ownership_hold(struct db *, struct ownership *);
void ownership_lift(struct db *);

/* Puts into words what violated it; e holds the database's.  Always returns false. */
bool ownership_explain(const struct ownership *, struct err *e);

#endif
