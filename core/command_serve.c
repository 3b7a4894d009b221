/*
 * command_serve.c - helpdesk serve, openapi
 */
#include "command.h"

#include <string.h>

#include "conf.h"
#include "err.h"
#include "house.h"
#include "log.h"
#include "server.h"

static void
set_log_level(const char *word)
{
	static const char *const words[] = {
		[LOG_LEVEL_ERROR] = "error", [LOG_LEVEL_WARNING] = "warning",
		[LOG_LEVEL_INFO] = "info", [LOG_LEVEL_DEBUG] = "debug",
	};

	for (int i = LOG_LEVEL_ERROR; i <= LOG_LEVEL_DEBUG; i++)
		if (strcmp(words[i], word) == 0)
			log_set_level((enum log_level)i);
}

/* The house has said why, line by line. */
static bool
fail_house(struct call *call)
{
	call->status = EXIT_CONFIGURATION;
	return false;
}

bool
command_serve(struct call *call)
{
	struct house *house;
	struct err e;
	bool ok;

	if (!command_conf(call))
		return false;
	set_log_level(call->conf->server.log_level);
	server_block_signals();
	if (!house_open(call->conf, HOUSE_SERVING, &house, &call->faults))
		return fail_house(call);
	out_finish(&call->faults);	/* warnings; the call ends only with the server */
	ok = server_run(call->conf, house, &e);
	house_close(house);
	return ok || command_fail(call, EXIT_FAILED, "%s", e.message);
}

bool
command_openapi(struct call *call)
{
	const struct conf_site *site = command_site(call);

	if (site == NULL)
		return false;
	return house_print_openapi(call->conf, site->name, call->out, &call->faults) ||
	    fail_house(call);
}
