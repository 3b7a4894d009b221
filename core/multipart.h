/*
 * multipart.h - the parts of a form, pulled one by one (RFC 7578; RFC 2046, section 5.1)
 *
 * The body comes through a function and the bytes of a part go out in pieces, so memory
 * is the same whatever the size.  What could be read in two ways is refused.
 */
#ifndef MULTIPART_H
#define MULTIPART_H

#include <stdbool.h>
#include <stddef.h>

#include "text.h"

struct arena;
struct err;
struct multipart;

enum {
	MULTIPART_PARTS = 100,		/* of one body */
	MULTIPART_HEAD = 8192,		/* bytes of a part's header fields */
	MULTIPART_FIELDS = 32,		/* of a part */
	MULTIPART_BOUNDARY = 70
};

/* The next one to n bytes of the body; 0 at its end, -1 on a fault. */
typedef long multipart_source(void *context, char *bytes, size_t n);

/* A part; texts are in the arena. */
struct part {
	struct text name;		/* of the form's field */
	struct text filename;		/* clean; absent: no file; empty: none was chosen */
	struct text content_type;	/* as written; absent if there is none */
};

enum multipart_next {
	MULTIPART_PART,
	MULTIPART_END,
	MULTIPART_WRONG,		/* the body is: a 400 with what *e says */
	MULTIPART_UNREADABLE		/* the source said -1 */
};

/*
 * A reader of a body with this Content-Type, in the arena; it ends with the arena.  False
 * with a sentence for a client if the type is not multipart/form-data with a boundary.
 */
bool multipart_open(struct arena *a, struct text content_type, multipart_source *source,
    void *context, struct multipart **ret, struct err *e);

/*
 * Goes to the next part, past what is left of the present one.  Once it has said anything
 * but MULTIPART_PART it is not to be called again.
 */
enum multipart_next multipart_next(struct multipart *, struct part *ret, struct err *);

/*
 * The next one to n bytes of the present part; 0 at its end.  -1: what went wrong is
 * returned by the next multipart_next.
 */
long multipart_read(struct multipart *, char *bytes, size_t n);

#endif
