/*
 * command_audit.c - helpdesk audit
 *
 * For people a few lines an entry, long values cut; for programs one JSON object a line,
 * with all there is.  What clients have written never reaches a terminal as a control
 * character.
 */
#include "command.h"

#include <inttypes.h>
#include <string.h>

#include "audit.h"
#include "cleanup.h"
#include "err.h"
#include "iso8601.h"
#include "json.h"
#include "user.h"

enum { VALUE_SHOWN = 160, CHANGES_MEMORY = 256 << 20 };

/* ---- for people ---- */

/* Control characters, C1 (two bytes in UTF-8) and DEL included, which JSON does not escape,
 * are shown as '?'. */
static void
print_safely(struct out *out, struct text t)
{
	for (size_t i = 0; i < t.len; i++) {
		unsigned char c = (unsigned char)t.at[i];
		bool c1 = c == 0xc2 && i + 1 < t.len && (unsigned char)t.at[i + 1] < 0xa0;

		if (c1 || c < 0x20 || c == 0x7f)
			out_char(out, '?');
		else
			out_char(out, t.at[i]);
		i += c1;
	}
}

static void
print_value(struct out *out, struct arena *arena, const struct json *value)
{
	struct out all;
	struct text shown;

	out_init(&all, arena, SIZE_MAX);
	json_write(&all, value);
	if (all.failed)
		return;
	shown = text_cut((struct text){ all.at, all.len }, VALUE_SHOWN);
	print_safely(out, shown);
	if (shown.len < all.len)
		out_string(out, "...");
}

/* A member of changes: "field":[old,new]. */
static void
print_change(struct out *out, struct arena *arena, const struct json *change)
{
	out_string(out, "    ");
	print_safely(out, change->name);
	out_string(out, ": ");
	if (change->kind == JSON_ARRAY && change->count == 2) {
		print_value(out, arena, change->first);
		out_string(out, " -> ");
		print_value(out, arena, change->first->next);
	} else {
		print_value(out, arena, change);
	}
	out_char(out, '\n');
}

static void
print_changes(struct out *out, struct text changes)
{
	CLEANUP(arena_fini) struct arena arena;
	const struct json *all;
	struct err e;

	arena_init(&arena, CHANGES_MEMORY);
	if (changes.at == NULL)
		return;
	if (!json_parse(&arena, changes, &all, &e)) {
		out_printf(out, "    (changes that cannot be shown: %s)\n", e.message);
		return;
	}
	for (const struct json *j = all->first; j != NULL; j = j->next)
		print_change(out, &arena, j);
}

/* "maria", "maria, key Phone", "key Phone", "local". */
static void
print_actor(struct out *out, const struct audit_entry *entry)
{
	if (entry->user == 0 && entry->key == 0) {
		out_string(out, "local");
		return;
	}
	if (entry->user != 0)
		print_safely(out, entry->user_name);
	if (entry->key == 0)
		return;
	out_string(out, entry->user != 0 ? ", key " : "key ");
	if (entry->key_name.at != NULL)
		print_safely(out, entry->key_name);
	else
		out_int(out, entry->key);
}

static bool
print_entry(void *context, const struct audit_entry *entry)
{
	struct out *out = context;

	out_text(out, entry->at);
	out_string(out, "  ");
	print_actor(out, entry);
	out_string(out, "  ");
	print_safely(out, entry->address);
	out_string(out, "  ");
	print_safely(out, entry->action);
	out_char(out, ' ');
	print_safely(out, entry->resource);
	out_printf(out, "/%" PRId64 "\n", entry->record);
	print_changes(out, entry->changes);
	if (entry->request_id.at != NULL) {
		out_string(out, "    request ");
		print_safely(out, entry->request_id);
		out_char(out, '\n');
	}
	return !out->failed;
}

/* ---- for programs ---- */

static void
put_id(struct out *out, int64_t id)
{
	if (id != 0)
		out_int(out, id);
	else
		out_string(out, "null");
}

/* JSON as it is, on one line: inside a text there is no line's end, and elsewhere it is
 * white space. */
static void
put_json(struct out *out, struct text json)
{
	if (json.at == NULL) {
		out_string(out, "null");
		return;
	}
	for (size_t i = 0; i < json.len; i++)
		out_char(out, json.at[i] == '\n' || json.at[i] == '\r' ? ' ' : json.at[i]);
}

static void
put_member(struct out *out, const char *name, struct text value)
{
	bool first = false;

	json_name(out, &first, name);
	json_text(out, value);
}

static bool
print_json(void *context, const struct audit_entry *entry)
{
	struct out *out = context;

	out_printf(out, "{\"id\":%" PRId64, entry->id);
	put_member(out, "at", entry->at);
	put_member(out, "request_id", entry->request_id);
	out_string(out, ",\"key_id\":");
	put_id(out, entry->key);
	put_member(out, "key", entry->key_name);
	out_string(out, ",\"user_id\":");
	put_id(out, entry->user);
	put_member(out, "actor", entry->user_name);
	put_member(out, "address", entry->address);
	put_member(out, "resource", entry->resource);
	out_printf(out, ",\"record\":%" PRId64, entry->record);
	put_member(out, "action", entry->action);
	out_string(out, ",\"changes\":");
	put_json(out, entry->changes);
	out_string(out, "}\n");
	return !out->failed;
}

/* ---- what is asked ---- */

static bool
read_number(struct call *call, const char *option, const char *word, int64_t *ret)
{
	if (word == NULL || (text_to_int(text_of(word), ret) && *ret > 0))
		return true;
	return command_fail(call, EXIT_USAGE, "--%s takes a number from 1 on, not \"%s\"", option,
	    word);
}

/* As the trail has it, so that times compare as their bytes do. */
static bool
read_time(struct call *call, const char *option, const char *word, struct text *ret)
{
	char time[ISO8601_TIME_SIZE];
	int64_t moment;

	if (word == NULL)
		return true;
	if (!iso8601_moment(text_of(word), &moment))
		return command_fail(call, EXIT_USAGE, "--%s takes YYYY-MM-DD or "
		    "YYYY-MM-DDTHH:MM:SS in UTC, or with a zone, not \"%s\"", option, word);
	iso8601_format(moment, time);
	*ret = text_of(arena_copy(&call->arena, time, strlen(time)));
	return ret->at != NULL;
}

/* The options that need no database. */
static bool
read_filter(struct call *call, struct audit_filter *ret)
{
	ret->resource = text_of(call->resource);
	return read_number(call, "id", call->id, &ret->record) &&
	    read_number(call, "limit", call->limit, &ret->most) &&
	    read_time(call, "since", call->since, &ret->since) &&
	    read_time(call, "until", call->until, &ret->until);
}

bool
command_audit(struct call *call)
{
	struct audit_filter filter = { .record = 0 };
	struct user actor = { .id = 0 };
	struct err e;

	if (!read_filter(call, &filter) || !command_open(call))
		return false;
	if (call->actor != NULL && !command_find_user(call, call->actor, &actor))
		return false;
	filter.user = actor.id;
	return audit_list(call->db, &filter, call->json ? print_json : print_entry, &call->printer,
	    &e) || command_fail(call, EXIT_FAILED, "%s", e.message);
}
