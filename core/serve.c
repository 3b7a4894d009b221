/*
 * serve.c - running what a route serves, wherever that happens
 */
#include "serve.h"

#include "attachment.h"
#include "desk.h"
#include "request.h"

void
serve_stamp(struct request *req)
{
	if (req->desk != NULL) {
		desk_stamp(req->desk, &req->now, req->now_text);
		return;
	}
	req->now = iso8601_now();
	iso8601_format(req->now, req->now_text);
}

void
serve_stamp_next(struct request *req, int64_t *last)
{
	serve_stamp(req);
	if (req->now <= *last) {
		req->now = *last + 1;
		iso8601_format(req->now, req->now_text);
	}
	*last = req->now;
}

bool
serve_route(struct request *req)
{
	/* An answer that outgrew its buffer is no failure of who wrote it. */
	return req->route->serve(req) && req->status == 0;
}

bool
serve_before(struct request *req)
{
	bool good;

	out_init(&req->answer.body, &req->arena, 0);
	req->stage = REQUEST_PREPARES;
	good = req->route->before(req) && req->status == 0;
	req->stage = REQUEST_READS;
	return good;
}

void
serve_finish(struct request *req)
{
	attachment_give_up(req);
	if (req->status == 0 && req->answer.body.failed)
		request_fail_memory(req);
	if (req->status != 0 || req->answer.status == 0)
		answer_failure(req);
}
