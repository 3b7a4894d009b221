/*
 * core_rules.h - what the core's own tables need that a field table cannot say
 *
 * The core's tables are served by the same engine as those of modules; what they demand
 * beyond types and flags of fields is here, a row per table.
 */
#ifndef CORE_RULES_H
#define CORE_RULES_H

#include <stdbool.h>

struct hd_field;
struct request;
struct value;

/*
 * Checks, and completes, what is about to be written to a table: to is the row as it will
 * be, from the row as it is (NULL: it is created), both in the order of the fields, their
 * HD_ID first.  Nothing is demanded of a table that is not the core's.  Called inside the
 * writer's transaction, when what the body gives was put over what was there, before it is
 * asked whether anything differs.  False with the request failed, every fault by its
 * field. [request]
 *
 *	core_user	name, email and full_name, where they are new, are what user.h
 *			takes (400), and no other user has the name, without case (409);
 *			an email or full_name of "" is null; created_at and updated_at are
 *			stamped, the latter if anything differs
 */
bool core_rules_check(struct request *, const char *table, const struct hd_field *fields,
    const struct value *from, struct value *to);

#endif
