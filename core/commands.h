/*
 * commands.h - the program as its user sees it
 */
#ifndef COMMANDS_H
#define COMMANDS_H

#include <stdio.h>

/*
 * Runs the command that the arguments name, argv[0] being the program.  Results go to
 * out, sentences to err.  Returns the exit status: 0; 1 if it failed, or if out could
 * not be written; 64 if the arguments are wrong; 78 if the configuration is.
 */
int command_run(int argc, char **argv, FILE *out, FILE *err);

#endif
