/*
 * traced - nothing is wrong with it, and its constructor leaves a trace
 */
#include <helpdesk/plugin.h>

#include "trace.h"

HD_MODULE(traced, "0.3.0");
