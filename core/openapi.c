/*
 * openapi - the OpenAPI 3.0.3 document of a site
 *
 * Made once, at start, in memory that is given back; the text alone stays.  What is
 * said of routes and resources is said in openapi_operation.c and openapi_resource.c, what
 * must agree is compared in openapi_merge.c.  Nothing here knows a module by name.
 */
#include "openapi.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "arena.h"
#include "err.h"
#include "json.h"
#include "module.h"
#include "openapi_error.h"
#include "openapi_header.h"
#include "openapi_merge.h"
#include "openapi_operation.h"
#include "openapi_resource.h"
#include "out.h"
#include "resource.h"
#include "route.h"
#include "site.h"

enum { MEMORY = 256 << 20 };	/* far more than any set of modules needs */

static const char head[] =
    "{\"openapi\":\"3.0.3\",\"info\":{\"title\":\"Helpdesk\",\"version\":\"" HELPDESK_VERSION "\","
    "\"description\":\"Send an API key with every request, as `X-API-Key` or as `Authorization:"
    " Bearer`.\\n\\nBodies are JSON in UTF-8. Dates are `YYYY-MM-DD`; date-times are ISO 8601, and"
    " are answered in UTC without a zone. A user is given by id or name, and answered as id. A"
    " number given for a text is taken as its text.\\n\\nErrors are `{\\\"error\\\": \\\"...\\\"}`"
    " with all faults of a request at once. Unknown query parameters and members are ignored, or"
    " refused with `Prefer: handling=strict`.\","
    "\"contact\":{\"name\":\"The administrators of this site\"},"
    "\"license\":{\"name\":\"MIT\",\"url\":\"https://opensource.org/license/mit\"}},\"servers\":";

static const char security[] = ",\"security\":[{\"ApiKey\":[]},{\"BearerKey\":[]}]";

static const struct {
	const char *name, *json;
} schemes[] = {
	{ "ApiKey", "{\"type\":\"apiKey\",\"in\":\"header\",\"name\":\"X-API-Key\","
	  "\"description\":\"The API key; counts before a bearer token\"}" },
	{ "BearerKey", "{\"type\":\"http\",\"scheme\":\"bearer\","
	  "\"description\":\"The API key as bearer token\"}" },
};

/* A document in the making. */
struct build {
	struct site *site;
	struct arena arena;	/* for the time of the making */
	struct merge *merge;
	struct instance *whose;	/* what is being added is of this one */
	struct err *e;
};

static bool
serves(const struct instance *i)
{
	return i->module != NULL && i->refused == NULL;
}

/* ---- components ---- */

static bool
add_schemes(struct build *b)
{
	const struct json *json;

	for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
		if (!json_parse(&b->arena, text_of(schemes[i].json), &json, b->e) ||
		    !merge_component(b->merge, "securitySchemes", text_of(schemes[i].name), json,
		    NULL, b->e))
			return false;
	return true;
}

static bool
add_components(struct build *b)
{
	const struct hd_module *m = b->whose->module->d;
	const struct resource **r = b->whose->resources;

	for (; r != NULL && *r != NULL; r++)
		if (!openapi_resource_components(b->merge, &b->arena, *r, m, b->e))
			return false;
	return m->openapi == NULL || merge_fragment(b->merge, text_of(m->openapi), m, b->e);
}

/* ---- operations and their tags ---- */

static const char *
resource_tag(const struct hd_module *m, const struct hd_resource *d)
{
	return d->title != NULL ? d->title : m->name;
}

/* Operations that are no resource's stand with the module's first resource, if it has one. */
static const char *
module_tag(const struct hd_module *m)
{
	return m->resources != NULL && m->resources->path != NULL ?
	    resource_tag(m, m->resources) : m->name;
}

static bool
add_route(void *context, const struct route *r)
{
	struct build *b = context;
	const struct hd_module *m = r->instance->module->d;
	const struct json *json;
	const char *tag = r->resource != NULL ? resource_tag(m, r->resource->d) : module_tag(m);

	return r->instance != b->whose ||
	    (openapi_operation(&b->arena, r, tag, &json, b->e) &&
	    merge_operation(b->merge, r, json, m, b->e));
}

/* One after the other, so that of two that do not agree the later one is told of. */
static bool
add_modules(struct build *b)
{
	for (size_t i = 0; i < b->site->instance_count; i++) {
		b->whose = b->site->instances[i];
		if (serves(b->whose) &&
		    (!add_components(b) || !router_walk(b->site->router, add_route, b)))
			return false;
	}
	b->whose = NULL;
	return true;
}

/* When all are there: one may refer to what another has brought. */
static bool
resolve(struct build *b)
{
	const struct hd_module *whose = NULL;

	if (merge_resolve(b->merge, &whose, b->e))
		return true;
	for (size_t i = 0; i < b->site->instance_count; i++)
		if (serves(b->site->instances[i]) && b->site->instances[i]->module->d == whose)
			b->whose = b->site->instances[i];
	return false;
}

/* A tag that is in the list already is not written again: {name, description}. */
static void
write_tag(struct out *o, struct arena *arena, const char *name, const char *doc)
{
	struct out quoted;

	out_init(&quoted, arena, SIZE_MAX);
	out_string(&quoted, "{\"name\":");
	json_text(&quoted, text_of(name));
	if (quoted.failed || memmem(o->at, o->len, quoted.at, quoted.len) != NULL)
		return;
	if (o->at[o->len - 1] != '[')
		out_char(o, ',');
	out_bytes(o, quoted.at, quoted.len);
	if (doc != NULL) {
		out_string(o, ",\"description\":");
		json_text(o, text_of(doc));
	}
	out_char(o, '}');
}

static void
write_module_tags(struct out *o, struct arena *arena, const struct hd_module *m)
{
	const struct hd_resource *d = m->resources;
	bool one = d == NULL || d[0].path == NULL || d[1].path == NULL;

	for (; d != NULL && d->path != NULL; d++)
		write_tag(o, arena, resource_tag(m, d), one ? m->doc : d->doc);
	if (m->routes != NULL && m->routes->method != NULL)
		write_tag(o, arena, module_tag(m), m->doc);
}

static void
write_tags(struct out *o, struct build *b)
{
	out_string(o, ",\"tags\":[");
	for (size_t i = 0; i < b->site->instance_count; i++)
		if (serves(b->site->instances[i]))
			write_module_tags(o, &b->arena, b->site->instances[i]->module->d);
	out_char(o, ']');
}

/* ---- the text ---- */

static struct text
keep(struct arena *arena, const struct out *o)
{
	const char *copy = arena_copy(arena, o->at, o->len);

	return (struct text){ copy, copy == NULL ? 0 : o->len };
}

static void
write_servers(struct out *o, const char *url)
{
	size_t n = strlen(url);

	while (n > 0 && url[n - 1] == '/')
		n--;
	out_string(o, "[{\"url\":");
	json_text(o, (struct text){ url, n });
	out_string(o, "}]");
}

static void
make_etag(const struct document *d, struct arena *arena, char etag[24])
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	struct out whole;
	uint64_t front = 0;

	out_init(&whole, arena, SIZE_MAX);
	out_text(&whole, d->before);
	out_text(&whole, d->servers);
	out_text(&whole, d->after);
	if (EVP_Digest(whole.at, whole.len, sum, NULL, EVP_sha256(), NULL) == 1)
		for (int i = 0; i < 8; i++)
			front = front << 8 | sum[i];
	snprintf(etag, 24, "\"%016" PRIx64 "\"", front);
}

/* Most sites of a house have the same modules, and so the same hundred kilobytes. */
static struct text
keep_once(const struct build *b, struct arena *arena, const struct out *out)
{
	struct text t = { out->at, out->len };
	unsigned i;

	for (i = 0; b->site->all != NULL && i < b->site->index; i++)
		if (text_equal(b->site->all[i].document.after, t))
			return b->site->all[i].document.after;
	return keep(arena, out);
}

static bool
finish(struct build *b, struct arena *arena)
{
	struct document *d = &b->site->document;
	struct out servers, after;

	out_init(&servers, &b->arena, SIZE_MAX);
	if (b->site->conf->public_url != NULL)
		write_servers(&servers, b->site->conf->public_url);
	out_init(&after, &b->arena, SIZE_MAX);
	write_tags(&after, b);
	out_string(&after, security);
	out_string(&after, ",\"paths\":");
	merge_write_paths(b->merge, &after);
	out_string(&after, ",\"components\":");
	merge_write_components(b->merge, &after);
	out_char(&after, '}');
	*d = (struct document){ .before = TEXT(head), .after = keep_once(b, arena, &after) };
	if (servers.len > 0)
		d->servers = keep(arena, &servers);
	if (after.failed || servers.failed || d->after.at == NULL)
		return err_set(b->e, "no memory for the OpenAPI document");
	make_etag(d, &b->arena, d->etag);
	return true;
}

bool
openapi_build(struct site *site, struct arena *arena, struct instance **whose, struct err *e)
{
	struct build b = { .site = site, .e = e };
	bool done;

	arena_init(&b.arena, MEMORY);
	b.merge = merge_new(&b.arena);
	done = b.merge != NULL && openapi_error_components(b.merge, &b.arena, e) &&
	    openapi_header_components(b.merge, &b.arena, e) &&
	    add_schemes(&b) && add_modules(&b) && resolve(&b) && finish(&b, arena);
	*whose = b.whose;
	arena_fini(&b.arena);
	return done;
}
