/*
 * house_stub.c - a house with nothing in it, so that the street is tested alone
 *
 *	stub CONFIGURATION
 *
 *	/ping			at once
 *	/echo			what came, as JSON
 *	/slow/MS		from another thread, after so many milliseconds
 *	/blob			8 MiB
 *	/spool			20 MiB, from disk
 *	/nothing, /unchanged	204, 304
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "conf.h"
#include "err.h"
#include "house.h"
#include "log.h"
#include "request.h"
#include "server.h"
#include "spool.h"

enum { BLOB = 8 << 20, SPOOL = 20 << 20 };

struct late {
	struct late *next;
	struct request *request;
	long long when;
};

struct house {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct late *late;
	bool closing;
	struct spool_budget budget;
	char *blob;
};

struct desk {
	struct house *house;
};

static long long
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

/* ---- answers ---- */

static void
say(struct request *r, int status, const char *body, size_t n)
{
	/* Not changed by who sends it. */
	memcpy(&r->answer.body.at, &body, sizeof(body));
	r->answer.body.len = n;
	strcpy(r->id, "stub");
	answer_header(r, "content-type", TEXT("application/json"));
	answer_header(r, "x-request-id", text_of(r->id));
	r->answer.status = status;
}

static void
ping(struct house *house, struct request *r)
{
	(void)house;
	say(r, 200, "{\"status\":\"ok\"}", 15);
}

static void
echo(struct house *house, struct request *r)
{
	char *text = arena_printf(&r->arena, "{\"method\":\"%.*s\",\"target\":\"%.*s\","
	    "\"authority\":\"%.*s\",\"https\":%d,\"headers\":%zu,\"body\":%zu}",
	    (int)r->method.len, r->method.at, (int)r->target.len, r->target.at,
	    (int)r->authority.len, r->authority.at == NULL ? "" : r->authority.at,
	    r->https, r->header_count, r->body.len);

	(void)house;
	say(r, 200, text, strlen(text));
}

static void
blob(struct house *house, struct request *r)
{
	say(r, 200, house->blob, BLOB);
}

static void
spool(struct house *house, struct request *r)
{
	struct err e;
	size_t n;

	if (!spool_open("/tmp", 65536, &house->budget, &r->answer.spool, &e))
		abort();
	for (n = 0; n < SPOOL; n += 65536)
		if (!spool_write(r->answer.spool, house->blob + n % BLOB, 65536))
			abort();
	say(r, 200, NULL, 0);
}

static void
nothing(struct house *house, struct request *r)
{
	(void)house;
	say(r, 204, NULL, 0);
}

static void
unchanged(struct house *house, struct request *r)
{
	(void)house;
	say(r, 304, NULL, 0);
}

static const struct {
	const char *path;
	void (*answer)(struct house *, struct request *);
} routes[] = {
	{ "/ping", ping },
	{ "/echo", echo },
	{ "/blob", blob },
	{ "/spool", spool },
	{ "/nothing", nothing },
	{ "/unchanged", unchanged },
};

static bool
begins(struct text t, const char *with)
{
	return t.len >= strlen(with) && memcmp(t.at, with, strlen(with)) == 0;
}

/* ---- the lane ---- */

/* The first that is due, or NULL; *wait: until the next one. */
static struct late *
take(struct house *house, long long *wait)
{
	long long now = now_ms();
	struct late **at, *l;

	*wait = 1000;
	for (at = &house->late; (l = *at) != NULL; at = &l->next) {
		if (l->when <= now) {
			*at = l->next;
			return l;
		}
		if (l->when - now < *wait)
			*wait = l->when - now;
	}
	return NULL;
}

static void
answer_late(struct late *l)
{
	struct request *r = l->request;

	free(l);
	say(r, 200, "{\"late\":true}", 13);
	r->on_answer(r);
}

static void *
run(void *arg)
{
	struct house *house = arg;
	struct timespec until;
	struct late *l;
	long long wait;

	pthread_mutex_lock(&house->lock);
	while (!house->closing || house->late != NULL) {
		l = take(house, &wait);
		if (l != NULL) {
			pthread_mutex_unlock(&house->lock);
			answer_late(l);
			pthread_mutex_lock(&house->lock);
			continue;
		}
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += wait % 1000 * 1000000;
		until.tv_sec += wait / 1000 + until.tv_nsec / 1000000000;
		until.tv_nsec %= 1000000000;
		pthread_cond_timedwait(&house->changed, &house->lock, &until);
	}
	pthread_mutex_unlock(&house->lock);
	return NULL;
}

static bool
later(struct house *house, struct request *r)
{
	struct late *l = malloc(sizeof(*l));

	if (l == NULL || !request_detach(r))
		abort();
	*l = (struct late){ NULL, r, now_ms() + atoi(r->target.at + strlen("/slow/")) };
	pthread_mutex_lock(&house->lock);
	l->next = house->late;
	house->late = l;
	pthread_cond_signal(&house->changed);
	pthread_mutex_unlock(&house->lock);
	return false;
}

/* ---- house.h ---- */

bool
house_open(const struct conf *conf, enum house_mode mode, struct house **ret, struct out *faults)
{
	struct house *house = calloc(1, sizeof(*house));

	(void)conf;
	(void)mode;
	(void)faults;
	if (house == NULL)
		abort();
	house->budget.limit = 1ull << 30;
	house->blob = malloc(BLOB);
	if (house->blob == NULL)
		abort();
	memset(house->blob, 'b', BLOB);
	pthread_mutex_init(&house->lock, NULL);
	pthread_cond_init(&house->changed, NULL);
	pthread_create(&house->thread, NULL, run, house);
	*ret = house;
	return true;
}

void
house_close(struct house *house)
{
	pthread_mutex_lock(&house->lock);
	house->closing = true;
	pthread_cond_signal(&house->changed);
	pthread_mutex_unlock(&house->lock);
	pthread_join(house->thread, NULL);
	pthread_mutex_destroy(&house->lock);
	pthread_cond_destroy(&house->changed);
	free(house->blob);
	free(house);
}

struct desk *
desk_open(struct house *house)
{
	struct desk *desk = malloc(sizeof(*desk));

	if (desk == NULL)
		abort();
	desk->house = house;
	return desk;
}

void
desk_close(struct desk *desk)
{
	free(desk);
}

void
desk_rest(struct desk *desk)
{
	(void)desk;
}

void
desk_tidy(struct desk *desk)
{
	(void)desk;
}

bool
house_serve(struct house *house, struct desk *desk, struct request *r)
{
	size_t i;

	(void)desk;
	if (begins(r->target, "/slow/"))
		return later(house, r);
	for (i = 0; i < sizeof(routes) / sizeof(routes[0]); i++)
		if (begins(r->target, routes[i].path)) {
			routes[i].answer(house, r);
			return true;
		}
	house_refuse(r, 404, "not_found", "Not found.");
	return true;
}

void
house_refuse(struct request *r, int status, const char *code, const char *message)
{
	char *text = arena_printf(&r->arena, "{\"error\":\"%s\",\"code\":\"%s\"}", message, code);

	say(r, status, text, strlen(text));
}

bool
house_failed(const struct house *house)
{
	(void)house;
	return false;
}

int
main(int argc, char **argv)
{
	struct conf *conf;
	struct house *house;
	struct arena arena;
	struct out faults;
	struct err e;
	bool ok;

	arena_init(&arena, 1 << 20);
	out_init(&faults, &arena, 1 << 16);
	server_block_signals();
	if (argc != 2 || !conf_read(argv[1], &conf, &faults) ||
	    !house_open(conf, HOUSE_SERVING, &house, &faults)) {
		fprintf(stderr, "%.*s\n", (int)faults.len, faults.at);
		return 78;
	}
	if (strcmp(conf->server.log_level, "debug") == 0)
		log_set_level(LOG_LEVEL_DEBUG);
	ok = server_run(conf, house, &e);
	if (!ok)
		log_error("%s", e.message);
	house_close(house);
	conf_free(conf);
	arena_fini(&arena);
	return ok ? 0 : 1;
}
