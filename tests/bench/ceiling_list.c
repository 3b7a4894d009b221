/*
 * ceiling_list.c - a list as a stream of chunks: a thread scans and serialises while the
 * event loop sends what is ready, at most WINDOW chunks apart
 *
 * It serves one list after the other, and holds its snapshot as long as the client likes:
 * a measurement's client reads as fast as it can.
 */
#include <stdlib.h>

#include "ceiling.h"

enum {
	CHUNK = 64 << 10,
	WINDOW = 8,
	WAIT_US = 100,		/* between two looks at a window that is full */
};

struct list {
	h2o_generator_t generator;	/* the first member */
	struct lane_job job;
	struct loop *loop;
	h2o_req_t *req;			/* for the loop alone; NULL: it is gone */
	struct chunk *first, **last, *sent;
	atomic_uint ahead;		/* chunks made, but not sent */
	atomic_bool cancelled;
	atomic_uint owners;
};

struct chunk {
	h2o_multithread_message_t message;
	struct chunk *next;
	struct list *list;
	struct bytes bytes;
	bool is_last;
};

static void
let_go(struct list *l)
{
	if (atomic_fetch_sub(&l->owners, 1) == 1)
		free(l);
}

static void
chunk_free(struct chunk *c)
{
	if (c == NULL)
		return;
	free(c->bytes.at);
	free(c);
}

/* ---- on the event loop ---- */

static void
forget(void *p)
{
	struct list *l = *(struct list **)p;
	struct chunk *next;

	l->req = NULL;
	atomic_store(&l->cancelled, true);
	chunk_free(l->sent);
	for (struct chunk *c = l->first; c != NULL; c = next) {
		next = c->next;
		chunk_free(c);
	}
	let_go(l);
}

static void
send_next(struct list *l)
{
	struct chunk *c = l->first;
	h2o_iovec_t body;

	if (c == NULL || l->sent != NULL)
		return;
	if ((l->first = c->next) == NULL)
		l->last = &l->first;
	l->sent = c;
	body = h2o_iovec_init(c->bytes.at, c->bytes.len);
	h2o_send(l->req, &body, 1, c->is_last ? H2O_SEND_STATE_FINAL :
	    H2O_SEND_STATE_IN_PROGRESS);
}

static void
on_sent(h2o_generator_t *generator, h2o_req_t *req)
{
	struct list *l = H2O_STRUCT_FROM_MEMBER(struct list, generator, generator);

	(void)req;
	chunk_free(l->sent);
	l->sent = NULL;
	atomic_fetch_sub(&l->ahead, 1);
	send_next(l);
}

static void
on_chunk(struct chunk *c)
{
	struct list *l = c->list;

	if (l->req == NULL) {
		chunk_free(c);
	} else {
		*l->last = c;
		l->last = &c->next;
		send_next(l);
	}
	let_go(l);
}

static void
on_chunks(h2o_multithread_receiver_t *receiver, h2o_linklist_t *messages)
{
	struct chunk *c;

	(void)receiver;
	while (!h2o_linklist_is_empty(messages)) {
		c = H2O_STRUCT_FROM_MEMBER(struct chunk, message.link, messages->next);
		h2o_linklist_unlink(&c->message.link);
		on_chunk(c);
	}
}

void
list_listen(struct loop *loop)
{
	h2o_multithread_register_receiver(loop->context.queue, &loop->chunks, on_chunks);
}

void
list_ask(h2o_req_t *req)
{
	struct loop *loop = loop_of(req);
	struct list *l = calloc(1, sizeof *l), **from_req;

	if (l == NULL)
		abort();
	l->generator.proceed = on_sent;
	l->loop = loop;
	l->req = req;
	l->last = &l->first;
	atomic_init(&l->owners, 2);
	from_req = h2o_mem_alloc_shared(&req->pool, sizeof *from_req, forget);
	*from_req = l;
	req->res.status = 200;
	req->res.reason = "OK";
	h2o_add_header(&req->pool, &req->res.headers, H2O_TOKEN_CONTENT_TYPE, NULL,
	    H2O_STRLIT("application/json"));
	h2o_start_response(req, &l->generator);
	lane_push(&loop->ceiling->lists, &l->job);
}

/* ---- on the list thread ---- */

static void
render(struct store *s, struct list *l)
{
	struct chunk *c;
	bool first = true, more = true;

	while (more && !atomic_load(&l->cancelled)) {
		while (atomic_load(&l->ahead) >= WINDOW && !atomic_load(&l->cancelled))
			usleep(WAIT_US);
		if ((c = calloc(1, sizeof *c)) == NULL)
			abort();
		c->list = l;
		bytes_need(&c->bytes, CHUNK + CHUNK / WINDOW);
		if (first)
			store_scan_begin(s, &c->bytes);
		first = false;
		more = store_scan_step(s, CHUNK, &c->bytes);
		c->is_last = !more;
		atomic_fetch_add(&l->ahead, 1);
		atomic_fetch_add(&l->owners, 1);
		h2o_multithread_send_message(&l->loop->chunks, &c->message);
	}
}

void *
list_run(void *context)
{
	struct ceiling *ceiling = context;
	struct store *s = store_open(&ceiling->store, false);
	struct list *l;

	for (;;) {
		l = H2O_STRUCT_FROM_MEMBER(struct list, job, lane_take(&ceiling->lists, 1));
		store_enter(s);
		render(s, l);
		store_leave(s);
		let_go(l);
	}
	return NULL;
}
