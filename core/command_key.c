/*
 * command_key.c - helpdesk key create, key list, key revoke
 */
#include "command.h"

#include <inttypes.h>

#include "db.h"
#include "err.h"
#include "json.h"
#include "key.h"
#include "user.h"

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

bool
command_key_create(struct call *call)
{
	char key[KEY_LENGTH + 1];
	struct err e;
	int64_t user = 0;

	if (!command_open(call))
		return false;
	if (!db_begin(call->db, &e))
		return command_fail(call, EXIT_FAILED, "%s", e.message);
	if (!find_user(call, &user))
		return false;
	if (!key_create(call->db, text_of(call->name), user, key, &e) || !db_commit(call->db, &e))
		return command_fail(call, EXIT_FAILED, "%s", e.message);
	fprintf(call->out, "%s\n", key);	/* it exists from here on, not before */
	return true;
}

bool
command_key_revoke(struct call *call)
{
	struct err e;

	if (!command_open(call))
		return false;
	return (db_begin(call->db, &e) && key_revoke(call->db, text_of(call->argument), &e) &&
	    db_commit(call->db, &e)) || command_fail(call, EXIT_FAILED, "%s", e.message);
}

/* Where a list stands. */
struct printing {
	struct out *out;
	bool first;
};

static bool
print_line(void *context, const struct key *key)
{
	struct printing *p = context;
	const struct text columns[] = { key->prefix, key->name, key->user, key->created_at,
		key->last_used_at, key->revoked_at };

	out_int(p->out, key->id);
	for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
		out_char(p->out, '\t');
		out_text(p->out, columns[i]);
	}
	out_char(p->out, '\n');
	return !p->out->failed;
}

static bool
print_json(void *context, const struct key *key)
{
	struct printing *p = context;
	const struct { const char *name; struct text value; } members[] = {
		{ "name", key->name }, { "prefix", key->prefix }, { "user", key->user },
		{ "created_at", key->created_at }, { "expires_at", key->expires_at },
		{ "revoked_at", key->revoked_at }, { "last_used_at", key->last_used_at },
	};
	bool first = true;

	out_string(p->out, p->first ? "" : ",");
	p->first = false;
	out_string(p->out, "\n{");
	json_name(p->out, &first, "id");
	out_int(p->out, key->id);
	for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
		json_name(p->out, &first, members[i].name);
		json_text(p->out, members[i].value);
	}
	out_char(p->out, '}');
	return !p->out->failed;
}

bool
command_key_list(struct call *call)
{
	struct printing p = { &call->printer, true };
	struct err e;

	if (!command_open(call))
		return false;
	out_string(p.out, call->json ? "{\"keys\":[" :
	    "ID\tPREFIX\tNAME\tUSER\tCREATED\tLAST USED\tREVOKED\n");
	if (!key_list(call->db, call->json ? print_json : print_line, &p, &e))
		return command_fail(call, EXIT_FAILED, "%s", e.message);
	if (call->json)
		out_string(p.out, "\n]}\n");
	return true;
}
