/*
 * fingerprint.c - 128 bits that stand for many bytes
 */
#include "fingerprint.h"

#include <stdlib.h>

#include <xxhash.h>

#include "hex.h"

void
fingerprint_begin(struct fingerprint *f)
{
	if (f->state == NULL)
		f->state = XXH3_createState();
	if (f->state == NULL)
		abort();
	XXH3_128bits_reset(f->state);
}

bool
fingerprint_begun(const struct fingerprint *f)
{
	return f->state != NULL;
}

void
fingerprint_add(struct fingerprint *f, const char *bytes, size_t n)
{
	if (n > 0)
		XXH3_128bits_update(f->state, bytes, n);
}

static void
write_hash(XXH128_hash_t hash, char hex[FINGERPRINT_SIZE])
{
	XXH128_canonical_t raw;	/* the same on every machine */

	XXH128_canonicalFromHash(&raw, hash);
	hex_write(hex, raw.digest, sizeof(raw.digest));
}

void
fingerprint_write(const struct fingerprint *f, char hex[FINGERPRINT_SIZE])
{
	write_hash(XXH3_128bits_digest(f->state), hex);
}

void
fingerprint_fini(struct fingerprint *f)
{
	XXH3_freeState(f->state);
	f->state = NULL;
}

/* The hash of the chain so far and of the piece: 32 bytes, whatever the piece is. */
void
fingerprint_chain_add(struct fingerprint_chain *c, const char *bytes, size_t n)
{
	XXH128_hash_t piece = XXH3_128bits(n > 0 ? bytes : "", n);
	XXH128_canonical_t link[2];

	XXH128_canonicalFromHash(&link[0], (XXH128_hash_t){ c->low, c->high });
	XXH128_canonicalFromHash(&link[1], piece);
	piece = XXH3_128bits(link, sizeof(link));
	*c = (struct fingerprint_chain){ piece.low64, piece.high64 };
}

void
fingerprint_chain_write(const struct fingerprint_chain *c, char hex[FINGERPRINT_SIZE])
{
	write_hash((XXH128_hash_t){ c->low, c->high }, hex);
}
