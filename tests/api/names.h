/*
 * names.h - what $(name) in a conversation stands for
 */
#ifndef NAMES_H
#define NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "text.h"

struct arena;
struct err;

struct name {
	const char *name;
	const char *value;
	struct name *next;
};

struct names {
	struct arena *arena;	/* names and values are copied into it */
	struct name *first;	/* latest first */
};

/* Says what a name stands for from now on. */
void names_set(struct names *, const char *name, struct text value);

/* What it stands for; NULL if nothing. */
const char *names_get(const struct names *, const char *name);

/*
 * The text with every $(name), $(x * 3), $(%text) and $(<link) replaced, in the arena of
 * the caller.
 * Fails on a name that stands for nothing.
 */
bool names_expand(const struct names *, struct arena *, const char *text, struct text *ret,
    struct err *);

/* The text with \xNN replaced by bytes. */
struct text names_unescape(struct arena *, struct text);

#endif
