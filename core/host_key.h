/*
 * host_key.h - API keys as a module's code sees them
 *
 * The functions of struct hd_host that deal with keys; plugin.h says what each does.
 */
#ifndef HOST_KEY_H
#define HOST_KEY_H

#include <stdbool.h>
#include <stdint.h>

#include <helpdesk/plugin.h>

bool host_key_create(struct hd_req *, const char *name, const struct hd_key *);
bool host_key_rotate(struct hd_req *, const char *name, int64_t id, const char *overlap);
bool host_key_revoke(struct hd_req *, int64_t id);

#endif
