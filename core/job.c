/*
 * job.c - what modules do now and then, by themselves
 */
#include "job.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "arena.h"
#include "duration.h"
#include "err.h"
#include "host.h"
#include "log.h"
#include "module.h"
#include "request.h"
#include "serve.h"
#include "site.h"
#include "timetable.h"

enum { LEAST = 1000000 };	/* microseconds between two runs */

/* A job of a module in a site. */
struct work {
	struct due due;		/* first */
	const struct job_terms *terms;
	struct instance *instance;
	struct route route;
	int64_t span;
};

static void
say(const struct work *w, const struct request *req)
{
	const struct fault *f = req->faults;

	log_warning("%s: module %s: job %s failed: %s", w->instance->site->conf->name,
	    w->instance->module->d->name, w->route.job->name,
	    f != NULL ? f->message : "see above");
}

/* Called by whoever has run it. */
static void
ended(struct request *req)
{
	struct work *w = req->owner;

	if (req->status != 0)
		say(w, req);
	request_free(req);
	timetable_put(w->terms->timetable, &w->due, w->span);
}

static struct request *
make_request(struct work *w)
{
	struct request *req = request_new(w->terms->memory);

	req->hd.host = host_table();
	req->method = text_of(w->route.method);
	req->target = req->path = text_of(w->route.path);
	req->house = w->terms->house;
	req->site = w->instance->site;
	req->files = &req->site->files;
	req->hooks = req->site->hooks;
	req->route = &w->route;
	req->owner = w;
	req->on_answer = ended;
	req->address = TEXT("local");
	snprintf(req->id, sizeof(req->id), "job %s", w->route.job->name);
	serve_stamp(req);
	return req;
}

static void
begin(struct due *due)
{
	struct work *w = (struct work *)due;
	struct request *req = make_request(w);

	if (w->terms->serve(req))
		return;
	serve_finish(req);
	ended(req);
}

static const char *
option_value(const struct instance *i, const char *name)
{
	const struct hd_option *o = i->module->d->options;
	size_t k;

	for (k = 0; o != NULL && o[k].name != NULL; k++)
		if (strcmp(o[k].name, name) == 0)
			return i->options[k];
	return NULL;
}

bool
job_span(const struct instance *i, const struct hd_job *job, int64_t *span, struct err *e)
{
	const char *said = job->option != NULL ? option_value(i, job->option) : NULL;

	if (said == NULL || *said == '\0')
		said = job->every;
	if (!duration_read(text_of(said), span) || (*span != 0 && *span < LEAST))
		return err_set(e, "option %s: '%s' is no span of time; one is 30s, 15m, 24h, 7d "
		    "or 0", job->option, said);
	return true;
}

void
job_start(struct arena *a, const struct job_terms *terms, struct instance *i)
{
	const struct hd_job *job = i->module->d->jobs;
	struct work *w;
	struct err e;

	for (; job != NULL && job->name != NULL; job++) {
		w = arena_zero(a, sizeof(*w));
		w->due.call = begin;
		w->terms = terms;
		w->instance = i;
		w->route = (struct route){ .method = "JOB", .path = job->name, .job = job,
					   .access = job->run != NULL ? HD_WRITE : HD_BLOCKING,
					   .serve = host_job, .instance = i,
					   .module = i->module->d->name };
		if (job->run != NULL && job->before != NULL)
			w->route.before = host_before;
		if (job_span(i, job, &w->span, &e) && w->span > 0)
			timetable_put(terms->timetable, &w->due, 0);
	}
}
