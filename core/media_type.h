/*
 * media_type.h - what a client says a file is, and what text there is in it
 */
#ifndef MEDIA_TYPE_H
#define MEDIA_TYPE_H

#include <stdbool.h>

#include "text.h"

struct arena;
struct err;

enum {
	MEDIA_TYPE_MOST = 127,		/* bytes of one that is kept */
	MEDIA_TYPE_TEXT = 1 << 20	/* bytes of text that are taken out of a file */
};

/*
 * What is kept of a Content-Type (RFC 9110, section 8.3.1): "type/subtype" in lower case,
 * and its charset if it has one; "application/octet-stream" for what is absent, none, or
 * too long.  In the arena, or constant; absent over the arena's limit.
 */
struct text media_type_keep(struct arena *, struct text content_type);

/* Whether it is a type of text: "text/" and something. */
bool media_type_is_text(struct text media_type);

/*
 * The text at the beginning of a file, for the search: of its first MiB, without a byte
 * order mark, all that is valid UTF-8; absent if there is none, or a NUL among it.  In
 * the arena; false with *e set if the file cannot be read or over the arena's limit.
 */
bool media_type_text(struct arena *, int fd, struct text *ret, struct err *e);

#endif
