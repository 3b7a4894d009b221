/*
 * db_lock.h - one writer of a database at a time, among all processes
 *
 * The lock is on a file beside the database, PATH.lock, which stays when it is given
 * back.  Whoever dies with it has given it back.
 */
#ifndef DB_LOCK_H
#define DB_LOCK_H

#include <stdbool.h>

struct err;

/* Opens, and if need be makes, the lock file of this database.  *ret is a descriptor
 * for the caller to close, which is also an end to the lock. */
bool db_lock_open(const char *database, int *ret, struct err *);

/* Takes the lock, waiting at most so long; false if somebody else kept it. */
bool db_lock_take(int lock, unsigned milliseconds);

void db_lock_drop(int lock);

#endif
