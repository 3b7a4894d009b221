/*
 * misspelt - has a statement that no database understands
 */
#include <helpdesk/plugin.h>

static const struct hd_statement statements[] = { { "SELECT nmae FROM core_user" }, { 0 } };

HD_MODULE(misspelt, "1.0.0", .statements = statements);
