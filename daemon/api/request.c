/* A request's way: route, session, role, body, then its handler. Each step either goes on to the next or
 * answers. */
#include "daemon/api/request.h"

#include "base/crypto.h"
#include "base/log.h"
#include "base/time.h"
#include "daemon/api/body.h"
#include "daemon/api/metrics.h"
#include "daemon/api/pages.h"
#include "daemon/roads/roads.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *word;
    enum role role;
} roles[] = {{"courier", ROLE_COURIER}, {"manager", ROLE_MANAGER}, {"shop", ROLE_SHOP},
             {"brand", ROLE_BRAND},     {"support", ROLE_SUPPORT}, {"admin", ROLE_ADMIN}};

enum role role_from(const char *word)
{
    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++)
        if (!strcmp(roles[i].word, word))
            return roles[i].role;
    return ROLE_NONE;
}

/* ---- answers ---- */

static void request_end(struct api_request *r)
{
    json_decref(r->session.ctx);
    json_decref(r->args);
    free(r);
}

void api_forget(struct api_request *r)
{
    request_end(r);
}

static void reply_begin(struct api_request *r, int status, const char *cache)
{
    metrics_count_reply(r->api->metrics, status, clock_mono_us() - r->began_us);
    http_set_header(r->http, "Cache-Control", cache ? cache : "no-store");
}

static const char *media_type(int status)
{
    return status >= 400 ? "application/problem+json" : "application/json";
}

void api_reply_text(struct api_request *r, int status, const char *json, size_t len)
{
    reply_begin(r, status, NULL);
    http_reply(r->http, status, media_type(status), json, len);
    request_end(r);
}

void api_reply_buffer(struct api_request *r, int status, struct evbuffer *json)
{
    reply_begin(r, status, NULL);
    http_reply_buffer(r->http, status, media_type(status), json);
    request_end(r);
}

void api_reply(struct api_request *r, int status, json_t *body)
{
    char *text = body ? json_dumps(body, JSON_COMPACT | JSON_ENCODE_ANY) : strdup("");
    json_decref(body);
    if (!text)
        log_fatal("a reply cannot be written");
    api_reply_text(r, status, text, strlen(text));
    free(text);
}

static const char *title_of(int status)
{
    static const struct {
        int status;
        const char *title;
    } titles[] = {{400, "Bad Request"},
                  {401, "Unauthorized"},
                  {403, "Forbidden"},
                  {404, "Not Found"},
                  {405, "Method Not Allowed"},
                  {409, "Conflict"},
                  {410, "Gone"},
                  {413, "Content Too Large"},
                  {415, "Unsupported Media Type"},
                  {422, "Unprocessable Content"},
                  {429, "Too Many Requests"},
                  {500, "Internal Server Error"},
                  {503, "Service Unavailable"},
                  {504, "Gateway Timeout"}};
    for (size_t i = 0; i < sizeof titles / sizeof titles[0]; i++)
        if (titles[i].status == status)
            return titles[i].title;
    return "Error";
}

void api_reply_as(struct api_request *r, int status, const char *type, const char *cache, const void *content,
                  size_t len)
{
    reply_begin(r, status, cache);
    http_reply(r->http, status, type, content, len);
    request_end(r);
}

/* "no-session" → "NoSession", with OSRM's members. */
static void reply_osrm(struct api_request *r, int status, const char *type, const char *detail)
{
    char code[64], text[320];
    size_t n = 0;
    for (bool upper = true; *type && n < sizeof code - 1; type++) {
        if (*type != '-')
            code[n++] = (char)(upper ? toupper((unsigned char)*type) : *type);
        upper = *type == '-';
    }
    code[n] = '\0';
    int len = snprintf(text, sizeof text, "{\"code\":\"%s\",\"message\":\"%.200s\"}", code, detail);
    api_reply_as(r, status, "application/json", NULL, text, (size_t)len);
}

static json_t *problem_json(int status, const char *type, const char *detail)
{
    char uri[96];
    snprintf(uri, sizeof uri, "urn:yizhan:problem:%.60s", type);
    return json_pack("{s:s, s:s, s:i, s:s}", "type", uri, "title", title_of(status), "status", status,
                     "detail", detail);
}

void api_problem(struct api_request *r, int status, const char *type, const char *field, const char *detail)
{
    if (status == 503)
        http_set_header(r->http, "Retry-After", "1");
    if (r->route->roles & ROLE_PROGRAM) {
        reply_osrm(r, status, type, detail);
        return;
    }
    json_t *p = problem_json(status, type, detail);
    if (field)
        json_object_set_new(p, "field", json_string(field));
    api_reply(r, status, p);
}

void api_problem_faults(struct api_request *r, const struct json_faults *faults)
{
    if (r->route->roles & ROLE_PROGRAM) {
        reply_osrm(r, 400, "invalid-query", faults->list[0].reason);
        return;
    }
    char detail[96];
    int kept = faults->n < JSON_FAULTS_MAX ? faults->n : JSON_FAULTS_MAX;
    snprintf(detail, sizeof detail, "%d member%s not as described; nothing was changed", faults->n,
             faults->n == 1 ? " is" : "s are");
    json_t *p = problem_json(422, "invalid-body", detail), *errors = json_array();
    for (int i = 0; i < kept; i++)
        json_array_append_new(errors, json_pack("{s:s, s:s}", "field", faults->list[i].pointer, "reason",
                                                faults->list[i].reason));
    json_object_set_new(p, "field", json_string(faults->list[0].pointer));
    json_object_set_new(p, "errors", errors);
    api_reply(r, 422, p);
}

/* ---- use cases ---- */

json_t *api_context(const struct api_request *r)
{
    json_t *ctx = r->session.ctx ? json_copy(r->session.ctx) : json_pack("{s:s}", "role", "resident");
    const char *key = http_header(r->http, "Idempotency-Key");
    if (key && *key && strcmp(http_method(r->http), "GET")) {
        uint8_t hash[32];
        char hex[65];
        size_t len;
        const char *body = http_body(r->http, &len);
        crypto_sha256(hash, body, len);
        for (int i = 0; i < 32; i++)
            snprintf(hex + 2 * i, 3, "%02x", hash[i]);
        json_object_set_new(
            ctx, "idem", json_pack("{s:s, s:s, s:s}", "key", key, "hash", hex, "path", http_path(r->http)));
    }
    return ctx;
}

static const struct {
    const char *sqlstate; /* prefix */
    int status;
    const char *type, *detail;
} sql_problems[] = {
    {"YZ001", 422, "idempotency-key-reused", "this Idempotency-Key was used with another body"},
    {"23505", 409, "conflict", "this already exists in another form"},
    {"23", 409, "conflict", "this contradicts what is recorded"},
    {"22", 422, "invalid-value", "a value is not of the expected kind"},
    {"40", 503, "busy", "another request was in the way; repeat this one"},
    {"57014", 503, "busy", "the database took too long; repeat the request"},
    {"", 500, "internal", "the database refused; the log says why"},
};

void api_reply_db_problem(struct api_request *r, const struct db_result *res)
{
    if (res->status != DB_ERROR) {
        api_problem(r, 503, "database-away", NULL,
                    "the database does not answer; repeat the request with the same Idempotency-Key");
        return;
    }
    size_t i = 0;
    while (strncmp(res->sqlstate, sql_problems[i].sqlstate, strlen(sql_problems[i].sqlstate)))
        i++;
    char message[LOG_VALUE_MAX];
    if (sql_problems[i].status == 500)
        log_error("%s %s: sqlstate=%s message=%s", r->route->method, r->route->path, res->sqlstate,
                  log_value(res->message, message, sizeof message));
    api_problem(r, sql_problems[i].status, sql_problems[i].type, NULL, sql_problems[i].detail);
}

void api_reply_result(struct api_request *r, const struct db_result *res)
{
    if (res->status != DB_OK || !db_rows(res)) {
        api_reply_db_problem(r, res);
        return;
    }
    int status = (int)db_int(res, 0, 0);
    const char *body = db_text(res, 0, 1);
    if (status < 400) {
        api_reply_text(r, status, status == 204 || !body ? "" : body,
                       status == 204 || !body ? 0 : strlen(body));
        return;
    }
    json_t *b = body ? json_loads(body, 0, NULL) : NULL;
    const char *type = json_string_value(json_object_get(b, "type"));
    const char *detail = json_string_value(json_object_get(b, "detail"));
    json_t *p = problem_json(status, type ? type : "refused", detail ? detail : title_of(status));
    const char *name;
    json_t *v;
    json_object_foreach(b, name, v) if (strcmp(name, "type") && strcmp(name, "detail"))
        json_object_set(p, name, v);
    json_decref(b);
    api_reply(r, status, p);
}

static void on_result(void *arg, const struct db_result *res)
{
    api_reply_result(arg, res);
}

void api_call(struct api_request *r, const struct db_stmt *stmt,
              void (*done)(void *arg, const struct db_result *res))
{
    char now[TIME_TEXT_MAX];
    json_t *ctx_json = api_context(r);
    char *ctx = json_dumps(ctx_json, JSON_COMPACT), *args = json_dumps(r->args, JSON_COMPACT);
    json_decref(ctx_json);
    time_format(r->now_us, now);
    db_call(r->api->db, stmt, &(struct db_args){.n = 3, .values = {ctx, now, args}}, done, r);
    free(ctx);
    free(args);
}

void api_ask(struct api_request *r)
{
    api_call(r, r->route->stmt, on_result);
}

/* ---- the way in ---- */

static void run(struct api_request *r)
{
    if (!body_take(r)) /* has answered */
        return;
    if (r->route->handle)
        r->route->handle(r);
    else
        api_ask(r);
}

static void on_session(void *arg, const struct session *session, bool failed)
{
    struct api_request *r = arg;
    if (failed) {
        api_problem(r, 503, "database-away", NULL, "the database does not answer; repeat the request");
    } else if (!session->ctx) {
        http_set_header(r->http, "WWW-Authenticate", "Bearer");
        api_problem(r, 401, "no-session", NULL, "the session is unknown or has ended; log in again");
    } else if (!(session->role & r->route->roles)) {
        api_problem(r, 403, "wrong-role", NULL, "this is not for your role");
    } else {
        r->session = (struct session){json_incref(session->ctx), session->role};
        run(r);
    }
}

static void authenticate(struct api_request *r)
{
    char hash[SESSION_HASH_TEXT];
    bool forwarded = http_header(r->http, "X-Forwarded-For") || http_header(r->http, "Forwarded");
    if (r->route->roles == ROLES_PUBLIC ||
        ((r->route->roles & ROLE_PROGRAM) && roads_open_to(r->api->roads, http_peer(r->http), forwarded))) {
        run(r);
    } else if (!session_hash(r->http, hash)) {
        http_set_header(r->http, "WWW-Authenticate", "Bearer");
        api_problem(r, 401, "no-session", NULL, "log in first");
    } else {
        sessions_find(r->api->sessions, hash, r->now_us, on_session, r);
    }
}

static const struct route *find_route(struct api_request *r, bool *ret_other_method)
{
    const char *method = http_method(r->http), *path = http_path(r->http);
    if (!strcmp(method, "HEAD"))
        method = "GET";
    *ret_other_method = false;
    for (size_t i = 0; i < api_route_count; i++) {
        const struct route *t = &api_routes[i];
        if (!path_matches(t->path, path, &r->path))
            continue;
        if (!strcmp(t->method, method))
            return t;
        *ret_other_method = true;
    }
    return NULL;
}

/* RFC 9110, 15.5.6: who is told that a method is not allowed is told which are. */
static void allow(struct api_request *r)
{
    char methods[64];
    int n = 0;
    for (size_t i = 0; i < api_route_count && n < (int)sizeof methods - 16; i++)
        if (path_matches(api_routes[i].path, http_path(r->http), &r->path))
            n += snprintf(methods + n, sizeof methods - (size_t)n, "%s%s", n ? ", " : "",
                          api_routes[i].method);
    http_set_header(r->http, "Allow", methods);
}

void api_serve(void *arg, struct http_request *http)
{
    static const struct route no_route = {.method = "?", .path = "?"};
    struct api *api = arg;
    if (api->pages && pages_serve(api->pages, http))
        return;
    struct api_request *r = calloc(1, sizeof *r);
    bool other_method;
    if (!r)
        log_fatal("out of memory");
    r->api = api;
    r->http = http;
    r->route = &no_route;
    r->began_us = clock_mono_us();
    r->now_us = clock_business_us(api->clock);
    const struct route *route = find_route(r, &other_method);
    if (route) {
        r->route = route;
        authenticate(r);
    } else if (other_method) {
        allow(r);
        api_problem(r, 405, "method-not-allowed", NULL, "this address does not take that method");
    } else {
        api_problem(r, 404, "not-found", NULL, "there is nothing at this address");
    }
}
