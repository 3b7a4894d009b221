/*
 * place.h - a folder with a configuration and databases, and the server that serves it
 */
#ifndef PLACE_H
#define PLACE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct err;

struct place {
	char build[256];	/* folder of the program */
	char folder[128];
	char conf[160];		/* folder/helpdesk.yaml */
	unsigned port;		/* 0: none chosen yet */
	unsigned tls_port;	/* 0: no TLS */
	pid_t server;		/* 0: not running */
};

/* Two sites: athens with everything, and patras, which has no hardware. */
extern const char place_sites[];

/* A new, empty folder for the program in build. */
bool place_make(struct place *, const char *build, struct err *);

/* Stops the server with SIGKILL, if one runs, and removes the folder. */
void place_remove(struct place *);

/* A port that nobody listens on now. */
unsigned place_free_port(void);

/* Copies the databases (*.db and what belongs to them) of a folder whose server is not running. */
bool place_copy(const char *from, const struct place *to, struct err *);

/* Writes the configuration; chooses free ports if there are none. sites: YAML. */
bool place_configure(struct place *, const char *sites, struct err *);

/* Makes a certificate and a key for localhost with openssl, for a TLS listener. */
bool place_certify(struct place *, struct err *);

/*
 * Runs "helpdesk -c CONF" with the words, a list that NULL ends.  What it prints on
 * standard output, up to size - 1 bytes, is in out.  Its exit status; -1 if none.
 */
int place_run(const struct place *, char *out, size_t size, const char *const *words);

/* Adds a user, or a key (user NULL: without one), with that command; site NULL: the one. */
bool place_add_user(const struct place *, const char *site, const char *name, struct err *);
bool place_add_key(const struct place *, const char *site, const char *name, const char *user,
    char key[128], struct err *);

/* Likewise any program with words[0] as its name. */
int place_run_program(char *out, size_t size, const char *const *words);

/* Starts serve and waits until it takes connections; its log is in folder/log. */
bool place_start(struct place *, struct err *);

/* Sends the signal, if it is not 0, and waits for the end: its exit status, or 128 + signal. */
int place_stop(struct place *, int sig);

#endif
