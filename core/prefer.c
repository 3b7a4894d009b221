/*
 * prefer.c - what a client would rather have: the header field Prefer
 */
#include "prefer.h"

#include "request.h"

/* ---- reading ---- */

/* Takes what stands before a separator off the front of a text, and the separator; what
 * is in quotes separates nothing. */
static struct text
take_until(struct text *rest, char separator)
{
	struct text taken = { rest->at, 0 };
	bool quoted = false;

	while (taken.len < rest->len && (quoted || taken.at[taken.len] != separator)) {
		if (quoted && taken.at[taken.len] == '\\' && taken.len + 1 < rest->len)
			taken.len++;
		else if (taken.at[taken.len] == '"')
			quoted = !quoted;
		taken.len++;
	}
	rest->at += taken.len;
	rest->len -= taken.len;
	if (rest->len > 0) {
		rest->at++;
		rest->len--;
	}
	return taken;
}

/* RFC 7240 2: "strict" in quotes is the same as without. */
static struct text
unquote(struct text t)
{
	if (t.len >= 2 && t.at[0] == '"' && t.at[t.len - 1] == '"')
		return (struct text){ t.at + 1, t.len - 2 };
	return t;
}

/* What has been read so far; what is absent was not named. */
struct wishes {
	struct text handling, returns;
};

static void
take_one(struct wishes *w, struct text one)
{
	struct text value = take_until(&one, ';');
	struct text name = text_trim(take_until(&value, '='));

	value = unquote(text_trim(value));
	if (w->handling.at == NULL && text_equal_ascii(name, TEXT("handling")))
		w->handling = value;
	if (w->returns.at == NULL && text_equal_ascii(name, TEXT("return")))
		w->returns = value;
}

bool
prefer_read(struct request *req)
{
	struct wishes w = { { NULL, 0 }, { NULL, 0 } };
	struct text value;
	size_t i;

	for (i = 0; i < req->header_count; i++) {
		if (!text_equal(req->headers[i].name, TEXT("prefer")))
			continue;
		value = req->headers[i].value;
		while (value.len > 0)
			take_one(&w, take_until(&value, ','));
	}
	req->strict = text_equal_ascii(w.handling, TEXT("strict"));
	req->returns = text_equal_ascii(w.returns, TEXT("minimal")) ? PREFER_MINIMAL :
	    text_equal_ascii(w.returns, TEXT("representation")) ? PREFER_REPRESENTATION :
	    PREFER_ANY;
	return true;
}

/* ---- answering ---- */

/* Whether what is answered is a row, or that it is gone: the core's own words. */
static bool
is_change(const struct request *req, int status)
{
	return req->route != NULL && req->route->access == HD_WRITE &&
	    req->route->declared == NULL && !req->answer_secret && status >= 200 && status <= 299;
}

bool
prefer_minimal(const struct request *req, int status)
{
	if (req->returns != PREFER_MINIMAL || !is_change(req, status))
		return false;
	return status == 201 ? answer_has_header(req, "location") :
	    !text_equal(req->method, TEXT("POST"));
}

const char *
prefer_applied(const struct request *req, int status)
{
	static const char *const words[2][3] = {
		{ NULL, "return=minimal", "return=representation" },
		{ "handling=strict", "handling=strict, return=minimal",
		  "handling=strict, return=representation" },
	};
	enum prefer_return returned = PREFER_ANY;

	if (prefer_minimal(req, status))
		returned = PREFER_MINIMAL;
	else if (req->returns == PREFER_REPRESENTATION && is_change(req, status) &&
	    !text_equal(req->method, TEXT("DELETE")))
		returned = PREFER_REPRESENTATION;
	return words[req->strict][returned];
}
