/*
 * accept.h - which form of an answer a client wants (RFC 9110, section 12.5.1)
 */
#ifndef ACCEPT_H
#define ACCEPT_H

#include <stdbool.h>

struct request;

/*
 * The weight that the request's Accept gives a media type, in thousandths; 0: it is not
 * wanted.  The most specific range counts; parameters of ranges are not looked at.  A
 * request without Accept, or with an empty one, wants everything (1000).  [any]
 */
unsigned accept_weight(const struct request *, const char *type, const char *subtype);

/* The same of a type that is only sent to who names it, not to who wants its kind.  [any] */
unsigned accept_weight_named(const struct request *, const char *type, const char *subtype);

#endif
