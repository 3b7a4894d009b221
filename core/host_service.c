/*
 * host_service.c - what modules, and the server itself, do for other modules
 */
#include "host_part.h"

#include <string.h>

#include <helpdesk/services.h>

#include "host_key.h"
#include "module.h"
#include "request.h"
#include "site.h"

static struct request *
request_of(struct hd_req *hd)
{
	return (struct request *)(void *)hd;
}

/* ---- the server's own ---- */

/* Whether an authority can stand in a URL as it came. */
static bool
is_plain(struct text authority)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "0123456789.-:[]";
	size_t i;

	for (i = 0; i < authority.len; i++)
		if (memchr(plain, authority.at[i], sizeof(plain) - 1) == NULL)
			return false;
	return authority.len > 0;
}

/* The list of servers, if the configuration has no public address: where the request went. */
static void
write_servers(struct request *req, struct out *out)
{
	if (!is_plain(req->authority)) {
		out_string(out, "[{\"url\":\"/\"}]");
		return;
	}
	out_string(out, req->https ? "[{\"url\":\"https://" : "[{\"url\":\"http://");
	out_text(out, req->authority);
	out_string(out, "\"}]");
}

static bool
reply_openapi(struct hd_req *hd, void *argument)
{
	struct request *req = request_of(hd);
	const struct document *d = &req->site->document;
	struct out *out = &req->answer.body;

	(void)argument;
	if (!host_may_reply(req))
		return false;
	if (!req->first_member || req->depth != 0)
		return host_wrong(req, "writes something before the OpenAPI document");
	out->len = 0;	/* the document brings its own bracket */
	answer_header(req, "etag", text_of(d->etag));
	if (answer_is_known(req)) {
		answer_complete(req, 304);
		return true;
	}
	out_text(out, d->before);
	if (d->servers.at != NULL)
		out_text(out, d->servers);
	else
		write_servers(req, out);
	out_text(out, d->after);
	answer_complete(req, 200);
	return true;
}

static bool
not_ready(struct hd_req *hd, void *argument)
{
	const char **why = argument;

	*why = request_of(hd)->site->not_ready;
	return true;
}

static const struct hd_service own[] = {
	{ HD_SERVICE_OPENAPI, reply_openapi, NULL },
	{ HD_SERVICE_NOT_READY, not_ready, NULL },
	{ HD_SERVICE_KEY_CREATE, host_key_create, NULL },
	{ HD_SERVICE_KEY_ROTATE, host_key_rotate, NULL },
	{ HD_SERVICE_KEY_REVOKE, host_key_revoke, NULL },
	{ NULL, NULL, NULL },
};

/* ---- whoever offers it ---- */

static const struct hd_service *
among(const struct hd_service *s, const char *id)
{
	for (; s != NULL && s->id != NULL; s++)
		if (strcmp(s->id, id) == 0)
			return s;
	return NULL;
}

/* What a module of the site offers, and the module; NULL: nobody does. */
static const struct hd_service *
find(const struct site *site, const char *id, struct instance **by)
{
	const struct hd_service *s;
	size_t i;

	for (i = 0; i < site->instance_count; i++) {
		*by = site->instances[i];
		s = (*by)->refused == NULL ? among((*by)->module->d->services, id) : NULL;
		if (s != NULL)
			return s;
	}
	return NULL;
}

bool
host_call(struct hd_req *hd, const char *id, void *argument)
{
	struct request *req = request_of(hd);
	const struct hd_service *s = among(own, id);
	struct host_inside before;
	struct instance *by;
	bool good;

	if (req->status != 0)
		return false;
	if (s != NULL)
		return s->call(hd, argument) && req->status == 0;
	s = find(req->site, id, &by);
	if (s == NULL)
		return host_wrong(req, "calls %s, which no module of the site offers", id);
	if (!host_enter(req, by, &before))
		return false;
	good = s->call(hd, argument) ||
	    (req->status == 0 && host_wrong(req, "said no to %s, but not why", id));
	host_leave(req, &before);
	return good && req->status == 0;
}

bool
host_offers(const struct hd_instance *hd, const char *id)
{
	const struct instance *i = (const struct instance *)(const void *)hd;
	struct instance *by;

	return among(own, id) != NULL || find(i->site, id, &by) != NULL;
}
