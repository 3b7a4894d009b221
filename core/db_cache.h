/*
 * db_cache.h - statements that wait to be used again, found by their SQL
 *
 * Knows nothing of an engine: what is kept begins with a struct cached.  Bounded; the
 * one that has waited longest has to go first.
 */
#ifndef DB_CACHE_H
#define DB_CACHE_H

#include <stddef.h>
#include <stdint.h>

#include <sys/queue.h>

enum { CACHE_BUCKETS = 128, CACHE_MOST = 96 };

struct cached {
	LIST_ENTRY(cached) bucket;
	TAILQ_ENTRY(cached) age;
	uint64_t hash;
	size_t len;
	const char *sql;	/* belongs to whoever embeds this */
};

struct db_cache {
	LIST_HEAD(bucket, cached) buckets[CACHE_BUCKETS];
	TAILQ_HEAD(ages, cached) ages;	/* oldest first */
	unsigned n;
};

void cache_init(struct db_cache *);

/* Makes it the one for this SQL, which must live as long; it is not in a cache yet. */
void cached_init(struct cached *, const char *sql, size_t len, uint64_t hash);

uint64_t cache_hash(const char *sql, size_t len);

/* Takes the one for this SQL out, or is NULL.  It is the caller's until cache_put. */
struct cached *cache_take(struct db_cache *, const char *sql, size_t len, uint64_t hash);

/* Puts one in, and gives back the one that there is no more room for, or NULL. */
struct cached *cache_put(struct db_cache *, struct cached *);

/* Takes the one out that has waited longest; NULL if the cache is empty. */
struct cached *cache_oldest(struct db_cache *);

#endif
