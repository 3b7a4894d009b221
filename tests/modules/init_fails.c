/*
 * init_fails - refuses itself
 */
#include <helpdesk/plugin.h>

static bool
start(struct hd_instance *instance)
{
	hd_refuse(instance, "there is nobody to page");
	return false;
}

HD_MODULE(init_fails, "1.0.0", .init = start);
