/*
 * command_module_check.c - helpdesk module check
 *
 * The judging is done in a child (module_check.c), which runs the module: whatever becomes
 * of that process - a crash, an exit, no end - is one more sentence here.  The child tells
 * through a pipe, one line each; without its last one it has not come to its end.  This
 * is for modules that are broken, not for hostile ones: the child may do all that its user
 * may.
 */
#include "command.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cleanup.h"
#include "clock.h"
#include "conf.h"
#include "crash.h"
#include "module_check.h"

enum { PATIENCE = 10 };	/* seconds */

/* The first byte of a line: what it is. */
static const char kinds[] = {
	[MODULE_STAGE] = 's', [MODULE_FAULT] = 'f', [MODULE_REMARK] = 'r', [MODULE_FACTS] = 'm',
};
enum { TAKEN = '+', REFUSED = '-' };

/* A child at work. */
struct trial {
	struct call *call;
	const char *folder;	/* its database is there */
	pid_t pid;
	int pipe;
	struct out report;
	bool patient;		/* it ended in time */
	const char *stage;	/* that it has come to */
	char verdict;		/* TAKEN or REFUSED; 0: it has not come to its end */
};

/* ---- the child ---- */

static void
tell_line(int fd, char kind, const char *sentence)
{
	size_t n = strlen(sentence);
	char *line = malloc(n + 2);

	if (line == NULL)
		_exit(EXIT_FAILED);
	line[0] = kind;
	for (size_t i = 0; i < n; i++)
		line[i + 1] = sentence[i] == '\n' ? ' ' : sentence[i];
	line[n + 1] = '\n';
	for (size_t at = 0; at < n + 2;) {
		ssize_t written = write(fd, line + at, n + 2 - at);

		if (written < 0 && errno != EINTR)
			_exit(EXIT_FAILED);
		at += written > 0 ? (size_t)written : 0;
	}
	free(line);
}

static void
tell(void *context, enum module_tale what, const char *sentence)
{
	const int *fd = context;

	tell_line(*fd, kinds[what], sentence != NULL ? sentence : "no memory");
}

/* Ends with its parent, leaves no core, and prints nothing between the parent's lines. */
static void
settle(void)
{
	const struct rlimit none = { 0, 0 };

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setrlimit(RLIMIT_CORE, &none);
	dup2(STDERR_FILENO, STDOUT_FILENO);
}

_Noreturn static void
be_child(const struct trial *t, int fd)
{
	const struct module_question q = { t->call->argument, t->call->conf, t->folder, tell, &fd };
	bool taken;

	settle();
	taken = module_check(&q);
	tell_line(fd, taken ? TAKEN : REFUSED, "");
	_exit(EXIT_DONE);
}

static bool
begin(struct trial *t)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) != 0)
		return command_fail(t->call, EXIT_FAILED, "pipe: %s", strerror(errno));
	fflush(NULL);
	t->pid = fork();
	if (t->pid == 0) {
		close(fds[0]);
		be_child(t, fds[1]);
	}
	close(fds[1]);
	t->pipe = fds[0];
	if (t->pid < 0)
		return command_fail(t->call, EXIT_FAILED, "fork: %s", strerror(errno));
	setpgid(t->pid, t->pid);	/* whichever of us is first */
	return true;
}

/* ---- the parent ---- */

/* Whether there is something to read until then. */
static bool
wait_until(int fd, int64_t deadline)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int64_t left;
	int n;

	do {
		left = (deadline - clock_now()) / 1000;
		n = left > 0 ? poll(&p, 1, (int)left) : 0;
	} while (n < 0 && errno == EINTR);
	return n > 0;
}

/* Takes all that the child tells, and ends it and what it may have started. */
static int
hear(struct trial *t)
{
	int64_t deadline = clock_now() + PATIENCE * INT64_C(1000000);
	char bytes[4096];
	ssize_t n = 1;
	int status = 0;

	while (n > 0 && wait_until(t->pipe, deadline)) {
		n = read(t->pipe, bytes, sizeof(bytes));
		if (n > 0)
			out_bytes(&t->report, bytes, (size_t)n);
	}
	t->patient = n <= 0;
	kill(-t->pid, SIGKILL);
	while (waitpid(t->pid, &status, 0) < 0 && errno == EINTR)
		continue;
	return status;
}

static void
print_line(struct trial *t, const char *line)
{
	const char *file = t->call->argument;

	switch (line[0]) {
	case 's':
		t->stage = line + 1;
		break;
	case 'f':
		out_printf(&t->call->faults, "%s: %s\n", file, line + 1);
		break;
	case 'r':
		out_printf(&t->call->printer, "note: %s\n", line + 1);
		break;
	case 'm':
		out_printf(&t->call->printer, "%s: %s\n", file, line + 1);
		break;
	default:
		t->verdict = line[0];
	}
}

static void
print_report(struct trial *t)
{
	char *rest = NULL;

	out_char(&t->report, '\0');
	for (char *line = strtok_r(t->report.at, "\n", &rest); line != NULL;
	    line = strtok_r(NULL, "\n", &rest))
		print_line(t, line);
}

static const char *
signal_name(int signal)
{
	const char *name = crash_name(signal);

	return name != NULL ? name : strsignal(signal);
}

/* Why the child has not come to its end. */
static void
print_end(struct trial *t, int status)
{
	struct out *out = &t->call->faults;

	out_printf(out, "%s: ", t->call->argument);
	if (!t->patient)
		out_printf(out, "has not come to an end in %d seconds", PATIENCE);
	else if (WIFSIGNALED(status))
		out_printf(out, "crashed (%s)", signal_name(WTERMSIG(status)));
	else
		out_printf(out, "ended the process with status %d", WEXITSTATUS(status));
	out_printf(out, " %s\n", t->stage);
}

static bool
try(struct call *call, const char *folder)
{
	struct trial t = { .call = call, .folder = folder, .pipe = -1,
		.stage = "before it was loaded" };
	bool begun;
	int status;

	out_init(&t.report, &call->arena, SIZE_MAX);
	begun = begin(&t);
	if (begun) {
		status = hear(&t);
		print_report(&t);
		if (t.verdict == 0)
			print_end(&t, status);
	}
	if (t.pipe >= 0)
		close(t.pipe);
	return begun && t.verdict == TAKEN;
}

/* ---- around it ---- */

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

/* The configuration that was given, or one that says nothing. */
static bool
find_conf(struct call *call)
{
	static const char least[] = "sites: [ { name: check, database: { path: /nonexistent }, "
	    "modules: { meta: } } ]\n";

	if (call->configured)
		return command_conf(call);
	return conf_parse("check", least, sizeof(least) - 1, &call->conf, &call->faults) ||
	    command_fail(call, EXIT_FAILED, "no configuration can be made");
}

bool
command_module_check(struct call *call)
{
	const char *parent = getenv("TMPDIR");
	char *folder = arena_printf(&call->arena, "%s/helpdesk-check-XXXXXX",
	    parent != NULL && parent[0] != '\0' ? parent : "/tmp");
	bool taken;

	if (!find_conf(call))
		return false;
	if (folder == NULL || mkdtemp(folder) == NULL)
		return command_fail(call, EXIT_FAILED, "%s: %s",
		    folder != NULL ? folder : "TMPDIR", strerror(errno));
	taken = try(call, folder);
	nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	if (taken)
		out_printf(&call->printer, "%s: nothing wrong\n", call->argument);
	return taken;
}
