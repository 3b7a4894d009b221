/*
 * list_link.c - where the pages of a list are: the header Link (RFC 8288)
 *
 * What the client has sent is repeated as it was, but for bytes that are none of a URI
 * (RFC 3986): those are encoded, so that nothing gets out of the brackets.
 */
#include "list_link.h"

#include <string.h>

#include "arena.h"
#include "out.h"
#include "query.h"
#include "request.h"

static bool
is_of_uri(char c)
{
	static const char others[] = "-._~:/?#[]@!$&'()*+,;=%";

	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	    memchr(others, c, sizeof(others) - 1) != NULL;
}

static void
write_encoded(struct out *out, struct text t)
{
	static const char digits[] = "0123456789ABCDEF";
	size_t i;

	for (i = 0; i < t.len; i++) {
		if (is_of_uri(t.at[i])) {
			out_char(out, t.at[i]);
			continue;
		}
		out_char(out, '%');
		out_char(out, digits[(unsigned char)t.at[i] >> 4]);
		out_char(out, digits[t.at[i] & 15]);
	}
}

static bool
is_cursor(struct request *req, struct text raw)
{
	struct text name;

	return text_unescape(&req->arena, raw, true, &name) && text_equal(name, TEXT("cursor"));
}

static void
write_target(struct out *out, struct request *req, struct text cursor)
{
	struct text rest = req->query, name, value;
	char mark = '?';

	out_char(out, '<');
	write_encoded(out, req->path);
	while (query_next(&rest, &name, &value)) {
		if (name.len + value.len == 0 || is_cursor(req, name))
			continue;
		out_char(out, mark);
		mark = '&';
		write_encoded(out, name);
		out_char(out, '=');
		write_encoded(out, value);
	}
	if (cursor.at != NULL)
		out_printf(out, "%ccursor=", mark);
	out_text(out, cursor);
	out_string(out, ">; rel=");
}

struct text
list_link(struct request *req, struct text cursor)
{
	struct out out;

	out_init(&out, &req->arena, SIZE_MAX);
	if (cursor.at != NULL) {
		write_target(&out, req, cursor);
		out_string(&out, "\"next\", ");
	}
	write_target(&out, req, (struct text){ NULL, 0 });
	out_string(&out, "\"first\"");
	if (out.failed)
		return (struct text){ NULL, 0 };
	return (struct text){ out.at, out.len };
}
