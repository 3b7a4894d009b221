/*
 * wire.h - a client that does what no client should, and a server to do it to
 *
 * Everything has a deadline; what cannot be had fails the test.
 */
#ifndef WIRE_H
#define WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <openssl/ssl.h>

enum { PATIENCE = 30000 };	/* ms until something that must come has not come */

/* ---- a server process ---- */

struct server {
	pid_t pid;
	unsigned plain, tls;		/* ports */
	char folder[64];		/* of its configuration, certificate and log */
};

/*
 * Starts the stub with these YAML lines for "limits" and "timeouts" ("  stall: 2s\n");
 * descriptors: its RLIMIT_NOFILE, or 0.
 */
void server_start(struct server *, const char *limits, const char *timeouts, unsigned descriptors);
int server_stop(struct server *);	/* SIGTERM; its exit status; the folder is removed */
int server_wait(struct server *);	/* likewise without the signal */
bool server_alive(const struct server *);
long server_rss(const struct server *);	/* bytes */
long server_peak(const struct server *);	/* the most it ever had */
long server_log_size(const struct server *);
bool server_log_has(const struct server *, const char *words);
void server_make_certificate(const struct server *, const char *name);
/* That somebody else gets GET /ping answered. */
void server_serves(const struct server *);
/* That its memory is what it was, but for so many hostile connections. */
void server_is_no_larger(const struct server *, long before, unsigned connections);

/* ---- a connection ---- */

struct wire {
	int fd;
	SSL *ssl;
	SSL_CTX *ctx;
	char *in;		/* what was read and not taken */
	size_t n, room;
	bool eof;		/* closed or reset */
};

void wire_open(struct wire *, unsigned port);
void wire_open_slow(struct wire *, unsigned port);	/* with the smallest receive buffer */
bool wire_try(struct wire *, unsigned port);		/* false: refused */
void wire_open_tls(struct wire *, unsigned port, const char *alpn);	/* "h2", "http/1.1" */
void wire_close(struct wire *);
void wire_reset(struct wire *);			/* closes with RST */

/* False: the other side is gone, or takes nothing for so long. */
bool wire_send(struct wire *, const void *, size_t);
bool wire_send_text(struct wire *, const char *);
bool wire_send_for(struct wire *, const void *, size_t, int ms);
void wire_half_close(struct wire *);

/* Reads once; false when it is closed or nothing came in so long. */
bool wire_read(struct wire *, int ms);
void wire_take(struct wire *, size_t);
/* Reads and forgets until it is closed; false if it is not in so long. */
bool wire_closes(struct wire *, int ms);

/* ---- HTTP/1 ---- */

struct answer {
	int status;
	char head[4096];	/* in lower case */
	char body[4096];	/* as much as fits */
	size_t length;
};

/* The next answer; false if there is none.  head: it has no body. */
bool wire_answer(struct wire *, struct answer *, bool head);
void wire_expect(struct wire *, const char *request, int status);

/* ---- HTTP/2 ---- */

enum { DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE,
       CONTINUATION };
enum { END_STREAM = 1, ACK = 1, END_HEADERS = 4 };

struct frame {
	uint32_t length;
	uint8_t type, flags;
	uint32_t stream;
	uint8_t payload[16384];
};

/* Preface and SETTINGS; window: the initial one. */
void h2_open(struct wire *, uint32_t window);
bool h2_send(struct wire *, uint8_t type, uint8_t flags, uint32_t stream, const void *, size_t);
/* HEADERS of a request without body (end) or with one to come. */
bool h2_request(struct wire *, uint32_t stream, const char *method, const char *path, bool end);
/* Puts a frame into a buffer; its size. */
size_t h2_frame(uint8_t *to, uint8_t type, uint8_t flags, uint32_t stream, const void *, size_t);
size_t h2_block(uint8_t *to, const char *method, const char *path);
bool h2_read(struct wire *, struct frame *, int ms);
/* Status of a stream's answer, 0 if it was reset, -1 if the connection ended. */
int h2_status(struct wire *, uint32_t stream, char *body, size_t size);

#endif
