/*
 * guard.h - functions of the library that we stand in front of
 *
 * The library calls its own exported functions through the PLT, so a function of the
 * same name in the executable is called instead.  The executable must export them:
 * EXPORTS in the Makefile is the list in guard.c.
 */
#ifndef GUARD_H
#define GUARD_H

#include <stdbool.h>

struct err;

/* Each is noted when it is called, so that the probe can see that it is. */
enum guard {
	GUARD_HTTP1_HEAD    = 1 << 0,
	GUARD_HTTP2_HEAD    = 1 << 1,
	GUARD_HTTP2_FRAME   = 1 << 2,
	GUARD_HTTP2_SEND    = 1 << 3,
	GUARD_HTTP2_RESET   = 1 << 4,
	GUARD_READ          = 1 << 5,
	GUARD_PATH          = 1 << 6,
	GUARD_STREAM_LAYOUT = 1 << 7,	/* struct stream is as the library has it */
	GUARD_CONN_LAYOUT   = 1 << 8,
	GUARD_BODY_LAYOUT   = 1 << 9,	/* of one with a body */
	GUARD_HTTP2_ANSWER  = 1 << 10,
	GUARD_HTTP2_SETTINGS = 1 << 11,
	GUARD_HTTP1_END     = 1 << 12,
	GUARD_HTTP2_END     = 1 << 13,
	GUARD_ALL           = (1 << 14) - 1
};

/* The peer window and streams that the probe uses to tell the layout. */
enum { GUARD_PROBE_WINDOW = 777, GUARD_PROBE_STREAM = 1, GUARD_PROBE_BODY_STREAM = 3 };

/* Finds the library's own functions; false if it is not the version that this was
 * written for.  Before any thread. [startup] */
bool guard_init(struct err *);

/* The guards that have been called so far: bits of enum guard. [any] */
unsigned guard_seen(void);

#endif
