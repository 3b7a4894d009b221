/*
 * address.h - how many connections each client address has
 *
 * An IPv6 client is its /64: one host has as many addresses in it as it likes.
 */
#ifndef ADDRESS_H
#define ADDRESS_H

#include <stdbool.h>

struct address;
struct addresses;
struct sockaddr;

/* Aborts without memory.  most: connections that one may have, handshakes under way;
 * 0: as many as it likes. [startup] */
struct addresses *addresses_new(unsigned most_connections, unsigned most_handshakes);
void addresses_free(struct addresses *);	/* NULL is fine */

/*
 * Counts a connection, and a handshake if there will be one; NULL if the address has
 * enough.  To be given back with address_leave. [any]
 */
struct address *address_enter(struct addresses *, const struct sockaddr *, bool handshake);

/* The handshake of a connection is done. [any] */
void address_handshaken(struct addresses *, struct address *);

/* The connection has gone; handshake: before its handshake was done. [any] */
void address_leave(struct addresses *, struct address *, bool handshake);

#endif
