/* The HTTP/1.1 server. TLS 1.2 or later, or plain for the loopback and for sockets in the file system. Bounds
 * are enforced before a handler sees anything: 16 KiB of head, a body limit, a deadline for the whole request
 * from its first byte (a slow drip is cut), a cap on connections; what is refused is answered with a problem
 * document. All on the loop's thread. */
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
    const char *address;    /* "127.0.0.1", "::1", or "/run/x.sock" */
    int port;               /* 0: any free one, see http_port */
    const char *cert, *key; /* PEM files; NULL: plain */
    size_t body_max;
    int request_seconds; /* from the first byte of a request to its last */
    int connections_max; /* more wait in the kernel's queue */
    const char *host;    /* the only Host that is served (421 for others); NULL: any */
    /* After each reply, for measures; may be NULL. */
    void (*replied)(void *arg, const struct http_request *r, int status, int64_t took_us);
    void *replied_arg;
};

/* Starts to listen. `serve` owns each request until it has called one http_reply… on it, now or later. NULL
 * with err. */
struct http_server *http_listen(struct loop *l, const struct http_options *o,
                                void (*serve)(void *arg, struct http_request *r), void *arg,
                                struct error *err);
int http_port(const struct http_server *s);
/* Open connections. */
int http_connections(const struct http_server *s);
/* Reads certificate and key anew, for connections from now on; on failure the old ones stay. */
int http_reload(struct http_server *s, struct error *err);
/* Listens no more; idle connections are closed, the others after the request they are at. */
void http_stop(struct http_server *s);
/* Requests that are being read or served, streams not counted. */
int http_busy(const struct http_server *s);
/* Cuts every connection. Requests that were not replied to are still owed their reply, which goes nowhere. */
void http_free(struct http_server *s);

/* What was asked. Strings live until the reply. */
const char *http_method(const struct http_request *r);
const char *http_path(const struct http_request *r); /* decoded, without the query; never NULL */
const char *http_header(const struct http_request *r, const char *name);
const char *
http_peer(const struct http_request *r); /* the address, "local" for a socket in the file system */
/* The value of a query parameter, decoded; NULL when absent. */
const char *http_query(const struct http_request *r, const char *name);
/* Calls `each` for every query parameter. */
void http_query_each(const struct http_request *r,
                     void (*each)(void *arg, const char *name, const char *value), void *arg);
/* The whole body in one piece; *ret_len may be 0. */
const char *http_body(struct http_request *r, size_t *ret_len);

/* A header of the reply; call before replying. Line breaks in the value become spaces. */
void http_set_header(struct http_request *r, const char *name, const char *value);

/* Replies and ends the request; the content type may be NULL with an empty body. Safe when the client has
 * gone. */
void http_reply(struct http_request *r, int status, const char *content_type, const void *body, size_t len);
/* The same; the buffer is drained and stays the caller's. */
void http_reply_buffer(struct http_request *r, int status, const char *content_type, struct evbuffer *body);
/* Replies with application/problem+json (RFC 9457). `type` is a slug, `field` a JSON pointer or NULL,
 * `detail` what is wrong and what to do. */
void http_problem(struct http_request *r, int status, const char *type, const char *field,
                  const char *detail);
/* The reason phrase of a status. */
const char *http_title(int status);

/* A reply that goes on: text/event-stream. `gone` is called once when the client leaves or is too slow (more
 * than `behind_max` bytes unsent), never inside a call of ours but http_stream_start; the stream must not be
 * used after that. */
void http_stream_start(struct http_request *r, size_t behind_max, void (*gone)(void *arg), void *arg);
void http_stream_write(struct http_request *r, const void *data, size_t len);
void http_stream_end(struct http_request *r);

#endif
