/*
 * user_names.h - the names of the users in the rows of a list
 *
 * A list has many rows and few users: each name is looked up once.  Asked of the database
 * with every row, they took a seventh of the time that a long list takes.
 */
#ifndef USER_NAMES_H
#define USER_NAMES_H

#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "db.h"
#include "text.h"

/* Of one snapshot. */
struct user_names {
	struct arena arena;		/* of its own: a list has more rows than memory */
	struct user_name *known;
	size_t count, room;		/* room is a power of two, or 0 */
};

/* Knows none yet. */
void user_names_init(struct user_names *);
void user_names_fini(struct user_names *);

/* Says that the names of the last row are not needed any more: beyond some eight thousand,
 * all are forgotten. */
void user_names_next_row(struct user_names *);

/*
 * Looks for the name of the user with this id: DB_ROW with *name, which lasts until
 * user_names_next_row; DB_DONE with an absent one if there is no such user; or why not.
 */
enum db_result user_names_get(struct user_names *, struct db *, int64_t id, struct text *name);

#endif
