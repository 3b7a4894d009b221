/*
 * directory.c - the people of an LDAP directory, by libldap
 *
 * Every wait has an end: connecting, the TLS handshake, each answer, and all of it together.
 * Nothing is kept from one reading to the next, no connection either, so a directory that was
 * restarted, or a password that was changed, needs no notice here.
 *
 * Referrals are not followed: who would be asked then, and with whose password, is not for
 * the directory to say.  A reading that met one is a part, and fails.
 */
#define _DEFAULT_SOURCE		/* explicit_bzero */
#include "directory.h"

#include <errno.h>
#include <fcntl.h>
#include <ldap.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { PASSWORD_MOST = 1024 };

/* One reading. */
struct reading {
	LDAP *ld;
	const struct directory_terms *terms;
	struct directory_fault *fault;
	time_t end;			/* of the monotonic clock */
	struct berval *cookie;		/* of the next page; NULL: there is none */
	struct ldap_conncb connected;
};

/* ---- sentences ---- */

__attribute__((format(printf, 2, 3))) static bool
fail(struct directory_fault *fault, const char *format, ...)
{
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(fault->text, sizeof(fault->text), format, ap);
	va_end(ap);
	if (n < (int)sizeof(fault->text))
		return false;
	/* It was cut, and not inside of a character. */
	for (n = sizeof(fault->text) - 1; n > 0 && (fault->text[n - 1] & 0x80) != 0; n--)
		fault->text[n - 1] = '\0';
	return false;
}

/* What a code of the protocol means for who set the module up. */
static const struct {
	int code;
	const char *means;
} meanings[] = {
	{ LDAP_SERVER_DOWN, "cannot be reached, or ends the connection" },
	{ LDAP_CONNECT_ERROR, "cannot be reached safely" },
	{ LDAP_TIMEOUT, "has not answered in time" },
	{ LDAP_INVALID_CREDENTIALS, "does not take the password of bind_dn" },
	{ LDAP_INAPPROPRIATE_AUTH, "does not take a password from bind_dn" },
	{ LDAP_CONFIDENTIALITY_REQUIRED, "wants TLS; see start_tls" },
	{ LDAP_INSUFFICIENT_ACCESS, "does not let bind_dn read this" },
	{ LDAP_NO_SUCH_OBJECT, "has nothing at the base, or nothing that bind_dn may see" },
	{ LDAP_INVALID_DN_SYNTAX, "takes bind_dn or base for no name of an entry" },
	{ LDAP_FILTER_ERROR, "was not asked: the filter is none" },
	{ LDAP_REFERRAL, "refers to another one, which is not followed" },
	{ LDAP_SIZELIMIT_EXCEEDED, "gives only a part of its entries, for there are too many" },
	{ LDAP_TIMELIMIT_EXCEEDED, "gives only a part of its entries, for it takes too long" },
	{ LDAP_ADMINLIMIT_EXCEEDED, "gives only a part of its entries, for its own reasons" },
	{ LDAP_BUSY, "is busy" },
	{ LDAP_UNAVAILABLE, "is not available" },
};

static const char *
meaning_of(int code)
{
	for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++)
		if (meanings[i].code == code)
			return meanings[i].means;
	return ldap_err2string(code);
}

/* What the directory adds in words of its own, which may be anything: ASCII is kept. */
static void
add_detail(struct directory_fault *fault, const char *detail)
{
	size_t n = strlen(fault->text);

	if (detail == NULL || *detail == '\0' || n + 4 >= sizeof(fault->text))
		return;
	n += (size_t)snprintf(fault->text + n, sizeof(fault->text) - n, " (");
	for (; *detail != '\0' && n + 2 < sizeof(fault->text); detail++)
		fault->text[n++] = *detail >= ' ' && *detail <= '~' ? *detail : '?';
	fault->text[n++] = ')';
	fault->text[n] = '\0';
}

static bool
fail_with(struct reading *r, int code, const char *detail)
{
	fail(r->fault, "The directory %s %s.", r->terms->url, meaning_of(code));
	add_detail(r->fault, detail);
	return false;
}

/* Likewise for a call that has left its detail in the handle. */
static bool
fail_code(struct reading *r, int code)
{
	char *detail = NULL;

	ldap_get_option(r->ld, LDAP_OPT_DIAGNOSTIC_MESSAGE, &detail);
	fail_with(r, code, detail);
	ldap_memfree(detail);
	return false;
}

/* ---- text ---- */

/* The characters of UTF-8 by their first two bytes (RFC 3629), but for U+0000. */
static const struct {
	unsigned char first, last, second, until;
	size_t length;
} characters[] = {
	{ 0x01, 0x7f, 0x00, 0xff, 1 }, { 0xc2, 0xdf, 0x80, 0xbf, 2 },
	{ 0xe0, 0xe0, 0xa0, 0xbf, 3 }, { 0xe1, 0xec, 0x80, 0xbf, 3 },
	{ 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
	{ 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 },
	{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
};

/* Bytes of the character that begins here; 0: none does. */
static size_t
character(const unsigned char *s, size_t left)
{
	for (size_t i = 0; i < sizeof(characters) / sizeof(characters[0]); i++) {
		size_t n = characters[i].length;

		if (s[0] < characters[i].first || s[0] > characters[i].last)
			continue;
		if (n > left || (n > 1 &&
		    (s[1] < characters[i].second || s[1] > characters[i].until)))
			return 0;
		for (size_t k = 2; k < n; k++)
			if ((s[k] & 0xc0) != 0x80)
				return 0;
		return n;
	}
	return 0;
}

static bool
is_text(const char *s, size_t size)
{
	size_t at, n;

	for (at = 0; at < size; at += n) {
		n = character((const unsigned char *)s + at, size - at);
		if (n == 0)
			return false;
	}
	return true;
}

/* Copies a value without the white space around it; a sentence if it is no such text. */
static const char *
take_text(const struct berval *value, char *to, size_t size)
{
	const char *s = value->bv_val;
	size_t n = value->bv_len;

	if (!is_text(s, n))
		return "is not UTF-8";
	for (; n > 0 && strchr(" \t\r\n", s[0]) != NULL; n--)
		s++;
	while (n > 0 && strchr(" \t\r\n", s[n - 1]) != NULL)
		n--;
	if (n >= size)
		return "is too long";
	memcpy(to, s, n);
	to[n] = '\0';
	return NULL;
}

/* ---- the password ---- */

static bool
refuse_file(struct reading *r, const char *why)
{
	return fail(r->fault, "The password_file %s %s.", r->terms->password_file, why);
}

/* Others are kept from it, or the password is no secret; the group may be the server's. */
static bool
check_file(struct reading *r, int fd)
{
	struct stat st;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return refuse_file(r, "is no file");
	if ((st.st_mode & S_IRWXO) != 0)
		return refuse_file(r, "can be read by everybody; chmod o= keeps them out");
	return true;
}

/* The first line, without its end. */
static bool
read_line(struct reading *r, int fd, char *password, size_t size)
{
	ssize_t n = read(fd, password, size - 1);

	if (n < 0)
		return refuse_file(r, "cannot be read");
	password[n] = '\0';
	if (strcspn(password, "\r\n") == size - 1)
		return refuse_file(r, "holds more than a password");
	password[strcspn(password, "\r\n")] = '\0';
	/* A directory takes a name without a password for nobody's, and says yes. */
	return password[0] != '\0' || refuse_file(r, "is empty");
}

static bool
read_password(struct reading *r, char *password, size_t size)
{
	int fd = open(r->terms->password_file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	bool good;

	if (fd < 0)
		return refuse_file(r, errno == ENOENT ? "is not there" : "cannot be read");
	good = check_file(r, fd) && read_line(r, fd, password, size);
	close(fd);
	return good;
}

static time_t
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

/* How long the next wait may be: 0 when the time is up. */
static struct timeval
patience(const struct reading *r)
{
	time_t left = r->end - now();

	if (left > r->terms->timeout)
		left = r->terms->timeout;
	return (struct timeval){ .tv_sec = left > 0 ? left : 0 };
}

/* ---- waiting ---- */

/*
 * libldap's own time-outs cover the connection and whole answers.  The TLS handshake between
 * them tries again for as long as the other side says nothing (with GnuTLS, 2.5), and half an
 * answer is waited for in the same way.  So there is a layer of our own below TLS, which waits
 * for so long and then says that it is over.
 */
static bool
wait_for(Sockbuf_IO_Desc *layer, short event)
{
	const struct reading *r = layer->sbiod_pvt;
	struct timeval patient = patience(r);
	struct pollfd p = { .events = event };

	ber_sockbuf_ctrl(layer->sbiod_sb, LBER_SB_OPT_GET_FD, &p.fd);
	if (poll(&p, 1, (int)patient.tv_sec * 1000) > 0)
		return true;
	errno = ETIMEDOUT;
	return false;
}

static bool
would_block(ber_slen_t n)
{
	return n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

static ber_slen_t
layer_read(Sockbuf_IO_Desc *layer, void *buffer, ber_len_t size)
{
	ber_slen_t n;

	do
		n = LBER_SBIOD_READ_NEXT(layer, buffer, size);
	while (would_block(n) && wait_for(layer, POLLIN));
	return n;
}

static ber_slen_t
layer_write(Sockbuf_IO_Desc *layer, void *buffer, ber_len_t size)
{
	ber_slen_t n;

	do
		n = LBER_SBIOD_WRITE_NEXT(layer, buffer, size);
	while (would_block(n) && wait_for(layer, POLLOUT));
	return n;
}

static int
layer_setup(Sockbuf_IO_Desc *layer, void *reading)
{
	layer->sbiod_pvt = reading;
	return 0;
}

static int
layer_control(Sockbuf_IO_Desc *layer, int option, void *argument)
{
	return LBER_SBIOD_CTRL_NEXT(layer, option, argument);
}

static int
on_connect(LDAP *ld, Sockbuf *sb, LDAPURLDesc *server, struct sockaddr *address,
    struct ldap_conncb *connected)
{
	static Sockbuf_IO patient_io = {
		.sbi_setup = layer_setup, .sbi_ctrl = layer_control, .sbi_read = layer_read,
		.sbi_write = layer_write,
	};

	(void)ld, (void)server, (void)address;
	return ber_sockbuf_add_io(sb, &patient_io, LBER_SBIOD_LEVEL_TRANSPORT, connected->lc_arg);
}

static void
on_close(LDAP *ld, Sockbuf *sb, struct ldap_conncb *connected)
{
	(void)ld, (void)sb, (void)connected;
}

/* ---- connecting ---- */

/* Whatever /etc/ldap/ldap.conf says, this is how the module speaks to the directory. */
static bool
set_options(struct reading *r)
{
	const struct timeval patient = { .tv_sec = r->terms->timeout };
	const int version = LDAP_VERSION3, demand = LDAP_OPT_X_TLS_DEMAND, client = 0;
	const int never = LDAP_DEREF_NEVER, tls = LDAP_OPT_X_TLS_PROTOCOL_TLS1_2;
	const char *ca_file = r->terms->ca_file;

	ldap_set_option(r->ld, LDAP_OPT_PROTOCOL_VERSION, &version);
	r->connected = (struct ldap_conncb){ on_connect, on_close, r };
	ldap_set_option(r->ld, LDAP_OPT_CONNECT_CB, &r->connected);
	ldap_set_option(r->ld, LDAP_OPT_NETWORK_TIMEOUT, &patient);
	ldap_set_option(r->ld, LDAP_OPT_TIMEOUT, &patient);
	ldap_set_option(r->ld, LDAP_OPT_REFERRALS, LDAP_OPT_OFF);
	ldap_set_option(r->ld, LDAP_OPT_DEREF, &never);
	ldap_set_option(r->ld, LDAP_OPT_X_TLS_REQUIRE_CERT, &demand);
	ldap_set_option(r->ld, LDAP_OPT_X_TLS_PROTOCOL_MIN, &tls);
	if (*ca_file == '\0')
		return true;
	if (ldap_set_option(r->ld, LDAP_OPT_X_TLS_CACERTFILE, ca_file) == LDAP_OPT_SUCCESS &&
	    access(ca_file, R_OK) == 0 &&
	    ldap_set_option(r->ld, LDAP_OPT_X_TLS_NEWCTX, &client) == LDAP_OPT_SUCCESS)
		return true;
	return fail(r->fault, "The ca_file %s cannot be read, or holds no certificate.", ca_file);
}

static bool
begins(const char *s, const char *with)
{
	return strncasecmp(s, with, strlen(with)) == 0;
}

static bool
start_tls(struct reading *r)
{
	int code;

	if (!r->terms->start_tls || !begins(r->terms->url, "ldap:"))
		return true;
	code = ldap_start_tls_s(r->ld, NULL, NULL);
	return code == LDAP_SUCCESS || fail_code(r, code);
}

static bool
bind_with(struct reading *r, char *password)
{
	struct berval secret = { .bv_val = password, .bv_len = strlen(password) };
	int code = ldap_sasl_bind_s(r->ld, r->terms->bind_dn, LDAP_SASL_SIMPLE, &secret, NULL, NULL,
	    NULL);

	return code == LDAP_SUCCESS || fail_code(r, code);
}

static bool
sign_in(struct reading *r)
{
	char password[PASSWORD_MOST] = "";
	bool good = (*r->terms->bind_dn == '\0' ||
	    read_password(r, password, sizeof(password))) && bind_with(r, password);

	explicit_bzero(password, sizeof(password));
	return good;
}

static bool
begin(struct reading *r)
{
	int code = ldap_initialize(&r->ld, r->terms->url);

	if (code != LDAP_SUCCESS)
		return fail_with(r, code, NULL);
	return set_options(r) && start_tls(r) && sign_in(r);
}

/* ---- entries ---- */

/* The name of the entry, for sentences. */
static void
take_dn(struct reading *r, LDAPMessage *entry, char *to, size_t size)
{
	char *dn = ldap_get_dn(r->ld, entry);
	struct berval value = { .bv_val = dn, .bv_len = dn != NULL ? strlen(dn) : 0 };

	if (dn == NULL || take_text(&value, to, size) != NULL)
		snprintf(to, size, "an entry of a long name");
	ldap_memfree(dn);
}

/* Of several values the one that comes first in order of bytes: a directory has no order, and
 * what changes from one reading to the next would change the user each time. */
static const struct berval *
first_of(struct berval **values)
{
	const struct berval *first = values[0];

	for (size_t i = 1; first != NULL && values[i] != NULL; i++) {
		size_t n = values[i]->bv_len < first->bv_len ? values[i]->bv_len : first->bv_len;
		int order = memcmp(values[i]->bv_val, first->bv_val, n);

		if (order < 0 || (order == 0 && values[i]->bv_len < first->bv_len))
			first = values[i];
	}
	return first;
}

/* A text of the entry, "" if it has none; a sentence for what is none. */
static const char *
take_attribute(struct reading *r, LDAPMessage *entry, const char *attribute, char *to, size_t size)
{
	struct berval **values = *attribute != '\0' ?
	    ldap_get_values_len(r->ld, entry, attribute) : NULL;
	const char *wrong = NULL;

	if (values != NULL && values[0] != NULL)
		wrong = take_text(first_of(values), to, size);
	ldap_value_free_len(values);
	return wrong;
}

/* As it is, or as hexadecimal digits if it is bytes (objectGUID). */
static void
take_entry(struct reading *r, LDAPMessage *entry, struct person *p)
{
	struct berval **values = ldap_get_values_len(r->ld, entry, r->terms->entry);
	const struct berval *v = values != NULL ? values[0] : NULL;

	if (v != NULL && take_text(v, p->entry, sizeof(p->entry)) != NULL)
		for (size_t i = 0; i < v->bv_len && 2 * i + 2 < sizeof(p->entry); i++)
			sprintf(p->entry + 2 * i, "%02x", (unsigned char)v->bv_val[i]);
	ldap_value_free_len(values);
}

static void
take_person(struct reading *r, LDAPMessage *entry, struct person *p)
{
	const struct {
		const char *attribute;
		char *to;
		size_t size;
		bool must;
	} texts[] = {
		{ r->terms->name, p->name, sizeof(p->name), true },
		{ r->terms->email, p->email, sizeof(p->email), false },
		{ r->terms->full_name, p->full_name, sizeof(p->full_name), false },
	};
	const char *wrong;
	char dn[400];

	*p = (struct person){ .entry = "" };
	take_dn(r, entry, dn, sizeof(dn));
	take_entry(r, entry, p);
	if (p->entry[0] == '\0')
		snprintf(p->wrong, sizeof(p->wrong), "%s: has no %.100s.", dn, r->terms->entry);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]) && p->wrong[0] == '\0'; i++) {
		wrong = take_attribute(r, entry, texts[i].attribute, texts[i].to, texts[i].size);
		if (wrong != NULL)
			snprintf(p->wrong, sizeof(p->wrong), "%s: its %.100s %s.", dn,
			    texts[i].attribute, wrong);
		else if (texts[i].must && texts[i].to[0] == '\0')
			snprintf(p->wrong, sizeof(p->wrong), "%s: has no %.100s.", dn,
			    texts[i].attribute);
	}
}

/* ---- pages ---- */

static int
ask(struct reading *r, int *id)
{
	const char *attributes[] = { r->terms->entry, r->terms->name, NULL, NULL, NULL };
	struct timeval patient = patience(r);
	LDAPControl *paged = NULL;
	size_t n = 2;
	int code;

	/* No attribute is called "": it would be asked for as one that nobody has. */
	if (*r->terms->email != '\0')
		attributes[n++] = r->terms->email;
	if (*r->terms->full_name != '\0')
		attributes[n++] = r->terms->full_name;
	if (patient.tv_sec == 0)
		return LDAP_TIMEOUT;
	code = ldap_create_page_control(r->ld, r->terms->page, r->cookie, 0, &paged);
	if (code == LDAP_SUCCESS)
		code = ldap_search_ext(r->ld, r->terms->base, LDAP_SCOPE_SUBTREE, r->terms->filter,
		    (char **)(void *)attributes, 0, (LDAPControl *[]){ paged, NULL }, NULL,
		    &patient, LDAP_NO_LIMIT, id);
	ldap_control_free(paged);
	return code;
}

/* Notes where the next page begins, if there is one. */
static int
turn_page(struct reading *r, LDAPControl **controls)
{
	LDAPControl *paged = ldap_control_find(LDAP_CONTROL_PAGEDRESULTS, controls, NULL);
	struct berval cookie = { .bv_val = NULL };
	ber_int_t total;
	int code;

	ber_bvfree(r->cookie);
	r->cookie = NULL;
	if (paged == NULL)
		return LDAP_SUCCESS;
	code = ldap_parse_pageresponse_control(r->ld, paged, &total, &cookie);
	if (code == LDAP_SUCCESS && cookie.bv_len > 0)
		r->cookie = ber_bvdup(&cookie);
	ber_memfree(cookie.bv_val);
	return code;
}

/* The last message of a page: whether it was all well. */
static bool
end_page(struct reading *r, LDAPMessage *message)
{
	LDAPControl **controls = NULL;
	char *detail = NULL, **referrals = NULL;
	int code, parsed = ldap_parse_result(r->ld, message, &code, NULL, &detail, &referrals,
	    &controls, 0);

	if (parsed == LDAP_SUCCESS && code == LDAP_SUCCESS)
		parsed = turn_page(r, controls);
	if (parsed != LDAP_SUCCESS)
		code = parsed;
	if (code != LDAP_SUCCESS)
		fail_with(r, code, referrals != NULL ? referrals[0] : detail);
	ldap_controls_free(controls);
	ldap_memfree(detail);
	ldap_memvfree((void **)referrals);
	return code == LDAP_SUCCESS;
}

/* The next message of a page; NULL with the fault set. */
static LDAPMessage *
next_message(struct reading *r, int id)
{
	struct timeval patient = patience(r);
	LDAPMessage *message = NULL;
	int kind = patient.tv_sec > 0 ? ldap_result(r->ld, id, LDAP_MSG_ONE, &patient, &message) :
	    0, code = LDAP_OTHER;

	if (kind > 0)
		return message;
	if (kind == 0) {
		fail_with(r, LDAP_TIMEOUT, NULL);
	} else {
		ldap_get_option(r->ld, LDAP_OPT_RESULT_CODE, &code);
		fail_code(r, code);
	}
	ldap_msgfree(message);
	return NULL;
}

static bool
hand_out(struct reading *r, LDAPMessage *entry, directory_each *each, void *context)
{
	struct person person;

	take_person(r, entry, &person);
	return each(context, &person);
}

static bool
read_page(struct reading *r, directory_each *each, void *context)
{
	bool good = true, last = false;
	LDAPMessage *message;
	int id, code = ask(r, &id);

	if (code != LDAP_SUCCESS)
		return fail_code(r, code);
	while (good && !last && (message = next_message(r, id)) != NULL) {
		if (ldap_msgtype(message) == LDAP_RES_SEARCH_ENTRY)
			good = hand_out(r, message, each, context);
		else if (ldap_msgtype(message) == LDAP_RES_SEARCH_REFERENCE)
			good = fail_with(r, LDAP_REFERRAL, NULL);
		else if (ldap_msgtype(message) == LDAP_RES_SEARCH_RESULT) {
			good = end_page(r, message);
			last = true;
		}
		ldap_msgfree(message);
	}
	return good && last;
}

bool
directory_read(const struct directory_terms *terms, directory_each *each, void *context,
    struct directory_fault *fault)
{
	struct reading r = { .terms = terms, .fault = fault, .end = now() + terms->longest };
	bool good;

	fault->text[0] = '\0';
	good = begin(&r);
	do
		good = good && read_page(&r, each, context);
	while (good && r.cookie != NULL);
	ber_bvfree(r.cookie);
	if (r.ld != NULL)
		ldap_unbind_ext(r.ld, NULL, NULL);
	return good;
}

/* ---- looking without asking ---- */

bool
directory_check(const struct directory_terms *terms, struct directory_fault *fault)
{
	LDAPURLDesc *url = NULL;
	bool named = *terms->bind_dn != '\0', secret = *terms->password_file != '\0';

	if (ldap_url_parse(terms->url, &url) != LDAP_URL_SUCCESS)
		return fail(fault, "url: '%s' is none; one is ldaps://ldap.example.com",
		    terms->url);
	ldap_free_urldesc(url);
	if (named != secret)
		return fail(fault, "bind_dn and password_file go together; without both the "
		    "directory is asked as nobody");
	return true;
}
