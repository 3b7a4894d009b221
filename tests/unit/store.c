/* The folder of attached files: what a crash at any system call leaves is settled. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cleanup.h"
#include "err.h"
#include "store.h"

/* SHA-256 of "abc" and of nothing (FIPS 180-4, examples). */
#define ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define NOTHING "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

/* ---- the system calls that change a folder, each of them a place to die at ---- */

static int calls_left = -1;		/* -1: no end in sight */
static char calls[256];			/* a letter each, in their order */

static void
call(char letter)
{
	size_t n = strlen(calls);

	if (calls_left == 0)
		_exit(42);
	if (calls_left > 0)
		calls_left--;
	if (n + 1 < sizeof calls) {
		calls[n] = letter;
		calls[n + 1] = '\0';
	}
}

int
linkat(int from, const char *name, int to, const char *other, int flags)
{
	call('L');
	return (int)syscall(SYS_linkat, from, name, to, other, flags);
}

int
unlinkat(int in, const char *name, int flags)
{
	call('U');
	return (int)syscall(SYS_unlinkat, in, name, flags);
}

int
renameat(int from, const char *name, int to, const char *other)
{
	call('R');
	return (int)syscall(SYS_renameat2, from, name, to, other, 0);
}

int
mkdirat(int in, const char *name, mode_t mode)
{
	call('M');
	return (int)syscall(SYS_mkdirat, in, name, mode);
}

int
fsync(int fd)
{
	call('s');
	return (int)syscall(SYS_fsync, fd);
}

/* ---- a folder, and rows that are files in another one ---- */

static char place[64], folder[96], rows[96];

static int
setup(void **state)
{
	(void)state;
	strcpy(place, "/tmp/store-test-XXXXXX");
	if (mkdtemp(place) == NULL)
		return -1;
	snprintf(folder, sizeof folder, "%s/files", place);
	snprintf(rows, sizeof rows, "%s/rows", place);
	calls[0] = '\0';
	return mkdir(rows, 0700);
}

static int
teardown(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof command, "rm -r %s", place);
	return system(command);
}

static void
set_row(const char *digest, bool there)
{
	char path[256];

	snprintf(path, sizeof path, "%s/%s", rows, digest);
	if (there)
		close(open(path, O_CREAT | O_WRONLY, 0600));
	else
		unlink(path);
}

static bool
refers(void *context, const char *digest, bool *ret, struct err *e)
{
	char path[256];

	(void)context;
	(void)e;
	snprintf(path, sizeof path, "%s/%s", rows, digest);
	*ret = access(path, F_OK) == 0;
	return true;
}

static bool
cannot_tell(void *context, const char *digest, bool *ret, struct err *e)
{
	(void)context;
	(void)digest;
	(void)ret;
	return err_set(e, "the database is gone");
}

static bool
has_file(const char *digest)
{
	char path[256];

	snprintf(path, sizeof path, "%s/%.2s/%s", folder, digest, digest + 2);
	return access(path, F_OK) == 0;
}

static unsigned
pending(void)
{
	char path[128];
	unsigned n = 0;
	DIR *d;

	snprintf(path, sizeof path, "%s/pending", folder);
	d = opendir(path);
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n - 2;
}

static struct store *
open_store(void)
{
	struct store *s = NULL;
	struct err e;

	if (!store_open(folder, &s, &e))
		fail_msg("%s", e.message);
	return s;
}

static struct store_entry
upload(struct store *s, const char *bytes)
{
	struct store_upload *u;
	struct store_entry entry = { "" };
	struct err e;

	if (!store_begin(s, &u, &e) || !store_write(u, bytes, strlen(bytes), &e) ||
	    !store_finish(u, &entry, &e))
		fail_msg("%s", e.message);
	return entry;
}

/* ---- one file ---- */

static void
a_file_goes_its_way(void **state)
{
	struct store *s = open_store();
	struct store_upload *u;
	struct store_entry entry;
	struct stat st;
	char bytes[8], path[256];
	struct err e;
	int fd;

	(void)state;
	assert_true(store_begin(s, &u, &e));
	assert_true(store_write(u, "a", 1, &e));
	assert_true(store_write(u, "bc", 2, &e));
	assert_int_equal(store_size(u), 3);
	assert_true(store_finish(u, &entry, &e));
	assert_memory_equal(entry.name, ABC "-", STORE_DIGEST + 1);
	fd = store_open_entry(s, &entry, &e);
	assert_int_equal(read(fd, bytes, sizeof bytes), 3);
	close(fd);
	assert_false(has_file(ABC));
	assert_true(store_keep(s, &entry, &e));
	set_row(ABC, true);
	assert_true(store_settle(s, &entry, refers, NULL, &e));
	assert_int_equal(pending(), 0);
	fd = store_open_file(s, ABC, &e);
	assert_int_equal(read(fd, bytes, sizeof bytes), 3);
	assert_memory_equal(bytes, "abc", 3);
	close(fd);
	snprintf(path, sizeof path, "%s/ba/%s", folder, &ABC[2]);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(stat(folder, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_true(store_mark(s, ABC, &entry, &e));
	set_row(ABC, false);
	assert_true(store_settle(s, &entry, refers, NULL, &e));
	assert_false(has_file(ABC));
	assert_int_equal(pending(), 0);
	store_close(s);
}

/* What the next step relies on is on the disk before it. */
static void
each_step_is_durable_before_the_next(void **state)
{
	struct store *s = open_store();
	struct store_entry entry;
	struct err e;

	(void)state;
	calls[0] = '\0';
	entry = upload(s, "abc");
	assert_string_equal(calls, "sRs");	/* bytes, name, folder of the name */
	calls[0] = '\0';
	assert_true(store_keep(s, &entry, &e));
	assert_string_equal(calls, "MsLs");	/* folder, its folder, name, folder */
	calls[0] = '\0';
	assert_true(store_settle(s, &entry, refers, NULL, &e));
	assert_string_equal(calls, "UsU");	/* the file, its folder, the entry */
	calls[0] = '\0';
	assert_true(store_mark(s, ABC, &entry, &e));
	assert_string_equal(calls, "");		/* many are marked before they are made sure */
	assert_true(store_sync(s, &e));
	assert_string_equal(calls, "s");
	store_close(s);
}

static void
a_damaged_file_is_mended_by_sending_it_again(void **state)
{
	struct store *s = open_store();
	struct store_entry entry = upload(s, "abc");
	char bytes[8] = "", path[256];
	struct err e;
	int fd;

	(void)state;
	assert_true(store_keep(s, &entry, &e));
	set_row(ABC, true);
	assert_true(store_settle(s, &entry, refers, NULL, &e));
	snprintf(path, sizeof path, "%s/%.2s/%s", folder, ABC, &ABC[2]);
	assert_int_equal(truncate(path, 1), 0);
	entry = upload(s, "abc");
	assert_true(store_keep(s, &entry, &e));
	assert_true(store_settle(s, &entry, refers, NULL, &e));
	fd = store_open_file(s, ABC, &e);
	assert_int_equal(read(fd, bytes, sizeof bytes), 3);
	assert_string_equal(bytes, "abc");
	close(fd);
	assert_int_equal(pending(), 0);
	store_close(s);
}

static void
the_same_bytes_are_one_file(void **state)
{
	struct store *s = open_store();
	struct store_entry one = upload(s, ""), other = upload(s, "");
	struct err e;

	(void)state;
	assert_string_not_equal(one.name, other.name);
	assert_true(store_keep(s, &one, &e));
	assert_true(store_keep(s, &other, &e));
	set_row(NOTHING, true);
	/* The first change was undone, the second was not. */
	assert_true(store_settle(s, &one, refers, NULL, &e));
	assert_true(has_file(NOTHING));
	assert_true(store_settle(s, &other, refers, NULL, &e));
	assert_true(has_file(NOTHING));
	assert_int_equal(pending(), 0);
	store_close(s);
}

static void
giving_up_leaves_nothing(void **state)
{
	struct store *s = open_store();
	struct store_upload *u;
	struct store_entry entry;
	struct err e;

	(void)state;
	assert_true(store_begin(s, &u, &e));
	store_drop(u);
	store_drop(NULL);
	assert_int_equal(pending(), 0);
	entry = upload(s, "abc");
	store_give_up(s, &entry);
	assert_int_equal(pending(), 0);
	assert_false(has_file(ABC));
	store_close(s);
}

static void
a_file_stays_while_nobody_can_tell(void **state)
{
	struct store *s = open_store();
	struct store_entry entry = upload(s, "abc");
	struct err e;

	(void)state;
	assert_true(store_keep(s, &entry, &e));
	assert_false(store_settle(s, &entry, cannot_tell, NULL, &e));
	assert_string_equal(e.message, "the database is gone");
	assert_true(has_file(ABC));
	assert_int_equal(pending(), 1);
	store_close(s);
}

static void
only_a_digest_opens_a_file(void **state)
{
	static const char *const names[] = {
		"", "ba", "../../../etc/passwd", (ABC "0"), "BA", ("ba/../" ABC),
		"BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD",
		"pending/0000000000000000000000000000000000000000000000000000000a",
	};
	struct store *s = open_store();
	struct store_entry entry;
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		assert_int_equal(store_open_file(s, names[i], &e), -1);
		assert_non_null(strstr(e.message, "is no digest"));
		assert_false(store_mark(s, names[i], &entry, &e));
	}
	assert_int_equal(store_open_file(s, ABC, &e), -1);
	assert_non_null(strstr(e.message, "No such file"));
	store_close(s);
}

static void
a_link_in_place_of_a_file_is_not_followed(void **state)
{
	struct store *s = open_store();
	char path[256];
	struct err e;

	(void)state;
	snprintf(path, sizeof path, "%s/ba", folder);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof path, "%s/ba/%s", folder, &ABC[2]);
	assert_int_equal(symlink("/etc/passwd", path), 0);
	assert_int_equal(store_open_file(s, ABC, &e), -1);
	store_close(s);
}

static void
a_store_needs_a_folder_to_be_in(void **state)
{
	struct store *s = NULL;
	char path[128];
	struct err e;

	(void)state;
	snprintf(path, sizeof path, "%s/not/there", place);
	assert_false(store_open(path, &s, &e));
	assert_non_null(strstr(e.message, "No such file"));
	assert_null(s);
	store_close(s);
}

/* ---- crashes ---- */

/* A process that changes something and may die at any call; *committed: what became of it. */
typedef void changing(struct store *, bool commit);

static void
attach(struct store *s, bool commit)
{
	struct store_entry entry = upload(s, "abc");
	struct err e;

	if (!store_keep(s, &entry, &e))
		_exit(1);
	if (commit)
		set_row(ABC, true);
	if (!store_settle(s, &entry, refers, NULL, &e))
		_exit(1);
}

static void
detach(struct store *s, bool commit)
{
	struct store_entry entry;
	struct err e;

	if (!store_mark(s, ABC, &entry, &e))
		_exit(1);
	if (commit)
		set_row(ABC, false);
	if (!store_settle(s, &entry, refers, NULL, &e))
		_exit(1);
}

/* Detached and attached again in one transaction. */
static void
exchange(struct store *s, bool commit)
{
	struct store_entry out, in = upload(s, "abc");
	struct err e;

	if (!store_mark(s, ABC, &out, &e) || !store_keep(s, &in, &e))
		_exit(1);
	if (commit)
		set_row(ABC, true);
	if (!store_settle(s, &out, refers, NULL, &e) || !store_settle(s, &in, refers, NULL, &e))
		_exit(1);
}

/* Runs it in a child that dies at the nth call; false if it came to its end. */
static bool
dies_at(int n, changing *change, bool commit)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		struct store *s = open_store();

		calls_left = n;
		change(s, commit);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_true(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 42);
	return WEXITSTATUS(status) == 42;
}

static void
mend(void)
{
	struct store *s = open_store();
	struct err e;

	if (!store_mend(s, refers, NULL, &e))
		fail_msg("%s", e.message);
	store_close(s);
}

/* A row has its file and a file its row, whether or not it was there before. */
static void
no_crash_parts_a_row_from_its_file(void **state)
{
	static const struct { const char *what; changing *change; bool before; } cases[] = {
		{ "attach what is new", attach, false },
		{ "attach what is there", attach, true },
		{ "detach", detach, true },
		{ "detach and attach", exchange, true },
	};
	unsigned died = 0;

	(void)state;
	for (size_t i = 0; i < 2 * (sizeof cases / sizeof cases[0]); i++) {
		bool goes_on = true, row, commit = i % 2 == 0;

		for (int n = 0; goes_on; n++) {
			set_row(ABC, false);
			mend();
			if (cases[i / 2].before)
				assert_false(dies_at(100, attach, true));
			goes_on = dies_at(n, cases[i / 2].change, commit);
			died += goes_on;
			mend();
			refers(NULL, ABC, &row, NULL);
			if (has_file(ABC) != row || pending() != 0)
				fail_msg("%s, %s, at call %d: row %d, file %d, pending %u",
				    cases[i / 2].what, commit ? "committed" : "undone", n, row,
				    has_file(ABC), pending());
		}
		/* A run that came to its end has the outcome that was asked for. */
		assert_int_equal(row, cases[i / 2].change == detach ? !commit :
		    commit || cases[i / 2].before);
		set_row(ABC, true);
		assert_false(dies_at(100, detach, true));
	}
	assert_true(died > 40);
}

/* Dies with a file in its place, one finished, and one half written. */
static void
die_busy(void)
{
	pid_t child = fork();

	if (child == 0) {
		struct store *s = open_store();
		struct store_entry kept = upload(s, "abc");
		struct store_upload *u;
		struct err e;

		upload(s, "");
		_exit(!store_keep(s, &kept, &e) || !store_begin(s, &u, &e));
	}
	waitpid(child, NULL, 0);
}

static void
mending_can_be_cut_itself(void **state)
{
	int status, n = 0;
	pid_t child;

	(void)state;
	do {
		die_busy();
		assert_true(pending() >= 3);
		child = fork();
		if (child == 0) {
			struct store *s = open_store();
			struct err e;

			calls_left = n;
			_exit(!store_mend(s, refers, NULL, &e));
		}
		waitpid(child, &status, 0);
		mend();
		assert_int_equal(pending(), 0);
		assert_false(has_file(ABC));
		n++;
	} while (WEXITSTATUS(status) == 42);
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_true(n > 4);
}

static void
what_another_process_is_at_is_not_mended(void **state)
{
	struct store *serving = open_store(), *other;
	struct store_entry entry = upload(serving, "abc");
	struct err e;

	(void)state;
	other = open_store();
	assert_true(store_mend(other, refers, NULL, &e));
	assert_int_equal(pending(), 1);
	store_close(other);
	assert_true(store_keep(serving, &entry, &e));
	set_row(ABC, true);
	assert_true(store_settle(serving, &entry, refers, NULL, &e));
	assert_true(has_file(ABC));
	store_close(serving);
}

static void
what_is_not_ours_is_left_alone(void **state)
{
	static const char *const names[] = { "notes.txt", ABC, ABC "-", ABC "-0123" };
	char path[256];

	(void)state;
	store_close(open_store());
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		snprintf(path, sizeof path, "%s/pending/%s", folder, names[i]);
		close(open(path, O_CREAT | O_WRONLY, 0600));
	}
	mend();
	assert_int_equal(pending(), sizeof names / sizeof names[0]);
}

/* ---- looking at all of it ---- */

struct finding {
	char said[4096];
	struct store_row rows[4];	/* in their order */
	bool held;
};

static bool
after(void *context, const char *digest, struct store_row *ret, struct err *e)
{
	struct finding *f = context;

	(void)e;
	for (size_t i = 0; i < 4; i++)
		if (f->rows[i].digest[0] != '\0' && strcmp(f->rows[i].digest, digest) > 0) {
			*ret = f->rows[i];
			break;
		}
	return true;
}

static bool
listed(void *context, const char *digest, bool *ret, struct err *e)
{
	struct finding *f = context;

	(void)e;
	*ret = false;
	for (size_t i = 0; i < 4; i++)
		*ret |= strcmp(f->rows[i].digest, digest) == 0;
	return true;
}

static bool
hold(void *context, struct err *e)
{
	struct finding *f = context;

	(void)e;
	assert_false(f->held);
	f->held = true;
	return true;
}

static void
release(void *context)
{
	struct finding *f = context;

	assert_true(f->held);
	f->held = false;
}

static void
hear(void *context, enum store_fault fault, const char *digest, const char *sentence)
{
	struct finding *f = context;
	size_t n = strlen(f->said);

	assert_true(fault != STORE_NO_ROW || f->held);
	assert_true(digest == NULL || strstr(sentence, digest) != NULL);
	snprintf(f->said + n, sizeof f->said - n, "%s\n", sentence);
}

static void
look(struct finding *f, bool fix)
{
	struct store_check check = { f, after, listed, hold, release, hear, fix };
	struct store *s = open_store();
	struct err e;

	f->said[0] = '\0';
	if (!store_check(s, &check, &e))
		fail_msg("%s", e.message);
	store_close(s);
}

static void
put(const char *bytes)
{
	struct store *s = open_store();
	struct store_entry entry = upload(s, bytes);
	struct err e;

	assert_true(store_keep(s, &entry, &e));
	store_give_up(s, &entry);
	store_close(s);
}

static void
a_store_in_order_has_no_faults(void **state)
{
	struct finding f = { .rows = { { ABC, 3, 3 }, { NOTHING, 0, 0 } } };

	(void)state;
	put("");
	put("abc");
	look(&f, false);
	assert_string_equal(f.said, "");
	look(&f, true);
	assert_string_equal(f.said, "");
	assert_true(has_file(ABC) && has_file(NOTHING));
}

static void
a_file_without_row_is_said_and_removed(void **state)
{
	struct finding f = { .rows = { { ABC, 3, 3 } } };

	(void)state;
	put("");
	put("abc");
	look(&f, false);
	assert_string_equal(f.said, "the file " NOTHING " belongs to nothing\n");
	assert_true(has_file(NOTHING));
	look(&f, true);
	assert_string_equal(f.said, "the file " NOTHING " belonged to nothing and is removed\n");
	assert_false(has_file(NOTHING));
	assert_true(has_file(ABC));
	look(&f, true);
	assert_string_equal(f.said, "");
}

#define LOST(x) "00" x "0000000000000000000000000000000000000000000000000000000000000"

static void
a_row_without_file_is_said(void **state)
{
	struct finding f = { .rows = { { LOST("0"), 1, 1 }, { LOST("1"), 1, 1 }, { ABC, 3, 3 },
	    { NOTHING, 0, 0 } } };
	char *line = f.said;

	(void)state;
	put("abc");
	look(&f, true);
	for (size_t i = 0; i < 4; i++) {
		char start[128];

		if (i == 2)
			continue;
		snprintf(start, sizeof start, "the file %s is not there: ", f.rows[i].digest);
		assert_memory_equal(line, start, strlen(start));
		line = strchr(line, '\n') + 1;
	}
	assert_string_equal(line, "");
}

static void
wrong_sizes_and_bytes_are_said(void **state)
{
	struct finding f = { .rows = { { ABC, 3, 4 } } };
	char path[256];
	int fd;

	(void)state;
	put("abc");
	look(&f, true);
	assert_string_equal(f.said, "the file " ABC " has 3 bytes instead of 4\n");
	f.rows[0] = (struct store_row){ ABC, 2, 2 };
	look(&f, true);
	assert_string_equal(f.said, "the file " ABC " has 3 bytes instead of 2\n");
	f.rows[0] = (struct store_row){ ABC, 3, 3 };
	snprintf(path, sizeof path, "%s/ba/%s", folder, &ABC[2]);
	fd = open(path, O_WRONLY);
	assert_int_equal(pwrite(fd, "X", 1, 1), 1);
	close(fd);
	look(&f, true);
	assert_non_null(strstr(f.said, "the file " ABC " has other bytes than it had"));
	assert_true(has_file(ABC));
}

static void
strangers_and_leftovers_are_said(void **state)
{
	struct finding f = { .rows = { { "", 0, 0 } } };
	struct store *s = open_store();
	char path[256];

	(void)state;
	upload(s, "abc");
	look(&f, false);
	assert_string_equal(f.said, "");	/* somebody is at it */
	store_close(s);
	snprintf(path, sizeof path, "%s/notes.txt", folder);
	close(open(path, O_CREAT | O_WRONLY, 0600));
	look(&f, false);
	assert_memory_equal(f.said, "notes.txt is not a file of this server\npending/" ABC "-",
	    sizeof "notes.txt is not a file of this server\npending/" ABC);
	assert_non_null(strstr(f.said, " was left by a crash\n"));
}

int
main(void)
{
#define TEST(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_file_goes_its_way),
		TEST(each_step_is_durable_before_the_next),
		TEST(a_damaged_file_is_mended_by_sending_it_again),
		TEST(the_same_bytes_are_one_file),
		TEST(giving_up_leaves_nothing),
		TEST(a_file_stays_while_nobody_can_tell),
		TEST(only_a_digest_opens_a_file),
		TEST(a_link_in_place_of_a_file_is_not_followed),
		TEST(a_store_needs_a_folder_to_be_in),
		TEST(no_crash_parts_a_row_from_its_file),
		TEST(mending_can_be_cut_itself),
		TEST(what_another_process_is_at_is_not_mended),
		TEST(what_is_not_ours_is_left_alone),
		TEST(a_store_in_order_has_no_faults),
		TEST(a_file_without_row_is_said_and_removed),
		TEST(a_row_without_file_is_said),
		TEST(wrong_sizes_and_bytes_are_said),
		TEST(strangers_and_leftovers_are_said),
	};

	return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
