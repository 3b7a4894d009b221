/*
 * question.h - what a request asks, in the house's words
 */
#ifndef QUESTION_H
#define QUESTION_H

#include <stdbool.h>
#include <stddef.h>

#include <h2o.h>

#include "text.h"

struct conn;
struct head;
struct request;

/*
 * Each fills method, target, authority, headers and client of an empty request with pieces
 * of what is given.  False: its arena has no room for so many headers.
 */

/* The library's request; fields: of its head, so without trailers. */
bool question_put(struct request *, const struct conn *, const h2o_req_t *, size_t fields);

/* A head of HTTP/1 that the library has not seen.  Its field names become lower case, in
 * the connection's buffer, as the library would make them. */
bool question_put_head(struct request *, struct conn *, const struct head *);

#endif
