/*
 * Modules that end their process, or do not let it end, each at another place; which one,
 * -DBROKEN_... says.
 */
#include <helpdesk/plugin.h>

#include <stdlib.h>
#include <unistd.h>

#ifdef BROKEN_CONSTRUCTOR
__attribute__((constructor)) static void
crash_early(void)
{
	abort();
}
#endif

static bool
init(struct hd_instance *instance)
{
#ifdef BROKEN_CRASH
	abort();
#endif
#ifdef BROKEN_EXIT
	_exit(0);
#endif
#ifdef BROKEN_HANG
	for (;;)
		pause();
#endif
#ifdef BROKEN_REFUSAL
	hd_refuse(instance, "the moon is full");
	return false;
#endif
	return instance != NULL;
}

static void
fini(struct hd_instance *instance)
{
#ifdef BROKEN_FINI
	abort();
#endif
	(void)instance;
}

static const struct hd_option options[] = {
#ifdef BROKEN_OPTION
	{ .name = "url", .type = HD_TEXT },
#endif
	{ 0 },
};
static const struct hd_need needs[] = {
#ifdef BROKEN_NEED
	{ "nobody", "1.0.0" },
#endif
	{ 0 },
};

HD_MODULE(broken, "0.1.0", .init = init, .fini = fini, .options = options, .needs = needs);
