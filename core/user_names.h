/*
 * user_names.h - the names of the users in the rows of a list
 *
 * A list has many rows and few users: each name is looked up once.  Asked of the database
 * with every row, they took a seventh of the time that a long list takes.
 */
#ifndef USER_NAMES_H
#define USER_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text.h"

struct arena;
struct db;
struct err;

/* Of one snapshot.  Zeroed: none is known yet. */
struct user_names {
	struct user_name *known;	/* in the arena */
	size_t count, room;		/* room is a power of two, or 0 */
};

/*
 * The name of the user with this id, in the arena; absent if there is none.  False with *e
 * set.  More than some ten thousand users are not kept: they are looked up each time.
 */
bool user_names_get(struct user_names *, struct db *, struct arena *, int64_t id,
    struct text *name, struct err *);

#endif
