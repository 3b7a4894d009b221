/*
 * wire.c - a client that does what no client should, and a server to do it to
 *
 * Knows as little of HTTP as will do, so that nothing is sent that was not meant.
 */
#include "wire.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif

static long long
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

/* ---- a server process ---- */

static void
path_in(const struct server *s, const char *name, char path[128])
{
	snprintf(path, 128, "%s/%s", s->folder, name);
}

void
server_make_certificate(const struct server *s, const char *name)
{
	char command[512];

	snprintf(command, sizeof(command), "openssl req -x509 -newkey ec -pkeyopt "
	    "ec_paramgen_curve:prime256v1 -nodes -days 30 -subj /CN=%s -keyout %s/key.pem "
	    "-out %s/cert.pem 2>/dev/null", name, s->folder, s->folder);
	assert_int_equal(system(command), 0);
}

static void
write_conf(const struct server *s, const char *limits, const char *timeouts)
{
	char path[128];
	FILE *f;

	path_in(s, "conf.yaml", path);
	f = fopen(path, "w");
	assert_non_null(f);
	fprintf(f, "server:\n  listen:\n    - { address: \"127.0.0.1:0\" }\n"
	    "    - { address: \"[::ffff:127.0.0.1]:0\","
	    " tls: { certificate: %s/cert.pem, key: %s/key.pem } }\n"
	    "  threads: 2\n  drain: 5s\n  access_log: false\n  log_level: info\n%s%s%s%s"
	    "sites:\n  - name: main\n    database: { path: %s/x.db }\n    modules:\n      meta:\n",
	    s->folder, s->folder, *limits == '\0' ? "" : "limits:\n", limits,
	    *timeouts == '\0' ? "" : "timeouts:\n", timeouts, s->folder);
	fclose(f);
}

/* The stub is beside the test. */
static void
run_stub(const struct server *s, unsigned descriptors)
{
	struct rlimit files = { descriptors, descriptors };
	char path[512], log[128], conf[128];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 16);
	int fd;

	path[n < 0 ? 0 : n] = '\0';
	strcpy(strrchr(path, '/'), "/stub");
	path_in(s, "log", log);
	path_in(s, "conf.yaml", conf);
	fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
	dup2(fd, 2);
	if (descriptors > 0)
		setrlimit(RLIMIT_NOFILE, &files);
	execl(path, "stub", conf, (char *)NULL);
	_exit(127);
}

static bool
read_ready(struct server *s)
{
	char path[128], text[4096];
	const char *at;
	FILE *f;
	size_t n;

	path_in(s, "log", path);
	f = fopen(path, "r");
	if (f == NULL)
		return false;
	n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[n] = '\0';
	at = strstr(text, "ready:");
	return at != NULL && sscanf(at, "ready: http://127.0.0.1:%u https://[::ffff:127.0.0.1]:%u",
	    &s->plain, &s->tls) == 2;
}

void
server_start(struct server *s, const char *limits, const char *timeouts, unsigned descriptors)
{
	long long end = now_ms() + PATIENCE;

	signal(SIGPIPE, SIG_IGN);
	*s = (struct server){ .folder = "/tmp/street.XXXXXX" };
	assert_non_null(mkdtemp(s->folder));
	server_make_certificate(s, "first");
	write_conf(s, limits, timeouts);
	s->pid = fork();
	if (s->pid == 0)
		run_stub(s, descriptors);
	while (!read_ready(s)) {
		assert_true(server_alive(s));
		assert_true(now_ms() < end);
		usleep(10000);
	}
}

bool
server_alive(const struct server *s)
{
	return waitpid(s->pid, NULL, WNOHANG) == 0;
}

int
server_wait(struct server *s)
{
	long long end = now_ms() + PATIENCE;
	char command[128];
	int status = 0;

	while (waitpid(s->pid, &status, WNOHANG) == 0) {
		if (now_ms() > end)
			kill(s->pid, SIGKILL);
		usleep(10000);
	}
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
		snprintf(command, sizeof(command), "tail -c 3000 %s/log >&2", s->folder);
		if (system(command) != 0)
			print_message("no log\n");
	}
	snprintf(command, sizeof(command), "rm -rf %s", s->folder);
	assert_int_equal(system(command), 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int
server_stop(struct server *s)
{
	kill(s->pid, SIGTERM);
	return server_wait(s);
}

long
server_rss(const struct server *s)
{
	char path[64];
	long pages = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/statm", (int)s->pid);
	f = fopen(path, "r");
	assert_non_null(f);
	assert_int_equal(fscanf(f, "%*d %ld", &pages), 1);
	fclose(f);
	return pages * sysconf(_SC_PAGESIZE);
}

long
server_peak(const struct server *s)
{
	char path[64], line[256];
	long kib = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)s->pid);
	f = fopen(path, "r");
	assert_non_null(f);
	while (kib == 0 && fgets(line, sizeof(line), f) != NULL)
		sscanf(line, "VmHWM: %ld", &kib);
	fclose(f);
	assert_true(kib > 0);
	return kib << 10;
}

long
server_log_size(const struct server *s)
{
	char path[128];
	struct stat st;

	path_in(s, "log", path);
	assert_int_equal(stat(path, &st), 0);
	return (long)st.st_size;
}

bool
server_log_has(const struct server *s, const char *words)
{
	char command[512];

	snprintf(command, sizeof(command), "grep -qF '%s' %s/log", words, s->folder);
	return system(command) == 0;
}

void
server_serves(const struct server *s)
{
	struct wire w;

	wire_open(&w, s->plain);
	wire_expect(&w, "GET /ping HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n", 200);
	wire_close(&w);
}

void
server_is_no_larger(const struct server *s, long before, unsigned connections)
{
	long most = before + (4L << 20) * connections, now = server_rss(s);

	if (now > most && !SANITIZED)
		fail_msg("%ld KiB before, %ld KiB now, with %u connections",
		    before >> 10, now >> 10, connections);
}

/* ---- a connection ---- */

static bool
wait_for(struct wire *w, short what, int ms)
{
	struct pollfd p = { w->fd, what, 0 };

	return poll(&p, 1, ms) == 1;
}

static bool
open_with(struct wire *w, unsigned port, int buffer)
{
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	*w = (struct wire){ .fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) };
	if (buffer > 0)
		setsockopt(w->fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof(buffer));
	if (w->fd < 0 || connect(w->fd, (struct sockaddr *)&sa, sizeof(sa)) != 0) {
		close(w->fd);
		w->fd = -1;
		return false;
	}
	fcntl(w->fd, F_SETFL, O_NONBLOCK);
	return true;
}

void
wire_open(struct wire *w, unsigned port)
{
	assert_true(open_with(w, port, 0));
}

void
wire_open_slow(struct wire *w, unsigned port)
{
	assert_true(open_with(w, port, 4096));
}

bool
wire_try(struct wire *w, unsigned port)
{
	return open_with(w, port, 0);
}

void
wire_open_tls(struct wire *w, unsigned port, const char *alpn)
{
	unsigned char list[32];
	long long end = now_ms() + PATIENCE;
	int n;

	wire_open(w, port);
	w->ctx = SSL_CTX_new(TLS_client_method());
	w->ssl = SSL_new(w->ctx);
	list[0] = (unsigned char)strlen(alpn);
	memcpy(list + 1, alpn, list[0]);
	assert_int_equal(SSL_set_alpn_protos(w->ssl, list, list[0] + 1u), 0);
	SSL_set_fd(w->ssl, w->fd);
	while ((n = SSL_connect(w->ssl)) != 1) {
		n = SSL_get_error(w->ssl, n);
		assert_true(n == SSL_ERROR_WANT_READ || n == SSL_ERROR_WANT_WRITE);
		assert_true(now_ms() < end);
		wait_for(w, n == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, 100);
	}
}

void
wire_close(struct wire *w)
{
	SSL_free(w->ssl);
	SSL_CTX_free(w->ctx);
	close(w->fd);
	free(w->in);
}

void
wire_reset(struct wire *w)
{
	struct linger now = { 1, 0 };

	setsockopt(w->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	wire_close(w);
}

/* -1: gone, 0: later. */
static ssize_t
put(struct wire *w, const void *bytes, size_t n)
{
	ssize_t done;

	if (w->ssl != NULL) {
		done = SSL_write(w->ssl, bytes, n > 16384 ? 16384 : (int)n);
		if (done > 0)
			return done;
		done = SSL_get_error(w->ssl, (int)done);
		return done == SSL_ERROR_WANT_WRITE || done == SSL_ERROR_WANT_READ ? 0 : -1;
	}
	done = send(w->fd, bytes, n, MSG_NOSIGNAL);
	return done < 0 && errno == EAGAIN ? 0 : done;
}

bool
wire_send_for(struct wire *w, const void *bytes, size_t n, int ms)
{
	long long end = now_ms() + ms;
	const char *at = bytes;
	ssize_t done;

	while (n > 0) {
		done = put(w, at, n);
		if (done < 0 || now_ms() > end)
			return false;
		if (done == 0)
			wait_for(w, POLLOUT, 50);
		at += done;
		n -= (size_t)done;
	}
	return true;
}

bool
wire_send(struct wire *w, const void *bytes, size_t n)
{
	return wire_send_for(w, bytes, n, PATIENCE);
}

bool
wire_send_text(struct wire *w, const char *text)
{
	return wire_send(w, text, strlen(text));
}

void
wire_half_close(struct wire *w)
{
	shutdown(w->fd, SHUT_WR);
}

static ssize_t
get(struct wire *w, char *to, size_t n)
{
	ssize_t done;

	if (w->ssl == NULL) {
		done = recv(w->fd, to, n, 0);
		return done < 0 && errno == EAGAIN ? -2 : done;
	}
	done = SSL_read(w->ssl, to, (int)n);
	if (done > 0)
		return done;
	return SSL_get_error(w->ssl, (int)done) == SSL_ERROR_WANT_READ ? -2 : 0;
}

bool
wire_read(struct wire *w, int ms)
{
	long long end = now_ms() + ms;
	ssize_t n;

	if (w->room - w->n < 65536) {
		w->room = w->n + 131072;
		w->in = realloc(w->in, w->room);
		assert_non_null(w->in);
	}
	while (!w->eof) {
		n = get(w, w->in + w->n, w->room - w->n);
		if (n > 0) {
			w->n += (size_t)n;
			return true;
		}
		if (n != -2)
			w->eof = true;
		else if (now_ms() >= end)
			return false;
		else
			wait_for(w, POLLIN, (int)(end - now_ms()));
	}
	return false;
}

void
wire_take(struct wire *w, size_t n)
{
	memmove(w->in, w->in + n, w->n - n);
	w->n -= n;
}

bool
wire_closes(struct wire *w, int ms)
{
	long long end = now_ms() + ms;

	while (!w->eof && now_ms() < end) {
		wire_read(w, 100);
		w->n = 0;
	}
	return w->eof;
}

/* ---- HTTP/1 ---- */

static bool
read_head(struct wire *w, struct answer *a)
{
	long long limit = now_ms() + PATIENCE;
	char *end;
	size_t n, i;

	while ((end = w->n == 0 ? NULL : memmem(w->in, w->n, "\r\n\r\n", 4)) == NULL)
		if (!wire_read(w, PATIENCE) || now_ms() > limit)
			return false;
	n = (size_t)(end - w->in) + 4;
	assert_true(n < sizeof(a->head));
	for (i = 0; i < n; i++)
		a->head[i] = (char)tolower((unsigned char)w->in[i]);
	a->head[n] = '\0';
	wire_take(w, n);
	return sscanf(a->head, "http/1.1 %d", &a->status) == 1;
}

bool
wire_answer(struct wire *w, struct answer *a, bool head)
{
	const char *length;
	size_t left, n, have = 0;

	*a = (struct answer){ 0 };
	do {
		if (!read_head(w, a))
			return false;
	} while (a->status == 100);
	length = strstr(a->head, "\r\ncontent-length: ");
	if (head || length == NULL)
		return true;
	left = a->length = strtoul(length + 18, NULL, 10);
	while (left > 0) {
		if (w->n == 0 && !wire_read(w, PATIENCE))
			return false;
		n = w->n < left ? w->n : left;
		if (have < sizeof(a->body) - 1) {
			size_t part = sizeof(a->body) - 1 - have;

			part = n < part ? n : part;
			memcpy(a->body + have, w->in, part);
			have += part;
		}
		wire_take(w, n);
		left -= n;
	}
	return true;
}

void
wire_expect(struct wire *w, const char *request, int status)
{
	struct answer a;

	wire_send_text(w, request);
	if (!wire_answer(w, &a, false))
		fail_msg("no answer to: %.200s", request);
	if (a.status != status)
		fail_msg("%d, not %d, to: %.200s", a.status, status, request);
	if (status >= 400)
		assert_non_null(strstr(a.body, "{\"error\":\""));
}

/* ---- HTTP/2 ---- */

size_t
h2_frame(uint8_t *to, uint8_t type, uint8_t flags, uint32_t stream, const void *payload, size_t n)
{
	uint8_t head[9] = { (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n, type, flags,
			    (uint8_t)(stream >> 24), (uint8_t)(stream >> 16),
			    (uint8_t)(stream >> 8), (uint8_t)stream };

	memcpy(to, head, sizeof(head));
	if (n > 0)
		memcpy(to + sizeof(head), payload, n);
	return sizeof(head) + n;
}

bool
h2_send(struct wire *w, uint8_t type, uint8_t flags, uint32_t stream, const void *payload, size_t n)
{
	uint8_t frame[9 + 16384 + 1024];

	assert_true(n <= sizeof(frame) - 9);
	return wire_send(w, frame, h2_frame(frame, type, flags, stream, payload, n));
}

void
h2_open(struct wire *w, uint32_t window)
{
	uint8_t settings[6] = { 0, 4, (uint8_t)(window >> 24), (uint8_t)(window >> 16),
				(uint8_t)(window >> 8), (uint8_t)window };

	wire_send_text(w, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
	h2_send(w, SETTINGS, 0, 0, settings, sizeof(settings));
	h2_send(w, WINDOW_UPDATE, 0, 0, "\x7f\x00\x00\x00", 4);
}

static size_t
literal(uint8_t *to, uint8_t name, const char *value)
{
	size_t n = strlen(value), at = 0;

	to[at++] = name;
	if (n < 127)
		to[at++] = (uint8_t)n;
	else {
		to[at++] = 127;
		for (size_t left = n - 127; ; left >>= 7) {
			to[at++] = (uint8_t)(left < 128 ? left : (left & 127) | 128);
			if (left < 128)
				break;
		}
	}
	memcpy(to + at, value, n);
	return at + n;
}

size_t
h2_block(uint8_t *to, const char *method, const char *path)
{
	size_t n = literal(to, 0x02, method);

	to[n++] = 0x86;		/* :scheme http */
	n += literal(to + n, 0x04, path);
	return n + literal(to + n, 0x01, "a");
}

bool
h2_request(struct wire *w, uint32_t stream, const char *method, const char *path, bool end)
{
	uint8_t block[16384];

	return h2_send(w, HEADERS, END_HEADERS | (end ? END_STREAM : 0), stream, block,
	    h2_block(block, method, path));
}

bool
h2_read(struct wire *w, struct frame *f, int ms)
{
	const uint8_t *at;

	for (;;) {
		at = (const uint8_t *)w->in;
		if (w->n >= 9) {
			f->length = (uint32_t)at[0] << 16 | (uint32_t)at[1] << 8 | at[2];
			assert_true(f->length <= sizeof(f->payload));
			if (w->n >= 9 + f->length)
				break;
		}
		if (!wire_read(w, ms))
			return false;
	}
	f->type = at[3];
	f->flags = at[4];
	f->stream = ((uint32_t)at[5] << 24 | (uint32_t)at[6] << 16 | (uint32_t)at[7] << 8 | at[8]) &
	    0x7fffffff;
	memcpy(f->payload, at + 9, f->length);
	wire_take(w, 9 + f->length);
	return true;
}

static int
status_in(const struct frame *f)
{
	static const int known[] = { 200, 204, 206, 304, 400, 404, 500 };
	char digits[4] = "";

	if (f->payload[0] >= 0x88 && f->payload[0] <= 0x8e)
		return known[f->payload[0] - 0x88];
	memcpy(digits, f->payload + 2, 3);
	return atoi(digits);
}

int
h2_status(struct wire *w, uint32_t stream, char *body, size_t size)
{
	struct frame *f = malloc(sizeof(*f));
	size_t have = 0, n;
	int status = 0;

	assert_non_null(f);
	while (h2_read(w, f, PATIENCE)) {
		if (f->stream != stream)
			continue;
		if (f->type == HEADERS)
			status = status_in(f);
		n = f->type == DATA && f->length < size - have ? f->length : 0;
		memcpy(body + have, f->payload, n);
		have += n;
		if (f->type == RST_STREAM || (f->flags & END_STREAM) != 0) {
			body[have] = '\0';
			free(f);
			return status;
		}
	}
	free(f);
	return -1;
}
