/*
 * command_check.c - helpdesk check
 *
 * Looks at the configuration, the modules and where the databases are, and with --files at
 * what is attached too.
 * Makes nothing that is not there: neither a database nor a folder.
 */
#include "command.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attachment.h"
#include "cleanup.h"
#include "conf.h"
#include "db.h"
#include "err.h"
#include "house.h"
#include "store.h"

/* The files of a site, being looked at. */
struct look {
	struct call *call;
	const struct conf_site *site;
	const char *folder;
	struct db *db;
	struct store *store;
	unsigned long files, faults;	/* digests of rows; what is wrong and stays so */
};

/* ---- what store_check asks ---- */

static bool
after(void *context, const char *digest, struct store_row *ret, struct err *e)
{
	struct look *l = context;
	CLEANUP(db_release) struct db_stmt *st = NULL;
	enum db_result result;

	st = db_prepare(l->db, "SELECT digest, min(size), max(size) FROM core_attachment"
	    " WHERE digest > ?1 GROUP BY digest ORDER BY digest LIMIT 1", e);
	if (st == NULL)
		return false;
	db_bind_text(st, 1, text_of(digest));
	result = db_step(st);
	if (result == DB_DONE)
		return true;
	if (result != DB_ROW)
		return err_set(e, "%s", db_message(l->db));
	if (db_text(st, 0).len != STORE_DIGEST)
		return err_set(e, "core_attachment has the digest '%.80s', which is none",
		    db_text(st, 0).at);
	memcpy(ret->digest, db_text(st, 0).at, STORE_DIGEST + 1);
	ret->least = (uint64_t)db_int(st, 1);
	ret->most = (uint64_t)db_int(st, 2);
	l->files++;
	return true;
}

static bool
refers(void *context, const char *digest, bool *ret, struct err *e)
{
	struct look *l = context;

	return attachment_refers(l->db, digest, ret, e);
}

static bool
hold(void *context, struct err *e)
{
	struct look *l = context;

	return db_begin(l->db, e);
}

static void
release(void *context)
{
	struct look *l = context;

	db_rollback(l->db);
}

/* ---- what is said ---- */

/* Which attachments are meant: whoever mends it must know what was lost. */
static void
say_rows(struct look *l, const char *digest)
{
	CLEANUP(db_release) struct db_stmt *st = NULL;
	struct out *out = &l->call->faults;
	struct err e;

	st = db_prepare(l->db, "SELECT id, filename, resource, record FROM core_attachment"
	    " WHERE digest = ?1 ORDER BY id", &e);
	if (st == NULL)
		return;
	db_bind_text(st, 1, text_of(digest));
	while (db_step(st) == DB_ROW)
		out_printf(out, "site %s: ... it is attachment %" PRId64 " \"%s\" of %s %" PRId64
		    "\n", l->site->name, db_int(st, 0), db_text(st, 1).at, db_text(st, 2).at,
		    db_int(st, 3));
}

static void
say(void *context, enum store_fault fault, const char *digest, const char *sentence)
{
	struct look *l = context;

	out_printf(&l->call->faults, "site %s: %s\n", l->site->name, sentence);
	if (digest != NULL && fault != STORE_NO_ROW)
		say_rows(l, digest);
	l->faults += fault != STORE_NO_ROW || !l->call->fix;
}

/* ---- a site ---- */

static void
look_end(struct look *l)
{
	store_close(l->store);
	db_close(l->db);
}

static bool
is_there(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 || errno != ENOENT;
}

/* Leftovers of a crash go first: they are no faults, and nobody else may be at them. */
static bool
look_at_files(struct look *l, struct err *e)
{
	const struct store_check check = { l, after, refers, hold, release, say, l->call->fix };

	return store_open(l->folder, &l->store, e) &&
	    (!l->call->fix || store_mend(l->store, attachment_refers, l->db, e)) &&
	    store_check(l->store, &check, e);
}

/* Without a folder all that rows speak of is lost, or the folder is elsewhere. */
static bool
look_at_rows(struct look *l, struct err *e)
{
	struct store_row row = { .digest = "" };

	if (!after(l, "", &row, e))
		return false;
	if (row.digest[0] == '\0')
		return true;
	out_printf(&l->call->faults, "site %s: there are attachments, but not their folder %s\n",
	    l->site->name, l->folder);
	l->faults++;
	return true;
}

static bool
look_at_site(struct look *l, struct err *e)
{
	bool has_table;

	if (!is_there(l->site->path))
		return true;
	if (!db_open(l->site->path, DB_WRITER, &l->db, e) ||
	    !db_has_table(l->db, "core_attachment", &has_table, e))
		return false;
	if (!has_table)
		return true;
	return is_there(l->folder) ? look_at_files(l, e) : look_at_rows(l, e);
}

static bool
check_site(struct call *call, const struct conf_site *site, unsigned long *faults)
{
	CLEANUP(look_end) struct look l = { .call = call, .site = site };
	struct err e;

	l.folder = attachment_folder(&call->arena, site);
	if (l.folder == NULL)
		return command_fail(call, EXIT_FAILED, "no memory");
	if (!look_at_site(&l, &e))
		return command_fail(call, EXIT_FAILED, "site %s: attached files: %s", site->name,
		    e.message);
	fprintf(call->out, "site %s: %lu attached file%s, %lu fault%s\n", site->name, l.files,
	    l.files == 1 ? "" : "s", l.faults, l.faults == 1 ? "" : "s");
	*faults += l.faults;
	return true;
}

static bool
check_files(struct call *call)
{
	unsigned long faults = 0;
	size_t i;

	for (i = 0; i < call->conf->site_count; i++)
		if (!check_site(call, &call->conf->sites[i], &faults))
			return false;
	return faults == 0;
}

/* ---- where the databases are ---- */

static bool
can_access(struct call *call, const struct conf_site *site, const char *path, int mode)
{
	if (faccessat(AT_FDCWD, path, mode, AT_EACCESS) == 0)
		return true;
	out_printf(&call->faults, "site %s: its database: %s: %s (%s:%u)\n", site->name, path,
	    strerror(errno), call->file, site->place.line);
	return false;
}

/* SQLite makes files beside the database, so even for one that is there the folder counts. */
static bool
check_database(struct call *call, const struct conf_site *site)
{
	const char *slash = strrchr(site->path, '/');
	const char *folder = slash == NULL ? "." : arena_printf(&call->arena, "%.*s/.",
	    (int)(slash - site->path), site->path);

	if (folder == NULL)
		return command_fail(call, EXIT_FAILED, "no memory");
	return can_access(call, site, folder, W_OK | X_OK) &&
	    (!is_there(site->path) || can_access(call, site, site->path, R_OK | W_OK));
}

static bool
check_databases(struct call *call)
{
	bool good = true;

	for (size_t i = 0; i < call->conf->site_count; i++)
		good &= check_database(call, &call->conf->sites[i]);
	return good;
}

bool
command_check(struct call *call)
{
	bool good;
	size_t n;

	if (call->reference) {
		conf_print_reference(call->out);
		return true;
	}
	if (!command_conf(call))
		return false;
	good = house_check(call->conf, &call->faults);
	if (!check_databases(call) || !good) {
		call->status = EXIT_CONFIGURATION;
		return false;
	}
	if ((call->files || call->fix) && !check_files(call))
		return false;
	n = call->conf->site_count;
	fprintf(call->out, "%s: %zu site%s, nothing wrong\n", call->file, n, n == 1 ? "" : "s");
	return true;
}
