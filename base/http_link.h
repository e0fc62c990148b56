/* One connection of the server: reads requests one after the other, keeps to the bounds, and says when one is
 * whole. Between http.c and http_link.c only. */
#ifndef BASE_HTTP_LINK_H
#define BASE_HTTP_LINK_H

#include "base/http.h"
#include "base/http_head.h"
#include "base/wire.h"

#include <stdint.h>
#include <sys/queue.h>

enum { HTTP_HEAD_MAX = 16384, HTTP_PEER_MAX = 46 };

struct http_request {
    struct http_link *link; /* NULL when the client has gone */
    struct http_head head;
    char *head_text;  /* what head points into */
    const char *body; /* in the link's buffer, or own once the client has gone */
    char *own_body;
    char *headers; /* of the reply, so far */
    size_t headers_len, headers_room;
    int64_t began_us; /* its first byte */
    char peer[HTTP_PEER_MAX];
    bool secure;
    bool streaming;
    size_t behind_max;
    void (*on_gone)(void *arg);
    void *gone_arg;
};

enum http_state { HTTP_READS_HEAD, HTTP_READS_BODY, HTTP_SERVES, HTTP_LINGERS };

struct http_link {
    LIST_ENTRY(http_link) link;
    struct http_server *server;
    struct wire wire;
    struct event *readable, *writable;
    enum http_state state;
    bool reading;   /* the readable event is in force */
    bool advancing; /* inside link_advance: a reply given at once must not start another round */
    bool doomed;    /* to be closed when it is safe */
    bool closes;    /* … after what is queued has been sent */
    char *in;
    size_t in_len, in_room, scanned;
    struct http_request *request; /* being read or served */
    int64_t since_us;             /* in this state; of reading: since the first byte, or since it is idle */
    char peer[HTTP_PEER_MAX];
};
LIST_HEAD(http_links, http_link);

struct http_server {
    struct loop *loop;
    struct event_base *base;
    struct evconnlistener *listener;
    struct loop_timer *sweep;
    SSL_CTX *tls;
    struct http_options options;
    char *cert, *key, *host, *path; /* copies */
    void (*serve)(void *arg, struct http_request *r);
    void *arg;
    struct http_links links;
    int n_links;
    bool paused, stopping;
};

/* Takes an accepted socket. */
void link_new(struct http_server *s, int fd, const char *peer);
void link_free(struct http_link *k);

/* After the reply was handed to the wire: goes on with the next request, or closes. */
void link_next(struct http_link *k, bool keep_alive);

/* Watches the socket for room when something is queued; a broken wire is doomed. `rc` is the wire's. */
void link_sent(struct http_link *k, int rc);

/* Cuts what is late or doomed. */
void link_sweep(struct http_link *k, int64_t now_us);

void request_free(struct http_request *r);

#endif
