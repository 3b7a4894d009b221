/*
 * talk.h - one conversation: asks what a file says and checks what comes
 */
#ifndef TALK_H
#define TALK_H

#include <stdbool.h>

#include "names.h"
#include "reply.h"

struct arena;
struct err;
struct exchange;
struct http_file;
struct row;
struct talk;

/*
 * A way to ask: over the wire, indoors, through a proxy.  raw: the bytes to send
 * instead of the question; absent if it is a question.  meant: the status expected.
 */
typedef bool talk_ask(struct talk *, struct arena *, const struct question *, struct text raw,
    const struct exchange *, int meant, struct reply *, struct err *);

struct talk {
	const char *way;		/* "over the wire": for messages */
	bool has_wire;			/* whether what the HTTP layer does can be seen */
	bool through_proxy;		/* header fields are not ours then */
	talk_ask *ask;
	void *owner;			/* the way's own */
	const char *database;		/* of the site, for SQL */
	struct names names;
	unsigned asked, failed;
};

/* Runs all exchanges of a file; failures are printed, and counted in the talk. */
void talk_run(struct talk *, const struct http_file *);

#endif
