/* The road map: OSRM's services, answered by daemon/roads on its threads. */
#include "daemon/roads/roads.h"

#include "base/log.h"
#include "daemon/api/handlers.h"

#include <ctype.h>
#include <event2/buffer.h>
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
