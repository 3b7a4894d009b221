/*
 * db_lock.c - one writer of a database at a time, among all processes
 *
 * SQLite's own locks let one connection write while another checkpoints, which in
 * 3.40.1 can lose what was committed (the WAL-reset fault, mended in 3.51.3).  This
 * lock goes around both.  It is flock(2), which belongs to the open file: two
 * connections in one process hold each other off too, and closing some other
 * descriptor of the file does not lose it.
 */
#include "db_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <sys/file.h>

#include "clock.h"
#include "err.h"

enum { FIRST_NAP = 50, LONGEST_NAP = 2000 };	/* microseconds */

/* A database has one lock, whichever symbolic link leads to it. */
bool
db_lock_open(const char *database, int *ret, struct err *e)
{
	char real[PATH_MAX], path[PATH_MAX];
	int fd;

	if (realpath(database, real) == NULL)		/* it is yet to be made */
		snprintf(real, sizeof real, "%s", database);
	if (snprintf(path, sizeof path, "%s.lock", real) >= (int)sizeof path)
		return err_set(e, "%s: the path is too long", database);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return err_set(e, "%s: cannot be opened: %s", path, strerror(errno));
	*ret = fd;
	return true;
}

/* Naps instead of a blocking flock, which would need a signal to end in time. */
bool
db_lock_take(int lock, unsigned milliseconds)
{
	struct timespec nap = { .tv_nsec = FIRST_NAP * 1000 };
	int64_t end;

	if (flock(lock, LOCK_EX | LOCK_NB) == 0)
		return true;
	for (end = clock_now() + milliseconds * INT64_C(1000); clock_now() < end;) {
		nanosleep(&nap, NULL);
		if (flock(lock, LOCK_EX | LOCK_NB) == 0)
			return true;
		if (nap.tv_nsec < LONGEST_NAP * 1000)
			nap.tv_nsec *= 2;
	}
	return false;
}

void
db_lock_drop(int lock)
{
	flock(lock, LOCK_UN);
}
