/*
 * command_key.c - helpdesk key create, key list, key rotate, key revoke
 */
#include "command.h"

#include <inttypes.h>
#include <string.h>

#include "audit.h"
#include "conf.h"
#include "db.h"
#include "duration.h"
#include "err.h"
#include "iso8601.h"
#include "json.h"
#include "key.h"
#include "network.h"
#include "scope.h"
#include "suggest.h"
#include "user.h"
#include "wordset.h"

/* The id of --user; without it, *id stays. */
static bool
find_user(struct call *call, int64_t *id)
{
	struct user user;

	if (call->user == NULL)
		return true;
	if (!command_find_user(call, call->user, &user))
		return false;
	*id = user.id;
	return true;
}

/* A span of time that an option gives, in microseconds. */
static bool
read_span(struct call *call, const char *option, const char *given, int64_t *ret)
{
	return duration_read(text_of(given), ret) || command_fail(call, EXIT_USAGE,
	    "--%s: '%s' is no span of time; one is 90s, 15m, 24h, 90d or 0", option, given);
}

/* When the key ends; without an option, *ret stays. */
static bool
read_expiry(struct call *call, struct text *ret)
{
	char *at = arena_alloc(&call->arena, ISO8601_TIME_SIZE);
	int64_t span;

	if (call->expires != NULL && call->expires_in != NULL)
		return command_fail(call, EXIT_USAGE,
		    "--expires and --expires-in cannot both be given");
	if (call->expires_in != NULL && at != NULL) {
		if (!read_span(call, "expires-in", call->expires_in, &span))
			return false;
		iso8601_format(iso8601_now() + span, at);
		*ret = text_of(at);
	} else if (call->expires != NULL && at != NULL) {
		if (!iso8601_time(text_of(call->expires), at))
			return command_fail(call, EXIT_USAGE,
			    "--expires: '%s' is no date or date-time", call->expires);
		*ret = text_of(at);
	}
	return true;
}

static bool
read_terms(struct call *call, struct key_terms *terms)
{
	struct err e;

	if (call->scope != NULL &&
	    !scope_read(&call->arena, text_of(call->scope), &terms->scopes, &e))
		return command_fail(call, EXIT_USAGE, "--scope: %s", e.message);
	if (call->network != NULL &&
	    !network_read(&call->arena, text_of(call->network), &terms->networks, &e))
		return command_fail(call, EXIT_USAGE, "--network: %s", e.message);
	return read_expiry(call, &terms->expires_at);
}

/* Says that a scope is of a module that the site has not, by all that its configuration tells:
 * no line of a module is run for that. */
static void
warn_of_scope(struct call *call, const struct conf_site *site, struct text scope)
{
	const char *colon = memchr(scope.at, ':', scope.len);
	struct suggestion near = { 0 };

	if (colon == NULL)		/* "*" */
		return;
	near.word = arena_copy(&call->arena, scope.at, (size_t)(colon - scope.at));
	if (near.word == NULL)
		return;
	for (size_t i = 0; i < site->module_count; i++)
		suggest_offer(&near, site->modules[i].name);
	if (near.best != NULL && near.distance == 0)
		return;
	fprintf(call->err, "helpdesk: warning: no module of site %s is called '%s'", site->name,
	    near.word);
	if (near.best != NULL)
		fprintf(call->err, "; did you mean '%s'?", near.best);
	fputs("\n", call->err);
}

static void
warn_of_scopes(struct call *call, struct text scopes)
{
	const struct conf_site *site = command_site(call);
	struct text scope;

	while (site != NULL && wordset_next(&scopes, &scope))
		warn_of_scope(call, site, scope);
}

/* Writes down what has become of a key; from is NULL if it is new. */
static bool
audit(struct call *call, const char *action, const struct key *from, int64_t id, struct err *e)
{
	struct key to;
	struct out out;

	if (!key_find(call->db, &call->arena, id, &to, e))
		return false;
	out_init(&out, &call->arena, SIZE_MAX);
	key_changes(&out, from, &to);
	return !out.failed ? audit_write_local(call->db, action, "core_key", id,
	    (struct text){ out.at, out.len }, e) : err_set(e, "no memory left for an audit entry");
}

/* The key that the argument names, if there is one; why there is none is told by whoever is
 * to change it. */
static bool
find_key(struct call *call, struct key *ret, struct err *e)
{
	int64_t id;

	return key_named(call->db, text_of(call->argument), &id, e) &&
	    key_find(call->db, &call->arena, id, ret, e);
}

bool
command_key_create(struct call *call)
{
	struct key_terms terms = { 0 };
	struct text name = text_of(call->name);
	char key[KEY_LENGTH + 1];
	struct err e;
	int64_t id;

	if (!read_terms(call, &terms) || !command_open(call))
		return false;
	if (!db_begin(call->db, &e))
		return command_fail(call, EXIT_FAILED, "%s", e.message);
	if (!find_user(call, &terms.user))
		return false;
	if (!key_create(call->db, name, &terms, key, &e) || !key_named(call->db, name, &id, &e) ||
	    !audit(call, "create", NULL, id, &e) || !db_commit(call->db, &e))
		return command_fail(call, EXIT_FAILED, "%s", e.message);
	warn_of_scopes(call, terms.scopes);
	fprintf(call->out, "%s\n", key);	/* it exists from here on, not before */
	return true;
}

bool
command_key_rotate(struct call *call)
{
	const char *given = call->overlap != NULL ? call->overlap : KEY_OVERLAP;
	char key[KEY_LENGTH + 1];
	struct key from;
	int64_t overlap;
	struct err e;

	if (!read_span(call, "overlap", given, &overlap) || !command_open(call))
		return false;
	if (!db_begin(call->db, &e) || !find_key(call, &from, &e) ||
	    !key_rotate(call->db, text_of(call->argument), overlap, key, &e) ||
	    !audit(call, "rotate", &from, from.id, &e) || !db_commit(call->db, &e))
		return command_fail(call, EXIT_FAILED, "%s", e.message);
	fprintf(call->out, "%s\n", key);
	return true;
}

bool
command_key_revoke(struct call *call)
{
	struct key from;
	struct err e;

	if (!command_open(call))
		return false;
	return (db_begin(call->db, &e) && find_key(call, &from, &e) &&
	    key_revoke(call->db, text_of(call->argument), &e) &&
	    audit(call, "revoke", &from, from.id, &e) && db_commit(call->db, &e)) ||
	    command_fail(call, EXIT_FAILED, "%s", e.message);
}

/* ---- the list ---- */

/* Where a list stands. */
struct printing {
	struct out *out;
	bool first;
	char now[ISO8601_TIME_SIZE];
};

/* Whether a moment that may be absent has passed. */
static bool
is_over(const struct printing *p, struct text at)
{
	return at.at != NULL && strcmp(at.at, p->now) <= 0;
}

static const char *
state_of(const struct printing *p, const struct key *key)
{
	return key->revoked_at.at != NULL ? "revoked" : is_over(p, key->expires_at) ? "expired" :
	    key->old_until.at != NULL && !is_over(p, key->old_until) ? "rotating" : "active";
}

/* To the minute: "2025-02-28 09:45". */
static struct text
shown_moment(struct text at, char out[ISO8601_TIME_SIZE])
{
	if (at.len < sizeof "2025-02-28T09:45" - 1 || at.len >= ISO8601_TIME_SIZE)
		return TEXT("never");
	memcpy(out, at.at, at.len);
	out[10] = ' ';
	return (struct text){ out, sizeof "2025-02-28T09:45" - 1 };
}

/* What a set holds, on a line of its own below the key. */
static void
print_set(struct out *out, const char *what, struct text set)
{
	struct text word;

	out_printf(out, "      %s", what);
	while (wordset_next(&set, &word)) {
		out_char(out, ' ');
		out_text(out, word);
	}
	out_char(out, '\n');
}

static void
print_limits(struct printing *p, const struct key *key)
{
	char until[ISO8601_TIME_SIZE];

	if (!text_equal(key->scopes, TEXT(SCOPE_ALL)))
		print_set(p->out, "may", key->scopes);
	if (!text_equal(key->networks, TEXT(NETWORK_ANY)))
		print_set(p->out, "from", key->networks);
	if (strcmp(state_of(p, key), "rotating") != 0)
		return;
	out_string(p->out, "      until ");
	out_text(p->out, shown_moment(key->old_until, until));
	out_string(p->out, " also with the secret of ");
	out_text(p->out, key->old_prefix);
	out_char(p->out, '\n');
}

/* The widths of the columns; the last has what is left of 100. */
enum { ID = 4, NAME = 18, USER = 14, MOMENT = sizeof "2025-02-28 09:45" - 1 };

static bool
print_line(void *context, const struct key *key)
{
	struct printing *p = context;
	char id[24], used[ISO8601_TIME_SIZE], expires[ISO8601_TIME_SIZE];

	snprintf(id, sizeof id, "%" PRId64, key->id);
	out_cell(p->out, text_of(id), ID);
	out_cell(p->out, key->prefix, KEY_PREFIX_LENGTH);
	out_cell(p->out, key->name, NAME);
	out_cell(p->out, key->user, USER);
	out_cell(p->out, shown_moment(key->last_used_at, used), MOMENT);
	out_cell(p->out, shown_moment(key->expires_at, expires), MOMENT);
	out_string(p->out, state_of(p, key));
	out_char(p->out, '\n');
	print_limits(p, key);
	return !p->out->failed;
}

static void
print_head(struct out *out)
{
	static const struct { const char *name; size_t width; } columns[] = {
		{ "ID", ID }, { "PREFIX", KEY_PREFIX_LENGTH }, { "NAME", NAME }, { "USER", USER },
		{ "LAST USED", MOMENT }, { "EXPIRES", MOMENT },
	};

	for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++)
		out_cell(out, text_of(columns[i].name), columns[i].width);
	out_string(out, "STATE\n");
}

static bool
print_json(void *context, const struct key *key)
{
	struct printing *p = context;
	const struct { const char *name; struct text value; bool json; } members[] = {
		{ "name", key->name }, { "prefix", key->prefix }, { "user", key->user },
		{ "scopes", key->scopes, true }, { "networks", key->networks, true },
		{ "created_at", key->created_at }, { "expires_at", key->expires_at },
		{ "revoked_at", key->revoked_at }, { "last_used_at", key->last_used_at },
		{ "old_prefix", key->old_prefix }, { "old_until", key->old_until },
	};
	bool first = true;

	out_string(p->out, p->first ? "" : ",");
	p->first = false;
	out_string(p->out, "\n{");
	json_name(p->out, &first, "id");
	out_int(p->out, key->id);
	for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
		json_name(p->out, &first, members[i].name);
		if (members[i].json)
			out_text(p->out, members[i].value);
		else
			json_text(p->out, members[i].value);
	}
	out_char(p->out, '}');
	return !p->out->failed;
}

bool
command_key_list(struct call *call)
{
	struct printing p = { .out = &call->printer, .first = true };
	struct err e;

	if (!command_open(call))
		return false;
	iso8601_format(iso8601_now(), p.now);
	if (call->json)
		out_string(p.out, "{\"keys\":[");
	else
		print_head(p.out);
	if (!key_list(call->db, call->json ? print_json : print_line, &p, &e))
		return command_fail(call, EXIT_FAILED, "%s", e.message);
	if (call->json)
		out_string(p.out, "\n]}\n");
	return true;
}
