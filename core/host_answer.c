/*
 * host_answer.c - answers as a module's code makes them
 */
#include "host_part.h"

#include <string.h>

#include "err.h"
#include "etag.h"
#include "json.h"
#include "request.h"

static struct request *
request_of(struct hd_req *hd)
{
	return (struct request *)(void *)hd;
}

/* ---- JSON, member by member ---- */

/* Whether a value may come here, with or without a name; if not, the log says what is wrong. */
static void
check_place(struct request *req, bool named)
{
	bool in_array = req->depth > 0 && req->brackets[req->depth - 1] == '[';

	if (req->stage == REQUEST_PREPARES)
		host_wrong(req, "answers before its turn");
	else if (req->mute)
		host_wrong(req, "answers where nobody has asked");
	else if (req->answer.status != 0)
		host_wrong(req, "writes, though it has replied");
	else if (in_array == named)
		host_wrong(req, in_array ? "writes into an array with a name" :
		    "writes into an object without a name");
}

static void
prepare_value(struct request *req, bool named)
{
	check_place(req, named);
	req->etag = (struct etag){ 0 };	/* a row is not all of the answer any more */
}

static void
put_name(struct request *req, struct text name)
{
	struct out *out = &req->answer.body;

	if (json_name_plain(out, &req->first_member, name))
		return;
	if (!text_valid(name, NULL))
		host_wrong(req, "writes a member whose name is no UTF-8");
	json_name_text(out, &req->first_member, name);
}

/* What stands before a value. */
static void
put_before(struct request *req, struct text name)
{
	if (name.at != NULL)
		put_name(req, name);
	else if (!req->first_member)
		out_char(&req->answer.body, ',');
	req->first_member = false;
}

struct out *
host_begin_value(struct request *req, const char *name)
{
	prepare_value(req, name != NULL);
	put_before(req, text_of(name));
	return &req->answer.body;
}

void
host_open(struct hd_req *hd, const char *name, char bracket)
{
	struct request *req = request_of(hd);

	if (req->depth == sizeof(req->brackets)) {
		host_wrong(req, "has more than %zu open brackets", sizeof(req->brackets));
		return;
	}
	out_char(host_begin_value(request_of(hd), name), bracket);
	req->brackets[req->depth++] = bracket;
	req->first_member = true;
}

void
host_close(struct hd_req *hd, char bracket)
{
	struct request *req = request_of(hd);

	if (req->depth == 0 || req->brackets[req->depth - 1] != (bracket == '}' ? '{' : '[')) {
		host_wrong(req, "closes a bracket that it did not open");
		return;
	}
	req->depth--;
	req->first_member = false;
	out_char(&req->answer.body, bracket);
}

void
host_put_text(struct hd_req *hd, const char *name, const char *value)
{
	struct request *req = request_of(hd);
	struct out *out = &req->answer.body;
	struct text n = text_of(name), t = text_of(value);

	prepare_value(req, n.at != NULL);
	if (n.at != NULL && t.at != NULL && json_member_plain(out, &req->first_member, n, t))
		return;
	put_before(req, n);
	if (!text_valid(t, NULL))
		host_wrong(req, "writes a text that is no UTF-8");
	else
		json_text(out, t);
}

void
host_put_int(struct hd_req *hd, const char *name, int64_t value)
{
	out_int(host_begin_value(request_of(hd), name), value);
}

void
host_put_bool(struct hd_req *hd, const char *name, bool value)
{
	out_string(host_begin_value(request_of(hd), name), value ? "true" : "false");
}

void
host_put_json(struct hd_req *hd, const char *name, const char *json)
{
	struct out *out = host_begin_value(request_of(hd), name);
	struct err e;

	if (json != NULL && !json_valid(text_of(json), &e))
		host_wrong(request_of(hd), "writes as JSON what is none: %s", e.message);
	else
		out_string(out, json != NULL ? json : "null");
}

bool
host_may_reply(struct request *req)
{
	if (req->status != 0)
		return false;
	if (req->stage == REQUEST_PREPARES)
		return host_wrong(req, "replies before its turn");
	if (req->mute)
		return host_wrong(req, "replies where nobody has asked");
	return req->answer.status == 0 || host_wrong(req, "replies, though it has replied");
}

bool
host_reply(struct hd_req *hd, int status)
{
	struct request *req = request_of(hd);

	if (!host_may_reply(req))
		return false;
	if (status < 200 || status > 299 || req->depth != 0)
		return host_wrong(req, "replies with status %d and %u open brackets", status,
		    req->depth);
	if (status == 204)
		req->answer.body.len = 0;	/* which has none */
	else
		out_char(&req->answer.body, '}');
	answer_complete(req, status);
	return true;
}

/* ---- headers, and answers that are no JSON ---- */

/* What says how an answer is sent is not a module's to say. */
static const char *const sending[] = {
	"connection", "content-encoding", "content-length", "content-type", "date", "keep-alive",
	"preference-applied", "proxy-connection", "server", "te", "trailer", "transfer-encoding",
	"upgrade", "x-content-type-options", "x-request-id",
};

static bool
is_header_name(const char *name)
{
	static const char token[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
	size_t i;

	if (name == NULL || *name == '\0' || name[strspn(name, token)] != '\0')
		return false;
	for (i = 0; i < sizeof(sending) / sizeof(sending[0]); i++)
		if (strcmp(sending[i], name) == 0)
			return false;
	return true;
}

/* RFC 9110 5.5: visible, and spaces inside. */
static bool
is_header_value(const char *value)
{
	const unsigned char *at = (const unsigned char *)value;

	for (; value != NULL && *at != '\0'; at++)
		if ((*at < ' ' && *at != '\t') || *at == 127)
			return false;
	return value != NULL;
}

/* Sets a header, or sets it anew; what the server has set of that name stays beside it. */
static bool
set_own(struct request *req, const char *name, struct text value)
{
	unsigned i;

	for (i = 0; i < req->own_headers; i++)
		if (text_equal(req->own[i].name, text_of(name)))
			break;
	if (i == OWN_HEADERS)
		return host_wrong(req, "sets more than %d headers", OWN_HEADERS);
	if (i < req->own_headers)
		answer_replace_header(req, name, value);
	else
		answer_header(req, name, value);
	req->own_headers += i == req->own_headers;
	req->own[i] = (struct header){ text_of(name), value };
	return true;
}

bool
host_set_header(struct hd_req *hd, const char *name, const char *value)
{
	struct request *req = request_of(hd);

	if (!host_may_reply(req))
		return false;
	if (!is_header_name(name) || !is_header_value(value))
		return host_wrong(req, "sets the header %s, which it cannot",
		    name != NULL ? name : "NULL");
	name = host_string(req, text_of(name));
	value = host_string(req, text_of(value));
	return name != NULL && value != NULL && set_own(req, name, text_of(value));
}

bool
host_reply_bytes(struct hd_req *hd, int status, const char *media_type, const void *bytes,
    size_t n)
{
	struct request *req = request_of(hd);
	struct out *out = &req->answer.body;

	if (!host_may_reply(req))
		return false;
	if (status < 200 || status > 299 || !is_header_value(media_type))
		return host_wrong(req, "replies with status %d and media type %s", status,
		    media_type != NULL ? media_type : "NULL");
	if (!req->first_member || req->depth != 0)
		return host_wrong(req, "writes JSON before bytes of another kind");
	media_type = host_string(req, text_of(media_type));
	if (media_type == NULL)
		return false;
	out->len = 0;	/* the bracket of the JSON that it is not */
	out_bytes(out, bytes, n);
	answer_header(req, "content-type", text_of(media_type));
	answer_complete(req, status);
	return true;
}
