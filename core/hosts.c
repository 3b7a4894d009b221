/*
 * hosts.c - from the host of a request to its site
 *
 * A sorted table: a provider has hundreds of sites, and every request asks.
 */
#include "hosts.h"

#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "site.h"

struct host {
	struct text name;
	struct site *site;
};

struct hosts {
	struct site *fallback;	/* of every other host; NULL: there is none */
	size_t count;
	struct host sorted[];
};

static int
compare(const void *a, const void *b)
{
	const struct host *x = a, *y = b;
	size_t n = x->name.len < y->name.len ? x->name.len : y->name.len;
	int order = n > 0 ? memcmp(x->name.at, y->name.at, n) : 0;

	if (order != 0)
		return order;
	return x->name.len < y->name.len ? -1 : x->name.len > y->name.len;
}

struct hosts *
hosts_new(struct arena *a, struct site *sites, size_t n)
{
	struct hosts *h;
	size_t i, k, count = 0;

	for (i = 0; i < n; i++)
		count += sites[i].conf->host_count;
	h = arena_zero(a, sizeof(*h) + count * sizeof(h->sorted[0]));
	for (i = 0; i < n; i++) {
		if (sites[i].conf->host_count == 0)
			h->fallback = &sites[i];
		for (k = 0; k < sites[i].conf->host_count; k++)
			h->sorted[h->count++] = (struct host){ text_of(sites[i].conf->hosts[k]),
			    &sites[i] };
	}
	qsort(h->sorted, h->count, sizeof(h->sorted[0]), compare);
	return h;
}

/* Without port, and without the dot that ends a full name. */
static struct text
host_of(struct text authority)
{
	size_t n = authority.len;

	while (n > 0 && authority.at[n - 1] >= '0' && authority.at[n - 1] <= '9')
		n--;
	if (n > 0 && authority.at[n - 1] == ':')
		authority.len = n - 1;
	if (authority.len > 0 && authority.at[authority.len - 1] == '.')
		authority.len--;
	return authority;
}

struct site *
hosts_find(const struct hosts *h, struct arena *a, struct text authority)
{
	struct text host = host_of(authority);
	struct host wanted, *found;
	char *lower;
	size_t i;

	if (h->count == 0)
		return h->fallback;
	lower = arena_copy(a, host.at, host.len);
	for (i = 0; lower != NULL && i < host.len; i++)
		if (lower[i] >= 'A' && lower[i] <= 'Z')
			lower[i] |= 0x20;
	if (lower == NULL)
		return NULL;
	wanted.name = (struct text){ lower, host.len };
	found = bsearch(&wanted, h->sorted, h->count, sizeof(h->sorted[0]), compare);
	return found != NULL ? found->site : h->fallback;
}
