/*
 * two_names - its note says another version than its descriptor
 */
#include <helpdesk/plugin.h>

HD_IN_NOTE static const struct hd_note note = {
	9, sizeof(struct hd_note) - 24, HD_NOTE_TYPE, "helpdesk",
	HD_ABI_MAJOR, 0, "two_names", "1.0.0"
};

extern HD_EXPORT const struct hd_module hd_module_v1;
const struct hd_module hd_module_v1 = {
	.abi = HD_ABI_MAJOR << 16 | HD_ABI_TARGET,
	.size = sizeof(struct hd_module),
	.field_size = sizeof(struct hd_field), .resource_size = sizeof(struct hd_resource),
	.route_size = sizeof(struct hd_route), .migration_size = sizeof(struct hd_migration),
	.statement_size = sizeof(struct hd_statement), .option_size = sizeof(struct hd_option),
	.need_size = sizeof(struct hd_need), .hook_size = sizeof(struct hd_hook),
	.job_size = sizeof(struct hd_job), .service_size = sizeof(struct hd_service),
	.value_size = sizeof(struct hd_value), .member_size = sizeof(struct hd_member),
	.name = "two_names", .version = "1.0.1",
};
