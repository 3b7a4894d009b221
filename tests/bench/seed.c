/*
 * seed.c - fills a database that the server has made with tickets and articles
 *
 *	seed DATABASE TICKETS ARTICLES
 *	seed words
 *
 * Straight into the tables, with all that the server would have derived: folded copies,
 * audit entries, full-text index.  Indexes of the filled tables are made anew behind the
 * rows, which takes a tenth of the time.  The rows depend on their numbers alone, so that
 * two databases of one size are alike; ids are 1 to n.  The server must not run meanwhile.
 * It refuses a table that has rows.
 *
 * What measurements look for is here: NEEDLES tickets of the department "Needle", and
 * articles with one of RARE rare words, which "seed words" prints.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sqlite3.h>

enum {
	NEEDLES = 50,
	RARE = 5000,		/* different rare words; an article has one */
	USERS = 20,
	CREATOR = 1,
	EPOCH = 1640995200,	/* 2022-01-01: row n was made n * STEP seconds later */
	STEP = 13,
	WORDS_IN_TICKET = 16,
	WORDS_IN_ARTICLE = 140,
	TEXT_SIZE = 4096,
	WORD_SIZE = 32,
	TIME_SIZE = 32,
	INDEXES = 32,		/* of a table, at most */
	PROGRESS = 500000,	/* rows between two lines of progress */
};

#define SEPARATOR "\xef\xbf\xbf"	/* between and behind the texts that are searched */

static const char *const vocabulary[] = {
	"printer", "floor", "keeps", "jamming", "since", "this", "morning", "paper", "tray",
	"error", "code", "screen", "network", "cable", "mailbox", "password", "reset", "laptop",
	"battery", "does", "not", "start", "after", "update", "please", "look", "soon", "user",
	"cannot", "open", "shared", "folder", "the", "of", "in", "office", "monitor", "flickers",
	"keyboard", "stuck", "phone", "line", "dead", "account", "locked", "license", "expired",
	"server", "slow", "backup", "failed", "disk", "full", "certificate", "browser", "crashes",
	"meeting", "room", "projector", "remote", "access", "token", "lost", "replacement",
};
static const char *const subjects[] = {
	"Printer jam on floor", "Password reset for desk", "No network in room",
	"Laptop does not start, tag", "Mailbox full, account", "Monitor flickers at desk",
};
static const char *const statuses[] = { "Open", "Open", "In Progress", "Resolved", "Closed" };
static const char *const priorities[] = { "Low", "Medium", "Medium", "High" };
static const char *const departments[] = {
	"Facilities", "Finance", "Human Resources", "Sales", "Legal", "Research", "Support",
};
static const char *const syllables[] = {
	"ba", "ke", "li", "mo", "nu", "ra", "se", "ti", "vo", "zu", "dra", "fle", "gri", "pro",
	"sku", "wex",
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define PICK(a, state) ((a)[next_random(state) % COUNT(a)])

/* splitmix64 */
static uint64_t
next_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

static void
must(sqlite3 *h, int rc, const char *what)
{
	if (rc == SQLITE_OK || rc == SQLITE_DONE || rc == SQLITE_ROW)
		return;
	fprintf(stderr, "seed: %s: %s\n", what, sqlite3_errmsg(h));
	exit(EXIT_FAILURE);
}

static void
run(sqlite3 *h, const char *sql)
{
	must(h, sqlite3_exec(h, sql, NULL, NULL, NULL), sql);
}

static sqlite3_stmt *
prepare(sqlite3 *h, const char *sql)
{
	sqlite3_stmt *st;

	must(h, sqlite3_prepare_v2(h, sql, -1, &st, NULL), sql);
	return st;
}

static void
bind(sqlite3_stmt *st, int parameter, const char *text)
{
	sqlite3_bind_text(st, parameter, text, -1, SQLITE_TRANSIENT);
}

static void
step(sqlite3 *h, sqlite3_stmt *st)
{
	must(h, sqlite3_step(st), sqlite3_sql(st));
	sqlite3_reset(st);
}

static int64_t
number(sqlite3 *h, const char *sql)
{
	sqlite3_stmt *st = prepare(h, sql);
	int64_t n;

	must(h, sqlite3_step(st), sql);
	n = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return n;
}

/* ---- texts ---- */

static void
lower(char *d, const char *s)
{
	while (*s != '\0') {
		*d++ = (char)(*s >= 'A' && *s <= 'Z' ? *s + ('a' - 'A') : *s);
		s++;
	}
	*d = '\0';
}

static void
sentence(char *d, int words, uint64_t *state)
{
	int n = sprintf(d, "The");

	while (words-- > 0)
		n += sprintf(d + n, " %s", PICK(vocabulary, state));
}

/* Three syllables and what tells it from all others. */
static void
rare_word(char *d, int64_t n)
{
	sprintf(d, "%s%s%s%04d", syllables[n % 16], syllables[n / 16 % 16],
	    syllables[n / 256 % 16], (int)(n % 10000));
}

static void
moment(char d[TIME_SIZE], int64_t row)
{
	time_t t = EPOCH + row * STEP;
	struct tm tm;
	size_t n;

	gmtime_r(&t, &tm);
	n = strftime(d, TIME_SIZE, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(d + n, TIME_SIZE - n, ".%06d", (int)(row * 7919 % 999983 + 1));
}

/* ---- indexes, away and back again ---- */

struct indexes {
	char *sql[INDEXES];
	int count;
};

static void
indexes_take(sqlite3 *h, const char *table, struct indexes *x)
{
	sqlite3_stmt *st = prepare(h, "SELECT name, sql FROM sqlite_master"
	    " WHERE type = 'index' AND tbl_name = ?1 AND sql IS NOT NULL");
	char *drop[INDEXES];

	x->count = 0;
	bind(st, 1, table);
	while (sqlite3_step(st) == SQLITE_ROW && x->count < INDEXES) {
		drop[x->count] = sqlite3_mprintf("DROP INDEX %s", sqlite3_column_text(st, 0));
		x->sql[x->count++] = sqlite3_mprintf("%s", sqlite3_column_text(st, 1));
	}
	sqlite3_finalize(st);
	for (int i = 0; i < x->count; i++) {
		run(h, drop[i]);
		sqlite3_free(drop[i]);
	}
}

static void
indexes_put_back(sqlite3 *h, struct indexes *x)
{
	for (int i = 0; i < x->count; i++) {
		run(h, x->sql[i]);
		sqlite3_free(x->sql[i]);
	}
}

/* ---- rows ---- */

struct seed {
	sqlite3 *h;
	sqlite3_stmt *row, *text, *audit;
	int64_t count;		/* of the rows under way */
	uint64_t state;		/* of what is chosen for the present row */
};

static void
add_users(sqlite3 *h)
{
	sqlite3_stmt *st = prepare(h, "INSERT INTO core_user (name, name_fold, email, full_name,"
	    " created_at, updated_at) VALUES (?1, ?1, ?2, ?3, ?4, ?4)");
	char name[TEXT_SIZE], email[TEXT_SIZE], full[TEXT_SIZE], at[TIME_SIZE];

	moment(at, 0);
	for (int i = (int)number(h, "SELECT count(*) FROM core_user"); i < USERS; i++) {
		snprintf(name, sizeof name, "tech%02d", i);
		snprintf(email, sizeof email, "tech%02d@example.com", i);
		snprintf(full, sizeof full, "Technician %d", i);
		bind(st, 1, name);
		bind(st, 2, email);
		bind(st, 3, full);
		bind(st, 4, at);
		step(h, st);
	}
	sqlite3_finalize(st);
}

static void
add_text(struct seed *s, int64_t id, const char *text)
{
	sqlite3_bind_int64(s->text, 1, id);
	bind(s->text, 2, text);
	step(s->h, s->text);
}

/* The columns of a ticket from ?2 on. */
enum { SUBJECT, DESCRIPTION, STATUS, PRIORITY, DEPARTMENT, FOLDS, TICKET_TEXTS = FOLDS };

static void
audit_ticket(struct seed *s, int64_t id, const char *at, const char *const texts[], int user)
{
	char changes[TEXT_SIZE], request_id[17];

	sqlite3_snprintf(sizeof changes, changes, "{\"subject\":[null,\"%s\"],"
	    "\"description\":[null,\"%s\"],\"status\":[null,\"%s\"],"
	    "\"priority\":[null,\"%s\"],\"department\":[null,\"%s\"],"
	    "\"created_by\":[null,%d],\"assigned_to\":[null,%d]}", texts[SUBJECT],
	    texts[DESCRIPTION], texts[STATUS], texts[PRIORITY], texts[DEPARTMENT], CREATOR, user);
	snprintf(request_id, sizeof request_id, "%016llx", (unsigned long long)s->state);
	bind(s->audit, 1, at);
	bind(s->audit, 2, request_id);
	sqlite3_bind_int64(s->audit, 3, id);
	bind(s->audit, 4, changes);
	step(s->h, s->audit);
}

static void
store_ticket(struct seed *s, int64_t id, const char *const texts[])
{
	char at[TIME_SIZE], fold[TEXT_SIZE], text[2 * TEXT_SIZE];
	int user = (int)(next_random(&s->state) % USERS) + 1, n;

	moment(at, id);
	sqlite3_bind_int64(s->row, 1, id);
	for (int i = 0; i < TICKET_TEXTS; i++)
		bind(s->row, i + 2, texts[i]);
	sqlite3_bind_int(s->row, 7, user);
	bind(s->row, 8, at);
	bind(s->row, 9, strcmp(texts[STATUS], "Closed") == 0 ? at : NULL);
	lower(fold, texts[STATUS]);
	bind(s->row, 10, fold);
	lower(fold, texts[DEPARTMENT]);
	bind(s->row, 11, fold);
	step(s->h, s->row);
	audit_ticket(s, id, at, texts, user);
	lower(fold, texts[SUBJECT]);
	n = sprintf(text, "%s" SEPARATOR, fold);
	lower(fold, texts[DESCRIPTION]);
	sprintf(text + n, "%s" SEPARATOR, fold);
	add_text(s, id, text);
}

static void
add_ticket(struct seed *s, int64_t id)
{
	bool needle = s->count >= NEEDLES && id % (s->count / NEEDLES) == 0 &&
	    id / (s->count / NEEDLES) <= NEEDLES;
	char subject[TEXT_SIZE], description[TEXT_SIZE];
	const char *texts[TICKET_TEXTS] = { [SUBJECT] = subject, [DESCRIPTION] = description };

	snprintf(subject, sizeof subject, "%s %d", PICK(subjects, &s->state),
	    (int)(next_random(&s->state) % 1000));
	sentence(description, WORDS_IN_TICKET, &s->state);
	texts[STATUS] = PICK(statuses, &s->state);
	texts[PRIORITY] = PICK(priorities, &s->state);
	texts[DEPARTMENT] = needle ? "Needle" : PICK(departments, &s->state);
	store_ticket(s, id, texts);
}

static void
add_article(struct seed *s, int64_t id)
{
	char title[TEXT_SIZE], content[TEXT_SIZE], word[WORD_SIZE], at[TIME_SIZE];
	char text[2 * TEXT_SIZE], fold[TEXT_SIZE];
	int n;

	moment(at, id);
	sentence(title, 4, &s->state);
	sentence(content, WORDS_IN_ARTICLE, &s->state);
	rare_word(word, (int64_t)(next_random(&s->state) % RARE));
	strcat(strcat(content, " "), word);
	sqlite3_bind_int64(s->row, 1, id);
	bind(s->row, 2, title);
	bind(s->row, 3, content);
	bind(s->row, 4, at);
	step(s->h, s->row);
	lower(fold, title);
	n = sprintf(text, "%s" SEPARATOR, fold);
	lower(fold, content);
	sprintf(text + n, "%s" SEPARATOR "network" SEPARATOR "howto" SEPARATOR "guides" SEPARATOR,
	    fold);
	add_text(s, id, text);
}

/* ---- tables ---- */

static const struct table {
	const char *name, *row;
	void (*add)(struct seed *, int64_t id);
} tables[] = {
	{ "tickets", "INSERT INTO tickets (id, subject, description, status, priority, department,"
	    " created_by, assigned_to, created_at, updated_at, closed_at, status_fold,"
	    " department_fold) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1, ?7, ?8, ?8, ?9, ?10, ?11)",
	    add_ticket },
	{ "knowledge", "INSERT INTO knowledge (id, title, content, tags, category, is_published,"
	    " created_by, created_at, updated_at)"
	    " VALUES (?1, ?2, ?3, '[\"network\",\"howto\"]', 'Guides', 1, 1, ?4, ?4)",
	    add_article },
};

static void
run_on(sqlite3 *h, const char *format, const char *table)
{
	char *sql = sqlite3_mprintf(format, table, table);

	run(h, sql);
	sqlite3_free(sql);
}

/*
 * In steps of the usual size, so that the index has levels of segments as one that has
 * grown.  One great step would be quicker, but leaves a segment of everything at the lowest
 * level, which the first writers would have to merge.
 */
static void
fill_index(sqlite3 *h, const char *table)
{
	run_on(h, "INSERT INTO core_index_%s (core_index_%s) VALUES ('rebuild')", table);
}

static void
add_rows(struct seed *s, const struct table *t)
{
	for (int64_t id = 1; id <= s->count; id++) {
		s->state = (uint64_t)id;
		t->add(s, id);
		if (id % PROGRESS == 0)
			fprintf(stderr, "seed: %s %lld of %lld\n", t->name, (long long)id,
			    (long long)s->count);
	}
}

static void
fill(sqlite3 *h, const struct table *t, int64_t count)
{
	struct indexes own, audit;
	char *empty = sqlite3_mprintf("SELECT count(*) FROM %s", t->name);
	char *text = sqlite3_mprintf("INSERT INTO core_text_%s (id, text) VALUES (?1, ?2)",
	    t->name);
	struct seed s = { .h = h, .count = count };

	if (number(h, empty) != 0) {
		fprintf(stderr, "seed: %s has rows already\n", t->name);
		exit(EXIT_FAILURE);
	}
	run(h, "BEGIN");
	indexes_take(h, t->name, &own);
	indexes_take(h, "core_audit", &audit);
	s.row = prepare(h, t->row);
	s.text = prepare(h, text);
	s.audit = prepare(h, "INSERT INTO core_audit (at, request_id, key_id, user_id, address,"
	    " resource, record, action, changes)"
	    " VALUES (?1, ?2, 1, 1, '127.0.0.1', 'tickets', ?3, 'create', ?4)");
	add_rows(&s, t);
	sqlite3_finalize(s.row);
	sqlite3_finalize(s.text);
	sqlite3_finalize(s.audit);
	indexes_put_back(h, &own);
	indexes_put_back(h, &audit);
	fill_index(h, t->name);
	run(h, "COMMIT");
	sqlite3_free(empty);
	sqlite3_free(text);
}

static int
print_words(void)
{
	char word[WORD_SIZE];

	for (int64_t n = 0; n < RARE; n++) {
		rare_word(word, n);
		puts(word);
	}
	return EXIT_SUCCESS;
}

int
main(int argc, char **argv)
{
	sqlite3 *h;

	if (argc == 2 && strcmp(argv[1], "words") == 0)
		return print_words();
	if (argc != 4) {
		fputs("usage: seed DATABASE TICKETS ARTICLES | seed words\n", stderr);
		return EXIT_FAILURE;
	}
	must(NULL, sqlite3_open_v2(argv[1], &h, SQLITE_OPEN_READWRITE, NULL), argv[1]);
	run(h, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -500000;"
	    " PRAGMA temp_store = FILE; PRAGMA locking_mode = EXCLUSIVE");
	add_users(h);
	for (size_t i = 0; i < COUNT(tables); i++)
		if (atoll(argv[i + 2]) > 0)
			fill(h, &tables[i], atoll(argv[i + 2]));
	run(h, "PRAGMA locking_mode = NORMAL; PRAGMA journal_mode = WAL");
	return sqlite3_close(h) == SQLITE_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
