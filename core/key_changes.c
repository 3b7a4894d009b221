/*
 * key_changes.c - what the audit trail says of a key
 */
#include "key.h"

#include "json.h"
#include "out.h"

struct change {
	struct out *out;
	bool first;
};

static void
write_pair(struct change *c, const char *name, struct text was, struct text is, bool json)
{
	const struct text pair[] = { was, is };

	if (text_equal(was, is))
		return;
	json_name(c->out, &c->first, name);
	for (int i = 0; i < 2; i++) {
		out_char(c->out, "[,"[i]);
		if (json && pair[i].at != NULL)
			out_text(c->out, pair[i]);
		else
			json_text(c->out, pair[i]);
	}
	out_char(c->out, ']');
}

static void
write_user(struct change *c, int64_t was, int64_t is)
{
	const int64_t pair[] = { was, is };

	if (was == is)
		return;
	json_name(c->out, &c->first, "default_user");
	for (int i = 0; i < 2; i++) {
		out_char(c->out, "[,"[i]);
		if (pair[i] != 0)
			out_int(c->out, pair[i]);
		else
			out_string(c->out, "null");
	}
	out_char(c->out, ']');
}

void
key_changes(struct out *out, const struct key *from, const struct key *to)
{
	static const struct key nothing;
	const struct key *was = from != NULL ? from : &nothing;
	struct change c = { out, true };

	out_char(out, '{');
	write_pair(&c, "name", was->name, to->name, false);
	write_pair(&c, "prefix", was->prefix, to->prefix, false);
	write_user(&c, was->user_id, to->user_id);
	write_pair(&c, "scopes", was->scopes, to->scopes, true);
	write_pair(&c, "networks", was->networks, to->networks, true);
	write_pair(&c, "expires_at", was->expires_at, to->expires_at, false);
	write_pair(&c, "revoked_at", was->revoked_at, to->revoked_at, false);
	write_pair(&c, "old_until", was->old_until, to->old_until, false);
	out_char(out, '}');
}
