/*
 * command_user.c - helpdesk user add, user list
 */
#include "command.h"

#include <inttypes.h>

#include "db.h"
#include "err.h"
#include "json.h"
#include "user.h"

bool
command_user_add(struct call *call)
{
	struct user user = { 0, text_of(call->argument), text_of(call->email),
		text_of(call->full_name) };
	struct err e;
	int64_t id;

	if (!command_open(call))
		return false;
	if (!db_begin(call->db, &e) || !user_add(call->db, &call->arena, &user, &id, &e) ||
	    !db_commit(call->db, &e))
		return command_fail(call, EXIT_FAILED, "%s", e.message);
	fprintf(call->out, "%" PRId64 "\n", id);
	return true;
}

/* Where a list stands. */
struct printing {
	struct out *out;
	bool first;
};

static bool
print_line(void *context, const struct user *user)
{
	struct printing *p = context;

	out_printf(p->out, "%" PRId64 "\t%.*s\t%.*s\t%.*s\n", user->id, (int)user->name.len,
	    user->name.at, (int)user->email.len, user->email.at, (int)user->full_name.len,
	    user->full_name.at);
	return !p->out->failed;
}

static bool
print_json(void *context, const struct user *user)
{
	struct printing *p = context;
	bool first = true;

	out_string(p->out, p->first ? "" : ",");
	p->first = false;
	out_string(p->out, "\n{");
	json_name(p->out, &first, "id");
	out_int(p->out, user->id);
	json_name(p->out, &first, "name");
	json_text(p->out, user->name);
	json_name(p->out, &first, "email");
	json_text(p->out, user->email);
	json_name(p->out, &first, "full_name");
	json_text(p->out, user->full_name);
	out_char(p->out, '}');
	return !p->out->failed;
}

bool
command_user_list(struct call *call)
{
	struct printing p = { &call->printer, true };
	struct err e;

	if (!command_open(call))
		return false;
	out_string(p.out, call->json ? "{\"users\":[" : "ID\tNAME\tEMAIL\tFULL NAME\n");
	if (!user_list(call->db, call->json ? print_json : print_line, &p, &e))
		return command_fail(call, EXIT_FAILED, "%s", e.message);
	if (call->json)
		out_string(p.out, "\n]}\n");
	return true;
}
