/*
 * key.c - API keys: their form, and the rows of core_key
 *
 * Knows a key only while it is made; what is kept is its SHA-256.  Whether somebody
 * who calls may come in is decided in key_verify.c.
 */
#include "key.h"

#include <string.h>
#include <sys/random.h>

#include <openssl/evp.h>
#include <zlib.h>

#include "arena.h"
#include "cleanup.h"
#include "db.h"
#include "err.h"
#include "hex.h"
#include "iso8601.h"
#include "key_form.h"
#include "network.h"
#include "scope.h"

enum {
	BITS_LENGTH = 43, CHECK_LENGTH = 6,	/* of the secret's 49 characters */
	CHECKED_LENGTH = KEY_LENGTH - CHECK_LENGTH,
	NAME_MOST = 120,
	OVERLAP_DAYS = 30
};

static const char base62[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/* ---- form ---- */

/* The number's digits; what is left of it is zero if n digits are enough. */
static void
write_base62(uint32_t *words, size_t word_count, char *out, size_t n)
{
	while (n-- > 0) {
		uint64_t rest = 0;

		for (size_t i = 0; i < word_count; i++) {
			rest = rest << 32 | words[i];
			words[i] = (uint32_t)(rest / 62);
			rest %= 62;
		}
		out[n] = base62[rest];
	}
}

static void
write_check(const char *key, char out[CHECK_LENGTH])
{
	uint32_t crc = (uint32_t)crc32(0, (const unsigned char *)key, CHECKED_LENGTH);

	write_base62(&crc, 1, out, CHECK_LENGTH);
}

static bool
all_of(struct text t, const char *allowed)
{
	for (size_t i = 0; i < t.len; i++)
		if (t.at[i] == '\0' || strchr(allowed, t.at[i]) == NULL)
			return false;
	return true;
}

struct text
key_form_prefix(struct text key)
{
	return (struct text){ key.at + 3, KEY_PREFIX_LENGTH };
}

static bool
is_prefix(struct text t)
{
	return t.len == KEY_PREFIX_LENGTH && all_of(t, "0123456789abcdef");
}

bool
key_well_formed(struct text key)
{
	char check[CHECK_LENGTH];

	if (key.len != KEY_LENGTH || memcmp(key.at, "hp_", 3) != 0 ||
	    !is_prefix(key_form_prefix(key)) || key.at[3 + KEY_PREFIX_LENGTH] != '_' ||
	    !all_of((struct text){ key.at + KEY_LENGTH - KEY_SECRET_LENGTH, KEY_SECRET_LENGTH },
	    base62))
		return false;
	write_check(key.at, check);
	return memcmp(key.at + CHECKED_LENGTH, check, CHECK_LENGTH) == 0;
}

void
key_form_write(const unsigned char random[KEY_RANDOM], char out[KEY_LENGTH + 1])
{
	uint32_t words[8];
	char *secret = out + 3 + KEY_PREFIX_LENGTH + 1;

	memcpy(out, "hp_", 3);
	hex_write(out + 3, random, KEY_PREFIX_LENGTH / 2);
	out[3 + KEY_PREFIX_LENGTH] = '_';
	for (size_t i = 0; i < 8; i++) {
		const unsigned char *b = random + KEY_PREFIX_LENGTH / 2 + 4 * i;

		words[i] = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
	}
	write_base62(words, 8, secret, BITS_LENGTH);
	write_check(out, secret + BITS_LENGTH);
	out[KEY_LENGTH] = '\0';
}

/* ---- rows ---- */

bool
key_check_name(struct text name, struct err *e)
{
	if (!text_valid(name, NULL))
		return err_set(e, "the name of a key must be UTF-8");
	if (name.len == 0 || text_count(name) > NAME_MOST || text_trim(name).len != name.len)
		return err_set(e, "the name of a key has 1 to 120 characters, and no white space "
		    "at its ends");
	for (size_t i = 0; i < name.len; i++)
		if ((unsigned char)name.at[i] < 0x20 || name.at[i] == 0x7f)
			return err_set(e, "the name of a key has no control characters");
	if (is_prefix(name))
		return err_set(e, "the name of a key cannot be 12 hex digits, for these stand for "
		    "a key themselves");
	if (key_well_formed(name))	/* a secret, most likely, and names are listed */
		return err_set(e, "the name of a key cannot be a key");
	return true;
}

static bool
make(char out[KEY_LENGTH + 1], char digest[2 * KEY_DIGEST + 1], struct err *e)
{
	unsigned char random[KEY_RANDOM], raw[KEY_DIGEST];

	if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
		return err_set(e, "the system gives no random bits");
	key_form_write(random, out);
	explicit_bzero(random, sizeof random);
	if (EVP_Digest(out, KEY_LENGTH, raw, NULL, EVP_sha256(), NULL) != 1)
		return err_set(e, "OpenSSL makes no SHA-256");
	hex_write(digest, raw, sizeof raw);
	return true;
}

bool
key_check_expiry(struct text expires_at, int64_t now, struct err *e)
{
	int64_t until;

	if (expires_at.at == NULL)
		return true;
	if (!iso8601_moment(expires_at, &until))
		return err_set(e, "'%.*s' is no date or date-time", TEXT_SHOWN(expires_at));
	return until > now || err_set(e, "the key would have expired already");
}

static struct text
or_else(struct text t, struct text otherwise)
{
	return t.at != NULL ? t : otherwise;
}

/* The expiry as it is kept: always with fractions, so that the order of moments is that of
 * bytes. */
static void
bind_moment(struct db_stmt *st, unsigned parameter, struct text given,
    char at[ISO8601_TIME_SIZE])
{
	int64_t moment;

	if (given.at == NULL || !iso8601_moment(given, &moment)) {
		db_bind_null(st, parameter);
		return;
	}
	iso8601_format(moment, at);
	db_bind_text(st, parameter, text_of(at));
}

int64_t
key_create(struct db *db, struct text name, const struct key_terms *terms,
    char out[KEY_LENGTH + 1], struct err *e)
{
	CLEANUP(db_release) struct db_stmt *st = NULL;
	char now[ISO8601_TIME_SIZE], until[ISO8601_TIME_SIZE], digest[2 * KEY_DIGEST + 1];
	enum db_result result;
	int64_t id;

	if (!key_check_name(name, e) || !key_check_expiry(terms->expires_at, iso8601_now(), e) ||
	    !make(out, digest, e))
		return false;
	st = db_prepare(db, "INSERT INTO core_key (name, prefix, digest, default_user, created_at,"
	    " scopes, networks, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)", e);
	if (st == NULL)
		return false;
	iso8601_format(iso8601_now(), now);
	db_bind_text(st, 1, name);
	db_bind_text(st, 2, key_form_prefix(text_of(out)));
	db_bind_text(st, 3, text_of(digest));
	if (terms->user != 0)
		db_bind_int(st, 4, terms->user);
	else
		db_bind_null(st, 4);
	db_bind_text(st, 5, text_of(now));
	db_bind_text(st, 6, or_else(terms->scopes, TEXT(SCOPE_ALL)));
	db_bind_text(st, 7, or_else(terms->networks, TEXT(NETWORK_ANY)));
	bind_moment(st, 8, terms->expires_at, until);
	result = db_insert(st, &id);
	if (result == DB_NOT_UNIQUE)	/* the name: 48 random bits do not meet */
		return err_set(e, "there is a key '%.*s' already; revoke it first, or take another "
		    "name", (int)name.len, name.at);
	if (result == DB_NO_REFERENCE)
		return err_set(e, "there is no user %lld", (long long)terms->user);
	return result == DB_DONE ? id : err_set(e, "%s", db_message(db));
}

/* Which keys somebody means who writes ?2, at the moment ?1. */
#define MEANT "(name = ?2 OR prefix = ?2 OR (old_prefix = ?2 AND old_until > ?1))"

/* How somebody names a key: one that has leaked is given as it was found. */
static bool
read_name(struct text *which, struct err *e)
{
	if (!text_valid(*which, NULL))
		return err_set(e, "the name of a key must be UTF-8");
	if (key_well_formed(*which))
		*which = key_form_prefix(*which);
	return true;
}

/* Why nothing was changed. */
static bool
fail_change(struct db *db, struct text now, struct text which, struct err *e)
{
	CLEANUP(db_release) struct db_stmt *st = NULL;
	struct text shown = text_cut(which, 100);
	enum db_result result;

	st = db_prepare(db, "SELECT max(revoked_at IS NULL) FROM core_key WHERE " MEANT, e);
	if (st == NULL)
		return false;
	db_bind_text(st, 1, now);
	db_bind_text(st, 2, which);
	result = db_step(st);
	if (result != DB_ROW)
		return err_set(e, "%s", db_message(db));
	if (db_is_null(st, 0))
		return err_set(e, "there is no key '%.*s'", (int)shown.len, shown.at);
	return err_set(e, db_int(st, 0) != 0 ? "the key '%.*s' has expired" :
	    "the key '%.*s' is revoked already", (int)shown.len, shown.at);
}

bool
key_check_overlap(int64_t overlap, struct err *e)
{
	return overlap <= OVERLAP_DAYS * INT64_C(86400000000) ||
	    err_set(e, "the overlap is at most %d days", OVERLAP_DAYS);
}

bool
key_rotate(struct db *db, struct text which, int64_t overlap, char out[KEY_LENGTH + 1],
    struct err *e)
{
	CLEANUP(db_release) struct db_stmt *st = NULL;
	char now[ISO8601_TIME_SIZE], until[ISO8601_TIME_SIZE], digest[2 * KEY_DIGEST + 1];
	int64_t moment = iso8601_now();

	if (!key_check_overlap(overlap, e) || !read_name(&which, e) || !make(out, digest, e))
		return false;
	st = db_prepare(db, "UPDATE core_key SET prefix = ?3, digest = ?4,"
	    " old_prefix = CASE WHEN ?6 <> 0 THEN prefix END,"
	    " old_digest = CASE WHEN ?6 <> 0 THEN digest END,"
	    " old_until = CASE WHEN ?6 <> 0 THEN ?5 END"
	    " WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?1) AND " MEANT, e);
	if (st == NULL)
		return false;
	iso8601_format(moment, now);
	iso8601_format(moment + overlap, until);
	db_bind_text(st, 1, text_of(now));
	db_bind_text(st, 2, which);
	db_bind_text(st, 3, key_form_prefix(text_of(out)));
	db_bind_text(st, 4, text_of(digest));
	db_bind_text(st, 5, text_of(until));
	db_bind_int(st, 6, overlap);
	if (db_step(st) != DB_DONE)
		return err_set(e, "%s", db_message(db));
	return db_changes(db) > 0 || fail_change(db, text_of(now), which, e);
}

bool
key_revoke(struct db *db, struct text which, struct err *e)
{
	CLEANUP(db_release) struct db_stmt *st = NULL;
	char now[ISO8601_TIME_SIZE];

	if (!read_name(&which, e))
		return false;
	st = db_prepare(db, "UPDATE core_key SET revoked_at = ?1"
	    " WHERE revoked_at IS NULL AND " MEANT, e);
	if (st == NULL)
		return false;
	iso8601_format(iso8601_now(), now);
	db_bind_text(st, 1, text_of(now));
	db_bind_text(st, 2, which);
	if (db_step(st) != DB_DONE)
		return err_set(e, "%s", db_message(db));
	return db_changes(db) > 0 || fail_change(db, text_of(now), which, e);
}

#define SELECT_KEYS "SELECT k.id, k.name, k.prefix, k.default_user, u.name, k.scopes, k.networks," \
	" k.created_at, k.expires_at, k.revoked_at, k.last_used_at, k.old_prefix, k.old_until" \
	" FROM core_key k LEFT JOIN core_user u ON u.id = k.default_user"

static bool
each_row(struct db *db, struct db_stmt *st, key_each *each, void *context, struct err *e)
{
	enum db_result result;

	while ((result = db_step(st)) == DB_ROW) {
		struct key key = {
			.id = db_int(st, 0), .name = db_text(st, 1), .prefix = db_text(st, 2),
			.user_id = db_int(st, 3), .user = db_text(st, 4),
			.scopes = db_text(st, 5), .networks = db_text(st, 6),
			.created_at = db_text(st, 7), .expires_at = db_text(st, 8),
			.revoked_at = db_text(st, 9), .last_used_at = db_text(st, 10),
			.old_prefix = db_text(st, 11), .old_until = db_text(st, 12),
		};

		if (!each(context, &key))
			return true;
	}
	return result == DB_DONE || err_set(e, "%s", db_message(db));
}

bool
key_list(struct db *db, key_each *each, void *context, struct err *e)
{
	CLEANUP(db_release) struct db_stmt *st = db_prepare(db, SELECT_KEYS " ORDER BY k.id", e);

	return st != NULL && each_row(db, st, each, context, e);
}

/* What key_find is after. */
struct search {
	struct arena *arena;
	struct key *ret;
	bool full;		/* the arena */
};

static void
keep(struct search *s, struct text *t)
{
	if (t->at == NULL)
		return;
	t->at = arena_copy(s->arena, t->at, t->len);
	s->full |= t->at == NULL;
}

static bool
keep_key(void *context, const struct key *key)
{
	struct search *s = context;
	struct key *k = s->ret;
	struct text *const texts[] = { &k->name, &k->prefix, &k->user, &k->scopes, &k->networks,
		&k->created_at, &k->expires_at, &k->revoked_at, &k->last_used_at, &k->old_prefix,
		&k->old_until };

	*k = *key;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		keep(s, texts[i]);
	return true;
}

bool
key_find(struct db *db, struct arena *arena, int64_t id, struct key *ret, struct err *e)
{
	CLEANUP(db_release) struct db_stmt *st = db_prepare(db, SELECT_KEYS " WHERE k.id = ?1", e);
	struct search s = { .arena = arena, .ret = ret };

	*ret = (struct key){ 0 };
	if (st == NULL)
		return false;
	db_bind_int(st, 1, id);
	if (!each_row(db, st, keep_key, &s, e))
		return false;
	return !s.full || err_set(e, "no memory left for a key");
}

bool
key_named(struct db *db, struct text which, int64_t *id, struct err *e)
{
	CLEANUP(db_release) struct db_stmt *st = NULL;
	char now[ISO8601_TIME_SIZE];
	enum db_result result;

	if (!read_name(&which, e))
		return false;
	st = db_prepare(db, "SELECT id FROM core_key WHERE revoked_at IS NULL AND " MEANT, e);
	if (st == NULL)
		return false;
	iso8601_format(iso8601_now(), now);
	db_bind_text(st, 1, text_of(now));
	db_bind_text(st, 2, which);
	result = db_step(st);
	if (result != DB_ROW && result != DB_DONE)
		return err_set(e, "%s", db_message(db));
	*id = result == DB_ROW ? db_int(st, 0) : 0;
	return true;
}

bool
key_touch(struct db *db, int64_t key, int64_t at, struct err *e)
{
	CLEANUP(db_release) struct db_stmt *st = NULL;
	char now[ISO8601_TIME_SIZE];

	st = db_prepare(db, "UPDATE core_key SET last_used_at = ?1"
	    " WHERE id = ?2 AND (last_used_at IS NULL OR last_used_at < ?1)", e);
	if (st == NULL)
		return false;
	iso8601_format(at, now);
	db_bind_text(st, 1, text_of(now));
	db_bind_int(st, 2, key);
	return db_step(st) == DB_DONE || err_set(e, "%s", db_message(db));
}
