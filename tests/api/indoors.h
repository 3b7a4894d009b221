/*
 * indoors.h - asking the house without a network
 */
#ifndef INDOORS_H
#define INDOORS_H

#include <stdbool.h>

#include "reply.h"

struct arena;
struct conf;
struct desk;
struct err;
struct house;

struct indoors {
	struct conf *conf;
	struct house *house;
	struct desk *desk;
};

bool indoors_open(const char *conf_file, struct indoors *ret, struct err *);
void indoors_close(struct indoors *);	/* a zeroed one is fine */

/* Serves the question; the reply lies in the arena.  Its host is the field "Host". */
bool indoors_ask(struct indoors *, struct arena *, const struct question *, struct reply *ret,
    struct err *);

#endif
