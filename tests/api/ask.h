/*
 * ask.h - a request in one line, for tests that ask many
 */
#ifndef ASK_H
#define ASK_H

#include <stdbool.h>

#include "reply.h"

struct arena;
struct err;
struct wire;

/* A question with a key (NULL: none) and a body (NULL: none), to helpdesk.example.com. */
struct question ask_question(const char *method, const char *target, const char *key,
    const char *body);

/* Asks it over the wire. */
bool ask(struct wire *, struct arena *, const char *method, const char *target,
    const char *key, const char *body, struct reply *, struct err *);

/* Just the status; 0 if there is no answer. */
int ask_status(struct wire *, const char *method, const char *target, const char *key,
    const char *body);

#endif
