/*
 * belonging.c - what the server keeps for each row besides its fields
 */
#include "belonging.h"

#include "arena.h"
#include "resource.h"

static const struct hd_field attachment_fields[] = {
	{ "id", HD_ID },
	{ "filename", HD_TEXT, HD_REQUIRED, .max = 255, .example = "\"vpn_profile_reset.pdf\"" },
	{ "media_type", HD_TEXT, HD_REQUIRED | HD_EXACT, .doc = "As who attached it said",
	  .example = "\"application/pdf\"" },
	{ "size", HD_INTEGER, HD_REQUIRED, .doc = "In bytes", .example = "145223" },
	{ "digest", HD_TEXT, .doc = "SHA-256 of the file, in hex" },
	{ "uploaded_by", HD_EDITOR, .doc = "The user of the key that attached it" },
	{ "uploaded_at", HD_TIME, HD_REQUIRED, .doc = "When it was attached" },
	{ 0 },
};

static const struct hd_field version_fields[] = {
	{ "id", HD_ID },
	{ "number", HD_INTEGER, HD_REQUIRED, .doc = "The highest is the row as it is" },
	{ "created_at", HD_CREATED, .doc = "When the row became like this" },
	{ "created_by", HD_EDITOR, .doc = "The user of the key that made it so" },
	{ "content", HD_JSON, HD_REQUIRED, .doc = "The members of the row" },
	{ 0 },
};

static const struct hd_field history_fields[] = {
	{ "id", HD_ID },
	{ "at", HD_CREATED, HD_SPAN },
	{ "action", HD_TEXT, HD_REQUIRED | HD_EXACT, .example = "\"update\"",
	  .doc = "create, update, delete, or a module's word" },
	{ "user_id", HD_USER, HD_EXACT, .filter = "actor", .doc = "The user of the key" },
	{ "actor", HD_USER_NAME, .of = "user_id" },
	{ "key_id", HD_INTEGER, .doc = "The API key; null: a command on the server" },
	{ "address", HD_TEXT, .doc = "Where the request came from", .example = "\"192.0.2.7\"" },
	{ "request_id", HD_TEXT, .doc = "Its X-Request-Id" },
	{ "changes", HD_JSON, .doc = "By member: [old value, new value]",
	  .example = "{\"status\":[\"Open\",\"Resolved\"]}" },
	{ 0 },
};

static const struct belonging belongings[BELONGINGS] = {
	{ HD_WITH_ATTACHMENTS, "core_attachment", "attachment", "attachments", "id", NULL,
	  1 << OP_LIST | 1 << OP_UPLOAD | 1 << OP_DOWNLOAD | 1 << OP_DETACH, attachment_fields,
	  "A file that is attached" },
	{ HD_WITH_VERSIONS, "core_version", "version", "versions", "number", NULL,
	  1 << OP_LIST | 1 << OP_GET, version_fields, "How it was at a time" },
	{ HD_WITH_HISTORY, "core_audit", "entry", "history", "id", NULL,
	  1 << OP_LIST, history_fields, "A change, and who made it" },
};

const struct belonging *
belonging_get(unsigned i)
{
	return i < BELONGINGS ? &belongings[i] : NULL;
}

const struct hd_resource *
belonging_table(struct arena *a, const struct belonging *b, const struct resource *parent)
{
	struct hd_resource *d = arena_zero(a, sizeof(*d));

	*d = (struct hd_resource){
		.path = arena_printf(a, "%s/{%s}/%s", parent->d->path,
		    parent->parent != NULL ? parent->d->one : "id", b->many),
		.table = b->table, .one = b->one, .many = b->many, .title = parent->d->title,
		.fields = b->fields, .order = b->order, .doc = b->doc,
		.parent = parent->d->table, .scope = parent->d->scope,
	};
	return d;
}
