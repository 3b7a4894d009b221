/*
 * choice.c - the members that a client wants of rows: ?fields=id,subject
 */
#include "choice.h"

#include <string.h>

#include "request.h"
#include "resource.h"
#include "row.h"
#include "type.h"

static bool
choose(struct request *req, struct text name)
{
	const struct resource *r = row_resource(req);
	unsigned i;

	for (i = 0; i < r->count; i++)
		if (text_equal(text_of(r->columns[i].field->name), name)) {
			req->chosen |= UINT64_C(1) << i;
			return true;
		}
	return request_fail(req, 400, "unknown", "fields", "there is no member '%.*s'",
	    TEXT_SHOWN(name));
}

bool
choice_read(struct request *req, const struct value *names)
{
	const char *at, *end, *comma;
	struct text name;
	bool good = true;

	req->chosen = 0;
	if (names->kind != VALUE_TEXT)
		return true;
	end = names->text.at + names->text.len;
	for (at = names->text.at; at < end; at = comma + 1) {
		comma = memchr(at, ',', (size_t)(end - at));
		if (comma == NULL)
			comma = end;
		name = text_trim((struct text){ at, (size_t)(comma - at) });
		if (name.len > 0 && req->fault_count < FAULTS_MOST)
			good &= choose(req, name);
	}
	return good;
}

bool
choice_has(const struct request *req, unsigned column)
{
	return req->chosen == 0 || (req->chosen >> column & 1) != 0;
}
