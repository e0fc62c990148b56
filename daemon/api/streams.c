/* Live streams: the park's by site, a courier's own. */
#include "daemon/api/handlers.h"
#include "daemon/park/board.h"

#include <stdio.h>

static void join(struct api_request *r, const char *kind, const char *member)
{
    char topic[SSE_TOPIC_MAX];
    const char *id = json_string_value(json_object_get(r->session.ctx, member));
    struct http_request *http = r->http;
    struct sse *sse = r->api->sse;
    snprintf(topic, sizeof topic, "%s:%s", kind, id ? id : "all");
    if (r->api->board)
        board_kick(r->api->board);
    api_forget(r);
    sse_join(sse, http, topic);
}

void courier_stream(struct api_request *r)
{
    join(r, "courier", "courier_id");
}

void park_stream(struct api_request *r)
{
    join(r, "park", "site_id");
}
