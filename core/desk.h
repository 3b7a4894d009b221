/*
 * desk.h - what one thread has of the house: a reader per site
 */
#ifndef DESK_H
#define DESK_H

#include <stddef.h>
#include <stdint.h>

#include "house.h"
#include "iso8601.h"

struct reader;

/* A desk for sites whose databases have these paths, which must outlive it; pages: KiB that
 * each of its readers keeps. */
struct desk *desk_new(const char *const *paths, size_t n, unsigned pages);

/* The reader of a site, inside a snapshot that holds so many commits (reader.h); NULL
 * with *e set. */
struct reader *desk_reader(struct desk *, size_t site, int64_t now, unsigned long commits,
    struct err *);

/* The present moment, in microseconds since 1970 and as text; between desk_freeze and desk_thaw
 * that of whoever asked first. */
void desk_stamp(struct desk *, int64_t *now, char text[ISO8601_TIME_SIZE]);

/*
 * Random bytes, at most 256, as good as the system's, which are fetched in stock: to ask for
 * each request took a twentieth of its time.  For what must differ, not for secrets.
 */
void desk_random(struct desk *, void *bytes, size_t n);

#endif
