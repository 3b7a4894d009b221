/*
 * reply.h - the answer of an exchange, on its way out
 */
#ifndef REPLY_H
#define REPLY_H

#include <stdbool.h>

#include <h2o.h>

struct exchange;

/*
 * Sends what is in request->answer; with H2O_SEND_STATE_ERROR a reset follows it.  The
 * exchange may be gone when this returns.
 */
void reply_send(struct exchange *, h2o_send_state_t);

/* Answers with the words of x->refusal, in the house's envelope. */
void reply_refuse(struct exchange *);

/*
 * The library has begun an error answer of its own: ours goes out in its place.  Returns
 * where the next filter is to be put.
 */
h2o_ostream_t **reply_instead(struct exchange *, h2o_ostream_t **slot);

/* Gives the memory of an HTTP/2 body back when the house needs it no more. */
void reply_drop_body(struct exchange *);

bool reply_is_head(const h2o_req_t *);

#endif
