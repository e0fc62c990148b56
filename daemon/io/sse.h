/* Live streams (Server-Sent Events, WHATWG HTML 9.2): clients follow one topic each, events sent to a topic
 * reach all who follow it. A client that comes back with Last-Event-ID gets what it missed while that is
 * still kept, else an event named "reset", which means: ask for the whole state again. A client that does not
 * read is dropped. Loop's thread only. */
#ifndef DAEMON_IO_SSE_H
#define DAEMON_IO_SSE_H

#include "base/http.h"
#include "base/loop.h"

#include <stddef.h>

enum { SSE_TOPIC_MAX = 96 };

struct sse;

struct sse_options {
    int clients_max;   /* more are answered 503 */
    size_t behind_max; /* unsent bytes a client may have */
    int heartbeat_s;   /* a comment so often: keeps proxies open and finds clients that are gone */
    int kept_max;      /* events kept for those who come back */
};

struct sse *sse_new(struct loop *l, const struct sse_options *o);
/* Ends every stream. Before http_free. */
void sse_free(struct sse *s);

/* Takes the request over: answers with the stream, or with a problem. */
void sse_join(struct sse *s, struct http_request *r, const char *topic);

/* `data` must hold no line break (JSON does not); `event` is the event's name. */
void sse_send(struct sse *s, const char *topic, const char *event, const char *data, size_t len);

/* Clients of the topic, of all when NULL: what nobody follows need not be computed. */
int sse_followers(const struct sse *s, const char *topic);

#endif
