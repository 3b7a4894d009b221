/*
 * test_ldap_sync - whether the code of ldap_sync does what it should, without a server and
 * without a directory
 *
 * directory.h is all that the module knows of a directory, so here it is a few lines of a
 * table.  What the module writes goes into another table.
 */
#include <helpdesk/testing.h>

#include "ldap_sync.c"

/* ---- a directory that is none ---- */

static struct {
	const struct person *person;
	size_t count;
	const char *fault;	/* what is wrong with it after all that; NULL: nothing */
} directory;

bool
directory_check(const struct directory_terms *terms, struct directory_fault *fault)
{
	snprintf(fault->text, sizeof(fault->text), "%s is no directory", terms->url);
	return strncmp(terms->url, "ldap", 4) == 0;
}

bool
directory_read(const struct directory_terms *terms, directory_each *each, void *context,
    struct directory_fault *fault)
{
	(void)terms;
	fault->text[0] = '\0';
	for (size_t i = 0; i < directory.count; i++)
		if (!each(context, &directory.person[i]))
			return false;
	if (directory.fault == NULL)
		return true;
	snprintf(fault->text, sizeof(fault->text), "%s", directory.fault);
	return false;
}

/* ---- users that are none ---- */

enum { FIRST_NEW = 100 };

static struct {
	int created, changed, deactivated;
	char last[64];			/* name that was written last */
	const char *taken;		/* the user of this name is 50; NULL: there is none */
	const char *refused;		/* name that the server does not take */
} users;

static const char *
name_of(const struct hd_member *members, size_t n)
{
	return n > 1 ? members[0].value.text : "";
}

static int64_t
create(struct hd_req *req, const char *table, const struct hd_member *members, size_t n)
{
	(void)table;
	snprintf(users.last, sizeof(users.last), "%s", name_of(members, n));
	if (users.refused != NULL && strcmp(users.last, users.refused) == 0)
		return hd_fail(req, 400, "name", "is no user name");
	return FIRST_NEW + users.created++;
}

static bool
change(struct hd_req *req, const char *table, int64_t id, const struct hd_member *members,
    size_t n)
{
	(void)req;
	(void)table;
	(void)id;
	users.deactivated += n == 1 && members[0].value.integer == 0;
	users.changed += n > 1;
	snprintf(users.last, sizeof(users.last), "%s", name_of(members, n));
	return true;
}

static int64_t
user_named(struct hd_req *req, const char *name)
{
	(void)req;
	return users.taken != NULL && strcmp(name, users.taken) == 0 ? 50 : 0;
}

static bool
attempt(struct hd_req *req, hd_part *part, void *argument, const char **why)
{
	struct hd_test *t = hd_test_of(req);

	*why = NULL;
	if (part(req, argument))
		return true;
	*why = t->message;
	t->status = 0;
	t->message = NULL;
	return false;
}

/* ---- a run ---- */

static const struct person people[] = {
	{ .entry = "e1", .name = "maria", .email = "maria@example.com" },
	{ .entry = "e2", .name = "nikos" },
	{ .entry = "e3", .name = "anna" },
};

static void
ask(struct hd_test *t, const struct person *person, size_t count)
{
	directory.person = person;
	directory.count = count;
	directory.fault = NULL;
	memset(&users, 0, sizeof(users));
	hd_test_request(t, "POST", "/ldap-sync/run");
}

static void
who_is_new_is_made(struct hd_test *t)
{
	ask(t, people, 3);
	hd_test_check(t, hd_test_run(t) && t->status == 200);
	hd_test_check(t, users.created == 3 && users.changed == 0 && users.deactivated == 0);
	hd_test_check(t, hd_test_ran(t, BIND) == 3);
	hd_test_check(t, strcmp(t->json, "{\"counts\":{\"found\":3,\"same\":0,\"created\":3,"
	    "\"changed\":0,\"deactivated\":0,\"problems\":0,\"left\":0},\"problems\":[]}") == 0);
}

static void
who_is_the_same_is_not_written(struct hd_test *t)
{
	ask(t, people, 1);
	hd_test_row(t, FIND_USER, "7", "maria", "maria@example.com", NULL, "1");
	hd_test_row(t, FIND_ACTIVE, "7");
	hd_test_check(t, hd_test_run(t));
	hd_test_check(t, users.created + users.changed + users.deactivated == 0);
	hd_test_check(t, strstr(t->json, "\"same\":1") != NULL);
}

static void
who_differs_is_changed(struct hd_test *t)
{
	static const char *const rows[][4] = {
		{ "mary", "maria@example.com", NULL, "1" },	/* married */
		{ "maria", NULL, NULL, "1" },			/* has an address */
		{ "maria", "maria@example.com", "M", "1" },	/* has no full name */
		{ "maria", "maria@example.com", NULL, "0" },	/* is back */
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ask(t, people, 1);
		hd_test_row(t, FIND_USER, "7", rows[i][0], rows[i][1], rows[i][2], rows[i][3]);
		hd_test_row(t, FIND_ACTIVE, "7");
		hd_test_check(t, hd_test_run(t));
		hd_test_check(t, users.changed == 1 && users.created == 0);
		hd_test_check(t, hd_test_ran(t, BIND) == 0);
	}
}

static void
who_was_made_by_hand_is_found_by_name(struct hd_test *t)
{
	ask(t, people, 3);
	users.taken = "nikos";
	hd_test_check(t, hd_test_run(t));
	hd_test_check(t, users.created == 2 && users.changed == 1);
}

static void
a_user_is_of_one_entry(struct hd_test *t)
{
	static const struct person twins[] = {
		{ .entry = "e1", .name = "nikos" }, { .entry = "e2", .name = "nikos" },
	};

	ask(t, twins, 2);
	users.taken = "nikos";
	hd_test_check(t, hd_test_run(t));
	hd_test_check(t, users.changed == 1 && users.created == 0);
	hd_test_check(t, strstr(t->json, "nikos: another entry has this name.") != NULL);
}

static void
what_the_server_refuses_is_a_problem_of_one(struct hd_test *t)
{
	ask(t, people, 3);
	users.refused = "nikos";
	hd_test_check(t, hd_test_run(t) && t->status == 200);
	hd_test_check(t, users.created == 2);
	hd_test_check(t, strstr(t->json, "\"problems\":[\"nikos: is no user name.\"]") != NULL);
}

static void
who_is_unreadable_stays(struct hd_test *t)
{
	static const struct person wrong = { .entry = "e1", .wrong = "cn=x: has no uid." };

	ask(t, &wrong, 1);
	hd_test_row(t, FIND_USER, "7", "maria", NULL, NULL, "1");
	hd_test_row(t, FIND_ACTIVE, "7");
	hd_test_check(t, hd_test_run(t) && users.deactivated == 0);
	hd_test_check(t, strstr(t->json, "cn=x: has no uid.") != NULL);
}

static void
who_is_gone_is_deactivated_and_never_all(struct hd_test *t)
{
	/* Entries that are there, users that were, those that go: 0 if the run is refused. */
	static const struct {
		size_t entries, users;
		const char *most_gone;
		int gone;
	} cases[] = {
		{ 1, 1, "20", 0 }, { 1, 2, "20", 1 }, { 1, 3, "20", 0 }, { 1, 3, "66", 0 },
		{ 1, 3, "67", 2 }, { 1, 2, "0", 1 }, { 0, 1, "20", 0 }, { 0, 3, "100", 0 },
		{ 1, 9, "100", 8 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool refused = cases[i].gone == 0 && cases[i].users > cases[i].entries;

		hd_test_give(t, HD_TEST_OPTION, "most_gone", cases[i].most_gone);
		ask(t, people, cases[i].entries);
		hd_test_row(t, FIND_USER, "1", "maria", "maria@example.com", NULL, "1");
		for (size_t id = 1; id <= cases[i].users; id++)
			hd_test_row(t, FIND_ACTIVE, id == 1 ? "1" : "2");
		hd_test_check(t, hd_test_run(t) == !refused);
		hd_test_check(t, users.deactivated == cases[i].gone);
		hd_test_check(t, !refused || t->status == 409);
	}
}

static void
a_batch_is_what_the_option_says(struct hd_test *t)
{
	hd_test_give(t, HD_TEST_OPTION, "batch", "2");
	ask(t, people, 3);
	hd_test_check(t, hd_test_run(t) && users.created == 2);
	hd_test_check(t, strstr(t->json, "\"left\":1") != NULL);
	hd_test_give(t, HD_TEST_OPTION, "batch", "500");
}

static void
nothing_is_written_of_a_part(struct hd_test *t)
{
	ask(t, people, 3);
	directory.fault = "The directory ends in the middle.";
	hd_test_check(t, !hd_test_run(t) && t->status == 502);
	hd_test_check(t, users.created + users.changed + users.deactivated == 0);

	hd_test_request(t, "GET", "/ldap-sync");
	hd_test_check(t, hd_test_run(t));
	hd_test_check(t, strstr(t->json, "\"error\":\"The directory ends in the middle.\"")
	    != NULL);
}

static void
to_check_is_to_write_nothing(struct hd_test *t)
{
	ask(t, people, 3);
	hd_test_request(t, "POST", "/ldap-sync/check");
	hd_test_check(t, hd_test_run(t));
	hd_test_check(t, strcmp(t->json,
	    "{\"found\":3,\"problem_count\":0,\"problems\":[]}") == 0);
	hd_test_check(t, users.created == 0);
}

static void
two_runs_are_not_made_at_once(struct hd_test *t)
{
	struct state *s = hd_state(&t->instance);

	pthread_mutex_lock(&s->reading);
	ask(t, people, 3);
	hd_test_check(t, !hd_test_run(t) && t->status == 409);
	pthread_mutex_unlock(&s->reading);
}

static void
a_text_is_cut_between_characters(struct hd_test *t)
{
	char text[6];

	keep_text(text, sizeof(text), "αβγ");
	hd_test_check(t, strcmp(text, "αβ") == 0);
	keep_text(text, sizeof(text), "abcde");
	hd_test_check(t, strcmp(text, "abcde") == 0);
}

int
main(void)
{
	static struct hd_test t;
	struct hd_host host = *hd_test_host();

	hd_test_start(&t, HD_TEST_MODULE);
	host.create = create;
	host.change = change;
	host.user_named = user_named;
	host.attempt = attempt;
	t.req.host = &host;

	hd_test_give(&t, HD_TEST_OPTION, "url", "http://example.com");
	hd_test_give(&t, HD_TEST_OPTION, "base", "dc=example,dc=com");
	hd_test_check(&t, !hd_test_init(&t) && t.message != NULL);
	hd_test_give(&t, HD_TEST_OPTION, "url", "ldaps://ldap.example.com");
	hd_test_check(&t, hd_test_init(&t));

	who_is_new_is_made(&t);
	who_is_the_same_is_not_written(&t);
	who_differs_is_changed(&t);
	who_was_made_by_hand_is_found_by_name(&t);
	a_user_is_of_one_entry(&t);
	what_the_server_refuses_is_a_problem_of_one(&t);
	who_is_unreadable_stays(&t);
	who_is_gone_is_deactivated_and_never_all(&t);
	a_batch_is_what_the_option_says(&t);
	nothing_is_written_of_a_part(&t);
	to_check_is_to_write_nothing(&t);
	two_runs_are_not_made_at_once(&t);
	a_text_is_cut_between_characters(&t);
	return hd_test_end(&t);
}
