/*
 * exchange.c - one request of the library's, one of the house's, and the way between
 *
 * The library's request may vanish at any moment on its thread; the only notice is
 * exchange_gone.  What is answered, and whether, is the house's to say; here it
 * is carried there and back, and refused what the house should not see.
 */
#include "exchange.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checks.h"
#include "clock.h"
#include "conf.h"
#include "conn.h"
#include "head.h"
#include "house.h"
#include "intake.h"
#include "log.h"
#include "question.h"
#include "reply.h"
#include "request.h"
#include "stream.h"
#include "upload.h"
#include "worker.h"

enum {
	LOG_TARGET = 256,	/* bytes of a target in the log */
	VANISHED = 499,		/* in the log: the client went first */
	STOCKED = 256,		/* exchanges in a stock */
	STALLS = 4		/* times a connection's: one answer may have to wait for others */
};

static struct exchange *
of_link(h2o_linklist_t *link)
{
	return H2O_STRUCT_FROM_MEMBER(struct exchange, link, link);
}

static struct text
text_of_iovec(h2o_iovec_t v)
{
	return (struct text){ v.base, v.len };
}

/* ---- life ---- */

static struct exchange *
take(struct exchange_stock *stock)
{
	struct exchange *x = stock->first;

	if (x == NULL)
		return h2o_mem_alloc(sizeof(*x));
	stock->first = x->next;
	stock->count--;
	return x;
}

static void
give(struct exchange_stock *stock, struct exchange *x)
{
	if (stock->count == STOCKED || !checks_reuse()) {
		free(x);
		return;
	}
	x->next = stock->first;
	stock->first = x;
	stock->count++;
}

void
exchange_stock_fini(struct exchange_stock *stock)
{
	struct exchange *x, *next;

	for (x = stock->first; x != NULL; x = next) {
		next = x->next;
		free(x);
	}
	*stock = (struct exchange_stock){ NULL };
}

static void
leave_spools(struct worker *w, struct request *r)
{
	if (r == NULL)
		return;
	spool_leave(&w->leavings, r->answer.spool);
	spool_leave(&w->leavings, r->upload);
	r->answer.spool = r->upload = NULL;
}

static void
finish(struct exchange *x)
{
	struct conn *c = x->conn;
	struct worker *w = c->worker;

	leave_spools(w, x->request);
	request_give(&w->requests, x->request);
	upload_free(x->upload);
	free(x->piece);
	give(&w->exchanges, x);
	conn_release(c);
}

static unsigned
status_of(const struct exchange *x)
{
	return x->state == EXCHANGE_ANSWERED ? (unsigned)x->req->res.status : VANISHED;
}

/* The target as it was sent, cut, and without what could end the quotes around it. */
static void
quote(char *to, size_t size, h2o_iovec_t target)
{
	size_t i, n = target.len < size - 4 ? target.len : size - 4;

	for (i = 0; i < n; i++)
		to[i] = target.base[i] == '"' || target.base[i] == '\0' ? '\'' : target.base[i];
	snprintf(to + n, size - n, "%s", n < target.len ? "..." : "");
}

static void
write_log(const struct exchange *x)
{
	const h2o_req_t *req = x->req;
	char target[LOG_TARGET];
	bool known = x->refusal == REFUSAL_NONE || x->refusal >= REFUSAL_BODY_LONG ||
	    x->stream != NULL;

	if (!x->conn->worker->street->conf->server.access_log)
		return;
	quote(target, sizeof(target), known ? req->input.path : h2o_iovec_init(H2O_STRLIT("-")));
	log_info("%s \"%.*s %s\" %u %llu %.1fms %s HTTP/%u.%u", x->conn->address_text,
	    known && req->input.method.len <= 32 ? (int)req->input.method.len : 0,
	    req->input.method.base, target, status_of(x),
	    (unsigned long long)req->bytes_sent, (double)(clock_now() - x->begun) / 1e3,
	    x->request == NULL || x->request->id[0] == '\0' ? "-" : x->request->id,
	    (unsigned)req->version >> 8, (unsigned)req->version & 255);
}

/* Gone before it was answered, or answered but reset before the answer was framed. */
static bool
was_cancelled(const struct exchange *x)
{
	const h2o_req_t *req = x->req;

	return x->state != EXCHANGE_ANSWERED || (x->stream != NULL && !reply_is_head(req) &&
	    req->res.content_length != SIZE_MAX && req->bytes_sent < req->res.content_length);
}

static void
leave_state(struct exchange *x)
{
	struct conn *c = x->conn;

	if (x->state == EXCHANGE_RECEIVING)
		c->receiving--;
	else
		c->serving--;
}

/* From both ends: the newest is the likeliest to be served, the oldest to end. */
static struct exchange *
find(struct conn *c, const h2o_req_t *req)
{
	h2o_linklist_t *new = c->exchanges.prev, *old = c->exchanges.next;

	for (; old != &c->exchanges; old = old->next, new = new->prev) {
		if (of_link(new)->req == req)
			return of_link(new);
		if (of_link(old)->req == req)
			return of_link(old);
	}
	return NULL;
}

void
exchange_gone(struct conn *c, h2o_req_t *req)
{
	struct exchange *x = find(c, req);

	if (x == NULL)		/* its head has not come, or was no head */
		return;
	write_log(x);
	leave_state(x);
	h2o_linklist_unlink(&x->link);
	conn_ended(c, was_cancelled(x));
	req->_generator = NULL;	/* it was x's */
	x->req = NULL;
	x->stream = NULL;
	if (x->out)
		atomic_store(&x->request->gone, true);
	else
		finish(x);
}

static struct exchange *
begin(struct conn *c, h2o_req_t *req)
{
	struct exchange *x = take(&c->worker->exchanges);

	*x = (struct exchange){ .conn = c, .req = req };
	if (c->worker->street->conf->server.access_log)
		x->begun = clock_now();
	h2o_linklist_insert(&c->exchanges, &x->link);
	c->refs++;
	return x;
}

/* The exchange of a request that is complete, so far as it is going to be. */
static struct exchange *
enter(h2o_req_t *req)
{
	struct conn *c = conn_of(req);
	struct exchange *x = find(c, req);

	if (x == NULL) {	/* HTTP/1 */
		x = begin(c, req);
		x->fields = req->headers.size;
		x->refusal = c->refusal;
		c->refusal = REFUSAL_NONE;
		x->upload = c->upload;
		c->upload = NULL;
		c->upload_at = 0;
		c->receiving = 0;
		conn_begun(c, c->sock->input->size);
	} else if (x->state == EXCHANGE_RECEIVING) {
		c->receiving--;
		conn_begun(c, 2 * req->entity.len);
	}
	x->state = EXCHANGE_SERVING;
	x->sent_at = worker_now(c->worker);
	c->serving++;
	return x;
}

void
exchange_intake(struct conn *c)
{
	h2o_linklist_t *link;

	if (!c->http2 || c->receiving == 0)
		return;
	for (link = c->exchanges.next; link != &c->exchanges; link = link->next) {
		struct exchange *x = of_link(link);

		if (x->upload != NULL && x->state == EXCHANGE_RECEIVING)
			intake_data(c, x->upload, x->req, x->stream);
	}
}

size_t
exchange_held(const struct conn *c)
{
	h2o_linklist_t *link;
	size_t n = 0;

	if (!c->http2 || c->receiving == 0)
		return 0;
	for (link = c->exchanges.next; link != &c->exchanges; link = link->next) {
		const struct exchange *x = of_link(link);

		if (x->state == EXCHANGE_RECEIVING)
			n += x->head_bytes + (x->stream->body == NULL ? 0 : x->stream->body->size);
	}
	return n;
}

bool
exchange_any(const struct conn *c)
{
	return c->exchanges.next != &c->exchanges;
}

const char *
exchange_stalled(struct conn *c, uint64_t now)
{
	uint64_t most = STALLS * (uint64_t)c->worker->street->conf->timeouts.stall;
	h2o_linklist_t *link;

	for (link = c->exchanges.next; link != &c->exchanges; link = link->next) {
		struct exchange *x = of_link(link);

		if (x->state != EXCHANGE_ANSWERED || x->req->bytes_sent != x->sent) {
			x->sent = x->req->bytes_sent;
			x->sent_at = now;
		} else if (now - x->sent_at > most)
			return "an answer is not taken";
	}
	return NULL;
}

/* ---- the question ---- */

static struct request *
take_request(struct worker *w)
{
	return request_take(&w->requests, w->street->conf->limits.request_memory);
}

/* A connection nearly always names the same host. */
static bool
authority_fits(struct conn *c, struct text authority)
{
	struct text last = { c->authority, c->authority_length };

	if (authority.len > 0 && text_equal(authority, last))
		return true;
	if (!head_authority_fits(authority))
		return false;
	if (authority.len <= sizeof(c->authority)) {
		memcpy(c->authority, authority.at, authority.len);
		c->authority_length = (unsigned char)authority.len;
	}
	return true;
}

/* What RFC 9113 calls malformed and the library lets through. */
static enum refusal
malformed(const struct exchange *x)
{
	const h2o_req_t *req = x->req;
	struct text method = text_of_iovec(req->input.method);
	struct text path = text_of_iovec(req->input.path);

	if (!head_method_fits(method))
		return REFUSAL_METHOD;
	if (!head_target_fits(method, path) || memchr(path.at, '\0', path.len) != NULL ||
	    memchr(path.at, ' ', path.len) != NULL)
		return REFUSAL_TARGET;
	if (!authority_fits(x->conn, text_of_iovec(req->input.authority)))
		return REFUSAL_HOST;
	if (x->stream->expected_length != SIZE_MAX && x->state != EXCHANGE_RECEIVING &&
	    x->stream->expected_length != req->entity.len)
		return REFUSAL_LENGTH_DIFFERS;
	return REFUSAL_NONE;
}

void
exchange_born(struct conn *c, h2o_req_t *req, struct stream *stream, size_t head_bytes,
    enum refusal refusal)
{
	struct exchange *x = begin(c, req);

	x->stream = stream;
	x->head_bytes = head_bytes;
	x->fields = req->headers.size;
	x->refusal = refusal;
	c->http2 = true;
	conn_begun(c, head_bytes);
	conn_receives(c);
	if (stream->body != NULL && refusal == REFUSAL_NONE && malformed(x) == REFUSAL_NONE)
		x->upload = intake_stream(c, req, stream);
}

static enum refusal
refusal_of_body(const struct exchange *x)
{
	if (x->upload != NULL)
		return upload_end(x->upload);
	return x->req->entity.len > x->conn->worker->street->conf->limits.body ?
	    REFUSAL_BODY_LONG : REFUSAL_NONE;
}

static enum refusal
refusal_of(const struct exchange *x)
{
	const struct conf *conf = x->conn->worker->street->conf;
	enum refusal refusal = REFUSAL_NONE;

	if (x->conn->killed)
		return REFUSAL_CLOSING;
	if (x->stream != NULL)
		refusal = malformed(x);
	if (refusal != REFUSAL_NONE || x->refusal != REFUSAL_NONE)
		return refusal != REFUSAL_NONE ? refusal : x->refusal;
	refusal = refusal_of_body(x);
	if (refusal != REFUSAL_NONE)
		return refusal;
	return x->conn->out >= conf->limits.jobs_per_connection ? REFUSAL_BUSY : REFUSAL_NONE;
}

static void
put_question(struct exchange *x)
{
	struct request *r = x->request;

	if (!question_put(r, x->conn, x->req, x->fields))
		x->refusal = REFUSAL_HEADER_LONG;
	else if (x->upload != NULL)
		r->upload = upload_take(x->upload);
	else if (x->req->entity.base != NULL)
		r->body = text_of_iovec(x->req->entity);
}

/* On a thread of a lane. */
static void
on_answer(struct request *r)
{
	struct exchange *x = r->owner;

	h2o_multithread_send_message(&x->conn->worker->answers, &x->message);
}

static void
serve(struct exchange *x)
{
	struct worker *w = x->conn->worker;

	x->request->on_answer = on_answer;
	x->request->owner = x;
	/* The lane may be done before house_serve returns; its message is read later. */
	x->out = true;
	x->conn->out++;
	w->out++;
	if (!house_serve(w->street->house, w->desk, x->request)) {
		reply_drop_body(x);
		return;
	}
	x->out = false;
	x->conn->out--;
	w->out--;
	reply_send(x, H2O_SEND_STATE_FINAL);
}

int
exchange_on_req(h2o_handler_t *self, h2o_req_t *req)
{
	struct exchange *x = enter(req);

	(void)self;
	x->request = take_request(x->conn->worker);
	if (x->upload != NULL && x->stream != NULL)	/* what came with the last frame */
		upload_write(x->upload, req->entity.base, req->entity.len);
	x->refusal = refusal_of(x);
	x->request->body_lost = x->conn->body_lost;
	put_question(x);
	if (x->refusal != REFUSAL_NONE)
		reply_refuse(x);
	else
		serve(x);
	return 0;
}

void
exchange_on_answers(h2o_multithread_receiver_t *receiver, h2o_linklist_t *messages)
{
	struct worker *w = H2O_STRUCT_FROM_MEMBER(struct worker, answers, receiver);

	desk_rest(w->desk);	/* whoever is told of his change must find it */
	while (!h2o_linklist_is_empty(messages)) {
		struct exchange *x = H2O_STRUCT_FROM_MEMBER(struct exchange, message.link,
		    messages->next);

		assert(h2o_linklist_is_linked(&x->message.link));	/* as all in a list are */
		h2o_linklist_unlink(&x->message.link);
		x->out = false;
		x->conn->out--;
		w->out--;
		if (x->req != NULL)
			reply_send(x, H2O_SEND_STATE_FINAL);
		else
			finish(x);
	}
}

/* ---- the library's own errors ---- */

void
exchange_on_setup(h2o_filter_t *self, h2o_req_t *req, h2o_ostream_t **slot)
{
	struct exchange *x = find(conn_of(req), req);

	(void)self;
	if (x == NULL || x->state == EXCHANGE_RECEIVING) {
		x = enter(req);
		x->request = take_request(x->conn->worker);
		slot = reply_instead(x, slot);
	}
	h2o_setup_next_ostream(req, slot);
}
