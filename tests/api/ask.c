/*
 * ask.c - a request in one line
 */
#include "ask.h"

#include "arena.h"
#include "err.h"
#include "wire.h"

static void
add(struct question *q, const char *name, const char *value)
{
	if (value == NULL)
		return;
	q->fields[q->field_count].name = text_of(name);
	q->fields[q->field_count++].value = text_of(value);
}

struct question
ask_question(const char *method, const char *target, const char *key, const char *body)
{
	struct question q = { .method = text_of(method), .target = text_of(target),
	    .body = text_of(body) };

	add(&q, "Host", "helpdesk.example.com");
	add(&q, "X-API-Key", key);
	add(&q, "Content-Type", body == NULL ? NULL : "application/json");
	return q;
}

bool
ask(struct wire *w, struct arena *a, const char *method, const char *target, const char *key,
    const char *body, struct reply *r, struct err *e)
{
	struct question q = ask_question(method, target, key, body);

	*r = (struct reply){ 0 };
	return wire_ask(w, a, wire_bytes(a, &q), text_equal(q.method, TEXT("HEAD")), r, e);
}

int
ask_status(struct wire *w, const char *method, const char *target, const char *key,
    const char *body)
{
	struct arena a;
	struct reply r;
	struct err e;
	bool good;

	arena_init(&a, 256 << 20);
	good = ask(w, &a, method, target, key, body, &r, &e);
	arena_fini(&a);
	return good ? r.status : 0;
}
