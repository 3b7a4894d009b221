/*
 * ceiling.c - what this machine can do with the same libraries when nothing is asked of it
 *
 * A bare program on libh2o, SQLite and yajl with the paths of the API.  It knows no keys,
 * no sites, no limits, no errors worth the name; it makes the same bytes out of the same
 * rows as fast as is reasonable.  The server's speed is told as a part of this one's.
 * Never let it out of the measurement.
 */
#include <arpa/inet.h>
#include <getopt.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ceiling.h"

#define TICKETS "/api/v1/tickets"

enum {
	BACKLOG = 4096,
	BATCH = 512,		/* changes in a transaction, at most */
	BODY_MOST = 1 << 20,
	DEFAULT_PORT = 65535,	/* the library's word for "any" */
	MMAP_MIB = 256,
	CACHE_KIB = 16000,
	CHECKPOINT = 4000,	/* frames: 16 MiB */
};

/* As long as the server's. */
static const char status_body[] = "{\"status\":\"ok\",\"timestamp\":\"2026-01-01T00:00:00.000000\","
    "\"client\":{\"id\":1,\"name\":\"bench\",\"default_user\":\"bench\"}}";

static const char usage[] =
    "usage: ceiling --database FILE [--certificate FILE --key FILE] [--threads N]\n"
    "           [--batch N] [--mmap MIB] [--cache KIB] [--checkpoint FRAMES] [--no-search]\n"
    "\n"
    "Serves a database that the server has made: GET /api/v1/status (constant),\n"
    "GET /api/v1/tickets, GET, PATCH /api/v1/tickets/ID, POST /api/v1/tickets; a request\n"
    "with If-None-Match gets a constant 304.  --no-search: changes leave the full-text\n"
    "index alone.  The ports are free ones; a line on standard error tells them.\n";

/* ---- answers ---- */

struct loop *
loop_of(h2o_req_t *req)
{
	return H2O_STRUCT_FROM_MEMBER(struct loop, context, req->conn->ctx);
}

static const char *
reason(int status)
{
	return status == 200 ? "OK" : status == 201 ? "Created" : status == 304 ? "Not Modified" :
	    "Error";
}

void
reply(h2o_req_t *req, int status, h2o_iovec_t body)
{
	static h2o_generator_t generator;	/* nothing is left to do when all is sent */

	req->res.status = status;
	req->res.reason = reason(status);
	req->res.content_length = body.len;
	h2o_add_header(&req->pool, &req->res.headers, H2O_TOKEN_CONTENT_TYPE, NULL,
	    H2O_STRLIT("application/json"));
	h2o_start_response(req, &generator);
	h2o_send(req, &body, 1, H2O_SEND_STATE_FINAL);
}

static void
reply_not_found(h2o_req_t *req)
{
	reply(req, 404, h2o_iovec_init(H2O_STRLIT("{\"error\":\"Not found\"}")));
}

static void
point(h2o_req_t *req, int64_t id)
{
	struct loop *loop = loop_of(req);

	store_enter(loop->store);
	loop->answer.len = 0;
	if (store_point(loop->store, id, &loop->answer))
		reply(req, 200, h2o_strdup(&req->pool, loop->answer.at, loop->answer.len));
	else
		reply_not_found(req);
}

static bool
is(h2o_iovec_t v, const char *text)
{
	return h2o_memis(v.base, v.len, text, strlen(text));
}

/* The id in .../tickets/ID; 0 if the path is another. */
static int64_t
id_of(h2o_iovec_t path)
{
	const size_t prefix = sizeof TICKETS;	/* with the slash that follows */
	size_t id;

	if (path.len <= prefix || memcmp(path.base, TICKETS "/", prefix) != 0)
		return 0;
	id = h2o_strtosize(path.base + prefix, path.len - prefix);
	return id == SIZE_MAX ? 0 : (int64_t)id;
}

static int
on_request(h2o_handler_t *self, h2o_req_t *req)
{
	h2o_iovec_t path = req->path_normalized;
	int64_t id = id_of(path);

	(void)self;
	if (h2o_find_header(&req->headers, H2O_TOKEN_IF_NONE_MATCH, -1) != -1)
		reply(req, 304, h2o_iovec_init(NULL, 0));
	else if (id != 0 && is(req->method, "GET"))
		point(req, id);
	else if (id != 0 && is(req->method, "PATCH"))
		write_ask(req, id);
	else if (is(path, TICKETS) && is(req->method, "POST"))
		write_ask(req, 0);
	else if (is(path, TICKETS))
		list_ask(req);
	else if (is(path, "/api/v1/status"))
		reply(req, 200, h2o_iovec_init(H2O_STRLIT(status_body)));
	else
		reply_not_found(req);
	return 0;
}

/* ---- connections ---- */

static void
on_close(void *connections)
{
	atomic_fetch_sub((atomic_uint *)connections, 1);
}

/* The loops share the listeners; one that has more connections than another leaves it to it. */
static bool
is_my_turn(const struct loop *loop)
{
	const struct ceiling *c = loop->ceiling;
	unsigned mine = atomic_load(&loop->connections);

	for (unsigned i = 0; i < c->threads; i++)
		if (atomic_load(&c->loops[i].connections) < mine)
			return false;
	return true;
}

static void
on_accept(h2o_socket_t *listener, const char *err)
{
	h2o_accept_ctx_t *accept_context = listener->data;
	struct loop *loop = H2O_STRUCT_FROM_MEMBER(struct loop, context, accept_context->ctx);
	h2o_socket_t *s;

	if (err != NULL || !is_my_turn(loop) || (s = h2o_evloop_socket_accept(listener)) == NULL)
		return;
	atomic_fetch_add(&loop->connections, 1);
	s->on_close.cb = on_close;
	s->on_close.data = &loop->connections;
	h2o_accept(accept_context, s);
}

static void
listen_on(struct loop *loop, int i)
{
	h2o_socket_t *s;

	if (loop->ceiling->listeners[i] < 0)
		return;
	loop->accept[i] = (h2o_accept_ctx_t){ .ctx = &loop->context,
	    .hosts = loop->ceiling->global.hosts, .ssl_ctx = i == 0 ? NULL : loop->ceiling->tls };
	s = h2o_evloop_socket_create(loop->context.loop, dup(loop->ceiling->listeners[i]),
	    H2O_SOCKET_FLAG_DONT_READ);
	s->data = &loop->accept[i];
	h2o_socket_read_start(s, on_accept);
}

/* All of it on its own thread: the context's queue keeps to the thread that made it. */
static void *
loop_run(void *context)
{
	struct loop *loop = context;

	h2o_context_init(&loop->context, h2o_evloop_create(), &loop->ceiling->global);
	loop->store = store_open(&loop->ceiling->store, false);
	write_listen(loop);
	list_listen(loop);
	for (int i = 0; i < LISTENERS; i++)
		listen_on(loop, i);
	for (;;) {
		h2o_evloop_run(loop->context.loop, INT32_MAX);
		store_leave(loop->store);
	}
	return NULL;
}

/* ---- start ---- */

static void
must(bool ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	exit(EXIT_FAILURE);
}

static int
listener_open(const char *scheme)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	socklen_t len = sizeof a;

	must(fd >= 0 && bind(fd, (struct sockaddr *)&a, sizeof a) == 0 &&
	    listen(fd, BACKLOG) == 0 && getsockname(fd, (struct sockaddr *)&a, &len) == 0,
	    "listen");
	fprintf(stderr, " %s://127.0.0.1:%u", scheme, ntohs(a.sin_port));
	return fd;
}

static SSL_CTX *
tls_open(const char *certificate, const char *key)
{
	SSL_CTX *tls = SSL_CTX_new(TLS_server_method());

	SSL_CTX_set_min_proto_version(tls, TLS1_2_VERSION);
	if (SSL_CTX_use_certificate_chain_file(tls, certificate) != 1 ||
	    SSL_CTX_use_PrivateKey_file(tls, key, SSL_FILETYPE_PEM) != 1) {
		fprintf(stderr, "ceiling: %s, %s: no certificate with its key\n", certificate, key);
		exit(EXIT_FAILURE);
	}
	h2o_ssl_register_alpn_protocols(tls, h2o_alpn_protocols);
	return tls;
}

static void
configure(struct ceiling *c)
{
	h2o_hostconf_t *host;
	h2o_pathconf_t *root;

	h2o_config_init(&c->global);
	c->global.server_name = h2o_iovec_init(H2O_STRLIT("ceiling"));
	c->global.max_request_entity_size = BODY_MOST;
	host = h2o_config_register_host(&c->global, h2o_iovec_init(H2O_STRLIT("default")),
	    DEFAULT_PORT);
	root = h2o_config_register_path(host, "/", 0);
	h2o_create_handler(root, sizeof(h2o_handler_t))->on_req = on_request;
	if (c->certificate != NULL && c->key != NULL)
		c->tls = tls_open(c->certificate, c->key);
}

static void
thread_start(void *(*run)(void *), void *context)
{
	pthread_t thread;

	must(pthread_create(&thread, NULL, run, context) == 0, "thread");
}

static void
start(struct ceiling *c)
{
	lane_init(&c->writes);
	lane_init(&c->lists);
	thread_start(write_run, c);
	thread_start(list_run, c);
	c->loops = calloc(c->threads, sizeof *c->loops);
	must(c->loops != NULL, "loops");
	fputs("ready:", stderr);
	c->listeners[0] = listener_open("http");
	c->listeners[1] = c->tls == NULL ? -1 : listener_open("https");
	fputc('\n', stderr);
	for (unsigned i = 0; i < c->threads; i++) {
		c->loops[i].ceiling = c;
		thread_start(loop_run, &c->loops[i]);
	}
}

static const struct option options[] = {
	{ "database", required_argument, NULL, 'd' },
	{ "certificate", required_argument, NULL, 'c' },
	{ "key", required_argument, NULL, 'k' },
	{ "threads", required_argument, NULL, 't' },
	{ "batch", required_argument, NULL, 'b' },
	{ "mmap", required_argument, NULL, 'm' },
	{ "cache", required_argument, NULL, 'C' },
	{ "checkpoint", required_argument, NULL, 'w' },
	{ "no-search", no_argument, NULL, 'n' },
	{ 0 },
};

static bool
option_take(struct ceiling *c, int option)
{
	switch (option) {
	case 'd': c->store.path = optarg; break;
	case 'c': c->certificate = optarg; break;
	case 'k': c->key = optarg; break;
	case 't': c->threads = (unsigned)atoi(optarg); break;
	case 'b': c->batch = (unsigned)atoi(optarg); break;
	case 'm': c->store.mmap_mib = atol(optarg); break;
	case 'C': c->store.cache_kib = atol(optarg); break;
	case 'w': c->store.checkpoint = atoi(optarg); break;
	case 'n': c->store.search = false; break;
	default: return false;
	}
	return true;
}

int
main(int argc, char **argv)
{
	struct ceiling c = { .threads = (unsigned)sysconf(_SC_NPROCESSORS_ONLN), .batch = BATCH,
	    .store = { .mmap_mib = MMAP_MIB,
	    .cache_kib = CACHE_KIB, .checkpoint = CHECKPOINT, .search = true } };
	bool ok = true;
	int option;

	while (ok && (option = getopt_long(argc, argv, "", options, NULL)) != -1)
		ok = option_take(&c, option);
	if (!ok || c.store.path == NULL || c.threads == 0 || c.batch == 0) {
		fputs(usage, stderr);
		return EXIT_FAILURE;
	}
	signal(SIGPIPE, SIG_IGN);
	configure(&c);
	start(&c);
	for (;;)
		pause();
}
