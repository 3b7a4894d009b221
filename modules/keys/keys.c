/*
 * keys - API keys that keys give away: /api/v1/keys
 *
 * What may be done to a key is decided by the server, which holds whoever asks to his own
 * key; here is only how it is asked for.  All of it needs the scope keys:write.
 */
#include <helpdesk/services.h>

static const struct hd_field fields[] = {
	{ "id", HD_ID },
	{ "name", HD_TEXT, HD_REQUIRED, .max = 120, .doc = "What the key is for" },
	{ "prefix", HD_TEXT, HD_REQUIRED, .doc = "The 12 hex digits that the key begins with" },
	{ "default_user", HD_USER, .doc = "Who is meant where a request names no user" },
	{ "default_user_name", HD_USER_NAME, .of = "default_user" },
	{ "scopes", HD_TAGS, .doc = "What it may do: MODULE:read, MODULE:write, MODULE:* or *" },
	{ "networks", HD_TAGS, .doc = "Where it works; without any, everywhere" },
	{ "created_at", HD_CREATED },
	{ "expires_at", HD_TIME, .doc = "From when on it is refused; null: never" },
	{ "revoked_at", HD_TIME, .doc = "Since when it is refused; null: it is not" },
	{ "last_used_at", HD_TIME, .doc = "To within a minute; null: never" },
	{ "old_until", HD_TIME, .doc = "Until when the secret before the last rotation works; "
	  "null: there is none" },
	{ 0 },
};
static const struct hd_resource resources[] = {
	{ .path = "/keys", .table = "core_key", .one = "key", .many = "keys", .fields = fields,
	  .verbs = HD_LIST | HD_GET, .scope = "keys:write",
	  .doc = "An API key, without its secret" },
	{ 0 },
};

/* POST /keys */
static bool
create(struct hd_req *req)
{
	struct hd_new_key key = {
		.member = "key",
		.name = hd_body_text(req, "name"),
		.user = hd_body_int(req, "default_user"),
		.scopes = hd_body_text(req, "scopes"),
		.networks = hd_body_text(req, "networks"),
		.expires_at = hd_body_text(req, "expires_at"),
	};

	return hd_call(req, HD_SERVICE_KEY_CREATE, &key) && hd_reply(req, 201);
}

/* POST /keys/{id}/rotate */
static bool
rotate(struct hd_req *req)
{
	struct hd_key_rotation wanted = {
		.member = "key",
		.id = hd_param_id(req, "id"),
		.overlap = hd_query(req, "overlap"),
	};

	return hd_call(req, HD_SERVICE_KEY_ROTATE, &wanted) && hd_reply(req, 200);
}

/* DELETE /keys/{id}: the row stays, for what the audit trail refers to. */
static bool
revoke(struct hd_req *req)
{
	int64_t id = hd_param_id(req, "id");

	if (!hd_call(req, HD_SERVICE_KEY_REVOKE, &id))
		return false;
	hd_put_text(req, "status", "revoked");
	hd_put_int(req, "id", id);
	return hd_reply(req, 200);
}

static const struct hd_field new_key[] = {
	{ "name", HD_TEXT, HD_REQUIRED | HD_TRIM, .max = 120, .doc = "What the key is for",
	  .example = "\"Door display\"" },
	{ "default_user", HD_USER, .doc = "Who is meant where a request names no user" },
	{ "scopes", HD_TAGS, .doc = "What it may do: MODULE:read, MODULE:write, MODULE:* or *; "
	  "if it is left out, everything", .value = "[\"*\"]",
	  .example = "[\"tickets:read\"]" },
	{ "networks", HD_TAGS, .doc = "Where it works; without any, everywhere",
	  .example = "[\"10.0.0.0/8\"]" },
	{ "expires_at", HD_TIME, .doc = "From when on it is refused; null: never",
	  .example = "\"2099-01-01T00:00:00\"" },
	{ 0 },
};
static const struct hd_field rotation[] = {
	{ "overlap", HD_TEXT, .max = 16, .doc = "How long the secret before still works: 90m, 24h, "
	  "7d; 0: no longer; at most 30d", .value = "\"24h\"", .example = "\"24h\"" },
	{ 0 },
};

#define JSON_ANSWER(status, text, schema) \
	"\"responses\":{\"" status "\":{\"description\":\"" text "\",\"content\":" \
	"{\"application/json\":{\"schema\":{\"type\":\"object\"," schema "}}}}}}"
#define WITH_SECRET "\"required\":[\"key\"],\"properties\":{\"key\":{\"allOf\":[" \
	"{\"$ref\":\"#/components/schemas/Key\"},{\"type\":\"object\",\"required\":[\"secret\"]," \
	"\"properties\":{\"secret\":{\"type\":\"string\"," \
	"\"pattern\":\"^hp_[0-9a-f]{12}_[0-9A-Za-z]{49}$\"}}}]}}"

static const struct hd_route routes[] = {
	{ "POST", "/keys", HD_WRITE, 0, create, .body = new_key, .openapi =
	    "{\"operationId\":\"createKey\",\"summary\":\"Create a key\","
	    "\"description\":\"The secret is in this answer and never again. The key can do no "
	    "more than the one that makes it: scopes, networks and expiry; another default user "
	    "needs the scope users:write.\","
	    JSON_ANSWER("201", "The key with its secret", WITH_SECRET) },
	{ "DELETE", "/keys/{id}", HD_WRITE, 0, revoke, .openapi =
	    "{\"operationId\":\"revokeKey\",\"summary\":\"Revoke a key\","
	    "\"description\":\"It is refused within a second, and listed with revoked_at.\","
	    JSON_ANSWER("200", "It is revoked", "\"required\":[\"status\",\"id\"],\"properties\":{"
	    "\"status\":{\"type\":\"string\",\"enum\":[\"revoked\"]},"
	    "\"id\":{\"type\":\"integer\"}}") },
	{ "POST", "/keys/{id}/rotate", HD_WRITE, 0, rotate, .query = rotation, .openapi =
	    "{\"operationId\":\"rotateKey\",\"summary\":\"Give a key another secret\","
	    "\"description\":\"The same key with another secret and prefix; the secret before "
	    "works on for the overlap.\","
	    JSON_ANSWER("200", "The key with its new secret", WITH_SECRET) },
	{ 0 },
};

HD_MODULE(keys, "1.0.0", .doc = "API keys: listed, made, rotated and revoked with keys",
    .resources = resources, .routes = routes);
