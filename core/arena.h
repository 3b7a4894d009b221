/*
 * arena.h - memory that is given back all at once
 *
 * The lifetime of a request.  An arena has a limit, so that nothing that a client
 * sends makes it grow without bound.  Not for use from two threads at once.
 */
#ifndef ARENA_H
#define ARENA_H

#include <stddef.h>
#include <stdbool.h>

struct arena_chunk;
struct arena_stock;

struct arena {
	char *at, *end;			/* what is left of the newest chunk */
	struct arena_chunk *chunks;	/* newest first */
	size_t left;			/* bytes that may still be taken */
	struct arena_stock *stock;	/* NULL: it has none */
};

/* Makes an empty arena that takes at most limit bytes from the system. */
void arena_init(struct arena *, size_t limit);

/* Gives all memory back.  A zeroed arena is fine. */
void arena_fini(struct arena *);

/*
 * Makes it empty again, with another limit.  What it took from the system goes back, but for
 * one small piece that it begins with: made for what is used again and again.
 */
void arena_rewind(struct arena *, size_t limit);

/*
 * Large pieces of memory that the arenas of one thread are done with, for the next of them.
 * The heap gets each from the system and gives it back at once, and the system makes every
 * page of it anew: that took longer than what a list of 1,000 rows is made of.
 */
struct arena_stock {
	struct arena_chunk *first;
	size_t size;			/* bytes; bounded */
};

/* Has an arena take large pieces from a stock, and leave them there; NULL: no more. */
void arena_draw_on(struct arena *, struct arena_stock *);

/* Gives what is in it back to the system.  A zeroed stock is fine. */
void arena_stock_fini(struct arena_stock *);

/* Uninitialised memory, aligned for any type, never NULL but over the limit; size may be 0. */
void *arena_alloc(struct arena *, size_t size) __attribute__((malloc, alloc_size(2)));

/* Likewise, zeroed. */
void *arena_zero(struct arena *, size_t size) __attribute__((malloc, alloc_size(2)));

/*
 * Gives back a piece of so many bytes before all the others, if it is large (more than 128 KiB,
 * and not the arena's first); else, or if it is none of the arena's, nothing happens.
 */
void arena_give_back(struct arena *, void *piece, size_t size);

/* A copy of n bytes with a NUL behind them; NULL over the limit. */
char *arena_copy(struct arena *, const void *bytes, size_t n);

/* A formatted, NUL-terminated text; NULL over the limit. */
char *arena_printf(struct arena *, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * realloc(3) for what does not live in an arena: free(3) gives it back.  Ends the
 * process if the system has no memory; the one place that does.  [any thread]
 */
void *arena_heap(void *old, size_t size);

#endif
