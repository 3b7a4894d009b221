/*
 * command_module_new.c - helpdesk module new
 */
#include "command.h"

#include "err.h"
#include "scaffold.h"

bool
command_module_new(struct call *call)
{
	const char *name = call->argument;
	const char *folder = call->dir != NULL ? call->dir : name;
	struct err e;

	if (!scaffold_write(&call->arena, name, folder, &e))
		return command_fail(call, EXIT_FAILED, "%s", e.message);
	out_printf(&call->printer, "%s: %s.c, test_%s.c, Makefile, README.md; next: make -C %s "
	    "check\n", folder, name, name, folder);
	return true;
}
