/*
 * key_terms.c - whether one key may do no more than another
 */
#include "key.h"

#include "err.h"
#include "iso8601.h"
#include "network.h"
#include "scope.h"

/* False with *e saying what is too much. */
typedef bool within(const struct key_terms *, const struct client *, struct err *);

static bool
scopes_within(const struct key_terms *terms, const struct client *client, struct err *e)
{
	struct text scopes = terms->scopes.at != NULL ? terms->scopes : TEXT(SCOPE_ALL), beyond;

	return scope_within(scopes, client->scopes, &beyond) ||
	    err_set(e, "the scope '%.*s'", TEXT_SHOWN(beyond));
}

static bool
networks_within(const struct key_terms *terms, const struct client *client, struct err *e)
{
	struct text networks = terms->networks.at != NULL ? terms->networks : TEXT(NETWORK_ANY);
	struct text beyond;

	if (network_within(networks, client->networks, &beyond))
		return true;
	return beyond.at == NULL ? err_set(e, "any network") :
	    err_set(e, "the network %.*s", TEXT_SHOWN(beyond));
}

static bool
expiry_within(const struct key_terms *terms, const struct client *client, struct err *e)
{
	int64_t inner, outer;

	if (client->expires_at.at == NULL)
		return true;
	if (terms->expires_at.at == NULL)
		return err_set(e, "no expiry");
	return (iso8601_moment(terms->expires_at, &inner) &&
	    iso8601_moment(client->expires_at, &outer) && inner <= outer) ||
	    err_set(e, "an expiry after %.*s", TEXT_SHOWN(client->expires_at));
}

/* Who acts for somebody else is held to what may change users. */
static bool
user_within(const struct key_terms *terms, const struct client *client, struct err *e)
{
	return terms->user == 0 || terms->user == client->hd.user ||
	    scope_allows(client->scopes, TEXT("users:write")) ||
	    err_set(e, "another default user");
}

static const struct {
	const char *which;
	within *check;
} checks[] = {
	{ "scopes", scopes_within }, { "networks", networks_within },
	{ "expires_at", expiry_within }, { "default_user", user_within },
};

bool
key_within(const struct key_terms *terms, const struct client *client, const char **which,
    struct err *e)
{
	for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++)
		if (!checks[i].check(terms, client, e)) {
			if (which != NULL)
				*which = checks[i].which;
			return false;
		}
	return true;
}
