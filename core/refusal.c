/*
 * refusal.c - what the senders of impossible requests are told
 *
 * A table.  Who decides: head.c (HTTP/1), guard.c (HTTP/2), exchange.c (both).
 */
#include "refusal.h"

static const struct refusal_words words[REFUSALS] = {
	[REFUSAL_NONE]           = { 400, "bad_request", "The request cannot be read." },
	[REFUSAL_REQUEST_LINE]   = { 400, "request_line", "The request line cannot be read." },
	[REFUSAL_VERSION]        = { 505, "http_version", "Use HTTP/1.1 or HTTP/2." },
	[REFUSAL_METHOD]         = { 400, "method", "The method is not a token." },
	[REFUSAL_CONNECT]        = { 501, "method", "CONNECT is not offered here." },
	[REFUSAL_TARGET]         = { 400, "target",
				     "The request target is neither a path nor a URL." },
	[REFUSAL_TARGET_LONG]    = { 414, "target_too_long", "The request target is too long." },
	[REFUSAL_HEADER_LINE]    = { 400, "header", "A header line cannot be read." },
	[REFUSAL_HEADER_LONG]    = { 431, "header_too_large", "The header section is too large." },
	[REFUSAL_HEADER_MANY]    = { 431, "too_many_headers", "There are too many header fields." },
	[REFUSAL_FOLD]           = { 400, "header",
				     "A header line is continued on the next line." },
	[REFUSAL_BARE_LF]        = { 400, "header", "A line does not end with CR and LF." },
	[REFUSAL_HOST_MISSING]   = { 400, "host", "The Host header is missing." },
	[REFUSAL_HOST_TWICE]     = { 400, "host", "There is more than one Host header." },
	[REFUSAL_HOST]           = { 400, "host",
				     "The host is not a name or address with a port." },
	[REFUSAL_LENGTH]         = { 400, "content_length", "Content-Length is not a number." },
	[REFUSAL_LENGTH_TWICE]   = { 400, "content_length",
				     "There is more than one Content-Length." },
	[REFUSAL_LENGTH_DIFFERS] = { 400, "content_length",
				     "The body is not as long as Content-Length says." },
	[REFUSAL_CODING]         = { 400, "transfer_encoding",
				     "There is more than one Transfer-Encoding." },
	[REFUSAL_CODING_LENGTH]  = { 400, "transfer_encoding",
				     "There are both Transfer-Encoding and Content-Length." },
	[REFUSAL_CODING_VERSION] = { 400, "transfer_encoding",
				     "HTTP/1.0 has no Transfer-Encoding." },
	[REFUSAL_CODING_UNKNOWN] = { 501, "transfer_encoding",
				     "The only Transfer-Encoding that is understood is chunked." },
	[REFUSAL_EXPECT]         = { 417, "expect",
				     "The only expectation that is met is 100-continue." },
	[REFUSAL_BODY_LONG]      = { 413, "body_too_large", "The request body is too large." },
	[REFUSAL_BODY_BROKEN]    = { 400, "body",
				     "The request body is not chunked as it should be." },
	[REFUSAL_DISK_FULL]      = { 503, "disk_full", "The server's disk is full." },
	[REFUSAL_BUSY]           = { 503, "too_many_requests",
				     "Too many requests of this connection are under way." },
	[REFUSAL_CLOSING]        = { 503, "closing", "The connection is being closed." },
};

const struct refusal_words *
refusal_words(enum refusal refusal)
{
	return &words[refusal];
}
