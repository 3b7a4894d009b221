/*
 * foresight.c - which reads will take long: those that did the last time
 *
 * A table that forgets: what is noted takes the place of what was noted there before.
 */
#include "foresight.h"

#include "fingerprint.h"

enum { BELIEVED = 16 };		/* times, before it is tried again */

static uint64_t
number(unsigned site, struct text target)
{
	struct fingerprint_chain chain = { site, 0 };

	fingerprint_chain_add(&chain, target.at, target.len);
	return chain.low;
}

bool
foresight_expects(struct foresight *f, unsigned site, struct text target)
{
	const uint64_t read = f->any ? number(site, target) : 0;
	const unsigned i = (unsigned)(read % FORESIGHT_SLOTS);

	if (!f->any || f->slots[i].read != read || f->slots[i].times == 0)
		return false;
	f->slots[i].times--;
	return true;
}

void
foresight_note(struct foresight *f, unsigned site, struct text target)
{
	const uint64_t read = number(site, target);
	const unsigned i = (unsigned)(read % FORESIGHT_SLOTS);

	f->slots[i].read = read;
	f->slots[i].times = BELIEVED;
	f->any = true;
}
