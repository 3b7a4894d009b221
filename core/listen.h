/*
 * listen.h - the sockets that clients connect to
 */
#ifndef LISTEN_H
#define LISTEN_H

#include <stdbool.h>
#include <stddef.h>

struct conf;
struct err;
struct tls;

struct listener {
	int fd;			/* each thread has a duplicate; they share one queue */
	struct tls *tls;	/* NULL: clear text */
	char url[128];		/* "https://[::]:8443", with the real port */
};

/*
 * Opens every address of the configuration, with its certificate.  On failure nothing
 * stays open and e names the address and its place in the file.  To be given back with
 * listen_close. [startup]
 */
bool listen_open(const struct conf *, struct listener **ret, size_t *count, struct err *);
/* Closes the sockets, of which the threads may have duplicates. */
void listen_stop(struct listener *, size_t count);

void listen_close(struct listener *, size_t count);	/* NULL is fine */

#endif
