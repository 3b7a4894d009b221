/*
 * odd_size - says of its rows that they are larger than any struct of its ABI
 */
#include <helpdesk/plugin.h>

HD_IN_NOTE static const struct hd_note note = {
	9, sizeof(struct hd_note) - 24, HD_NOTE_TYPE, "helpdesk",
	HD_ABI_MAJOR, 0, "odd_size", "1.0.0"
};

extern HD_EXPORT const struct hd_module hd_module_v1;
const struct hd_module hd_module_v1 = {
	.abi = HD_ABI_MAJOR << 16 | HD_ABI_TARGET,
	.size = sizeof(struct hd_module), .field_size = 4096,
	.name = "odd_size", .version = "1.0.0",
};
