#include "daemon/io/sse.h"

#include "base/clock.h"
#include "base/log.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

struct client {
    LIST_ENTRY(client) link;
    struct sse *sse;
    struct http_request *stream;
    char topic[SSE_TOPIC_MAX];
    bool gone;
};
LIST_HEAD(clients, client);

struct kept {
    char topic[SSE_TOPIC_MAX];
    uint64_t id;
    char *text;
    size_t len;
};

struct sse {
    struct sse_options options;
    struct clients clients;
    int n_clients;
    struct kept *kept; /* ring: event id stands at id % kept_max */
    uint64_t last_id;  /* begins with the clock, so that ids of an earlier run are older than any kept */
    uint64_t first_id;
    struct loop_timer *heartbeat;
};

static void client_gone(void *arg)
{
    struct client *c = arg;
    c->gone = true;
    LIST_REMOVE(c, link);
    c->sse->n_clients--;
    free(c);
}

static void beat(void *arg)
{
    struct sse *s = arg;
    struct client *c, *next;
    for (c = LIST_FIRST(&s->clients); c; c = next) {
        next = LIST_NEXT(c, link);
        http_stream_write(c->stream, ":\n\n", 3);
    }
}

struct sse *sse_new(struct loop *l, const struct sse_options *o)
{
    struct sse *s = calloc(1, sizeof *s);
    if (!s || !(s->kept = calloc((size_t)o->kept_max, sizeof *s->kept)))
        log_fatal("out of memory");
    s->options = *o;
    s->first_id = s->last_id = (uint64_t)clock_real_us();
    LIST_INIT(&s->clients);
    s->heartbeat = loop_timer_new(l, o->heartbeat_s * 1000, o->heartbeat_s * 1000, beat, s);
    return s;
}

void sse_free(struct sse *s)
{
    for (struct client *c; (c = LIST_FIRST(&s->clients));) {
        struct http_request *stream = c->stream;
        client_gone(c);
        http_stream_end(stream);
    }
    for (int i = 0; i < s->options.kept_max; i++)
        free(s->kept[i].text);
    free(s->kept);
    loop_timer_free(s->heartbeat);
    free(s);
}

/* What the client missed, in order; false when some of it is no longer here. */
static bool replay(struct sse *s, struct client *c, uint64_t seen)
{
    uint64_t oldest = s->last_id - s->first_id < (uint64_t)s->options.kept_max
                          ? s->first_id
                          : s->last_id - (uint64_t)s->options.kept_max;
    if (seen < oldest || seen > s->last_id)
        return false;
    for (uint64_t id = seen + 1; id <= s->last_id; id++) {
        struct kept *k = &s->kept[id % (uint64_t)s->options.kept_max];
        if (!strcmp(k->topic, c->topic))
            http_stream_write(c->stream, k->text, k->len);
    }
    return true;
}

static void greet(struct sse *s, struct client *c, const char *seen)
{
    char text[96];
    uint64_t id;
    bool back = seen && sscanf(seen, "%20" SCNu64, &id) == 1;
    int n = snprintf(text, sizeof text, "retry: 2000\n\n");
    http_stream_write(c->stream, text, (size_t)n);
    if (back && !replay(s, c, id)) {
        n = snprintf(text, sizeof text, "id: %" PRIu64 "\nevent: reset\ndata: {}\n\n", s->last_id);
        http_stream_write(c->stream, text, (size_t)n);
    }
}

static void refuse(struct http_request *r)
{
    static const char body[] = "{\"type\":\"about:blank\",\"title\":\"Service Unavailable\",\"status\":503,"
                               "\"detail\":\"too many live streams; ask again later\"}";
    http_set_header(r, "Retry-After", "5");
    http_reply(r, 503, "application/problem+json", body, sizeof body - 1);
}

void sse_join(struct sse *s, struct http_request *r, const char *topic)
{
    if (s->n_clients >= s->options.clients_max) {
        refuse(r);
        return;
    }
    char seen[24] = "";
    const char *header = http_header(r, "Last-Event-ID");
    snprintf(seen, sizeof seen, "%s", header ? header : "");
    struct client *c = calloc(1, sizeof *c);
    if (!c)
        log_fatal("out of memory");
    c->sse = s;
    c->stream = r;
    snprintf(c->topic, sizeof c->topic, "%s", topic);
    LIST_INSERT_HEAD(&s->clients, c, link);
    s->n_clients++;
    int before = s->n_clients;
    http_stream_start(r, s->options.behind_max, client_gone, c);
    if (s->n_clients == before) /* else the client had already left, and c is gone */
        greet(s, c, header ? seen : NULL);
}

static void keep(struct sse *s, const char *topic, char *text, size_t len)
{
    struct kept *k = &s->kept[s->last_id % (uint64_t)s->options.kept_max];
    free(k->text);
    *k = (struct kept){.id = s->last_id, .text = text, .len = len};
    snprintf(k->topic, sizeof k->topic, "%s", topic);
}

void sse_send(struct sse *s, const char *topic, const char *event, const char *data, size_t len)
{
    struct client *c, *next;
    size_t room = len + strlen(event) + 64;
    char *text = malloc(room);
    if (!text)
        log_fatal("out of memory");
    int n = snprintf(text, room, "id: %" PRIu64 "\nevent: %s\ndata: %.*s\n\n", ++s->last_id, event, (int)len,
                     data);
    for (c = LIST_FIRST(&s->clients); c; c = next) {
        next = LIST_NEXT(c, link);
        if (!strcmp(c->topic, topic))
            http_stream_write(c->stream, text, (size_t)n);
    }
    keep(s, topic, text, (size_t)n);
}

int sse_followers(const struct sse *s, const char *topic)
{
    const struct client *c;
    int n = 0;
    LIST_FOREACH(c, &s->clients, link)
    n += !topic || !strcmp(c->topic, topic);
    return n;
}
