/*
 * store.c - the folder of one site's attached files, named by their SHA-256
 *
 * Every step is made durable before the next relies on it: the bytes before their name,
 * the pending entry before the file's place, the place before the row, the removal of
 * the file before that of the entry.  Knows nothing of the database but what is asked
 * through functions of the caller.
 */
#include "store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "arena.h"
#include "cleanup.h"
#include "err.h"
#include "hex.h"
#include "store_part.h"

#define UPLOAD "upload-"

enum { RAW = STORE_DIGEST / 2 };

struct store_upload {
	struct store *store;
	int file;
	EVP_MD_CTX *hash;
	uint64_t size;
	char name[sizeof UPLOAD + STORE_RANDOM];
};

static const char hex[] = "0123456789abcdef";

/* ---- names ---- */

bool
store_is_hex(const char *s, size_t n)
{
	return strspn(s, hex) == n && s[n] == '\0';
}

static bool
is_digest(const char *s)
{
	return store_is_hex(s, STORE_DIGEST);
}

bool
store_is_entry(const char *s)
{
	return strspn(s, hex) == STORE_DIGEST && s[STORE_DIGEST] == '-' &&
	    store_is_hex(s + STORE_DIGEST + 1, STORE_RANDOM);
}

bool
store_is_upload(const char *s)
{
	return strncmp(s, UPLOAD, sizeof UPLOAD - 1) == 0;
}

static bool
make_random(char out[STORE_RANDOM + 1], struct err *e)
{
	unsigned char bytes[STORE_RANDOM / 2];

	if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
		return err_set(e, "the system gives no random bits");
	hex_write(out, bytes, sizeof bytes);
	return true;
}

static void
digest_of(const struct store_entry *entry, char out[STORE_DIGEST + 1])
{
	memcpy(out, entry->name, STORE_DIGEST);
	out[STORE_DIGEST] = '\0';
}

/* Where a file is, from the top: "ab/cdef...". */
static void
place_of(const char *digest, char out[STORE_DIGEST + 2])
{
	snprintf(out, STORE_DIGEST + 2, "%.*s/%s", STORE_PREFIX, digest, digest + STORE_PREFIX);
}

/* ---- folders ---- */

void
store_close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

void
store_close_list(DIR **d)
{
	if (*d != NULL)
		closedir(*d);
}

/* errno is left as the system call set it. */
bool
store_fail(struct err *e, const char *what, const char *name)
{
	int why = errno;

	err_set(e, "cannot %s %s: %s", what, name, strerrordesc_np(why));
	errno = why;
	return false;
}

static bool
sync_folder(int fd, const char *name, struct err *e)
{
	return fsync(fd) == 0 || store_fail(e, "write to the disk the folder", name);
}

/* Makes a folder where there is none, and opens it; what made it is durable. */
static int
make_folder(int in, const char *name, struct err *e)
{
	int fd;

	if (mkdirat(in, name, 0700) != 0 && errno != EEXIST) {
		store_fail(e, "make the folder", name);
		return -1;
	}
	if (!sync_folder(in, name, e))
		return -1;
	fd = openat(in, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		store_fail(e, "open the folder", name);
	return fd;
}

static int
open_parent(const char *folder, struct err *e)
{
	const char *slash = strrchr(folder, '/');
	char *parent = slash == NULL ? strdup(".") : strndup(folder,
	    slash == folder ? 1 : (size_t)(slash - folder));
	int fd = parent == NULL ? -1 : open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		store_fail(e, "open the folder", parent != NULL ? parent : folder);
	free(parent);
	return fd;
}

/* The top may be a link: where so much is kept, administrators decide. */
static int
open_top(const char *folder, struct err *e)
{
	CLEANUP(store_close_fd) int parent = open_parent(folder, e);
	int fd;

	if (parent < 0)
		return -1;
	if (mkdir(folder, 0700) != 0 && errno != EEXIST) {
		store_fail(e, "make the folder", folder);
		return -1;
	}
	if (!sync_folder(parent, folder, e))
		return -1;
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		store_fail(e, "open the folder", folder);
	return fd;
}

bool
store_lock(struct store *s, int how, struct err *e)
{
	int rc;

	do
		rc = flock(s->lock, how);
	while (rc != 0 && errno == EINTR);
	return rc == 0 || store_fail(e, "lock", "lock");
}

static bool
open_parts(struct store *s, const char *folder, struct err *e)
{
	s->top = open_top(folder, e);
	if (s->top < 0)
		return false;
	s->pending = make_folder(s->top, "pending", e);
	if (s->pending < 0)
		return err_prefix(e, "%s: ", folder);
	s->lock = openat(s->top, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (s->lock < 0)
		store_fail(e, "open", "lock");
	return (s->lock >= 0 && store_lock(s, LOCK_SH, e)) || err_prefix(e, "%s: ", folder);
}

bool
store_open(const char *folder, struct store **ret, struct err *e)
{
	struct store *s = arena_heap(NULL, sizeof *s);

	*s = (struct store){ -1, -1, -1 };
	if (!open_parts(s, folder, e)) {
		store_close(s);
		return false;
	}
	*ret = s;
	return true;
}

void
store_close(struct store *s)
{
	if (s == NULL)
		return;
	store_close_fd(&s->lock);
	store_close_fd(&s->pending);
	store_close_fd(&s->top);
	free(s);
}

/* ---- a file that comes in ---- */

bool
store_begin_hash(EVP_MD_CTX **ret, struct err *e)
{
	*ret = EVP_MD_CTX_new();
	if (*ret != NULL && EVP_DigestInit_ex(*ret, EVP_sha256(), NULL) == 1)
		return true;
	errno = 0;
	return err_set(e, "OpenSSL makes no SHA-256");
}

void
store_end_hash(EVP_MD_CTX **hash)
{
	EVP_MD_CTX_free(*hash);
}

bool
store_read_hash(EVP_MD_CTX *hash, char digest[STORE_DIGEST + 1], struct err *e)
{
	unsigned char raw[RAW];

	if (EVP_DigestFinal_ex(hash, raw, NULL) != 1)
		return err_set(e, "OpenSSL makes no SHA-256");
	hex_write(digest, raw, sizeof raw);
	return true;
}

static void
upload_free(struct store_upload *u)
{
	store_close_fd(&u->file);
	EVP_MD_CTX_free(u->hash);
	free(u);
}

static bool
open_upload(struct store_upload *u, struct err *e)
{
	char random[STORE_RANDOM + 1];

	if (!make_random(random, e))
		return false;
	snprintf(u->name, sizeof u->name, UPLOAD "%s", random);
	u->file = openat(u->store->pending, u->name,
	    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	return u->file >= 0 || store_fail(e, "make the file", u->name);
}

bool
store_begin(struct store *s, struct store_upload **ret, struct err *e)
{
	struct store_upload *u = arena_heap(NULL, sizeof *u);

	*u = (struct store_upload){ .store = s, .file = -1 };
	if (!store_begin_hash(&u->hash, e) || !open_upload(u, e)) {
		int why = errno;

		upload_free(u);
		errno = why;
		return false;
	}
	*ret = u;
	return true;
}

bool
store_write(struct store_upload *u, const char *bytes, size_t n, struct err *e)
{
	if (EVP_DigestUpdate(u->hash, bytes, n) != 1)
		return err_set(e, "OpenSSL makes no SHA-256");
	while (n > 0) {
		ssize_t done = write(u->file, bytes, n);

		if (done < 0 && errno != EINTR)
			return store_fail(e, "write the file", u->name);
		if (done > 0) {
			bytes += done;
			n -= (size_t)done;
			u->size += (uint64_t)done;
		}
	}
	return true;
}

uint64_t
store_size(const struct store_upload *u)
{
	return u->size;
}

/* Gives the entry its name; the file's own name is what is renamed. */
static bool
name_entry(struct store_upload *u, struct store_entry *ret, struct err *e)
{
	char digest[STORE_DIGEST + 1];

	if (!store_read_hash(u->hash, digest, e))
		return false;
	snprintf(ret->name, sizeof ret->name, "%s-%s", digest, u->name + sizeof UPLOAD - 1);
	return renameat(u->store->pending, u->name, u->store->pending, ret->name) == 0 ||
	    store_fail(e, "rename the file", u->name);
}

bool
store_finish(struct store_upload *u, struct store_entry *ret, struct err *e)
{
	struct store *s = u->store;
	struct store_entry entry;
	int why;

	if (fsync(u->file) != 0)
		store_fail(e, "write to the disk the file", u->name);
	else if (name_entry(u, &entry, e)) {
		upload_free(u);
		if (!sync_folder(s->pending, "pending", e)) {
			store_give_up(s, &entry);
			return false;
		}
		*ret = entry;
		return true;
	}
	why = errno;
	store_drop(u);
	errno = why;
	return false;
}

void
store_drop(struct store_upload *u)
{
	if (u == NULL)
		return;
	unlinkat(u->store->pending, u->name, 0);
	upload_free(u);
}

void
store_give_up(struct store *s, const struct store_entry *entry)
{
	int why = errno;

	unlinkat(s->pending, entry->name, 0);
	errno = why;
}

int
store_open_entry(struct store *s, const struct store_entry *entry, struct err *e)
{
	int fd = openat(s->pending, entry->name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0)
		store_fail(e, "open the file", entry->name);
	return fd;
}

/* ---- the writer's part ---- */

/* A name for a pending entry of the digest. */
static bool
entry_of(const char *digest, struct store_entry *ret, struct err *e)
{
	char random[STORE_RANDOM + 1];

	if (!make_random(random, e))
		return false;
	snprintf(ret->name, sizeof ret->name, "%s-%s", digest, random);
	return true;
}

/*
 * Puts a finished file over the one that is in its place: they ought to be the same, but
 * who sends a damaged one again expects it mended.  By another link, so that the entry stays.
 */
static bool
replace(struct store *s, const struct store_entry *entry, int folder, const char *name,
    struct err *e)
{
	char digest[STORE_DIGEST + 1];
	struct store_entry link;

	digest_of(entry, digest);
	if (!entry_of(digest, &link, e))
		return false;
	if (linkat(s->pending, entry->name, s->pending, link.name, 0) != 0 ||
	    renameat(s->pending, link.name, folder, name) != 0)
		return store_fail(e, "replace the file", entry->name);
	unlinkat(s->pending, link.name, 0);	/* it is still there if both were one file */
	return true;
}

bool
store_keep(struct store *s, const struct store_entry *entry, struct err *e)
{
	char digest[STORE_DIGEST + 1];
	char prefix[STORE_PREFIX + 1] = { entry->name[0], entry->name[1] };
	CLEANUP(store_close_fd) int folder = make_folder(s->top, prefix, e);

	if (folder < 0)
		return false;
	digest_of(entry, digest);
	if (linkat(s->pending, entry->name, folder, digest + STORE_PREFIX, 0) != 0) {
		if (errno != EEXIST)
			return store_fail(e, "put in its place the file", entry->name);
		if (!replace(s, entry, folder, digest + STORE_PREFIX, e))
			return false;
	}
	/* Also if it was there: who put it there may have died before this. */
	return sync_folder(folder, prefix, e);
}

bool
store_mark(struct store *s, const char *digest, struct store_entry *ret, struct err *e)
{
	struct store_entry entry;
	int fd;

	if (!is_digest(digest))
		return err_set(e, "'%.80s' is no digest", digest);
	if (!entry_of(digest, &entry, e))
		return false;
	fd = openat(s->pending, entry.name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return store_fail(e, "make the file", entry.name);
	close(fd);
	*ret = entry;
	return true;
}

bool
store_sync(struct store *s, struct err *e)
{
	return sync_folder(s->pending, "pending", e);
}

/* Removes a file for good; that there is none is fine. */
bool
store_erase(struct store *s, const char *digest, struct err *e)
{
	char place[STORE_DIGEST + 2], prefix[STORE_PREFIX + 1] = { digest[0], digest[1] };
	CLEANUP(store_close_fd) int folder = -1;

	place_of(digest, place);
	if (unlinkat(s->top, place, 0) != 0)
		return errno == ENOENT || store_fail(e, "remove the file", place);
	folder = openat(s->top, prefix, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (folder < 0)
		return store_fail(e, "open the folder", prefix);
	return sync_folder(folder, prefix, e);
}

bool
store_settle(struct store *s, const struct store_entry *entry, store_refers *refers,
    void *context, struct err *e)
{
	char digest[STORE_DIGEST + 1];
	bool wanted;

	digest_of(entry, digest);
	if (!refers(context, digest, &wanted, e) || (!wanted && !store_erase(s, digest, e)))
		return false;
	return unlinkat(s->pending, entry->name, 0) == 0 || errno == ENOENT ||
	    store_fail(e, "remove the file", entry->name);
}

/* ---- after a crash ---- */

DIR *
store_open_list(int in, const char *name, struct err *e)
{
	int fd = openat(in, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	if (d == NULL) {
		store_fail(e, "read the folder", name);
		if (fd >= 0)
			close(fd);
	}
	return d;
}

/* The next name but "." and ".."; NULL at the end, with errno zero unless it failed. */
const char *
store_next_name(DIR *d)
{
	struct dirent *found;

	do {
		errno = 0;
		found = readdir(d);
	} while (found != NULL && (strcmp(found->d_name, ".") == 0 ||
	    strcmp(found->d_name, "..") == 0));
	return found == NULL ? NULL : found->d_name;
}

/* What is not ours stays; store_check says it. */
static bool
mend_one(struct store *s, const char *name, store_refers *refers, void *context, struct err *e)
{
	struct store_entry entry;

	if (store_is_upload(name))
		return unlinkat(s->pending, name, 0) == 0 || errno == ENOENT ||
		    store_fail(e, "remove the file", name);
	if (!store_is_entry(name))
		return true;
	memcpy(entry.name, name, sizeof entry.name);
	return store_settle(s, &entry, refers, context, e);
}

static bool
mend_all(struct store *s, store_refers *refers, void *context, struct err *e)
{
	CLEANUP(store_close_list) DIR *d = store_open_list(s->top, "pending", e);
	const char *name;

	if (d == NULL)
		return false;
	while ((name = store_next_name(d)) != NULL)
		if (!mend_one(s, name, refers, context, e))
			return false;
	return errno == 0 || store_fail(e, "read the folder", "pending");
}

bool
store_mend(struct store *s, store_refers *refers, void *context, struct err *e)
{
	struct err ignored;
	bool good = true;

	if (store_lock(s, LOCK_EX | LOCK_NB, &ignored))
		good = mend_all(s, refers, context, e);
	/* A lock that was not to be had in exchange is gone itself. */
	return store_lock(s, LOCK_SH, good ? e : &ignored) && good;
}

/* ---- reading ---- */

int
store_open_file(struct store *s, const char *digest, struct err *e)
{
	char place[STORE_DIGEST + 2];
	int fd;

	if (!is_digest(digest)) {
		err_set(e, "'%.80s' is no digest", digest);
		return -1;
	}
	place_of(digest, place);
	fd = openat(s->top, place, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		store_fail(e, "open the file", place);
	return fd;
}
