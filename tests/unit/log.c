/* Log lines, as they arrive at the other end of standard error. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"

/* Standard error during a test: a socket that keeps what one write wrote together. */
static int theirs, ours, saved;

static int
setup(void **state)
{
	int ends[2];

	(void)state;
	unsetenv("JOURNAL_STREAM");
	log_set_level(LOG_LEVEL_INFO);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, ends) != 0)
		return -1;
	saved = dup(STDERR_FILENO);
	theirs = ends[0];
	ours = ends[1];
	return dup2(theirs, STDERR_FILENO) < 0;
}

static int
teardown(void **state)
{
	(void)state;
	dup2(saved, STDERR_FILENO);
	close(saved);
	close(theirs);
	close(ours);
	return 0;
}

/* What the next write was; "" if there was none. */
static const char *
next_line(void)
{
	static char line[10000];
	ssize_t n = read(ours, line, sizeof line - 1);

	line[n < 0 ? 0 : n] = '\0';
	return line;
}

static void
a_line_has_its_level_as_a_word(void **state)
{
	(void)state;
	log_error("cannot open %s", "x.db");
	assert_string_equal(next_line(), "error: cannot open x.db\n");
	log_warning("%d days left", 3);
	assert_string_equal(next_line(), "warning: 3 days left\n");
	log_info("ready");
	assert_string_equal(next_line(), "info: ready\n");
}

static void
the_journal_gets_its_priorities(void **state)
{
	char stream[64];
	struct stat st;

	(void)state;
	fstat(STDERR_FILENO, &st);
	snprintf(stream, sizeof stream, "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
	log_set_level(LOG_LEVEL_DEBUG);
	log_error("a");
	assert_string_equal(next_line(), "<3>a\n");
	log_warning("b");
	assert_string_equal(next_line(), "<4>b\n");
	log_info("c");
	assert_string_equal(next_line(), "<6>c\n");
	log_debug("d");
	assert_string_equal(next_line(), "<7>d\n");
}

static void
a_journal_that_standard_error_left_does_not_count(void **state)
{
	(void)state;
	setenv("JOURNAL_STREAM", "1:2", 1);
	log_info("redirected");
	assert_string_equal(next_line(), "info: redirected\n");
}

static void
lines_above_the_level_are_dropped(void **state)
{
	(void)state;
	log_debug("not yet");
	assert_string_equal(next_line(), "");
	log_set_level(LOG_LEVEL_DEBUG);
	log_debug("now");
	assert_string_equal(next_line(), "debug: now\n");
	log_set_level(LOG_LEVEL_ERROR);
	log_warning("too much");
	assert_string_equal(next_line(), "");
	log_error("still");
	assert_string_equal(next_line(), "error: still\n");
}

static void
nobody_can_forge_a_line_or_steer_a_terminal(void **state)
{
	static const struct { const char *in, *want; } cases[] = {
		{ "a\nerror: forged", "info: a\\x0aerror: forged\n" },
		{ "a\r\tb", "info: a\\x0d\\x09b\n" },
		{ "\x1b[2J\x7f", "info: \\x1b[2J\\x7f\n" },
		{ "\xc2\x9b" "2J", "info: \\xc2\\x9b2J\n" },		/* U+009B, CSI */
		{ "αθήνα \xf0\x9f\x98\x80", "info: αθήνα \xf0\x9f\x98\x80\n" },
		{ "caf\xe9", "info: caf\\xe9\n" },
		{ "\xe2\x82", "info: \\xe2\\x82\n" },
		{ "\xc2\xa0.", "info: \xc2\xa0.\n" },
		{ "\xc2", "info: \\xc2\n" },
		{ "100%", "info: 100%\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		log_info("%s", cases[i].in);
		assert_string_equal(next_line(), cases[i].want);
	}
}

static void
a_long_line_is_one_write_and_cut(void **state)
{
	static const char *const pieces[] = { "a", "\n", "\xf0\x9f\x98\x80", "ab\xce\xb1" };
	char text[20000];
	const char *line;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		text[0] = '\0';
		for (char *at = text; at + 5 < text + sizeof text;)
			at = stpcpy(at, pieces[i]);
		log_info("%s", text);
		line = next_line();
		assert_true(strlen(line) <= 4096);
		assert_true(strlen(line) > 4000);
		assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
		if (i == 2)
			assert_int_equal((strlen(line) - strlen("info: \n")) % 4, 0);
		assert_string_equal(next_line(), "");
	}
}

static void
errno_is_kept(void **state)
{
	(void)state;
	errno = ENOSPC;
	for (int i = 0; i < 10000; i++)		/* fills the socket, so writes fail */
		log_info("0123456789012345678901234567890123456789");
	assert_int_equal(errno, ENOSPC);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_line_has_its_level_as_a_word),
		TEST(the_journal_gets_its_priorities),
		TEST(a_journal_that_standard_error_left_does_not_count),
		TEST(lines_above_the_level_are_dropped),
		TEST(nobody_can_forge_a_line_or_steer_a_terminal),
		TEST(a_long_line_is_one_write_and_cut),
		TEST(errno_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
