/*
 * job.h - what modules do now and then, by themselves
 *
 * A job is a route that the clock asks for: it runs where routes run, one run after the other.
 */
#ifndef JOB_H
#define JOB_H

#include <stdbool.h>
#include <stdint.h>

#include <helpdesk/plugin.h>

struct arena;
struct err;
struct instance;
struct request;
struct timetable;

/* What a job needs to know of where it runs; outlives it. */
struct job_terms {
	struct timetable *timetable;
	struct house *house;
	size_t memory;				/* of a run */
	/* Runs it as its route says; false if it has its answer already. */
	bool (*serve)(struct request *);
};

/* How long after a run the next comes, by the site's options, in microseconds; 0: never.
 * False for what is no span of time. */
bool job_span(const struct instance *, const struct hd_job *, int64_t *span, struct err *);

/* Puts the jobs of a started module into the timetable; they live in the arena. */
void job_start(struct arena *, const struct job_terms *, struct instance *);

#endif
