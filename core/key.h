/*
 * key.h - API keys, and who calls with one
 *
 * A key is hp_<12 hex digits>_<secret>: the digits find the row, the secret is 43
 * base62 characters (256 random bits) and 6 more that are the CRC-32 of the key up to
 * there ("hp_", digits, "_" and 43 characters; zlib's crc32, in base 62, padded with
 * '0'; the digits of base 62 are 0-9, A-Z, a-z, most significant first), so a mistyped
 * key is refused without a look-up.  Only the SHA-256 of the whole key is kept; it is
 * compared in constant time, and an unknown prefix takes the same path as a wrong secret.
 */
#ifndef KEY_H
#define KEY_H

#include <stdbool.h>
#include <stdint.h>

#include <helpdesk/plugin.h>

#include "text.h"

struct arena;
struct db;
struct err;
struct key_cache;

enum { KEY_PREFIX_LENGTH = 12, KEY_SECRET_LENGTH = 49, KEY_LENGTH = 3 + 12 + 1 + 49 };

/* Whether it has the form of a key and its check digits are right.  No look-up. */
bool key_well_formed(struct text key);

/*
 * Makes a key inside the caller's transaction: name (1 to 120 characters, unique among keys
 * that are not revoked, and not of the form of the 12 hex digits), default user or 0.
 * The key is written to out, with a NUL; it can never be had again.
 */
bool key_create(struct db *, struct text name, int64_t user, char out[KEY_LENGTH + 1],
    struct err *);

/*
 * Revokes by name, by the 12 hex digits, or by the whole key, inside the caller's
 * transaction; false with a sentence if there is none, or it is revoked already.
 */
bool key_revoke(struct db *, struct text which, struct err *);

struct key {
	int64_t id;
	struct text name, prefix;
	struct text user;			/* name of the default user, or absent */
	struct text created_at, expires_at, revoked_at, last_used_at;	/* absent: never */
};

/* Calls each for every key in order of id, until it says false, which is no failure.
 * The texts last until each returns. */
typedef bool key_each(void *context, const struct key *);
bool key_list(struct db *, key_each *, void *context, struct err *);

/* ---- verifying, with a cache that belongs to one thread and one site ---- */

/* A client as the request sees it; its texts have a NUL behind. */
struct client {
	struct hd_client hd;		/* what a module sees */
	int64_t seen_at;		/* when this key's use was last written down, or is about
					 * to be; microseconds */
	uint64_t prefix;		/* the 12 hex digits, as a number */
};

enum key_verdict { KEY_ACCEPTED, KEY_REFUSED, KEY_FAULT };

/* NULL if OpenSSL has no SHA-256 for us. */
struct key_cache *key_cache_new(void);
void key_cache_free(struct key_cache *);	/* NULL is fine */

/*
 * Whose key this is.  A verified key is believed for half a second before the
 * database is asked again, so that a revocation from anywhere takes effect within
 * one; a refused key is never remembered.  now: microseconds since 1970.  *ret is a
 * copy in the arena, and the request's own.  The cache is bounded.
 */
enum key_verdict key_verify(struct key_cache *, struct db *, struct arena *, struct text key,
    int64_t now, const struct client **ret, struct err *);

/*
 * Whether the use of the client's key should be written down now: once a minute at
 * most.  Says so once; the caller then sees to it that key_touch is run.
 */
bool key_use_is_due(struct key_cache *, const struct client *, int64_t now);

/* Writes down when a key was last used, inside the caller's transaction. */
bool key_touch(struct db *, int64_t key, int64_t at, struct err *);

#endif
