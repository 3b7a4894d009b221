/*
 * host_key.h - API keys as a module's code sees them
 *
 * Services of the server; helpdesk/services.h says what each does with its argument.
 */
#ifndef HOST_KEY_H
#define HOST_KEY_H

#include <stdbool.h>

#include <helpdesk/services.h>

bool host_key_create(struct hd_req *, void *argument);
bool host_key_rotate(struct hd_req *, void *argument);
bool host_key_revoke(struct hd_req *, void *argument);

#endif
