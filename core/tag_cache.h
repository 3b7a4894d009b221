/*
 * tag_cache.h - the entity tags of rows that clients ask for again and again
 *
 * Who polls a row sends the tag that he has.  As long as nothing at all has changed in the
 * database, the row need not be read to tell him that it is the same.
 */
#ifndef TAG_CACHE_H
#define TAG_CACHE_H

#include <stdint.h>

#include "etag.h"

struct resource;
struct tag_cache;

/* Which row is meant, and in which state of the database (db_version). */
struct tagged {
	const struct resource *resource;
	int64_t parent, id;
	int64_t version;
};

/* Keeps a few hundred of them, some 17 KiB.  Never NULL: aborts without memory. */
struct tag_cache *tag_cache_new(void);
void tag_cache_free(struct tag_cache *);	/* NULL is fine */

/* The tag of a row, until the next tag_cache_put; NULL if it is not known. */
const char *tag_cache_find(const struct tag_cache *, const struct tagged *);

/* Keeps a tag, in the place of another one; tag has no NUL and at most ETAG_SIZE - 1 bytes. */
void tag_cache_put(struct tag_cache *, const struct tagged *, struct text tag);

#endif
