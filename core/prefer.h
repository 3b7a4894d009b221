/*
 * prefer.h - what a client would rather have: the header field Prefer (RFC 7240)
 */
#ifndef PREFER_H
#define PREFER_H

#include <stdbool.h>

struct request;

/* How much of a change a client wants to read (RFC 7240 4.2). */
enum prefer_return { PREFER_ANY, PREFER_MINIMAL, PREFER_REPRESENTATION };

/*
 * Reads handling= (4.4) into req->strict and return= into req->returns.  Of a preference
 * given twice the first counts, and one that is not known is none.  Always true: a
 * step of the way.
 */
bool prefer_read(struct request *);

/*
 * Whether an answer of this status, complete with its headers, is to lose its body: the
 * client wants as little as may be, and what was made is named by a Location.  Never
 * for a module's own route, whose answer may be more than a row, nor for a secret, which
 * is told once.
 */
bool prefer_minimal(const struct request *, int status);

/* The value of Preference-Applied for an answer of this status; NULL: nothing was. */
const char *prefer_applied(const struct request *, int status);

#endif
