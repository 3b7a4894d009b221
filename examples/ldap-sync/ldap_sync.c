/*
 * ldap_sync - the site's users are those of an LDAP directory
 *
 *	GET    /api/v1/ldap-sync	how the last run went
 *	POST   /api/v1/ldap-sync/run	runs now
 *	POST   /api/v1/ldap-sync/check	asks the directory, and changes nothing
 *
 * A run has two halves.  The first may block: it reads the directory, compares each entry with
 * the database as it passes by, and keeps a plan of what differs.  The second writes the plan,
 * and must not block, for all other writes wait for it.  So the plan is small: of what differs
 * the first few hundred, and the next second another run takes the next, until nothing is
 * left.  Between runs nothing is kept but counts: the directory is what is true.
 *
 * Whom an entry means is kept in a table, by what never changes about the entry, so that who
 * marries stays the same user.  Users who were made otherwise, and whose name no entry has,
 * are none of this module's business.
 *
 * It refuses to deactivate more users at once than the option most_gone allows: a directory
 * that answers with nothing, or with half, is a broken directory.
 */
#include <helpdesk/plugin.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "directory.h"

enum { PROBLEMS_SHOWN = 20, TIME_SIZE = 32, SENTENCE = 2048 };

static const struct hd_migration migrations[] = {
	{ .number = 1, .name = "create", .sql =
	    "CREATE TABLE ldap_sync_person ("
	    "person INTEGER PRIMARY KEY, entry TEXT NOT NULL UNIQUE);" },
	{ 0 },
};

enum { FIND_USER, FIND_ENTRY, FIND_ACTIVE, BIND };
static const struct hd_statement statements[] = {
	[FIND_USER] = { .sql = "SELECT u.id, u.name, u.email, u.full_name, u.active"
	    " FROM ldap_sync_person p JOIN core_user u ON u.id = p.person WHERE p.entry = ?1" },
	[FIND_ENTRY] = { .sql = "SELECT entry FROM ldap_sync_person WHERE person = ?1" },
	[FIND_ACTIVE] = { .sql = "SELECT u.id"
	    " FROM ldap_sync_person p JOIN core_user u ON u.id = p.person WHERE u.active = 1" },
	[BIND] = { .sql = "INSERT INTO ldap_sync_person (person, entry) VALUES (?1, ?2)"
	    " ON CONFLICT (person) DO UPDATE SET entry = excluded.entry" },
	{ 0 },
};

static const struct hd_option options[] = {
	{ "url", HD_TEXT, NULL, 0, 0, "ldap://, ldaps:// or ldapi://, host and port" },
	{ "start_tls", HD_BOOLEAN, "true", 0, 0, "Go over to TLS before all else (ldap://)" },
	{ "ca_file", HD_TEXT, "", 0, 0, "Certificates to trust (PEM); empty: the machine's" },
	{ "bind_dn", HD_TEXT, "", 0, 0, "Who reads the directory; empty: nobody in particular" },
	{ "password_file", HD_TEXT, "", 0, 0, "Its first line is the password" },
	{ "base", HD_TEXT, NULL, 0, 0, "Entry below which the people are" },
	{ "filter", HD_TEXT, "(objectClass=inetOrgPerson)", 0, 0, "Who is to be an active user" },
	{ "entry", HD_TEXT, "entryUUID", 0, 0, "Attribute that never changes: objectGUID" },
	{ "name", HD_TEXT, "uid", 0, 0, "Attribute of the user name: sAMAccountName" },
	{ "email", HD_TEXT, "mail", 0, 0, "Attribute of the address; empty: none" },
	{ "full_name", HD_TEXT, "cn", 0, 0, "Attribute of the full name; empty: none" },
	{ "interval", HD_TEXT, "15m", 0, 0, "How long after a run the next comes; 0: on demand" },
	{ "timeout", HD_INTEGER, "10", 1, 120, "Seconds that an answer may take" },
	{ "longest", HD_INTEGER, "300", 1, 3600, "Seconds that all of a reading may take" },
	{ "page", HD_INTEGER, "500", 1, 10000, "Entries that are asked for at once" },
	{ "batch", HD_INTEGER, "500", 1, 5000, "Users that are written at once" },
	{ "most_gone", HD_INTEGER, "20", 0, 100, "Percent of users that may go at once" },
	{ 0 },
};

/* ---- what the module knows ---- */

struct counts {
	int64_t found;			/* entries that match */
	int64_t same;			/* users that were as the entry says */
	int64_t created, changed, deactivated;
	int64_t problems;		/* entries that no user can be made of */
	int64_t left;			/* users that differ, for the next runs */
};

/* How it went, for GET /ldap-sync. */
struct record {
	char ran_at[TIME_SIZE];		/* "": never; likewise below */
	char succeeded_at[TIME_SIZE];
	char error[sizeof(struct directory_fault)];	/* of the last run */
	struct counts counts;		/* of the last full run, and those for what it left */
	char problem[PROBLEMS_SHOWN][sizeof(((struct person *)NULL)->wrong)];
	int64_t refused;		/* of the problems: users that differ, and would not do */
};

/* One for each site, whose requests come on several threads. */
struct state {
	struct directory_terms terms;
	pthread_mutex_t reading;	/* held while the directory is read: once at a time */
	pthread_mutex_t lock;		/* of the record */
	struct record record;
};

static struct state *
state_of(struct hd_req *req)
{
	return hd_state(hd_instance(req));
}

static struct record
copy_record(struct state *s)
{
	struct record record;

	pthread_mutex_lock(&s->lock);
	record = s->record;
	pthread_mutex_unlock(&s->lock);
	return record;
}

/* What does not fit is cut, never inside of a character. */
static void
keep_text(char *to, size_t size, const char *from)
{
	size_t n = strlen(from);

	if (n >= size)
		for (n = size - 1; n > 0 && ((unsigned char)from[n] & 0xc0) == 0x80; n--)
			continue;
	memcpy(to, from, n);
	to[n] = '\0';
}

static int
number(const struct hd_instance *instance, const char *option)
{
	return (int)strtol(hd_option(instance, option), NULL, 10);
}

/* ---- the plan ---- */

/* Ids of users, sorted once they are all there. */
struct users {
	int64_t *id;
	size_t count, room;
};

struct plan {
	struct hd_req *req;
	struct state *state;
	bool full;			/* not for what a full run has left */
	struct person **person;		/* who are new, or differ */
	int64_t *gone;			/* users whose entries are not there any more */
	size_t persons, gones, most;	/* most: of both together */
	int64_t pass_over;		/* the first that differ: an earlier run has tried them */
	struct users seen;		/* whose entries are there */
	struct users written;		/* who have become an entry's in this run */
	struct counts counts;
	int64_t refused;
	const char *problem[PROBLEMS_SHOWN];
};

/* A problem is one entry's; the run goes on. */
static bool
note_problem(struct plan *plan, const char *sentence)
{
	size_t size = strlen(sentence) + 1;
	char *copy;

	if (plan->counts.problems++ >= PROBLEMS_SHOWN)
		return true;
	copy = hd_alloc(plan->req, size);
	if (copy != NULL)
		plan->problem[plan->counts.problems - 1] = memcpy(copy, sentence, size);
	return copy != NULL;
}

static bool
add_user(struct hd_req *req, struct users *u, int64_t id)
{
	if (u->count == u->room) {
		size_t room = u->room > 0 ? 2 * u->room : 256;
		int64_t *more = hd_alloc(req, room * sizeof(*more));

		if (more == NULL)
			return false;
		if (u->count > 0)
			memcpy(more, u->id, u->count * sizeof(*more));
		u->id = more;
		u->room = room;
	}
	u->id[u->count++] = id;
	return true;
}

static int
compare(const void *a, const void *b)
{
	const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void
sort(struct users *u)
{
	if (u->count > 0)
		qsort(u->id, u->count, sizeof(u->id[0]), compare);
}

static bool
has(const struct users *u, int64_t id)
{
	return u->count > 0 &&
	    bsearch(&id, u->id, u->count, sizeof(u->id[0]), compare) != NULL;
}

static bool
same_text(const char *column, const char *text)
{
	return strcmp(column != NULL ? column : "", text != NULL ? text : "") == 0;
}

/* The user that an entry is known to mean, or 0; whether it is as the entry says. */
static int64_t
find_user(struct hd_req *req, const struct person *p, bool *same)
{
	const struct hd_value entry[] = { hd_str(p->entry) };
	struct hd_rows *rows = hd_select(req, FIND_USER, entry, 1);
	int64_t id = 0;

	*same = false;
	while (hd_next(rows)) {
		id = hd_row_int(rows, 0);
		*same = same_text(hd_row_text(rows, 1), p->name) &&
		    same_text(hd_row_text(rows, 2), p->email) &&
		    same_text(hd_row_text(rows, 3), p->full_name) && hd_row_int(rows, 4) == 1;
	}
	return id;
}

/* Keeps who differs, while there is room. */
static bool
plan_person(struct plan *plan, const struct person *p)
{
	struct person *copy;

	if (plan->pass_over > 0) {
		plan->pass_over--;
		return true;
	}
	if (plan->persons == plan->most) {
		plan->counts.left++;
		return true;
	}
	copy = hd_alloc(plan->req, sizeof(*copy));
	if (copy == NULL)
		return false;
	*copy = *p;
	plan->person[plan->persons++] = copy;
	return true;
}

/* An entry as it passes by.  Who has become unreadable is still there, and stays. */
static bool
compare_entry(void *context, const struct person *p)
{
	struct plan *plan = context;
	bool same;
	int64_t user = find_user(plan->req, p, &same);

	plan->counts.found++;
	if (user != 0 && !add_user(plan->req, &plan->seen, user))
		return false;
	if (p->wrong[0] != '\0')
		return !plan->full || note_problem(plan, p->wrong);
	plan->counts.same += same;
	return same || plan_person(plan, p);
}

/* Users that the directory has no entry for; as many of them as there is room for. */
static bool
plan_gone(struct plan *plan, int64_t *gone, int64_t *active)
{
	struct hd_rows *rows = hd_select(plan->req, FIND_ACTIVE, NULL, 0);

	*gone = *active = 0;
	if (rows == NULL)
		return false;
	while (hd_next(rows)) {
		++*active;
		if (has(&plan->seen, hd_row_int(rows, 0)))
			continue;
		++*gone;
		if (plan->persons + plan->gones < plan->most)
			plan->gone[plan->gones++] = hd_row_int(rows, 0);
		else
			plan->counts.left++;
	}
	return true;
}

/* Fails the request with what is wrong outside, for GET /ldap-sync too. */
static bool
fail_run(struct plan *plan, int status, const char *sentence)
{
	struct state *s = plan->state;

	pthread_mutex_lock(&s->lock);
	keep_text(s->record.error, sizeof(s->record.error), sentence);
	pthread_mutex_unlock(&s->lock);
	return hd_fail(plan->req, status, NULL, "%s", sentence);
}

/* Whether so many may go at once.  One may, or a small site could never lose anybody. */
static bool
check_gone(struct plan *plan, int64_t gone, int64_t active)
{
	int percent = number(hd_instance(plan->req), "most_gone");
	char sentence[256];

	if (gone == 0 || (plan->counts.found > 0 &&
	    ((gone == 1 && active > 1) || gone * 100 <= active * percent)))
		return true;
	snprintf(sentence, sizeof(sentence), "%lld of %lld users are not in the directory any "
	    "more, which is more than most_gone allows (%d percent, and never all of them for an "
	    "empty answer): nothing was changed.", (long long)gone, (long long)active, percent);
	return fail_run(plan, 409, sentence);
}

/* ---- the first half: reading ---- */

static struct plan *
new_plan(struct hd_req *req, bool full)
{
	struct plan *plan = hd_alloc(req, sizeof(*plan));
	size_t most = (size_t)number(hd_instance(req), "batch");

	if (plan == NULL)
		return NULL;
	*plan = (struct plan){ .req = req, .state = state_of(req), .full = full, .most = most };
	plan->person = hd_alloc(req, most * sizeof(plan->person[0]));
	plan->gone = hd_alloc(req, most * sizeof(plan->gone[0]));
	return plan->person != NULL && plan->gone != NULL ? plan : NULL;
}

static bool
read_directory(struct plan *plan)
{
	struct directory_fault fault;

	if (!directory_read(&plan->state->terms, compare_entry, plan, &fault))
		return fault.text[0] != '\0' && fail_run(plan, 502, fault.text);
	sort(&plan->seen);
	return true;
}

/* Until the run ends well, there is a reason to look into the log. */
static void
note_begin(struct plan *plan)
{
	struct record *record = &plan->state->record;

	pthread_mutex_lock(&plan->state->lock);
	keep_text(record->ran_at, TIME_SIZE, hd_now(plan->req));
	keep_text(record->error, sizeof(record->error), "The run has not come to its end.");
	plan->pass_over = plan->full ? 0 : record->refused;
	record->counts.left = 0;	/* if this fails, what is left waits for a full run */
	pthread_mutex_unlock(&plan->state->lock);
}

static bool
make_plan(struct hd_req *req, bool full)
{
	struct plan *plan = new_plan(req, full);
	int64_t gone, active;

	if (plan == NULL)
		return false;
	note_begin(plan);
	if (!read_directory(plan) || !plan_gone(plan, &gone, &active) ||
	    !check_gone(plan, gone, active))
		return false;
	hd_carry(req, plan);
	return true;
}

/* Two readings at once would plan the same twice: the second does not wait, it is busy. */
static bool
plan_alone(struct hd_req *req, bool full, bool *busy)
{
	struct state *s = state_of(req);
	bool good;

	*busy = pthread_mutex_trylock(&s->reading) != 0;
	if (*busy)
		return true;
	good = make_plan(req, full);
	pthread_mutex_unlock(&s->reading);
	return good;
}

static bool
before_job(struct hd_req *req)
{
	bool busy;

	return plan_alone(req, true, &busy);
}

static bool
before_rest(struct hd_req *req)
{
	bool busy;

	return copy_record(state_of(req)).counts.left == 0 || plan_alone(req, false, &busy);
}

static bool
before_run(struct hd_req *req)
{
	bool busy;

	return plan_alone(req, true, &busy) &&
	    (!busy || hd_fail(req, 409, NULL, "Another run reads the directory now; try again."));
}

/* ---- the second half: writing ---- */

/* One user to be made equal to one entry. */
struct task {
	struct plan *plan;
	const struct person *person;
	int64_t user;			/* 0: is to be created */
	bool known;			/* the table knows whose the entry is */
};

static struct hd_value
text_or_null(const char *text)
{
	return text != NULL && *text != '\0' ? hd_str(text) : hd_null();
}

static bool
is_written(const struct users *u, int64_t id)
{
	size_t i = 0;

	while (i < u->count && u->id[i] != id)
		i++;
	return i < u->count;
}

/* An entry that is new, of a name that is not: it is the user of that name, who was made by
 * hand, or whose entry was made anew; unless another entry that is there has that user. */
static bool
find_namesake(struct hd_req *req, struct task *task)
{
	const struct plan *plan = task->plan;
	int64_t id = hd_user_named(req, task->person->name);

	if (id != 0 && (has(&plan->seen, id) || is_written(&plan->written, id)))
		return hd_fail(req, 409, NULL, "another entry has this name");
	task->user = id;
	return true;
}

static bool
bind_entry(struct hd_req *req, const struct task *task)
{
	const struct hd_value values[] = { hd_int(task->user), hd_str(task->person->entry) };

	return task->known || hd_execute(req, BIND, values, 2);
}

/* What is the same already is not written, and leaves no trace in the audit trail: the
 * server's own functions see to that, and to what can be a user at all. */
static bool
make_equal(struct hd_req *req, void *argument)
{
	struct task *task = argument;
	const struct person *p = task->person;
	const struct hd_member members[] = {
		{ "name", hd_str(p->name) }, { "full_name", text_or_null(p->full_name) },
		{ "email", text_or_null(p->email) }, { "active", hd_bool(true) },
	};
	bool same;

	task->user = find_user(req, p, &same);
	task->known = task->user != 0;
	if (!task->known && !find_namesake(req, task))
		return false;
	if (task->user != 0)
		return hd_change(req, "core_user", task->user, members, 4) &&
		    bind_entry(req, task);
	task->user = hd_create(req, "core_user", members, 4);
	task->plan->counts.created += task->user != 0;
	return task->user != 0 && bind_entry(req, task);
}

static bool
write_person(struct plan *plan, struct hd_req *req, const struct person *p)
{
	struct task task = { .plan = plan, .person = p };
	int64_t created = plan->counts.created;
	const char *why;
	char sentence[SENTENCE];

	if (hd_attempt(req, make_equal, &task, &why)) {
		plan->counts.changed += plan->counts.created == created;
		return add_user(req, &plan->written, task.user);
	}
	if (why == NULL)
		return false;
	plan->counts.created = created;
	plan->refused++;
	snprintf(sentence, sizeof(sentence), "%s: %s.", p->name, why);
	return note_problem(plan, sentence);
}

static bool
deactivate(struct hd_req *req, void *argument)
{
	const struct hd_member members[] = { { "active", hd_bool(false) } };

	return hd_change(req, "core_user", *(const int64_t *)argument, members, 1);
}

/* A hook of another module may have a reason to keep somebody. */
static bool
write_gone(struct plan *plan, struct hd_req *req, int64_t user)
{
	char sentence[SENTENCE];
	const char *why;

	if (hd_attempt(req, deactivate, &user, &why)) {
		plan->counts.deactivated++;
		return true;
	}
	if (why == NULL)
		return false;
	snprintf(sentence, sizeof(sentence), "User %lld: %s", (long long)user, why);
	return note_problem(plan, sentence);
}

static bool
write_plan(struct hd_req *req, struct plan *plan)
{
	for (size_t i = 0; i < plan->persons; i++)
		if (!write_person(plan, req, plan->person[i]))
			return false;
	for (size_t i = 0; i < plan->gones; i++)
		if (!write_gone(plan, req, plan->gone[i]))
			return false;
	return true;
}

/* What was done is added up from a full run on. */
static void
add_counts(struct counts *sum, const struct counts *more)
{
	sum->found = more->found;
	sum->same = more->same;
	sum->left = more->left;
	sum->created += more->created;
	sum->changed += more->changed;
	sum->deactivated += more->deactivated;
	sum->problems += more->problems;
}

static void
add_problems(struct record *record, const struct plan *plan)
{
	int64_t at = record->counts.problems;

	for (size_t i = 0; i < PROBLEMS_SHOWN && plan->problem[i] != NULL; i++, at++)
		if (at < PROBLEMS_SHOWN)
			keep_text(record->problem[at], sizeof(record->problem[at]),
			    plan->problem[i]);
}

static void
note_end(struct hd_req *req, const struct plan *plan)
{
	struct record *record = &plan->state->record;

	pthread_mutex_lock(&plan->state->lock);
	if (plan->full) {
		record->counts = (struct counts){ 0 };
		record->refused = 0;
	}
	add_problems(record, plan);
	add_counts(&record->counts, &plan->counts);
	record->refused += plan->refused;
	record->error[0] = '\0';
	keep_text(record->succeeded_at, TIME_SIZE, hd_now(req));
	pthread_mutex_unlock(&plan->state->lock);
}

static bool
write_job(struct hd_req *req)
{
	struct plan *plan = hd_carried(req);

	if (plan == NULL)	/* there was nothing to do, or somebody else does it */
		return true;
	if (!write_plan(req, plan))
		return false;
	note_end(req, plan);
	return true;
}

static const struct hd_job jobs[] = {
	{ .name = "sync", .every = "15m", .option = "interval", .before = before_job,
	  .run = write_job },
	{ .name = "rest", .every = "1s", .before = before_rest, .run = write_job },
	{ 0 },
};

/* ---- routes ---- */

static void
put_counts(struct hd_req *req, const struct counts *c)
{
	const struct { const char *name; int64_t count; } rows[] = {
		{ "found", c->found }, { "same", c->same }, { "created", c->created },
		{ "changed", c->changed }, { "deactivated", c->deactivated },
		{ "problems", c->problems }, { "left", c->left },
	};

	hd_open_object(req, "counts");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		hd_put_int(req, rows[i].name, rows[i].count);
	hd_close_object(req);
}

static void
put_problems(struct hd_req *req, const struct plan *plan)
{
	hd_open_array(req, "problems");
	for (size_t i = 0; i < PROBLEMS_SHOWN && plan->problem[i] != NULL; i++)
		hd_put_text(req, NULL, plan->problem[i]);
	hd_close_array(req);
}

static void
put_or_null(struct hd_req *req, const char *name, const char *text)
{
	hd_put_text(req, name, *text != '\0' ? text : NULL);
}

/* GET /ldap-sync */
static bool
show(struct hd_req *req)
{
	const struct record record = copy_record(state_of(req));

	hd_put_text(req, "url", state_of(req)->terms.url);
	put_or_null(req, "ran_at", record.ran_at);
	put_or_null(req, "succeeded_at", record.succeeded_at);
	put_or_null(req, "error", record.error);
	put_counts(req, &record.counts);
	hd_open_array(req, "problems");
	for (int64_t i = 0; i < record.counts.problems && i < PROBLEMS_SHOWN; i++)
		hd_put_text(req, NULL, record.problem[i]);
	hd_close_array(req);
	return hd_reply(req, 200);
}

/* POST /ldap-sync/run, once the plan is made */
static bool
run(struct hd_req *req)
{
	struct plan *plan = hd_carried(req);

	if (!write_plan(req, plan))
		return false;
	put_counts(req, &plan->counts);
	put_problems(req, plan);
	if (!hd_reply(req, 200))
		return false;
	note_end(req, plan);
	return true;
}

static bool
look_at(void *context, const struct person *p)
{
	struct plan *plan = context;

	plan->counts.found++;
	return p->wrong[0] == '\0' || note_problem(plan, p->wrong);
}

/* POST /ldap-sync/check */
static bool
check(struct hd_req *req)
{
	struct plan *plan = new_plan(req, true);
	struct directory_fault fault;

	if (plan == NULL)
		return false;
	if (!directory_read(&plan->state->terms, look_at, plan, &fault))
		return fault.text[0] != '\0' && hd_fail(req, 502, NULL, "%s", fault.text);
	hd_put_int(req, "found", plan->counts.found);
	hd_put_int(req, "problem_count", plan->counts.problems);
	put_problems(req, plan);
	return hd_reply(req, 200);
}

#define ANSWERS(description, required, properties) "\"responses\":{"                         \
	"\"200\":{\"description\":\"" description "\",\"content\":{\"application/json\":{"      \
	"\"schema\":{\"type\":\"object\",\"required\":[" required "],\"properties\":{"           \
	properties "}}}}}" BAD_GATEWAY "}}"
#define BAD_GATEWAY ",\"502\":{\"description\":\"The directory does not answer as it should; " \
	"the message says how\",\"content\":{\"application/json\":{\"schema\":"                \
	"{\"$ref\":\"#/components/schemas/Error\"}}}}"
#define INTEGER(name) "\"" name "\":{\"type\":\"integer\",\"minimum\":0}"
#define OR_NULL(name, doc) "\"" name "\":{\"type\":\"string\",\"nullable\":true,"             \
	"\"description\":\"" doc "\"}"
#define PROBLEMS "\"problems\":{\"type\":\"array\",\"maxItems\":20,\"items\":{"               \
	"\"type\":\"string\"},\"description\":\"The first of them, each a sentence\"}"
#define COUNTS "\"counts\":{\"$ref\":\"#/components/schemas/LdapSyncCounts\"}"

static const char components[] =
    "{\"components\":{\"schemas\":{\"LdapSyncCounts\":{\"type\":\"object\","
    "\"description\":\"found: entries that match; same: users that were right already; problems: "
    "entries that no user can be made of; left: users that still differ, for the next seconds\","
    "\"required\":[\"found\",\"same\",\"created\",\"changed\",\"deactivated\",\"problems\","
    "\"left\"],\"properties\":{" INTEGER("found") "," INTEGER("same") "," INTEGER("created") ","
    INTEGER("changed") "," INTEGER("deactivated") "," INTEGER("problems") "," INTEGER("left")
    "}}}}}";

static const struct hd_route routes[] = {
	{ .method = "GET", .path = "/ldap-sync", .access = HD_READ, .handler = show, .openapi =
	    "{\"operationId\":\"show_ldap_sync\",\"summary\":\"How the last run went\","
	    "\"responses\":{\"200\":{\"description\":\"Since the server was started\","
	    "\"content\":{\"application/json\":{\"schema\":{\"type\":\"object\",\"required\":["
	    "\"url\",\"ran_at\",\"succeeded_at\",\"error\",\"counts\",\"problems\"],"
	    "\"properties\":{\"url\":{\"type\":\"string\"}," OR_NULL("ran_at", "When one began") ","
	    OR_NULL("succeeded_at", "When one ended well") ","
	    OR_NULL("error", "Why the last did not end well, or that it has not ended") ","
	    COUNTS "," PROBLEMS "}}}}}}}" },
	{ .method = "POST", .path = "/ldap-sync/run", .access = HD_WRITE, .before = before_run,
	  .handler = run, .openapi =
	    "{\"operationId\":\"run_ldap_sync\",\"summary\":\"Make the users equal now\","
	    "\"description\":\"A 409 if a run is under way, or if it would deactivate more users "
	    "than the option most_gone allows.\","
	    ANSWERS("What was done; what is left, the server does by itself",
	    "\"counts\",\"problems\"", COUNTS "," PROBLEMS) },
	{ .method = "POST", .path = "/ldap-sync/check", .access = HD_BLOCKING, .handler = check,
	  .openapi = "{\"operationId\":\"check_ldap_sync\",\"summary\":\"Ask the directory\","
	    "\"description\":\"Signs in and reads all entries that match; changes nothing.\","
	    ANSWERS("It answers", "\"found\",\"problem_count\",\"problems\"",
	    INTEGER("found") "," INTEGER("problem_count") "," PROBLEMS) },
	{ 0 },
};

/* ---- its life in a site ---- */

static struct directory_terms
terms_of(const struct hd_instance *i)
{
	return (struct directory_terms){
		.url = hd_option(i, "url"),
		.start_tls = strcmp(hd_option(i, "start_tls"), "true") == 0,
		.ca_file = hd_option(i, "ca_file"), .bind_dn = hd_option(i, "bind_dn"),
		.password_file = hd_option(i, "password_file"), .base = hd_option(i, "base"),
		.filter = hd_option(i, "filter"), .entry = hd_option(i, "entry"),
		.name = hd_option(i, "name"), .email = hd_option(i, "email"),
		.full_name = hd_option(i, "full_name"), .page = number(i, "page"),
		.timeout = number(i, "timeout"), .longest = number(i, "longest"),
	};
}

/* The directory is not asked: a server starts whether or not others are there. */
static bool
init(struct hd_instance *instance)
{
	struct state *s = calloc(1, sizeof(*s));
	struct directory_fault fault;

	if (s == NULL)
		return false;
	s->terms = terms_of(instance);
	if (!directory_check(&s->terms, &fault)) {
		hd_refuse(instance, "%s", fault.text);
		free(s);
		return false;
	}
	pthread_mutex_init(&s->reading, NULL);
	pthread_mutex_init(&s->lock, NULL);
	instance->state = s;
	return true;
}

static void
fini(struct hd_instance *instance)
{
	struct state *s = hd_state(instance);

	if (s == NULL)
		return;
	pthread_mutex_destroy(&s->lock);
	pthread_mutex_destroy(&s->reading);
	free(s);
}

static const struct hd_need needs[] = { { "users", "1.0.0" }, { 0 } };

HD_MODULE(ldap_sync, "1.0.0", .doc = "The users are those of an LDAP directory",
    .migrations = migrations, .statements = statements, .options = options, .needs = needs,
    .routes = routes, .jobs = jobs, .openapi = components, .init = init, .fini = fini);
