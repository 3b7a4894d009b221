/*
 * Whether the writer says of each change what is true, whatever happens to the others,
 * to the disk, or to the process.
 */
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "cleanup.h"
#include "db.h"
#include "err.h"
#include "lane.h"
#include "writer.h"

#define COUNT(array) (sizeof (array) / sizeof (array)[0])

struct place {
	char folder[200], path[256];
};

/* A change that runs SQL, and what became of it. */
struct order {
	struct change change;
	const char *sql;
	bool wanted;		/* what run says if the SQL succeeds */
	unsigned runs, dones;
	enum change_end end;
	enum db_result why;
	char message[200];
	sem_t *started, *go_on, *finished;	/* if not NULL */
	struct db *reader;	/* if not NULL: what it sees when done is called */
	int64_t seen;
};

static int64_t
ask(struct db *db, const char *sql)
{
	CLEANUP(db_release) struct db_stmt *s = db_prepare(db, sql, NULL);

	return s != NULL && db_step(s) == DB_ROW ? db_int(s, 0) : -1;
}

static bool
order_run(struct change *c, struct db *db)
{
	struct order *o = (struct order *)c;

	o->runs++;
	if (o->started != NULL)
		sem_post(o->started);
	if (o->go_on != NULL)
		sem_wait(o->go_on);
	return db_execute(db, o->sql, NULL) && o->wanted;
}

static void
order_done(struct change *c, enum change_end end, enum db_result why, const char *message)
{
	struct order *o = (struct order *)c;

	o->dones++;
	o->end = end;
	o->why = why;
	snprintf(o->message, sizeof o->message, "%s", message != NULL ? message : "");
	if (o->reader != NULL)
		o->seen = ask(o->reader, "SELECT count(*) FROM t");
	if (o->finished != NULL)
		sem_post(o->finished);
}

static const struct change_kind order_kind = { order_run, order_done };

/* For what SQL cannot say: the engine fails, and ends the transaction under our hands. */
static bool
vanish_run(struct change *c, struct db *db)
{
	order_run(c, db);
	db_rollback(db);
	return true;
}

static const struct change_kind vanish_kind = { vanish_run, order_done };

static const char schema[] = "CREATE TABLE t (id INTEGER PRIMARY KEY, twin INTEGER "
    "REFERENCES t (id) DEFERRABLE INITIALLY DEFERRED) STRICT";

static int
setup(void **state)
{
	const char *tmp = getenv("TMPDIR");
	struct place *p = calloc(1, sizeof *p);
	struct writer *w;
	struct order o = { .change.kind = &order_kind, .sql = schema, .wanted = true };

	snprintf(p->folder, sizeof p->folder, "%s/helpdesk-writer-XXXXXX",
	    tmp != NULL ? tmp : "/tmp");
	assert_non_null(mkdtemp(p->folder));
	snprintf(p->path, sizeof p->path, "%s/a.db", p->folder);
	assert_true(writer_open(p->path, NULL, 0, &w, NULL));
	writer_run(w, &o.change);
	assert_int_equal(o.end, CHANGE_COMMITTED);
	writer_close(w);
	*state = p;
	return 0;
}

static int
teardown(void **state)
{
	struct place *p = *state;
	char command[256];

	snprintf(command, sizeof command, "rm -rf '%s'", p->folder);
	assert_int_equal(system(command), 0);
	free(p);
	return 0;
}

static void
open_or_fail(const struct place *p, struct lane **lane, unsigned most, struct writer **w)
{
	struct err e = { "" };

	if (lane != NULL && !lane_open("writer", 1, lane, &e))
		fail_msg("%s", e.message);
	if (!writer_open(p->path, lane != NULL ? *lane : NULL, most, w, &e))
		fail_msg("%s", e.message);
}

/* Everything in one batch: pushed while the writer is kept at the first. */
static void
run_as_a_batch(struct place *p, struct order *orders, size_t n)
{
	sem_t started, go_on;
	struct order first = { .change.kind = &order_kind, .sql = "", .started = &started,
	    .go_on = &go_on };
	struct writer *w;
	struct lane *lane;

	sem_init(&started, 0, 0);
	sem_init(&go_on, 0, 0);
	open_or_fail(p, &lane, 100, &w);
	assert_true(writer_push(w, &first.change));
	sem_wait(&started);
	for (size_t i = 0; i < n; i++)
		assert_true(writer_push(w, &orders[i].change));
	assert_int_equal(writer_waiting(w), n + 1);
	sem_post(&go_on);
	lane_close(lane);
	assert_int_equal(first.end, CHANGE_UNDONE);
	writer_close(w);
	sem_destroy(&started);
	sem_destroy(&go_on);
}

/* Each on its own, as a command does it. */
static void
run_one_by_one(struct place *p, struct order *orders, size_t n)
{
	struct writer *w;

	open_or_fail(p, NULL, 0, &w);
	for (size_t i = 0; i < n; i++)
		writer_run(w, &orders[i].change);
	writer_close(w);
}

static int64_t
count(const struct place *p, const char *sql)
{
	struct db *db;
	int64_t n;

	assert_true(db_open(p->path, DB_READ_ONLY, &db, NULL));
	n = ask(db, sql);
	db_close(db);
	return n;
}

static void
a_change_that_fails_undoes_its_own_writes_alone(void **state)
{
	static const struct {
		const char *sql;
		bool wanted;
		enum change_end end;
		enum db_result why;
	} cases[] = {
		{ "INSERT INTO t (id) VALUES (1)", true, CHANGE_COMMITTED, DB_DONE },
		{ "INSERT INTO t (id) VALUES (2); INSERT INTO t (id) VALUES (1)", true,
		  CHANGE_UNDONE, DB_DONE },
		{ "INSERT INTO t (id) VALUES (3)", false, CHANGE_UNDONE, DB_DONE },
		{ "INSERT INTO t (id, twin) VALUES (4, 99)", true, CHANGE_LOST, DB_NO_REFERENCE },
		{ "INSERT INTO t (id, twin) VALUES (5, 6); INSERT INTO t (id) VALUES (6)", true,
		  CHANGE_COMMITTED, DB_DONE },
		{ "SELCT", true, CHANGE_UNDONE, DB_DONE },
		{ "", true, CHANGE_COMMITTED, DB_DONE },
		{ "INSERT INTO t (id) VALUES (7)", true, CHANGE_COMMITTED, DB_DONE },
	};
	static void (*const ways[])(struct place *, struct order *, size_t) = {
		run_as_a_batch, run_one_by_one
	};
	struct place *p = *state;

	for (size_t way = 0; way < COUNT(ways); way++) {
		struct order orders[COUNT(cases) + 1] = { 0 };

		orders[0] = (struct order){ .change.kind = &order_kind, .sql = "DELETE FROM t",
		    .wanted = true };
		for (size_t i = 0; i < COUNT(cases); i++)
			orders[i + 1] = (struct order){ .change.kind = &order_kind,
			    .sql = cases[i].sql, .wanted = cases[i].wanted };
		ways[way](p, orders, COUNT(orders));
		for (size_t i = 0; i < COUNT(cases); i++) {
			assert_int_equal(orders[i + 1].dones, 1);
			assert_int_equal(orders[i + 1].end, cases[i].end);
			assert_int_equal(orders[i + 1].why, cases[i].why);
			assert_int_equal(orders[i + 1].message[0] != '\0',
			    cases[i].end == CHANGE_LOST);
		}
		assert_int_equal(count(p, "SELECT count(*) FROM t"), 4);
		assert_int_equal(count(p, "SELECT sum(id) FROM t"), 1 + 5 + 6 + 7);
	}
}

/* All of them can be run again: what is said of each is the same, with and without marks. */
static void
what_can_be_run_again_is_when_another_has_to_be_undone(void **state)
{
	static const struct {
		const char *sql;
		bool wanted;
		enum change_end end;
		unsigned runs;
	} cases[][4] = {
		/* Nobody fails. */
		{ { "INSERT INTO t (id) VALUES (1)", true, CHANGE_COMMITTED, 1 },
		  { "INSERT INTO t (id) VALUES (2)", true, CHANGE_COMMITTED, 1 },
		  { "", true, CHANGE_COMMITTED, 1 },
		  { "INSERT INTO t (id) VALUES (3)", true, CHANGE_COMMITTED, 1 } },
		/* Who fails has written nothing. */
		{ { "INSERT INTO t (id) VALUES (1)", true, CHANGE_COMMITTED, 1 },
		  { "INSERT INTO t (id) VALUES (1)", true, CHANGE_UNDONE, 1 },
		  { "INSERT INTO t (id) VALUES (5), (1)", true, CHANGE_UNDONE, 1 },
		  { "INSERT INTO t (id) VALUES (3)", true, CHANGE_COMMITTED, 1 } },
		/* Who fails has written. */
		{ { "INSERT INTO t (id) VALUES (1)", true, CHANGE_COMMITTED, 2 },
		  { "INSERT INTO t (id) VALUES (2)", false, CHANGE_UNDONE, 2 },
		  { "INSERT INTO t (id) VALUES (5); SELCT", true, CHANGE_UNDONE, 1 },
		  { "INSERT INTO t (id) VALUES (3)", true, CHANGE_COMMITTED, 1 } },
		/* A reference is open at the end. */
		{ { "INSERT INTO t (id) VALUES (1)", true, CHANGE_COMMITTED, 2 },
		  { "INSERT INTO t (id, twin) VALUES (2, 99)", true, CHANGE_LOST, 2 },
		  { "INSERT INTO t (id) VALUES (4); DELETE FROM t WHERE id = 4", true,
		    CHANGE_COMMITTED, 2 },
		  { "INSERT INTO t (id) VALUES (3)", true, CHANGE_COMMITTED, 2 } },
	};
	struct place *p = *state;

	for (size_t k = 0; k < COUNT(cases); k++) {
		struct order orders[COUNT(cases[0])];
		int64_t sum = 0, id;

		for (size_t i = 0; i < COUNT(orders); i++)
			orders[i] = (struct order){ .change = { .kind = &order_kind,
			    .again = true }, .sql = cases[k][i].sql,
			    .wanted = cases[k][i].wanted };
		run_as_a_batch(p, orders, COUNT(orders));
		for (size_t i = 0; i < COUNT(orders); i++) {
			assert_int_equal(orders[i].dones, 1);
			assert_int_equal(orders[i].end, cases[k][i].end);
			assert_int_equal(orders[i].runs, cases[k][i].runs);
			if (cases[k][i].end == CHANGE_COMMITTED &&
			    sscanf(cases[k][i].sql, "INSERT INTO t (id) VALUES (%ld)", &id) == 1 &&
			    id != 4)
				sum += id;
		}
		assert_int_equal(count(p, "SELECT sum(id) FROM t"), sum);
		orders[0] = (struct order){ .change.kind = &order_kind, .sql = "DELETE FROM t",
		    .wanted = true };
		run_one_by_one(p, orders, 1);
	}
}

/* One that can be run but once makes all of its batch run so. */
static void
what_can_be_run_once_is_run_once(void **state)
{
	struct place *p = *state;
	struct order orders[] = {
		{ { .kind = &order_kind, .again = true }, "INSERT INTO t (id) VALUES (1)", true },
		{ { .kind = &order_kind }, "INSERT INTO t (id) VALUES (2)", true },
		{ { .kind = &order_kind, .again = true }, "INSERT INTO t (id) VALUES (3)", false },
	};

	run_as_a_batch(p, orders, COUNT(orders));
	for (size_t i = 0; i < COUNT(orders); i++)
		assert_int_equal(orders[i].runs, 1);
	assert_int_equal(count(p, "SELECT sum(id) FROM t"), 3);
}

static void
nobody_is_told_before_all_of_the_batch_is_committed(void **state)
{
	struct place *p = *state;
	struct order orders[20];
	char sql[20][64];
	struct db *reader;

	assert_true(db_open(p->path, DB_READ_ONLY, &reader, NULL));
	for (size_t i = 0; i < COUNT(orders); i++) {
		snprintf(sql[i], sizeof sql[i], "INSERT INTO t (id) VALUES (%zu)", i);
		orders[i] = (struct order){ .change.kind = &order_kind, .sql = sql[i],
		    .wanted = true, .reader = reader };
	}
	run_as_a_batch(p, orders, COUNT(orders));
	for (size_t i = 0; i < COUNT(orders); i++)
		assert_int_equal(orders[i].seen, COUNT(orders));
	db_close(reader);
}

static void
without_its_transaction_the_whole_batch_is_lost(void **state)
{
	struct place *p = *state;
	struct order orders[] = {
		{ { .kind = &order_kind }, "INSERT INTO t (id) VALUES (1)", true },
		{ { .kind = &order_kind }, "INSERT INTO t (id) VALUES (1)", true },
		{ { .kind = &vanish_kind }, "INSERT INTO t (id) VALUES ('text')", true },
		{ { .kind = &order_kind }, "INSERT INTO t (id) VALUES (3)", true },
	};

	run_as_a_batch(p, orders, COUNT(orders));
	for (size_t i = 0; i < COUNT(orders); i++) {
		assert_int_equal(orders[i].dones, 1);
		assert_int_equal(orders[i].end, CHANGE_LOST);
		assert_string_equal(orders[i].message, "datatype mismatch");
		assert_int_equal(orders[i].runs, i < 3 ? 1 : 0);
	}
	assert_int_equal(count(p, "SELECT count(*) FROM t"), 0);
	orders[3].end = CHANGE_LOST;
	run_one_by_one(p, &orders[3], 1);
	assert_int_equal(orders[3].end, CHANGE_COMMITTED);
}

static void
a_full_queue_refuses(void **state)
{
	struct place *p = *state;
	sem_t started, go_on;
	struct order orders[4];
	struct writer *w;
	struct lane *lane;

	sem_init(&started, 0, 0);
	sem_init(&go_on, 0, 0);
	open_or_fail(p, &lane, 3, &w);
	for (size_t i = 0; i < COUNT(orders); i++)
		orders[i] = (struct order){ .change.kind = &order_kind, .sql = "", .wanted = true };
	orders[0].started = &started;
	orders[0].go_on = &go_on;
	assert_true(writer_push(w, &orders[0].change));
	sem_wait(&started);
	assert_true(writer_push(w, &orders[1].change));
	assert_true(writer_push(w, &orders[2].change));
	assert_false(writer_push(w, &orders[3].change));
	assert_int_equal(writer_waiting(w), 3);
	sem_post(&go_on);
	lane_close(lane);
	for (size_t i = 0; i < COUNT(orders); i++)
		assert_int_equal(orders[i].dones, i < 3 ? 1 : 0);
	writer_close(w);
	sem_destroy(&started);
	sem_destroy(&go_on);
}

enum { PUSHERS = 4, EACH = 300 };

struct pusher {
	struct writer *w;
	unsigned number, committed;
};

/* A client: the next change when the last one is done. */
static void *
push_many(void *context)
{
	struct pusher *pusher = context;
	sem_t finished;
	char sql[64];

	sem_init(&finished, 0, 0);
	for (unsigned i = 0; i < EACH; i++) {
		struct order o = { .change.kind = &order_kind, .sql = sql, .wanted = i % 3 != 0,
		    .finished = &finished };

		snprintf(sql, sizeof sql, "INSERT INTO t (id) VALUES (%u)",
		    pusher->number * EACH + i);
		while (!writer_push(pusher->w, &o.change))
			sched_yield();
		sem_wait(&finished);
		pusher->committed += o.end == CHANGE_COMMITTED;
	}
	sem_destroy(&finished);
	return NULL;
}

static void
many_threads_can_push(void **state)
{
	struct place *p = *state;
	struct pusher pushers[PUSHERS];
	pthread_t threads[PUSHERS];
	struct writer *w;
	struct lane *lane;

	open_or_fail(p, &lane, 3, &w);
	for (unsigned i = 0; i < PUSHERS; i++) {
		pushers[i] = (struct pusher){ w, i, 0 };
		assert_int_equal(pthread_create(&threads[i], NULL, push_many, &pushers[i]), 0);
	}
	for (unsigned i = 0; i < PUSHERS; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_int_equal(pushers[i].committed, EACH / 3 * 2);
	}
	assert_false(writer_failed(w));
	lane_close(lane);
	writer_close(w);
	assert_int_equal(count(p, "SELECT count(*) FROM t"), PUSHERS * EACH / 3 * 2);
	assert_int_equal(count(p, "SELECT count(*) FROM t WHERE id % 3 = 0"), 0);
}

static void
a_full_disk_is_told_and_passes(void **state)
{
	struct place *p = *state;
	struct order big = { .change.kind = &order_kind, .wanted = true, .sql =
	    "WITH RECURSIVE n(i) AS (VALUES(10) UNION ALL SELECT i + 1 FROM n WHERE i < 50000) "
	    "INSERT INTO t (id) SELECT i FROM n" };
	struct order small = { .change.kind = &order_kind, .wanted = true,
	    .sql = "INSERT INTO t (id) VALUES (1)" };
	struct writer *w;

	open_or_fail(p, NULL, 0, &w);
	assert_int_equal(ask(writer_db(w), "PRAGMA max_page_count = 10"), 10);
	writer_run(w, &big.change);
	assert_int_not_equal(big.end, CHANGE_COMMITTED);
	assert_int_equal(db_last_failure(writer_db(w)), DB_FULL);
	assert_false(writer_failed(w));
	writer_run(w, &small.change);
	assert_int_equal(small.end, CHANGE_COMMITTED);
	writer_close(w);
	assert_int_equal(count(p, "SELECT count(*) FROM t"), 1);
}

/* In a process of its own, with a limit on the size of files for a disk that fails. */
static bool
the_disk_fails(struct place *p)
{
	const struct rlimit limit = { 65536, 65536 };
	struct order big = { .change.kind = &order_kind, .wanted = true, .sql =
	    "WITH RECURSIVE n(i) AS (VALUES(10) UNION ALL SELECT i + 1 FROM n WHERE i < 50000) "
	    "INSERT INTO t (id) SELECT i FROM n" };
	struct order small = { .change.kind = &order_kind, .wanted = true,
	    .sql = "INSERT INTO t (id) VALUES (1)" };
	struct writer *w;

	signal(SIGXFSZ, SIG_IGN);
	if (!writer_open(p->path, NULL, 0, &w, NULL) || setrlimit(RLIMIT_FSIZE, &limit) != 0)
		return false;
	writer_run(w, &big.change);
	if (big.end != CHANGE_LOST || big.why != DB_ERROR || !writer_failed(w) ||
	    strstr(big.message, "disk I/O error") == NULL)
		return false;
	writer_run(w, &small.change);
	if (small.end != CHANGE_LOST || small.runs != 0 || small.dones != 1 ||
	    strstr(small.message, "the disk has failed") == NULL)
		return false;
	writer_close(w);
	return true;
}

static void
a_failed_disk_ends_all_writing(void **state)
{
	struct place *p = *state;
	struct order small = { .change.kind = &order_kind, .wanted = true,
	    .sql = "INSERT INTO t (id) VALUES (1)" };
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(the_disk_fails(p) ? 0 : 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	run_one_by_one(p, &small, 1);
	assert_int_equal(small.end, CHANGE_COMMITTED);
	assert_int_equal(count(p, "SELECT count(*) FROM t"), 1);
}

/* Two rows that belong together; done tells its number to the parent. */
struct pair {
	struct change change;
	uint32_t number;
	int pipe;
};

static bool
pair_run(struct change *c, struct db *db)
{
	struct pair *pair = (struct pair *)c;
	char sql[160];

	snprintf(sql, sizeof sql, "INSERT INTO t (id, twin) VALUES (%u, %u);"
	    "INSERT INTO t (id, twin) VALUES (%u, %u)", 2 * pair->number, 2 * pair->number + 1,
	    2 * pair->number + 1, 2 * pair->number);
	return db_execute(db, sql, NULL);
}

static void
pair_done(struct change *c, enum change_end end, enum db_result why, const char *message)
{
	struct pair *pair = (struct pair *)c;

	(void)why, (void)message;
	if (end != CHANGE_COMMITTED || write(pair->pipe, &pair->number, sizeof pair->number) !=
	    sizeof pair->number)
		_exit(1);
	free(pair);
}

static const struct change_kind pair_kind = { pair_run, pair_done };

/* Pushes pairs until it is killed. */
static void
write_pairs(const struct place *p, uint32_t number, int pipe)
{
	struct writer *w;
	struct lane *lane;

	if (!lane_open("writer", 1, &lane, NULL) || !writer_open(p->path, lane, 500, &w, NULL))
		_exit(1);
	for (;; number++) {
		struct pair *pair = calloc(1, sizeof *pair);

		*pair = (struct pair){ .change.kind = &pair_kind, .number = number, .pipe = pipe };
		while (!writer_push(w, &pair->change))
			sched_yield();
	}
}

/* Kills it after so many acknowledgements; returns the highest, and at least first. */
static uint32_t
kill_while_writing(const struct place *p, uint32_t first, unsigned acknowledgements)
{
	uint32_t number, highest = first;
	int ends[2], status;
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		close(ends[0]);
		write_pairs(p, first, ends[1]);
	}
	close(ends[1]);
	for (unsigned n = 0; read(ends[0], &number, sizeof number) == sizeof number; n++) {
		highest = number;
		if (n == acknowledgements)
			kill(pid, SIGKILL);
	}
	close(ends[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGKILL);
	return highest;
}

static void
a_killed_process_leaves_all_it_acknowledged_and_nothing_by_halves(void **state)
{
	struct place *p = *state;
	uint32_t next = 0;

	for (unsigned round = 0; round < 5; round++) {
		uint32_t acknowledged = kill_while_writing(p, next, 300 + 97 * round);
		struct writer *w;

		open_or_fail(p, NULL, 0, &w);
		assert_true(ask(writer_db(w), "SELECT count(*) FROM t") >=
		    2 * ((int64_t)acknowledged + 1));
		assert_int_equal(ask(writer_db(w), "SELECT count(*) - max(id) - 1 FROM t"), 0);
		assert_int_equal(ask(writer_db(w), "SELECT count(*) FROM t a WHERE NOT EXISTS "
		    "(SELECT 1 FROM t b WHERE b.id = a.twin AND b.twin = a.id)"), 0);
		assert_int_equal(ask(writer_db(w),
		    "SELECT integrity_check = 'ok' FROM pragma_integrity_check"), 1);
		next = (uint32_t)(ask(writer_db(w), "SELECT max(id) FROM t") + 1) / 2;
		writer_close(w);
	}
}

static void
a_closed_writer_leaves_everything_in_the_database_file(void **state)
{
	struct place *p = *state;
	struct order o = { .change.kind = &order_kind, .wanted = true,
	    .sql = "INSERT INTO t (id) VALUES (1)" };
	char command[700];

	run_one_by_one(p, &o, 1);
	snprintf(command, sizeof command, "rm '%s-wal' '%s-shm'", p->path, p->path);
	assert_int_equal(system(command), 0);
	assert_int_equal(count(p, "SELECT count(*) FROM t"), 1);
	writer_close(NULL);
}

/* ---- long reads ---- */

enum { LONG_READERS = 3, LOADS = 150 };

/* Reads again and again for a while that is longer than the pause between two. */
struct long_reader {
	struct writer *writer;
	const char *path;
	useconds_t span;
	atomic_bool *over;
	unsigned reads;
	pthread_t thread;
};

static void *
read_long(void *argument)
{
	struct long_reader *r = argument;
	struct db *db;

	if (!db_open(r->path, DB_READ_ONLY, &db, NULL))
		return NULL;
	while (!atomic_load(r->over)) {
		writer_read_begin(r->writer);
		if (db_begin(db, NULL) && ask(db, "SELECT count(*) FROM t") >= 0) {
			usleep(r->span);
			r->reads += db_commit(db, NULL);
		}
		writer_read_end(r->writer);
	}
	db_close(db);
	return NULL;
}

/* Returns the longest that the WAL has been. */
static off_t
write_beside(struct writer *w, const char *path)
{
	struct order o = { .change.kind = &order_kind, .wanted = true,
	    .sql = "DELETE FROM bulk; INSERT INTO bulk VALUES (randomblob(1000000))" };
	char wal[300];
	struct stat st;
	off_t longest = 0;

	snprintf(wal, sizeof wal, "%s-wal", path);
	for (unsigned i = 0; i < LOADS; i++) {
		writer_run(w, &o.change);
		assert_int_equal(o.end, CHANGE_COMMITTED);
		assert_int_equal(stat(wal, &st), 0);
		longest = st.st_size > longest ? st.st_size : longest;
	}
	return longest;
}

static void
the_wal_stays_short_beside_long_reads_that_overlap(void **state)
{
	struct place *p = *state;
	struct order o = { .change.kind = &order_kind, .wanted = true,
	    .sql = "CREATE TABLE bulk (b BLOB)" };
	struct long_reader readers[LONG_READERS];
	atomic_bool over = false;
	struct writer *w;
	off_t longest;

	open_or_fail(p, NULL, 0, &w);
	writer_run(w, &o.change);
	for (unsigned i = 0; i < LONG_READERS; i++) {
		readers[i] = (struct long_reader){ w, p->path, 30000 + 7000 * i, &over, 0, 0 };
		assert_int_equal(pthread_create(&readers[i].thread, NULL, read_long, &readers[i]),
		    0);
	}
	longest = write_beside(w, p->path);
	atomic_store(&over, true);
	for (unsigned i = 0; i < LONG_READERS; i++) {
		assert_int_equal(pthread_join(readers[i].thread, NULL), 0);
		assert_true(readers[i].reads > 0);
	}
	assert_in_range(longest, 24 << 20, 64 << 20);
	writer_close(w);
}

#define ROW(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ROW(a_change_that_fails_undoes_its_own_writes_alone),
		ROW(what_can_be_run_again_is_when_another_has_to_be_undone),
		ROW(what_can_be_run_once_is_run_once),
		ROW(nobody_is_told_before_all_of_the_batch_is_committed),
		ROW(without_its_transaction_the_whole_batch_is_lost),
		ROW(a_full_queue_refuses),
		ROW(many_threads_can_push),
		ROW(a_full_disk_is_told_and_passes),
		ROW(a_failed_disk_ends_all_writing),
		ROW(a_killed_process_leaves_all_it_acknowledged_and_nothing_by_halves),
		ROW(a_closed_writer_leaves_everything_in_the_database_file),
		ROW(the_wal_stays_short_beside_long_reads_that_overlap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
