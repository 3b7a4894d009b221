/*
 * wire.h - a plain HTTP/1.1 client, so that no library mends what is sent or came
 */
#ifndef WIRE_H
#define WIRE_H

#include <stdbool.h>

#include "reply.h"
#include "text.h"

struct arena;
struct err;

struct wire {
	char host[64];		/* a numeric address */
	unsigned port;
	int socket;		/* -1: no connection */
};

/* Nothing is connected yet. */
void wire_init(struct wire *, const char *host, unsigned port);
void wire_fini(struct wire *);

/* The bytes of a request, with Content-Length if it has a body. */
struct text wire_bytes(struct arena *, const struct question *);

/*
 * Sends bytes and reads one reply, over the connection that is there, or a new one.
 * Replies lie in the arena.  head: no body comes, whatever the reply says.
 */
bool wire_ask(struct wire *, struct arena *, struct text bytes, bool head, struct reply *ret,
    struct err *);

/* The two halves of it, for those who do something between. */
bool wire_send(struct wire *, struct text bytes, struct err *);
bool wire_read(struct wire *, struct arena *, bool head, struct reply *ret, struct err *);

#endif
