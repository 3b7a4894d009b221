/*
 * conn.c - a connection, and what it may cost
 *
 * The library keeps a connection for as long as the client likes and reads whatever it
 * sends.  Here is counted what requests do not account for, and measured how fast the
 * client sends and takes; over budget the descriptor is shut down.  Nothing is said to
 * the client then, and no protocol is spoken here.
 *
 * What all connections together can make the server hold: limits.connections times
 * (about 16 KiB, or 48 KiB with TLS, at rest; read buffer 512 KiB and write buffer
 * 80 KiB while data moves; jobs_per_connection requests) but for bodies, which
 * limits.unfinished bounds for all of them, uploads (64 KiB each: the rest is on disk,
 * where limits.spool bounds them), and requests under way, which the queues of
 * the house bound (write_queue and slow_queue times request_memory).  The library aborts
 * when memory is out: choose limits whose sum is below what the service is given.
 */
#include "conn.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/tcp.h>	/* not <netinet/tcp.h>, whose tcp_info lacks tcpi_bytes_acked */
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/ssl.h>

#include "address.h"
#include "conf.h"
#include "exchange.h"
#include "house.h"
#include "hpack_write.h"
#include "intake.h"
#include "listen.h"
#include "log.h"
#include "tls.h"
#include "upload.h"
#include "worker.h"

enum {
	SLOW_BYTES = 32 * 1024,		/* to be moved in timeouts.slow_bytes */
	NOISE = 128 * 1024,		/* bytes that no request accounts for, at once */
	NOISE_PER_SECOND = 2 * 1024,	/* forgiven */
	IDLE_BUFFER = 16 * 1024,	/* an idle connection's read buffer */
	LINGER = 2000,			/* ms */
	LINGER_PIECE = 1 << 20
};

static const struct conf *
conf_of(const struct conn *c)
{
	return c->worker->street->conf;
}

/* ---- life ---- */

static void
finish(struct conn *c)
{
	struct street *street = c->worker->street;

	address_leave(street->addresses, c->address, c->handshaking);
	SSL_CTX_free(c->tls);
	atomic_fetch_sub(&street->connections, 1);
	free(c->sender);
	free(c);
}

void
conn_release(struct conn *c)
{
	if (--c->refs == 0)
		finish(c);
}

static void
hold(struct conn *c, size_t bytes)
{
	atomic_size_t *all = &c->worker->street->held;

	if (bytes > c->held)
		atomic_fetch_add(all, bytes - c->held);
	else
		atomic_fetch_sub(all, c->held - bytes);
	c->held = bytes;
}

static void
on_close(void *arg)
{
	struct conn *c = arg;

	h2o_linklist_unlink(&c->link);
	atomic_fetch_sub(&c->worker->load, 1);
	c->sock = NULL;
	hold(c, 0);
	upload_free(c->upload);
	c->upload = NULL;
	if (c->linger_fd >= 0) {
		c->linger_end = worker_now(c->worker) + LINGER;
		h2o_linklist_insert(&c->worker->lingering, &c->link);
		shutdown(c->linger_fd, SHUT_WR);
		return;		/* the socket's reference is lingering's now */
	}
	conn_release(c);
}

struct conn *
conn_of_socket(const h2o_socket_t *sock)
{
	return sock != NULL && sock->on_close.cb == on_close ? sock->on_close.data : NULL;
}

struct conn *
conn_of(h2o_req_t *req)
{
	return conn_of_socket(req->conn->callbacks->get_socket(req->conn));
}

static void
refuse(h2o_socket_t *sock)
{
	struct linger now = { 1, 0 };

	setsockopt(h2o_socket_get_fd(sock), SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	h2o_socket_close(sock);
}

static void
name(struct conn *c, const struct sockaddr *sa, socklen_t n)
{
	static const char mapped[] = "::ffff:";

	if (getnameinfo(sa, n, c->address_text, sizeof(c->address_text), NULL, 0,
	    NI_NUMERICHOST) != 0)
		strcpy(c->address_text, "unknown");
	if (strncmp(c->address_text, mapped, sizeof(mapped) - 1) == 0 &&
	    strchr(c->address_text, '.') != NULL)
		memmove(c->address_text, c->address_text + sizeof(mapped) - 1,
		    strlen(c->address_text) - sizeof(mapped) + 2);
}

struct hpack_sender *
conn_sender(struct conn *c)
{
	if (c->sender == NULL) {
		c->sender = h2o_mem_alloc(sizeof(*c->sender));
		*c->sender = (struct hpack_sender){ 0 };
	}
	return c->sender;
}

struct conn *
conn_open(struct door *door, h2o_socket_t *sock)
{
	struct worker *w = door->worker;
	struct sockaddr_storage sa = { .ss_family = AF_UNSPEC };
	socklen_t n = h2o_socket_getpeername(sock, (struct sockaddr *)&sa);
	bool tls = door->listener->tls != NULL;
	struct address *address = address_enter(w->street->addresses, (struct sockaddr *)&sa, tls);
	struct conn *c;

	if (address == NULL) {
		refuse(sock);
		return NULL;
	}
	c = h2o_mem_alloc(sizeof(*c));
	*c = (struct conn){ .worker = w, .sock = sock, .refs = 1, .address = address,
			    .handshaking = tls, .linger_fd = -1, .opened = worker_now(w) };
	c->active = c->opened;
	c->tls = tls ? tls_get(door->listener->tls) : NULL;
	name(c, (struct sockaddr *)&sa, n);
	h2o_linklist_init_anchor(&c->exchanges);
	h2o_linklist_insert(&w->conns, &c->link);
	atomic_fetch_add(&w->street->connections, 1);
	atomic_fetch_add(&w->load, 1);
	sock->on_close.cb = on_close;
	sock->on_close.data = c;
	return c;
}

/* The library keeps the socket in the BIO. */
void
conn_handshaken(const SSL *ssl)
{
	struct conn *c = conn_of_socket(BIO_get_data(SSL_get_rbio(ssl)));

	if (c == NULL || !c->handshaking)
		return;
	c->handshaking = false;
	c->opened = worker_now(c->worker);
	address_handshaken(c->worker->street->addresses, c->address);
}

void
conn_kill(struct conn *c)
{
	/* Reset at close: the kernel would keep what a client does not read. */
	struct linger now = { 1, 0 };
	int fd;

	if (c->killed || c->sock == NULL)
		return;
	c->killed = true;
	if (c->linger_fd >= 0) {
		close(c->linger_fd);
		c->linger_fd = -1;
	}
	fd = h2o_socket_get_fd(c->sock);
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	shutdown(fd, SHUT_RDWR);
}

static void
kill_for(struct conn *c, const char *why)
{
	if (!c->killed)
		log_debug("%s: connection ended: %s", c->address_text, why);
	conn_kill(c);
}

/* ---- what the client sends ---- */

/* Checked after every read, so that no more than a read buffer comes beyond a limit. */
static void
account(struct conn *c)
{
	const struct conf *conf = conf_of(c);
	size_t held = c->sock->input->size + exchange_held(c);

	hold(c, held);
	if (held > conf->limits.unfinished_per_connection)
		kill_for(c, "too many bytes of unfinished requests");
	else if (held > SLOW_BYTES &&
	    atomic_load(&c->worker->street->held) > conf->limits.unfinished)
		kill_for(c, "too many bytes of unfinished requests on all connections");
	else if (c->unpaid > NOISE + 2 * held + c->sock->bytes_written / 16)
		kill_for(c, "too many bytes that belong to no request");
}

static void
on_read(h2o_socket_t *sock, const char *error)
{
	struct conn *c = sock->on_close.data;

	c->refs++;
	if (error == NULL) {
		c->fed += sock->bytes_read;
		c->unpaid += sock->bytes_read;
	}
	desk_freeze(c->worker->desk);
	if (error != NULL || intake_read(c))
		c->read(sock, error);
	desk_thaw(c->worker->desk);
	if (c->sock != NULL) {
		exchange_intake(c);
		account(c);
	}
	conn_release(c);
}

h2o_socket_cb
conn_watch(struct conn *c, h2o_socket_cb read)
{
	c->read = read;
	return on_read;
}

void
conn_paid(struct conn *c, size_t bytes)
{
	c->unpaid -= bytes < c->unpaid ? bytes : c->unpaid;
}

void
conn_begun(struct conn *c, size_t bytes)
{
	c->requests++;
	c->active = worker_now(c->worker);
	conn_paid(c, bytes + 1024);
}

void
conn_ended(struct conn *c, bool cancelled)
{
	c->active = worker_now(c->worker);
	if (cancelled && ++c->cancelled > conf_of(c)->limits.cancelled)
		kill_for(c, "too many requests broken off");
}

void
conn_head(struct conn *c)
{
	if (c->head_begun == 0)
		c->head_begun = worker_now(c->worker);
}

void
conn_headed(struct conn *c, bool body)
{
	c->head_begun = 0;
	c->active = worker_now(c->worker);
	if (body)
		conn_receives(c);
}

void
conn_receives(struct conn *c)
{
	if (c->receiving++ == 0) {
		c->fed_mark = c->fed;
		c->fed_at = worker_now(c->worker);
	}
}

/* ---- the end, gently ---- */

void
conn_linger(struct conn *c)
{
	if (c->linger_fd < 0 && !c->killed && c->sock != NULL)
		c->linger_fd = fcntl(h2o_socket_get_fd(c->sock), F_DUPFD_CLOEXEC, 0);
}

void
conn_swallow(struct conn *c, bool time)
{
	ssize_t n = recv(c->linger_fd, NULL, LINGER_PIECE, MSG_TRUNC | MSG_DONTWAIT);
	bool more = n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));

	if (more && !time && worker_now(c->worker) < c->linger_end)
		return;
	close(c->linger_fd);
	c->linger_fd = -1;
	h2o_linklist_unlink(&c->link);
	conn_release(c);
}

void
conn_drain(struct conn *c, bool time)
{
	if (time)
		kill_for(c, "the server stops");
	else if (!exchange_any(c) && c->receiving == 0 && c->sock->input->size == 0 &&
	    !c->http2)
		shutdown(h2o_socket_get_fd(c->sock), SHUT_RD);	/* HTTP/2 has its GOAWAY */
}

/* ---- once a second ---- */

static const char *
waits_too_long(struct conn *c, uint64_t now)
{
	const struct conf *conf = conf_of(c);

	if (c->handshaking)	/* the library has a timer of its own; this is in addition */
		return now - c->opened > 2 * (uint64_t)conf->timeouts.handshake ?
		    "slow handshake" : NULL;
	if (c->serving > 0 || c->receiving > 0)
		return NULL;
	if (c->head_begun != 0)
		return now - c->head_begun > conf->timeouts.header ? "slow header" : NULL;
	if (c->requests == 0)
		return now - c->opened > conf->timeouts.header ? "no request" : NULL;
	return now - c->active > conf->timeouts.keep_alive ? "idle" : NULL;
}

static const char *
sends_too_slowly(struct conn *c, uint64_t now)
{
	if (c->receiving == 0)
		return NULL;
	if (c->fed - c->fed_mark >= SLOW_BYTES) {
		c->fed_mark = c->fed;
		c->fed_at = now;
	}
	return now - c->fed_at > conf_of(c)->timeouts.idle ? "slow body" : NULL;
}

static uint64_t
bytes_acked(const struct conn *c)
{
	struct tcp_info info = { 0 };
	socklen_t n = sizeof(info);

	if (getsockopt(h2o_socket_get_fd(c->sock), IPPROTO_TCP, TCP_INFO, &info, &n) != 0)
		return c->acked;
	return info.tcpi_bytes_acked;
}

static const char *
takes_too_slowly(struct conn *c, uint64_t now)
{
	uint64_t acked = bytes_acked(c);
	bool due = c->serving > c->out;		/* the house is done, the client is not */

	if (!due || acked != c->acked)
		c->acked_at = now;
	if (!due || acked - c->slow_mark >= SLOW_BYTES || c->active > c->slow_at) {
		c->slow_mark = acked;
		c->slow_at = now;
	}
	c->acked = acked;
	if (now - c->acked_at > conf_of(c)->timeouts.stall)
		return "nothing is taken";
	return now - c->slow_at > conf_of(c)->timeouts.slow_bytes ? "slow reader" : NULL;
}

/* The library keeps the buffer of the largest request for as long as the connection. */
static void
trim(struct conn *c)
{
	h2o_buffer_t **input = &c->sock->input;

	if (c->serving == 0 && c->receiving == 0 && (*input)->size == 0 &&
	    (*input)->bytes != NULL && (*input)->capacity > IDLE_BUFFER) {
		h2o_buffer_dispose(input);
		h2o_buffer_init(input, &h2o_socket_buffer_prototype);
	}
}

typedef const char *check(struct conn *, uint64_t now);

void
conn_police(struct conn *c)
{
	static check *const checks[] = { waits_too_long, sends_too_slowly, takes_too_slowly,
					 exchange_stalled };
	uint64_t now = worker_now(c->worker);
	const char *why = NULL;
	size_t i;

	c->cancelled = 0;
	c->unpaid -= c->unpaid < NOISE_PER_SECOND ? c->unpaid : NOISE_PER_SECOND;
	for (i = 0; i < sizeof(checks) / sizeof(checks[0]) && why == NULL; i++)
		why = checks[i](c, now);
	if (why != NULL)
		kill_for(c, why);
	else
		trim(c);
}
