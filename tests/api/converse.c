/*
 * converse.c - runs conversations (*.http, see http_file.h) with the API
 *
 *	converse [-b BUILD] FILE...
 *		each file twice: indoors (the house alone) and over the wire
 *	converse [-b BUILD] -p PORT -s STRICT -l LENIENT FILE...
 *		each file once, the server on PORT, through two validating proxies before
 *		it: what must succeed through the one on STRICT, which refuses violations,
 *		the rest through the one on LENIENT, which reports them
 *
 * Each file has a site of its own, a copy of one that is made at the start.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "arena.h"
#include "db.h"
#include "err.h"
#include "http_file.h"
#include "indoors.h"
#include "place.h"
#include "talk.h"
#include "wire.h"

enum { FILES_MAX = 200, KEYS_MAX = 12 };

struct key {
	const char *name;	/* in conversations */
	char value[128];
};

/* A site from which those of the conversations are copied. */
struct model {
	const char *name;
	struct place place;
	struct key keys[KEYS_MAX];
	size_t key_count;
	bool made;
	bool (*make)(struct model *, struct err *);
};

struct runner {
	const char *build;
	unsigned port, strict, lenient;		/* 0: no proxies */
	struct model models[2];
	unsigned asked, failed;
};

struct test {
	struct runner *runner;
	const char *file;
	bool indoors;
};

/* The ways that a talk may go. */
struct ways {
	struct indoors indoors;
	struct wire wire, strict, lenient;
};

/* ---- the sites ---- */

static bool
add_key(struct model *m, const char *as, const char *site, const char *name, const char *user,
    struct err *e)
{
	struct key *k = &m->keys[m->key_count++];

	k->name = as;
	return place_add_key(&m->place, site, name, user, k->value, e);
}

static bool
revoke_key(struct model *m, const char *site, const char *name, struct err *e)
{
	const char *words[] = { "key", "revoke", name, "--site", site, NULL };

	return place_run(&m->place, NULL, 0, words) == 0 ||
	    err_set(e, "key revoke %s failed", name);
}

/* The people of the document's examples have the ids that it prints. */
static const char *const people[] = {
	"admin", "nikos", "eleni", "giorgos", "alex", "tech02", "tech01", "tech03", "geozac",
	"infra-team", "workshop", "integration-user", "Αθηνά", "σίσυφος", "Jürgen",
	"kostas", "dimitra", "maria", "sofia", "o'neil",
};

static bool
make_plain(struct model *m, struct err *e)
{
	if (!place_configure(&m->place, place_sites, e))
		return false;
	for (size_t i = 0; i < sizeof people / sizeof *people; i++)
		if (!place_add_user(&m->place, "athens", people[i], e))
			return false;
	return add_key(m, "key.nobody", "athens", "Chatbot", NULL, e) &&
	    add_key(m, "key.revoked", "athens", "Old Bot", "maria", e) &&
	    revoke_key(m, "athens", "Old Bot", e) &&
	    add_key(m, "key.maria", "athens", "Maria's Scripts", "maria", e) &&
	    add_key(m, "key", "athens", "Automation Bot", "integration-user", e) &&
	    place_add_user(&m->place, "patras", "petros", e) &&
	    place_add_user(&m->place, "patras", "maria", e) &&
	    add_key(m, "key.patras", "patras", "Patras Bot", "petros", e);
}

static bool
make_demo(struct model *m, struct err *e)
{
	const char *fill[] = { "sh", "conf/demo.sh", m->place.build, m->place.folder, "fill",
	    NULL };
	char path[200], port[12];
	FILE *f;

	snprintf(port, sizeof port, "%u", place_free_port());
	setenv("PORT", port, 1);
	if (place_run_program(NULL, 0, fill) != 0)
		return err_set(e, "conf/demo.sh failed");
	snprintf(path, sizeof path, "%s/key", m->place.folder);
	f = fopen(path, "r");
	if (f == NULL || fgets(m->keys[0].value, sizeof m->keys[0].value, f) == NULL)
		return err_set(e, "there is no key in %s", path);
	fclose(f);
	m->keys[0].value[strcspn(m->keys[0].value, "\n")] = '\0';
	m->keys[0].name = "key";
	m->key_count = 1;
	return true;
}

static struct model *
get_model(struct runner *r, const char *name, struct err *e)
{
	for (size_t i = 0; i < sizeof r->models / sizeof *r->models; i++) {
		struct model *m = &r->models[i];

		if (strcmp(m->name, name) != 0)
			continue;
		if (m->made)
			return m;
		if (!place_make(&m->place, r->build, e) || !m->make(m, e))
			return NULL;
		m->made = true;
		return m;
	}
	err_set(e, "there is no site %s", name);
	return NULL;
}

static bool
run_sql(const char *database, const char *sql, struct err *e)
{
	struct db *db;
	bool good;

	if (sql[0] == '\0')
		return true;
	if (!db_open(database, DB_WRITER, &db, e))
		return false;
	good = db_begin(db, e) && db_execute(db, sql, e) && db_commit(db, e);
	db_close(db);
	return good;
}

/* ---- the ways ---- */

static bool
ask_indoors(struct talk *t, struct arena *a, const struct question *q, struct text raw,
    const struct exchange *x, int meant, struct reply *r, struct err *e)
{
	struct ways *w = t->owner;

	(void)raw, (void)x, (void)meant;
	return indoors_ask(&w->indoors, a, q, r, e);
}

static bool
ask_raw(struct wire *like, struct arena *a, struct text raw, struct reply *r, struct err *e)
{
	struct wire own;
	bool good;

	wire_init(&own, like->host, like->port);
	good = wire_ask(&own, a, raw, false, r, e);
	wire_fini(&own);
	return good;
}

static bool
ask_wire(struct talk *t, struct arena *a, const struct question *q, struct text raw,
    const struct exchange *x, int meant, struct reply *r, struct err *e)
{
	struct ways *w = t->owner;

	(void)x, (void)meant;
	if (raw.at != NULL)
		return ask_raw(&w->wire, a, raw, r, e);
	return wire_ask(&w->wire, a, wire_bytes(a, q), text_equal(q->method, TEXT("HEAD")), r, e);
}

static bool
ask_proxy(struct talk *t, struct arena *a, const struct question *q, struct text raw,
    const struct exchange *x, int meant, struct reply *r, struct err *e)
{
	struct ways *w = t->owner;
	bool strict = meant >= 200 && meant < 300;
	struct text said;

	if (x->flags & EXCHANGE_DIRECT)
		return ask_wire(t, a, q, raw, x, meant, r, e);
	if (!wire_ask(strict ? &w->strict : &w->lenient, a, wire_bytes(a, q),
	    text_equal(q->method, TEXT("HEAD")), r, e))
		return false;
	said = reply_field(r, "sl-violations");
	if (said.len > 0 && (strict || strstr(said.at, "[\"response\"") != NULL))
		return err_set(e, "the proxy says: %s", said.at);
	if ((x->flags & EXCHANGE_FORBIDDEN) &&
	    (said.len == 0 || strstr(said.at, "[\"request\",\"body\"") == NULL))
		return err_set(e, "the proxy finds no fault with the body");
	return true;
}

/* ---- the tests ---- */

static void
count(struct runner *r, const struct talk *t)
{
	r->asked += t->asked;
	r->failed += t->failed;
}

static bool
open_ways(struct test *test, struct place *p, struct talk *t, struct err *e)
{
	struct runner *r = test->runner;
	struct ways *w = t->owner;
	bool proxy = r->strict != 0;

	if (test->indoors) {
		t->way = "indoors";
		t->ask = ask_indoors;
		return indoors_open(p->conf, &w->indoors, e);
	}
	t->way = proxy ? "through the proxy" : "over the wire";
	t->ask = proxy ? ask_proxy : ask_wire;
	t->has_wire = true;
	t->through_proxy = proxy;
	w->wire.port = p->port;
	return place_start(p, e);
}

/* False if the server did not end well: a crash, or what a sanitizer found. */
static bool
close_ways(struct test *test, struct place *p, struct ways *w)
{
	char log[200];
	const char *words[] = { "tail", "-n", "40", log, NULL };
	char end[8192];

	wire_fini(&w->wire);
	wire_fini(&w->strict);
	wire_fini(&w->lenient);
	if (test->indoors) {
		indoors_close(&w->indoors);
		return true;
	}
	if (p->server == 0 || place_stop(p, SIGTERM) == 0)
		return true;
	snprintf(log, sizeof log, "%s/log", p->folder);
	place_run_program(end, sizeof end, words);
	printf("%s\n", end);
	return false;
}

static bool
prepare(struct test *test, struct place *p, const struct http_file *f, struct talk *t,
    char *database, size_t size, struct err *e)
{
	struct model *m = get_model(test->runner, f->site, e);

	if (m == NULL || !place_make(p, test->runner->build, e))
		return false;
	p->port = test->runner->port;
	if (!place_configure(p, place_sites, e) || !place_copy(m->place.folder, p, e))
		return false;
	snprintf(database, size, "%s/helpdesk.db", p->folder);
	t->database = database;
	for (size_t i = 0; i < m->key_count; i++)
		names_set(&t->names, m->keys[i].name, text_of(m->keys[i].value));
	return run_sql(database, f->sql, e);
}

static void
a_conversation_goes_as_written(void **state)
{
	struct test *test = *state;
	struct place p = { 0 };
	struct ways ways = { 0 };
	struct http_file f;
	struct arena a;
	struct talk t = { .owner = &ways, .names = { .arena = &a } };
	struct err e = { "" };
	char database[200];
	bool good, well;

	arena_init(&a, 64 << 20);
	wire_init(&ways.wire, "127.0.0.1", 0);
	wire_init(&ways.strict, "127.0.0.1", test->runner->strict);
	wire_init(&ways.lenient, "127.0.0.1", test->runner->lenient);
	good = http_file_read(&a, test->file, &f, &e) &&
	    prepare(test, &p, &f, &t, database, sizeof database, &e) &&
	    open_ways(test, &p, &t, &e);
	if (good)
		talk_run(&t, &f);
	well = close_ways(test, &p, &ways);
	place_remove(&p);
	arena_fini(&a);
	count(test->runner, &t);
	if (!good)
		fail_msg("%s: %s", test->file, e.message);
	assert_true(t.asked > 0);
	assert_true(well);
	if (t.failed > 0)
		fail_msg("%u of %u exchanges failed", t.failed, t.asked);
}

static size_t
list_tests(struct runner *r, char **files, int n, struct test *tests, struct CMUnitTest *list)
{
	static char names[FILES_MAX * 2][160];
	size_t count = 0;

	for (int i = 0; i < n && i < FILES_MAX; i++)
		for (int indoors = r->strict == 0; indoors >= 0; indoors--) {
			tests[count] = (struct test){ r, files[i], indoors };
			snprintf(names[count], sizeof names[count], "%s %s", files[i],
			    indoors ? "indoors" : r->strict ? "by proxy" : "over the wire");
			list[count] = (struct CMUnitTest){ .name = names[count],
			    .test_func = a_conversation_goes_as_written,
			    .initial_state = &tests[count] };
			count++;
		}
	return count;
}

static bool
read_options(struct runner *r, int argc, char **argv)
{
	int option;

	while ((option = getopt(argc, argv, "b:p:s:l:")) != -1)
		switch (option) {
		case 'b':
			r->build = optarg;
			break;
		case 'p':
			r->port = (unsigned)atoi(optarg);
			break;
		case 's':
			r->strict = (unsigned)atoi(optarg);
			break;
		case 'l':
			r->lenient = (unsigned)atoi(optarg);
			break;
		default:
			return false;
		}
	return optind < argc && (r->strict == 0) == (r->lenient == 0);
}

int
main(int argc, char **argv)
{
	static struct test tests[FILES_MAX * 2];
	static struct CMUnitTest list[FILES_MAX * 2];
	struct runner r = { .build = "build", .models = {
	    { .name = "plain", .make = make_plain }, { .name = "demo", .make = make_demo } } };
	size_t n;
	int failed;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!read_options(&r, argc, argv)) {
		fprintf(stderr, "usage: converse [-b BUILD] [-p PORT -s PORT -l PORT] FILE...\n");
		return 64;
	}
	n = list_tests(&r, argv + optind, argc - optind, tests, list);
	failed = _cmocka_run_group_tests("conversations", list, n, NULL, NULL);
	for (size_t i = 0; i < 2; i++)
		if (r.models[i].place.folder[0] != '\0')
			place_remove(&r.models[i].place);
	printf("exchanges: %u passed, %u failed\n", r.asked - r.failed, r.failed);
	return failed == 0 ? 0 : 1;
}
