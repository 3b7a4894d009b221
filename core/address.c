/*
 * address.c - how many connections each client address has
 *
 * One hash table behind one lock: it is asked once or twice in a connection's life.
 */
#include "address.h"

#include <netinet/in.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { BUCKETS = 4096, KEY = 16 };

struct address {
	struct address *next;
	unsigned char key[KEY];
	unsigned connections, handshakes;
};

struct addresses {
	pthread_mutex_t lock;
	unsigned most_connections, most_handshakes;
	uint64_t seed;		/* so that nobody can choose who shares his bucket */
	struct address *buckets[BUCKETS];
};

struct addresses *
addresses_new(unsigned most_connections, unsigned most_handshakes)
{
	struct addresses *all = calloc(1, sizeof(*all));

	if (all == NULL)
		abort();
	pthread_mutex_init(&all->lock, NULL);
	all->most_connections = most_connections;
	all->most_handshakes = most_handshakes;
	if (getrandom(&all->seed, sizeof(all->seed), GRND_NONBLOCK) < 0)
		all->seed = (uint64_t)(uintptr_t)all;
	return all;
}

void
addresses_free(struct addresses *all)
{
	struct address *a, *next;
	size_t i;

	if (all == NULL)
		return;
	for (i = 0; i < BUCKETS; i++)
		for (a = all->buckets[i]; a != NULL; a = next) {
			next = a->next;
			free(a);
		}
	pthread_mutex_destroy(&all->lock);
	free(all);
}

static void
key_of(const struct sockaddr *sa, unsigned char key[KEY])
{
	static const unsigned char mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
	struct sockaddr_in in;
	struct sockaddr_in6 in6;

	memset(key, 0, KEY);
	if (sa->sa_family == AF_INET) {
		memcpy(&in, sa, sizeof(in));
		memcpy(key, mapped, sizeof(mapped));
		memcpy(key + 12, &in.sin_addr, 4);
	} else if (sa->sa_family == AF_INET6) {
		memcpy(&in6, sa, sizeof(in6));
		memcpy(key, &in6.sin6_addr,
		    memcmp(&in6.sin6_addr, mapped, sizeof(mapped)) == 0 ? KEY : 8);
	}
}

static struct address **
bucket_of(struct addresses *all, const unsigned char key[KEY])
{
	uint64_t hash = all->seed ^ 0xcbf29ce484222325u;
	size_t i;

	for (i = 0; i < KEY; i++)
		hash = (hash ^ key[i]) * 0x100000001b3u;
	return &all->buckets[(hash ^ hash >> 32) % BUCKETS];
}

/* The address with this key, made if need be. */
static struct address *
find(struct addresses *all, const unsigned char key[KEY])
{
	struct address **bucket = bucket_of(all, key), *a;

	for (a = *bucket; a != NULL; a = a->next)
		if (memcmp(a->key, key, KEY) == 0)
			return a;
	a = calloc(1, sizeof(*a));
	if (a == NULL)
		abort();
	memcpy(a->key, key, KEY);
	a->next = *bucket;
	*bucket = a;
	return a;
}

static void
drop_if_idle(struct addresses *all, struct address *a)
{
	struct address **at = bucket_of(all, a->key);

	if (a->connections > 0)
		return;
	while (*at != a)
		at = &(*at)->next;
	*at = a->next;
	free(a);
}

static bool
has_room(unsigned now, unsigned most)
{
	return most == 0 || now < most;
}

struct address *
address_enter(struct addresses *all, const struct sockaddr *sa, bool handshake)
{
	unsigned char key[KEY];
	struct address *a;

	key_of(sa, key);
	pthread_mutex_lock(&all->lock);
	a = find(all, key);
	if (has_room(a->connections, all->most_connections) &&
	    (!handshake || has_room(a->handshakes, all->most_handshakes))) {
		a->connections++;
		a->handshakes += handshake;
	} else {
		drop_if_idle(all, a);
		a = NULL;
	}
	pthread_mutex_unlock(&all->lock);
	return a;
}

void
address_handshaken(struct addresses *all, struct address *a)
{
	pthread_mutex_lock(&all->lock);
	a->handshakes--;
	pthread_mutex_unlock(&all->lock);
}

void
address_leave(struct addresses *all, struct address *a, bool handshake)
{
	pthread_mutex_lock(&all->lock);
	a->connections--;
	a->handshakes -= handshake;
	drop_if_idle(all, a);
	pthread_mutex_unlock(&all->lock);
}
