/*
 * intake.h - uploads, taken from under the library's hands
 *
 * The library keeps whole bodies in memory.  Where the house takes an upload, the body is
 * taken out of the library's buffers as it comes, and the library is left to believe in
 * a small one.  All on the connection's thread.
 */
#ifndef INTAKE_H
#define INTAKE_H

#include <stdbool.h>

#include <h2o.h>

#include "refusal.h"

struct conn;
struct head;
struct stream;
struct upload;

/*
 * HTTP/1: judges what a head that is fine says of its body, while the library has not
 * seen it.  An upload begins: c->upload, and the head then promises one byte.  One that
 * the house will not take loses its body, and the connection ends with the answer.
 */
enum refusal intake_head(struct conn *, struct head *);

/* HTTP/1: bytes have come.  False: the body took them all, and the library is not to know. */
bool intake_read(struct conn *);

/* HTTP/2: the upload that a stream begins, the caller's; NULL: an ordinary body. */
struct upload *intake_stream(struct conn *, h2o_req_t *, struct stream *);

/* HTTP/2: takes what has come on a stream of an upload. */
void intake_data(struct conn *, struct upload *, h2o_req_t *, struct stream *);

#endif
