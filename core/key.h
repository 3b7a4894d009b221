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
struct out;

enum { KEY_PREFIX_LENGTH = 12, KEY_SECRET_LENGTH = 49, KEY_LENGTH = 3 + 12 + 1 + 49 };

/* Whether it has the form of a key and its check digits are right.  No look-up. */
bool key_well_formed(struct text key);

/* What a key may do, from where, and until when. */
struct key_terms {
	struct text scopes;		/* a set (scope.h); absent: everything */
	struct text networks;		/* a set (network.h); absent: everywhere */
	struct text expires_at;		/* ISO 8601; absent: never */
	int64_t user;			/* its default user, or 0 */
};

/*
 * Whether a key can have this name: 1 to 120 characters, and neither of the form of the 12
 * hex digits nor of a whole key, which stand for a key themselves.  False with a sentence.
 * Asks no database.
 */
bool key_check_name(struct text name, struct err *);

/* Likewise whether it can have this expiry (absent: never), which must be a moment after now
 * (microseconds since 1970). */
bool key_check_expiry(struct text expires_at, int64_t now, struct err *);

/*
 * Makes a key inside the caller's transaction; its name is unique among keys that are not
 * revoked.  The key is written to out, with a NUL; it can never be had again.  Returns its
 * id; 0 with a sentence.
 */
int64_t key_create(struct db *, struct text name, const struct key_terms *,
    char out[KEY_LENGTH + 1], struct err *);

/* How long the secret before a rotation works if nobody says otherwise; see duration.h. */
#define KEY_OVERLAP "24h"

/* Whether it can work for so many microseconds more: at most 30 days.  False with a sentence. */
bool key_check_overlap(int64_t overlap, struct err *);

/*
 * Gives a key another secret, and with it other 12 hex digits, inside the caller's
 * transaction; all else stays.  The secret before works for overlap microseconds more, one
 * from an earlier rotation no longer.  which is as in key_revoke; false with a sentence if
 * there is no such key, or it is revoked or has expired, or the overlap is too long.
 */
bool key_rotate(struct db *, struct text which, int64_t overlap, char out[KEY_LENGTH + 1],
    struct err *);

/*
 * Revokes by name, by the 12 hex digits, or by the whole key, inside the caller's
 * transaction; false with a sentence if there is none, or it is revoked already.  A secret
 * that a rotation has left working names its key too, and is revoked with it.
 */
bool key_revoke(struct db *, struct text which, struct err *);

struct key {
	int64_t id;
	struct text name, prefix;
	int64_t user_id;			/* the default user, or 0 */
	struct text user;			/* name of the default user, or absent */
	struct text scopes, networks;		/* sets: scope.h, network.h */
	struct text created_at, expires_at, revoked_at, last_used_at;	/* absent: never */
	struct text old_prefix, old_until;	/* of the secret before the last rotation */
};

/* Calls each for every key in order of id, until it says false, which is no failure.
 * The texts last until each returns. */
typedef bool key_each(void *context, const struct key *);
bool key_list(struct db *, key_each *, void *context, struct err *);

/* The key with this id, its texts in the arena; ret->id is 0 if there is none. */
bool key_find(struct db *, struct arena *, int64_t id, struct key *ret, struct err *);

/* The id of the key that is not revoked and that which names, as in key_revoke; 0: there is
 * none. */
bool key_named(struct db *, struct text which, int64_t *id, struct err *);

/* What has become of a key, as an audit entry has it: a JSON object of [old, new] by member.
 * from is NULL for a new key.  No secret and no digest is in it. */
void key_changes(struct out *, const struct key *from, const struct key *to);

/* ---- verifying, with a cache that belongs to one thread and one site ---- */

/* A client as the request sees it; its texts have a NUL behind. */
struct client {
	struct hd_client hd;		/* what a module sees */
	int64_t seen_at;		/* when this key's use was last written down, or is about
					 * to be; microseconds */
	uint64_t prefix;		/* the 12 hex digits, as a number */
	struct text scopes, networks;	/* sets: scope.h, network.h */
	struct text expires_at;		/* absent: never; of a secret that a rotation has
					 * replaced, at most until the overlap ends */
	bool replaced;			/* it came with the secret before a rotation */
};

/*
 * Whether a key with these terms could do no more than the client's own: its scopes and
 * networks are among the client's, it does not outlive it, and its default user is the
 * client's own or nobody, unless the client may change users.  False with what is too much:
 * "the scope 'tickets:write'"; *which, if wanted, is then "scopes", "networks", "expires_at"
 * or "default_user".
 */
bool key_within(const struct key_terms *, const struct client *, const char **which,
    struct err *);

/*
 * The client as its key is now, which may have been rotated since it was believed: to be asked
 * before a key is changed, inside the transaction that does.  Texts are in the arena, or the
 * client's.
 */
bool key_client_now(struct db *, struct arena *, const struct client *, struct text now,
    struct client *ret, struct err *);

enum key_verdict { KEY_ACCEPTED, KEY_REFUSED, KEY_FAULT };

/* NULL if OpenSSL has no SHA-256 for us. */
struct key_cache *key_cache_new(void);
void key_cache_free(struct key_cache *);	/* NULL is fine */

/* Forgets the keys that are not believed any more: call it now and then. */
void key_cache_tidy(struct key_cache *, int64_t now);

/*
 * Whose key this is.  Also the secret before a rotation counts, while its overlap lasts; a
 * default user who is not active counts as none.  A verified key is believed for half a
 * second before the database is asked again, so that a revocation from anywhere takes effect
 * within one; a refused key is never remembered.  now: microseconds since 1970.  *ret is the
 * cache's, and lasts until the next key is verified.  The cache is bounded.
 */
enum key_verdict key_verify(struct key_cache *, struct db *, struct text key, int64_t now,
    const struct client **ret, struct err *);

/* A copy of a client that lasts as long as the arena; NULL over its limit. */
const struct client *key_client_copy(struct arena *, const struct client *);

/*
 * Whether the use of the client's key should be written down now: once a minute at
 * most.  Says so once; the caller then sees to it that key_touch is run.
 */
bool key_use_is_due(struct key_cache *, const struct client *, int64_t now);

/* Writes down when a key was last used, inside the caller's transaction. */
bool key_touch(struct db *, int64_t key, int64_t at, struct err *);

#endif
