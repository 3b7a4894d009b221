/*
 * db_sqlite_open.c - a connection to an SQLite database, set up the way we want it
 *
 * It refuses a database that is not in WAL mode in the end, and creates one only for a
 * DB_WRITER.
 */
#include "db_sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/stat.h>

#include "db_lock.h"
#include "err.h"

static const char *const own_sql[][OWN] = {
	[DB_READ_ONLY] = { "BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT m", "RELEASE m",
	    "ROLLBACK TO m" },
	[DB_WRITER] = { "BEGIN IMMEDIATE", "COMMIT", "ROLLBACK", "SAVEPOINT m", "RELEASE m",
	    "ROLLBACK TO m" },
};

static const struct {
	int option, value;
} options[] = {
	{ SQLITE_DBCONFIG_DEFENSIVE,             1 },
	{ SQLITE_DBCONFIG_TRUSTED_SCHEMA,        0 },
	{ SQLITE_DBCONFIG_ENABLE_FKEY,           1 },
	{ SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0 },
	{ SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE,      1 },	/* it would be outside the lock */
	{ SQLITE_DBCONFIG_DQS_DML,               0 },	/* "x" is a name, never a text */
	{ SQLITE_DBCONFIG_DQS_DDL,               0 },
};

static const char *const pragmas[][6] = {
	[DB_READ_ONLY] = {
		"PRAGMA query_only = ON",
		"PRAGMA cache_size = -2000",
		"PRAGMA cell_size_check = ON",
		"PRAGMA temp_store = MEMORY",
		"PRAGMA mmap_size = 0",
	},
	[DB_WRITER] = {
		"PRAGMA synchronous = FULL",
		"PRAGMA cache_size = -8000",
		"PRAGMA cell_size_check = ON",
		"PRAGMA temp_store = MEMORY",
		"PRAGMA mmap_size = 0",
		"PRAGMA journal_size_limit = 67108864",
	},
};

/* After each commit, with the length of the WAL.  It is short again when a writer has
 * found all of it in the database and started over. */
static int
wal_grown(void *context, sqlite3 *h, const char *name, int frames)
{
	struct db *db = context;

	(void)h, (void)name;
	if (frames < db->frames)
		db->due = WAL_DUE;
	db->frames = frames;
	return SQLITE_OK;
}

/*
 * core_contains(text, part): whether one is in the other, byte for byte; null if one is null.
 * SQLite's instr says the same, and where, in ten times the time.
 */
static void
contains(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	const unsigned char *text = sqlite3_value_text(arguments[0]);
	const unsigned char *part = sqlite3_value_text(arguments[1]);

	(void)count;
	if (text != NULL && part != NULL)
		sqlite3_result_int(context, memmem(text, (size_t)sqlite3_value_bytes(arguments[0]),
		    part, (size_t)sqlite3_value_bytes(arguments[1])) != NULL);
}

/* The first question to the file itself, so this is where a damaged one shows. */
static bool
wal_is_on(struct db *db, struct err *e)
{
	const char *sql = db->mode == DB_WRITER ? "PRAGMA journal_mode = WAL" :
	    "PRAGMA journal_mode";
	sqlite3_stmt *st = NULL;
	bool on = false;
	int rc;

	rc = sqlite3_prepare_v2(db->h, sql, -1, &st, NULL);
	if (rc == SQLITE_OK && (rc = sqlite3_step(st)) == SQLITE_ROW) {
		on = sqlite3_stricmp((const char *)sqlite3_column_text(st, 0), "wal") == 0;
		if (!on)
			db_refuse(db, DB_ERROR, "is not in WAL mode", e);
	} else
		db_fail(db, rc, e);
	sqlite3_finalize(st);
	return on;
}

static bool
configure(struct db *db, struct err *e)
{
	const size_t n = sizeof pragmas[0] / sizeof pragmas[0][0];
	int rc = SQLITE_OK;

	sqlite3_extended_result_codes(db->h, 1);
	sqlite3_busy_timeout(db->h, PATIENCE);
	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
		sqlite3_db_config(db->h, options[i].option, options[i].value, NULL);
	if (!wal_is_on(db, e))
		return false;
	for (size_t i = 0; rc == SQLITE_OK && i < n && pragmas[db->mode][i] != NULL; i++)
		rc = sqlite3_exec(db->h, pragmas[db->mode][i], NULL, NULL, NULL);
	for (size_t i = 0; rc == SQLITE_OK && i < OWN; i++)
		rc = sqlite3_prepare_v3(db->h, own_sql[db->mode][i], -1,
		    SQLITE_PREPARE_PERSISTENT, &db->own[i], NULL);
	if (rc != SQLITE_OK)
		return db_fail(db, rc, e);
	sqlite3_create_function_v2(db->h, "core_contains", 2,
	    SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS, NULL, contains, NULL, NULL,
	    NULL);
	sqlite3_progress_handler(db->h, BUDGET_GRAIN, db_look_at_budget, db);
	sqlite3_wal_hook(db->h, wal_grown, db);		/* and no automatic checkpoint */
	return true;
}

/*
 * Makes an empty file, so that it and the files SQLite puts beside it are for us alone.
 * One that exists must not be opened here: closing it again would drop the locks that
 * other connections of this process have on it.
 */
static bool
file_make(const char *path, struct err *e)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd >= 0)
		close(fd);
	else if (errno != EEXIST)
		return err_set(e, "%s: cannot be made: %s", path, strerror(errno));
	return true;
}

static bool
file_check(const char *path, struct err *e)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return err_set(e, "%s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return err_set(e, "%s: is %s, not a database", path,
		    S_ISDIR(st.st_mode) ? "a folder" : "no regular file");
	return true;
}

static bool
folder_check(const char *path, struct err *e)
{
	const char *slash = strrchr(path, '/');
	char folder[4096];
	struct stat st;

	if (slash == NULL || slash == path)
		return true;
	snprintf(folder, sizeof folder, "%.*s", (int)(slash - path), path);
	if (stat(folder, &st) != 0)
		return err_set(e, "%s: the folder %s: %s", path, folder, strerror(errno));
	return true;
}

static bool
connect_to(struct db *db, const char *path, struct err *e)
{
	static const int flags[] = {
		[DB_READ_ONLY] = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX,
		[DB_WRITER] = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
	};
	int rc = sqlite3_open_v2(path, &db->h, flags[db->mode], NULL);

	if (db->h == NULL)
		return err_set(e, "%s: out of memory", path);
	if (rc != SQLITE_OK)
		db_fail(db, rc, e);
	else if (db->mode == DB_WRITER && sqlite3_db_readonly(db->h, "main") == 1)
		db_refuse(db, DB_ERROR, "may not be written to", e);
	else if (configure(db, e))
		return true;
	if (db->mode == DB_READ_ONLY && db->last == DB_ERROR &&
	    sqlite3_errcode(db->h) == SQLITE_CANTOPEN)
		err_set(e, "%s; to read, its -wal and -shm must be there or be ours to make",
		    db->message);
	return err_prefix(e, "%s: ", path);
}

/* All of it is under the lock: to switch to WAL, or to recover one, is to write. */
static bool
connect_writer(struct db *db, const char *path, struct err *e)
{
	bool ok;

	if (!folder_check(path, e) || !db_lock_open(path, &db->lock, e))
		return false;
	if (!db_lock_take(db->lock, PATIENCE))
		return err_set(e, "%s: another process keeps %s.lock", path, path);
	ok = file_make(path, e) && file_check(path, e) && connect_to(db, path, e);
	db_lock_drop(db->lock);
	return ok;
}

/* Without its statistics of memory, which take a lock of the whole process for each piece
 * of memory: all threads of all sites would meet there. */
static void
configure_engine(void)
{
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

bool
db_keep_pages(struct db *db, unsigned kib, struct err *e)
{
	char sql[48];

	snprintf(sql, sizeof sql, "PRAGMA cache_size = -%u", kib);
	return db_execute(db, sql, e);
}

bool
db_open(const char *path, enum db_mode mode, struct db **ret, struct err *e)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct db *db = calloc(1, sizeof *db);

	pthread_once(&once, configure_engine);

	if (db == NULL)
		return err_set(e, "%s: out of memory", path);
	db->mode = mode;
	db->lock = -1;
	db->last = DB_DONE;
	db->due = WAL_DUE;
	cache_init(&db->idle);
	LIST_INIT(&db->lent);
	if (mode == DB_WRITER ? connect_writer(db, path, e) :
	    file_check(path, e) && connect_to(db, path, e)) {
		*ret = db;
		return true;
	}
	db_close(db);
	return false;
}

void
db_close(struct db *db)
{
	if (db == NULL)
		return;
	db_free_statements(db);
	if (db->h != NULL)
		db_rollback(db);
	for (size_t i = 0; i < OWN; i++)
		sqlite3_finalize(db->own[i]);
	sqlite3_close(db->h);
	if (db->lock >= 0)
		close(db->lock);
	free(db);
}
