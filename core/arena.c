/*
 * arena - memory that is given back all at once
 *
 * A list of chunks; the newest is handed out from front to back.  Chunks double
 * in size, so a small request stays small and a large one asks the system seldom.
 * Only a piece that has a chunk of its own can be given back before the others.
 */
#include "arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"

enum {
	ALIGN = _Alignof(max_align_t),
	SMALLEST = 4096,		/* of a chunk, with its head */
	LARGEST = 256 * 1024,		/* what chunks grow to on their own account */
	ALONE = LARGEST / 2,		/* larger pieces have a chunk each */
	STOCKED = 128 * 1024,		/* chunks of that size and more are kept in a stock, */
	STOCKED_MOST = 1024 * 1024,	/* but not larger ones, */
	STOCK = 4 * 1024 * 1024		/* and of all no more */
};

struct arena_chunk {
	struct arena_chunk *next;
	size_t size;			/* with this head */
	size_t counted;			/* of it, to the arena's limit: what was asked for */
	bool alone;			/* it is one piece, and no other */
	_Alignas(max_align_t) char bytes[];
};

void *
arena_heap(void *old, size_t size)
{
	void *p = realloc(old, size > 0 ? size : 1);

	if (p == NULL) {
		log_error("out of memory: the system refused %zu bytes", size);
		abort();
	}
	return p;
}

/* ---- the stock ---- */

/* The smallest chunk of at least so many bytes; NULL: there is none, or it has more than twice
 * as many. */
static struct arena_chunk *
stock_take(struct arena_stock *stock, size_t size)
{
	const size_t most = 2 * size;
	struct arena_chunk **at, **best = NULL, *c;

	for (at = &stock->first; *at != NULL; at = &(*at)->next)
		if ((*at)->size >= size && (*at)->size <= most &&
		    (best == NULL || (*at)->size < (*best)->size))
			best = at;
	if (best == NULL)
		return NULL;
	c = *best;
	*best = c->next;
	stock->size -= c->size;
	return c;
}

/* False: it is too small, too large, or one too many. */
static bool
stock_put(struct arena_stock *stock, struct arena_chunk *c)
{
	if (c->size < STOCKED || c->size > STOCKED_MOST || c->size > STOCK - stock->size)
		return false;
	c->next = stock->first;
	stock->first = c;
	stock->size += c->size;
	return true;
}

void
arena_stock_fini(struct arena_stock *stock)
{
	struct arena_chunk *c, *next;

	for (c = stock->first; c != NULL; c = next) {
		next = c->next;
		free(c);
	}
	*stock = (struct arena_stock){ NULL };
}

void
arena_draw_on(struct arena *a, struct arena_stock *stock)
{
	a->stock = stock;
}

/* ---- chunks ---- */

/* What comes from a stock counts like what does not: what fits into an arena depends on nobody
 * who was there before. */
static struct arena_chunk *
chunk_new(struct arena *a, size_t size)
{
	struct arena_chunk *c = NULL;

	if (a->stock != NULL && size >= STOCKED)
		c = stock_take(a->stock, size);
	if (c == NULL) {
		c = arena_heap(NULL, size);
		c->size = size;
	}
	c->counted = size;
	c->alone = false;
	a->left -= size;
	return c;
}

static void
chunk_free(struct arena *a, struct arena_chunk *c)
{
	if (a->stock == NULL || !stock_put(a->stock, c))
		free(c);
}

/* ---- the arena ---- */

void
arena_init(struct arena *a, size_t limit)
{
	*a = (struct arena){ .left = limit };
}

void
arena_fini(struct arena *a)
{
	struct arena_chunk *next;

	for (; a->chunks != NULL; a->chunks = next) {
		next = a->chunks->next;
		chunk_free(a, a->chunks);
	}
	*a = (struct arena){ 0 };
}

void
arena_rewind(struct arena *a, size_t limit)
{
	struct arena_chunk *c = a->chunks, *next, *kept = NULL;

	for (; c != NULL; c = next) {
		next = c->next;
		if (kept == NULL && c->size == SMALLEST && c->size <= limit)
			kept = c;
		else
			chunk_free(a, c);
	}
	*a = (struct arena){ .left = limit, .stock = a->stock };
	if (kept == NULL)
		return;
	kept->next = NULL;
	a->at = kept->bytes;
	a->end = (char *)kept + kept->size;
	a->chunks = kept;
	a->left -= kept->size;
}

/* How large the next chunk should be, given that it must hold need bytes. */
static size_t
chunk_size(const struct arena *a, size_t need)
{
	size_t size = a->chunks == NULL ? SMALLEST : 2 * a->chunks->size;

	if (size > LARGEST)
		size = LARGEST;
	if (size > a->left)
		size = a->left;
	return size < need ? need : size;
}

/* Memory from a new chunk, as the newest has no room for it. */
static void *
take_slowly(struct arena *a, size_t size)
{
	struct arena_chunk *c;

	if (a->left < sizeof *c || size > a->left - sizeof *c)
		return NULL;
	if (size > ALONE && a->chunks != NULL) {
		/* A chunk of its own, second in the list: the room in the newest is kept. */
		c = chunk_new(a, sizeof *c + size);
		c->alone = true;
		c->next = a->chunks->next;
		a->chunks->next = c;
		return c->bytes;
	}
	c = chunk_new(a, chunk_size(a, sizeof *c + size));
	c->next = a->chunks;
	a->chunks = c;
	a->at = c->bytes + size;
	a->end = (char *)c + c->counted;
	return c->bytes;
}

static void *
take(struct arena *a, size_t size, size_t align)
{
	size_t room = (size_t)(a->end - a->at), gap = -(uintptr_t)a->at & (align - 1);
	char *p;

	if (a->at == NULL || room < gap || room - gap < size)
		return take_slowly(a, size);
	p = a->at + gap;
	a->at = p + size;
	return p;
}

void *
arena_alloc(struct arena *a, size_t size)
{
	return take(a, size, ALIGN);
}

void *
arena_zero(struct arena *a, size_t size)
{
	void *p = take(a, size, ALIGN);

	return p == NULL ? NULL : memset(p, 0, size);
}

void
arena_give_back(struct arena *a, void *piece, size_t size)
{
	struct arena_chunk **at, *c;

	if (size <= ALONE)
		return;
	for (at = &a->chunks; *at != NULL; at = &(*at)->next) {
		c = *at;
		if (c->alone && c->bytes == piece) {
			*at = c->next;
			a->left += c->counted;
			chunk_free(a, c);
			return;
		}
	}
}

char *
arena_copy(struct arena *a, const void *bytes, size_t n)
{
	char *p = n < SIZE_MAX ? take(a, n + 1, 1) : NULL;

	if (p == NULL)
		return NULL;
	if (n > 0)
		memcpy(p, bytes, n);
	p[n] = '\0';
	return p;
}

char *
arena_printf(struct arena *a, const char *format, ...)
{
	char *p = NULL;
	va_list ap, again;
	int n;

	va_start(ap, format);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, format, ap);
	if (n >= 0)
		p = take(a, (size_t)n + 1, 1);
	if (p != NULL)
		vsnprintf(p, (size_t)n + 1, format, again);
	va_end(again);
	va_end(ap);
	return p;
}
