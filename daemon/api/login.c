/* Log-in: the password's hash is compared on a worker thread, for argon2id takes its time; an unknown login
 * takes as long as a wrong password. */
#include "base/crypto.h"
#include "base/id.h"
#include "base/log.h"
#include "base/time.h"
#include "daemon/api/handlers.h"
#include "daemon/io/queries.gen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SESSION_US ((int64_t)16 * 3600 * 1000000) /* a long shift */

struct login {
    struct api_request *r;
    char *user_id;
    char hash[CRYPTO_PASSWORD_HASH_MAX];
    char password[129 * 4];
    bool holds;
    char token[CRYPTO_TOKEN_MAX];
};

/* A hash that no password has, to spend the same time on. */
static const char no_hash[] = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$"
                              "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

static void login_free(struct login *l)
{
    free(l->user_id);
    memset(l->password, 0, sizeof l->password);
    free(l);
}

static void on_created(void *arg, const struct db_result *res)
{
    struct login *l = arg;
    struct api_request *r = l->r;
    json_t *user = res->status == DB_OK && db_rows(res) ? json_loads(db_text(res, 0, 0), 0, NULL) : NULL;
    if (!user) {
        login_free(l);
        api_reply_db_problem(r, res);
        return;
    }
    char cookie[160], expires[TIME_TEXT_MAX];
    snprintf(cookie, sizeof cookie, "yz=%s; Path=/; HttpOnly; Secure; SameSite=Strict; Max-Age=%d", l->token,
             (int)(SESSION_US / 1000000));
    http_set_header(r->http, "Set-Cookie", cookie);
    time_format(r->now_us + SESSION_US, expires);
    json_t *body = json_pack("{s:s, s:s, s:o}", "token", l->token, "expires", expires, "user", user);
    login_free(l);
    api_reply(r, 201, body);
}

static void compare(void *job)
{
    struct login *l = job;
    bool known = l->user_id != NULL;
    l->holds = crypto_password_holds(known ? l->hash : no_hash, l->password) && known;
}

static void compared(void *job)
{
    struct login *l = job;
    struct api_request *r = l->r;
    char hash[SESSION_HASH_TEXT], now[TIME_TEXT_MAX], expires[TIME_TEXT_MAX];
    if (!l->holds) {
        login_free(l);
        api_problem(r, 401, "wrong-login", NULL, "login or password is wrong");
        return;
    }
    crypto_token(l->token);
    session_hash_token(l->token, hash);
    time_format(r->now_us, now);
    time_format(r->now_us + SESSION_US, expires);
    db_call(r->api->db, &Q_SESSION_CREATE,
            &(struct db_args){.n = 4, .values = {l->user_id, hash, now, expires}}, on_created, l);
}

static void on_user(void *arg, const struct db_result *res)
{
    struct login *l = arg;
    struct api_request *r = l->r;
    if (res->status != DB_OK) {
        login_free(l);
        api_reply_db_problem(r, res);
        return;
    }
    if (db_rows(res)) {
        l->user_id = strdup(db_text(res, 0, 0));
        snprintf(l->hash, sizeof l->hash, "%s", db_text(res, 0, 1));
    }
    if (workers_run(r->api->workers, compare, compared, l)) {
        login_free(l);
        api_problem(r, 503, "busy", NULL, "too many log-ins at once; try again in a second");
    }
}

void login_post(struct api_request *r)
{
    struct login *l = calloc(1, sizeof *l);
    if (!l)
        log_fatal("out of memory");
    l->r = r;
    snprintf(l->password, sizeof l->password, "%s", json_string_value(json_object_get(r->args, "password")));
    const char *login = json_string_value(json_object_get(r->args, "login"));
    db_call(r->api->db, &Q_SESSION_FIND, &(struct db_args){.n = 1, .values = {login}}, on_user, l);
}

static void on_closed(void *arg, const struct db_result *res)
{
    struct api_request *r = arg;
    if (res->status == DB_OK) {
        http_set_header(r->http, "Set-Cookie", "yz=; Path=/; HttpOnly; Secure; SameSite=Strict; Max-Age=0");
        api_reply_text(r, 204, "", 0);
    } else {
        api_reply_db_problem(r, res);
    }
}

void login_delete(struct api_request *r)
{
    char hash[SESSION_HASH_TEXT], now[TIME_TEXT_MAX];
    session_hash(r->http, hash);
    sessions_forget(r->api->sessions, hash);
    time_format(r->now_us, now);
    db_call(r->api->db, &Q_SESSION_CLOSE, &(struct db_args){.n = 2, .values = {hash, now}}, on_closed, r);
}
