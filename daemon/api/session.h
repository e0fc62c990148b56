/* Who asks. A session is looked up by the hash of its token; what was found is kept for a moment, so that a
 * busy client costs one look-up every few seconds and a closed session ends everywhere within that time. */
#ifndef DAEMON_API_SESSION_H
#define DAEMON_API_SESSION_H

#include "base/http.h"
#include "daemon/io/db.h"

#include <jansson.h>
#include <stdint.h>

enum { SESSION_HASH_TEXT = 65, SESSION_KEPT_MAX = 20000 };
#define SESSION_KEPT_US 3000000

/* A session as found: the ctx document the statements take, and its role. */
struct session {
    json_t *ctx; /* NULL: nobody. A reference of the holder's own. */
    unsigned role;
};

struct sessions;

struct sessions *sessions_new(struct db *db);
void sessions_free(struct sessions *s);

/* The token of a request, from "Authorization: Bearer" or the cookie "yz": its SHA-256 in hex. False when
 * there is none. */
bool session_hash(const struct http_request *r, char ret_hash[SESSION_HASH_TEXT]);
void session_hash_token(const char *token, char ret_hash[SESSION_HASH_TEXT]);

/* Calls `found` once, perhaps before it returns: with a session (lent), or ctx NULL for an unknown or expired
 * token, or `failed` when the database does not answer. */
void sessions_find(struct sessions *s, const char *hash, int64_t now_us,
                   void (*found)(void *arg, const struct session *session, bool failed), void *arg);

/* Forgets what is kept of a token. */
void sessions_forget(struct sessions *s, const char *hash);

#endif
