/*
 * list_link.h - where the pages of a list are: the header Link (RFC 8288)
 */
#ifndef LIST_LINK_H
#define LIST_LINK_H

#include "text.h"

struct request;

/*
 * Links to the next page, which begins behind the cursor (absent: there is none), and to
 * the first: the request's own path and query with another cursor.  In the request's
 * arena; absent over its limit.  [request]
 */
struct text list_link(struct request *, struct text cursor);

#endif
