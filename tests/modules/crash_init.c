/*
 * crash_init - crashes in its init, in the way that its option says
 */
#include <helpdesk/plugin.h>

#include <stdlib.h>
#include <string.h>

static void
write_nowhere(void)
{
	static volatile uintptr_t nowhere = 8;

	*(volatile int *)nowhere = 1;
}

/* Uses up the stack. */
static int
descend(volatile int *depth)
{
	volatile int below = *depth + 1;

	return below < 0 ? 0 : descend(&below) + *depth;
}

static void
overflow(void)
{
	volatile int depth = 0;

	descend(&depth);
}

static void
trap(void)
{
	__builtin_trap();
}

static const struct {
	const char *how;
	void (*crash)(void);
} ways[] = {
	{ "segfault", write_nowhere }, { "abort", abort }, { "overflow", overflow },
	{ "trap", trap },
};

static bool
start(struct hd_instance *instance)
{
	const char *how = hd_option(instance, "how");

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		if (strcmp(ways[i].how, how) == 0)
			ways[i].crash();
	return true;
}

static const struct hd_option options[] = { { "how", HD_TEXT }, { 0 } };

HD_MODULE(crash_init, "1.0.0", .options = options, .init = start);
