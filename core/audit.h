/*
 * audit.h - who changed what, from what to what, when
 *
 * One row of core_audit per change, written in the same transaction as the change.
 */
#ifndef AUDIT_H
#define AUDIT_H

#include <stdbool.h>
#include <stdint.h>

#include "text.h"

struct request;

/*
 * Writes an entry: action is "create", "update", "delete" or a module's own word;
 * resource the table; changes a JSON object of [old, new] pairs by field.  Who, from
 * where and under which request id is known from the request.  False with the request
 * failed.
 */
bool audit_write(struct request *, const char *action, const char *resource, int64_t id,
    struct text changes);

#endif
