/*
 * tls.h - a listener's certificate, and the OpenSSL context made of it
 */
#ifndef TLS_H
#define TLS_H

#include <stdbool.h>

#include <openssl/ssl.h>

struct conf_listen;
struct err;
struct tls;

/* Called on the connection's thread when its handshake is done. */
typedef void tls_done(const SSL *);

/*
 * Reads certificate and key; on failure e names the file.  TLS 1.2 and 1.3, ALPN h2 and
 * http/1.1, no resumption: no ticket, and so no key to rotate. [startup]
 */
bool tls_open(const struct conf_listen *, tls_done *, struct tls **ret, struct err *);
void tls_close(struct tls *);	/* NULL is fine */

/*
 * Reads the files again: new connections get what is in them now.  On failure the old
 * ones stay in use and e says why. [main thread]
 */
bool tls_reload(struct tls *, struct err *);

/* A reference to the context of now; to be given to SSL_CTX_free. [any] */
SSL_CTX *tls_get(struct tls *);

#endif
