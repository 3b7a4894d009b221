/*
 * probe.c - proof that the guards stand where they should
 *
 * Two connections without a network: one speaks HTTP/1, one HTTP/2.  They run on a
 * thread of their own, since the library keeps free memory per thread.
 */
#include "probe.h"

#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <h2o.h>

#include "err.h"
#include "guard.h"

enum { TURNS = 200, TURN = 10 /* ms */ };

static const char http1[] = "GET / HTTP/1.1\r\nhost: probe\r\n\r\n";

/* Preface; SETTINGS with an initial window of GUARD_PROBE_WINDOW; a GET on stream 1; a
 * POST on stream 3 that never ends, and its RST_STREAM. */
static const char http2[] =
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
    "\0\0\6\4\0\0\0\0\0" "\0\4\0\0\3\x09"
    "\0\0\3\1\5\0\0\0\1" "\x82\x86\x84"
    "\0\0\3\1\4\0\0\0\3" "\x83\x86\x84"
    "\0\0\4\3\0\0\0\0\3" "\0\0\0\x8";

static int
on_req(h2o_handler_t *self, h2o_req_t *req)
{
	(void)self;
	h2o_send_error_404(req, "Not Found", "probe", 0);
	return 0;
}

/* Gives the server side of a new connection to the library; returns the client side. */
static int
connect_and_send(h2o_accept_ctx_t *accept, const char *bytes, size_t n)
{
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) != 0)
		return -1;
	if (write(fds[0], bytes, n) != (ssize_t)n) {
		close(fds[0]);
		close(fds[1]);
		return -1;
	}
	h2o_accept(accept, h2o_evloop_socket_create(accept->ctx->loop, fds[1],
	    H2O_SOCKET_FLAG_IS_ACCEPTED_CONNECTION));
	return fds[0];
}

static bool
has_connections(h2o_context_t *ctx)
{
	return !h2o_linklist_is_empty(&ctx->http1._conns) ||
	    !h2o_linklist_is_empty(&ctx->http2._conns);
}

static void
try(h2o_globalconf_t *conf)
{
	h2o_context_t ctx;
	h2o_accept_ctx_t accept = { .ctx = &ctx, .hosts = conf->hosts };
	h2o_loop_t *loop = h2o_evloop_create();
	int clients[2], turn;

	h2o_context_init(&ctx, loop, conf);
	clients[0] = connect_and_send(&accept, http1, sizeof(http1) - 1);
	clients[1] = connect_and_send(&accept, http2, sizeof(http2) - 1);
	for (turn = 0; turn < TURNS && guard_seen() != GUARD_ALL; turn++)
		h2o_evloop_run(loop, TURN);
	close(clients[0]);
	close(clients[1]);
	for (turn = 0; turn < TURNS && has_connections(&ctx); turn++)
		h2o_evloop_run(loop, TURN);
	h2o_evloop_run(loop, 0);
	h2o_context_dispose(&ctx);
	h2o_evloop_destroy(loop);
}

static void *
run(void *unused)
{
	h2o_globalconf_t conf;
	h2o_hostconf_t *host;

	h2o_config_init(&conf);
	host = h2o_config_register_host(&conf, h2o_iovec_init(H2O_STRLIT("probe")), 65535);
	h2o_create_handler(&host->fallback_path, sizeof(h2o_handler_t))->on_req = on_req;
	try(&conf);
	h2o_config_dispose(&conf);
	return unused;
}

bool
probe_guards(struct err *e)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, run, NULL) != 0)
		return err_set(e, "no thread can be started");
	pthread_join(thread, NULL);
	if (guard_seen() != GUARD_ALL)
		return err_set(e, "libh2o does not go through our guards (%#x of %#x): "
		    "another build of the library, or the program does not export them",
		    guard_seen(), GUARD_ALL);
	return true;
}
