/*
 * module_offers.c - whether what a module does unasked, and for others, is well said
 *
 * Hooks, jobs and services.  Whether a hook's table is there shows only beside the other
 * modules of a site (site_offers.c).
 */
#include "module_judge.h"

#include <string.h>

#include "duration.h"
#include "err.h"

enum { NAME_MOST = 48, REVISION_MOST = 6, LEAST = 1000000 };

/* ---- hooks ---- */

static const char *
hook_fault(const struct hd_hook *h)
{
	if (!module_is_word(h->table, NAME_MOST))
		return "has a table that is no word";
	if ((h->verbs & ~(unsigned)(HD_CREATE | HD_CHANGE | HD_DELETE)) != 0)
		return "has .verbs that are no changes";
	return h->run == NULL ? "has no function" : NULL;
}

static bool
check_hooks(const struct hd_module *m, struct err *e)
{
	const char *why;

	for (const struct hd_hook *h = m->hooks; h != NULL && h->table != NULL; h++)
		if ((why = hook_fault(h)) != NULL)
			return err_set(e, "hook on %.64s %s", h->table, why);
	return true;
}

/* ---- jobs ---- */

static bool
is_span(const char *every)
{
	int64_t span;

	return every != NULL && duration_read(text_of(every), &span) && span >= LEAST;
}

static bool
has_text_option(const struct hd_module *m, const char *name)
{
	for (const struct hd_option *o = m->options; o != NULL && o->name != NULL; o++)
		if (strcmp(o->name, name) == 0)
			return o->type == HD_TEXT;
	return false;
}

static bool
job_before(const struct hd_module *m, const struct hd_job *job)
{
	for (const struct hd_job *other = m->jobs; other != job; other++)
		if (strcmp(other->name, job->name) == 0)
			return true;
	return false;
}

static const char *
job_fault(const struct hd_module *m, const struct hd_job *job)
{
	if (!module_is_word(job->name, NAME_MOST))
		return "has a name that is no word";
	if (job_before(m, job))
		return "is there twice";
	if (!is_span(job->every))
		return "has .every that is no span of time of a second or more";
	if (job->option != NULL && !has_text_option(m, job->option))
		return "has an .option that is no HD_TEXT option of the module";
	return job->run == NULL && job->before == NULL ? "has no function" : NULL;
}

static bool
check_jobs(const struct hd_module *m, struct err *e)
{
	const char *why;

	for (const struct hd_job *job = m->jobs; job != NULL && job->name != NULL; job++)
		if ((why = job_fault(m, job)) != NULL)
			return err_set(e, "job %.64s %s", job->name, why);
	return true;
}

/* ---- services ---- */

/* "sla.due/1", of module sla. */
static bool
is_service_id(const struct hd_module *m, const char *id)
{
	const char *dot = strchr(id, '.'), *slash = strchr(id, '/');
	char word[NAME_MOST + 1];
	size_t n;

	if (dot == NULL || slash == NULL || slash < dot || strlen(m->name) != (size_t)(dot - id) ||
	    strncmp(id, m->name, (size_t)(dot - id)) != 0)
		return false;
	n = (size_t)(slash - dot) - 1;
	if (n == 0 || n > NAME_MOST)
		return false;
	memcpy(word, dot + 1, n);
	word[n] = '\0';
	n = strspn(slash + 1, "0123456789");
	return module_is_word(word, NAME_MOST) && n > 0 && n <= REVISION_MOST &&
	    slash[1] != '0' && slash[1 + n] == '\0';
}

static bool
service_before(const struct hd_module *m, const struct hd_service *s)
{
	for (const struct hd_service *other = m->services; other != s; other++)
		if (strcmp(other->id, s->id) == 0)
			return true;
	return false;
}

static const char *
service_fault(const struct hd_module *m, const struct hd_service *s)
{
	if (!is_service_id(m, s->id))
		return "has an id that is not the module's name, '.', a word, '/' and a number";
	if (service_before(m, s))
		return "is there twice";
	if (s->doc != NULL && !module_is_said(s->doc))
		return "has a .doc that is empty or no UTF-8";
	return s->call == NULL ? "has no function" : NULL;
}

static bool
check_services(const struct hd_module *m, struct err *e)
{
	const char *why;

	for (const struct hd_service *s = m->services; s != NULL && s->id != NULL; s++)
		if ((why = service_fault(m, s)) != NULL)
			return err_set(e, "service %.64s %s", s->id, why);
	return true;
}

bool
module_check_offers(const struct hd_module *m, struct err *e)
{
	return check_hooks(m, e) && check_jobs(m, e) && check_services(m, e);
}
