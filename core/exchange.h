/*
 * exchange.h - one request of the library's, one of the house's, and the way between
 *
 * Either may go first: the client breaks off, or the answer comes.  The exchange
 * outlives both and belongs to the connection's thread; only on_answer is called on
 * another.
 */
#ifndef EXCHANGE_H
#define EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <h2o.h>

#include "refusal.h"

struct conn;
struct request;
struct stream;
struct upload;

enum exchange_state { EXCHANGE_RECEIVING, EXCHANGE_SERVING, EXCHANGE_ANSWERED };

/* Memory of exchanges that have ended, for the next ones of the same thread. */
struct exchange_stock {
	struct exchange *first;
	unsigned count;
};

/* Frees it. */
void exchange_stock_fini(struct exchange_stock *);

struct exchange {
	h2o_generator_t generator;	/* first: the library gives it back to us */
	h2o_multithread_message_t message;
	h2o_linklist_t link;		/* in conn's exchanges */
	struct conn *conn;
	h2o_req_t *req;			/* NULL once it is gone */
	struct request *request;	/* NULL until it is served */
	struct stream *stream;		/* NULL: HTTP/1 */
	struct upload *upload;		/* NULL: it is none, or the request has it */
	enum exchange_state state;
	enum refusal refusal;
	bool out;			/* with a lane: only the lane touches request */
	size_t head_bytes, fields;	/* HTTP/2: of the head, so without trailers */
	int64_t begun;			/* by clock_now, if there is an access log */
	uint64_t sent, sent_at;		/* how far the answer was, and since when */
	uint64_t spool_at;
	char *piece;
	struct exchange *next;		/* in a stock */
};

/*
 * HTTP/2: a request's head has come.  It is told of at its birth because it may end
 * before the handler is called.
 */
void exchange_born(struct conn *, h2o_req_t *, struct stream *, size_t head_bytes, enum refusal);

/* The request ends: all of it is still valid, and then no more. */
void exchange_gone(struct conn *, h2o_req_t *);

/* The handler, and the filter that turns the library's own errors into ours. */
int exchange_on_req(h2o_handler_t *, h2o_req_t *);
void exchange_on_setup(h2o_filter_t *, h2o_req_t *, h2o_ostream_t **);

/* Takes answers that come from the lanes. */
void exchange_on_answers(h2o_multithread_receiver_t *, h2o_linklist_t *messages);

/* HTTP/2: takes what has come of uploads; after every read. */
void exchange_intake(struct conn *);

/* Bytes that the connection's incomplete requests hold. */
size_t exchange_held(const struct conn *);

/* Whether there is any request on the connection. */
bool exchange_any(const struct conn *);

/* Why the connection is to end, if one of its answers has long not moved; or NULL. */
const char *exchange_stalled(struct conn *, uint64_t now);

#endif
