/*
 * sla.h - what the module sla does for other modules
 *
 *	struct sla_due due = { .ticket = 7 };
 *
 *	if (hd_offers(hd_instance(req), SLA_DUE) && !hd_call(req, SLA_DUE, &due))
 *		return false;
 *
 * Whoever can do without it asks hd_offers first, as above; whoever cannot names sla in its
 * .needs.  What an id means never changes: another struct would be sla.due/2.
 */
#ifndef HELPDESK_SLA_H
#define HELPDESK_SLA_H

#include <helpdesk/plugin.h>

/*
 * When a ticket is due: struct sla_due, with .ticket set, gets the rest.  Fails with 404 for a
 * ticket that is not there, or that sla has not seen yet.  Texts live until the reply has left.
 */
#define SLA_DUE "sla.due/1"

struct sla_due {
	int64_t ticket;
	const char *due_at;	/* date-time */
	const char *met_at;	/* when it was done with; NULL: it is not */
	const char *state;	/* "running", "breached", "met", "met_late" */
};

#endif
