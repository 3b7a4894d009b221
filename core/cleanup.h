/*
 * cleanup.h - the scope lifetime: what is declared with CLEANUP(end) is given to
 * end(&variable) when its scope is left, however it is left.
 */
#ifndef CLEANUP_H
#define CLEANUP_H

#define CLEANUP(end) __attribute__((cleanup(end)))

#endif
