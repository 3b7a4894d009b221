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
 *	/piece			206: 1,000,000 bytes of a file, from its 2,000th on
 *	/upload			takes uploads up to 100 MiB; says how much, and the sum
 *	/upload/small		up to 1,000 bytes
 *	/upload/full		has no room
 *	/upload/tight		has room for 100 KiB in files
 *	/upload/late		as /upload, from another thread; 401 for "x-key: bad" with all
 *	/used			bytes that uploads have in files
 *	/nothing, /unchanged	204, 304
 *	/thread			the number of the thread that serves the connection
 *	/frozen			"yes" if the clock stands still, or "no"
 *	/wide			with a field "x-long" of 40,000 bytes
 *
 * With SLOW_RING in the environment a thread that wakes another one's loop is held up
 * for 300 ms between deciding to and writing to that loop's pipe.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "conf.h"
#include "err.h"
#include "house.h"
#include "log.h"
#include "request.h"
#include "server.h"
#include "spool.h"

enum { BLOB = 8 << 20, SPOOL = 20 << 20, PIECE_FROM = 2000, PIECE = 1000000 };


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
	struct spool_budget budget, uploads, tight;
	char *blob;
};

struct desk {
	struct house *house;
	int frozen;		/* reads that are being worked on: 0 or 1 */
};

static long long
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

/* In place of libc's, for libh2o too, which rings with a single byte. */
ssize_t write(int fd, const void *bytes, size_t n) __attribute__((visibility("default")));

ssize_t
write(int fd, const void *bytes, size_t n)
{
	if (n == 1 && getenv("SLOW_RING") != NULL) {
		usleep(300000);
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
			abort();	/* the loop is gone that was to be woken */
	}
	return syscall(SYS_write, fd, bytes, n);
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
piece(struct house *house, struct request *r)
{
	int file = open("/tmp", O_TMPFILE | O_RDWR, 0600);

	if (file < 0 || write(file, house->blob, PIECE_FROM) != PIECE_FROM)
		abort();
	for (size_t n = 0; n < PIECE; n += 1000)
		if (write(file, "[------piece------]", 19) != 19 ||
		    write(file, house->blob, 981) != 981)
			abort();
	if (!spool_open_file(file, PIECE_FROM, PIECE, &r->answer.spool))
		abort();
	answer_header(r, "content-range", TEXT("bytes 2000-1001999/1002000"));
	say(r, 206, NULL, 0);
}

/* ---- uploads ---- */

static const struct room {
	const char *path;
	uint64_t limit;
	bool full, tight;
} rooms[] = {
	{ "/upload/small", 1000, false, false },
	{ "/upload/full", 100 << 20, true, false },
	{ "/upload/tight", 100 << 20, false, true },
	{ "/upload", 100 << 20, false, false },
};

/* FNV-1a: who has lost or moved a byte has another sum. */
static uint32_t
sum(uint32_t h, const char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)bytes[i]) * 16777619u;
	return h;
}

static void
upload(struct house *house, struct request *r)
{
	char *bytes = malloc(65536), *text;
	uint32_t h = 2166136261u;
	uint64_t at = 0;
	long n;

	(void)house;
	if (text_equal(request_header(r, "x-key"), TEXT("bad"))) {
		free(bytes);
		house_refuse(r, 401, "unauthorized", "Valid API key required.");
		return;
	}
	while (r->upload != NULL && (n = spool_read(r->upload, at, bytes, 65536)) > 0) {
		h = sum(h, bytes, (size_t)n);
		at += (uint64_t)n;
	}
	free(bytes);
	text = arena_printf(&r->arena, "{\"method\":\"%.*s\",\"target\":\"%.*s\","
	    "\"upload\":%" PRId64 ",\"sum\":%" PRIu32 ",\"body\":%zu,\"headers\":%zu}",
	    (int)r->method.len, r->method.at, (int)r->target.len, r->target.at,
	    r->upload == NULL ? INT64_C(-1) : (int64_t)at, h, r->body.len, r->header_count);
	say(r, 200, text, strlen(text));
}

static void
used(struct house *house, struct request *r)
{
	char *text = arena_printf(&r->arena, "{\"used\":%llu}",
	    atomic_load(&house->uploads.used) + atomic_load(&house->tight.used));

	say(r, 200, text, strlen(text));
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

static void
thread(struct house *house, struct request *r)
{
	char *text = arena_printf(&r->arena, "%ld", syscall(SYS_gettid));

	(void)house;
	say(r, 200, text, strlen(text));
}

static void
wide(struct house *house, struct request *r)
{
	enum { WIDE = 40000 };
	char *value = arena_alloc(&r->arena, WIDE);

	ping(house, r);
	memset(value, 'w', WIDE);
	answer_header(r, "x-long", (struct text){ value, WIDE });
}

static const struct {
	const char *path;
	void (*answer)(struct house *, struct request *);
} routes[] = {
	{ "/thread", thread },
	{ "/wide", wide },
	{ "/ping", ping },
	{ "/echo", echo },
	{ "/blob", blob },
	{ "/spool", spool },
	{ "/piece", piece },
	{ "/upload", upload },
	{ "/used", used },
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
	if (begins(r->target, "/upload"))
		upload(NULL, r);
	else
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
later(struct house *house, struct request *r, int ms)
{
	struct late *l = malloc(sizeof(*l));

	if (l == NULL || !request_detach(r))
		abort();
	*l = (struct late){ NULL, r, now_ms() + ms };
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
	house->uploads.limit = 1ull << 30;
	house->tight.limit = 100 << 10;
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
house_stop(struct house *house)
{
	if (house->closing)
		return;
	pthread_mutex_lock(&house->lock);
	house->closing = true;
	pthread_cond_signal(&house->changed);
	pthread_mutex_unlock(&house->lock);
	pthread_join(house->thread, NULL);
}

void
house_close(struct house *house)
{
	house_stop(house);
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
	*desk = (struct desk){ .house = house };
	return desk;
}

void
desk_close(struct desk *desk)
{
	if (desk->frozen != 0)
		abort();
	free(desk);
}

void
desk_freeze(struct desk *desk)
{
	if (desk->frozen++ != 0)
		abort();
}

void
desk_thaw(struct desk *desk)
{
	if (desk->frozen-- != 1)
		abort();
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

	if (begins(r->target, "/frozen")) {
		say(r, 200, desk->frozen ? "yes" : "no", desk->frozen ? 3 : 2);
		return true;
	}
	if (begins(r->target, "/slow/"))
		return later(house, r, atoi(r->target.at + strlen("/slow/")));
	if (begins(r->target, "/upload/late"))
		return later(house, r, 10);
	for (i = 0; i < sizeof(routes) / sizeof(routes[0]); i++)
		if (begins(r->target, routes[i].path)) {
			routes[i].answer(house, r);
			return true;
		}
	house_refuse(r, 404, "not_found", "Not found.");
	return true;
}

enum house_admission
house_admit(struct house *house, struct desk *desk, struct request *q, struct spool **ret,
    uint64_t *limit)
{
	const struct room *room;
	struct err e;
	size_t i;

	(void)desk;
	for (i = 0; i < sizeof(rooms) / sizeof(rooms[0]); i++)
		if (begins(q->target, rooms[i].path))
			break;
	if (i == sizeof(rooms) / sizeof(rooms[0]))
		return HOUSE_NO_UPLOAD;
	if (text_equal(request_header(q, "x-key"), TEXT("bad")))
		return HOUSE_REFUSED;
	room = &rooms[i];
	*limit = room->limit;
	if (!room->full && !spool_open("/tmp", 65536, room->tight ? &house->tight : &house->uploads,
	    ret, &e))
		abort();
	return HOUSE_UPLOAD;
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
