/*
 * directory.h - the people of an LDAP directory
 *
 * directory.c is the only file that knows libldap; this is all that the module sees of it,
 * and all that its test puts something else in place of.
 */
#ifndef DIRECTORY_H
#define DIRECTORY_H

#include <stdbool.h>

/* Where the people are, and how they are described; texts are the caller's. */
struct directory_terms {
	const char *url;		/* ldap://, ldaps:// or ldapi:// */
	bool start_tls;			/* for ldap:// */
	const char *ca_file;		/* "": what the machine trusts */
	const char *bind_dn;		/* "": anonymous */
	const char *password_file;
	const char *base, *filter;
	const char *entry;		/* attributes: what never changes about an entry, */
	const char *name, *email, *full_name;
	int page;			/* entries that are asked for at once */
	int timeout;			/* seconds that an answer may take */
	int longest;			/* seconds that all of it may take */
};

/* One entry.  Texts are valid UTF-8, without white space at their ends; "": none. */
struct person {
	char entry[256];
	char name[512];
	char email[512];
	char full_name[1024];
	char wrong[640];		/* a sentence: the entry is there, but no user can be made
					 * of it; entry is what it is nevertheless, or "" */
};

/* What went wrong, for people to read.  The password is never part of it. */
struct directory_fault {
	char text[900];
};

/* Whether the terms can be right at all; asks nobody. */
bool directory_check(const struct directory_terms *, struct directory_fault *);

/*
 * Reads all entries that match, by pages, and calls each for every one of them until it says
 * false.  The password is read anew.  False with a fault if it was not all: what was handed
 * out until then is a part, from which nothing must be concluded about who is not in it.
 * False without one ("") if each has said so.  Blocks, for at most the longest time.
 */
typedef bool directory_each(void *context, const struct person *);
bool directory_read(const struct directory_terms *, directory_each *, void *context,
    struct directory_fault *);

#endif
