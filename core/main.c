/*
 * main.c - where it begins: everything is in commands.c
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "commands.h"

/*
 * A standard descriptor that is closed would be given to the next file that is opened,
 * the database perhaps, and what is printed would go there.
 */
static void
keep_standard_descriptors(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) == -1 && open("/dev/null", O_RDONLY) != fd)
			_exit(1);
}

int
main(int argc, char **argv)
{
	keep_standard_descriptors();
	signal(SIGPIPE, SIG_IGN);	/* a reader that has gone is a write that fails */
	return command_run(argc, argv, stdout, stderr);
}
