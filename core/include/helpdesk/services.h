/*
 * services.h - what the server itself offers at hd_call
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef HELPDESK_SERVICES_H
#define HELPDESK_SERVICES_H

#include <helpdesk/plugin.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Answers with the site's OpenAPI document, before anything else was written; no argument. */
#define HD_SERVICE_OPENAPI "core.openapi/1"

/* Why the site does not serve all it should: a const char ** that becomes a JSON array of
 * sentences, or NULL: it does. */
#define HD_SERVICE_NOT_READY "core.not_ready/1"

/*
 * Makes an API key (struct hd_new_key), in HD_WRITE, and writes it into the answer as the
 * member .member, with its secret, which can never be had again.  The client's own key must
 * be able to do all that the new one can: its scopes and networks, no later expiry, and no
 * default user but its own unless it has the scope users:write.  The server writes the audit
 * entry.  Fails with 400 for what is no name, scope, network or moment to come, or a user who
 * is deactivated, 403 for a key that could do more than the client's, 409 for a name that is
 * taken.
 */
#define HD_SERVICE_KEY_CREATE "core.key_create/1"

/* What is to become of a new API key. */
struct hd_new_key {
	const char *member;	 /* of the answer: "key" */
	const char *name;	 /* what it is for; no other key's that is not revoked */
	int64_t user;		 /* its default user, or 0 */
	const char *scopes;	 /* what it may do, as JSON: ["tickets:read"]; NULL: everything */
	const char *networks;	 /* where it works, likewise: ["10.0.0.0/8"]; NULL: everywhere */
	const char *expires_at;	 /* date-time; NULL: never */
};

/*
 * Gives a key another secret (struct hd_key_rotation), in HD_WRITE, and writes the key into
 * the answer as above.  The server writes the audit entry.  Fails with 400 for no span of time
 * or too long a one, 403 for a key that can do more than the client's, or if the client came
 * with a secret that a rotation has replaced, 404 for an unknown key, 409 for one that is
 * revoked or has expired, 412 for one that has changed since If-Match.
 */
#define HD_SERVICE_KEY_ROTATE "core.key_rotate/1"

struct hd_key_rotation {
	const char *member;	 /* of the answer: "key" */
	int64_t id;
	const char *overlap;	 /* how long the secret before works on: "90s", "15m", "24h", "7d"
				  * or "0", at most 30 days; NULL: 24 hours */
};

/*
 * Revokes the key with the id that the argument, an int64_t *, points to, in HD_WRITE; it is
 * refused within a second.  The server writes the audit entry.  Fails with 403, 404 and 412 as
 * above, and 409 for one that is revoked already.
 */
#define HD_SERVICE_KEY_REVOKE "core.key_revoke/1"

#ifdef __cplusplus
}
#endif
#endif
