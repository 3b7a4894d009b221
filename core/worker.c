/*
 * worker.c - one thread of the street: one event loop, one h2o context, one desk
 *
 * Context and sockets are made on the thread that runs them: the library keeps free
 * memory per thread without a lock, and a context made elsewhere corrupts it.  A socket
 * never leaves its loop.
 */
#include "worker.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "conf.h"
#include "conn.h"
#include "err.h"
#include "exchange.h"
#include "house.h"
#include "listen.h"
#include "log.h"

enum { TICKS_PER_SECOND = 10, TIDY_SECONDS = 5, ACCEPTS_PER_TURN = 16 };

uint64_t
worker_now(const struct worker *w)
{
	return h2o_now(w->ctx.loop);
}

static struct conn *
of_link(h2o_linklist_t *link)
{
	return H2O_STRUCT_FROM_MEMBER(struct conn, link, link);
}

/* ---- accepting ---- */

static bool
is_full(const struct street *street)
{
	return atomic_load(&street->connections) >= street->most_connections;
}

static int
open_spare(void)
{
	return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/* No descriptor is left: the client is told by a close, and we wait for the next tick. */
static void
turn_away(struct door *door)
{
	struct worker *w = door->worker;
	int fd;

	log_warning("no descriptor is left for a new connection");
	close(w->spare);
	fd = accept4(h2o_socket_get_fd(door->socket), NULL, NULL, SOCK_CLOEXEC);
	if (fd >= 0)
		close(fd);
	w->spare = open_spare();
	h2o_socket_read_stop(door->socket);
}

/* A connection that was accepted, on its way to another thread. */
struct arrival {
	h2o_multithread_message_t message;
	size_t door;
	int fd;
};

/*
 * Who is to have the next connection: this thread, unless another has clearly fewer, a
 * quarter of many.  Else the first to wake up would have all that a client opens at once
 * and keeps for long, and another processor nothing to do.
 */
static struct worker *
choose(struct worker *w)
{
	struct worker *other = w->street->workers, *end = other + w->street->worker_count;
	struct worker *least = w;

	for (; other < end; other++)
		if (atomic_load(&other->takes) &&
		    atomic_load(&other->load) < atomic_load(&least->load))
			least = other;
	return atomic_load(&w->load) > atomic_load(&least->load) * 5 / 4 ? least : w;
}

static void
give(struct worker *to, size_t door, int fd)
{
	struct arrival *a = h2o_mem_alloc(sizeof(*a));

	*a = (struct arrival){ .door = door, .fd = fd };
	atomic_fetch_add(&to->load, 1);
	h2o_multithread_send_message(&to->arrivals, &a->message);
}

static void
take(struct door *door, int fd)
{
	h2o_socket_t *sock = h2o_evloop_socket_create(door->worker->ctx.loop, fd,
	    H2O_SOCKET_FLAG_IS_ACCEPTED_CONNECTION);
	struct conn *c = conn_open(door, sock);

	if (c == NULL)
		return;
	door->accept.ssl_ctx = c->tls;
	h2o_accept(&door->accept, sock);	/* may close it before it returns */
}

static void
on_arrivals(h2o_multithread_receiver_t *receiver, h2o_linklist_t *messages)
{
	struct worker *w = H2O_STRUCT_FROM_MEMBER(struct worker, arrivals, receiver);

	while (!h2o_linklist_is_empty(messages)) {
		struct arrival *a = H2O_STRUCT_FROM_MEMBER(struct arrival, message.link,
		    messages->next);

		h2o_linklist_unlink(&a->message.link);
		atomic_fetch_sub(&w->load, 1);
		if (w->draining)
			close(a->fd);
		else
			take(&w->doors[a->door], a->fd);
		free(a);
	}
}

static int
accept_at(const struct door *door)
{
	static const int on = 1;
	int fd = accept4(h2o_socket_get_fd(door->socket), NULL, NULL,
	    SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd >= 0)
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return fd;
}

static void
on_accept(h2o_socket_t *socket, const char *error)
{
	struct door *door = socket->data;
	struct worker *w = door->worker, *whose;
	unsigned i;
	int fd;

	for (i = 0; error == NULL && i < ACCEPTS_PER_TURN && !is_full(w->street); i++) {
		fd = accept_at(door);
		if (fd < 0 && (errno == EMFILE || errno == ENFILE))
			turn_away(door);
		if (fd < 0)
			return;
		whose = choose(w);
		if (whose == w)
			take(door, fd);
		else
			give(whose, (size_t)(door - w->doors), fd);
	}
	/* The queue of the kernel holds the others. */
	if (is_full(w->street))
		h2o_socket_read_stop(socket);
}

static void
look_after_doors(struct worker *w)
{
	size_t i;

	for (i = 0; i < w->street->listener_count && !is_full(w->street); i++)
		if (w->doors[i].socket != NULL && !h2o_socket_is_reading(w->doors[i].socket))
			h2o_socket_read_start(w->doors[i].socket, on_accept);
}

static void
open_doors(struct worker *w)
{
	struct street *street = w->street;
	size_t i;

	for (i = 0; i < street->listener_count; i++) {
		struct door *door = &w->doors[i];
		int fd = fcntl(street->listeners[i].fd, F_DUPFD_CLOEXEC, 0);

		if (fd < 0)
			abort();
		door->worker = w;
		door->listener = &street->listeners[i];
		door->accept = (h2o_accept_ctx_t){ .ctx = &w->ctx, .hosts = street->h2o.hosts };
		door->socket = h2o_evloop_socket_create(w->ctx.loop, fd, H2O_SOCKET_FLAG_DONT_READ);
		door->socket->data = door;
		h2o_socket_read_start(door->socket, on_accept);
	}
}

static void
close_doors(struct worker *w)
{
	size_t i;

	for (i = 0; i < w->street->listener_count; i++) {
		if (w->doors[i].socket == NULL)
			continue;
		if (h2o_socket_is_reading(w->doors[i].socket))
			h2o_socket_read_stop(w->doors[i].socket);
		h2o_socket_close(w->doors[i].socket);
		w->doors[i].socket = NULL;
	}
}

/* ---- ten times a second ---- */

static void
visit(struct worker *w, bool second, bool time)
{
	h2o_linklist_t *link, *next;

	for (link = w->conns.next; link != &w->conns; link = next) {
		next = link->next;
		if (second)
			conn_police(of_link(link));
		if (w->draining)
			conn_drain(of_link(link), time);
	}
	for (link = w->lingering.next; link != &w->lingering; link = next) {
		next = link->next;
		conn_swallow(of_link(link), time);
	}
}

static void
tidy(struct worker *w)
{
	desk_tidy(w->desk);
	request_stock_tidy(&w->requests);
}

static void
on_tick(h2o_timeout_entry_t *entry)
{
	struct worker *w = H2O_STRUCT_FROM_MEMBER(struct worker, tick, entry);

	w->ticks++;
	visit(w, w->ticks % TICKS_PER_SECOND == 0, w->draining && worker_now(w) >= w->drain_end);
	if (w->ticks % (TICKS_PER_SECOND * TIDY_SECONDS) == 0)
		tidy(w);
	if (!w->draining)
		look_after_doors(w);
	h2o_timeout_link(w->ctx.loop, &w->ctx.hundred_ms_timeout, &w->tick);
}

/* ---- the thread ---- */

static void
on_wake(h2o_multithread_receiver_t *receiver, h2o_linklist_t *messages)
{
	(void)receiver;		/* there are no messages: the loop has turned, that is all */
	(void)messages;
}

static void
open_loop(struct worker *w)
{
	h2o_context_init(&w->ctx, h2o_evloop_create(), &w->street->h2o);
	h2o_multithread_register_receiver(w->ctx.queue, &w->wake, on_wake);
	h2o_multithread_register_receiver(w->ctx.queue, &w->arrivals, on_arrivals);
	h2o_multithread_register_receiver(w->ctx.queue, &w->answers, exchange_on_answers);
	h2o_linklist_init_anchor(&w->conns);
	h2o_linklist_init_anchor(&w->lingering);
	w->spare = open_spare();
	w->tick.cb = on_tick;
	h2o_timeout_link(w->ctx.loop, &w->ctx.hundred_ms_timeout, &w->tick);
	open_doors(w);
	atomic_store(&w->takes, true);
}

static void
close_loop(struct worker *w)
{
	h2o_loop_t *loop = w->ctx.loop;

	h2o_timeout_unlink(&w->tick);
	h2o_timeout_unlink(&w->ctx.http2._graceful_shutdown_timeout);
	h2o_evloop_run(loop, 0);	/* closed sockets are freed, late arrivals turned away */
	h2o_multithread_unregister_receiver(w->ctx.queue, &w->wake);
	h2o_multithread_unregister_receiver(w->ctx.queue, &w->arrivals);
	h2o_multithread_unregister_receiver(w->ctx.queue, &w->answers);
	h2o_context_dispose(&w->ctx);
	h2o_evloop_destroy(loop);
	close(w->spare);
}

static void
begin_drain(struct worker *w)
{
	w->draining = true;
	atomic_store(&w->takes, false);
	w->drain_end = worker_now(w) + w->street->conf->server.drain;
	close_doors(w);
	h2o_context_request_shutdown(&w->ctx);	/* GOAWAY; "connection: close" */
}

static bool
is_drained(struct worker *w)
{
	return w->draining && w->out == 0 && atomic_load(&w->load) == 0 &&
	    h2o_linklist_is_empty(&w->lingering);
}

static void *
run(void *arg)
{
	struct worker *w = arg;

	w->desk = desk_open(w->street->house);
	open_loop(w);
	atomic_fetch_add(&w->street->running, 1);
	while (!is_drained(w)) {
		if (!w->draining && atomic_load(&w->street->draining))
			begin_drain(w);
		h2o_evloop_run(w->ctx.loop, spool_clear(&w->leavings) ? 0 : INT32_MAX);
		desk_rest(w->desk);
	}
	atomic_fetch_sub(&w->street->running, 1);
	/* Who sent the last message may still be inside the sending: the queue outlives it. */
	while (sem_wait(&w->leave) != 0)
		;
	close_loop(w);
	exchange_stock_fini(&w->exchanges);
	spool_leavings_fini(&w->leavings);
	request_stock_fini(&w->requests);
	desk_close(w->desk);
	return NULL;
}

bool
worker_start(struct worker *w, struct street *street, struct err *e)
{
	unsigned before = atomic_load(&street->running);

	w->street = street;
	w->doors = calloc(street->listener_count + 1, sizeof(*w->doors));
	if (w->doors == NULL)
		abort();
	sem_init(&w->leave, 0, 0);
	if (pthread_create(&w->thread, NULL, run, w) != 0) {
		sem_destroy(&w->leave);
		free(w->doors);
		return err_set(e, "no thread can be started");
	}
	pthread_setname_np(w->thread, "street");
	while (atomic_load(&street->running) == before)
		usleep(1000);
	return true;
}

void
worker_wake(struct worker *w)
{
	h2o_multithread_send_message(&w->wake, NULL);
}

void
worker_join(struct worker *w)
{
	sem_post(&w->leave);
	pthread_join(w->thread, NULL);
	sem_destroy(&w->leave);
	free(w->doors);
}
