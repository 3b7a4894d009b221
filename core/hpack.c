/*
 * hpack.c - how much an HPACK block would unpack to, before it is unpacked
 *
 * A field may be one byte on the wire, so a block of some kilobytes becomes megabytes of
 * fields: they are counted without decoding.  What a field says is not looked at.
 */
#include "hpack.h"

#include <stdbool.h>

struct reader {
	const uint8_t *at, *end;
};

static bool
integer(struct reader *r, unsigned bits, uint32_t *ret)
{
	uint32_t most = (1u << bits) - 1;
	unsigned shift;

	if (r->at == r->end)
		return false;
	*ret = *r->at++ & most;
	if (*ret != most)
		return true;
	for (shift = 0; shift <= 21 && r->at < r->end; shift += 7) {
		*ret += (uint32_t)(*r->at & 127) << shift;
		if ((*r->at++ & 128) == 0)
			return true;
	}
	return false;
}

static bool
string(struct reader *r)
{
	uint32_t n;

	if (!integer(r, 7, &n) || (size_t)(r->end - r->at) < n)
		return false;
	r->at += n;
	return true;
}

/* One representation, RFC 7541 section 6. */
static bool
field(struct reader *r)
{
	uint8_t first = *r->at;
	uint32_t name;

	if (first >= 128)
		return integer(r, 7, &name);
	if (first >= 32 && first < 64)
		return integer(r, 5, &name);
	return integer(r, first >= 64 ? 6 : 4, &name) && (name != 0 || string(r)) && string(r);
}

size_t
hpack_count(const uint8_t *block, size_t n, size_t most)
{
	struct reader r = { block, block + n };
	size_t count = 0;

	while (r.at < r.end && count <= most && field(&r))
		count++;
	return count;
}
