/*
 * question.c - what a request asks, in the house's words
 *
 * Copies nothing but pointers: the request is asked while its bytes are there.
 */
#include "question.h"

#include "conn.h"
#include "head.h"
#include "request.h"

static struct text
text_of_iovec(h2o_iovec_t v)
{
	return (struct text){ v.base, v.len };
}

/* RFC 9112 3.2.2: an absolute form counts before Host. */
static void
aim(struct request *r, const struct conn *c, struct text method, struct text target,
    struct text authority)
{
	struct text rest;

	r->method = method;
	r->target = target;
	r->authority = authority;
	if (head_absolute(target, &r->authority, &rest)) {
		r->target = rest;
		if (rest.len == 0)
			r->target = text_equal(method, TEXT("OPTIONS")) ? TEXT("*") : TEXT("/");
	}
	r->address = text_of(c->address_text);
	r->https = c->tls != NULL;
}

static struct header *
make_headers(struct request *r, size_t n)
{
	struct header *headers = arena_alloc(&r->arena, (n + 1) * sizeof(*headers));

	if (headers == NULL)
		return NULL;
	r->headers = headers;
	r->header_count = n;
	return headers;
}

bool
question_put(struct request *r, const struct conn *c, const h2o_req_t *req, size_t fields)
{
	/* The library puts the name of its only host for a missing one. */
	bool missing = req->hostconf != NULL &&
	    req->input.authority.base == req->hostconf->authority.hostport.base;
	struct header *headers;
	size_t i;

	aim(r, c, text_of_iovec(req->input.method), text_of_iovec(req->input.path),
	    missing ? (struct text){ NULL, 0 } : text_of_iovec(req->input.authority));
	headers = make_headers(r, fields);
	if (headers == NULL)
		return false;
	for (i = 0; i < fields; i++) {
		const h2o_header_t *h = &req->headers.entries[i];

		headers[i] = (struct header){ text_of_iovec(*h->name), text_of_iovec(h->value) };
	}
	return true;
}

static void
make_lower(char *at, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (at[i] >= 'A' && at[i] <= 'Z')
			at[i] = (char)(at[i] + ('a' - 'A'));
}

bool
question_put_head(struct request *r, struct conn *c, const struct head *head)
{
	char *bytes = c->sock->input->bytes;
	struct text authority = { NULL, 0 };
	struct header *headers = make_headers(r, head->count);
	size_t i;

	if (headers == NULL)
		return false;
	for (i = 0; i < head->count; i++) {
		const struct phr_header *h = &head->fields[i];

		make_lower(bytes + (h->name - bytes), h->name_len);
		headers[i].name = (struct text){ h->name, h->name_len };
		headers[i].value = (struct text){ h->value, h->value_len };
		if (text_equal(headers[i].name, TEXT("host")))
			authority = headers[i].value;
	}
	aim(r, c, head->method, head->target, authority);
	return true;
}
