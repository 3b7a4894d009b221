/*
 * desk.h - what one thread has of the house: a reader per site
 */
#ifndef DESK_H
#define DESK_H

#include <stddef.h>
#include <stdint.h>

#include "house.h"
#include "iso8601.h"

struct foresight;
struct reader;

/* A desk for sites whose databases have these paths, which must outlive it; pages: KiB that
 * each of its readers keeps. */
struct desk *desk_new(const char *const *paths, size_t n, unsigned pages);

/* The reader of a site, inside a snapshot that holds so many commits (reader.h); NULL
 * with *e set. */
struct reader *desk_reader(struct desk *, size_t site, int64_t now, unsigned long commits,
    struct err *);

/* What it knows of reads that took long. */
struct foresight *desk_foresight(struct desk *);

/* The present moment, in microseconds since 1970 and as text; between desk_freeze and desk_thaw
 * that of whoever asked first. */
void desk_stamp(struct desk *, int64_t *now, char text[ISO8601_TIME_SIZE]);

/*
 * A number that the desk has given to nobody: for the id of a request.  They come in an order
 * that looks like none and begins anywhere, so those of two threads hardly ever meet; but who
 * has seen one can tell the next: no secret.
 */
uint64_t desk_number(struct desk *);

#endif
