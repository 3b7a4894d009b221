/*
 * hosts.h - from the host of a request to its site
 */
#ifndef HOSTS_H
#define HOSTS_H

#include <stddef.h>

#include "text.h"

struct arena;
struct hosts;
struct site;

/* A table of the sites' hosts, in the arena; a site without hosts has all others. */
struct hosts *hosts_new(struct arena *, struct site *sites, size_t n);

/* The site that serves an authority (host[:port], in any case); NULL if none does. */
struct site *hosts_find(const struct hosts *, struct arena *, struct text authority);

#endif
