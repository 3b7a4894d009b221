/*
 * checks.c - memory that modules are handed, and may not use for ever
 */
#include "checks.h"

#include <stdlib.h>

#ifndef HD_CHECKS

void *
checks_alloc(size_t n)
{
	void *p = calloc(1, n);

	if (p == NULL)
		abort();
	return p;
}

void
checks_free(void *p, size_t n, const char *module, const char *what)
{
	(void)n;
	(void)module;
	(void)what;
	free(p);
}

#else

#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { KEPT = 4096, LINE = 256 };	/* pieces out of reach at once; the oldest is reused */

/* A piece that is out of reach, and what is said of who uses it. */
struct piece {
	char *at;
	size_t n;
	char line[LINE];
};

/* A global, since a signal's handler is given nothing of ours. */
static struct {
	pthread_once_t once;
	pthread_mutex_t lock;
	struct piece pieces[KEPT];
	size_t next;
} gone = { .once = PTHREAD_ONCE_INIT, .lock = PTHREAD_MUTEX_INITIALIZER };

static size_t
whole_pages(size_t n)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (n + page - 1) / page * page;
}

/* Says who it was, and lets the same access end the process as if nobody had listened. */
static void
on_fault(int sig, siginfo_t *info, void *context)
{
	const char *at = info->si_addr;

	(void)context;
	for (size_t i = 0; i < KEPT; i++) {
		const struct piece *p = &gone.pieces[i];

		if (p->at != NULL && at >= p->at && at < p->at + p->n)
			(void)!write(STDERR_FILENO, p->line, strlen(p->line));
	}
	signal(sig, SIG_DFL);
}

static void
listen_once(void)
{
	struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };

	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
}

void *
checks_alloc(size_t n)
{
	void *p = mmap(NULL, whole_pages(n), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
	    -1, 0);

	if (p == MAP_FAILED)
		abort();
	pthread_once(&gone.once, listen_once);
	return p;
}

void
checks_free(void *p, size_t n, const char *module, const char *what)
{
	struct piece *piece;

	if (p == NULL)
		return;
	n = whole_pages(n);
	pthread_mutex_lock(&gone.lock);
	piece = &gone.pieces[gone.next++ % KEPT];
	if (piece->at != NULL)
		munmap(piece->at, piece->n);
	*piece = (struct piece){ .at = p, .n = n };
	snprintf(piece->line, sizeof(piece->line), "error: module %s uses %s\n",
	    *module != '\0' ? module : "nobody's", what);
	pthread_mutex_unlock(&gone.lock);
	/* Only now: the name may be in it. */
	if (mprotect(p, n, PROT_NONE) != 0)
		abort();
}

#endif
