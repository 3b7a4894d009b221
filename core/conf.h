/*
 * conf.h - the configuration file, read and checked
 *
 * One YAML file, of at most 1 MiB.  Every key is one row of a table in conf_schema.c
 * (name, type, default, range, unit, one line of documentation); from the table come
 * the checks, the defaults, the commented reference file and the messages.  All
 * faults are told at once, each with file, line and column:
 *
 *	helpdesk.yaml:12:12: server.threads: 0 is below 1
 *
 * Anchors, aliases, tags and duplicate keys are faults, so that a file is as large
 * as it looks.  Everything here is in one arena and lives until conf_free; read-only
 * after.
 */
#ifndef CONF_H
#define CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct out;

/* Where in the file something was said; line 0: nowhere, it is a default. */
struct conf_place {
	unsigned line, column;
};

/* A key of a module's section that the module, not the server, understands. */
struct conf_option {
	const char *name, *value;	/* the scalar as written */
	struct conf_place place;
};

struct conf_module {
	const char *name;		/* [a-z][a-z0-9_]*; the file is NAME.so in module_path */
	bool enabled;			/* default true */
	bool required;			/* default true: without it the server does not start */
	const char *sha256;		/* NULL, or the file's digest, 64 hex digits */
	struct conf_option *options;
	size_t option_count;
	struct conf_place place;
};

struct conf_site {
	const char *name;		/* [a-z0-9][a-z0-9-]* */
	const char **hosts;		/* lower case, no port; none: every host that no site has */
	size_t host_count;
	const char *public_url;		/* NULL, or "https://helpdesk.example.com" */
	const char *engine;		/* "sqlite" */
	const char *path;		/* of the database */
	const char *files;		/* folder of the attachments; NULL: path + ".files" */
	struct conf_module *modules;
	size_t module_count;
	struct conf_place place;
};

struct conf_listen {
	const char *address;		/* as written: "127.0.0.1:8080", "[::]:443" */
	const char *host, *port;	/* its parts, no brackets; port "0": any that is free */
	const char *certificate, *key;	/* PEM files, or both NULL: clear text */
	struct conf_place place;
};

/*
 * Times are in milliseconds, sizes in bytes.  Paths (certificate, key, database,
 * module_path) that were written relative are taken from the file's folder.
 */
struct conf {
	const char *file;		/* as given */
	struct {
		struct conf_listen *listens;
		size_t listen_count;
		unsigned threads;	/* event loops; "auto": one per processor */
		unsigned slow_threads;	/* for long reads */
		unsigned blocking_threads;	/* for modules that wait for others */
		unsigned write_threads;	/* shared by the writers of all sites */
		unsigned drain;		/* how long SIGTERM waits for answers to leave */
		bool access_log;	/* one line per request on standard error */
		const char *log_level;	/* "error", "warning", "info", "debug" */
	} server;
	struct {
		unsigned connections;	/* open at once */
		unsigned connections_per_address;	/* 0: no limit of its own */
		unsigned handshakes_per_address;	/* TLS handshakes under way at once */
		unsigned streams;	/* HTTP/2: requests under way on a connection, 100 to 256 */
		unsigned cancelled;	/* requests that a connection may break off, per second */
		unsigned jobs_per_connection;
		unsigned write_queue;	/* changes that may wait for a site's writer */
		unsigned slow_queue;	/* likewise for the slow lane of a site */
		uint64_t body;		/* of a request */
		uint64_t unfinished;	/* bytes of bodies not complete yet, of all connections */
		uint64_t unfinished_per_connection;
		uint64_t target;	/* of the request target: 8 KiB */
		uint64_t header_bytes;	/* 32 KiB */
		unsigned header_fields;	/* 100 */
		uint64_t inline_answer;	/* longer answers are made in the slow lane */
		unsigned read_steps;	/* database steps of a read, then to the slow lane */
		unsigned slow_steps;	/* and there, in thousands, then it is given up: 503 */
		uint64_t attachment;	/* bytes of a file that is attached */
		unsigned unindexed;	/* rows; of more, no list is sorted without an index */
		uint64_t page_cache;	/* bytes of database pages that all event loops keep */
		uint64_t spool;		/* bytes of long answers waiting on disk, of all clients */
		uint64_t request_memory;	/* arena of one request */
	} limits;
	struct {
		unsigned handshake;	/* TLS: 5 s */
		unsigned header;	/* until a request is there: 10 s */
		unsigned keep_alive;	/* no request is under way: 60 s */
		unsigned idle;		/* some are, and none began or ended: 20 s */
		unsigned stall;		/* an answer is due and the client takes nothing */
		unsigned slow_bytes;	/* likewise, and it took under 32 KiB in so long */
	} timeouts;
	const char **module_path;	/* folders searched in order */
	size_t module_path_count;
	struct conf_site *sites;
	size_t site_count;
};

/*
 * Reads and checks a file.  On failure *ret is untouched and all faults are written
 * to the out, one a line, in the order of the file (a thousand; then "and N more").
 * An out, and no struct err, because they would not fit.
 */
bool conf_read(const char *file, struct conf **ret, struct out *faults);

/* Likewise from memory; file is only named.  For tests, and for fuzzing. */
bool conf_parse(const char *file, const char *yaml, size_t n, struct conf **ret,
    struct out *faults);

void conf_free(struct conf *);	/* NULL is fine */

/* The commented reference: every key with its default, range and unit, as YAML that
 * conf_read takes. */
void conf_print_reference(FILE *);

#endif
