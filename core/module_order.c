/*
 * module_order - versions of modules, and which is started before which
 *
 * Versions are those of semver 2.0.0.  The order is stable: modules that do not need each
 * other stay as they were given.  It loads nothing and starts nothing.
 */
#include "module.h"

#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "cleanup.h"
#include "err.h"
#include "module_judge.h"

static const char digits[] = "0123456789";
static const char identifier[] =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-";

/* ---- versions ---- */

/* Skips a number without zeros in front; NULL if there is none. */
static const char *
skip_number(const char *s)
{
	size_t n = strspn(s, digits);

	return n == 0 || (n > 1 && s[0] == '0') ? NULL : s + n;
}

/* Skips identifiers with dots between them; strict: numbers have no zeros in front. */
static const char *
skip_identifiers(const char *s, bool strict)
{
	for (;; s++) {
		size_t n = strspn(s, identifier);

		if (n == 0)
			return NULL;
		if (strict && strspn(s, digits) == n && skip_number(s) == NULL)
			return NULL;
		s += n;
		if (*s != '.')
			return s;
	}
}

bool
module_is_version(const char *s)
{
	for (int i = 0; i < 3; i++) {
		if (i > 0 && *s++ != '.')
			return false;
		if ((s = skip_number(s)) == NULL)
			return false;
	}
	if (*s == '-' && (s = skip_identifiers(s + 1, true)) == NULL)
		return false;
	if (*s == '+' && (s = skip_identifiers(s + 1, false)) == NULL)
		return false;
	return *s == '\0';
}

static int
sign(long n)
{
	return n < 0 ? -1 : n > 0;
}

/* Numbers of any length: the longer is the greater, as none has zeros in front. */
static int
compare_numbers(const char *a, size_t an, const char *b, size_t bn)
{
	if (an != bn)
		return an < bn ? -1 : 1;
	return sign(strncmp(a, b, an));
}

/* Identifiers: numbers by value and before words, words by their bytes. */
static int
compare_identifiers(const char *a, size_t an, const char *b, size_t bn)
{
	bool a_number = strspn(a, digits) >= an, b_number = strspn(b, digits) >= bn;
	int order;

	if (a_number && b_number)
		return compare_numbers(a, an, b, bn);
	if (a_number != b_number)
		return a_number ? -1 : 1;
	order = sign(memcmp(a, b, an < bn ? an : bn));
	return order != 0 ? order : sign((long)an - (long)bn);
}

/* The parts between the dots, one by one; the one with more parts is the greater. */
static int
compare_parts(const char *a, const char *b)
{
	for (;;) {
		size_t an = strspn(a, identifier), bn = strspn(b, identifier);
		int order = compare_identifiers(a, an, b, bn);
		bool a_ends = a[an] != '.', b_ends = b[bn] != '.';

		if (order != 0 || (a_ends && b_ends))
			return order;
		if (a_ends || b_ends)
			return a_ends ? -1 : 1;
		a += an + 1;
		b += bn + 1;
	}
}

/* What '-' begins before any '+'; NULL if it is no pre-release. */
static const char *
pre_release(const char *version)
{
	const char *s = version + strcspn(version, "-+");

	return *s == '-' ? s + 1 : NULL;
}

int
module_compare_versions(const char *a, const char *b)
{
	const char *a_pre = pre_release(a), *b_pre = pre_release(b);

	for (int i = 0; i < 3; i++) {
		size_t an = strspn(a, digits), bn = strspn(b, digits);
		int order = compare_numbers(a, an, b, bn);

		if (order != 0)
			return order;
		a += an + (a[an] == '.');
		b += bn + (b[bn] == '.');
	}
	if (a_pre == NULL || b_pre == NULL)
		return (a_pre == NULL) - (b_pre == NULL);
	return compare_parts(a_pre, b_pre);
}

bool
module_will_do(const char *version, const char *needed)
{
	return compare_numbers(version, strspn(version, digits), needed,
	    strspn(needed, digits)) == 0 && module_compare_versions(version, needed) >= 0;
}

/* ---- needs ---- */

enum state { NEW, ENTERED, PLACED };

struct seat {
	struct module *given, *placed;	/* both arrays side by side */
	enum state state;		/* of the one given */
	size_t trail;			/* those entered, outermost first */
};

struct ordering {
	struct seat *seats;
	size_t count, placed, depth;
	struct module *whose;		/* stands in the way */
	struct err *e;
};

static size_t
index_of(const struct ordering *o, const char *name)
{
	size_t i = 0;

	while (i < o->count && strcmp(o->seats[i].given->d->name, name) != 0)
		i++;
	return i;
}

/* "a needs b, b needs a", for the circle that closes at module i. */
static bool
say_circle(struct ordering *o, size_t i)
{
	struct module *first = o->seats[i].given;
	size_t at = o->depth;

	/* From its end: what is put before a message needs no place to gather it. */
	err_set(o->e, " needs %s", first->d->name);
	while (o->seats[--at].trail != i) {
		const char *name = o->seats[o->seats[at].trail].given->d->name;

		err_prefix(o->e, " needs %s, %s", name, name);
	}
	o->whose = first;
	return err_prefix(o->e, "%s", first->d->name);
}

static bool
check_need(struct ordering *o, struct module *m, const struct hd_need *need, size_t i)
{
	const struct module *needed;

	o->whose = m;
	if (i == o->count)
		return err_set(o->e, "%s %s needs module %s, which is not enabled",
		    m->d->name, m->d->version, need->module);
	needed = o->seats[i].given;
	if (!module_will_do(needed->d->version, need->version))
		return err_set(o->e, "%s %s needs %s %s, which is here as %s",
		    m->d->name, m->d->version, need->module, need->version, needed->d->version);
	return o->seats[i].state != ENTERED || say_circle(o, i);
}

/* Whether no module owns the tables of another: sla owns all of sla_*, sla_x among them. */
static bool
check_owners(struct ordering *o)
{
	for (size_t i = 0; i < o->count; i++)
		for (size_t j = 0; j < o->count; j++) {
			struct module *m = o->seats[i].given;
			const char *owner = o->seats[j].given->d->name;
			size_t n = strlen(owner);

			o->whose = m;
			if (strncmp(m->d->name, owner, n) == 0 && m->d->name[n] == '_')
				return err_set(o->e, "%s begins with the name of module %s, "
				    "which owns all tables called %s_*", m->d->name, owner, owner);
		}
	return true;
}

/* Places a module behind all that it needs. */
static bool
place(struct ordering *o, size_t i)
{
	struct module *m = o->seats[i].given;
	const struct hd_need *need = m->d->needs;

	if (o->seats[i].state == PLACED)
		return true;
	o->seats[i].state = ENTERED;
	o->seats[o->depth++].trail = i;
	for (; need != NULL && need->module != NULL; need++) {
		size_t j = index_of(o, need->module);

		if (!check_need(o, m, need, j) || !place(o, j))
			return false;
	}
	o->depth--;
	o->seats[i].state = PLACED;
	o->seats[o->placed++].placed = m;
	return true;
}

static void
seats_free(struct seat **seats)
{
	free(*seats);
}

static bool
place_all(struct ordering *o)
{
	if (!check_owners(o))
		return false;
	for (size_t i = 0; i < o->count; i++)
		if (!place(o, i))
			return false;
	return true;
}

bool
module_order(struct module **modules, size_t n, struct module **whose, struct err *e)
{
	CLEANUP(seats_free) struct seat *seats = arena_heap(NULL, n * sizeof(*seats));
	struct ordering o = { .seats = seats, .count = n, .e = e };

	for (size_t i = 0; i < n; i++)
		seats[i] = (struct seat){ .given = modules[i] };
	if (!place_all(&o)) {
		*whose = o.whose;
		return false;
	}
	for (size_t i = 0; i < n; i++)
		modules[i] = seats[i].placed;
	return true;
}
