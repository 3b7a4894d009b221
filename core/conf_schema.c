/*
 * conf_schema.c - every key of the configuration, as rows
 *
 * Tables, and the few rules that a range cannot say.  A new key is a row here and a
 * member of struct conf, nothing else.
 */
#include "conf_schema.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "text.h"

#ifndef CONF_MODULE_DIR
#define CONF_MODULE_DIR "/usr/lib/helpdesk/modules"
#endif

#define KIB(n) ((uint64_t)(n) << 10)
#define MIB(n) ((uint64_t)(n) << 20)
#define GIB(n) ((uint64_t)(n) << 30)
#define TIB(n) ((uint64_t)(n) << 40)
#define SECONDS(n) ((uint64_t)(n) * 1000)
#define HOURS(n) SECONDS((n) * 3600)

static const char lower[] = "abcdefghijklmnopqrstuvwxyz";
static const char word_rest[] = "abcdefghijklmnopqrstuvwxyz0123456789_";
static const char label_rest[] = "abcdefghijklmnopqrstuvwxyz0123456789-";

/* ---- what a range cannot say: why a text is refused, or NULL ---- */

static const char *
site_refusal(const char *name)
{
	if (name[0] == '-' || name[strspn(name, label_rest)] != '\0')
		return "a site's name is of a-z, 0-9 and '-', and does not begin with '-'";
	return NULL;
}

static const char *
module_refusal(const char *name)
{
	if (strchr(lower, name[0]) == NULL || name[strspn(name, word_rest)] != '\0')
		return "a module's name is of a-z, 0-9 and '_', and begins with a letter";
	return NULL;
}

static const char *
host_refusal(const char *host)
{
	size_t n = strlen(host);

	if (host[0] == '[' && n > 3 && host[n - 1] == ']' &&
	    strspn(host + 1, "0123456789abcdef:.") == n - 2)
		return NULL;
	if (strchr(host, ':') != NULL)
		return "a host name is given without scheme and port";
	if (strspn(host, "abcdefghijklmnopqrstuvwxyz0123456789-.") != n || host[0] == '.' ||
	    host[n - 1] == '.' || strstr(host, "..") != NULL)
		return "a host name is of letters, digits, '-' and '.'; others as xn--...";
	return NULL;
}

static const char *
url_refusal(const char *url)
{
	const char *rest = strncmp(url, "https://", 8) == 0 ? url + 8 :
	    strncmp(url, "http://", 7) == 0 ? url + 7 : NULL;

	if (rest == NULL || rest[0] == '\0' || rest[0] == '/')
		return "a public URL begins with https:// or http:// and a host name";
	for (const char *c = rest; *c != '\0'; c++)
		if (!isgraph((unsigned char)*c) || strchr("\"<>\\^`{|}?#", *c) != NULL)
			return "a public URL has no query, fragment or white space in it";
	return url[strlen(url) - 1] == '/' ? "a public URL ends without '/'" : NULL;
}

static const char *
address_refusal(const char *address)
{
	static const char why[] = "an address is HOST:PORT or [IPV6]:PORT, PORT at most 65535";
	const char *colon = strrchr(address, ':');
	int64_t port;

	if (colon == NULL || !text_to_int(text_of(colon + 1), &port) || port < 0 || port > 65535)
		return why;
	if (address[0] == '[')
		return colon - address > 2 && colon[-1] == ']' ? NULL : why;
	return colon != address && memchr(address, ':', (size_t)(colon - address)) == NULL &&
	    strpbrk(address, " []/") == NULL ? NULL : why;
}

static const char *
digest_refusal(const char *digest)
{
	if (strlen(digest) != 64 || strspn(digest, "0123456789abcdef") != 64)
		return "a SHA-256 is 64 hex digits";
	return NULL;
}

/* ---- server ---- */

#define AT(member) offsetof(struct conf, member)

static const char *const log_levels[] = { "error", "warning", "info", "debug", NULL };
static const char *const engines[] = { "sqlite", NULL };

static const struct conf_row tls_rows[] = {
	{ "certificate", CONF_FILE, offsetof(struct conf_listen, certificate),
	  .flags = CONF_REQUIRED, .example = "tls/fullchain.pem",
	  .doc = "PEM file: the certificate, then those between it and the root" },
	{ "key", CONF_FILE, offsetof(struct conf_listen, key),
	  .flags = CONF_REQUIRED, .example = "tls/privkey.pem",
	  .doc = "PEM file of the private key; nobody else should be able to read it" },
	{ 0 },
};

static const struct conf_row listen_rows[] = {
	{ "address", CONF_TEXT, offsetof(struct conf_listen, address), .flags = CONF_REQUIRED,
	  .most = 300, .unique = CONF_ONE_ADDRESS, .refusal = address_refusal,
	  .example = "127.0.0.1:8080",
	  .doc = "HOST:PORT or [IPV6]:PORT; port 0: any that is free" },
	{ "tls", CONF_SECTION, 0, .flags = CONF_OPTIONAL, .rows = tls_rows,
	  .doc = "HTTP/1.1 and HTTP/2 by ALPN; without it, clear text (and h2c)" },
	{ 0 },
};

static const struct conf_row server_rows[] = {
	{ "listen", CONF_ITEMS, AT(server.listens), "[ { address: \"127.0.0.1:8080\" } ]",
	  1, 64, .rows = listen_rows, .size = sizeof(struct conf_listen),
	  .count = AT(server.listen_count), .place = offsetof(struct conf_listen, place),
	  .doc = "Where to listen" },
	{ "threads", CONF_PROCESSORS, AT(server.threads), "auto", 1, 256,
	  .doc = "Event loops; auto: one per processor" },
	{ "slow_threads", CONF_INTEGER, AT(server.slow_threads), "2", 1, 256,
	  .doc = "Threads for long reads" },
	{ "blocking_threads", CONF_INTEGER, AT(server.blocking_threads), "4", 1, 256,
	  .doc = "Threads for modules that wait for others; a site gets at most half" },
	{ "write_threads", CONF_INTEGER, AT(server.write_threads), "8", 1, 256,
	  .doc = "Threads that the writers of all sites share" },
	{ "drain", CONF_DURATION, AT(server.drain), "10s", 0, HOURS(1),
	  .doc = "How long a stop waits for answers to leave" },
	{ "access_log", CONF_BOOLEAN, AT(server.access_log), "true",
	  .doc = "One line per request on standard error" },
	{ "log_level", CONF_WORD, AT(server.log_level), "info", .words = log_levels,
	  .doc = "What else is written there" },
	{ 0 },
};

static const struct conf_row limit_rows[] = {
	{ "connections", CONF_INTEGER, AT(limits.connections), "10000", 1, 1000000,
	  .doc = "Connections open at once" },
	{ "connections_per_address", CONF_INTEGER, AT(limits.connections_per_address), "1000",
	  0, 1000000,
	  .doc = "Likewise from one address; 0, as behind a proxy: no limit of its own" },
	{ "handshakes_per_address", CONF_INTEGER, AT(limits.handshakes_per_address), "32",
	  1, 1000000, .doc = "TLS handshakes under way at once from one address" },
	{ "streams", CONF_INTEGER, AT(limits.streams), "100", 100, 256,
	  .doc = "HTTP/2: requests under way on one connection" },
	{ "cancelled", CONF_INTEGER, AT(limits.cancelled), "100", 1, 1000000,
	  .doc = "Requests that one connection may break off in a second" },
	{ "jobs_per_connection", CONF_INTEGER, AT(limits.jobs_per_connection), "128", 1, 1000000,
	  .doc = "Requests of one connection that wait for a database, cancelled ones included" },
	{ "write_queue", CONF_INTEGER, AT(limits.write_queue), "4096", 1, 1000000,
	  .doc = "Changes that may wait for a site's writer; more are answered 503" },
	{ "slow_queue", CONF_INTEGER, AT(limits.slow_queue), "256", 1, 1000000,
	  .doc = "Likewise long reads of a site" },
	{ "body", CONF_SIZE, AT(limits.body), "1MiB", KIB(1), GIB(1),
	  .doc = "Body of a request; more is answered 413" },
	{ "unfinished", CONF_SIZE, AT(limits.unfinished), "64MiB", KIB(1), TIB(1),
	  .doc = "Bodies that are not complete yet, of all connections together" },
	{ "unfinished_per_connection", CONF_SIZE, AT(limits.unfinished_per_connection), "3MiB",
	  KIB(1), TIB(1), .doc = "Likewise of one connection" },
	{ "target", CONF_SIZE, AT(limits.target), "8KiB", 256, KIB(64),
	  .doc = "Path and query of a request; more is answered 414" },
	{ "header_bytes", CONF_SIZE, AT(limits.header_bytes), "32KiB", KIB(1), KIB(256),
	  .doc = "Header section of a request; more is answered 431" },
	{ "header_fields", CONF_INTEGER, AT(limits.header_fields), "100", 16, 100,
	  .doc = "Fields in it; more are answered 431" },
	{ "inline_answer", CONF_SIZE, AT(limits.inline_answer), "512KiB", KIB(4), MIB(64),
	  .doc = "Longer answers are made in the slow lane" },
	{ "read_steps", CONF_INTEGER, AT(limits.read_steps), "100000", 1000, 1000000000,
	  .doc = "Database steps that a read may take on an event loop; 30 are a microsecond" },
	{ "slow_steps", CONF_INTEGER, AT(limits.slow_steps), "600000", 1, 4000000,
	  .unit = "thousand", .doc = "Likewise in the slow lane; more are answered 503" },
	{ "attachment", CONF_SIZE, AT(limits.attachment), "25MiB", KIB(1), TIB(1),
	  .doc = "A file that is attached; more is answered 413" },
	{ "unindexed", CONF_INTEGER, AT(limits.unindexed), "100000", 0, 1000000000,
	  .doc = "Rows of a table; of more, a list in an order that no index has is refused" },
	{ "page_cache", CONF_SIZE, AT(limits.page_cache), "64MiB", 0, TIB(1),
	  .doc = "Pages of databases in the memory of event loops, together; 2 MiB each at least" },
	{ "spool", CONF_SIZE, AT(limits.spool), "4GiB", 0, TIB(1024),
	  .doc = "Long answers that wait on disk for their clients, all together" },
	{ "request_memory", CONF_SIZE, AT(limits.request_memory), "64MiB", MIB(1), TIB(1),
	  .doc = "Memory of one request; JSON takes some 40 times its bytes" },
	{ 0 },
};

static const struct conf_row timeout_rows[] = {
	{ "handshake", CONF_DURATION, AT(timeouts.handshake), "5s", 100, HOURS(1),
	  .doc = "For a TLS handshake" },
	{ "header", CONF_DURATION, AT(timeouts.header), "10s", 100, HOURS(1),
	  .doc = "Until the first request, or the next one that has begun, is there" },
	{ "keep_alive", CONF_DURATION, AT(timeouts.keep_alive), "60s", 100, HOURS(24),
	  .doc = "A connection without any request under way" },
	{ "idle", CONF_DURATION, AT(timeouts.idle), "20s", 100, HOURS(24),
	  .doc = "Requests are under way, and none began or ended" },
	{ "stall", CONF_DURATION, AT(timeouts.stall), "15s", 100, HOURS(1),
	  .doc = "An answer is due, and the client takes nothing of it" },
	{ "slow_bytes", CONF_DURATION, AT(timeouts.slow_bytes), "10s", 100, HOURS(1),
	  .doc = "An answer is due, and the client took under 32 KiB of it" },
	{ 0 },
};

/* ---- sites ---- */

static const struct conf_row module_rows[] = {
	{ "name", CONF_TEXT, offsetof(struct conf_module, name), .flags = CONF_KEY,
	  .most = 31, .refusal = module_refusal },
	{ "enabled", CONF_BOOLEAN, offsetof(struct conf_module, enabled), "true",
	  .doc = "Off: its paths are gone, its rows in the database stay" },
	{ "required", CONF_BOOLEAN, offsetof(struct conf_module, required), "true",
	  .doc = "Off: the server starts even if it has to refuse the module" },
	{ "sha256", CONF_LOWER, offsetof(struct conf_module, sha256), .flags = CONF_OPTIONAL,
	  .refusal = digest_refusal, .example = "(64 hex digits)",
	  .doc = "Take the file only if this is its digest" },
	{ "options", CONF_OPTIONS, offsetof(struct conf_module, options),
	  .size = sizeof(struct conf_option), .count = offsetof(struct conf_module, option_count) },
	{ 0 },
};

static const struct conf_row database_rows[] = {
	{ "engine", CONF_WORD, offsetof(struct conf_site, engine), "sqlite", .words = engines,
	  .doc = "The database engine" },
	{ "path", CONF_FILE, offsetof(struct conf_site, path), .flags = CONF_REQUIRED,
	  .unique = CONF_ONE_DATABASE, .example = "/var/lib/helpdesk/helpdesk.db",
	  .doc = "Its file; made when it is not there" },
	{ 0 },
};

static const struct conf_row site_rows[] = {
	{ "name", CONF_TEXT, offsetof(struct conf_site, name), .flags = CONF_REQUIRED, .most = 63,
	  .unique = CONF_ONE_SITE, .refusal = site_refusal, .example = "main",
	  .doc = "For messages and --site: a-z, 0-9 and '-'" },
	{ "hosts", CONF_LIST, offsetof(struct conf_site, hosts), .flags = CONF_OPTIONAL,
	  .most = 1000, .item = CONF_LOWER, .example = "[]", .unique = CONF_ONE_HOST,
	  .refusal = host_refusal, .size = sizeof(char *),
	  .count = offsetof(struct conf_site, host_count),
	  .doc = "Host names that lead here; none: all that lead to no other site" },
	{ "public_url", CONF_TEXT, offsetof(struct conf_site, public_url), .flags = CONF_OPTIONAL,
	  .most = 1000, .refusal = url_refusal, .example = "https://helpdesk.example.com",
	  .doc = "What clients call this site; without it, what the request says" },
	{ "database", CONF_SECTION, 0, .rows = database_rows, .doc = "Where everything is kept" },
	{ "files", CONF_FILE, offsetof(struct conf_site, files), .flags = CONF_OPTIONAL,
	  .example = "/var/lib/helpdesk/helpdesk.db.files",
	  .doc = "Folder of what is attached; without it, the database's path and .files" },
	{ "modules", CONF_NAMED, offsetof(struct conf_site, modules), .flags = CONF_REQUIRED,
	  .least = 1, .most = 256, .rows = module_rows, .size = sizeof(struct conf_module),
	  .count = offsetof(struct conf_site, module_count),
	  .place = offsetof(struct conf_module, place),
	  .example = "meta users keys audit tickets knowledge software hardware",
	  .doc = "What it serves; other keys below a module's name are its own" },
	{ 0 },
};

const struct conf_row conf_schema[] = {
	{ "server", CONF_SECTION, 0, .rows = server_rows, .doc = "The program as a whole" },
	{ "limits", CONF_SECTION, 0, .rows = limit_rows, .doc = "What clients cannot exceed" },
	{ "timeouts", CONF_SECTION, 0, .rows = timeout_rows,
	  .doc = "After so long the connection is closed" },
	{ "module_path", CONF_LIST, AT(module_path), "[ \"" CONF_MODULE_DIR "\" ]", 1, 64,
	  .item = CONF_FILE, .size = sizeof(char *), .count = AT(module_path_count),
	  .example = "[ modules, /usr/local/lib/helpdesk/modules ]", .doc = "Folders with modules, "
	  "NAME.so, searched in this order; without it, the one that was installed" },
	{ "sites", CONF_ITEMS, AT(sites), .flags = CONF_REQUIRED, .least = 1, .most = 10000,
	  .rows = site_rows, .size = sizeof(struct conf_site), .count = AT(site_count),
	  .place = offsetof(struct conf_site, place),
	  .doc = "Each with its own users, keys and rows; nothing of one is seen by another" },
	{ 0 },
};

/* ---- units ---- */

static const struct conf_unit no_units[] = { { "", 1 }, { 0 } };
static const struct conf_unit size_units[] = {
	{ "", 1 }, { "KiB", KIB(1) }, { "MiB", MIB(1) }, { "GiB", GIB(1) }, { "TiB", TIB(1) },
	{ 0 },
};
static const struct conf_unit duration_units[] = {
	{ "ms", 1 }, { "s", SECONDS(1) }, { "m", SECONDS(60) }, { "h", HOURS(1) }, { 0 },
};

const struct conf_unit *
conf_units(enum conf_type type)
{
	return type == CONF_SIZE ? size_units : type == CONF_DURATION ? duration_units : no_units;
}

const char *
conf_quantity(enum conf_type type, uint64_t number, char buffer[32])
{
	const struct conf_unit *best = conf_units(type);

	for (const struct conf_unit *u = best; u->name != NULL; u++)
		if (number >= u->factor && number % u->factor == 0)
			best = u;
	snprintf(buffer, 32, "%" PRIu64 "%s", number / best->factor, best->name);
	return buffer;
}
