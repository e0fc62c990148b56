/* One API request on its way: found its route, knows who asks, holds the validated arguments. Lives from the
 * arrival of the HTTP request until api_reply or api_problem, which free it. Everything happens on the loop's
 * thread. */
#ifndef DAEMON_API_REQUEST_H
#define DAEMON_API_REQUEST_H

#include "base/http.h"
#include "daemon/api/api.h"
#include "daemon/api/route.h"
#include "daemon/api/session.h"

#include <jansson.h>

struct evbuffer;

struct api_request {
    struct api *api;
    struct http_request *http;
    const struct route *route;
    struct path_match path;
    struct session session; /* zero for public routes */
    json_t *args; /* body, path and query as one object; an array body stands under the shape's array name */
    int64_t now_us;   /* business time of arrival */
    int64_t began_us; /* monotonic */
    void *state;      /* the handler's own; freed by it */
};

/* Answers with a JSON body (consumes the reference) and frees r. */
void api_reply(struct api_request *r, int status, json_t *body);

/* Answers with text that is JSON already. */
void api_reply_text(struct api_request *r, int status, const char *json, size_t len);
/* The same from a buffer, which stays the caller's and is empty afterwards. */
void api_reply_buffer(struct api_request *r, int status, struct evbuffer *json);

/* Answers with content of any type; `cache` is the Cache-Control, NULL: "no-store". */
void api_reply_as(struct api_request *r, int status, const char *type, const char *cache, const void *content,
                  size_t len);

/* Answers with problem+json (RFC 9457) and frees r. `type` is the stable slug; `field` a JSON pointer or
 * NULL; `detail` says what is wrong and what to do. A route
 * that speaks OSRM's language answers {"code":"TheSlug","message":detail} instead. */
void api_problem(struct api_request *r, int status, const char *type, const char *field, const char *detail);

/* Frees r without an answer: the handler has taken r->http and answers there itself (streams, files). */
void api_forget(struct api_request *r);

/* 422 with every fault and its pointer. */
void api_problem_faults(struct api_request *r, const struct json_faults *faults);

/* Calls a statement of the form (ctx, now, args); `done` gets r and has to answer. */
void api_call(struct api_request *r, const struct db_stmt *stmt,
              void (*done)(void *arg, const struct db_result *res));

/* A problem for a result that is not DB_OK. */
void api_reply_db_problem(struct api_request *r, const struct db_result *res);

/* Asks the use case `stmt` with (ctx, now, args) and answers with what it returns: the handler of most
 * routes. */
void api_ask(struct api_request *r);

/* The result of a use case (one row: status, body), or a problem when the database could not answer. */
void api_reply_result(struct api_request *r, const struct db_result *res);

/* The ctx document of the session, as the statements take it. New reference. */
json_t *api_context(const struct api_request *r);

#endif
