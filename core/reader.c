/*
 * reader.c - what one thread has of one site
 */
#include "reader.h"

#include <stddef.h>

#include "db.h"
#include "err.h"
#include "key.h"
#include "search.h"
#include "tag_cache.h"

enum { WEIGHED_FOR = 1024 };	/* commits, after which runs are weighed anew */

static bool
connect(struct reader *r, struct err *e)
{
	if (!db_open(r->path, DB_READ_ONLY, &r->db, e))
		return false;
	if (r->pages <= DB_PAGES || db_keep_pages(r->db, r->pages, e))
		return true;
	db_close(r->db);
	r->db = NULL;
	return false;
}

bool
reader_begin(struct reader *r, int64_t now, unsigned long commits, struct err *e)
{
	if (r->db == NULL && !connect(r, e))
		return false;
	if (r->keys == NULL)
		r->keys = key_cache_new();
	if (r->keys == NULL)
		return err_set(e, "no key can be verified: OpenSSL has no SHA-256");
	r->used_at = now;
	if (r->in_snapshot && r->seen == commits)
		return true;
	reader_rest(r);
	r->seen = commits;
	r->versioned = false;
	r->in_snapshot = db_begin(r->db, e);
	return r->in_snapshot;
}

void
reader_rest(struct reader *r)
{
	struct err e;

	if (!r->in_snapshot)
		return;
	db_budget(r->db, 0);
	/* Nothing was written, so nothing can be lost: a failed end is a rollback. */
	if (!db_commit(r->db, &e))
		db_rollback(r->db);
	r->in_snapshot = false;
}

void
reader_close(struct reader *r)
{
	reader_rest(r);
	db_close(r->db);
	r->db = NULL;
	tag_cache_free(r->tags);
	r->tags = NULL;
	search_weights_free(r->weights);
	r->weights = NULL;
	key_cache_free(r->keys);
	r->keys = NULL;
}

const char *
reader_find_tag(struct reader *r, struct tagged *of)
{
	struct err e;

	if (r->tags == NULL)
		r->tags = tag_cache_new();
	if (!r->versioned && !db_version(r->db, &r->version, &e))
		return NULL;
	r->versioned = true;
	of->version = r->version;
	return tag_cache_find(r->tags, of);
}

void
reader_keep_tag(struct reader *r, const struct tagged *of, struct text tag)
{
	if (r->versioned && of->version == r->version)
		tag_cache_put(r->tags, of, tag);
}

struct search_weights *
reader_weights(struct reader *r)
{
	if (r == NULL)
		return NULL;
	if (r->weights != NULL && r->seen - r->weighed <= WEIGHED_FOR)
		return r->weights;
	search_weights_free(r->weights);
	r->weights = search_weights_new();
	r->weighed = r->seen;
	return r->weights;
}

struct db *
reader_db(const struct reader *r)
{
	return r->db;
}
