/*
 * module - a shared object on the way to becoming a module
 *
 * The order of judgement is here, the judges are in module_trust.c (who can change the
 * file), module_elf.c (what it says unloaded), module_copy.c and module_descriptor.c (what
 * it says loaded).  Everything that can be known without running the file is known before
 * dlopen runs its constructors.
 *
 * The loader is given the real path, not /proc/self/fd/N: it remembers objects by name,
 * and would take the next file on the same descriptor for this one.  That the name leads
 * to the file that was judged follows from the folders, which nobody else can write; that
 * it was not replaced meanwhile (an upgrade, say) is looked at once more afterwards.
 *
 * No module is ever unloaded, also not a refused one: its constructors have run.
 */
#include "module.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arena.h"
#include "cleanup.h"
#include "err.h"
#include "module_judge.h"
#include "text.h"

enum { FILE_MOST = 64 << 20, NAME_MOST = 31 };

/* A file, read once. */
struct content {
	char *bytes;
	size_t len;
	struct stat st;
};

static void
content_fini(struct content *c)
{
	free(c->bytes);
}

static void
path_free(char **path)
{
	free(*path);
}

static void
fd_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

/* ---- finding ---- */

/* "a, b": the folders, for a message; NULL over the arena's limit. */
static const char *
join(struct arena *arena, const char *const *folders, size_t n)
{
	const char *s = "";

	for (size_t i = 0; i < n && s != NULL; i++)
		s = arena_printf(arena, "%s%s%s", s, i == 0 ? "" : ", ", folders[i]);
	return s;
}

bool
module_find(struct arena *arena, const char *const *folders, size_t n, const char *name,
    const char **file, struct err *e)
{
	const char *searched;

	if (!module_is_word(name, NAME_MOST))
		return err_set(e, "\"%.64s\" is no name of a module: it is of a-z, 0-9 and "
		    "'_', and begins with a letter", name);
	for (size_t i = 0; i < n; i++) {
		const char *path = arena_printf(arena, "%s/%s.so", folders[i], name);

		if (path == NULL)
			return err_set(e, "no memory left to look for %s.so", name);
		if (access(path, F_OK) == 0) {
			*file = path;
			return true;
		}
	}
	searched = n == 0 ? "no folder" : join(arena, folders, n);
	return err_set(e, "there is no %s.so in %s", name,
	    searched == NULL ? "any folder" : searched);
}

/* ---- reading ---- */

static bool
read_all(int fd, struct content *c, struct err *e)
{
	c->bytes = arena_heap(NULL, (size_t)c->st.st_size);
	while (c->len < (size_t)c->st.st_size) {
		ssize_t n = read(fd, c->bytes + c->len, (size_t)c->st.st_size - c->len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(e, "cannot be read: %s", strerror(errno));
		if (n == 0)
			break;
		c->len += (size_t)n;
	}
	return true;
}

/* Without O_NONBLOCK a FIFO in the folder would stop the start for ever. */
static bool
content_read(struct content *c, const char *path, struct err *e)
{
	CLEANUP(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0 || fstat(fd, &c->st) != 0)
		return err_set(e, "cannot be opened: %s", strerror(errno));
	if (!S_ISREG(c->st.st_mode))
		return err_set(e, "is no regular file");
	if (c->st.st_size > FILE_MOST)
		return err_set(e, "is larger than %d MiB", FILE_MOST >> 20);
	return read_all(fd, c, e);
}

static struct text
content_text(const struct content *c)
{
	return (struct text){ c->bytes, c->len };
}

bool
module_read_note(const char *file, struct module_note *ret, struct err *e)
{
	CLEANUP(content_fini) struct content c = { 0 };

	return (content_read(&c, file, e) && module_find_note(content_text(&c), ret, e)) ||
	    err_prefix(e, "%s: ", file);
}

/* ---- judging ---- */

static bool
check_note(const struct module_note *note, const char *name, struct err *e)
{
	if (note->major != HD_ABI_MAJOR || note->target > HD_ABI_MINOR)
		return err_set(e, "%s %s needs plugin ABI %u.%u, this server offers %d.0 to %d.%d",
		    note->name, note->version, note->major, note->target, HD_ABI_MAJOR,
		    HD_ABI_MAJOR, HD_ABI_MINOR);
	if (strcmp(note->name, name) != 0)
		return err_set(e, "calls itself %s, the configuration calls it %.64s", note->name,
		    name);
	return true;
}

/* All that can be said of a file without running it. */
static bool
judge(const char *real, const char *name, const char *sha256, struct module_note *note,
    struct stat *st, struct err *e)
{
	CLEANUP(content_fini) struct content c = { 0 };

	if (!content_read(&c, real, e) || !module_check_trust(real, e))
		return false;
	if (sha256 != NULL && !module_check_digest(content_text(&c), sha256, e))
		return false;
	*st = c.st;
	return module_find_note(content_text(&c), note, e) && check_note(note, name, e) &&
	    module_check_linkage(content_text(&c), e);
}

static bool
is_same_file(const char *path, const struct stat *as)
{
	struct stat st;

	return stat(path, &st) == 0 && st.st_dev == as->st_dev && st.st_ino == as->st_ino &&
	    st.st_size == as->st_size && st.st_mtim.tv_sec == as->st_mtim.tv_sec &&
	    st.st_mtim.tv_nsec == as->st_mtim.tv_nsec;
}

/* What is said of a file that is inspected. */
struct inspection {
	module_say *say;
	void *context;
	struct err last;
	unsigned faults;
};

/* Passes a fault on, unless it was the last one too: a damaged file is told once. */
static bool
pass_on(struct inspection *i, bool good, const struct err *e)
{
	if (good || (i->faults > 0 && strcmp(e->message, i->last.message) == 0))
		return good;
	i->last = *e;
	i->faults++;
	i->say(i->context, e->message);
	return false;
}

static void
inspect(struct inspection *i, const char *real, const char *name, const char *sha256,
    struct module_note *note)
{
	CLEANUP(content_fini) struct content c = { 0 };
	struct err e;

	if (!pass_on(i, content_read(&c, real, &e), &e))
		return;
	pass_on(i, module_check_trust(real, &e), &e);
	if (sha256 != NULL)
		pass_on(i, module_check_digest(content_text(&c), sha256, &e), &e);
	if (pass_on(i, module_find_note(content_text(&c), note, &e), &e))
		pass_on(i, check_note(note, name != NULL ? name : note->name, &e), &e);
	pass_on(i, module_check_linkage(content_text(&c), &e), &e);
}

bool
module_inspect(const char *file, const char *name, const char *sha256, struct module_note *note,
    module_say *say, void *context)
{
	CLEANUP(path_free) char *real = realpath(file, NULL);
	struct inspection i = { .say = say, .context = context };
	struct err e;

	*note = (struct module_note){ 0 };
	if (real == NULL)
		return pass_on(&i, err_set(&e, "cannot be opened: %s", strerror(errno)), &e);
	inspect(&i, real, name, sha256, note);
	return i.faults == 0;
}

/* ---- loading ---- */

/* The loader's words without the path that they begin with. */
static const char *
load_failure(const char *real)
{
	const char *why = dlerror();
	size_t n = strlen(real);

	if (why == NULL)
		return "the loader does not say why";
	return strncmp(why, real, n) == 0 && strncmp(why + n, ": ", 2) == 0 ? why + n + 2 : why;
}

static bool
load(const char *real, const struct stat *st, const struct hd_module **ret, struct err *e)
{
	void *handle = dlopen(real, RTLD_NOW | RTLD_LOCAL);
	const void *descriptor = handle == NULL ? NULL : dlsym(handle, MODULE_SYMBOL);

	if (descriptor == NULL)
		return err_set(e, "cannot be loaded: %s", load_failure(real));
	if (!is_same_file(real, st))
		return err_set(e, "was changed while it was loaded");
	*ret = descriptor;
	return true;
}

/* Note and descriptor come from one macro; if they differ, somebody wrote one by hand. */
static bool
check_agreement(const struct hd_module *d, const struct module_note *note, struct err *e)
{
	/* NOLINTNEXTLINE(clang-analyzer-core.*): it loses the thread through struct err */
	if (d->abi != (note->major << 16 | note->target))
		return err_set(e, "has a descriptor of plugin ABI %u.%u, but a note of %u.%u",
		    d->abi >> 16, d->abi & 0xffff, note->major, note->target);
	return true;
}

static bool
check_names(const struct hd_module *d, const struct module_note *note, struct err *e)
{
	if (strcmp(d->name, note->name) != 0 || strcmp(d->version, note->version) != 0)
		return err_set(e, "is %s %s by its descriptor, but %s %s by its note", d->name,
		    d->version, note->name, note->version);
	return true;
}

static bool
take(struct arena *arena, const char *real, const char *name, const char *sha256,
    const struct hd_module **ret, struct err *e)
{
	struct module_note note;
	struct stat st;
	const struct hd_module *d = NULL, *copy;

	if (!judge(real, name, sha256, &note, &st, e) || !load(real, &st, &d, e))
		return false;
	if (!check_agreement(d, &note, e) || !module_copy(arena, d, &copy, e) ||
	    !module_check_descriptor(copy, e) || !check_names(copy, &note, e))
		return false;
	*ret = copy;
	return true;
}

bool
module_open(struct arena *arena, const char *file, const char *name, const char *sha256,
    struct module **ret, struct err *e)
{
	CLEANUP(path_free) char *real = realpath(file, NULL);
	struct module *m;

	if (real == NULL)
		return err_set(e, "cannot be opened: %s", strerror(errno));
	m = arena_zero(arena, sizeof(*m));
	if (m == NULL || (m->file = arena_copy(arena, real, strlen(real))) == NULL)
		return err_set(e, "no memory left for it");
	if (!take(arena, real, name, sha256, &m->d, e))
		return false;
	*ret = m;
	return true;
}
