/*
 * plan.h - what of a module looks through a whole table
 */
#ifndef PLAN_H
#define PLAN_H

#include <stdbool.h>

struct arena;
struct db;
struct err;
struct instance;

/* Takes a sentence: "statement 2 (SELECT ...) looks through all rows of t". */
typedef void plan_say(void *context, const char *sentence);

/*
 * Says which statements of a module, and which of its lists when they are filtered, go
 * through all rows of a table.  The instance has been started; its database is a DB_WRITER
 * that is empty, and that a user is added to.  False if it cannot be found out.
 */
bool plan_look(struct db *, struct arena *, const struct instance *, plan_say *, void *context,
    struct err *);

#endif
