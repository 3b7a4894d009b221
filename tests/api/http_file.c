/*
 * http_file.c - reading conversations; knows nothing of running them
 */
#include "http_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "err.h"

enum part { PART_HEAD, PART_FLAGS, PART_REQUEST, PART_ANSWER };

struct reading {
	struct arena *arena;
	struct http_file *file;
	struct exchange *exchange;	/* the latest; NULL before the first */
	struct exchange **end;
	struct row **row_end;
	enum part part;
	unsigned line;
};

static const struct { const char *word; unsigned flags; } flags[] = {
	{ "@escaped",   EXCHANGE_ESCAPED },
	{ "@raw",       EXCHANGE_RAW | EXCHANGE_ESCAPED | EXCHANGE_WIRE | EXCHANGE_DIRECT },
	{ "@wire",      EXCHANGE_WIRE },
	{ "@direct",    EXCHANGE_DIRECT },
	{ "@forbidden", EXCHANGE_FORBIDDEN },
};

static bool
begins(const char *s, const char *with)
{
	return strncmp(s, with, strlen(with)) == 0;
}

/* Appends a line to a text in the arena. */
static const char *
append(struct arena *a, const char *text, const char *line)
{
	return arena_printf(a, "%s%s\n", text, line);
}

static bool
wrong(const struct reading *r, struct err *e, const char *what, const char *line)
{
	return err_set(e, "%s:%u: %s: %s", r->file->path, r->line, what, line);
}

static bool
read_flag(struct reading *r, const char *line, struct err *e)
{
	unsigned *to = r->part == PART_HEAD ? &r->file->flags : &r->exchange->flags;

	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
		if (strcmp(line, flags[i].word) == 0) {
			*to |= flags[i].flags;
			return true;
		}
	if (r->part == PART_FLAGS && begins(line, "@times ")) {
		r->exchange->times = (unsigned)atoi(line + 7);
		return true;
	}
	if (r->part == PART_HEAD && begins(line, "@site ")) {
		r->file->site = arena_copy(r->arena, line + 6, strlen(line + 6));
		return true;
	}
	if (r->part == PART_HEAD && begins(line, "@sql ")) {
		r->file->sql = append(r->arena, r->file->sql, line + 5);
		return true;
	}
	return wrong(r, e, "no such word", line);
}

static void
begin_exchange(struct reading *r, const char *title)
{
	struct exchange *x = arena_zero(r->arena, sizeof *x);

	x->line = r->line;
	x->times = 1;
	x->flags = r->file->flags;
	x->title = arena_copy(r->arena, title, strlen(title));
	x->request = x->answer = "";
	*r->end = r->exchange = x;
	r->end = &x->next;
	r->row_end = &x->rows;
	r->part = PART_FLAGS;
}

/* The text between white space at both ends, "\|" as '|'. */
static const char *
cell(struct arena *a, const char *from, const char *to)
{
	char *s, *put;

	while (from < to && *from == ' ')
		from++;
	while (to > from && to[-1] == ' ')
		to--;
	s = put = arena_copy(a, from, (size_t)(to - from));
	for (const char *get = s; *get != '\0'; get++) {
		if (get[0] == '\\' && get[1] == '|')
			get++;
		*put++ = *get;
	}
	*put = '\0';
	return s;
}

/* Cuts "| a | b |" into cells; the number of them. */
static size_t
cut_row(struct arena *a, const char *line, const char *cells[HTTP_FILE_COLUMNS])
{
	size_t n = 0;
	const char *from = line + 1;

	for (const char *at = from; *at != '\0' && n < HTTP_FILE_COLUMNS; at++) {
		if (at[0] == '\\' && at[1] == '|') {
			at++;
		} else if (*at == '|') {
			cells[n++] = cell(a, from, at);
			from = at + 1;
		}
	}
	return n;
}

static bool
read_row(struct reading *r, const char *line, struct err *e)
{
	struct exchange *x = r->exchange;
	struct row *row;

	if (x->column_count == 0) {
		x->column_count = cut_row(r->arena, line, x->columns);
		return x->column_count > 0 || wrong(r, e, "not a row", line);
	}
	row = arena_zero(r->arena, sizeof *row);
	row->line = r->line;
	if (cut_row(r->arena, line, row->cells) != x->column_count)
		return wrong(r, e, "another number of cells than columns", line);
	*r->row_end = row;
	r->row_end = &row->next;
	return true;
}

static bool
read_answer_line(struct reading *r, const char *line, struct err *e)
{
	if (line[0] == '|')
		return read_row(r, line, e);
	r->exchange->answer = append(r->arena, r->exchange->answer, line);
	return true;
}

static bool
read_request_line(struct reading *r, const char *line)
{
	struct exchange *x = r->exchange;

	if (r->part == PART_FLAGS) {
		if (strcmp(line, "SQL") == 0)
			x->flags |= EXCHANGE_SQL | EXCHANGE_DIRECT;
		r->part = PART_REQUEST;
	}
	if (begins(line, "HTTP ") && !begins(line, "HTTP /")) {
		r->part = PART_ANSWER;
		x->answer = append(r->arena, "", line + 5);
	} else if (strcmp(line, "ROWS") == 0) {
		r->part = PART_ANSWER;
	} else {
		x->request = append(r->arena, x->request, line);
	}
	return true;
}

static bool
read_line(struct reading *r, const char *line, struct err *e)
{
	if (begins(line, "## ")) {
		begin_exchange(r, line + 3);
		return true;
	}
	if (line[0] == '#')
		return true;
	switch (r->part) {
	case PART_HEAD:
		return line[0] == '\0' || read_flag(r, line, e);
	case PART_FLAGS:
		if (line[0] == '\0')
			return true;
		if (line[0] == '@')
			return read_flag(r, line, e);
		return read_request_line(r, line);
	case PART_REQUEST:
		return read_request_line(r, line);
	case PART_ANSWER:
		return read_answer_line(r, line, e);
	}
	return false;
}

static bool
check(const struct http_file *f, struct err *e)
{
	for (const struct exchange *x = f->exchanges; x != NULL; x = x->next) {
		if (x->answer[0] == '\0')
			return err_set(e, "%s:%u: no answer is expected", f->path, x->line);
		if (x->column_count > 0 && x->rows == NULL)
			return err_set(e, "%s:%u: a table without rows", f->path, x->line);
	}
	return f->exchanges != NULL || err_set(e, "%s: no exchange", f->path);
}

bool
http_file_read(struct arena *a, const char *path, struct http_file *ret, struct err *e)
{
	static const struct http_file empty = { .site = "plain", .sql = "" };
	struct reading r = { a, ret, NULL, NULL, NULL, PART_HEAD, 0 };
	FILE *f = fopen(path, "r");
	char line[64 << 10];
	bool good = true;

	if (f == NULL)
		return err_set(e, "%s: cannot be opened", path);
	*ret = empty;
	ret->path = path;
	r.end = &ret->exchanges;
	while (good && fgets(line, sizeof line, f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		r.line++;
		good = read_line(&r, line, e);
	}
	fclose(f);
	return good && check(ret, e);
}
