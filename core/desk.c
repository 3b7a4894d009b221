/*
 * desk.c - what one thread has of the house: a reader per site
 */
#include "desk.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "arena.h"
#include "err.h"
#include "foresight.h"
#include "iso8601.h"
#include "key.h"
#include "log.h"
#include "reader.h"

enum { IDLE_MICROSECONDS = 60 * 1000 * 1000 };

struct desk {
	struct reader *busy;	/* those in a snapshot */
	struct foresight foresight;
	uint64_t numbers;	/* a count of those given out, which began anywhere */
	struct iso8601_second second;
	bool frozen;
	int64_t now;		/* while frozen; 0: nobody has asked yet */
	char now_text[ISO8601_TIME_SIZE];
	size_t count;
	struct reader readers[];
};

struct desk *
desk_new(const char *const *paths, size_t n, unsigned pages)
{
	struct desk *d = arena_heap(NULL, sizeof(*d) + n * sizeof(d->readers[0]));
	size_t i;

	*d = (struct desk){ .count = n };
	if (getrandom(&d->numbers, sizeof(d->numbers), 0) != sizeof(d->numbers)) {
		log_error("the system has no random numbers");	/* never, of so few bytes */
		abort();
	}
	for (i = 0; i < n; i++)
		d->readers[i] = (struct reader){ .path = paths[i], .pages = pages };
	return d;
}

void
desk_close(struct desk *d)
{
	size_t i;

	if (d == NULL)
		return;
	for (i = 0; i < d->count; i++)
		reader_close(&d->readers[i]);
	free(d);
}

struct reader *
desk_reader(struct desk *d, size_t site, int64_t now, unsigned long commits, struct err *e)
{
	struct reader *r = &d->readers[site];
	if (!reader_begin(r, now, commits, e))
		return NULL;
	if (!r->listed) {
		r->listed = true;
		r->next = d->busy;
		d->busy = r;
	}
	return r;
}

/* A permutation of all numbers of 64 bits (the last step of SplitMix64). */
static uint64_t
shuffle(uint64_t n)
{
	n = (n ^ n >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	n = (n ^ n >> 27) * UINT64_C(0x94d049bb133111eb);
	return n ^ n >> 31;
}

uint64_t
desk_number(struct desk *d)
{
	return shuffle(d->numbers++);
}

struct foresight *
desk_foresight(struct desk *d)
{
	return &d->foresight;
}

void
desk_freeze(struct desk *d)
{
	d->frozen = true;
	d->now = 0;
}

void
desk_thaw(struct desk *d)
{
	d->frozen = false;
}

void
desk_stamp(struct desk *d, int64_t *now, char text[ISO8601_TIME_SIZE])
{
	if (!d->frozen || d->now == 0) {
		d->now = iso8601_now();
		iso8601_format_near(&d->second, d->now, d->now_text);
	}
	*now = d->now;
	memcpy(text, d->now_text, sizeof(d->now_text));
}

void
desk_rest(struct desk *d)
{
	for (; d->busy != NULL; d->busy = d->busy->next) {
		reader_rest(d->busy);
		d->busy->listed = false;
	}
}

void
desk_tidy(struct desk *d)
{
	int64_t now = iso8601_now();
	size_t i;

	for (i = 0; i < d->count; i++) {
		struct reader *r = &d->readers[i];

		if (r->db != NULL && !r->in_snapshot && now - r->used_at > IDLE_MICROSECONDS)
			reader_close(r);
		else if (r->keys != NULL)
			key_cache_tidy(r->keys, now);
	}
}
