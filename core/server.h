/*
 * server.h - the street: listeners, TLS, event loops
 */
#ifndef SERVER_H
#define SERVER_H

#include <stdbool.h>

struct conf;
struct err;
struct house;

/*
 * Keeps SIGTERM, SIGINT and SIGHUP for server_run, and ignores SIGPIPE.  To be called
 * before the first thread is started (house_open starts some), since threads inherit it.
 */
void server_block_signals(void);

/*
 * Serves until SIGTERM or SIGINT, then drains and returns true.  False: it could not
 * start (address in use, bad certificate, a library whose guards are not live), or a
 * database has failed for good; it has drained then, too.  SIGHUP reads the certificates
 * again; a second SIGTERM or SIGINT ends the process at once.
 */
bool server_run(const struct conf *, struct house *, struct err *);

#endif
