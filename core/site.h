/*
 * site.h - one site of the house: its modules, routes, document, database
 */
#ifndef SITE_H
#define SITE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <helpdesk/plugin.h>

#include "attachment.h"
#include "conf.h"
#include "err.h"
#include "text.h"

struct arena;
struct hook;
struct indexer;
struct line;
struct module;
struct out;
struct resource;
struct route;
struct router;
struct writer;

/* A module's life in a site. */
struct instance {
	struct hd_instance hd;		/* first: what the module sees */
	const struct module *module;	/* NULL: it could not be taken */
	const char *file;		/* NULL: there is none */
	const struct conf_module *conf;
	struct site *site;
	const char *refused;		/* a line for the log: which, why, where; NULL: it serves */
	const char *why;		/* the sentence in it */
	unsigned route_count;		/* that it adds to the site's router */
	const struct resource **resources;	/* of the descriptor's, in their order; NULL ends */
	const char **options;		/* values in the order of the descriptor's options */
	const char **statements;	/* SQL in the order of the descriptor's statements */
	unsigned statement_count;
	struct err err;			/* what hd_refuse said */
	bool started;
};

/* What of a module's code runs while a site starts and ends. */
enum site_stage { SITE_LOAD, SITE_INIT, SITE_FINI };

/* Is told before such code runs, and after; whoever runs it may never come back. */
struct site_watch {
	void (*enter)(struct site_watch *, const struct instance *, enum site_stage);
	void (*leave)(struct site_watch *);
};

/* Where a module was: "while it was loaded", "in its init", "in its fini". */
const char *site_stage_words(enum site_stage);

/* The OpenAPI document, but for the list of servers that may depend on the request. */
struct document {
	struct text before, after;	/* what stands around the value of "servers" */
	struct text servers;		/* JSON array; absent: made from the request */
	char etag[24];			/* of before, after and servers: "\"0123456789abcdef\"" */
};

/* Lines of a lane, which serve side by side. */
struct lines {
	struct line **line;
	unsigned count;
};

struct site {
	const struct conf_site *conf;
	struct site_watch *watch;	/* NULL: nobody asks */
	unsigned index;			/* among the house's, */
	const struct site *all;		/* which are these; NULL: there is no house */
	struct instance **instances;	/* those that serve first, in the order of their needs */
	size_t instance_count;
	struct router *router;
	struct document document;
	const char *not_ready;		/* JSON array of sentences; NULL: all modules serve */
	struct writer *writer;
	struct attachment_terms files;	/* what is attached is there */
	const struct hook *hooks;	/* in the order of the needs; the first */
	struct indexer *indexer;	/* NULL: nothing to index, or nobody to do it */
	int64_t stamp;			/* of the latest change; on the writer's thread only */
	atomic_bool shuffled;		/* rows were not made in the order of their ids */
	const char *folder;		/* of its database; spools are made there */
	struct lines slow;		/* for long reads */
	struct lines blocking;		/* for what waits for other services */
};

/*
 * A shared object that is in use; the same for all sites.  Found and judged once per
 * process, and with it what is made of its tables.
 */
struct loaded {
	struct module *module;
	const struct resource **resources;
	struct loaded *next;
};

/*
 * Puts a site together up to its document: modules found, judged, ordered; options read;
 * routes and document merged.  No database is touched.  What stops the start goes to
 * faults, one a line; a module that is not required is left out and noted.  loaded is
 * the list of what is in use already.
 */
bool site_assemble(struct site *, const struct conf *, struct arena *, struct loaded **loaded,
    struct out *faults);

/*
 * Brings the site's database up to date for its modules, prepares their statements and
 * starts them.  site->writer is open.
 */
bool site_start(struct site *, const struct conf *, struct arena *, struct out *faults);

/* Ends what site_start has started. */
void site_stop(struct site *);

#endif
