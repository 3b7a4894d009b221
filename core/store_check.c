/*
 * store_check.c - all attached files of a site, held against all rows
 *
 * Files are walked folder by folder in the order of their names, rows in the order of
 * their digests, so that neither is in memory whole.  Finds and says; the one thing that
 * it ever removes is a file that no row wants.
 */
#include "store.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "arena.h"
#include "cleanup.h"
#include "err.h"
#include "hex.h"
#include "store_part.h"

enum { PIECE = 65536 };

/* The names in a folder, in the order of their bytes. */
struct names {
	char (*at)[STORE_DIGEST + 1];
	size_t count, room;
};

struct look {
	struct store *s;
	const struct store_check *check;
	struct store_row row;		/* the next one that is not dealt with yet */
	char *piece;
	struct err *e;
};

static void
names_free(struct names *n)
{
	free(n->at);
}

static void
look_end(struct look *l)
{
	free(l->piece);
}

static void
say(struct look *l, enum store_fault fault, const char *digest, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

static void
say(struct look *l, enum store_fault fault, const char *digest, const char *format, ...)
{
	char sentence[512];
	va_list args;

	va_start(args, format);
	vsnprintf(sentence, sizeof sentence, format, args);
	va_end(args);
	l->check->say(l->check->context, fault, digest, sentence);
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(a, b);
}

static bool
list_folder(struct look *l, const char *prefix, struct names *ret)
{
	CLEANUP(store_close_list) DIR *d = store_open_list(l->s->top, prefix, l->e);
	const char *name;

	if (d == NULL)
		return false;
	while ((name = store_next_name(d)) != NULL) {
		if (!store_is_hex(name, STORE_DIGEST - STORE_PREFIX)) {
			say(l, STORE_NOT_OURS, NULL, "%s/%s is not a file of this server",
			    prefix, name);
			continue;
		}
		if (ret->count == ret->room) {
			ret->room = ret->room * 2 + 64;
			ret->at = arena_heap(ret->at, ret->room * sizeof ret->at[0]);
		}
		snprintf(ret->at[ret->count++], sizeof ret->at[0], "%.2s%.62s", prefix, name);
	}
	if (errno != 0)
		return store_fail(l->e, "read the folder", prefix);
	if (ret->count > 0)
		qsort(ret->at, ret->count, sizeof ret->at[0], compare_names);
	return true;
}

static bool
next_row(struct look *l)
{
	struct store_row row = { .digest = "" };

	if (!l->check->after(l->check->context, l->row.digest, &row, l->e))
		return false;
	l->row = row;
	return true;
}

/* Asks again, with the writers held off: what was listed may be older than what is. */
static bool
no_row(struct look *l, const char *digest)
{
	const struct store_check *c = l->check;
	bool wanted, good;

	if (!c->hold(c->context, l->e))
		return false;
	good = c->refers(c->context, digest, &wanted, l->e);
	if (good && !wanted) {
		if (c->fix)
			good = store_erase(l->s, digest, l->e);
		if (good)
			say(l, STORE_NO_ROW, digest, "the file %s %s", digest, c->fix ?
			    "belonged to nothing and is removed" : "belongs to nothing");
	}
	c->release(c->context);
	return good;
}

static bool
no_file(struct look *l, const char *digest)
{
	const struct store_check *c = l->check;
	struct err why;
	bool wanted;
	int fd;

	if (!c->refers(c->context, digest, &wanted, l->e))
		return false;
	fd = wanted ? store_open_file(l->s, digest, &why) : -1;
	if (wanted && fd < 0)
		say(l, STORE_NO_FILE, digest, "the file %s is not there: %s", digest, why.message);
	store_close_fd(&fd);
	return true;
}

/* SHA-256 and size of what is in a file. */
static bool
measure(struct look *l, int fd, char digest[STORE_DIGEST + 1], uint64_t *size, struct err *e)
{
	CLEANUP(store_end_hash) EVP_MD_CTX *hash = NULL;
	ssize_t n;

	if (!store_begin_hash(&hash, e))
		return false;
	*size = 0;
	while ((n = read(fd, l->piece, PIECE)) != 0) {
		if (n < 0 && errno != EINTR)
			return store_fail(e, "read", "it");
		if (n > 0 && EVP_DigestUpdate(hash, l->piece, (size_t)n) != 1)
			return err_set(e, "OpenSSL makes no SHA-256");
		*size += n > 0 ? (uint64_t)n : 0;
	}
	return store_read_hash(hash, digest, e);
}

static bool
compare(struct look *l, const char *name)
{
	CLEANUP(store_close_fd) int fd = -1;
	char digest[STORE_DIGEST + 1];
	struct err why;
	uint64_t size;

	fd = store_open_file(l->s, name, &why);
	if (fd < 0)
		return no_file(l, name);
	if (!measure(l, fd, digest, &size, &why))
		say(l, STORE_WRONG_BYTES, name, "the file %s cannot be read: %s", name,
		    why.message);
	else if (size != l->row.least || size != l->row.most)
		say(l, STORE_WRONG_SIZE, name, "the file %s has %llu bytes instead of %llu", name,
		    (unsigned long long)size, (unsigned long long)(size != l->row.least ?
		    l->row.least : l->row.most));
	else if (strcmp(digest, name) != 0)
		say(l, STORE_WRONG_BYTES, name, "the file %s has other bytes than it had: their "
		    "SHA-256 is %s", name, digest);
	return true;
}

/* Rows and files meet in the order of their digests. */
static bool
look_at(struct look *l, const char *name)
{
	int order;

	while (l->row.digest[0] != '\0' && strcmp(l->row.digest, name) < 0)
		if (!no_file(l, l->row.digest) || !next_row(l))
			return false;
	order = l->row.digest[0] == '\0' ? 1 : strcmp(l->row.digest, name);
	if (order != 0)
		return no_row(l, name);
	return compare(l, name) && next_row(l);
}

static bool
look_in(struct look *l, const char *prefix)
{
	CLEANUP(names_free) struct names names = { 0 };
	size_t i;

	if (faccessat(l->s->top, prefix, F_OK, AT_SYMLINK_NOFOLLOW) != 0 && errno == ENOENT)
		return true;
	if (!list_folder(l, prefix, &names))
		return false;
	for (i = 0; i < names.count; i++)
		if (!look_at(l, names.at[i]))
			return false;
	return true;
}

static bool
look_at_top(struct look *l)
{
	CLEANUP(store_close_list) DIR *d = store_open_list(l->s->top, ".", l->e);
	const char *name;

	if (d == NULL)
		return false;
	while ((name = store_next_name(d)) != NULL)
		if (!store_is_hex(name, STORE_PREFIX) && strcmp(name, "lock") != 0 &&
		    strcmp(name, "pending") != 0)
			say(l, STORE_NOT_OURS, NULL, "%s is not a file of this server", name);
	return errno == 0 || store_fail(l->e, "read the folder", ".");
}

/* Of what is pending only that is said which nobody can be at work on. */
static bool
look_at_pending(struct look *l, bool alone)
{
	CLEANUP(store_close_list) DIR *d = store_open_list(l->s->top, "pending", l->e);
	const char *name;

	if (d == NULL)
		return false;
	while ((name = store_next_name(d)) != NULL) {
		if (!store_is_entry(name) && !store_is_upload(name))
			say(l, STORE_NOT_OURS, NULL, "pending/%s is not a file of this server",
			    name);
		else if (alone)
			say(l, STORE_LEFT_OVER, NULL, "pending/%s was left by a crash", name);
	}
	return errno == 0 || store_fail(l->e, "read the folder", "pending");
}

/* A moment alone tells that nobody else is at work; then others may come again. */
static bool
look_at_leftovers(struct look *l)
{
	struct err ignored;
	bool alone = store_lock(l->s, LOCK_EX | LOCK_NB, &ignored);
	bool good = look_at_pending(l, alone);

	return store_lock(l->s, LOCK_SH, l->e) && good;
}

static bool
look_at_all(struct look *l)
{
	char prefix[STORE_PREFIX + 1] = "";
	unsigned i;

	if (!look_at_top(l) || !look_at_leftovers(l) || !next_row(l))
		return false;
	for (i = 0; i < 256; i++) {
		hex_write(prefix, &(unsigned char){ (unsigned char)i }, 1);
		if (!look_in(l, prefix))
			return false;
	}
	while (l->row.digest[0] != '\0')
		if (!no_file(l, l->row.digest) || !next_row(l))
			return false;
	return true;
}

bool
store_check(struct store *s, const struct store_check *check, struct err *e)
{
	CLEANUP(look_end) struct look l = { .s = s, .check = check, .e = e };

	l.piece = arena_heap(NULL, PIECE);
	return look_at_all(&l);
}
