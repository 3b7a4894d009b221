/*
 * host_event.c - hooks: what a module's code sees of a row that changes
 */
#include "host_part.h"

#include <inttypes.h>
#include <stdio.h>

#include "hook.h"
#include "host.h"
#include "request.h"
#include "resource.h"
#include "type.h"

/* What hd_event is the first part of. */
struct event {
	struct hd_event hd;
	struct request *req;
	const struct row_event *row;
};

static const struct event *
event_of(const struct hd_event *hd)
{
	return (const struct event *)(const void *)hd;
}

/* What a field holds; NULL: there is no row, or no such field. */
static const struct value *
held(const struct hd_event *hd, bool after, const char *field)
{
	const struct row_event *e = event_of(hd)->row;
	const struct value *row = after ? e->to : e->from;
	int i = resource_column(e->resource, field);

	if (i < 0)
		host_wrong(event_of(hd)->req, "asks for the field %s, which %s has not", field,
		    hd->table);
	return i >= 0 && row != NULL ? &row[i] : NULL;
}

const char *
host_event_text(const struct hd_event *hd, bool after, const char *field)
{
	const struct value *v = held(hd, after, field);
	char digits[24];

	if (v == NULL || (v->kind != VALUE_INT && v->kind != VALUE_TEXT))
		return NULL;
	if (v->kind == VALUE_TEXT)
		return host_string(event_of(hd)->req, v->text);
	snprintf(digits, sizeof(digits), "%" PRId64, v->integer);
	return host_string(event_of(hd)->req, text_of(digits));
}

int64_t
host_event_int(const struct hd_event *hd, bool after, const char *field)
{
	const struct value *v = held(hd, after, field);

	return v != NULL && v->kind == VALUE_INT ? v->integer : 0;
}

bool
host_event_changed(const struct hd_event *hd, const char *field)
{
	static const struct value nothing = { .kind = VALUE_NULL };
	const struct value *from = held(hd, false, field), *to = held(hd, true, field);

	return !value_equal(from != NULL ? from : &nothing, to != NULL ? to : &nothing);
}

bool
host_hook(struct request *req, const struct hook *hook, const struct row_event *row)
{
	const struct event event = {
		{ host_table(), row->resource->d->table, row->verb, row->id }, req, row,
	};
	struct host_inside before;
	bool good;

	if (!host_enter(req, hook->instance, &before))
		return false;
	req->mute = true;
	good = hook->declared->run(&req->hd, &event.hd) ||
	    (req->status == 0 && host_wrong(req, "refused a change of %s, but did not say why",
	    row->resource->d->table));
	host_leave(req, &before);
	return good && req->status == 0;
}
