/*
 * slow.c - the slow lanes: long reads, and modules that talk to other services
 */
#include "slow.h"

#include <stdlib.h>

#include "arena.h"
#include "db.h"
#include "lane.h"
#include "reader.h"
#include "request.h"
#include "serve.h"
#include "site.h"
#include "spool.h"

enum {
	PIECE = 512 * 1024	/* of an answer: in these it goes to a file, if it has more */
};

struct line {
	const struct slow_terms *terms;
	const char *folder;
	struct queue *queue;
	struct reader reader;
	char *piece;		/* of the answer that is being made; NULL: it was idle */
};

static struct request *
request_of(struct job *job)
{
	return (struct request *)(void *)((char *)job - offsetof(struct request, job));
}

/* Gives the request a reader of this line. */
static bool
lend_reader(struct line *line, struct request *req)
{
	struct err e;

	if (!reader_begin(&line->reader, req->now, writer_commits(req->site->writer), &e))
		return request_fail_inside(req, "%s", e.message);
	req->reader = &line->reader;
	req->db = reader_db(req->reader);
	db_budget(req->db, line->terms->steps);
	return true;
}

/* And a spool to write into. */
static bool
equip(struct line *line, struct request *req)
{
	struct spool *spool;
	struct err e;

	if (!lend_reader(line, req))
		return false;
	if (!spool_open(line->folder, 0, line->terms->budget, &spool, &e))
		return request_fail_inside(req, "%s", e.message);
	req->answer.spool = spool;
	if (line->piece == NULL)
		line->piece = arena_heap(NULL, PIECE);
	out_init_lent(&req->answer.body, line->piece, PIECE, &req->arena, spool_write, spool);
	return true;
}

/* Takes the answer out of the line's buffer: into the spool, or into the request's memory if
 * the buffer holds all of it. */
static bool
take_out(struct request *req)
{
	struct answer *a = &req->answer;

	if (a->body.failed)
		return false;
	if (spool_size(a->spool) == 0) {
		spool_close(a->spool);
		a->spool = NULL;
		return out_keep(&a->body);
	}
	if (!out_finish(&a->body))
		return false;
	out_init(&a->body, &req->arena, 0);
	return true;
}

/* The answer is complete. */
static bool
settle(struct request *req)
{
	struct answer *a = &req->answer;

	if (a->spool == NULL && !a->body.failed)	/* it was dropped */
		return true;
	return take_out(req) || request_fail(req, 503, "disk_full", NULL,
	    "The server has no room for so long an answer; narrow it down.");
}

/* True: it has its answer. */
static bool
answer(struct line *line, struct request *req)
{
	if (equip(line, req) && serve_route(req))
		settle(req);
	serve_finish(req);
	reader_rest(&line->reader);
	return true;
}

/* Likewise, of a read that takes its time; a module that waits for a service may have to wait
 * for longer than the writer can. */
static bool
answer_in_turn(struct line *line, struct request *req)
{
	struct writer *writer = req->site->writer;

	writer_read_begin(writer);
	answer(line, req);
	writer_read_end(writer);
	return true;
}

/* True: it has its answer, since it failed.  False: it is the writer's now. */
static bool
prepare(struct line *line, struct request *req)
{
	bool good = lend_reader(line, req) && serve_before(req);

	reader_rest(&line->reader);
	req->reader = NULL;
	req->db = NULL;
	if (good && line->terms->write(req))
		return false;
	serve_finish(req);
	return true;
}

static bool
drop(struct request *req)
{
	request_fail(req, 503, "gone", NULL, "The client is gone.");
	serve_finish(req);
	return true;
}

/* How an access class is served. */
static bool (*const serve_as[])(struct line *, struct request *) = {
	[HD_READ] = answer_in_turn, [HD_WRITE] = prepare, [HD_BLOCKING] = answer,
};

static bool
serve(struct line *line, struct request *req)
{
	return atomic_load(&req->gone) ? drop(req) : serve_as[req->route->access](line, req);
}

static void
rest(struct line *line)
{
	reader_close(&line->reader);
	free(line->piece);
	line->piece = NULL;
}

static void
line_serve(void *context, unsigned thread, struct job *first)
{
	struct line *line = context;
	struct request *req;
	struct job *next;

	(void)thread;
	for (; first != NULL; first = next) {
		next = first->next;
		req = request_of(first);
		if (serve(line, req))
			req->on_answer(req);
	}
	/* Hundreds of sites have lines; what is idle keeps nothing. */
	if (line_length(line) <= 1)
		rest(line);
}

struct line *
line_open(struct lane *lane, const struct slow_terms *terms, const char *path, const char *folder)
{
	struct line *line = arena_heap(NULL, sizeof(*line));

	*line = (struct line){ .terms = terms, .folder = folder };
	line->reader.path = path;
	line->queue = queue_open(lane, terms->queue, 1, line_serve, line);
	return line;
}

void
line_close(struct line *line)
{
	if (line == NULL)
		return;
	queue_close(line->queue);
	rest(line);
	free(line);
}

bool
line_push(struct line *line, struct request *req)
{
	return queue_push(line->queue, &req->job);
}

unsigned
line_length(const struct line *line)
{
	return queue_length(line->queue);
}
