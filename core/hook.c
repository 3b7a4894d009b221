/*
 * hook.c - what modules do when a row changes
 */
#include "hook.h"

#include "request.h"

static bool
wants(const struct hook *h, const struct resource *r, unsigned verb)
{
	return h->resource == r && (h->verbs & verb) != 0;
}

bool
hook_wanted(const struct request *req, const struct resource *r, unsigned verb)
{
	const struct hook *h;

	for (h = req->hooks; h != NULL; h = h->next)
		if (wants(h, r, verb))
			return true;
	return false;
}

bool
hook_call(struct request *req, const struct row_event *event)
{
	const struct hook *h;

	for (h = req->hooks; h != NULL; h = h->next)
		if (wants(h, event->resource, event->verb) && !h->run(req, h, event))
			return false;
	return req->status == 0;
}
