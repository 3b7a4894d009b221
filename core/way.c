/*
 * way.c - what is done with every request before its route is run
 *
 * Tables of steps, at the end of this file: each takes the request a little further, or
 * fails it.  Nothing here waits for anything.
 */
#include "way.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "body.h"
#include "desk.h"
#include "hex.h"
#include "host.h"
#include "key.h"
#include "log.h"
#include "network.h"
#include "query.h"
#include "reader.h"
#include "request.h"
#include "route.h"
#include "scope.h"
#include "serve.h"
#include "site.h"
#include "writer.h"

/* ---- how it begins ---- */

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
	struct text id = request_header(req, "x-request-id");
	uint64_t number;

	if (acceptable_id(id)) {
		memcpy(req->id, id.at, id.len);
		req->id[id.len] = '\0';
		return;
	}
	if (req->desk != NULL)
		number = desk_number(req->desk);
	else if (getrandom(&number, sizeof(number), 0) != sizeof(number))
		number = (uint64_t)req->now;
	hex_write(req->id, &number, sizeof(number));
}

void
way_begin(struct request *req)
{
	req->hd.host = host_table();
	serve_stamp(req);
	take_id(req);
	split_target(req);
}

/* ---- where to, and who ---- */

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

	if (!key_use_is_due(req->reader->keys, req->client, req->now))
		return;
	t = arena_heap(NULL, sizeof(*t));
	*t = (struct touch){ .change = { .kind = &touch_kind, .again = true },
	    .key = req->client->hd.id, .at = req->now };
	if (!writer_push(req->site->writer, &t->change))
		free(t);
}

static bool
check_key(struct request *req)
{
	static const struct client administrator = { .hd = { .name = "administrator" },
	    .scopes = { SCOPE_ALL, sizeof(SCOPE_ALL) - 1 },
	    .networks = { NETWORK_ANY, sizeof(NETWORK_ANY) - 1 } };
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
	switch (key_verify(req->reader->keys, req->db, key, req->now, &req->client, &e)) {
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

/* ---- what the key is good for ---- */

static bool
check_network(struct request *req)
{
	if (req->client == NULL || network_match(req->client->networks, req->address))
		return true;
	if (req->address.len == 0)
		return request_fail(req, 403, "network", NULL,
		    "This key works from its own networks alone.");
	return request_fail(req, 403, "network", NULL, "This key does not work from %.*s.",
	    TEXT_SHOWN(req->address));
}

static bool
check_scope(struct request *req)
{
	const char *scope = req->route->scope;

	return scope == NULL || scope_allows(req->client->scopes, text_of(scope)) ||
	    request_fail(req, 403, "scope", NULL, "This key lacks the scope '%s'.", scope);
}

/* ---- what it says ---- */

/*
 * All faults at once: the body is read even if the query is wrong.  What was done under
 * the same name before is answered first: what a body refers to may be gone since.
 */
static bool
read_input(struct request *req)
{
	bool good = query_read(req);

	good &= idempotency_begin(req);
	/* What an upload brings is known later, and the writer asks again. */
	if (good && !req->route->upload && !idempotency_find(req))
		return false;
	return (req->route->body == NULL || body_read(req)) && good;
}

/* ---- the way ---- */

typedef bool step(struct request *);

static step *const who[] = {
	find_route, take_reader, check_key, check_network, check_scope, NULL
};
static step *const what[] = { prefer_read, read_input, NULL };

static bool
walk(struct request *req, step *const steps[])
{
	for (; *steps != NULL; steps++)
		if (!(*steps)(req))
			return false;
	return true;
}

bool
way_walk(struct request *req)
{
	return walk(req, who) && walk(req, what);
}

enum house_admission
way_admit(struct request *req)
{
	split_target(req);
	if (!find_route(req) || !req->route->upload)
		return HOUSE_NO_UPLOAD;
	way_begin(req);
	return walk(req, who) ? HOUSE_UPLOAD : HOUSE_REFUSED;
}
