/*
 * probe.c - the clients that no load tool is: idle, slow, or not a client at all
 *
 *	probe start COMMAND [ARGUMENT ...]
 *	    runs the command until it says "ready:" on standard error; prints how many
 *	    milliseconds that took, and ends it
 *	probe idle ADDRESS COUNT KEY
 *	    COUNT connections over TLS that have been answered once and then say nothing
 *	probe slow ADDRESS COUNT KEY PATH BYTES
 *	    COUNT clients that ask for PATH and read BYTES a second of the answer
 *	probe burn COUNT PERCENT
 *	    COUNT threads that are busy so much of the time
 *
 * An address is an IPv4 address and a port, with a colon between.  The last three say
 * "open" when all stand, and last until their standard input ends; "slow" then prints how
 * many of the answers were still coming.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <openssl/ssl.h>

enum {
	REQUEST_SIZE = 512,
	ANSWER_SIZE = 4096,
	RECEIVE_BUFFER = 8 << 10,	/* of a slow client: what is not read stays behind */
	TURNS = 10,			/* of a slow client, a second */
	PERIOD_US = 10000,		/* of a busy thread */
};

static void
must(bool ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	exit(EXIT_FAILURE);
}

static double
milliseconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static bool
input_ends_within(int ms)
{
	struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };
	char c;

	return poll(&p, 1, ms) > 0 && read(STDIN_FILENO, &c, 1) <= 0;
}

static void
say_open(void)
{
	puts("open");
	fflush(stdout);
}

/* ---- start ---- */

/* In the child: its standard error is the pipe. */
static void
become(char **command, const int ends[2])
{
	int null = open("/dev/null", O_WRONLY);

	must(null >= 0 && dup2(null, STDOUT_FILENO) >= 0 && dup2(ends[1], STDERR_FILENO) >= 0,
	    "dup2");
	close(ends[0]);
	execvp(command[0], command);
	_exit(127);
}

static int
start(char **command)
{
	char line[ANSWER_SIZE];
	int ends[2];
	double began;
	bool ready = false;
	FILE *said;
	pid_t pid;

	must(pipe(ends) == 0, "pipe");
	began = milliseconds();
	if ((pid = fork()) == 0)
		become(command, ends);
	close(ends[1]);
	must(pid > 0 && (said = fdopen(ends[0], "r")) != NULL, "fork");
	while (!ready && fgets(line, sizeof line, said) != NULL)
		ready = strstr(line, "ready:") != NULL;
	if (ready)
		printf("%.2f\n", milliseconds() - began);
	kill(pid, SIGTERM);
	waitpid(pid, NULL, 0);
	fclose(said);
	return ready ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* ---- connections ---- */

static void
address_read(const char *text, struct sockaddr_in *ret)
{
	const char *colon = strchr(text, ':');
	char host[INET_ADDRSTRLEN];

	*ret = (struct sockaddr_in){ .sin_family = AF_INET };
	if (colon != NULL) {
		snprintf(host, sizeof host, "%.*s", (int)(colon - text), text);
		ret->sin_port = htons((uint16_t)atoi(colon + 1));
	}
	if (colon == NULL || inet_pton(AF_INET, host, &ret->sin_addr) != 1) {
		fprintf(stderr, "probe: %s is no address\n", text);
		exit(EXIT_FAILURE);
	}
}

static int
connect_to(const char *address, int receive_buffer)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in a;

	address_read(address, &a);
	must(fd >= 0, "socket");
	if (receive_buffer > 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
	must(connect(fd, (struct sockaddr *)&a, sizeof a) == 0, "connect");
	return fd;
}

static int
write_request(char request[REQUEST_SIZE], const char *path, const char *key)
{
	return snprintf(request, REQUEST_SIZE, "GET %s HTTP/1.1\r\nHost: localhost\r\n"
	    "X-API-Key: %s\r\n\r\n", path, key);
}

/* ---- idle ---- */

static void
open_idle(SSL_CTX *tls, const char *address, const char *key)
{
	SSL *s = SSL_new(tls);
	char request[REQUEST_SIZE], answer[ANSWER_SIZE];
	int n = write_request(request, "/api/v1/status", key);

	must(s != NULL && SSL_set_fd(s, connect_to(address, 0)) == 1 && SSL_connect(s) == 1, "TLS");
	must(SSL_write(s, request, n) == n && SSL_read(s, answer, sizeof answer) > 0 &&
	    strncmp(answer, "HTTP/1.1 200", 12) == 0, "an answer over TLS");
}

static int
idle(char **arguments)
{
	SSL_CTX *tls = SSL_CTX_new(TLS_client_method());

	for (int i = atoi(arguments[1]); i > 0; i--)
		open_idle(tls, arguments[0], arguments[2]);
	say_open();
	while (!input_ends_within(-1))
		;
	return EXIT_SUCCESS;
}

/* ---- slow ---- */

/* False at the end of the answer, or when the server has had enough of us. */
static bool
sip(int fd, size_t most)
{
	char buffer[ANSWER_SIZE];
	ssize_t n;

	while (most > 0) {
		n = recv(fd, buffer, most < sizeof buffer ? most : sizeof buffer, MSG_DONTWAIT);
		if (n == 0)
			return false;
		if (n < 0)
			return true;	/* nothing there yet */
		most -= (size_t)n;
	}
	return true;
}

static int
slow(char **arguments)
{
	int count = atoi(arguments[1]), *fds = calloc((size_t)count, sizeof *fds), coming;
	size_t bytes = (size_t)atol(arguments[4]) / TURNS;
	char request[REQUEST_SIZE];
	int n = write_request(request, arguments[3], arguments[2]);

	must(fds != NULL, "memory");
	for (int i = 0; i < count; i++) {
		fds[i] = connect_to(arguments[0], RECEIVE_BUFFER);
		must(write(fds[i], request, (size_t)n) == n, "request");
	}
	say_open();
	do {
		coming = 0;
		for (int i = 0; i < count; i++)
			coming += sip(fds[i], bytes);
	} while (!input_ends_within(1000 / TURNS));
	printf("%d\n", coming);
	free(fds);
	return EXIT_SUCCESS;
}

/* ---- burn ---- */

static void *
burn_thread(void *context)
{
	const int busy_us = *(int *)context;
	double until;

	for (;;) {
		until = milliseconds() + busy_us / 1e3;
		while (milliseconds() < until)
			;
		usleep((useconds_t)(PERIOD_US - busy_us));
	}
	return NULL;
}

static int
burn(char **arguments)
{
	int busy_us = atoi(arguments[1]) * PERIOD_US / 100;
	pthread_t thread;

	for (int i = atoi(arguments[0]); i > 0; i--)
		must(pthread_create(&thread, NULL, burn_thread, &busy_us) == 0, "thread");
	say_open();
	while (!input_ends_within(-1))
		;
	return EXIT_SUCCESS;
}

int
main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int least;		/* arguments */
		int (*run)(char **arguments);
	} commands[] = {
		{ "start", 1, start }, { "idle", 3, idle }, { "slow", 5, slow }, { "burn", 2, burn },
	};

	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; argc > 1 && i < sizeof commands / sizeof commands[0]; i++)
		if (strcmp(argv[1], commands[i].name) == 0 && argc - 2 >= commands[i].least)
			return commands[i].run(argv + 2);
	fputs("usage: probe start|idle|slow|burn ...; probe.c tells more\n", stderr);
	return EXIT_FAILURE;
}
