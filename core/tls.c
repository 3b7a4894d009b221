/*
 * tls.c - a listener's certificate, and the OpenSSL context made of it
 *
 * Knows nothing of connections: the library does the handshake.  Old protocols, old
 * ciphers, compression, renegotiation and resumption are refused.
 */
#include "tls.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/x509.h>

#include "conf.h"
#include "err.h"
#include "log.h"

struct tls {
	const struct conf_listen *conf;
	tls_done *done;
	pthread_mutex_t lock;	/* of context */
	SSL_CTX *context;
};

static bool
fail(const char *what, const char *file, struct err *e)
{
	unsigned long code = ERR_peek_error();
	const char *reason = ERR_reason_error_string(code);

	if (ERR_SYSTEM_ERROR(code))
		reason = strerror(ERR_GET_REASON(code));
	err_set(e, "%s %s: %s", what, file, reason == NULL ? "not understood" : reason);
	ERR_clear_error();
	return false;
}

/* RFC 7301: who offers ALPN and none of ours is refused; h2 comes first. */
static int
choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *out_n, const unsigned char *in,
    unsigned in_n, void *unused)
{
	static const unsigned char ours[] = "\2h2\10http/1.1";
	unsigned char *chosen;

	(void)ssl;
	(void)unused;
	if (SSL_select_next_proto(&chosen, out_n, ours, sizeof(ours) - 1, in, in_n) !=
	    OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	*out = chosen;
	return SSL_TLSEXT_ERR_OK;
}

/* OpenSSL tells of every step; the context's user data is the tls. */
static void
on_step(const SSL *ssl, int where, int value)
{
	struct tls *tls;

	(void)value;
	if ((where & SSL_CB_HANDSHAKE_DONE) == 0)
		return;
	tls = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
	tls->done(ssl);
}

static bool
settle(SSL_CTX *ctx)
{
	SSL_CTX_set_options(ctx, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
	    SSL_OP_NO_TICKET | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_alpn_select_cb(ctx, choose_protocol, NULL);
	SSL_CTX_set_info_callback(ctx, on_step);
	return SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) == 1 &&
	    SSL_CTX_set_num_tickets(ctx, 0) == 1 &&
	    SSL_CTX_set_cipher_list(ctx, "ECDHE+AESGCM:ECDHE+CHACHA20") == 1;
}

static void
warn_if_expired(SSL_CTX *ctx, const char *file)
{
	const X509 *certificate = SSL_CTX_get0_certificate(ctx);

	if (certificate != NULL && X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0)
		log_warning("certificate %s has expired", file);
}

/* A context of what is in the files now, or NULL. */
static SSL_CTX *
make(struct tls *tls, struct err *e)
{
	const char *certificate = tls->conf->certificate, *key = tls->conf->key;
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());

	ERR_clear_error();
	if (ctx == NULL || !settle(ctx))
		fail("OpenSSL cannot be set up for", certificate, e);
	else if (SSL_CTX_use_certificate_chain_file(ctx, certificate) != 1)
		fail("certificate", certificate, e);
	else if (SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1)
		fail("key", key, e);
	else if (SSL_CTX_check_private_key(ctx) != 1)
		fail("certificate and key do not belong together:", key, e);
	else {
		SSL_CTX_set_app_data(ctx, tls);
		warn_if_expired(ctx, certificate);
		return ctx;
	}
	SSL_CTX_free(ctx);
	return NULL;
}

bool
tls_open(const struct conf_listen *conf, tls_done *done, struct tls **ret, struct err *e)
{
	struct tls *tls = calloc(1, sizeof(*tls));

	if (tls == NULL)
		abort();
	tls->conf = conf;
	tls->done = done;
	tls->context = make(tls, e);
	if (tls->context == NULL) {
		free(tls);
		return false;
	}
	pthread_mutex_init(&tls->lock, NULL);
	*ret = tls;
	return true;
}

void
tls_close(struct tls *tls)
{
	if (tls == NULL)
		return;
	SSL_CTX_free(tls->context);
	pthread_mutex_destroy(&tls->lock);
	free(tls);
}

bool
tls_reload(struct tls *tls, struct err *e)
{
	SSL_CTX *fresh = make(tls, e), *old;

	if (fresh == NULL)
		return false;
	pthread_mutex_lock(&tls->lock);
	old = tls->context;
	tls->context = fresh;
	pthread_mutex_unlock(&tls->lock);
	SSL_CTX_free(old);	/* connections that use it have references of their own */
	return true;
}

SSL_CTX *
tls_get(struct tls *tls)
{
	SSL_CTX *ctx;

	pthread_mutex_lock(&tls->lock);
	ctx = tls->context;
	SSL_CTX_up_ref(ctx);
	pthread_mutex_unlock(&tls->lock);
	return ctx;
}
