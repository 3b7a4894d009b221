/*
 * server.c - the street: listeners, TLS, event loops
 *
 * Starts and stops in order, and takes the signals; knows nothing of requests.
 */
#include "server.h"

#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <h2o.h>

#include "address.h"
#include "conf.h"
#include "err.h"
#include "exchange.h"
#include "guard.h"
#include "house.h"
#include "listen.h"
#include "log.h"
#include "probe.h"
#include "tls.h"
#include "worker.h"

enum {
	DESCRIPTORS_MOST = 1 << 20,
	DESCRIPTORS_OWN = 64,	/* logs, queues, spare ones; and a quarter for the databases */
	HTTP1_TIMEOUT = 7 * 24 * 3600 * 1000,	/* the library's, for head and body; conn.c has
						 * better, and an upload may be long */
	READ_MOST = 1 << 20	/* that comes at once on an HTTP/2 stream; listen.c: BUFFER */
};

/* ---- signals ---- */

static void
fill_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGHUP);
}

void
server_block_signals(void)
{
	sigset_t set;

	fill_signals(&set);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);	/* the library writes with writev */
}

/* The next signal, or 0 after so many milliseconds. */
static int
next_signal(unsigned ms)
{
	struct timespec wait = { ms / 1000, (long)(ms % 1000) * 1000000 };
	sigset_t set;
	int n;

	fill_signals(&set);
	n = sigtimedwait(&set, NULL, &wait);
	return n < 0 ? 0 : n;
}

static void
reload(struct street *street)
{
	struct err e = { "" };
	size_t i;

	for (i = 0; i < street->listener_count; i++) {
		if (street->listeners[i].tls == NULL)
			continue;
		if (tls_reload(street->listeners[i].tls, &e))
			log_info("%s: certificate read again", street->listeners[i].url);
		else
			log_error("%s: the old certificate stays: %s", street->listeners[i].url,
			    e.message);
	}
}

/* ---- what the library is told ---- */

static unsigned
most_concurrent(const struct conf *conf)
{
	/* Below 100 a write error with requests waiting is an assertion of the library. */
	return conf->limits.streams < 100 ? 100 : conf->limits.streams;
}

static void
prepare_h2o(struct street *street)
{
	const struct conf *conf = street->conf;
	h2o_globalconf_t *h2o = &street->h2o;
	h2o_hostconf_t *host;

	h2o_config_init(h2o);
	h2o->server_name = h2o_iovec_init(H2O_STRLIT("helpdesk"));
	/* Over ours: a 413, not a reset.  And no upload is reset for what comes at once. */
	h2o->max_request_entity_size = 2 * conf->limits.body > READ_MOST ?
	    2 * conf->limits.body : READ_MOST;
	h2o->handshake_timeout = conf->timeouts.handshake;
	h2o->http1.req_timeout = HTTP1_TIMEOUT;
	h2o->http1.upgrade_to_http2 = 1;	/* prior knowledge; head.c drops Upgrade itself */
	h2o->http2.idle_timeout = 2 * (uint64_t)conf->timeouts.keep_alive;
	h2o->http2.graceful_shutdown_timeout = conf->server.drain;
	h2o->http2.max_concurrent_requests_per_connection = most_concurrent(conf);
	host = h2o_config_register_host(h2o, h2o_iovec_init(H2O_STRLIT("helpdesk")), 65535);
	host->http2.push_preload = 0;
	host->http2.reprioritize_blocking_assets = 0;
	/* No path is registered, so all there are come here, also "*" and "http://...". */
	h2o_create_handler(&host->fallback_path, sizeof(h2o_handler_t))->on_req = exchange_on_req;
	h2o_create_filter(&host->fallback_path, sizeof(h2o_filter_t))->on_setup_ostream =
	    exchange_on_setup;
}

/* ---- what the process may have ---- */

static unsigned
most_connections(const struct conf *conf)
{
	struct rlimit files;
	rlim_t room;

	if (getrlimit(RLIMIT_NOFILE, &files) != 0)
		return conf->limits.connections;
	files.rlim_cur = files.rlim_max > DESCRIPTORS_MOST ? DESCRIPTORS_MOST : files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	getrlimit(RLIMIT_NOFILE, &files);
	room = files.rlim_cur - files.rlim_cur / 4;
	room = room > DESCRIPTORS_OWN ? room - DESCRIPTORS_OWN : 1;
	if (room >= conf->limits.connections)
		return conf->limits.connections;
	log_warning("limits.connections: %u, but the system gives descriptors for %llu only",
	    conf->limits.connections, (unsigned long long)room);
	return (unsigned)room;
}

static unsigned
thread_count(const struct conf *conf)
{
	long n = conf->server.threads > 0 ? (long)conf->server.threads :
	    sysconf(_SC_NPROCESSORS_ONLN);

	return n < 1 ? 1 : (unsigned)n;
}

/* ---- running ---- */

static void
say_ready(const struct street *street)
{
	char line[1024] = "ready:";
	size_t i, n;

	for (i = 0; i < street->listener_count; i++) {
		n = strlen(line);
		snprintf(line + n, sizeof(line) - n, " %s", street->listeners[i].url);
	}
	log_info("%s", line);
}

/* Until a signal ends it; false if it is a database that does. */
static bool
wait_for_end(struct street *street, struct err *e)
{
	int n;

	for (;;) {
		n = next_signal(1000);
		if (n == SIGHUP)
			reload(street);
		else if (n != 0) {
			log_info("%s: draining", n == SIGTERM ? "SIGTERM" : "SIGINT");
			return true;
		} else if (house_failed(street->house))
			return err_set(e, "a database has failed");
	}
}

static void
drain(struct street *street, struct worker *workers, unsigned count)
{
	unsigned i;
	int n;

	atomic_store(&street->draining, true);
	listen_stop(street->listeners, street->listener_count);
	for (i = 0; i < count; i++)
		worker_wake(&workers[i]);
	while (atomic_load(&street->running) > 0) {
		n = next_signal(50);
		if (n == SIGTERM || n == SIGINT) {
			log_warning("a second signal: ending at once");
			_exit(1);
		}
	}
	house_stop(street->house);
	for (i = 0; i < count; i++)
		worker_join(&workers[i]);
}

static bool
run(struct street *street, struct err *e)
{
	unsigned most = thread_count(street->conf), n = 0;
	struct worker *workers = calloc(most, sizeof(*workers));
	bool ok = true;

	if (workers == NULL)
		abort();
	street->workers = workers;
	street->worker_count = most;
	while (n < most && ok) {
		ok = worker_start(&workers[n], street, e);
		n += ok;
	}
	if (ok) {
		say_ready(street);
		ok = wait_for_end(street, e);
	}
	drain(street, workers, n);
	free(workers);
	return ok;
}

static void
fill_limits(struct street *street)
{
	const struct conf *conf = street->conf;

	street->head = (struct head_limits){ conf->limits.target, conf->limits.header_bytes,
					     conf->limits.header_fields };
	street->most_connections = most_connections(conf);
	street->addresses = addresses_new(conf->limits.connections_per_address,
	    conf->limits.handshakes_per_address);
}

bool
server_run(const struct conf *conf, struct house *house, struct err *e)
{
	struct street street = { .conf = conf, .house = house };
	bool ok;

	/* Fixed, or it grows with use, and what a flood of bodies took is never given back. */
	mallopt(M_MMAP_THRESHOLD, 128 * 1024);
	server_block_signals();
	if (!guard_init(e) || !probe_guards(e))
		return false;
	if (!listen_open(conf, &street.listeners, &street.listener_count, e))
		return false;
	fill_limits(&street);
	prepare_h2o(&street);
	ok = run(&street, e);
	h2o_config_dispose(&street.h2o);
	addresses_free(street.addresses);
	listen_close(street.listeners, street.listener_count);
	return ok;
}
