/*
 * indoors.c - the way of the street, without a street: request_new, house_serve
 */
#include "indoors.h"

#include <ctype.h>
#include <string.h>

#include "arena.h"
#include "conf.h"
#include "err.h"
#include "house.h"
#include "out.h"
#include "request.h"
#include "spool.h"

/* Reads the configuration and opens the house; faults get what is wrong, one a line. */
static bool
open_house(const char *conf_file, struct indoors *in, struct out *faults)
{
	return conf_read(conf_file, &in->conf, faults) &&
	    house_open(in->conf, HOUSE_AT_ONCE, &in->house, faults);
}

bool
indoors_open(const char *conf_file, struct indoors *in, struct err *e)
{
	struct arena a;
	struct out faults;
	bool good;

	*in = (struct indoors){ 0 };
	arena_init(&a, 1 << 20);
	out_init(&faults, &a, 1 << 16);
	good = open_house(conf_file, in, &faults) || err_set(e, "%.*s", (int)faults.len,
	    faults.len == 0 ? "" : faults.at);
	arena_fini(&a);
	if (!good)
		return false;
	in->desk = desk_open(in->house);
	return in->desk != NULL || err_set(e, "the house has no desk");
}

void
indoors_close(struct indoors *in)
{
	if (in->desk != NULL)
		desk_close(in->desk);
	house_close(in->house);
	conf_free(in->conf);
	*in = (struct indoors){ 0 };
}

static struct header *
take_headers(struct request *r, struct arena *a, const struct question *q)
{
	struct header *h = arena_zero(a, (q->field_count + 1) * sizeof *h);

	for (size_t i = 0; i < q->field_count; i++) {
		char *name = arena_copy(a, q->fields[i].name.at, q->fields[i].name.len);

		for (char *c = name; *c != '\0'; c++)
			*c = (char)tolower((unsigned char)*c);
		if (strcmp(name, "host") == 0) {
			r->authority = q->fields[i].value;
			continue;
		}
		h[r->header_count].name = text_of(name);
		h[r->header_count++].value = q->fields[i].value;
	}
	return h;
}

static bool
take_body(struct request *r, struct arena *a, struct reply *ret, struct err *e)
{
	struct spool *spool = r->answer.spool;
	size_t n = spool == NULL ? r->answer.body.len : spool_size(spool);
	char *bytes = arena_alloc(a, n + 1);

	if (spool == NULL && n > 0)
		memcpy(bytes, r->answer.body.at, n);
	for (size_t at = 0; spool != NULL && at < n;) {
		long got = spool_read(spool, at, bytes + at, n - at);

		if (got <= 0)
			return err_set(e, "the spool ends too early");
		at += (size_t)got;
	}
	bytes[n] = '\0';
	ret->body = (struct text){ bytes, n };
	return true;
}

static struct text
copy(struct arena *a, struct text t)
{
	return (struct text){ arena_copy(a, t.at == NULL ? "" : t.at, t.len), t.len };
}

bool
indoors_ask(struct indoors *in, struct arena *a, const struct question *q, struct reply *ret,
    struct err *e)
{
	struct request *r = request_new(in->conf->limits.request_memory);
	bool good;

	r->method = q->method;
	r->target = q->target;
	r->body = q->body;
	r->address = TEXT("127.0.0.1");
	r->headers = take_headers(r, a, q);
	good = house_serve(in->house, in->desk, r) || err_set(e, "not served at once");
	desk_rest(in->desk);
	*ret = (struct reply){ .status = r->answer.status };
	for (unsigned i = 0; i < r->answer.header_count; i++) {
		ret->fields[i].name = copy(a, r->answer.headers[i].name);
		ret->fields[i].value = copy(a, r->answer.headers[i].value);
	}
	ret->field_count = r->answer.header_count;
	if (text_equal(q->method, TEXT("HEAD")))
		ret->body = TEXT("");	/* the street sends none */
	else
		good = good && take_body(r, a, ret, e);
	request_free(r);
	return good;
}
