/*
 * command_module.c - helpdesk module list
 *
 * Reads what the files say of themselves and runs nothing of them, so it tells of a
 * module that would not start, too.  Whether all fit together, "helpdesk check" says.
 */
#include "command.h"

#include <string.h>

#include "conf.h"
#include "err.h"
#include "json.h"
#include "module.h"

/* A module of a site, and what its file says. */
struct finding {
	const struct conf_site *site;
	const struct conf_module *conf;
	const char *file;		/* NULL: there is none */
	struct module_note note;
	struct err err;			/* why there is no note */
	bool read;
};

static struct finding
look_at(struct call *call, const struct conf_site *site, const struct conf_module *m)
{
	const struct conf *conf = call->conf;
	struct finding f = { .site = site, .conf = m };

	f.read = module_find(&call->arena, conf->module_path, conf->module_path_count, m->name,
	    &f.file, &f.err) && module_read_note(f.file, &f.note, &f.err);
	return f;
}

static const char *
state_of(const struct finding *f)
{
	if (!f->read)
		return "unreadable";
	return f->conf->enabled ? "enabled" : "disabled";
}

static void
print_line(struct out *out, const struct finding *f)
{
	out_printf(out, "%s\t%s\t%s\t", f->site->name, f->conf->name, state_of(f));
	if (f->read)
		out_printf(out, "%s\t%u.%u\t%s\n", f->note.version, f->note.major,
		    f->note.target, f->file);
	else
		out_printf(out, "\t\t%s\n", f->err.message);
}

static void
print_json(struct out *out, const struct finding *f, bool first_finding)
{
	const struct text absent = { 0 };
	const struct { const char *name; struct text value; } members[] = {
		{ "site", text_of(f->site->name) },
		{ "name", text_of(f->conf->name) },
		{ "state", text_of(state_of(f)) },
		{ "version", f->read ? text_of(f->note.version) : absent },
		{ "file", text_of(f->file) },
		{ "why", f->read ? absent : text_of(f->err.message) },
	};
	bool first = true;

	out_string(out, first_finding ? "\n{" : ",\n{");
	for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
		json_name(out, &first, members[i].name);
		json_text(out, members[i].value);
	}
	out_char(out, '}');
}

/* Goes on after a module that cannot be read: that is what the list is for. */
bool
command_module_list(struct call *call)
{
	const struct conf_site *site = command_site(call);
	struct out *out = &call->printer;

	if (site == NULL)
		return false;
	out_string(out, call->json ? "{\"modules\":[" : "SITE\tNAME\tSTATE\tVERSION\tABI\tFILE\n");
	for (size_t i = 0; i < site->module_count; i++) {
		struct finding f = look_at(call, site, &site->modules[i]);

		if (call->json)
			print_json(out, &f, i == 0);
		else
			print_line(out, &f);
	}
	if (call->json)
		out_string(out, "\n]}\n");
	return true;
}
