/*
 * listen.c - the sockets that clients connect to
 *
 * No SO_REUSEPORT: a second instance started by mistake would silently take a part of
 * the traffic.
 */
#include "listen.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "conf.h"
#include "conn.h"
#include "err.h"
#include "tls.h"

enum { QUEUE = 4096, BUFFER = 128 * 1024 };

static bool
set(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value)) == 0;
}

/* "[::]:80" takes IPv4 clients along, unless "0.0.0.0:80" is there for them. */
static bool
has_own_v4(const struct conf *conf, const char *port)
{
	size_t i;

	for (i = 0; i < conf->server.listen_count; i++)
		if (strcmp(conf->server.listens[i].host, "0.0.0.0") == 0 &&
		    strcmp(conf->server.listens[i].port, port) == 0)
			return true;
	return false;
}

/*
 * Accepted sockets inherit what is set here.  The buffers are bounded because the
 * library reads until there is nothing left: their size is what one connection can make
 * it take, or the kernel keep, at once.
 */
static bool
prepare(int fd, const struct addrinfo *ai, bool v6_only)
{
	return set(fd, SOL_SOCKET, SO_REUSEADDR, 1) &&
	    (ai->ai_family != AF_INET6 || set(fd, IPPROTO_IPV6, IPV6_V6ONLY, v6_only)) &&
	    set(fd, SOL_SOCKET, SO_RCVBUF, BUFFER) && set(fd, SOL_SOCKET, SO_SNDBUF, 2 * BUFFER) &&
	    set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
}

static int
open_one(const struct addrinfo *ai, bool v6_only)
{
	int fd = socket(ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -1;
	if (prepare(fd, ai, v6_only) && bind(fd, ai->ai_addr, ai->ai_addrlen) == 0 &&
	    listen(fd, QUEUE) == 0)
		return fd;
	close(fd);
	return -1;
}

static void
name(struct listener *l, const struct conf_listen *conf)
{
	bool v6 = strchr(conf->host, ':') != NULL;
	struct sockaddr_storage sa;
	socklen_t n = sizeof(sa);
	char port[NI_MAXSERV];

	if (getsockname(l->fd, (struct sockaddr *)&sa, &n) != 0 ||
	    getnameinfo((struct sockaddr *)&sa, n, NULL, 0, port, sizeof(port),
	    NI_NUMERICSERV) != 0)
		snprintf(port, sizeof(port), "%s", conf->port);
	snprintf(l->url, sizeof(l->url), "%s://%s%.60s%s:%s",
	    conf->certificate == NULL ? "http" : "https",
	    v6 ? "[" : "", conf->host, v6 ? "]" : "", port);
}

static bool
open_address(const struct conf *conf, const struct conf_listen *l, struct listener *ret,
    struct err *e)
{
	struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM,
				  .ai_flags = AI_PASSIVE | AI_NUMERICSERV }, *found;
	const char *host = l->host[0] == '\0' || strcmp(l->host, "*") == 0 ? NULL : l->host;
	int error = getaddrinfo(host, l->port, &hints, &found);

	if (error != 0)
		return err_set(e, "%s:%u:%u: %s: %s", conf->file, l->place.line, l->place.column,
		    l->address, gai_strerror(error));
	ret->fd = open_one(found, has_own_v4(conf, l->port));
	error = errno;
	freeaddrinfo(found);
	if (ret->fd < 0)
		return err_set(e, "%s:%u:%u: cannot listen on %s: %s", conf->file, l->place.line,
		    l->place.column, l->address, strerror(error));
	name(ret, l);
	return true;
}

static bool
open_tls(const struct conf *conf, const struct conf_listen *l, struct listener *ret, struct err *e)
{
	if (l->certificate == NULL || tls_open(l, conn_handshaken, &ret->tls, e))
		return true;
	return err_prefix(e, "%s:%u:%u: %s: ", conf->file, l->place.line, l->place.column,
	    l->address);
}

bool
listen_open(const struct conf *conf, struct listener **ret, size_t *count, struct err *e)
{
	size_t n = conf->server.listen_count, i;
	struct listener *all = calloc(n + 1, sizeof(*all));

	if (all == NULL)
		abort();
	for (i = 0; i < n; i++) {
		const struct conf_listen *l = &conf->server.listens[i];

		all[i].fd = -1;
		if (!open_address(conf, l, &all[i], e) || !open_tls(conf, l, &all[i], e)) {
			listen_close(all, i + 1);
			return false;
		}
	}
	*ret = all;
	*count = n;
	return true;
}

void
listen_stop(struct listener *all, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (all[i].fd >= 0)
			close(all[i].fd);
		all[i].fd = -1;
	}
}

void
listen_close(struct listener *all, size_t count)
{
	size_t i;

	if (all == NULL)
		return;
	listen_stop(all, count);
	for (i = 0; i < count; i++)
		tls_close(all[i].tls);
	free(all);
}
