/*
 * scaffold.c - a new module, written into a folder
 *
 * The files are those of core/scaffold, which are a module called "sample" themselves and
 * are built and tested as one; another name is put wherever that word stands.
 */
#include "scaffold.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <helpdesk/plugin.h>

#include "arena.h"
#include "err.h"
#include "module.h"
#include "out.h"

/* Of scaffold_files.S. */
extern const char scaffold_module[], scaffold_test[], scaffold_makefile[], scaffold_readme[];

static const char word[] = "sample";

static const struct {
	const char *name;	/* with the word in it */
	const char *content;
} files[] = {
	{ "sample.c", scaffold_module },
	{ "test_sample.c", scaffold_test },
	{ "Makefile", scaffold_makefile },
	{ "README.md", scaffold_readme },
};

/*
 * Whether a server would take a module of this name whose table is called so too: asked of
 * those who judge modules, of the least one that there can be.
 */
static bool
check_name(const char *name, struct err *e)
{
	static const struct hd_field fields[] = { { .name = "id", .type = HD_ID }, { 0 } };
	const struct hd_resource resources[] = {
		{ .path = "/entries", .table = name, .one = "entry", .many = "entries",
		  .fields = fields },
		{ 0 },
	};
	const struct hd_migration migrations[] = { { 1, "create", .tables = resources }, { 0 } };
	const struct hd_module module = { .name = name, .version = "0.1.0",
		.resources = resources, .migrations = migrations };

	return module_check_descriptor(&module, e) || err_prefix(e, "%.64s: ", name);
}

/* The text with the name wherever the word stands. */
static void
rename_in(struct out *out, const char *text, const char *name)
{
	const char *found;

	for (; (found = strstr(text, word)) != NULL; text = found + sizeof(word) - 1) {
		out_bytes(out, text, (size_t)(found - text));
		out_string(out, name);
	}
	out_string(out, text);
}

static const char *
renamed(struct arena *arena, const char *text, const char *name)
{
	struct out out;

	out_init(&out, arena, SIZE_MAX);
	rename_in(&out, text, name);
	out_char(&out, '\0');
	return out.failed ? NULL : out.at;
}

static bool
write_file(const char *path, const char *content, struct err *e)
{
	FILE *f = fopen(path, "wx");
	bool good;

	if (f == NULL)
		return err_set(e, "%s: %s", path, strerror(errno));
	good = fputs(content, f) >= 0;
	good &= fclose(f) == 0;
	return good || err_set(e, "%s: %s", path, strerror(errno));
}

bool
scaffold_write(struct arena *arena, const char *name, const char *folder, struct err *e)
{
	if (!check_name(name, e))
		return false;
	if (mkdir(folder, 0777) != 0)
		return errno == EEXIST ? err_set(e, "%s is there already", folder) :
		    err_set(e, "%s cannot be made: %s", folder, strerror(errno));
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		const char *content = renamed(arena, files[i].content, name);
		const char *path = arena_printf(arena, "%s/%s", folder,
		    renamed(arena, files[i].name, name));

		if (content == NULL || path == NULL)
			return err_set(e, "no memory");
		if (!write_file(path, content, e))
			return false;
	}
	return true;
}
