/*
 * db_cache.c - statements that wait to be used again, found by their SQL
 *
 * A hit must cost less than anything that is then done with the statement, so the
 * hash goes over both ends of the text, eight bytes at a time.  What is in use is not in
 * here: two users of one SQL have a statement each.
 */
#include "db_cache.h"

#include <stdbool.h>
#include <string.h>

void
cache_init(struct db_cache *cache)
{
	for (size_t i = 0; i < CACHE_BUCKETS; i++)
		LIST_INIT(&cache->buckets[i]);
	TAILQ_INIT(&cache->ages);
	cache->n = 0;
}

void
cached_init(struct cached *c, const char *sql, size_t len, uint64_t hash)
{
	c->sql = sql;
	c->len = len;
	c->hash = hash;
}

static uint64_t
mix(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ hash >> 32;
}

static uint64_t
mix_all(uint64_t hash, const char *sql, size_t len)
{
	uint64_t word;

	for (; len >= sizeof word; sql += sizeof word, len -= sizeof word) {
		memcpy(&word, sql, sizeof word);
		hash = mix(hash, word);
	}
	word = 0;
	memcpy(&word, sql, len);
	return mix(hash, word);
}

/* What two statements have between their ends is nearly always the same columns.  The SQL is
 * our own, so nobody chooses it to collide. */
uint64_t
cache_hash(const char *sql, size_t len)
{
	enum { BEGIN = 16, END = 64 };

	if (len <= BEGIN + END)
		return mix_all(len, sql, len);
	return mix_all(mix_all(len, sql, BEGIN), sql + len - END, END);
}

static void
leave(struct db_cache *cache, struct cached *c)
{
	LIST_REMOVE(c, bucket);
	TAILQ_REMOVE(&cache->ages, c, age);
	cache->n--;
}

static bool
same(const struct cached *c, const char *sql, size_t len, uint64_t hash)
{
	return c->hash == hash && c->len == len && memcmp(c->sql, sql, len) == 0;
}

struct cached *
cache_take(struct db_cache *cache, const char *sql, size_t len, uint64_t hash)
{
	struct cached *c;

	LIST_FOREACH(c, &cache->buckets[hash % CACHE_BUCKETS], bucket) {
		if (same(c, sql, len, hash)) {
			leave(cache, c);
			return c;
		}
	}
	return NULL;
}

struct cached *
cache_put(struct db_cache *cache, struct cached *c)
{
	LIST_INSERT_HEAD(&cache->buckets[c->hash % CACHE_BUCKETS], c, bucket);
	TAILQ_INSERT_TAIL(&cache->ages, c, age);
	return ++cache->n > CACHE_MOST ? cache_oldest(cache) : NULL;
}

struct cached *
cache_oldest(struct db_cache *cache)
{
	struct cached *oldest = TAILQ_FIRST(&cache->ages);

	if (oldest != NULL)
		leave(cache, oldest);
	return oldest;
}
