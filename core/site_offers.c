/*
 * site_offers.c - hooks and jobs of a site's modules
 */
#include "site_offers.h"

#include <string.h>

#include "arena.h"
#include "err.h"
#include "hook.h"
#include "host.h"
#include "job.h"
#include "module.h"
#include "resource.h"
#include "site.h"

bool
site_check_jobs(const struct instance *i, struct err *e)
{
	const struct hd_job *job = i->module->d->jobs;
	int64_t span;

	for (; job != NULL && job->name != NULL; job++)
		if (!job_span(i, job, &span, e))
			return false;
	return true;
}

static bool
is_needed(const struct instance *by, const struct instance *i)
{
	const struct hd_need *need = by->module->d->needs;

	for (; need != NULL && need->module != NULL; need++)
		if (strcmp(need->module, i->module->d->name) == 0)
			return true;
	return by == i;
}

/* The resource whose rows a hook is for; NULL: none that the module may watch. */
static const struct resource *
watched(const struct site *s, const struct instance *by, const char *table)
{
	size_t i, k;

	for (i = 0; i < s->instance_count; i++) {
		const struct instance *of = s->instances[i];

		if (of->refused != NULL || of->module == NULL || !is_needed(by, of))
			continue;
		for (k = 0; of->resources[k] != NULL; k++)
			if (of->resources[k]->tie != TIE_RECORD &&
			    strcmp(of->resources[k]->d->table, table) == 0)
				return of->resources[k];
	}
	return NULL;
}

bool
site_check_hooks(const struct site *s, const struct instance *i, struct err *e)
{
	const struct hd_hook *h = i->module->d->hooks;

	for (; h != NULL && h->table != NULL; h++)
		if (watched(s, i, h->table) == NULL)
			return err_set(e, "hook on table \"%.64s\": it is no resource of module %s "
			    "or of one that it needs", h->table, i->module->d->name);
	return true;
}

static struct hook *
make(struct arena *a, const struct site *s, struct instance *i, const struct hd_hook *declared)
{
	struct hook *h = arena_zero(a, sizeof(*h));

	h->resource = watched(s, i, declared->table);
	h->verbs = declared->verbs != 0 ? declared->verbs : HD_CREATE | HD_CHANGE | HD_DELETE;
	h->run = host_hook;
	h->instance = i;
	h->declared = declared;
	return h;
}

void
site_make_hooks(struct site *s, struct arena *a)
{
	const struct hook **last = &s->hooks;
	struct hook *h;
	const struct hd_hook *declared;
	size_t i;

	*last = NULL;
	for (i = 0; i < s->instance_count; i++) {
		if (s->instances[i]->refused != NULL || s->instances[i]->module == NULL)
			continue;
		declared = s->instances[i]->module->d->hooks;
		for (; declared != NULL && declared->table != NULL; declared++) {
			h = make(a, s, s->instances[i], declared);
			*last = h;
			last = &h->next;
		}
	}
}
