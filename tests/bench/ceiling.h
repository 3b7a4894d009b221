/*
 * ceiling.h - what the parts of the ceiling that know h2o share
 */
#pragma once

#include <stdatomic.h>
#include <stdint.h>

#include <h2o.h>

#include "ceiling_lane.h"
#include "ceiling_store.h"

enum { LISTENERS = 2 };		/* clear text and TLS */

struct ceiling {
	struct store_options store;
	unsigned threads, batch;
	const char *certificate, *key;
	int listeners[LISTENERS];
	SSL_CTX *tls;
	h2o_globalconf_t global;
	struct loop *loops;
	struct lane writes, lists;
};

/* An event loop: its thread alone touches it, but for the number. */
struct loop {
	h2o_context_t context;
	struct ceiling *ceiling;
	struct store *store;
	struct bytes answer;			/* under construction */
	h2o_multithread_receiver_t written, chunks;
	h2o_accept_ctx_t accept[LISTENERS];
	atomic_uint connections;
};

struct loop *loop_of(h2o_req_t *);

/* The body must live as long as the request. */
void reply(h2o_req_t *, int status, h2o_iovec_t body);

/* Changes: ceiling_write.c.  An id of 0 is a new ticket. */
void write_ask(h2o_req_t *, int64_t id);
void write_listen(struct loop *);
void *write_run(void *ceiling);

/* The list: ceiling_list.c. */
void list_ask(h2o_req_t *);
void list_listen(struct loop *);
void *list_run(void *ceiling);
