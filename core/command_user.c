/*
 * command_user.c - helpdesk user add, list, show, edit, deactivate, activate
 *
 * Each change writes its audit entry, as a change by the API does.
 */
#include "command.h"

#include <inttypes.h>

#include "audit.h"
#include "db.h"
#include "err.h"
#include "json.h"
#include "user.h"

bool
command_find_user(struct call *call, const char *reference, struct user *ret)
{
	struct err e;

	switch (user_find(call->db, &call->arena, text_of(reference), ret, &e)) {
	case USER_FOUND:
		return true;
	case USER_ABSENT:
		return command_fail(call, EXIT_FAILED, "there is no user '%s'", reference);
	default:
		return command_fail(call, EXIT_FAILED, "%s", e.message);
	}
}

/* ---- changing ---- */

static void
write_text_change(struct out *out, bool *first, const char *name, struct text from,
    struct text to)
{
	if (text_equal(from, to))
		return;
	json_name(out, first, name);
	out_char(out, '[');
	json_text(out, from);
	out_char(out, ',');
	json_text(out, to);
	out_char(out, ']');
}

/* What an entry says: {"email":[old,new]}, in the order of the fields of /users; from
 * NULL: was not there. */
static void
write_changes(struct out *out, const struct user *from, const struct user *to)
{
	static const struct user nobody = { .id = 0 };
	const struct user *was = from != NULL ? from : &nobody;
	bool first = true;

	out_char(out, '{');
	write_text_change(out, &first, "name", was->name, to->name);
	write_text_change(out, &first, "full_name", was->full_name, to->full_name);
	write_text_change(out, &first, "email", was->email, to->email);
	if (from == NULL || from->active != to->active) {
		json_name(out, &first, "active");
		out_string(out, from == NULL ? "[null," : from->active ? "[true," : "[false,");
		out_string(out, to->active ? "true]" : "false]");
	}
	out_char(out, '}');
}

static bool
audit(struct call *call, const char *action, const struct user *from, const struct user *to,
    struct err *e)
{
	enum { NOTHING = 2 };	/* the length of "{}" */
	struct out out;

	out_init(&out, &call->arena, SIZE_MAX);
	write_changes(&out, from, to);
	if (out.failed)
		return err_set(e, "no memory left for an audit entry");
	return out.len == NOTHING || audit_write_local(call->db, action, "core_user", to->id,
	    (struct text){ out.at, out.len }, e);
}

/* The entry of a user who was added, as the database has it. */
static bool
audit_new(struct call *call, int64_t id, struct err *e)
{
	const char *reference = arena_printf(&call->arena, "%" PRId64, id);
	struct user user;

	return user_find(call->db, &call->arena, text_of(reference), &user, e) == USER_FOUND &&
	    audit(call, "create", NULL, &user, e);
}

bool
command_user_add(struct call *call)
{
	struct user user = { .name = text_of(call->argument), .email = text_of(call->email),
		.full_name = text_of(call->full_name) };
	struct err e = { "the new user is lost" };
	int64_t id;

	if (!command_open(call))
		return false;
	if (!db_begin(call->db, &e) || !user_add(call->db, &call->arena, &user, &id, &e) ||
	    !audit_new(call, id, &e) || !db_commit(call->db, &e))
		return command_fail(call, EXIT_FAILED, "%s", e.message);
	fprintf(call->out, "%" PRId64 "\n", id);
	return true;
}

/* Opens the database and finds the user that is to be changed, in a transaction. */
static bool
begin(struct call *call, struct user *user)
{
	struct err e;

	if (!command_open(call))
		return false;
	if (!db_begin(call->db, &e))
		return command_fail(call, EXIT_FAILED, "%s", e.message);
	return command_find_user(call, call->argument, user);
}

static bool
change(struct call *call, const char *action, const struct user *from, const struct user *to)
{
	struct user now;
	struct err e;

	return (user_change(call->db, &call->arena, from, to, &now, &e) &&
	    audit(call, action, from, &now, &e) && db_commit(call->db, &e)) ||
	    command_fail(call, EXIT_FAILED, "%s", e.message);
}

bool
command_user_edit(struct call *call)
{
	struct user from = { 0 }, to;

	if (call->name == NULL && call->email == NULL && call->full_name == NULL)
		return command_fail(call, EXIT_USAGE,
		    "user edit needs --name, --email or --full-name");
	if (!begin(call, &from))
		return false;
	to = from;
	if (call->name != NULL)
		to.name = text_of(call->name);
	if (call->email != NULL)
		to.email = text_of(call->email);
	if (call->full_name != NULL)
		to.full_name = text_of(call->full_name);
	return change(call, "update", &from, &to);
}

static bool
set_active(struct call *call, bool active)
{
	struct user from = { 0 }, to;

	if (!begin(call, &from))
		return false;
	if (from.active == active)
		return command_fail(call, EXIT_FAILED, "the user '%.*s' is %s already",
		    (int)from.name.len, from.name.at, active ? "active" : "deactivated");
	to = from;
	to.active = active;
	return change(call, active ? "activate" : "deactivate", &from, &to);
}

bool
command_user_deactivate(struct call *call)
{
	return set_active(call, false);
}

bool
command_user_activate(struct call *call)
{
	return set_active(call, true);
}

/* ---- showing ---- */

static void
print_member(struct out *out, const char *name, struct text value)
{
	out_printf(out, "%s\t", name);
	out_text(out, value);
	out_char(out, '\n');
}

bool
command_user_show(struct call *call)
{
	struct out *out = &call->printer;
	struct user user;

	if (!command_open(call) || !command_find_user(call, call->argument, &user))
		return false;
	out_printf(out, "id\t%" PRId64 "\n", user.id);
	print_member(out, "name", user.name);
	print_member(out, "full name", user.full_name);
	print_member(out, "email", user.email);
	print_member(out, "active", user.active ? TEXT("yes") : TEXT("no"));
	print_member(out, "created", user.created_at);
	print_member(out, "updated", user.updated_at);
	return true;
}

/* Where a list stands. */
struct printing {
	struct out *out;
	bool first, all;
};

/* The widths of the columns; the last has what is left. */
enum { ID = 4, NAME = 18, EMAIL = 30, ACTIVE = 6 };

static void
print_row(const struct printing *p, const struct text cells[static 5])
{
	static const size_t widths[] = { ID, NAME, EMAIL, ACTIVE };

	for (size_t i = 0; i < sizeof widths / sizeof widths[0]; i++)
		if (widths[i] != ACTIVE || p->all)
			out_cell(p->out, cells[i].len > 0 ? cells[i] : TEXT("-"), widths[i]);
	out_text(p->out, cells[4].len > 0 ? cells[4] : TEXT("-"));
	out_char(p->out, '\n');
}

static bool
print_line(void *context, const struct user *user)
{
	struct printing *p = context;
	char id[24];

	if (!user->active && !p->all)
		return true;
	snprintf(id, sizeof id, "%" PRId64, user->id);
	print_row(p, (struct text[]){ text_of(id), user->name, user->email,
	    user->active ? TEXT("yes") : TEXT("no"), user->full_name });
	return !p->out->failed;
}

static bool
print_json(void *context, const struct user *user)
{
	struct printing *p = context;
	bool first = true;

	if (!user->active && !p->all)
		return true;
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
	json_name(p->out, &first, "active");
	out_string(p->out, user->active ? "true}" : "false}");
	return !p->out->failed;
}

static void
print_head(const struct printing *p)
{
	print_row(p, (struct text[]){ TEXT("ID"), TEXT("NAME"), TEXT("EMAIL"), TEXT("ACTIVE"),
	    TEXT("FULL NAME") });
}

bool
command_user_list(struct call *call)
{
	struct printing p = { &call->printer, true, call->all };
	struct err e;

	if (!command_open(call))
		return false;
	if (call->json)
		out_string(p.out, "{\"users\":[");
	else
		print_head(&p);
	if (!user_list(call->db, call->json ? print_json : print_line, &p, &e))
		return command_fail(call, EXIT_FAILED, "%s", e.message);
	if (call->json)
		out_string(p.out, "\n]}\n");
	return true;
}
