/*
 * Whether a crash ends the process with one line, and nobody else's crash does.
 */
#include "crash.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { STATUS = 78 };

/* How a process has ended. */
struct end {
	int status;		/* of waitpid */
	char said[8192];	/* on standard error */
};

/* Runs it in a process of its own, which ends with 0 if it comes back. */
static struct end
end_of(void (*run)(void))
{
	const struct rlimit none = { 0, 0 };
	struct end end = { 0 };
	size_t n = 0;
	ssize_t got;
	int fds[2];
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		dup2(fds[1], STDERR_FILENO);
		setrlimit(RLIMIT_CORE, &none);
		run();
		_exit(0);
	}
	close(fds[1]);
	while ((got = read(fds[0], end.said + n, sizeof end.said - 1 - n)) > 0)
		n += (size_t)got;
	close(fds[0]);
	assert_int_equal(waitpid(pid, &end.status, 0), pid);
	return end;
}

static void
watch(void)
{
	if (crash_watch_begin("it crashed (", ") here", STATUS) == NULL)
		_exit(1);
}

static void
crash_by_each(void)
{
	watch();
	raise(atoi(getenv("HELPDESK_TEST_SIGNAL")));
}

static void
the_line_names_the_signal(void **state)
{
	static const struct { int signal; const char *name; } cases[] = {
		{ SIGSEGV, "SIGSEGV" }, { SIGBUS, "SIGBUS" }, { SIGFPE, "SIGFPE" },
		{ SIGILL, "SIGILL" }, { SIGABRT, "SIGABRT" }, { SIGTRAP, "SIGTRAP" },
		{ SIGSYS, "SIGSYS" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char number[16], want[64];
		struct end end;

		snprintf(number, sizeof number, "%d", cases[i].signal);
		setenv("HELPDESK_TEST_SIGNAL", number, 1);
		end = end_of(crash_by_each);
		snprintf(want, sizeof want, "it crashed (%s) here\n", cases[i].name);
		assert_string_equal(end.said, want);
		assert_true(WIFEXITED(end.status));
		assert_int_equal(WEXITSTATUS(end.status), STATUS);
		assert_string_equal(crash_name(cases[i].signal), cases[i].name);
	}
	assert_null(crash_name(SIGTERM));
}

static void
crash_by_term(void)
{
	watch();
	raise(SIGTERM);
}

static void
a_signal_that_is_no_crash_is_left_alone(void **state)
{
	struct end end = end_of(crash_by_term);

	(void)state;
	assert_true(WIFSIGNALED(end.status) && WTERMSIG(end.status) == SIGTERM);
	assert_string_equal(end.said, "");
}

static void
crash_later(void)
{
	struct crash_watch *w = crash_watch_begin("it crashed (", ") here", STATUS);

	crash_watch_end(w);
	crash_watch_end(NULL);
	abort();
}

static void
a_watch_that_has_ended_says_nothing(void **state)
{
	struct end end = end_of(crash_later);

	(void)state;
	assert_true(WIFSIGNALED(end.status) && WTERMSIG(end.status) == SIGABRT);
	assert_string_equal(end.said, "");
}

static void *
crash_aside(void *nothing)
{
	(void)nothing;
	raise(SIGSEGV);
	return NULL;
}

static void
crash_in_a_thread(void)
{
	pthread_t thread;

	watch();
	if (pthread_create(&thread, NULL, crash_aside, NULL) == 0)
		pthread_join(thread, NULL);
}

/* It is not known to be the fault of what runs here. */
static void
the_crash_of_another_thread_is_not_told(void **state)
{
	struct end end = end_of(crash_in_a_thread);

	(void)state;
	assert_true(WIFSIGNALED(end.status) && WTERMSIG(end.status) == SIGSEGV);
	assert_string_equal(end.said, "");
}

static void
crash_at_length(void)
{
	char *before = malloc(5001);

	memset(before, 'x', 5000);
	before[5000] = '\0';
	crash_watch_begin(before, ") here", STATUS);
	abort();
}

static void
a_line_that_is_too_long_is_cut(void **state)
{
	struct end end = end_of(crash_at_length);

	(void)state;
	assert_int_equal(strlen(end.said), 4096);
	assert_int_equal(end.said[4095], '\n');
	assert_int_equal(WEXITSTATUS(end.status), STATUS);
}

static volatile sig_atomic_t heard;

static void
hear(int signal)
{
	heard = signal;
}

static void
what_was_installed_before_is_so_again(void **state)
{
	struct sigaction mine = { .sa_handler = hear }, was;

	(void)state;
	assert_int_equal(sigaction(SIGTRAP, &mine, &was), 0);
	crash_watch_end(crash_watch_begin("", "", STATUS));
	raise(SIGTRAP);
	assert_int_equal(heard, SIGTRAP);
	sigaction(SIGTRAP, &was, NULL);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_line_names_the_signal),
		cmocka_unit_test(a_signal_that_is_no_crash_is_left_alone),
		cmocka_unit_test(a_watch_that_has_ended_says_nothing),
		cmocka_unit_test(the_crash_of_another_thread_is_not_told),
		cmocka_unit_test(a_line_that_is_too_long_is_cut),
		cmocka_unit_test(what_was_installed_before_is_so_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
