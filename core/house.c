/*
 * house.c - all sites and modules of a server, and where a request is run
 *
 * A request finds its site here, walks the way of every request (way.c), and is then run
 * where the access class of its route says.
 */
#include "house.h"

#include <limits.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "attachment.h"
#include "conf.h"
#include "desk.h"
#include "foresight.h"
#include "hook.h"
#include "hosts.h"
#include "indexer.h"
#include "job.h"
#include "lane.h"
#include "log.h"
#include "reader.h"
#include "request.h"
#include "resource.h"
#include "serve.h"
#include "site.h"
#include "slow.h"
#include "spool.h"
#include "start_watch.h"
#include "store.h"
#include "timetable.h"
#include "way.h"
#include "writer.h"

/* What an upload may have: a form may hold several files, and words around them. */
enum { UPLOAD_FILES = 4, UPLOAD_FRAMING = 1 << 20, UPLOAD_MEMORY = 64 * 1024 };

struct house {
	struct arena arena;		/* lives as long as the house */
	const struct conf *conf;
	enum house_mode mode;
	struct loaded *loaded;
	struct start_watch watch;
	struct site *sites;
	size_t site_count;
	const char **paths;		/* of the sites' databases */
	struct hosts *hosts;
	struct lane *writing, *slow, *blocking;	/* NULL: HOUSE_AT_ONCE */
	struct timetable *timetable;	/* likewise */
	struct job_terms jobs;
	struct slow_terms terms;
	struct spool_budget budget;
};

/* ---- reads ---- */

static struct line *
shortest(const struct lines *lines)
{
	unsigned i, best = 0;

	for (i = 1; i < lines->count; i++)
		if (line_length(lines->line[i]) < line_length(lines->line[best]))
			best = i;
	return lines->line[best];
}

/* Long reads never stand behind what waits for a service that does not answer. */
static const struct lines *
lines_for(const struct request *req)
{
	return req->route->access == HD_READ ? &req->site->slow : &req->site->blocking;
}

/* What a run that was stopped has left behind. */
static void
forget(struct request *req)
{
	req->status = 0;
	req->faults = NULL;
	req->fault_count = 0;
	req->over_budget = false;
	req->hurried = false;
	req->carried = NULL;
	req->answer.status = 0;
	req->answer.header_count = 0;
	req->own_headers = 0;
	req->own_stay = false;
	req->etag = (struct etag){ 0 };
	req->answer.body.len = 0;
	req->answer.body.failed = false;
	req->answer_secret = false;
}

static bool
go_slowly(struct request *req)
{
	forget(req);
	out_drop(&req->answer.body);	/* or it would wait with the request */
	if (!request_detach(req))
		return request_fail_memory(req);
	req->desk = NULL;
	if (line_push(shortest(lines_for(req)), req))
		return true;
	return request_fail(req, 503, "busy", NULL,
	    "Too many long requests are waiting; try again.");
}

/* Whether it is known to be too long for an event loop, and a slow lane has room for it. */
static bool
should_go_slowly(const struct request *req)
{
	return foresight_expects(desk_foresight(req->desk), req->site->index, req->target) &&
	    line_length(shortest(lines_for(req))) < req->house->conf->limits.slow_queue;
}

/* Here and now, within a budget; true if it is on its way to the slow lane instead. */
static bool
read_here(struct request *req)
{
	const struct conf *conf = req->house->conf;
	bool lanes = req->house->slow != NULL;

	if (lanes && should_go_slowly(req))
		return go_slowly(req);
	out_init(&req->answer.body, &req->arena, lanes ? conf->limits.inline_answer : SIZE_MAX);
	db_budget(req->db, lanes ? conf->limits.read_steps : 0);
	req->hurried = lanes;
	serve_route(req);
	if (!lanes || (!req->over_budget && !req->answer.body.failed))
		return false;
	foresight_note(desk_foresight(req->desk), req->site->index, req->target);
	return go_slowly(req);
}

/* ---- writes ---- */

static struct request *
request_of_change(struct change *c)
{
	return (struct request *)(void *)((char *)c - offsetof(struct request, change));
}

static bool
change_run(struct change *c, struct db *db)
{
	struct request *req = request_of_change(c);

	if (req->stage == REQUEST_WRITES)
		forget(req);	/* what was written was undone for the fault of another */
	req->db = db;
	req->stage = REQUEST_WRITES;
	/* Rows are stamped in the order in which they are made. */
	serve_stamp_next(req, &req->site->stamp);
	if (!idempotency_find(req))
		return req->status == 0;	/* answered as it was before */
	return serve_route(req) && !req->answer.body.failed && !req->dry_run &&
	    idempotency_keep(req);
}

/* What a client is told of a change that could not be kept. */
static void
lose(struct request *req, enum db_result why, const char *message)
{
	forget(req);
	log_error("%s: the change is lost: %s", req->id, message != NULL ? message : "no reason");
	if (why == DB_ERROR)
		request_fail(req, 500, "storage", NULL,
		    "The database failed; it is not known whether the change was kept.");
	else
		request_fail_db(req, why);
}

static void
change_done(struct change *c, enum change_end end, enum db_result why, const char *message)
{
	struct request *req = request_of_change(c);

	if (end == CHANGE_LOST)
		lose(req, why, message);
	else if (end == CHANGE_UNDONE && req->status == 0 && !req->dry_run)
		request_fail_memory(req);
	else if (end == CHANGE_COMMITTED)
		indexer_note(req->site->indexer);
	attachment_settle(req, writer_db(req->site->writer));
	serve_finish(req);
	if (req->house->writing != NULL)
		req->on_answer(req);
}

static const struct change_kind change_kind = { change_run, change_done };

/*
 * Whether it can be run a second time: rows of a module's table that are made or changed.
 * What also changes files, and the code of modules, is run once.
 */
static bool
can_run_again(const struct request *req)
{
	const struct route *route = req->route;

	return route->resource != NULL && !route->resource->core && !req->dry_run &&
	    (route->operation == OP_CREATE || route->operation == OP_PATCH ||
	    route->operation == OP_PUT) &&
	    !hook_wanted(req, route->resource, HD_CREATE | HD_CHANGE);
}

/* True if it is on its way. */
static bool
write_it(struct request *req)
{
	out_init(&req->answer.body, &req->arena, SIZE_MAX);
	req->change.kind = &change_kind;
	req->change.again = can_run_again(req);
	if (req->house->writing == NULL) {
		desk_rest(req->desk);
		writer_run(req->site->writer, &req->change);
		return false;
	}
	if (!request_detach(req))
		return request_fail_memory(req);
	req->desk = NULL;
	req->reader = NULL;	/* its thread goes on with it */
	if (writer_push(req->site->writer, &req->change))
		return true;
	return request_fail(req, 503, "busy", NULL, "Too many changes are waiting; try again.");
}

/* What comes before a write may block, so it never runs where others wait. */
static bool
prepare_and_write(struct request *req)
{
	if (req->route->before == NULL)
		return write_it(req);
	if (req->house->slow != NULL)
		return go_slowly(req);
	return serve_before(req) && write_it(req);
}

/* In HOUSE_AT_ONCE there is no lane to block: here is as good as there. */
static bool
block(struct request *req)
{
	return req->house->slow != NULL ? go_slowly(req) : read_here(req);
}

/* How an access class is run; true if the answer comes later. */
static bool (*const run[])(struct request *) = {
	[HD_READ] = read_here, [HD_WRITE] = prepare_and_write, [HD_BLOCKING] = block,
};

/* ---- serving ---- */

static bool
run_it(struct request *req)
{
	return run[req->route->access](req);
}

static bool
find_site(struct request *req)
{
	req->site = hosts_find(req->house->hosts, &req->arena, req->authority);
	if (req->site != NULL) {
		req->files = &req->site->files;
		req->hooks = req->site->hooks;
		req->shuffled = &req->site->shuffled;
		return true;
	}
	return request_fail(req, 421, "no_site", NULL, "No site has the host '%.*s'.",
	    TEXT_SHOWN(req->authority));
}

bool
house_serve(struct house *h, struct desk *desk, struct request *req)
{
	req->house = h;
	req->desk = desk;
	req->unindexed = h->conf->limits.unindexed;
	way_begin(req);
	if (find_site(req) && way_walk(req) && run_it(req))
		return false;	/* not to be touched any more: it belongs to a lane */
	serve_finish(req);
	if (h->mode == HOUSE_AT_ONCE)
		desk_rest(desk);
	return true;
}

enum house_admission
house_admit(struct house *h, struct desk *desk, struct request *question, struct spool **spool,
    uint64_t *limit)
{
	enum house_admission admission = HOUSE_NO_UPLOAD;
	struct err e;

	question->house = h;
	question->desk = desk;
	if (find_site(question))
		admission = way_admit(question);
	if (admission != HOUSE_UPLOAD)
		return admission;
	*limit = UPLOAD_FILES * h->conf->limits.attachment + UPLOAD_FRAMING;
	if (!spool_open(question->site->folder, UPLOAD_MEMORY, &h->budget, spool, &e)) {
		log_error("%s: no upload can be taken: %s", question->id, e.message);
		*spool = NULL;
	}
	return HOUSE_UPLOAD;
}

void
house_refuse(struct request *req, int status, const char *code, const char *message)
{
	way_begin(req);
	request_fail(req, status, code, NULL, "%s", message);
	answer_failure(req);
}

/* ---- opening and closing ---- */

static const char *
folder_of(struct arena *a, const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? "." : arena_copy(a, path, (size_t)(slash - path) + (slash == path));
}

static bool
assemble(struct house *h, struct out *faults)
{
	const struct conf *conf = h->conf;
	bool good = true;
	size_t i;

	start_watch_init(&h->watch, conf, &h->arena, faults);
	h->site_count = conf->site_count;
	h->sites = arena_zero(&h->arena, (h->site_count + 1) * sizeof(h->sites[0]));
	h->paths = arena_zero(&h->arena, (h->site_count + 1) * sizeof(h->paths[0]));
	for (i = 0; i < h->site_count; i++) {
		h->sites[i].conf = &conf->sites[i];
		h->sites[i].watch = &h->watch.watch;
		h->sites[i].index = (unsigned)i;
		h->sites[i].all = h->sites;
		h->paths[i] = conf->sites[i].path;
		good &= site_assemble(&h->sites[i], conf, &h->arena, &h->loaded, faults);
	}
	h->hosts = hosts_new(&h->arena, h->sites, h->site_count);
	return good;
}

static bool
open_lanes(struct house *h, struct out *faults)
{
	const struct conf *conf = h->conf;
	struct err e;

	h->budget.limit = conf->limits.spool;
	if (h->mode == HOUSE_AT_ONCE)
		return true;
	h->terms = (struct slow_terms){ conf->limits.slow_queue,
	    conf->limits.slow_steps * 1000, &h->budget, write_it };
	if (lane_open("write", conf->server.write_threads, &h->writing, &e) &&
	    lane_open("slow", conf->server.slow_threads, &h->slow, &e) &&
	    lane_open("blocking", conf->server.blocking_threads, &h->blocking, &e) &&
	    timetable_open(&h->timetable, &e))
		return true;
	out_printf(faults, "%s\n", e.message);
	return false;
}

static struct lines
open_lines(struct house *h, const struct site *s, struct lane *lane, unsigned most)
{
	struct lines lines = { arena_zero(&h->arena, most * sizeof(lines.line[0])), 0 };

	for (; lines.count < most; lines.count++)
		lines.line[lines.count] = line_open(lane, &h->terms, s->conf->path, s->folder);
	return lines;
}

static void
close_lines(struct lines *lines)
{
	while (lines->count > 0)
		line_close(lines->line[--lines->count]);
}

/* The service of one site that hangs leaves threads to the others. */
static void
line_up(struct house *h, struct site *s)
{
	s->folder = folder_of(&h->arena, s->conf->path);
	if (h->slow == NULL)
		return;
	s->slow = open_lines(h, s, h->slow, h->conf->server.slow_threads);
	s->blocking = open_lines(h, s, h->blocking, (h->conf->server.blocking_threads + 1) / 2);
}

/* What a crash has left in the folder is settled before anybody is served. */
static bool
open_files(struct house *h, struct site *s, struct out *faults)
{
	const char *folder = attachment_folder(&h->arena, s->conf);
	struct err e;

	s->files.most = h->conf->limits.attachment;
	if (store_open(folder, &s->files.store, &e) &&
	    store_mend(s->files.store, attachment_refers, writer_db(s->writer), &e))
		return true;
	out_printf(faults, "site %s: attached files: %s\n", s->conf->name, e.message);
	return false;
}

static bool
start(struct house *h, struct out *faults)
{
	bool good = true;
	struct err e;
	size_t i;

	for (i = 0; i < h->site_count; i++) {
		struct site *s = &h->sites[i];

		if (!writer_open(s->conf->path, h->writing, h->conf->limits.write_queue, &s->writer,
		    &e)) {
			out_printf(faults, "site %s: %s\n", s->conf->name, e.message);
			good = false;
			continue;
		}
		good &= site_start(s, h->conf, &h->arena, faults) && open_files(h, s, faults);
		db_trim(writer_db(s->writer));
		line_up(h, s);
	}
	return good;
}

static void
start_indexers(struct house *h)
{
	size_t i;

	for (i = 0; i < h->site_count; i++)
		h->sites[i].indexer = indexer_open(&h->arena, h->timetable, &h->sites[i]);
}

/* Last of all: they may begin at once. */
static void
start_jobs(struct house *h)
{
	size_t i, k;

	h->jobs = (struct job_terms){ h->timetable, h, h->conf->limits.request_memory,
				      run_it };
	for (i = 0; h->timetable != NULL && i < h->site_count; i++)
		for (k = 0; k < h->sites[i].instance_count; k++)
			if (h->sites[i].instances[k]->refused == NULL)
				job_start(&h->arena, &h->jobs, h->sites[i].instances[k]);
}

static struct house *
house_new(const struct conf *conf, enum house_mode mode)
{
	struct house *h = arena_heap(NULL, sizeof(*h));

	*h = (struct house){ .conf = conf, .mode = mode };
	arena_init(&h->arena, SIZE_MAX);
	return h;
}

bool
house_open(const struct conf *conf, enum house_mode mode, struct house **ret, struct out *faults)
{
	struct house *h = house_new(conf, mode);

	if (assemble(h, faults) && open_lanes(h, faults) && start(h, faults)) {
		start_watch_end(&h->watch);
		start_indexers(h);
		start_jobs(h);
		malloc_trim(0);	/* most of what a start needs is needed once */
		*ret = h;
		return true;
	}
	house_close(h);
	return false;
}

void
house_stop(struct house *h)
{
	timetable_stop(h->timetable);
	lane_close(h->slow);
	lane_close(h->blocking);	/* its jobs may push to the next */
	lane_close(h->writing);
	h->slow = h->blocking = h->writing = NULL;
}

void
house_close(struct house *h)
{
	size_t i;

	if (h == NULL)
		return;
	house_stop(h);
	for (i = 0; h->sites != NULL && i < h->site_count; i++) {
		close_lines(&h->sites[i].slow);
		close_lines(&h->sites[i].blocking);
		site_stop(&h->sites[i]);
		writer_close(h->sites[i].writer);
		store_close(h->sites[i].files.store);
	}
	timetable_free(h->timetable);
	arena_fini(&h->arena);
	free(h);
}

/* Each event loop has a reader of each site, and each reader its share. */
struct desk *
desk_open(struct house *h)
{
	uint64_t readers = (uint64_t)h->site_count * h->conf->server.threads;
	uint64_t share = h->conf->limits.page_cache / 1024 / readers;

	return desk_new(h->paths, h->site_count, share < INT_MAX ? (unsigned)share : INT_MAX);
}

bool
house_failed(const struct house *h)
{
	size_t i;

	for (i = 0; i < h->site_count; i++)
		if (writer_failed(h->sites[i].writer))
			return true;
	return false;
}

/* ---- looking without opening ---- */

bool
house_check(const struct conf *conf, struct out *faults)
{
	struct house *h = house_new(conf, HOUSE_AT_ONCE);
	bool good = assemble(h, faults);

	house_close(h);
	return good;
}

static const struct site *
site_named(const struct house *h, const char *name)
{
	size_t i;

	if (name == NULL && h->site_count == 1)
		return &h->sites[0];
	for (i = 0; name != NULL && i < h->site_count; i++)
		if (strcmp(h->sites[i].conf->name, name) == 0)
			return &h->sites[i];
	return NULL;
}

static void
print(FILE *file, struct text t)
{
	fwrite(t.at, 1, t.len, file);
}

bool
house_print_openapi(const struct conf *conf, const char *name, FILE *file, struct out *faults)
{
	struct house *h = house_new(conf, HOUSE_AT_ONCE);
	bool good = assemble(h, faults);
	const struct site *s = site_named(h, name);

	if (good && s != NULL) {
		print(file, s->document.before);
		print(file, s->document.servers.at != NULL ? s->document.servers :
		    TEXT("[{\"url\":\"/\"}]"));
		print(file, s->document.after);
	} else if (good) {
		out_string(faults, "name one of the sites with --site\n");
		good = false;
	}
	house_close(h);
	return good;
}
