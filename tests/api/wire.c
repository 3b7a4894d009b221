/*
 * wire.c - HTTP/1.1 over a socket; refuses what RFC 9112 does not allow in a reply
 */
#include "wire.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "arena.h"
#include "err.h"
#include "out.h"

enum { PATIENCE = 30, REPLY_MAX = 64 << 20 };

/* What has come over the connection and is not used up. */
struct input {
	int socket;
	struct arena *arena;
	struct out out;
	size_t used;
	bool ended;
};

void
wire_init(struct wire *w, const char *host, unsigned port)
{
	*w = (struct wire){ .port = port, .socket = -1 };
	strncpy(w->host, host, sizeof w->host - 1);
}

void
wire_fini(struct wire *w)
{
	if (w->socket >= 0)
		close(w->socket);
	w->socket = -1;
}

static bool
connect_to(struct wire *w, struct err *e)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)w->port) };
	struct timeval patience = { .tv_sec = PATIENCE };

	inet_pton(AF_INET, w->host, &to.sin_addr);
	w->socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(w->socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	setsockopt(w->socket, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
	if (connect(w->socket, (struct sockaddr *)&to, sizeof to) == 0)
		return true;
	wire_fini(w);
	return err_set(e, "cannot connect to %s:%u", w->host, w->port);
}

/* Whether the other side has closed a connection that should be idle. */
static bool
is_stale(const struct wire *w)
{
	char byte;

	return recv(w->socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0 ||
	    (errno != EAGAIN && errno != EWOULDBLOCK);
}

bool
wire_send(struct wire *w, struct text bytes, struct err *e)
{
	ssize_t n;

	if (w->socket >= 0 && is_stale(w))
		wire_fini(w);
	if (w->socket < 0 && !connect_to(w, e))
		return false;
	while (bytes.len > 0) {
		n = send(w->socket, bytes.at, bytes.len, MSG_NOSIGNAL);
		if (n <= 0)
			return true;	/* refused before it was all there: the reply tells why */
		bytes.at += n;
		bytes.len -= (size_t)n;
	}
	return true;
}

struct text
wire_bytes(struct arena *a, const struct question *q)
{
	struct out out;

	out_init(&out, a, REPLY_MAX);
	out_text(&out, q->method);
	out_char(&out, ' ');
	out_text(&out, q->target);
	out_string(&out, " HTTP/1.1\r\n");
	for (size_t i = 0; i < q->field_count; i++) {
		out_text(&out, q->fields[i].name);
		out_string(&out, ": ");
		out_text(&out, q->fields[i].value);
		out_string(&out, "\r\n");
	}
	if (q->body.at != NULL)
		out_printf(&out, "Content-Length: %zu\r\n", q->body.len);
	out_string(&out, "\r\n");
	out_text(&out, q->body);
	return (struct text){ out.at, out.len };
}

static bool
more(struct input *in)
{
	char *room = out_room(&in->out, 64 << 10);
	ssize_t n = room == NULL ? -1 : recv(in->socket, room, 64 << 10, 0);

	if (n > 0)
		in->out.len += (size_t)n;
	else
		in->ended = true;
	return n > 0;
}

/* One line without its CRLF. */
static bool
take_line(struct input *in, struct text *ret)
{
	char *end;

	while ((end = in->out.len == in->used ? NULL : memmem(in->out.at + in->used,
	    in->out.len - in->used, "\r\n", 2)) == NULL)
		if (!more(in))
			return false;
	ret->len = (size_t)(end - in->out.at) - in->used;
	ret->at = arena_copy(in->arena, in->out.at + in->used, ret->len);
	in->used += ret->len + 2;
	return true;
}

static bool
take_bytes(struct input *in, size_t n, struct out *to)
{
	while (in->out.len - in->used < n)
		if (!more(in))
			return false;
	out_bytes(to, in->out.at + in->used, n);
	in->used += n;
	return true;
}

static bool
take_field(struct input *in, struct text line, struct reply *r, struct err *e)
{
	const char *colon = line.len == 0 ? NULL : memchr(line.at, ':', line.len);
	struct field *f = &r->fields[r->field_count];
	char *name;

	if (colon == NULL || colon == line.at || r->field_count == REPLY_FIELDS)
		return err_set(e, "no header field: %s", line.at);
	f->name.len = (size_t)(colon - line.at);
	name = arena_copy(in->arena, line.at, f->name.len);
	for (char *c = name; *c != '\0'; c++)
		*c = (char)tolower((unsigned char)*c);
	f->name.at = name;
	f->value = text_trim((struct text){ colon + 1, line.len - f->name.len - 1 });
	r->field_count++;
	return true;
}

static bool
take_chunks(struct input *in, struct out *to, struct err *e)
{
	struct text line;
	size_t n;
	char *end;

	do {
		if (!take_line(in, &line))
			return err_set(e, "the reply ends inside its chunks");
		n = strtoul(line.at, &end, 16);
		if (end == line.at || *end != '\0')
			return err_set(e, "no chunk size: %s", line.at);
		if (!take_bytes(in, n, to) || !take_line(in, &line) || line.len != 0)
			return err_set(e, "the reply ends inside a chunk");
	} while (n > 0);
	return true;
}

static bool
take_body(struct input *in, struct reply *r, struct err *e)
{
	struct text length = reply_field(r, "content-length");
	struct out body;
	bool good;

	out_init(&body, in->arena, REPLY_MAX);
	if (text_equal_ascii(reply_field(r, "transfer-encoding"), TEXT("chunked"))) {
		if (length.at != NULL)
			return err_set(e, "both Content-Length and chunks");
		good = take_chunks(in, &body, e);
	} else if (length.at != NULL) {
		good = take_bytes(in, strtoul(length.at, NULL, 10), &body) ||
		    err_set(e, "the reply ends inside its body");
	} else {
		while (more(in))
			continue;
		good = take_bytes(in, in->out.len - in->used, &body);
	}
	r->body = (struct text){ body.len == 0 ? "" : body.at, body.len };
	return good;
}

static bool
take_head(struct input *in, struct reply *r, struct err *e)
{
	struct text line;

	do {
		r->field_count = 0;
		if (!take_line(in, &line))
			return err_set(e, "the connection ended without a reply");
		if (line.len < 12 || memcmp(line.at, "HTTP/1.1 ", 9) != 0)
			return err_set(e, "no status line: %s", line.at);
		r->status = atoi(line.at + 9);
		while (take_line(in, &line) && line.len > 0)
			if (!take_field(in, line, r, e))
				return false;
	} while (r->status < 200);
	return !in->ended || err_set(e, "the reply ends inside its header section");
}

bool
wire_read(struct wire *w, struct arena *a, bool head, struct reply *ret, struct err *e)
{
	struct input in = { .socket = w->socket, .arena = a };
	bool good;

	out_init(&in.out, a, REPLY_MAX);
	ret->body = TEXT("");
	good = take_head(&in, ret, e);
	if (good && !head && ret->status != 204 && ret->status != 304)
		good = take_body(&in, ret, e);
	if (good && in.used < in.out.len)
		good = err_set(e, "%zu bytes after the reply", in.out.len - in.used);
	if (!good || in.ended ||
	    text_equal_ascii(reply_field(ret, "connection"), TEXT("close")))
		wire_fini(w);
	return good;
}

bool
wire_ask(struct wire *w, struct arena *a, struct text bytes, bool head, struct reply *ret,
    struct err *e)
{
	return wire_send(w, bytes, e) && wire_read(w, a, head, ret, e);
}
