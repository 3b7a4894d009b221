/*
 * Attachments on their way through a house: what becomes of their files, whatever becomes
 * of the request.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>
#include <sys/stat.h>

#include "../fixture/hall.h"
#include "arena.h"
#include "db.h"
#include "err.h"
#include "out.h"
#include "text.h"

#include <cmocka.h>	/* after plugin.h, where "fail" is a name */

#define SITE "limits: { attachment: 1KiB, request_memory: 4MiB }\n" \
    "sites:\n" \
    "  - name: main\n" \
    "    database: { path: @/main.db }\n" \
    "    modules: { meta: , tickets: }\n"

/* SHA-256 of "abc" (FIPS 180-4, examples). */
#define ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define NOBODY "00000000000000000000000000000000000000000000000000000000000000000"

/* ---- the folder ---- */

static unsigned
count_names(const char *folder)
{
	DIR *d = opendir(folder);
	unsigned n = 0;

	if (d == NULL)
		return 0;
	for (struct dirent *found; (found = readdir(d)) != NULL;)
		n += found->d_name[0] != '.';
	closedir(d);
	return n;
}

static unsigned
pending(struct place *p)
{
	return count_names(arena_printf(&p->arena, "%s/main.db.files/pending", p->folder));
}

/* Files in their places. */
static unsigned
files(struct place *p)
{
	unsigned n = 0;

	for (unsigned i = 0; i < 256; i++)
		n += count_names(arena_printf(&p->arena, "%s/main.db.files/%02x", p->folder, i));
	return n;
}

static void
expect_files(struct place *p, unsigned n)
{
	if (files(p) != n || pending(p) != 0)
		fail_msg("%u files in place of %u, %u pending", files(p), n, pending(p));
}

/* ---- asking ---- */

static void
expect(struct place *p, const struct ask *ask, int status, const char *words)
{
	struct got got = hall_ask(p, ask);

	if (got.status != status || strstr(got.body.at, words) == NULL)
		fail_msg("%s %s: %d in place of %d: %.500s", ask->method, ask->target, got.status,
		    status, got.body.at);
}

static void
send_raw(struct place *p, const char *target, const char *name, const char *body, int status,
    const char *words)
{
	struct ask ask = { .method = "POST", .target = target, .body = body };

	ask.headers[0] = (struct header){ TEXT("content-disposition"),
	    text_of(arena_printf(&p->arena, "attachment; filename=\"%s\"", name)) };
	ask.headers[1] = (struct header){ TEXT("content-type"), TEXT("text/plain") };
	expect(p, &ask, status, words);
}

static void
send_form(struct place *p, const char *target, const char *body, int status, const char *words)
{
	struct ask ask = { .method = "POST", .target = target, .body = body };

	ask.headers[0] = (struct header){ TEXT("content-type"),
	    TEXT("multipart/form-data; boundary=b") };
	expect(p, &ask, status, words);
}

/* A part with a file of so many bytes, all of them the same letter. */
static void
add_file(struct out *out, const char *name, char letter, size_t size)
{
	out_printf(out, "--b\r\nContent-Disposition: form-data; name=f; filename=%s\r\n\r\n", name);
	while (size-- > 0)
		out_char(out, letter);
	out_string(out, "\r\n");
}

static void
make_ticket(struct place *p)
{
	expect(p, &(struct ask){ "POST", "/api/v1/tickets",
	    "{\"subject\":\"S\",\"description\":\"D\",\"created_by\":1}" }, 201, "\"id\":");
}

/* Changes the database while the house is closed. */
static void
change(struct place *p, const char *sql)
{
	hall_close(p);
	hall_change(p, "main.db", sql);
	hall_enter(p, HOUSE_SERVING, SITE);
}

/* ---- with lanes and without ---- */

static const enum house_mode modes[] = { HOUSE_AT_ONCE, HOUSE_SERVING };

static void
enter(struct place *p, enum house_mode mode)
{
	hall_enter(p, mode, SITE);

	make_ticket(p);
}

/* Opens a house and gives it a user, which a ticket needs. */
static int
settle(void **state)
{
	int failed = hall_settle(state);
	struct place *p = *state;

	if (failed != 0)
		return failed;
	if (!hall_open(p, HOUSE_AT_ONCE, SITE)) {
		dprintf(p->stderr_was, "%s", p->faults);
		return -1;
	}
	hall_close(p);
	(void)hall_make_key(p, "main.db", "maria");
	return 0;
}

static void
a_file_comes_and_goes(void **state)
{
	struct place *p = *state;

	for (unsigned i = 0; i < 2; i++) {
		const char *ticket;

		enter(p, modes[i]);
		ticket = arena_printf(&p->arena, "/api/v1/tickets/%u/attachments", i + 1);
		send_raw(p, ticket, "a.txt", "abc", 201, ABC);
		expect_files(p, 1);
		send_raw(p, ticket, "b.txt", "abc", 201, ABC);
		expect_files(p, 1);
		expect(p, &(struct ask){ "DELETE", arena_printf(&p->arena, "%s/%u", ticket,
		    2 * i + 1) }, 200, "deleted");
		expect_files(p, 1);
		expect(p, &(struct ask){ "GET", arena_printf(&p->arena, "%s/%u", ticket,
		    2 * i + 2) }, 200, "abc");
		expect(p, &(struct ask){ "DELETE", arena_printf(&p->arena, "%s/%u", ticket,
		    2 * i + 2) }, 200, "deleted");
		expect_files(p, 0);
	}
}

static void
a_ticket_takes_its_files_along(void **state)
{
	struct place *p = *state;

	enter(p, HOUSE_SERVING);
	make_ticket(p);
	send_raw(p, "/api/v1/tickets/1/attachments", "a.txt", "abc", 201, "");
	send_raw(p, "/api/v1/tickets/1/attachments", "b.txt", "other", 201, "");
	send_raw(p, "/api/v1/tickets/2/attachments", "c.txt", "abc", 201, "");
	expect_files(p, 2);
	expect(p, &(struct ask){ "DELETE", "/api/v1/tickets/1" }, 200, "deleted");
	expect_files(p, 1);
	expect(p, &(struct ask){ "GET", "/api/v1/tickets/2/attachments/3" }, 200, "abc");
}

static void
a_file_over_the_limit_is_named(void **state)
{
	struct place *p = *state;

	for (unsigned i = 0; i < 2; i++) {
		struct out out;

		enter(p, modes[i]);
		out_init(&out, &p->arena, 65536);
		add_file(&out, "good.txt", 'a', 1024);
		add_file(&out, "long.txt", 'b', 1025);
		out_string(&out, "--b--");
		out_char(&out, '\0');
		send_form(p, "/api/v1/tickets/1/attachments", out.at, 413,
		    "'long.txt' is longer than the 1024 bytes");
		expect_files(p, 0);
	}
}

static void
files_up_to_the_limit_are_taken(void **state)
{
	struct place *p = *state;
	struct out out;

	enter(p, HOUSE_SERVING);
	out_init(&out, &p->arena, 1 << 20);
	for (unsigned i = 0; i < 100; i++)
		add_file(&out, "f.txt", 'a', 1024 - i % 10);
	out_string(&out, "--b--");
	out_char(&out, '\0');
	send_form(p, "/api/v1/tickets/1/attachments", out.at, 201, "\"id\":100");
	expect_files(p, 10);		/* the same bytes are one */
}

/* Whatever is wrong with an upload: no file of it stays. */
static void
what_fails_leaves_no_file(void **state)
{
	static const struct { const char *target, *body; int status; const char *why; } cases[] = {
		{ "/api/v1/tickets/99/attachments", "", 404, "No ticket 99." },
		{ "/api/v1/tickets/1/attachments", "--c", 400, "closing boundary" },
		{ "/api/v1/tickets/1/attachments", "--b\r\n", 400, "header of a part" },
		{ "/api/v1/tickets/1/attachments", "--b\r\nContent-Disposition: form-data; name=x;"
		  " filename=\"..\"\r\n\r\n\r\n--b--", 400, "nothing is left" },
		{ "/api/v1/tickets/1/attachments?dry_run=1", "--b--", 201, "f.txt" },
	};
	struct place *p = *state;

	for (size_t i = 0; i < 2 * (sizeof cases / sizeof cases[0]); i++) {
		struct out out;

		if (i % (sizeof cases / sizeof cases[0]) == 0)
			enter(p, modes[i / (sizeof cases / sizeof cases[0])]);
		out_init(&out, &p->arena, 65536);
		add_file(&out, "f.txt", 'a', 100);
		out_string(&out, cases[i % 5].body);
		out_char(&out, '\0');
		send_form(p, cases[i % 5].target, out.at, cases[i % 5].status, cases[i % 5].why);
		expect_files(p, 0);
	}
	assert_string_equal(hall_sql(p, "main.db", "SELECT count(*) FROM core_attachment"), "0");
}

/* A trigger stands for whatever fails in the transaction once the file is in its place. */
static void
a_change_that_is_undone_leaves_no_file(void **state)
{
	struct place *p = *state;

	enter(p, HOUSE_SERVING);
	send_raw(p, "/api/v1/tickets/1/attachments", "a.txt", "abc", 201, "");
	change(p, "CREATE TRIGGER no AFTER INSERT ON core_audit"
	    " BEGIN SELECT RAISE(ABORT, 'no'); END");
	send_raw(p, "/api/v1/tickets/1/attachments", "b.txt", "other", 500, "Internal error");
	expect_files(p, 1);
	send_raw(p, "/api/v1/tickets/1/attachments", "b.txt", "abc", 500, "Internal error");
	expect_files(p, 1);
	expect(p, &(struct ask){ "DELETE", "/api/v1/tickets/1/attachments/1" }, 500, "Internal");
	expect(p, &(struct ask){ "DELETE", "/api/v1/tickets/1" }, 500, "Internal error");
	expect_files(p, 1);
	expect(p, &(struct ask){ "GET", "/api/v1/tickets/1/attachments/1" }, 200, "abc");
}

/* A house that opens settles what one that died has left. */
static void
leftovers_are_mended_before_anybody_is_served(void **state)
{
	static const char *const names[] = {
		"pending/upload-0123456789abcdef",
		"pending/" ABC "-0123456789abcdef",
		"pending/" NOBODY "-0123456789abcdef",
	};
	struct place *p = *state;

	enter(p, HOUSE_SERVING);
	send_raw(p, "/api/v1/tickets/1/attachments", "a.txt", "abc", 201, "");
	hall_close(p);
	for (unsigned i = 0; i < 2; i++)
		close(open(arena_printf(&p->arena, "%s/main.db.files/%s", p->folder, names[i]),
		    O_CREAT | O_WRONLY, 0600));
	assert_int_equal(pending(p), 2);
	hall_enter(p, HOUSE_SERVING, SITE);
	expect_files(p, 1);
	expect(p, &(struct ask){ "GET", "/api/v1/tickets/1/attachments/1" }, 200, "abc");
}

static void
a_file_that_is_lost_is_no_empty_file(void **state)
{
	struct place *p = *state;

	enter(p, HOUSE_SERVING);
	send_raw(p, "/api/v1/tickets/1/attachments", "a.txt", "abc", 201, "");
	unlink(arena_printf(&p->arena, "%s/main.db.files/ba/%s", p->folder, &ABC[2]));
	expect(p, &(struct ask){ "GET", "/api/v1/tickets/1/attachments/1" }, 404,
	    "No attachment 1.");
	assert_non_null(strstr(hall_log(p), "No such file"));
	expect(p, &(struct ask){ "DELETE", "/api/v1/tickets/1/attachments/1" }, 200, "deleted");
}

/* Rows that are older than the store have names, and no files. */
static void
a_row_without_a_digest_has_no_file(void **state)
{
	struct place *p = *state;

	enter(p, HOUSE_SERVING);
	change(p, "INSERT INTO core_attachment (resource, record, filename,"
	    " filename_fold, size, uploaded_at) VALUES ('tickets', 1, 'a', 'a', 3, '2025-01-01')");
	expect(p, &(struct ask){ "GET", "/api/v1/tickets/1/attachments/1" }, 404,
	    "Attachment 1 has no file.");
	expect(p, &(struct ask){ "DELETE", "/api/v1/tickets/1/attachments/1" }, 200, "deleted");
}

static void
the_folder_can_be_elsewhere(void **state)
{
	struct place *p = *state;

	hall_enter(p, HOUSE_SERVING, "sites:\n  - name: main\n    files: @/elsewhere\n"
	    "    database: { path: @/main.db }\n    modules: { meta: , tickets: }\n");
	make_ticket(p);
	send_raw(p, "/api/v1/tickets/1/attachments", "a.txt", "abc", 201, "");
	assert_int_equal(count_names(arena_printf(&p->arena, "%s/elsewhere/ba", p->folder)), 1);
}

static void
a_folder_that_cannot_be_stops_the_start(void **state)
{
	struct place *p = *state;

	assert_false(hall_open(p, HOUSE_SERVING, "sites:\n  - name: main\n    files: @/not/there\n"
	    "    database: { path: @/main.db }\n    modules: { meta: , tickets: }\n"));
	assert_non_null(strstr(p->faults, "site main: attached files: "));
}

int
main(void)
{
#define TEST(t) cmocka_unit_test_setup_teardown(t, settle, hall_leave)
	const struct CMUnitTest tests[] = {
		TEST(a_file_comes_and_goes),
		TEST(a_ticket_takes_its_files_along),
		TEST(a_file_over_the_limit_is_named),
		TEST(files_up_to_the_limit_are_taken),
		TEST(what_fails_leaves_no_file),
		TEST(a_change_that_is_undone_leaves_no_file),
		TEST(leftovers_are_mended_before_anybody_is_served),
		TEST(a_file_that_is_lost_is_no_empty_file),
		TEST(a_row_without_a_digest_has_no_file),
		TEST(the_folder_can_be_elsewhere),
		TEST(a_folder_that_cannot_be_stops_the_start),
	};

	return cmocka_run_group_tests_name("attachment", tests, NULL, NULL);
}
