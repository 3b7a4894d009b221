/*
 * upload.h - a body on its way from a connection into a spool
 *
 * However long it is, no more of it is in memory than was read at once.  Knows no socket,
 * so it is tested alone; all on the connection's thread.
 */
#ifndef UPLOAD_H
#define UPLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "refusal.h"

struct spool;
struct upload;

/* A length that is not said before. */
#define UPLOAD_LENGTH_UNKNOWN UINT64_MAX

/*
 * Takes the spool over (NULL: there is no room on the disk); limit: bytes the body may
 * have; length: what Content-Length says.
 */
struct upload *upload_new(struct spool *, uint64_t limit, uint64_t length);
void upload_free(struct upload *);	/* NULL is fine */

/* The body comes in chunks (RFC 9112 7.1): for upload_feed. */
void upload_set_chunked(struct upload *);

/* Stores bytes of the body, or counts them, if it is refused. */
void upload_write(struct upload *, const char *bytes, size_t n);

/*
 * HTTP/1: takes the body out of *n bytes that came, at least one.  False: there is more to
 * come; *n is 0.  True: it is complete, or refused and then for nobody any more; in its
 * place is one byte, and behind that what came after the body: *n bytes in all.
 */
bool upload_feed(struct upload *, char *bytes, size_t *n);

/*
 * The bytes of the last upload_feed that a connection may count as used: not what stood
 * around the body without need.
 */
size_t upload_paid(const struct upload *);

/* Why it is refused, so far; REFUSAL_NONE. */
enum refusal upload_refusal(const struct upload *);

/* Whether it is refused, and twice what it may be has come: nobody need listen any longer. */
bool upload_is_over(const struct upload *);

/* Once all has come: likewise, or that it is not as long as was said. */
enum refusal upload_end(const struct upload *);

/* What was stored; the caller closes it. */
struct spool *upload_take(struct upload *);

#endif
