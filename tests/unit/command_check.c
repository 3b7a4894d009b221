/* helpdesk check --files, --fix: what is wrong with attached files is said, and some mended. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "commands.h"
#include "core_schema.h"
#include "db.h"
#include "err.h"
#include "store.h"

/* SHA-256 of "abc" (FIPS 180-4, examples). */
#define ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

struct place {
	char folder[64], conf[80], files[96], path[80];
	char *out, *err;	/* of the last command */
};

static int
enter(void **state)
{
	struct place *p = calloc(1, sizeof *p);
	FILE *f;

	strcpy(p->folder, "/tmp/helpdesk-check-XXXXXX");
	if (mkdtemp(p->folder) == NULL)
		return -1;
	snprintf(p->conf, sizeof p->conf, "%s/one.yaml", p->folder);
	snprintf(p->path, sizeof p->path, "%s/one.db", p->folder);
	snprintf(p->files, sizeof p->files, "%s/one.db.files", p->folder);
	f = fopen(p->conf, "w");
	fputs("sites: [{name: main, database: {path: one.db},"
	    " modules: {meta: {enabled: false}}}]\n", f);
	*state = p;
	return fclose(f);
}

static int
leave(void **state)
{
	struct place *p = *state;
	char command[100];

	snprintf(command, sizeof command, "rm -rf '%s'", p->folder);
	free(p->out);
	free(p->err);
	free(p);
	return system(command);
}

static int
check(struct place *p, char *option)
{
	char name[] = "helpdesk", c[] = "-c", word[] = "check";
	char *words[] = { name, c, p->conf, word, option };
	size_t out_n, err_n;
	FILE *out, *err;
	int status;

	free(p->out);
	free(p->err);
	out = open_memstream(&p->out, &out_n);
	err = open_memstream(&p->err, &err_n);
	status = command_run(option != NULL ? 5 : 4, words, out, err);
	fclose(out);
	fclose(err);
	return status;
}

static void
expect(struct place *p, const char *option, int status, const char *out, const char *err)
{
	char word[16];
	int got;

	snprintf(word, sizeof word, "%s", option);
	got = check(p, word);
	if (got != status || strstr(p->out, out) == NULL ||
	    (err[0] == '\0' ? p->err[0] != '\0' : strstr(p->err, err) == NULL))
		fail_msg("%s: %d in place of %d, %s%s", option, got, status, p->out, p->err);
}

static void
change(struct place *p, const char *sql)
{
	struct db *db;
	struct err e;

	if (!core_open(p->path, &db, &e) || !db_begin(db, &e) || !db_execute(db, sql, &e) ||
	    !db_commit(db, &e))
		fail_msg("%s", e.message);
	db_close(db);
}

/* A file "abc" in its place; with an entry that is still pending, if it is to be so. */
static void
put_file(struct place *p, bool left_over)
{
	struct store_upload *u;
	struct store_entry entry;
	struct store *s;
	struct err e;

	if (!store_open(p->files, &s, &e) || !store_begin(s, &u, &e) ||
	    !store_write(u, "abc", 3, &e) || !store_finish(u, &entry, &e) ||
	    !store_keep(s, &entry, &e))
		fail_msg("%s", e.message);
	if (!left_over)
		store_give_up(s, &entry);
	store_close(s);
}

static const char row[] = "INSERT INTO core_attachment (resource, record, filename,"
    " filename_fold, size, uploaded_at, digest)"
    " VALUES ('tickets', 7, 'a b.txt', 'a b.txt', 3, '2025-01-01', '" ABC "')";

static void
what_is_not_there_is_not_made(void **state)
{
	struct place *p = *state;
	struct stat st;

	expect(p, "--files", 0, "site main: 0 attached files, 0 faults\n", "");
	expect(p, "--fix", 0, "nothing wrong", "");
	assert_int_not_equal(stat(p->path, &st), 0);
	change(p, "DELETE FROM core_attachment");
	expect(p, "--files", 0, "site main: 0 attached files, 0 faults\n", "");
	assert_int_not_equal(stat(p->files, &st), 0);
}

static void
files_in_order_have_no_faults(void **state)
{
	struct place *p = *state;

	change(p, row);
	put_file(p, false);
	expect(p, "--files", 0, "site main: 1 attached file, 0 faults\n", "");
	expect(p, "--fix", 0, "site main: 1 attached file, 0 faults\n", "");
}

static void
a_file_without_row_is_removed_with_fix(void **state)
{
	struct place *p = *state;

	change(p, "DELETE FROM core_attachment");
	put_file(p, false);
	expect(p, "--files", 1, "site main: 0 attached files, 1 fault\n",
	    "site main: the file " ABC " belongs to nothing\n");
	expect(p, "--fix", 0, "site main: 0 attached files, 0 faults\n",
	    "site main: the file " ABC " belonged to nothing and is removed\n");
	expect(p, "--files", 0, "nothing wrong", "");
}

static void
what_a_crash_has_left_is_settled_with_fix(void **state)
{
	struct place *p = *state;

	change(p, row);
	put_file(p, true);
	expect(p, "--files", 1, "1 fault\n", " was left by a crash\n");
	expect(p, "--fix", 0, "site main: 1 attached file, 0 faults\n", "");
	expect(p, "--files", 0, "nothing wrong", "");
}

/* The row says what to look for in a backup: nothing takes it away. */
static void
a_row_without_file_is_named_and_stays(void **state)
{
	struct place *p = *state;
	char path[200];

	change(p, row);
	put_file(p, false);
	snprintf(path, sizeof path, "%s/ba/%s", p->files, &ABC[2]);
	unlink(path);
	for (unsigned i = 0; i < 2; i++) {
		expect(p, i == 0 ? "--files" : "--fix", 1, "1 attached file, 1 fault\n",
		    "site main: the file " ABC " is not there: ");
		assert_non_null(strstr(p->err,
		    "site main: ... it is attachment 1 \"a b.txt\" of tickets 7\n"));
	}
	put_file(p, false);
	expect(p, "--files", 0, "site main: 1 attached file, 0 faults\n", "");
}

static void
a_folder_that_is_lost_is_said(void **state)
{
	struct place *p = *state;

	change(p, row);
	expect(p, "--fix", 1, "1 fault\n", "there are attachments, but not their folder /tmp/");
}

/* As somebody whom the rights of files bind: root is nobody meanwhile. */
static int
check_unprivileged(struct place *p)
{
	bool root = geteuid() == 0;
	int status;

	if (root)
		assert_int_equal(seteuid(65534), 0);
	status = check(p, NULL);
	if (root)
		assert_int_equal(seteuid(0), 0);
	return status;
}

static void
write_configuration(const struct place *p, const char *path)
{
	FILE *f = fopen(p->conf, "w");

	fprintf(f, "sites:\n  - {name: main, database: {path: %s},"
	    " modules: {meta: {enabled: false}}}\n", path);
	assert_int_equal(fclose(f), 0);
}

static void
a_database_that_cannot_be_made_is_said(void **state)
{
	static const struct { const char *path, *says; } cases[] = {
		{ "none/one.db", "/none/.: No such file or directory (" },
		{ "one.yaml/one.db", "/one.yaml/.: Not a directory (" },
		{ "closed/one.db", "/closed/.: Permission denied (" },
		{ "open/one.db", "/open/one.db: Permission denied (" },
	};
	struct place *p = *state;
	char path[100];

	assert_int_equal(chmod(p->folder, 0755), 0);
	snprintf(path, sizeof path, "%s/closed", p->folder);
	assert_int_equal(mkdir(path, 0555), 0);
	snprintf(path, sizeof path, "%s/open", p->folder);
	assert_int_equal(mkdir(path, 0777), 0);
	assert_int_equal(chmod(path, 0777), 0);
	write_configuration(p, "open/one.db");
	assert_int_equal(check_unprivileged(p), 0);
	strcat(path, "/one.db");
	fclose(fopen(path, "w"));
	assert_int_equal(chmod(path, 0444), 0);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		write_configuration(p, cases[i].path);
		assert_int_equal(check_unprivileged(p), 78);
		if (strstr(p->err, "site main: its database: /tmp/") != p->err ||
		    strstr(p->err, cases[i].says) == NULL || strstr(p->err, ".yaml:2)") == NULL)
			fail_msg("%s: %s", cases[i].path, p->err);
	}
}

int
main(void)
{
#define TEST(t) cmocka_unit_test_setup_teardown(t, enter, leave)
	const struct CMUnitTest tests[] = {
		TEST(what_is_not_there_is_not_made),
		TEST(files_in_order_have_no_faults),
		TEST(a_file_without_row_is_removed_with_fix),
		TEST(what_a_crash_has_left_is_settled_with_fix),
		TEST(a_row_without_file_is_named_and_stays),
		TEST(a_folder_that_is_lost_is_said),
		TEST(a_database_that_cannot_be_made_is_said),
	};

	return cmocka_run_group_tests_name("command_check", tests, NULL, NULL);
}
