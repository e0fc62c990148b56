/* Health, readiness, metrics, and the description of this API. */
#include "base/log.h"
#include "base/time.h"
#include "daemon/api/describe.h"
#include "daemon/api/handlers.h"
#include "daemon/api/metrics.h"
#include "daemon/lockers/lockers.h"

#include <event2/buffer.h>

void ops_health(struct api_request *r)
{
    api_reply(r, 200, json_pack("{s:s}", "status", "alive"));
}

/* Business time, so that a handheld whose clock is wrong still tells the true time of a scan. */
void ops_now(struct api_request *r)
{
    char now[TIME_TEXT_MAX];
    time_format(r->now_us, now);
    api_reply(r, 200, json_pack("{s:s}", "now", now));
}

void ops_ready(struct api_request *r)
{
    const struct api *a = r->api;
    bool db = db_ready(a->db), broker = !a->lockers || lockers_up(a->lockers);
    json_t *body = json_pack("{s:s, s:s, s:s}", "status", db && broker ? "ready" : "waiting", "database",
                             db ? "up" : db_trouble(a->db), "broker",
                             !a->lockers ? "none"
                             : broker    ? "up"
                                         : lockers_trouble(a->lockers));
    api_reply(r, db && broker ? 200 : 503, body);
}

static void reply_buffer(struct api_request *r, const char *content_type, struct evbuffer *b)
{
    http_reply_buffer(r->http, 200, content_type, b);
    evbuffer_free(b);
    r->http = NULL;
    api_forget(r);
}

void ops_metrics(struct api_request *r)
{
    struct evbuffer *b = evbuffer_new();
    metrics_write(r->api->metrics, b);
    reply_buffer(r, "text/plain; version=0.0.4", b);
}

void ops_openapi(struct api_request *r)
{
    api_reply(r, 200, api_describe());
}
