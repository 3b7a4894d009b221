/*
 * spool - a long body, made at one speed and taken at another
 *
 * First memory, then a file that has no name, so no crash leaves one behind.  Written
 * by one thread, then read by one; takes no lock, and is never written again once read.
 */
#include "spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arena.h"
#include "err.h"

enum {
	FIRST = 4096,		/* bytes of memory at first */
	SLICE = 4 << 20		/* bytes of a file that are taken back at once */
};

struct spool {
	char *memory;
	size_t held, room, most;	/* bytes in memory; bytes there is room for; at most */
	int file;			/* -1: none yet */
	uint64_t from, filed;		/* where in the file it begins; bytes of it there */
	struct spool_budget *budget;	/* NULL: the file is somebody else's */
	const char *fault;
	struct spool *next;		/* of the leavings */
	char folder[];
};

bool
spool_open(const char *folder, size_t memory, struct spool_budget *budget, struct spool **ret,
    struct err *e)
{
	size_t n = strlen(folder) + 1;
	struct spool *s;

	if (access(folder, W_OK | X_OK) != 0)
		return err_set(e, "cannot make files in %s: %s", folder, strerrordesc_np(errno));
	s = arena_heap(NULL, sizeof *s + n);
	*s = (struct spool){ .most = memory, .file = -1, .budget = budget };
	memcpy(s->folder, folder, n);
	*ret = s;
	return true;
}

bool
spool_open_file(int file, uint64_t from, uint64_t size, struct spool **ret)
{
	struct spool *s;
	struct stat st;

	if (fstat(file, &st) != 0 || from > (uint64_t)st.st_size ||
	    size > (uint64_t)st.st_size - from) {
		close(file);
		return false;
	}
	s = arena_heap(NULL, sizeof *s + 1);
	*s = (struct spool){ .file = file, .from = from, .filed = size, .fault =
	    "it is a piece of a file" };
	*ret = s;
	return true;
}

void
spool_close(struct spool *s)
{
	if (s == NULL)
		return;
	if (s->file >= 0)
		close(s->file);
	if (s->budget != NULL)
		atomic_fetch_sub(&s->budget->used, s->filed);
	free(s->memory);
	free(s);
}

/* Takes back the end of the file; false if it cannot, or if that was all but a slice. */
static bool
shorten(struct spool *s)
{
	if (s->budget == NULL || s->filed <= SLICE ||
	    ftruncate(s->file, (off_t)(s->filed - SLICE)) != 0)
		return false;
	s->filed -= SLICE;
	atomic_fetch_sub(&s->budget->used, SLICE);
	return true;
}

void
spool_leave(struct spool_leavings *l, struct spool *s)
{
	if (s == NULL || s->budget == NULL || s->filed <= SLICE) {
		spool_close(s);
		return;
	}
	s->next = l->first;
	l->first = s;
}

bool
spool_clear(struct spool_leavings *l)
{
	struct spool *s = l->first;

	if (s != NULL && !shorten(s)) {
		l->first = s->next;
		spool_close(s);
	}
	return l->first != NULL;
}

void
spool_leavings_fini(struct spool_leavings *l)
{
	struct spool *s, *next;

	for (s = l->first; s != NULL; s = next) {
		next = s->next;
		spool_close(s);
	}
	l->first = NULL;
}

static bool
fail(struct spool *s, const char *fault)
{
	s->fault = fault;
	return false;
}

/* Puts what still fits into memory; returns how much that was. */
static size_t
hold(struct spool *s, const char *bytes, size_t n)
{
	size_t room = s->room == 0 ? FIRST : s->room;

	if (n > s->most - s->held)
		n = s->most - s->held;
	if (n == 0)
		return 0;
	while (room - s->held < n)
		room *= 2;
	if (room > s->most)
		room = s->most;
	if (room > s->room) {
		s->memory = arena_heap(s->memory, room);
		s->room = room;
	}
	memcpy(s->memory + s->held, bytes, n);
	s->held += n;
	return n;
}

/* Not every file system knows files without a name. */
static int
open_unnamed(const char *folder)
{
	int file = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	char name[4096];

	if (file >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT))
		return file;
	if ((size_t)snprintf(name, sizeof name, "%s/spool-XXXXXX", folder) >= sizeof name)
		return -1;
	file = mkostemp(name, O_CLOEXEC);
	if (file >= 0)
		unlink(name);
	return file;
}

/* Takes n bytes out of the common budget, unless they are too many. */
static bool
reserve(struct spool_budget *b, size_t n)
{
	if (atomic_fetch_add(&b->used, n) + n <= b->limit)
		return true;
	atomic_fetch_sub(&b->used, n);
	return false;
}

static bool
file_away(struct spool *s, const char *bytes, size_t n)
{
	ssize_t done;

	if (s->file < 0 && (s->file = open_unnamed(s->folder)) < 0)
		return fail(s, strerrordesc_np(errno));
	if (!reserve(s->budget, n))
		return fail(s, "all spools together have reached their limit");
	for (; n > 0; bytes += done, n -= (size_t)done, s->filed += (size_t)done) {
		done = pwrite(s->file, bytes, n, (off_t)s->filed);
		if (done < 0 && errno == EINTR)
			done = 0;
		if (done < 0) {
			atomic_fetch_sub(&s->budget->used, n);
			return fail(s, strerrordesc_np(errno));
		}
	}
	return true;
}

bool
spool_write(void *spool, const char *bytes, size_t n)
{
	struct spool *s = spool;
	size_t held;

	if (s->fault != NULL)
		return false;
	held = hold(s, bytes, n);
	return held == n || file_away(s, bytes + held, n - held);
}

void
spool_rewind(struct spool *s)
{
	s->held = 0;
	if (s->file < 0)
		return;
	if (ftruncate(s->file, 0) != 0) {
		s->fault = strerrordesc_np(errno);	/* nor is it out of the budget */
		return;
	}
	atomic_fetch_sub(&s->budget->used, s->filed);
	s->filed = 0;
}

const char *
spool_fault(const struct spool *s)
{
	return s->fault == NULL ? "no fault" : s->fault;
}

uint64_t
spool_size(const struct spool *s)
{
	return s->held + s->filed;
}

static long
read_file(struct spool *s, uint64_t offset, char *bytes, size_t n)
{
	ssize_t done;

	if (n > s->filed - offset)
		n = s->filed - offset;
	do
		done = pread(s->file, bytes, n, (off_t)(s->from + offset));
	while (done < 0 && errno == EINTR);
	if (done <= 0)
		s->fault = done < 0 ? strerrordesc_np(errno) : "the file has become shorter";
	return done <= 0 ? -1 : done;
}

long
spool_read(struct spool *s, uint64_t offset, char *bytes, size_t n)
{
	if (n == 0 || offset >= spool_size(s))
		return 0;
	if (offset >= s->held)
		return read_file(s, offset - s->held, bytes, n);
	if (n > s->held - offset)
		n = s->held - offset;
	memcpy(bytes, s->memory + offset, n);
	return (long)n;
}
