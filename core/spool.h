/*
 * spool.h - a long body, made at one speed and taken at another
 *
 * An answer, made at full speed and sent at the client's; or what a client uploads.
 * The first bytes stay in memory; what is more goes to a file without a name, in
 * the folder that was given, so it is gone with the process.  All spools together
 * keep to a budget.
 */
#ifndef SPOOL_H
#define SPOOL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct spool;

/* Shared by all spools of a server. */
struct spool_budget {
	atomic_ullong used;		/* bytes in files */
	unsigned long long limit;
};

/* An empty spool; false if the folder does not take files, before an answer has begun. */
bool spool_open(const char *folder, size_t memory, struct spool_budget *, struct spool **ret,
    struct err *);
void spool_close(struct spool *);	/* NULL is fine */

/*
 * Spools that an event loop is done with.  The system takes 0.1 ms to take back a MiB of a
 * file, 40 ms for a long list; so what is long is shortened a little at a time, and whoever
 * else is on the loop does not wait for it.
 */
struct spool_leavings {
	struct spool *first;
};

/* Takes a spool, and closes it if it is short; NULL is fine. */
void spool_leave(struct spool_leavings *, struct spool *);

/* Takes back a little; false if nothing is left to do. */
bool spool_clear(struct spool_leavings *);

/* Closes all that is left. */
void spool_leavings_fini(struct spool_leavings *);

/*
 * A spool that is so many bytes of a file from an offset on: read, never written, and in
 * nobody's budget.  The descriptor is the spool's, also if this fails: the file is shorter.
 */
bool spool_open_file(int file, uint64_t from, uint64_t size, struct spool **ret);

/*
 * Appends; false if the disk or the budget is full, and from then on.  Fits out_drain.
 */
bool spool_write(void *spool, const char *bytes, size_t n);

/* Takes back all that was written to a spool of spool_open; one that cannot fails. */
void spool_rewind(struct spool *);

/* Why spool_write or spool_read failed, for the log; a constant text. */
const char *spool_fault(const struct spool *);

uint64_t spool_size(const struct spool *);

/* Copies one to n bytes from offset; 0 at the end, -1 on a fault.  [any one thread] */
long spool_read(struct spool *, uint64_t offset, char *bytes, size_t n);

#endif
