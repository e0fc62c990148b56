/* The HTTP server: the only file that names evhttp. TLS 1.2 or later, or plain on the loopback. Bounds are
 * enforced before a handler sees anything: 16 KiB of headers, a body limit, a deadline for the whole request
 * from its first byte (a slow drip is cut), a cap on connections. All on the loop's thread. */
#ifndef BASE_HTTP_H
#define BASE_HTTP_H

#include "base/error.h"
#include "base/loop.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct evbuffer;
struct http_server;
struct http_request;

struct http_options {
    const char *address;    /* "127.0.0.1" */
    int port;               /* 0: any free one, see http_port */
    const char *cert, *key; /* PEM files; NULL: plain */
    size_t body_max;
    int request_seconds; /* from the first byte of a request to its last */
    int connections_max;
};

/* Starts to listen. `serve` owns each request until it has called one http_reply… on it. NULL with err. */
struct http_server *http_listen(struct loop *l, const struct http_options *o,
                                void (*serve)(void *arg, struct http_request *r), void *arg,
                                struct error *err);
int http_port(const struct http_server *s);
/* Open connections. */
int http_connections(const struct http_server *s);
void http_free(struct http_server *s);

/* What was asked. Strings live until the reply. */
const char *http_method(const struct http_request *r);
const char *http_path(const struct http_request *r); /* decoded, without the query; never NULL */
const char *http_header(const struct http_request *r, const char *name);
const char *http_peer(const struct http_request *r);
/* The value of a query parameter, decoded; NULL when absent. */
const char *http_query(const struct http_request *r, const char *name);
/* Calls `each` for every query parameter. */
void http_query_each(const struct http_request *r,
                     void (*each)(void *arg, const char *name, const char *value), void *arg);
/* The whole body in one piece; *ret_len may be 0. */
const char *http_body(struct http_request *r, size_t *ret_len);

/* A header of the reply; call before replying. */
void http_set_header(struct http_request *r, const char *name, const char *value);

/* Replies and ends the request; the content type may be NULL with an empty body. Safe when the client has
 * gone. */
void http_reply(struct http_request *r, int status, const char *content_type, const void *body, size_t len);
void http_reply_buffer(struct http_request *r, int status, const char *content_type, struct evbuffer *body);

/* A reply that goes on: text/event-stream. `gone` is called once when the client leaves or is too slow (more
 * than `behind_max` bytes unsent); the stream must not be used after that. */
void http_stream_start(struct http_request *r, size_t behind_max, void (*gone)(void *arg), void *arg);
void http_stream_write(struct http_request *r, const void *data, size_t len);
void http_stream_end(struct http_request *r);

#endif
