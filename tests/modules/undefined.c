/*
 * undefined - calls a function that is nowhere
 */
#include <helpdesk/plugin.h>

extern bool no_such_function(struct hd_instance *);

HD_MODULE(undefined, "1.0.0", .init = no_such_function);
