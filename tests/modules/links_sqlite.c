/*
 * links_sqlite - brings its own door to the database
 */
#include <helpdesk/plugin.h>

HD_MODULE(links_sqlite, "1.0.0");
