/*
 * crash.c - a last line from a process that crashes in code which is not its own
 *
 * All that is said is made beforehand, one line for each signal; the handler writes it and
 * leaves.  It runs on a stack of its own, as a crash may be that the other one is used up.
 */
#include "crash.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STACK_SIZE = 64 << 10, LINE_SIZE = 4096 };

static const struct {
	int signal;
	const char *name;
} crashes[] = {
	{ SIGSEGV, "SIGSEGV" }, { SIGBUS, "SIGBUS" }, { SIGFPE, "SIGFPE" }, { SIGILL, "SIGILL" },
	{ SIGABRT, "SIGABRT" }, { SIGTRAP, "SIGTRAP" }, { SIGSYS, "SIGSYS" },
};

enum { CRASHES = sizeof(crashes) / sizeof(crashes[0]) };

struct crash_watch {
	int status;
	struct { char at[LINE_SIZE]; size_t len; } lines[CRASHES];
	struct sigaction were[CRASHES];
	stack_t stack_was;
	char stack[STACK_SIZE];
};

/*
 * The one variable of a file that changes: a signal handler is given nothing that whoever
 * installed it could have passed down.  Of the thread, since a signal of a crash comes to the
 * thread that crashes, and only that one is watched.
 */
static _Thread_local const struct crash_watch *watching;

const char *
crash_name(int signal)
{
	for (size_t i = 0; i < CRASHES; i++)
		if (crashes[i].signal == signal)
			return crashes[i].name;
	return NULL;
}

/* Calls nothing that is not safe in a signal handler (signal-safety(7)). */
static void
say_last_words(int number)
{
	const struct crash_watch *w = watching;

	for (size_t i = 0; w != NULL && i < CRASHES; i++)
		if (crashes[i].signal == number &&
		    write(STDERR_FILENO, w->lines[i].at, w->lines[i].len) > 0)
			_exit(w->status);
	/* Another thread's, or nobody listens: as if there were no watch, once this returns. */
	signal(number, SIG_DFL);
	raise(number);
}

static void
make_lines(struct crash_watch *w, const char *before, const char *after)
{
	for (size_t i = 0; i < CRASHES; i++) {
		char *line = w->lines[i].at;
		size_t n;

		snprintf(line, LINE_SIZE, "%s%s%s", before, crashes[i].name, after);
		n = strlen(line);
		line[n] = '\n';
		w->lines[i].len = n + 1;
	}
}

static void
install(struct crash_watch *w)
{
	struct sigaction act = { .sa_handler = say_last_words, .sa_flags = SA_ONSTACK };

	sigemptyset(&act.sa_mask);
	for (size_t i = 0; i < CRASHES; i++)
		sigaction(crashes[i].signal, &act, &w->were[i]);
}

struct crash_watch *
crash_watch_begin(const char *before, const char *after, int status)
{
	struct crash_watch *w = malloc(sizeof(*w));
	stack_t stack = { .ss_size = STACK_SIZE };

	if (w == NULL)
		return NULL;
	stack.ss_sp = w->stack;
	if (sigaltstack(&stack, &w->stack_was) != 0) {
		free(w);
		return NULL;
	}
	w->status = status;
	make_lines(w, before, after);
	watching = w;
	install(w);
	return w;
}

void
crash_watch_end(struct crash_watch *w)
{
	if (w == NULL)
		return;
	for (size_t i = 0; i < CRASHES; i++)
		sigaction(crashes[i].signal, &w->were[i], NULL);
	watching = NULL;
	sigaltstack(&w->stack_was, NULL);
	free(w);
}
