/*
 * crash.h - a last line from a process that crashes in code which is not its own
 *
 * While a thread is watched, a signal of a crash on that thread ends the process: with one
 * line on standard error in place of a bare "Segmentation fault", and an exit status in
 * place of a core.  There is no way back: the code may have written anywhere.
 */
#ifndef CRASH_H
#define CRASH_H

struct crash_watch;

/*
 * Watches the calling thread, which nobody watches yet.  The line is before, the name of the
 * signal ("SIGSEGV"), and after; it is made now, and cut at 4,096 bytes.  NULL without
 * memory or a stack for the signal: then nobody watches.  Ended by crash_watch_end on the
 * same thread.  [any thread]
 */
struct crash_watch *crash_watch_begin(const char *before, const char *after, int status);

/* As if it had never been; NULL is fine. */
void crash_watch_end(struct crash_watch *);

/* "SIGSEGV"; NULL for a signal that no crash is.  [any thread] */
const char *crash_name(int signal);

#endif
