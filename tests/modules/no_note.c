/*
 * no_note - exports a descriptor, but was not made by HD_MODULE
 */
#include <helpdesk/plugin.h>

extern HD_EXPORT const struct hd_module hd_module_v1;
const struct hd_module hd_module_v1 = { .name = "no_note", .version = "1.0.0" };
