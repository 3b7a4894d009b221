/*
 * user.h - the people of a site
 *
 * Names are kept as given and compared without case, in all of Unicode.
 */
#ifndef USER_H
#define USER_H

#include <stdbool.h>
#include <stdint.h>

#include "text.h"

struct arena;
struct db;
struct err;

struct user {
	int64_t id;		/* 0: none */
	struct text name;
	struct text email;	/* absent if not known; likewise the full name */
	struct text full_name;
};

/* How a search ended. */
enum user_found { USER_FOUND, USER_ABSENT, USER_FAULT };	/* fault: *e tells, for the log */

/*
 * The user that a reference means: digits are an id, anything else a name.  Texts of
 * *ret are in the arena.
 */
enum user_found user_find(struct db *, struct arena *, struct text reference, struct user *ret,
    struct err *);

/*
 * Adds a user inside the caller's transaction; *id is the new one.  The message is a
 * sentence: "there is a user 'maria' already", "'ma ria' is no user name: ...".
 * A name is 1 to 80 characters, without white space at its ends or control
 * characters, and not all digits (digits are ids).  An email address, if given, has
 * one '@' and no white space.
 */
bool user_add(struct db *, struct arena *, const struct user *, int64_t *id, struct err *);

/*
 * Calls each for every user in order of id, until it says false, which is no failure.
 * The texts last until each returns.
 */
typedef bool user_each(void *context, const struct user *);
bool user_list(struct db *, user_each *, void *context, struct err *);

#endif
