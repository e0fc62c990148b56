/* The road map: OSRM's services and the tiles of the base map, answered by daemon/roads on its threads. */
#include "daemon/roads/roads.h"

#include "base/log.h"
#include "daemon/api/handlers.h"

#include <ctype.h>
#include <event2/buffer.h>
#include <stdlib.h>
#include <string.h>

/* ---- OSRM's services ---- */

static void add_encoded(struct evbuffer *b, const char *s)
{
    for (; *s; s++) {
        bool plain = isalnum((unsigned char)*s) || strchr("-._~,;:/()", *s);
        evbuffer_add_printf(b, plain ? "%c" : "%%%02X", (unsigned char)*s);
    }
}

static void add_option(void *arg, const char *name, const char *value)
{
    struct evbuffer *b = arg;
    add_encoded(b, name);
    evbuffer_add(b, "=", 1);
    add_encoded(b, value);
    evbuffer_add(b, "&", 1);
}

/* The request target, written again from its decoded parts; freed with the buffer. */
static const char *target_of(const struct api_request *r, struct evbuffer *b)
{
    add_encoded(b, http_path(r->http));
    evbuffer_add(b, "?", 1);
    http_query_each(r->http, add_option, b);
    evbuffer_add(b, "", 1);
    return (const char *)evbuffer_pullup(b, -1);
}

static void on_osrm(void *arg, const struct roads_answer *a)
{
    api_reply_as(arg, a->status, "application/json", NULL, a->text, a->len);
}

void osrm_get(struct api_request *r)
{
    if (!roads_have_map(r->api->roads)) {
        api_problem(r, 501, "not-implemented", NULL, "this server has no road map (roads.file)");
        return;
    }
    struct evbuffer *b = evbuffer_new();
    if (!b)
        log_fatal("out of memory");
    if (roads_osrm(r->api->roads, target_of(r, b), on_osrm, r))
        api_problem(r, 503, "busy", NULL, "too many requests wait already; ask again in a second");
    evbuffer_free(b);
}

/* ---- the base map ---- */

#define TILE_CACHE "private, max-age=3600"

/* Answers 304 when the client has it already. */
static bool has_it(struct api_request *r)
{
    const char *known = http_header(r->http, "If-None-Match"), *etag = roads_etag(r->api->roads);
    http_set_header(r->http, "ETag", etag);
    if (!known || strcmp(known, etag) != 0)
        return false;
    api_reply_as(r, 304, NULL, TILE_CACHE, "", 0);
    return true;
}

static void no_map(struct api_request *r)
{
    api_problem(r, 404, "no-map", NULL, "this server has no road map (roads.file)");
}

static void on_tile(void *arg, const struct roads_answer *a)
{
    struct api_request *r = arg;
    if (a->status == 404)
        api_problem(r, 404, "not-found", NULL, "there is no such tile: z is at most 18, x and y below 2^z");
    else
        api_reply_as(r, a->status, a->len ? "application/vnd.mapbox-vector-tile" : NULL, TILE_CACHE, a->text,
                     a->len);
}

static uint32_t number(const struct api_request *r, const char *name)
{
    return (uint32_t)strtoul(path_value(&r->path, name), NULL, 10);
}

void tile_get(struct api_request *r)
{
    if (!roads_have_map(r->api->roads))
        no_map(r);
    else if (!has_it(r) &&
             roads_tile(r->api->roads, number(r, "z"), number(r, "x"), number(r, "y"), on_tile, r))
        api_problem(r, 503, "busy", NULL, "too many requests wait already; ask again in a second");
}

void tiles_get(struct api_request *r)
{
    const char *json = roads_tile_json(r->api->roads);
    if (!json)
        no_map(r);
    else if (!has_it(r))
        api_reply_as(r, 200, "application/json", TILE_CACHE, json, strlen(json));
}
