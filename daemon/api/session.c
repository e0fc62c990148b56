#include "daemon/api/session.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "base/log.h"
#include "base/time.h"
#include "daemon/api/route.h"
#include "daemon/io/queries.gen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

struct kept {
    char hash[SESSION_HASH_TEXT];
    struct session session;
    int64_t until_us;
    UT_hash_handle hh;
};

struct sessions {
    struct db *db;
    struct kept *kept; /* oldest first: insertion order */
};

struct lookup {
    struct sessions *s;
    char hash[SESSION_HASH_TEXT];
    void (*found)(void *arg, const struct session *session, bool failed);
    void *arg;
};

struct sessions *sessions_new(struct db *db)
{
    struct sessions *s = calloc(1, sizeof *s);
    if (!s)
        log_fatal("out of memory");
    s->db = db;
    return s;
}

static void drop(struct sessions *s, struct kept *k)
{
    HASH_DEL(s->kept, k);
    json_decref(k->session.ctx);
    free(k);
}

void sessions_free(struct sessions *s)
{
    struct kept *k, *next;
    HASH_ITER(hh, s->kept, k, next)
    drop(s, k);
    free(s);
}

void session_hash_token(const char *token, char ret_hash[SESSION_HASH_TEXT])
{
    uint8_t hash[32];
    crypto_sha256(hash, token, strlen(token));
    for (int i = 0; i < 32; i++)
        snprintf(ret_hash + 2 * i, 3, "%02x", hash[i]);
}

bool session_hash(const struct http_request *r, char ret_hash[SESSION_HASH_TEXT])
{
    char token[128];
    const char *bearer = http_header(r, "Authorization"), *cookie = http_header(r, "Cookie");
    if (bearer && !strncmp(bearer, "Bearer ", 7)) {
        if (strlen(bearer + 7) >= sizeof token)
            return false;
        session_hash_token(bearer + 7, ret_hash);
        return true;
    }
    for (const char *c = cookie; c; c = strchr(c, ';')) {
        c += strspn(c, "; ");
        if (strncmp(c, "yz=", 3))
            continue;
        size_t n = strcspn(c + 3, "; ");
        if (n >= sizeof token)
            return false;
        memcpy(token, c + 3, n);
        token[n] = '\0';
        session_hash_token(token, ret_hash);
        return true;
    }
    return false;
}

static void keep(struct sessions *s, const char *hash, const struct session *session)
{
    struct kept *k;
    HASH_FIND_STR(s->kept, hash, k);
    if (k)
        drop(s, k);
    while (HASH_COUNT(s->kept) >= SESSION_KEPT_MAX)
        drop(s, s->kept);
    k = calloc(1, sizeof *k);
    if (!k)
        log_fatal("out of memory");
    snprintf(k->hash, sizeof k->hash, "%s", hash);
    k->session = *session;
    json_incref(k->session.ctx);
    k->until_us = clock_mono_us() + SESSION_KEPT_US;
    HASH_ADD_STR(s->kept, hash, k);
}

static void on_lookup(void *arg, const struct db_result *r)
{
    struct lookup *l = arg;
    struct session found = {0};
    bool failed = r->status != DB_OK;
    const char *text = !failed && db_rows(r) ? db_text(r, 0, 0) : NULL;
    if (text) {
        found.ctx = json_loads(text, 0, NULL);
        const char *role = json_string_value(json_object_get(found.ctx, "role"));
        found.role = role_from(role ? role : "");
        keep(l->s, l->hash, &found);
    }
    l->found(l->arg, &found, failed);
    json_decref(found.ctx);
    free(l);
}

void sessions_find(struct sessions *s, const char *hash, int64_t now_us,
                   void (*found)(void *arg, const struct session *session, bool failed), void *arg)
{
    struct kept *k;
    char now[TIME_TEXT_MAX];
    HASH_FIND_STR(s->kept, hash, k);
    if (k && k->until_us > clock_mono_us()) {
        found(arg, &k->session, false);
        return;
    }
    struct lookup *l = calloc(1, sizeof *l);
    if (!l)
        log_fatal("out of memory");
    *l = (struct lookup){.s = s, .found = found, .arg = arg};
    snprintf(l->hash, sizeof l->hash, "%s", hash);
    time_format(now_us, now);
    db_call(s->db, &Q_SESSION_LOOKUP, &(struct db_args){.n = 2, .values = {hash, now}}, on_lookup, l);
}

void sessions_forget(struct sessions *s, const char *hash)
{
    struct kept *k;
    HASH_FIND_STR(s->kept, hash, k);
    if (k)
        drop(s, k);
}
