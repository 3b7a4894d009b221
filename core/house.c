/*
 * house.c - all sites and modules of a server, and the way of a request
 *
 * The way is a table of steps (see way below): each takes the request a little
 * further, or fails it.  What is left then is to run the route where its access class
 * says.
 */
#include "house.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "arena.h"
#include "body.h"
#include "conf.h"
#include "desk.h"
#include "host.h"
#include "hosts.h"
#include "key.h"
#include "lane.h"
#include "log.h"
#include "query.h"
#include "reader.h"
#include "request.h"
#include "route.h"
#include "serve.h"
#include "site.h"
#include "slow.h"
#include "spool.h"
#include "writer.h"

struct house {
	struct arena arena;		/* lives as long as the house */
	const struct conf *conf;
	enum house_mode mode;
	struct loaded *loaded;
	struct site *sites;
	size_t site_count;
	const char **paths;		/* of the sites' databases */
	struct hosts *hosts;
	struct lane *writing, *slow;	/* NULL: HOUSE_AT_ONCE */
	struct slow_terms terms;
	struct spool_budget budget;
};

/* ---- the first steps: where to, and who ---- */

/* Path and query are pieces of the target. */
static void
split_target(struct request *req)
{
	const char *mark = memchr(req->target.at, '?', req->target.len);
	size_t path = mark != NULL ? (size_t)(mark - req->target.at) : req->target.len;

	req->path = (struct text){ req->target.at, path };
	if (mark != NULL)
		req->query = (struct text){ mark + 1, req->target.len - path - 1 };
}

static bool
find_site(struct request *req)
{
	req->site = hosts_find(req->house->hosts, &req->arena, req->authority);
	if (req->site != NULL)
		return true;
	return request_fail(req, 421, "no_site", NULL, "No site has the host '%.*s'.",
	    TEXT_SHOWN(req->authority));
}

/* Answers OPTIONS for a path that is there; else finds what serves it. */
static bool
find_route(struct request *req)
{
	struct text allowed;
	enum route_found found = router_find(req->site->router, req->method, req->path, &req->route,
	    req->params, &allowed);

	if (found == ROUTE_NO_PATH)
		return request_fail(req, 404, "not_found", NULL, "Not found.");
	if (text_equal(req->method, TEXT("OPTIONS"))) {
		answer_header(req, "allow", allowed);
		answer_complete(req, 204);
		return false;
	}
	if (found == ROUTE_NO_METHOD) {
		answer_header(req, "allow", allowed);
		return request_fail(req, 405, "method", NULL, "Method not allowed.");
	}
	return true;
}

/* This thread's reader of the site; also for writes: users in a body are looked up there. */
static bool
take_reader(struct request *req)
{
	struct err e;

	req->reader = desk_reader(req->desk, req->site->index, req->now,
	    writer_commits(req->site->writer), &e);
	if (req->reader == NULL)
		return request_fail_inside(req, "%s", e.message);
	req->db = reader_db(req->reader);
	db_budget(req->db, 0);	/* what an earlier request of this turn has used up is not ours */
	return true;
}

/* "Bearer " in any case before a key. */
static struct text
bearer(struct text value)
{
	static const size_t n = sizeof("Bearer ") - 1;

	if (value.len <= n ||
	    !text_equal_ascii((struct text){ value.at, n }, TEXT("Bearer ")))
		return (struct text){ NULL, 0 };
	return text_trim((struct text){ value.at + n, value.len - n });
}

/* The key that the request brings; X-API-Key counts first, unless it is empty. */
static struct text
key_of(const struct request *req)
{
	struct text key = request_header(req, "x-api-key");

	if (key.at != NULL)
		key = text_trim(key);
	if (key.len > 0)
		return key;
	key = request_header(req, "authorization");
	return key.at != NULL ? bearer(text_trim(key)) : key;
}

/* ---- noting that a key was used ---- */

struct touch {
	struct change change;
	int64_t key, at;
};

static bool
touch_run(struct change *c, struct db *db)
{
	struct touch *t = (struct touch *)(void *)c;
	struct err e;

	if (key_touch(db, t->key, t->at, &e))
		return true;
	log_warning("last use of key %lld: %s", (long long)t->key, e.message);
	return false;
}

static void
touch_done(struct change *c, enum change_end end, enum db_result why, const char *message)
{
	(void)end;
	(void)why;
	(void)message;
	free(c);
}

static const struct change_kind touch_kind = { touch_run, touch_done };

/* Behind the request's back: nobody waits for it, and a full queue may drop it. */
static void
note_use(struct request *req)
{
	struct touch *t;

	if (req->house->writing == NULL ||
	    !key_use_is_due(req->reader->keys, req->client, req->now))
		return;
	t = arena_heap(NULL, sizeof(*t));
	*t = (struct touch){ .change.kind = &touch_kind, .key = req->client->hd.id,
	    .at = req->now };
	if (!writer_push(req->site->writer, &t->change))
		free(t);
}

static bool
check_key(struct request *req)
{
	static const struct client administrator = { .hd = { .name = "administrator" } };
	struct text key = key_of(req);
	struct err e;

	if (req->route->flags & HD_PUBLIC)
		return true;
	if (req->as_administrator) {
		req->client = &administrator;
		return true;
	}
	if (key.at == NULL)
		return request_fail(req, 401, "unauthorized", NULL, "Valid API key required.");
	switch (key_verify(req->reader->keys, req->db, &req->arena, key, req->now, &req->client,
	    &e)) {
	case KEY_ACCEPTED:
		note_use(req);
		return true;
	case KEY_REFUSED:
		return request_fail(req, 401, "unauthorized", NULL, "Valid API key required.");
	case KEY_FAULT:
		break;
	}
	return request_fail_inside(req, "%s", e.message);
}

/* ---- what it says ---- */

/* Takes what stands before a separator off the front of a text, and the separator. */
static struct text
take_until(struct text *rest, char separator)
{
	const char *end = memchr(rest->at, separator, rest->len);
	struct text taken = { rest->at, end != NULL ? (size_t)(end - rest->at) : rest->len };

	rest->at += taken.len + (end != NULL);
	rest->len -= taken.len + (end != NULL);
	return taken;
}

/* Whether "Prefer: handling=strict" (RFC 7240) is among the preferences. */
static bool
read_preferences(struct request *req)
{
	struct text prefer = request_header(req, "prefer"), one;

	while (prefer.len > 0) {
		one = take_until(&prefer, ',');
		one = text_trim(take_until(&one, ';'));
		req->strict |= text_equal_ascii(one, TEXT("handling=strict")) ||
		    text_equal_ascii(one, TEXT("handling=\"strict\""));
	}
	return true;
}

/* All faults at once: the body is read even if the query is wrong. */
static bool
read_input(struct request *req)
{
	bool good = query_read(req);

	return (req->route->body == NULL || body_read(req)) && good;
}

/* The way of a request: what is done with every one before its route is run. */
static bool (*const way[])(struct request *) = {
	find_site, find_route, take_reader, check_key, read_preferences, read_input,
};

/* ---- running it: reads ---- */

static unsigned
shortest_line(const struct site *s)
{
	unsigned i, best = 0;

	for (i = 1; i < s->line_count; i++)
		if (line_length(s->lines[i]) < line_length(s->lines[best]))
			best = i;
	return best;
}

/* What a run that was stopped has left behind. */
static void
forget(struct request *req)
{
	req->status = 0;
	req->faults = NULL;
	req->fault_count = 0;
	req->over_budget = false;
	req->answer.status = 0;
	req->answer.header_count = 0;
	req->answer.body.failed = false;
}

static bool
go_slowly(struct request *req)
{
	forget(req);
	if (!request_detach(req))
		return request_fail_memory(req);
	req->desk = NULL;
	if (line_push(req->site->lines[shortest_line(req->site)], req))
		return true;
	return request_fail(req, 503, "busy", NULL,
	    "Too many long requests are waiting; try again.");
}

/* Here and now, within a budget; true if it is on its way to the slow lane instead. */
static bool
read_here(struct request *req)
{
	const struct conf *conf = req->house->conf;
	bool lanes = req->house->slow != NULL;

	out_init(&req->answer.body, &req->arena, lanes ? conf->limits.inline_answer : SIZE_MAX);
	db_budget(req->db, lanes ? conf->limits.read_steps : 0);
	serve_route(req);
	if (lanes && (req->over_budget || req->answer.body.failed))
		return go_slowly(req);
	return false;
}

/* ---- running it: writes ---- */

static struct request *
request_of_change(struct change *c)
{
	return (struct request *)(void *)((char *)c - offsetof(struct request, change));
}

static bool
change_run(struct change *c, struct db *db)
{
	struct request *req = request_of_change(c);

	req->db = db;
	/* Rows are stamped in the order in which they are made. */
	serve_stamp(req);
	return serve_route(req) && !req->answer.body.failed;
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
	else if (end == CHANGE_UNDONE && req->status == 0)
		request_fail_memory(req);
	serve_finish(req);
	if (req->house->writing != NULL)
		req->on_answer(req);
}

static const struct change_kind change_kind = { change_run, change_done };

/* True if it is on its way. */
static bool
write_it(struct request *req)
{
	out_init(&req->answer.body, &req->arena, SIZE_MAX);
	req->change.kind = &change_kind;
	if (req->house->writing == NULL) {
		desk_rest(req->desk);
		writer_run(req->site->writer, &req->change);
		return false;
	}
	if (!request_detach(req))
		return request_fail_memory(req);
	req->desk = NULL;
	if (writer_push(req->site->writer, &req->change))
		return true;
	return request_fail(req, 503, "busy", NULL, "Too many changes are waiting; try again.");
}

/* In HOUSE_AT_ONCE there is no lane to block: here is as good as there. */
static bool
block(struct request *req)
{
	return req->house->slow != NULL ? go_slowly(req) : read_here(req);
}

/* How an access class is run; true if the answer comes later. */
static bool (*const run[])(struct request *) = {
	[HD_READ] = read_here, [HD_WRITE] = write_it, [HD_BLOCKING] = block,
};

/* ---- serving ---- */

static bool
acceptable_id(struct text id)
{
	static const char allowed[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
	size_t i;

	for (i = 0; i < id.len; i++)
		if (memchr(allowed, id.at[i], sizeof(allowed) - 1) == NULL)
			return false;
	return id.len > 0 && id.len <= REQUEST_ID_MAX;
}

/* The client's own request id if it is one, else a new one. */
static void
take_id(struct request *req)
{
	static const char digits[] = "0123456789abcdef";
	struct text id = request_header(req, "x-request-id");
	unsigned char random[8];
	size_t i;

	if (acceptable_id(id)) {
		memcpy(req->id, id.at, id.len);
		req->id[id.len] = '\0';
		return;
	}
	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		memcpy(random, &req->now, sizeof(random));
	for (i = 0; i < sizeof(random); i++) {
		req->id[2 * i] = digits[random[i] >> 4];
		req->id[2 * i + 1] = digits[random[i] & 15];
	}
	req->id[2 * sizeof(random)] = '\0';
}

static void
begin(struct request *req)
{
	req->hd.host = host_table();
	serve_stamp(req);
	take_id(req);
	split_target(req);
}

bool
house_serve(struct house *h, struct desk *desk, struct request *req)
{
	bool later = false;
	size_t i;

	req->house = h;
	req->desk = desk;
	begin(req);
	for (i = 0; i < sizeof(way) / sizeof(way[0]); i++)
		if (!way[i](req))
			break;
	if (i == sizeof(way) / sizeof(way[0]))
		later = run[req->route->access](req);
	if (later)
		return false;	/* not to be touched any more: it belongs to a lane */
	serve_finish(req);
	if (h->mode == HOUSE_AT_ONCE)
		desk_rest(desk);
	return true;
}

void
house_refuse(struct request *req, int status, const char *code, const char *message)
{
	begin(req);
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

	h->site_count = conf->site_count;
	h->sites = arena_zero(&h->arena, (h->site_count + 1) * sizeof(h->sites[0]));
	h->paths = arena_zero(&h->arena, (h->site_count + 1) * sizeof(h->paths[0]));
	for (i = 0; i < h->site_count; i++) {
		h->sites[i].conf = &conf->sites[i];
		h->sites[i].index = (unsigned)i;
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

	if (h->mode == HOUSE_AT_ONCE)
		return true;
	h->budget.limit = conf->limits.spool;
	h->terms = (struct slow_terms){ conf->limits.slow_queue,
	    conf->limits.slow_steps * 1000, &h->budget };
	if (lane_open("write", conf->server.write_threads, &h->writing, &e) &&
	    lane_open("slow", conf->server.slow_threads, &h->slow, &e))
		return true;
	out_printf(faults, "%s\n", e.message);
	return false;
}

static void
open_lines(struct house *h, struct site *s)
{
	const char *folder = folder_of(&h->arena, s->conf->path);

	if (h->slow == NULL)
		return;
	s->lines = arena_zero(&h->arena, h->conf->server.slow_threads * sizeof(s->lines[0]));
	for (; s->line_count < h->conf->server.slow_threads; s->line_count++)
		s->lines[s->line_count] = line_open(h->slow, &h->terms, s->conf->path,
		    folder);
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
		good &= site_start(s, h->conf, &h->arena, faults);
		open_lines(h, s);
	}
	return good;
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
		*ret = h;
		return true;
	}
	house_close(h);
	return false;
}

void
house_close(struct house *h)
{
	size_t i;
	unsigned k;

	if (h == NULL)
		return;
	lane_close(h->slow);
	lane_close(h->writing);
	for (i = 0; i < h->site_count; i++) {
		for (k = 0; k < h->sites[i].line_count; k++)
			line_close(h->sites[i].lines[k]);
		site_stop(&h->sites[i]);
		writer_close(h->sites[i].writer);
	}
	arena_fini(&h->arena);
	free(h);
}

struct desk *
desk_open(struct house *h)
{
	return desk_new(h->paths, h->site_count);
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
