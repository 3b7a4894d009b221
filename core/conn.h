/*
 * conn.h - a connection, and what it may cost
 *
 * The library owns the socket and the protocol; this object hangs at the socket, counts
 * what goes on, and shuts the descriptor down when it is too much.  All on the
 * connection's thread.
 */
#ifndef CONN_H
#define CONN_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <h2o.h>

#include "refusal.h"

struct address;
struct door;
struct hpack_sender;
struct upload;
struct worker;

struct conn {
	h2o_linklist_t link;		/* worker's conns, later its lingering */
	struct worker *worker;
	h2o_socket_t *sock;		/* NULL once closed */
	unsigned refs;			/* of the socket, of each exchange, of lingering */
	char address_text[INET6_ADDRSTRLEN];
	struct address *address;
	SSL_CTX *tls;			/* a reference; NULL: clear text */
	bool handshaking;
	bool http2;			/* known with its first request */
	unsigned char authority_length;	/* HTTP/2: of the last one that was fine */
	char authority[64];
	bool small_table;		/* HTTP/2: the client has no room for HPACK_TABLE bytes */
	struct hpack_sender *sender;	/* HTTP/2: of fields; NULL before the first answer */
	bool killed;
	bool body_lost;			/* HTTP/1: of the last request; nothing is read behind it */

	h2o_linklist_t exchanges;	/* oldest first */
	unsigned requests;		/* ever begun */
	unsigned serving;		/* exchanges that reached the handler */
	unsigned out;			/* of these, with a lane */
	unsigned receiving;		/* requests of which the body is still coming */
	unsigned cancelled;		/* in this second */
	enum refusal refusal;		/* HTTP/1: of the request just read */

	struct upload *upload;		/* HTTP/1: of the request just read; NULL: none */
	size_t upload_at;		/* where its bytes come in the buffer; 0: all have come */

	uint64_t opened, active;	/* when; active: a request began or ended */
	uint64_t head_begun;		/* HTTP/1: first byte of an incomplete head; 0: none */
	h2o_socket_cb read;		/* the library's callback; ours stands before it */
	uint64_t fed, fed_mark, fed_at;	/* bytes from the client */
	uint64_t acked, acked_at;	/* bytes it took */
	uint64_t slow_mark, slow_at;
	size_t held;			/* its share of street->held */
	size_t unpaid;			/* bytes that no request accounts for */

	int linger_fd;			/* -1, or a duplicate that outlives the socket */
	uint64_t linger_end;
};

/* Takes in a socket that was accepted; NULL if its address has enough (it is closed). */
struct conn *conn_open(struct door *, h2o_socket_t *);
void conn_release(struct conn *);

/* The connection of a socket or request; NULL if it is none of ours (start-up's probe). */
struct conn *conn_of_socket(const h2o_socket_t *);
struct conn *conn_of(h2o_req_t *);

/* HTTP/2: what its client knows of the fields of its answers. */
struct hpack_sender *conn_sender(struct conn *);

/* A tls_done. */
void conn_handshaken(const SSL *);

/* What the library should get as read callback instead of its own. */
h2o_socket_cb conn_watch(struct conn *, h2o_socket_cb);

/* A request has come or gone; bytes: what it accounts for. */
void conn_begun(struct conn *, size_t bytes);
void conn_ended(struct conn *, bool cancelled);

/* Bytes have been put where they are nobody's burden. */
void conn_paid(struct conn *, size_t bytes);

/* HTTP/1: a head is incomplete; it is complete and a body follows, or not. */
void conn_head(struct conn *);
void conn_headed(struct conn *, bool body);

/* A body has begun to come: the clock for slow ones is set. */
void conn_receives(struct conn *);

/*
 * Ends it at once: the descriptor is shut down, and the library then finds it so.  Never
 * h2o_socket_close a socket that a protocol owns.
 */
void conn_kill(struct conn *);

/* When the library closes it, what still comes is read for a while, so that the client
 * gets the answer and not a reset. */
void conn_linger(struct conn *);

/* Once a second: slow, stalled and idle ones are killed. */
void conn_police(struct conn *);

/* While draining, at every tick: idle ones are ended, and all of them once it is time. */
void conn_drain(struct conn *, bool time);

/* At every tick, for lingering ones: reads and forgets. */
void conn_swallow(struct conn *, bool time);

#endif
