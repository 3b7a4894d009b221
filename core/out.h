/*
 * out.h - bytes on their way out
 *
 * A buffer that grows in an arena up to a limit, or hands its content to a drain
 * whenever it is full.  Failure sticks: writers go on as if nothing were, and who
 * wants to know asks once at the end.
 */
#ifndef OUT_H
#define OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "text.h"

struct arena;

/* Takes n bytes for good; false if it cannot. */
typedef bool out_drain(void *sink, const char *bytes, size_t n);

struct out {
	char *at;
	size_t len, cap;	/* cap is never below len */
	size_t limit;		/* without a drain: most bytes it holds */
	struct arena *arena;
	out_drain *drain;	/* NULL: grow */
	void *sink;
	bool failed;		/* over a limit, or the drain said false */
};

/* A buffer in the arena that holds at most limit bytes. */
void out_init(struct out *, struct arena *, size_t limit);

/* A buffer in the arena that goes to the drain in pieces of about size bytes. */
void out_init_drain(struct out *, struct arena *, size_t size, out_drain *, void *sink);

/* Likewise, in a buffer that is lent: it is drained by out_finish, or moved by out_keep, before
 * it is taken back. */
void out_init_lent(struct out *, char *buffer, size_t size, struct arena *, out_drain *,
    void *sink);

/* Moves what is in the buffer into the arena, where nothing is added to it; false if the out
 * has failed. */
bool out_keep(struct out *);

/* Empties a buffer in the arena, and gives it back there if it is a large one: the out takes
 * nothing from then on. */
void out_drop(struct out *);

/* Empties the buffer into the drain, if there is one; false if the out has failed. */
bool out_finish(struct out *);

/* Makes room for n more bytes where there is none; for out_room. */
char *out_make_room(struct out *, size_t n);

/*
 * Room for n more bytes; write there and add what was written to len.  NULL once
 * failed.  With a drain the buffer grows to n if need be: ask for little.
 */
static inline char *
out_room(struct out *o, size_t n)
{
	return n <= o->cap - o->len && !o->failed ? o->at + o->len : out_make_room(o, n);
}

/* Appends more than there is room for; for out_bytes. */
void out_bytes_slowly(struct out *, const char *bytes, size_t n);

static inline void
out_bytes(struct out *o, const char *bytes, size_t n)
{
	if (n == 0 || bytes == NULL)
		return;
	if (n > o->cap - o->len || o->failed) {
		out_bytes_slowly(o, bytes, n);
		return;
	}
	memcpy(o->at + o->len, bytes, n);
	o->len += n;
}

static inline void
out_text(struct out *o, struct text t)
{
	out_bytes(o, t.at, t.len);
}

static inline void
out_char(struct out *o, char c)
{
	char *to = out_room(o, 1);

	if (to == NULL)
		return;
	*to = c;
	o->len++;
}

void out_string(struct out *, const char *);
void out_int(struct out *, int64_t);

/* A cell of a table: filled up with blanks to so many characters, and two more. */
void out_cell(struct out *, struct text, size_t width);
void out_printf(struct out *, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
