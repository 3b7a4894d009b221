/*
 * user.h - the people of a site
 *
 * Names are kept as given and compared without case, in all of Unicode.  A user is never
 * deleted, for the history refers to it, but can be deactivated: then it is shown and
 * found as before, and nothing new is given to it.
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
	bool active;
	struct text created_at, updated_at;	/* given by the functions below, never taken */
};

/*
 * Whether a text can be what its name says; if not, *e is a sentence about it.  An email
 * address and a full name may be empty, which says that there is none.
 *
 *	name		1 to 80 characters, no control characters, no white space at its ends,
 *			and not all digits, for these are ids
 *	email		one '@' between two parts that are not empty, neither white space nor
 *			control characters, at most 254 bytes (RFC 5321 section 4.5.3.1.3: a
 *			path of 256 with its brackets); no more, for mail itself knows best
 *	full name	at most 150 characters, no control characters
 *
 * They touch no database.  [any thread]
 */
bool user_check_name(struct text, struct err *);
bool user_check_email(struct text, struct err *);
bool user_check_full_name(struct text, struct err *);

/* How a search ended. */
enum user_found { USER_FOUND, USER_ABSENT, USER_FAULT };	/* fault: *e tells, for the log */

/*
 * The user that a reference means: digits are an id, anything else a name.  Texts of
 * *ret are in the arena.
 */
enum user_found user_find(struct db *, struct arena *, struct text reference, struct user *ret,
    struct err *);

/*
 * Adds an active user inside the caller's transaction; *id is the new one.  The message is
 * a sentence: "there is a user 'maria' already", "'ma ria' is no user name: ...".
 */
bool user_add(struct db *, struct arena *, const struct user *, int64_t *id, struct err *);

/*
 * Makes of the user that is there the one that is wanted, inside the caller's transaction:
 * name, email, full name and whether it is active.  Only what differs is checked and
 * written, and the id stays; if nothing differs, nothing is.  *ret is what it is now; its
 * texts are in the arena, or where those of *from and *to are.  Messages as of user_add.
 */
bool user_change(struct db *, struct arena *, const struct user *from, const struct user *to,
    struct user *ret, struct err *);

/*
 * Calls each for every user, active or not, in order of id, until it says false, which is
 * no failure.  The texts last until each returns.
 */
typedef bool user_each(void *context, const struct user *);
bool user_list(struct db *, user_each *, void *context, struct err *);

#endif
