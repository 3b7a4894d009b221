/*
 * place.c - folders, processes, ports: what a test must set up before it can ask
 */
#include "place.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "err.h"

const char place_sites[] =
    "sites:\n"
    "  - name: athens\n"
    "    hosts: [ helpdesk.example.com, 127.0.0.1, localhost ]\n"
    "    database: { engine: sqlite, path: helpdesk.db }\n"
    "    modules: { meta: , tickets: , knowledge: , software: , hardware: ,"
    " users: , audit: , keys: }\n"
    "  - name: patras\n"
    "    hosts: [ patras.example.com ]\n"
    "    public_url: \"https://patras.example.com\"\n"
    "    database: { engine: sqlite, path: patras.db }\n"
    "    modules:\n"
    "      meta:\n"
    "      tickets:\n"
    "      hardware: { enabled: false }\n";

bool
place_make(struct place *p, const char *build, struct err *e)
{
	char *real = realpath(build, NULL);

	*p = (struct place){ 0 };
	if (real == NULL)
		return err_set(e, "there is no folder %s", build);
	snprintf(p->build, sizeof p->build, "%s", real);
	free(real);
	snprintf(p->folder, sizeof p->folder, "/tmp/helpdesk-test-XXXXXX");
	if (mkdtemp(p->folder) == NULL)
		return err_set(e, "no temporary folder can be made");
	snprintf(p->conf, sizeof p->conf, "%s/helpdesk.yaml", p->folder);
	return true;
}

void
place_remove(struct place *p)
{
	const char *words[] = { "rm", "-rf", p->folder, NULL };

	if (p->server > 0)
		place_stop(p, SIGKILL);
	if (p->folder[0] != '\0')
		place_run_program(NULL, 0, words);
	p->folder[0] = '\0';
}

bool
place_copy(const char *from, const struct place *to, struct err *e)
{
	char script[600];
	const char *words[] = { "sh", "-c", script, NULL };

	snprintf(script, sizeof script, "cp -r '%s'/*.db* '%s'/", from, to->folder);
	return place_run_program(NULL, 0, words) == 0 || err_set(e, "cannot copy %s", from);
}

unsigned
place_free_port(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t n = sizeof at;
	int s = socket(AF_INET, SOCK_STREAM, 0);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(s, (struct sockaddr *)&at, sizeof at) != 0 ||
	    getsockname(s, (struct sockaddr *)&at, &n) != 0)
		abort();
	close(s);
	return ntohs(at.sin_port);
}

bool
place_configure(struct place *p, const char *sites, struct err *e)
{
	FILE *f = fopen(p->conf, "w");
	bool tls = p->tls_port != 0;

	if (f == NULL)
		return err_set(e, "cannot write %s", p->conf);
	if (p->port == 0)
		p->port = place_free_port();
	fprintf(f, "server:\n  listen:\n    - { address: \"127.0.0.1:%u\" }\n", p->port);
	if (tls)
		fprintf(f, "    - { address: \"127.0.0.1:%u\","
		    " tls: { certificate: cert.pem, key: key.pem } }\n", p->tls_port);
	fprintf(f, "  threads: 2\nmodule_path: [ \"%s/modules\" ]\n%s", p->build, sites);
	return fclose(f) == 0 || err_set(e, "cannot write %s", p->conf);
}

bool
place_certify(struct place *p, struct err *e)
{
	char key[160], cert[160];
	const char *words[] = { "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
	    "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=localhost",
	    "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key, "-out", cert,
	    NULL };

	snprintf(key, sizeof key, "%s/key.pem", p->folder);
	snprintf(cert, sizeof cert, "%s/cert.pem", p->folder);
	p->tls_port = place_free_port();
	return place_run_program(NULL, 0, words) == 0 || err_set(e, "openssl made no certificate");
}

static void
read_all(int from, char *out, size_t size)
{
	char rest[4096];
	size_t at = 0;
	ssize_t n;

	while ((n = read(from, rest, sizeof rest)) > 0)
		for (ssize_t i = 0; i < n; i++)
			if (at + 1 < size)
				out[at++] = rest[i];
	if (size > 0)
		out[at] = '\0';
}

static int
wait_for(pid_t child)
{
	int status;

	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Lets the child die with us, and gives it standard output and error. */
static void
become(const char *const *words, int out, int error)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (out >= 0)
		dup2(out, STDOUT_FILENO);
	if (error >= 0)
		dup2(error, STDERR_FILENO);
	execvp(words[0], (char *const *)(uintptr_t)words);
	_exit(127);
}

int
place_run_program(char *out, size_t size, const char *const *words)
{
	int pipes[2], null;
	pid_t child;

	if (pipe2(pipes, O_CLOEXEC) != 0)
		return -1;
	child = fork();
	if (child == 0) {
		null = open("/dev/null", O_WRONLY | O_CLOEXEC);
		become(words, pipes[1], getenv("VERBOSE") != NULL ? -1 : null);
	}
	close(pipes[1]);
	read_all(pipes[0], out, size);
	close(pipes[0]);
	return child < 0 ? -1 : wait_for(child);
}

int
place_run(const struct place *p, char *out, size_t size, const char *const *words)
{
	char program[300];
	const char *all[32] = { program, "-c", p->conf };
	size_t n = 3;

	snprintf(program, sizeof program, "%s/helpdesk", p->build);
	while (*words != NULL && n + 1 < sizeof all / sizeof *all)
		all[n++] = *words++;
	return place_run_program(out, size, all);
}

bool
place_add_user(const struct place *p, const char *site, const char *name, struct err *e)
{
	char email[200];
	const char *words[] = { "user", "add", name, "--email", email,
	    site == NULL ? NULL : "--site", site, NULL };

	snprintf(email, sizeof email, "%s@example.com", name);
	return place_run(p, NULL, 0, words) == 0 || err_set(e, "user add %s failed", name);
}

bool
place_add_key(const struct place *p, const char *site, const char *name, const char *user,
    char key[128], struct err *e)
{
	const char *words[9] = { "key", "create", "--name", name };
	size_t n = 4;

	if (site != NULL) {
		words[n++] = "--site";
		words[n++] = site;
	}
	if (user != NULL) {
		words[n++] = "--user";
		words[n++] = user;
	}
	if (place_run(p, key, 128, words) != 0)
		return err_set(e, "key create %s failed", name);
	key[strcspn(key, "\n")] = '\0';
	return true;
}

static bool
takes_connections(unsigned port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool good;

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	good = connect(s, (struct sockaddr *)&to, sizeof to) == 0;
	close(s);
	return good;
}

/* The end of the server's log, for a message. */
static bool
did_not_start(struct place *p, struct err *e)
{
	char log[160], end[600] = "";
	const char *words[] = { "tail", "-n", "5", log, NULL };

	snprintf(log, sizeof log, "%s/log", p->folder);
	place_run_program(end, sizeof end, words);
	return err_set(e, "the server did not start: %s", end);
}

bool
place_start(struct place *p, struct err *e)
{
	char log[160], program[300];
	const char *words[] = { program, "serve", "-c", p->conf, NULL };
	const struct timespec pause = { .tv_nsec = 5000000 };
	int to;

	snprintf(log, sizeof log, "%s/log", p->folder);
	snprintf(program, sizeof program, "%s/helpdesk", p->build);
	to = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	p->server = fork();
	if (p->server == 0)
		become(words, to, to);
	close(to);
	for (int i = 0; i < 12000; i++) {
		if (waitpid(p->server, NULL, WNOHANG) != 0) {
			p->server = 0;
			return did_not_start(p, e);
		}
		if (takes_connections(p->port))
			return true;
		nanosleep(&pause, NULL);
	}
	return did_not_start(p, e);
}

int
place_stop(struct place *p, int sig)
{
	pid_t server = p->server;

	if (server <= 0)
		return -1;
	p->server = 0;
	if (sig != 0)
		kill(server, sig);
	return wait_for(server);
}
