/*
 * key_verify.c - whose key this is, answered from memory most of the time
 *
 * A table of keys that were accepted within the last half second; every other
 * question goes to the database.  Refused keys are never kept, so nobody can fill the
 * table who has no key.  A key is kept as it came, until the table is looked through after it is
 * not believed any more (key_cache_tidy), some seconds: to hash it for every request took a
 * fifth of the time that a small answer takes.
 */
#include "key.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "arena.h"
#include "cleanup.h"
#include "db.h"
#include "err.h"
#include "hex.h"
#include "iso8601.h"
#include "key_form.h"

enum { SLOTS = 1024, PROBES = 4 };	/* a key is in one of PROBES slots, or nowhere */

static const int64_t believed = 500 * 1000, use_kept = 60 * INT64_C(1000000);

/* A key that was accepted; its texts are in one block of the heap, with it. */
struct slot {
	char key[KEY_LENGTH];	/* zeroed when it is not believed any more */
	int64_t verified_at;
	struct client client;
};

struct key_cache {
	EVP_MD *sha256;		/* fetched once: fetching takes longer than hashing */
	EVP_MD_CTX *context;
	struct slot *slots[SLOTS];
};

static void
slot_free(struct slot **s)
{
	if (*s != NULL)
		OPENSSL_cleanse((*s)->key, KEY_LENGTH);
	free(*s);
	*s = NULL;
}

struct key_cache *
key_cache_new(void)
{
	struct key_cache *cache = arena_heap(NULL, sizeof *cache);

	*cache = (struct key_cache){
		.sha256 = EVP_MD_fetch(NULL, "SHA256", NULL),
		.context = EVP_MD_CTX_new(),
	};
	if (cache->sha256 != NULL && cache->context != NULL)
		return cache;
	key_cache_free(cache);
	return NULL;
}

void
key_cache_free(struct key_cache *cache)
{
	if (cache == NULL)
		return;
	for (size_t i = 0; i < SLOTS; i++)
		slot_free(&cache->slots[i]);
	EVP_MD_CTX_free(cache->context);
	EVP_MD_free(cache->sha256);
	free(cache);
}

/* ---- the table ---- */

/* One number for each 12 hex digits; for anything else, any number. */
static uint64_t
prefix_number(struct text prefix)
{
	uint64_t eight;
	uint32_t four;

	_Static_assert(KEY_PREFIX_LENGTH == sizeof eight + sizeof four, "all of them");
	memcpy(&eight, prefix.at, sizeof eight);
	memcpy(&four, prefix.at + sizeof eight, sizeof four);
	return hex_values(eight) | hex_values(four) << 4;
}

static struct slot **
slot_find(struct key_cache *cache, uint64_t prefix)
{
	for (uint64_t i = 0; i < PROBES; i++) {
		struct slot **s = &cache->slots[(prefix + i) % SLOTS];

		if (*s != NULL && (*s)->client.prefix == prefix)
			return s;
	}
	return NULL;
}

/* The key's own slot, else a free one, else the one that was verified longest ago. */
static struct slot **
slot_for(struct key_cache *cache, uint64_t prefix)
{
	struct slot **best = slot_find(cache, prefix);

	for (uint64_t i = 0; best == NULL && i < PROBES; i++)
		if (cache->slots[(prefix + i) % SLOTS] == NULL)
			best = &cache->slots[(prefix + i) % SLOTS];
	if (best != NULL)
		return best;
	best = &cache->slots[prefix % SLOTS];
	for (uint64_t i = 1; i < PROBES; i++) {
		struct slot **s = &cache->slots[(prefix + i) % SLOTS];

		if ((*s)->verified_at < (*best)->verified_at)
			best = s;
	}
	return best;
}

/* ---- clients, with their texts ---- */

enum { CLIENT_TEXTS = 5 };

static void
get_texts(const struct client *c, struct text all[CLIENT_TEXTS])
{
	all[0] = text_of(c->hd.name);
	all[1] = text_of(c->hd.user_name);
	all[2] = c->scopes;
	all[3] = c->networks;
	all[4] = c->expires_at;
}

/* Bytes of a client's texts, each with its NUL. */
static size_t
texts_size(const struct client *c)
{
	struct text all[CLIENT_TEXTS];
	size_t size = 0;

	get_texts(c, all);
	for (size_t i = 0; i < CLIENT_TEXTS; i++)
		size += all[i].at != NULL ? all[i].len + 1 : 0;
	return size;
}

/* A copy whose texts are at the given place, which has texts_size bytes. */
static struct client
copy_client(const struct client *from, char *at)
{
	struct client c = *from;
	struct text all[CLIENT_TEXTS];

	get_texts(from, all);
	for (size_t i = 0; i < CLIENT_TEXTS; i++) {
		if (all[i].at == NULL)
			continue;
		memcpy(at, all[i].at, all[i].len);
		at[all[i].len] = '\0';
		all[i].at = at;
		at += all[i].len + 1;
	}
	c.hd.name = all[0].at;
	c.hd.user_name = all[1].at;
	c.scopes = all[2];
	c.networks = all[3];
	c.expires_at = all[4];
	return c;
}

static const struct client *
slot_put(struct key_cache *cache, const struct client *client, struct text key, int64_t now)
{
	struct slot **where = slot_for(cache, client->prefix);
	struct slot *s = arena_heap(NULL, sizeof *s + texts_size(client));

	slot_free(where);
	*where = s;
	*s = (struct slot){ .verified_at = now, .client = copy_client(client, (char *)(s + 1)) };
	memcpy(s->key, key.at, KEY_LENGTH);
	return &s->client;
}

/* Whether two keys are the same, in a time that does not tell where they differ.  Eight bytes
 * at a time: CRYPTO_memcmp takes one, and this is done for every request. */
static bool
same_key(const char *a, const char *b)
{
	uint64_t differ = 0, x, y;
	size_t i;

	for (i = 0; i + sizeof x <= KEY_LENGTH; i += sizeof x) {
		memcpy(&x, a + i, sizeof x);
		memcpy(&y, b + i, sizeof y);
		differ |= x ^ y;
	}
	for (; i < KEY_LENGTH; i++)
		differ |= (uint64_t)(unsigned char)(a[i] ^ b[i]);
	return differ == 0;
}

static bool
is_believed(const struct slot *s, int64_t now)
{
	return now >= s->verified_at && now - s->verified_at < believed;
}

/* The key's slot if it was accepted a moment ago. */
static const struct slot *
slot_believed(struct key_cache *cache, struct text key, int64_t now)
{
	struct slot **s = slot_find(cache, prefix_number(key_form_prefix(key)));

	return s != NULL && is_believed(*s, now) &&
	    same_key((*s)->key, key.at) ? *s : NULL;
}

void
key_cache_tidy(struct key_cache *cache, int64_t now)
{
	for (size_t i = 0; i < SLOTS; i++)
		if (cache->slots[i] != NULL && !is_believed(cache->slots[i], now))
			OPENSSL_cleanse(cache->slots[i]->key, KEY_LENGTH);
}

static void
slot_drop(struct key_cache *cache, uint64_t prefix)
{
	struct slot **s = slot_find(cache, prefix);

	if (s != NULL)
		slot_free(s);
}

const struct client *
key_client_copy(struct arena *arena, const struct client *from)
{
	struct client *c = arena_alloc(arena, sizeof *c + texts_size(from));

	if (c != NULL)
		*c = copy_client(from, (char *)(c + 1));
	return c;
}

/* ---- the database ---- */

/* Microseconds since 1970; 0 for a null. */
static int64_t
moment(struct text t)
{
	int64_t microseconds;

	return t.at != NULL && iso8601_moment(t, &microseconds) ? microseconds : 0;
}

/* Whether the digest is the one kept.  Without a row it is compared all the same, so
 * that an unknown prefix takes as long as a wrong secret. */
static bool
digest_fits(struct text kept, const char digest[2 * KEY_DIGEST + 1])
{
	static const char nobody[2 * KEY_DIGEST + 1] = "";
	bool there = kept.len == 2 * KEY_DIGEST;
	int differs = CRYPTO_memcmp(there ? kept.at : nobody, digest, 2 * KEY_DIGEST);

	return differs == 0 && there;
}

static enum key_verdict
look_up(struct key_cache *cache, struct db *db, struct text key,
    const unsigned char digest[KEY_DIGEST], int64_t now, const struct client **ret, struct err *e)
{
	CLEANUP(db_release) struct db_stmt *st = NULL;
	char now_text[ISO8601_TIME_SIZE], digest_hex[2 * KEY_DIGEST + 1];
	struct client client = { .prefix = prefix_number(key_form_prefix(key)) };
	struct slot **known = slot_find(cache, client.prefix);
	enum db_result result;

	st = db_prepare(db, "SELECT k.id, k.name, u.id, u.name, k.last_used_at,"
	    " CASE WHEN k.prefix = ?1 THEN k.digest ELSE k.old_digest END,"
	    " k.scopes, k.networks, CASE WHEN k.prefix = ?1 THEN k.expires_at"
	    " ELSE min(k.old_until, coalesce(k.expires_at, k.old_until)) END, k.prefix <> ?1"
	    " FROM core_key k LEFT JOIN core_user u ON u.id = k.default_user AND u.active = 1"
	    " WHERE (k.prefix = ?1 OR (k.old_prefix = ?1 AND k.old_until > ?2))"
	    " AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > ?2)", e);
	if (st == NULL)
		return KEY_FAULT;
	iso8601_format(now, now_text);
	hex_write(digest_hex, digest, KEY_DIGEST);
	db_bind_text(st, 1, key_form_prefix(key));
	db_bind_text(st, 2, text_of(now_text));
	result = db_step(st);
	if (result != DB_ROW && result != DB_DONE) {
		err_set(e, "%s", db_message(db));
		return KEY_FAULT;
	}
	if (!digest_fits(result == DB_ROW ? db_text(st, 5) : (struct text){ 0 }, digest_hex)) {
		if (result == DB_DONE)
			slot_drop(cache, client.prefix);
		return KEY_REFUSED;
	}
	client.hd = (struct hd_client){ db_int(st, 0), db_text(st, 1).at, db_int(st, 2),
		db_text(st, 3).at };
	client.seen_at = moment(db_text(st, 4));
	client.scopes = db_text(st, 6);
	client.networks = db_text(st, 7);
	client.expires_at = db_text(st, 8);
	client.replaced = db_int(st, 9) != 0;
	if (known != NULL && (*known)->client.seen_at > client.seen_at)
		client.seen_at = (*known)->client.seen_at;	/* about to be written */
	*ret = slot_put(cache, &client, key, now);
	return KEY_ACCEPTED;
}

enum key_verdict
key_verify(struct key_cache *cache, struct db *db, struct text key, int64_t now,
    const struct client **ret, struct err *e)
{
	unsigned char digest[KEY_DIGEST];
	const struct slot *known;

	if (key.len != KEY_LENGTH)
		return KEY_REFUSED;
	known = slot_believed(cache, key, now);
	if (known != NULL) {
		*ret = &known->client;
		return KEY_ACCEPTED;
	}
	if (!key_well_formed(key))
		return KEY_REFUSED;
	if (EVP_DigestInit_ex2(cache->context, cache->sha256, NULL) != 1 ||
	    EVP_DigestUpdate(cache->context, key.at, key.len) != 1 ||
	    EVP_DigestFinal_ex(cache->context, digest, NULL) != 1) {
		err_set(e, "OpenSSL makes no SHA-256");
		return KEY_FAULT;
	}
	return look_up(cache, db, key, digest, now, ret, e);
}

bool
key_client_now(struct db *db, struct arena *arena, const struct client *client, struct text now,
    struct client *ret, struct err *e)
{
	struct key key;
	struct text until;

	*ret = *client;
	if (!key_find(db, arena, client->hd.id, &key, e))
		return false;
	if (key.id == 0 || prefix_number(key.prefix) == client->prefix)
		return true;
	/* Of two rotations, or of one without an overlap, nothing is left to it. */
	until = key.old_prefix.at != NULL && prefix_number(key.old_prefix) == client->prefix ?
	    key.old_until : now;
	ret->replaced = true;
	if (ret->expires_at.at == NULL || strcmp(until.at, ret->expires_at.at) < 0)
		ret->expires_at = until;
	return true;
}

bool
key_use_is_due(struct key_cache *cache, const struct client *client, int64_t now)
{
	struct slot **known = slot_find(cache, client->prefix);
	int64_t seen_at = known != NULL ? (*known)->client.seen_at : client->seen_at;

	if (now >= seen_at && now - seen_at < use_kept)
		return false;
	if (known != NULL)
		(*known)->client.seen_at = now;
	return true;
}
