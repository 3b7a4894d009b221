/*
 * small_symbol - exports too few bytes to be a descriptor
 */
#include <helpdesk/plugin.h>

HD_IN_NOTE static const struct hd_note note = {
	9, sizeof(struct hd_note) - 24, HD_NOTE_TYPE, "helpdesk",
	HD_ABI_MAJOR, 0, "small_symbol", "1.0.0"
};

extern HD_EXPORT const uint32_t hd_module_v1[2];
const uint32_t hd_module_v1[2] = { HD_ABI_MAJOR << 16 | HD_ABI_TARGET, sizeof(struct hd_module) };
