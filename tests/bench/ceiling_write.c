/*
 * ceiling_write.c - changes in groups: whoever asks while a transaction is under way is
 * in the next one; all of a group are answered when the disk has it
 */
#include <stdlib.h>
#include <string.h>

#include "ceiling.h"

struct change {
	struct lane_job job;
	h2o_multithread_message_t message;
	struct loop *loop;
	h2o_req_t *req;			/* for the loop alone; NULL: it is gone */
	struct change **from_req;
	int64_t id;
	int status;
	struct bytes answer;
	size_t len;
	char body[];
};

/* The request's pool is disposed of. */
static void
forget(void *p)
{
	struct change **c = p;

	if (*c != NULL)
		(*c)->req = NULL;
}

void
write_ask(h2o_req_t *req, int64_t id)
{
	struct loop *loop = loop_of(req);
	struct change *c = malloc(sizeof *c + req->entity.len);

	if (c == NULL)
		abort();
	*c = (struct change){ .loop = loop, .req = req, .id = id, .len = req->entity.len };
	memcpy(c->body, req->entity.base, c->len);
	c->from_req = h2o_mem_alloc_shared(&req->pool, sizeof *c->from_req, forget);
	*c->from_req = c;
	lane_push(&loop->ceiling->writes, &c->job);
}

static void
answer(struct change *c)
{
	h2o_req_t *req = c->req;

	if (req != NULL) {
		*c->from_req = NULL;
		reply(req, c->status, h2o_strdup(&req->pool, c->answer.at, c->answer.len));
	}
	free(c->answer.at);
	free(c);
}

static void
on_written(h2o_multithread_receiver_t *receiver, h2o_linklist_t *messages)
{
	struct loop *loop = H2O_STRUCT_FROM_MEMBER(struct loop, written, receiver);
	struct change *c;

	store_leave(loop->store);	/* whoever gets the answer can read what it says */
	while (!h2o_linklist_is_empty(messages)) {
		c = H2O_STRUCT_FROM_MEMBER(struct change, message.link, messages->next);
		h2o_linklist_unlink(&c->message.link);
		answer(c);
	}
}

void
write_listen(struct loop *loop)
{
	h2o_multithread_register_receiver(loop->context.queue, &loop->written, on_written);
}

static void
make(struct store *s, struct change *c)
{
	c->status = c->id == 0 ? store_insert(s, c->body, c->len, &c->answer) :
	    store_update(s, c->id, c->body, c->len, &c->answer);
}

void *
write_run(void *context)
{
	struct ceiling *ceiling = context;
	struct store *s = store_open(&ceiling->store, true);
	struct lane_job *job, *next;
	struct change *c;

	for (;;) {
		job = lane_take(&ceiling->writes, ceiling->batch);
		store_begin(s);
		for (next = job; next != NULL; next = next->next)
			make(s, H2O_STRUCT_FROM_MEMBER(struct change, job, next));
		store_commit(s);
		for (; job != NULL; job = next) {
			next = job->next;
			c = H2O_STRUCT_FROM_MEMBER(struct change, job, job);
			h2o_multithread_send_message(&c->loop->written, &c->message);
		}
		store_checkpoint_if_due(s);
	}
	return NULL;
}
