/*
 * command_get.c - helpdesk get: one request without a server
 *
 * The request walks the same way as one from the network, from the choice of the
 * site on; only the street is missing.
 */
#include "command.h"

#include "conf.h"
#include "house.h"
#include "request.h"
#include "spool.h"

/* A host name that leads to the site.  One that no site can have, for the site of all
 * others: ".invalid" is reserved for such use. */
static struct text
host_of(const struct conf_site *site)
{
	return site->host_count > 0 ? text_of(site->hosts[0]) : TEXT("helpdesk.invalid");
}

static bool
print_spool(struct call *call, struct spool *spool)
{
	char bytes[8192];
	uint64_t offset = 0;
	long n;

	while ((n = spool_read(spool, offset, bytes, sizeof bytes)) > 0) {
		out_bytes(&call->printer, bytes, (size_t)n);
		offset += (uint64_t)n;
	}
	return n == 0 || command_fail(call, EXIT_FAILED, "%s", spool_fault(spool));
}

static bool
print_answer(struct call *call, const struct answer *a)
{
	if (a->spool != NULL && !print_spool(call, a->spool))
		return false;
	if (a->spool == NULL)
		out_bytes(&call->printer, a->body.at, a->body.len);
	out_char(&call->printer, '\n');
	return (a->status >= 200 && a->status <= 299) ||
	    command_fail(call, EXIT_FAILED, "%d %s", a->status, answer_reason(a->status));
}

static bool
ask(struct call *call, struct house *house, const struct conf_site *site)
{
	const struct header key = { TEXT("x-api-key"), text_of(call->key) };
	/* Whoever asks here may fill the memory of the machine anyway. */
	struct request *req = request_new(SIZE_MAX);
	struct desk *desk = desk_open(house);
	bool ok;

	req->method = TEXT("GET");
	req->target = text_of(call->argument);
	req->authority = host_of(site);
	req->headers = &key;
	req->header_count = call->key != NULL;
	req->as_administrator = call->key == NULL;
	ok = house_serve(house, desk, req) ? print_answer(call, &req->answer) :
	    command_fail(call, EXIT_FAILED, "there is no answer");
	request_free(req);
	desk_close(desk);
	return ok;
}

bool
command_get(struct call *call)
{
	const struct conf_site *site;
	struct house *house;
	bool ok;

	if (call->argument[0] != '/')
		return command_fail(call, EXIT_USAGE, "a path begins with '/': /api/v1/tickets");
	site = command_site(call);
	if (site == NULL)
		return false;
	if (!house_open(call->conf, HOUSE_AT_ONCE, &house, &call->faults)) {
		call->status = EXIT_CONFIGURATION;
		return false;
	}
	ok = ask(call, house, site);
	house_close(house);
	return ok;
}
