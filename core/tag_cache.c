/*
 * tag_cache.c - the entity tags of rows that clients ask for again and again
 */
#include "tag_cache.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"

enum { SLOTS = 256 };

/* A row has one slot, which it shares with others: the last one has it. */
struct tag_cache {
	struct slot {
		struct tagged of;	/* resource NULL: empty */
		char tag[ETAG_SIZE];
	} slots[SLOTS];
};

struct tag_cache *
tag_cache_new(void)
{
	struct tag_cache *c = arena_heap(NULL, sizeof(*c));

	memset(c, 0, sizeof(*c));
	return c;
}

void
tag_cache_free(struct tag_cache *c)
{
	free(c);
}

static size_t
place_of(const struct tagged *of)
{
	uint64_t mixed = (uint64_t)(uintptr_t)of->resource ^ (uint64_t)of->parent << 32 ^
	    (uint64_t)of->id;

	return (size_t)(mixed * UINT64_C(0x9e3779b97f4a7c15) >> 32) % SLOTS;
}

const char *
tag_cache_find(const struct tag_cache *c, const struct tagged *of)
{
	const struct slot *s = &c->slots[place_of(of)];

	return s->of.resource == of->resource && s->of.parent == of->parent &&
	    s->of.id == of->id && s->of.version == of->version ? s->tag : NULL;
}

void
tag_cache_put(struct tag_cache *c, const struct tagged *of, struct text tag)
{
	struct slot *s = &c->slots[place_of(of)];

	assert(tag.len < ETAG_SIZE);
	s->of = *of;
	memcpy(s->tag, tag.at, tag.len);
	s->tag[tag.len] = '\0';
}
