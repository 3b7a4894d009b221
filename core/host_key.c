/*
 * host_key.c - API keys as a module's code sees them
 *
 * Whoever asks is held to his own key: nothing is made, rotated or revoked here that can do
 * more than the key that the request came with.  A secret goes into the answer and nowhere
 * else.
 */
#include "host_key.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "arena.h"
#include "audit.h"
#include "db.h"
#include "duration.h"
#include "err.h"
#include "etag.h"
#include "json.h"
#include "key.h"
#include "network.h"
#include "out.h"
#include "request.h"
#include "scope.h"
#include "user.h"

static struct request *
request_of(struct hd_req *hd)
{
	return (struct request *)(void *)hd;
}

/* Whether the handler may change keys, and there is somebody to hold it to. */
static bool
may_change(struct request *req)
{
	if (req->status != 0)
		return false;
	if (req->stage == REQUEST_WRITES && req->client != NULL)
		return true;
	return request_fail_inside(req, "module %s changes a key in %s %s, %s",
	    req->route->module, req->route->method, req->route->path,
	    req->client == NULL ? "which is HD_PUBLIC" : "where it may not write");
}

/* What asking for keys failed with is a failure of the database. */
static bool
fail_db(struct request *req)
{
	return request_fail_db(req, db_last_failure(req->db));
}

/* ---- a key as JSON ---- */

/* As the resource that serves the table writes it (modules/keys). */
static void
write_members(struct out *out, const struct key *key)
{
	const struct { const char *name; struct text value; } moments[] = {
		{ "created_at", key->created_at }, { "expires_at", key->expires_at },
		{ "revoked_at", key->revoked_at }, { "last_used_at", key->last_used_at },
		{ "old_until", key->old_until },
	};

	out_string(out, "{\"id\":");
	out_int(out, key->id);
	out_string(out, ",\"name\":");
	json_text(out, key->name);
	out_string(out, ",\"prefix\":");
	json_text(out, key->prefix);
	out_string(out, ",\"default_user\":");
	if (key->user_id != 0)
		out_int(out, key->user_id);
	else
		out_string(out, "null");
	out_string(out, ",\"default_user_name\":");
	json_text(out, key->user);
	out_string(out, ",\"scopes\":");
	out_text(out, key->scopes);
	out_string(out, ",\"networks\":");
	out_text(out, key->networks);
	for (size_t i = 0; i < sizeof moments / sizeof moments[0]; i++) {
		out_printf(out, ",\"%s\":", moments[i].name);
		json_text(out, moments[i].value);
	}
}

static bool
fail_absent(struct request *req, int64_t id)
{
	return request_fail(req, 404, "not_found", NULL, "No key %lld.", (long long)id);
}

/* The key with the id; id 0 in *ret if there is none. */
static bool
look_up(struct request *req, int64_t id, struct key *ret)
{
	struct err e;

	return key_find(req->db, &req->arena, id, ret, &e) || fail_db(req);
}

/* Puts a key into the answer, with its secret; the answer is nobody's to keep. */
static bool
put(struct hd_req *hd, const char *name, const struct key *key, const char *secret)
{
	struct request *req = request_of(hd);
	struct out out;

	out_init(&out, &req->arena, SIZE_MAX);
	write_members(&out, key);
	out_string(&out, ",\"secret\":");
	json_text(&out, text_of(secret));
	out_bytes(&out, "}", 2);	/* with its NUL */
	if (out.failed)
		return request_fail_memory(req);
	req->answer_secret = true;
	hd->host->put_json(hd, name, out.at);
	return true;
}

/* Writes the entry of what has become of a key; *to is then how it is now. */
static bool
audit(struct request *req, const char *action, const struct key *from, int64_t id,
    struct key *to)
{
	struct out out;

	if (!look_up(req, id, to))
		return false;
	if (to->id == 0)
		return request_fail_inside(req, "key %lld is gone", (long long)id);
	out_init(&out, &req->arena, SIZE_MAX);
	key_changes(&out, from, to);
	return !out.failed ? audit_write(req, action, "core_key", id,
	    (struct text){ out.at, out.len }) : request_fail_memory(req);
}

/* ---- the key that is meant ---- */

/* The client, not as the cache believes it. */
static bool
client_now(struct request *req, struct client *ret)
{
	struct err e;

	return key_client_now(req->db, &req->arena, req->client, text_of(req->now_text), ret,
	    &e) || fail_db(req);
}

static bool
check_within(struct request *req, const struct key_terms *terms, const char *verb, bool given)
{
	struct client client;
	const char *which;
	struct err e;

	if (!client_now(req, &client))
		return false;
	return key_within(terms, &client, &which, &e) ||
	    request_fail_sentence(req, 403, "scope", given ? which : NULL,
	    "A key cannot %s one that can do more than itself: %s.", verb, e.message);
}

/* Whoever has a secret that was replaced may have found it: it must not end the one that
 * replaced it, nor get at others. */
static bool
check_current(struct request *req, const char *verb)
{
	struct client client;

	if (!client_now(req, &client))
		return false;
	return !client.replaced || request_fail(req, 403, "scope", NULL,
	    "The secret of this key was replaced; it cannot %s a key any more.", verb);
}

/* Whether the key is still what the client has read, where it says so (If-Match). */
static bool
check_tag(struct request *req, const struct key *key)
{
	struct etag etag = { 0 };
	char tag[ETAG_SIZE];
	struct out out;

	if (request_header(req, "if-match").at == NULL)
		return true;
	out_init(&out, &req->arena, SIZE_MAX);
	write_members(&out, key);
	out_char(&out, '}');
	if (out.failed)
		return request_fail_memory(req);
	etag_add(&etag, (struct text){ out.at, out.len });
	etag_finish(&etag, tag);
	return request_lists_tag(req, "if-match", text_of(tag), ETAG_STRONGLY) ||
	    request_fail_sentence(req, 412, "precondition", "If-Match",
	    "The key has changed since it was read; fetch it again.");
}

/* The key with the id, if the client's may do this to it.  gives: its secret comes back,
 * with which one acts as its default user. */
static bool
find(struct request *req, int64_t id, const char *verb, bool gives, struct key *ret)
{
	struct key_terms terms;

	if (!check_current(req, verb) || !look_up(req, id, ret))
		return false;
	if (ret->id == 0)
		return fail_absent(req, id);
	terms = (struct key_terms){ ret->scopes, ret->networks, ret->expires_at,
	    gives ? ret->user_id : 0 };
	if (!check_within(req, &terms, verb, false) || !check_tag(req, ret))
		return false;
	return ret->revoked_at.at == NULL || request_fail(req, 409, "conflict", NULL,
	    "The key '%.*s' is revoked already.", TEXT_SHOWN(ret->name));
}

/* ---- making ---- */

typedef bool set_read(struct arena *, struct text list, struct text *ret, struct err *);

/* The set that a JSON array of text is; NULL leaves it absent. */
static bool
read_set(struct request *req, const char *field, const char *array, set_read *read,
    struct text *ret)
{
	const struct json *list, *word;
	struct out out;
	struct err e;

	if (array == NULL)
		return true;
	if (!json_parse(&req->arena, text_of(array), &list, &e) || list->kind != JSON_ARRAY)
		return request_fail(req, 400, "type", field, "must be a list of text");
	out_init(&out, &req->arena, SIZE_MAX);
	for (word = list->first; word != NULL; word = word->next) {
		out_text(&out, word->text);
		out_char(&out, ',');
	}
	if (out.failed)
		return request_fail_memory(req);
	return read(&req->arena, (struct text){ out.at, out.len }, ret, &e) ||
	    request_fail(req, 400, "invalid", field, "%s", e.message);
}

static bool
read_terms(struct request *req, const struct hd_new_key *key, struct key_terms *terms)
{
	bool good = read_set(req, "scopes", key->scopes, scope_read, &terms->scopes);

	terms->user = key->user;
	terms->expires_at = text_of(key->expires_at);
	return read_set(req, "networks", key->networks, network_read, &terms->networks) && good;
}

static bool
check_key(struct request *req, struct text name, const struct key_terms *terms)
{
	int64_t other;
	struct err e;

	if (!key_check_name(name, &e))
		return request_fail(req, 400, "invalid", "name", "%s", e.message);
	if (!key_check_expiry(terms->expires_at, req->now, &e))
		return request_fail(req, 400, "invalid", "expires_at", "%s", e.message);
	if (!key_named(req->db, name, &other, &e))
		return fail_db(req);
	return other == 0 || request_fail(req, 409, "taken", "name", "'%.*s' is taken",
	    TEXT_SHOWN(name));
}

/* Who is deactivated comes to no new place. */
static bool
check_user(struct request *req, int64_t id)
{
	struct user user;
	char digits[24];
	struct err e;

	if (id == 0)
		return true;
	snprintf(digits, sizeof digits, "%" PRId64, id);
	switch (user_find(req->db, &req->arena, text_of(digits), &user, &e)) {
	case USER_FOUND:
		return user.active || request_fail(req, 400, "inactive_user", "default_user",
		    "user '%.*s' is deactivated", TEXT_SHOWN(user.name));
	case USER_ABSENT:
		return request_fail(req, 400, "unknown_user", "default_user", "no user %s", digits);
	default:
		return fail_db(req);
	}
}

static bool
read_overlap(struct request *req, const char *overlap, int64_t *span)
{
	struct text given = text_of(overlap != NULL ? overlap : KEY_OVERLAP);
	struct err e;

	if (!duration_read(given, span))
		return request_fail(req, 400, "invalid", "overlap",
		    "'%.*s' is no span of time; one is 90s, 15m, 24h, 7d or 0", TEXT_SHOWN(given));
	return key_check_overlap(*span, &e) ||
	    request_fail(req, 400, "invalid", "overlap", "%s", e.message);
}

/* ---- what is done ---- */

bool
host_key_create(struct hd_req *hd, void *argument)
{
	const struct hd_new_key *key = argument;
	struct request *req = request_of(hd);
	struct text called = text_of(key->name);
	struct key_terms terms = { 0 };
	char secret[KEY_LENGTH + 1];
	struct key made;
	struct err e;
	int64_t id;

	if (!may_change(req) || !read_terms(req, key, &terms) || !check_key(req, called, &terms) ||
	    !check_user(req, terms.user) || !check_within(req, &terms, "make", true))
		return false;
	id = key_create(req->db, called, &terms, secret, &e);
	if (id == 0)
		return request_fail_inside(req, "%s", e.message);
	return audit(req, "create", NULL, id, &made) && put(hd, key->member, &made, secret);
}

bool
host_key_rotate(struct hd_req *hd, void *argument)
{
	const struct hd_key_rotation *wanted = argument;
	struct request *req = request_of(hd);
	char secret[KEY_LENGTH + 1];
	struct key from, to;
	struct err e;
	int64_t span;

	if (!may_change(req) || !read_overlap(req, wanted->overlap, &span) ||
	    !find(req, wanted->id, "rotate", true, &from))
		return false;
	if (from.expires_at.at != NULL && strcmp(from.expires_at.at, req->now_text) <= 0)
		return request_fail(req, 409, "conflict", NULL, "The key '%.*s' has expired.",
		    TEXT_SHOWN(from.name));
	if (!key_rotate(req->db, from.prefix, span, secret, &e))
		return request_fail_inside(req, "%s", e.message);
	return audit(req, "rotate", &from, wanted->id, &to) &&
	    put(hd, wanted->member, &to, secret);
}

bool
host_key_revoke(struct hd_req *hd, void *argument)
{
	const int64_t id = *(const int64_t *)argument;
	struct request *req = request_of(hd);
	struct key from, to;
	struct err e;

	if (!may_change(req) || !find(req, id, "revoke", false, &from))
		return false;
	if (!key_revoke(req->db, from.prefix, &e))
		return request_fail_inside(req, "%s", e.message);
	return audit(req, "revoke", &from, id, &to);
}
