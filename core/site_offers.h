/*
 * site_offers.h - hooks and jobs of a site's modules
 */
#ifndef SITE_OFFERS_H
#define SITE_OFFERS_H

#include <stdbool.h>

struct arena;
struct err;
struct instance;
struct site;

/* Whether each job of the module has a span of time by the site's options. */
bool site_check_jobs(const struct instance *, struct err *);

/* Whether each hook is for a resource of the module, or of one that it needs. */
bool site_check_hooks(const struct site *, const struct instance *, struct err *);

/* Makes the site's list of hooks, in the order of its instances. */
void site_make_hooks(struct site *, struct arena *);

#endif
