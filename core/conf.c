/*
 * conf.c - the configuration file, read and checked
 *
 * The file as a whole, and what no row can say of a single key: no two sites of one
 * name, limits that fit each other.  Looks at no other file: whether a database or a
 * certificate is there is seen by who opens it.
 */
#include "conf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "cleanup.h"
#include "conf_fault.h"
#include "conf_reader.h"
#include "out.h"

enum { FILE_LIMIT = 1 << 20, MEMORY_LIMIT = 64 << 20 };

static int
by_claim(const void *a, const void *b)
{
	const struct conf_claim *p = *(struct conf_claim *const *)a;
	const struct conf_claim *q = *(struct conf_claim *const *)b;
	int order = p->kind != q->kind ? (int)p->kind - (int)q->kind : strcmp(p->text, q->text);

	if (order != 0 || p->place.line == q->place.line)
		return order != 0 ? order : (int)p->place.column - (int)q->place.column;
	return p->place.line < q->place.line ? -1 : 1;
}

/* No two sites of one name, no host that leads to two of them, and so on. */
static void
check_claims(struct conf_reader *r)
{
	static const char *const nouns[] = {
		[CONF_ONE_SITE] = "the name of another site",
		[CONF_ONE_HOST] = "a host of a site",
		[CONF_ONE_DATABASE] = "the database of another site",
		[CONF_ONE_ADDRESS] = "listened on",
	};
	const struct conf_claim **sorted;
	size_t n = 0;

	sorted = conf_reader_take(r, r->claim_count * sizeof(struct conf_claim *));
	if (sorted == NULL)
		return;
	for (const struct conf_claim *c = r->claims; c != NULL; c = c->before)
		sorted[n++] = c;
	qsort(sorted, n, sizeof sorted[0], by_claim);
	for (size_t i = 1; i < n; i++) {
		const struct conf_claim *first = sorted[i - 1], *c = sorted[i];

		if (first->kind == c->kind && strcmp(first->text, c->text) == 0)
			conf_fault(r->faults, c->place, "%s: \"%.100s\" is %s already, see line %u",
			    c->path, c->text, nouns[c->kind], first->place.line);
	}
}

/* A host name that no site has can lead to one site only. */
static void
check_hosts(struct conf_reader *r, const struct conf *conf)
{
	const struct conf_site *first = NULL;

	for (size_t i = 0; i < conf->site_count; i++) {
		const struct conf_site *site = &conf->sites[i];

		if (site->host_count == 0 && first != NULL)
			conf_fault(r->faults, site->place, "sites[%zu]: needs hosts; the site in "
			    "line %u has none already, and so every other host", i,
			    first->place.line);
		else if (site->host_count == 0)
			first = site;
	}
}

/* Limits of which one makes no sense above the other. */
static void
check_limits(struct conf_reader *r, const struct conf *conf, const struct conf_node *root)
{
	const struct {
		const char *name, *above;
		uint64_t value, most;
	} pairs[] = {
		{ "body", "unfinished_per_connection",
		  conf->limits.body, conf->limits.unfinished_per_connection },
		{ "unfinished_per_connection", "unfinished",
		  conf->limits.unfinished_per_connection, conf->limits.unfinished },
		{ "target", "header_bytes", conf->limits.target, conf->limits.header_bytes },
	};
	const struct conf_node *limits = conf_yaml_find(root, "limits"), *node;
	char a[32], b[32];

	for (size_t i = 0; limits != NULL && i < sizeof pairs / sizeof pairs[0]; i++) {
		if (pairs[i].value <= pairs[i].most)
			continue;
		node = conf_yaml_find(limits, pairs[i].name);
		if (node == NULL)
			node = conf_yaml_find(limits, pairs[i].above);
		if (node != NULL)
			conf_fault(r->faults, node->place,
			    "limits.%s: %s is above limits.%s, which is %s", pairs[i].name,
			    conf_quantity(CONF_SIZE, pairs[i].value, a), pairs[i].above,
			    conf_quantity(CONF_SIZE, pairs[i].most, b));
	}
}

/* The parts of "HOST:PORT" and "[IPV6]:PORT". */
static void
split_address(struct arena *arena, struct conf_listen *listen)
{
	const char *host = listen->address, *colon;
	size_t n;

	if (host == NULL)
		return;
	colon = strrchr(host, ':');
	n = (size_t)(colon - host);
	if (host[0] == '[') {
		host++;
		n -= 2;
	}
	listen->port = colon + 1;
	listen->host = arena_copy(arena, host, n);
}

static void
read_root(struct conf_reader *r, const struct conf_node *root, struct conf *conf)
{
	if (root->kind != CONF_MAPPING) {
		conf_fault(r->faults, root->place, "must be a section with keys, such as sites");
		return;
	}
	conf_reader_rows(r, conf_schema, root, (char *)conf);
	check_claims(r);
	check_hosts(r, conf);
	if (r->faults->count == 0)
		check_limits(r, conf, root);
	for (size_t i = 0; i < conf->server.listen_count; i++)
		split_address(r->arena, &conf->server.listens[i]);
}

/* What conf_free gives back. */
struct whole {
	struct conf conf;
	struct arena arena;
};

static struct whole *
whole_new(const char *file)
{
	struct whole *whole = calloc(1, sizeof *whole);

	if (whole == NULL)
		return NULL;
	arena_init(&whole->arena, MEMORY_LIMIT);
	whole->conf.file = arena_copy(&whole->arena, file, strlen(file));
	if (whole->conf.file != NULL)
		return whole;
	conf_free(&whole->conf);
	return NULL;
}

static struct text
folder_of(const char *file)
{
	const char *slash = strrchr(file, '/');

	return (struct text){ file, slash != NULL ? (size_t)(slash + 1 - file) : 0 };
}

bool
conf_parse(const char *file, const char *yaml, size_t n, struct conf **ret, struct out *told)
{
	struct whole *whole = whole_new(file);
	struct conf_faults faults = { .arena = whole != NULL ? &whole->arena : NULL };
	struct conf_reader r = { .arena = faults.arena, .faults = &faults,
		.folder = folder_of(file) };
	const struct conf_node *root = NULL;

	if (whole == NULL) {
		out_printf(told, "%s: no memory\n", file);
		return false;
	}
	if (n > FILE_LIMIT)
		conf_fault(&faults, (struct conf_place){ 0 }, "is larger than 1 MiB");
	else
		root = conf_yaml(r.arena, yaml, n, &faults);
	if (root != NULL)
		read_root(&r, root, &whole->conf);
	if (faults.count > 0) {
		conf_faults_write(&faults, file, told);
		conf_free(&whole->conf);
		return false;
	}
	*ret = &whole->conf;
	return true;
}

static void
file_close(FILE **f)
{
	if (*f != NULL)
		fclose(*f);
}

static void
bytes_free(char **bytes)
{
	free(*bytes);
}

bool
conf_read(const char *file, struct conf **ret, struct out *told)
{
	CLEANUP(file_close) FILE *f = fopen(file, "re");
	CLEANUP(bytes_free) char *yaml = malloc(FILE_LIMIT + 1);
	size_t n;

	if (f == NULL || yaml == NULL) {
		out_printf(told, "%s: cannot be read: %s\n", file, strerror(errno));
		return false;
	}
	n = fread(yaml, 1, FILE_LIMIT + 1, f);
	if (ferror(f)) {
		out_printf(told, "%s: cannot be read: %s\n", file, strerror(errno));
		return false;
	}
	return conf_parse(file, yaml, n, ret, told);
}

void
conf_free(struct conf *conf)
{
	struct whole *whole = (struct whole *)(void *)conf;
	struct arena arena;

	if (whole == NULL)
		return;
	arena = whole->arena;
	arena_fini(&arena);
	free(whole);
}
