/* evhttp 2.1.12 has no deadline for a whole request, no cap on connections, and answers an oversize body in
 * HTML. All three are kept here, by the connection (struct link): its bufferevent is made in new_connection
 * and held by a reference of our own, its input is counted, and a sweep a few times a second cuts what is
 * late and lets go of what evhttp has freed (a freed bufferevent has no event callback any more). */
#include "base/http.h"

#include "base/clock.h"
#include "base/log.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/http_struct.h>
#include <event2/keyvalq_struct.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <uthash.h>

enum { HEADERS_MAX = 16384, IDLE_SECONDS = 75, SWEEP_MS = 200, LINGER_US = 2000000 };

struct link {
    struct bufferevent *bev; /* the key; our own reference */
    struct http_server *server;
    int64_t began_us;   /* first byte of the request that is being read; 0: none is */
    size_t received;    /* bytes of it */
    int64_t refused_us; /* too large: answered then; what still comes is thrown away for a while */
    bool ended;         /* … and the client has said all it had to say */
    bufferevent_data_cb evhttp_read, evhttp_write; /* evhttp's, while we stand in for them */
    bufferevent_event_cb evhttp_event;
    void *evhttp_arg;
    UT_hash_handle hh;
};

struct http_server {
    struct evhttp *http;
    struct event_base *base;
    struct evconnlistener *listener; /* owned by http */
    struct loop_timer *sweep;
    SSL_CTX *tls;
    struct http_options options;
    void (*serve)(void *arg, struct http_request *r);
    void *arg;
    struct link *links;
    bool paused;
};

struct http_request {
    struct http_server *server;
    struct evhttp_request *req;
    char *path;
    struct evkeyvalq query;
    bool gone; /* the connection closed before the reply */
    bool streaming;
    size_t behind_max;
    void (*on_gone)(void *arg);
    void *gone_arg;
};

/* ---- connections ---- */

static void on_discard(struct bufferevent *bev, void *arg)
{
    struct evbuffer *in = bufferevent_get_input(bev);
    (void)arg;
    evbuffer_drain(in, evbuffer_get_length(in));
}

/* evhttp takes over again and cleans up. */
static void give_back(struct link *k, short what)
{
    bufferevent_setcb(k->bev, k->evhttp_read, k->evhttp_write, k->evhttp_event, k->evhttp_arg);
    k->evhttp_event(k->bev, what, k->evhttp_arg);
}

static void on_answered(struct bufferevent *bev, void *arg)
{
    struct link *k = arg;
    (void)bev;
    if (k->ended)
        give_back(k, BEV_EVENT_READING | BEV_EVENT_EOF);
}

/* The client has ended its side, or the sweep has cut the connection. */
static void on_discard_event(struct bufferevent *bev, short what, void *arg)
{
    struct link *k = arg;
    k->ended = true;
    if (!(what & BEV_EVENT_EOF) || !evbuffer_get_length(bufferevent_get_output(bev)))
        give_back(k, what);
}

/* Closing at once would reset the connection before the client has read the answer, so it may talk on for
 * LINGER_US. */
static void refuse_large(struct link *k)
{
    static const char body[] = "{\"type\":\"about:blank\",\"title\":\"Content Too Large\",\"status\":413,"
                               "\"detail\":\"the body is larger than this server takes; send it in parts\"}";
    char head[256];
    int n = snprintf(head, sizeof head,
                     "HTTP/1.1 413 Content Too Large\r\nContent-Type: application/problem+json\r\n"
                     "Content-Length: %zu\r\nConnection: close\r\n\r\n",
                     sizeof body - 1);
    k->refused_us = clock_mono_us();
    bufferevent_getcb(k->bev, &k->evhttp_read, &k->evhttp_write, &k->evhttp_event, &k->evhttp_arg);
    bufferevent_setcb(k->bev, on_discard, on_answered, on_discard_event, k);
    bufferevent_enable(k->bev, EV_READ | EV_WRITE);
    bufferevent_write(k->bev, head, (size_t)n);
    bufferevent_write(k->bev, body, sizeof body - 1);
}

static void on_input(struct evbuffer *in, const struct evbuffer_cb_info *info, void *arg)
{
    struct link *k = arg;
    (void)in;
    if (!info->n_added || k->refused_us)
        return;
    if (!k->began_us)
        k->began_us = clock_mono_us();
    k->received += info->n_added;
    if (k->received > k->server->options.body_max + HEADERS_MAX)
        refuse_large(k);
}

static struct bufferevent *new_connection(struct event_base *base, void *arg)
{
    struct http_server *s = arg;
    SSL *ssl = s->tls ? SSL_new(s->tls) : NULL;
    struct bufferevent *bev =
        ssl ? bufferevent_openssl_socket_new(base, -1, ssl, BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE)
            : bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
    struct link *k = calloc(1, sizeof *k);
    if (!bev || !k)
        log_fatal("out of memory");
    if (ssl)
        bufferevent_openssl_set_allow_dirty_shutdown(bev, 1);
    bufferevent_incref(bev);
    k->bev = bev;
    k->server = s;
    evbuffer_add_cb(bufferevent_get_input(bev), on_input, k);
    HASH_ADD_PTR(s->links, bev, k);
    if (HASH_COUNT(s->links) >= (unsigned)s->options.connections_max && !s->paused) {
        s->paused = true;
        evconnlistener_disable(s->listener);
        log_warn("http: %d connections, no more are accepted for now", s->options.connections_max);
    }
    return bev;
}

static void link_free(struct http_server *s, struct link *k)
{
    HASH_DEL(s->links, k);
    evbuffer_remove_cb(bufferevent_get_input(k->bev), on_input, k);
    bufferevent_decref(k->bev);
    free(k);
}

static void sweep(void *arg)
{
    struct http_server *s = arg;
    struct link *k, *next;
    int64_t now = clock_mono_us(), late = now - (int64_t)s->options.request_seconds * 1000000;
    HASH_ITER(hh, s->links, k, next)
    {
        bufferevent_event_cb on_event = NULL;
        bufferevent_getcb(k->bev, NULL, NULL, &on_event, NULL);
        if (!on_event)
            link_free(s, k);
        else if ((k->refused_us && k->refused_us < now - LINGER_US) || (k->began_us && k->began_us < late))
            shutdown((int)bufferevent_getfd(k->bev), SHUT_RDWR); /* evhttp sees the end and cleans up */
    }
    if (s->paused && HASH_COUNT(s->links) < (unsigned)s->options.connections_max) {
        s->paused = false;
        evconnlistener_enable(s->listener);
    }
}

int http_connections(const struct http_server *s)
{
    return (int)HASH_COUNT(s->links);
}

/* ---- requests ---- */

static void request_free(struct http_request *r)
{
    evhttp_clear_headers(&r->query);
    free(r->path);
    free(r);
}

static void on_close(struct evhttp_connection *c, void *arg)
{
    struct http_request *r = arg;
    (void)c;
    r->gone = true;
    if (r->streaming) {
        void (*on_gone)(void *) = r->on_gone;
        void *gone_arg = r->gone_arg;
        request_free(r);
        on_gone(gone_arg);
    }
}

static void on_request(struct evhttp_request *req, void *arg)
{
    struct http_server *s = arg;
    struct http_request *r = calloc(1, sizeof *r);
    const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(req);
    const char *path = uri ? evhttp_uri_get_path(uri) : NULL, *query = uri ? evhttp_uri_get_query(uri) : NULL;
    struct link *k;
    if (!r)
        log_fatal("out of memory");
    struct bufferevent *bev = evhttp_connection_get_bufferevent(evhttp_request_get_connection(req));
    HASH_FIND_PTR(s->links, &bev, k);
    if (k) {
        k->began_us = 0;
        k->received = 0;
    }
    r->server = s;
    r->req = req;
    r->path = evhttp_uridecode(path ? path : "/", 0, NULL);
    TAILQ_INIT(&r->query);
    if (query)
        evhttp_parse_query_str(query, &r->query);
    evhttp_connection_set_closecb(evhttp_request_get_connection(req), on_close, r);
    s->serve(s->arg, r);
}

const char *http_method(const struct http_request *r)
{
    static const struct {
        enum evhttp_cmd_type type;
        const char *name;
    } names[] = {{EVHTTP_REQ_GET, "GET"},        {EVHTTP_REQ_POST, "POST"},     {EVHTTP_REQ_HEAD, "HEAD"},
                 {EVHTTP_REQ_PUT, "PUT"},        {EVHTTP_REQ_DELETE, "DELETE"}, {EVHTTP_REQ_PATCH, "PATCH"},
                 {EVHTTP_REQ_OPTIONS, "OPTIONS"}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (evhttp_request_get_command(r->req) == names[i].type)
            return names[i].name;
    return "OTHER";
}

const char *http_path(const struct http_request *r)
{
    return r->path ? r->path : "/";
}

const char *http_header(const struct http_request *r, const char *name)
{
    return r->gone ? NULL : evhttp_find_header(evhttp_request_get_input_headers(r->req), name);
}

const char *http_peer(const struct http_request *r)
{
    char *address = NULL;
    ev_uint16_t port;
    if (!r->gone)
        evhttp_connection_get_peer(evhttp_request_get_connection(r->req), &address, &port);
    return address ? address : "";
}

const char *http_query(const struct http_request *r, const char *name)
{
    return evhttp_find_header(&r->query, name);
}

void http_query_each(const struct http_request *r,
                     void (*each)(void *arg, const char *name, const char *value), void *arg)
{
    struct evkeyval *kv;
    TAILQ_FOREACH(kv, &r->query, next)
    each(arg, kv->key, kv->value);
}

const char *http_body(struct http_request *r, size_t *ret_len)
{
    struct evbuffer *in = evhttp_request_get_input_buffer(r->req);
    *ret_len = evbuffer_get_length(in);
    const char *all = (const char *)evbuffer_pullup(in, -1);
    return all ? all : "";
}

void http_set_header(struct http_request *r, const char *name, const char *value)
{
    if (!r->gone)
        evhttp_add_header(evhttp_request_get_output_headers(r->req), name, value);
}

/* ---- replies ---- */

static const char *title_of(int status)
{
    static const struct {
        int status;
        const char *title;
    } titles[] = {{200, "OK"},
                  {201, "Created"},
                  {202, "Accepted"},
                  {204, "No Content"},
                  {304, "Not Modified"},
                  {302, "Found"},
                  {400, "Bad Request"},
                  {401, "Unauthorized"},
                  {403, "Forbidden"},
                  {404, "Not Found"},
                  {405, "Method Not Allowed"},
                  {409, "Conflict"},
                  {503, "Service Unavailable"}};
    for (size_t i = 0; i < sizeof titles / sizeof titles[0]; i++)
        if (titles[i].status == status)
            return titles[i].title;
    return status < 400 ? "OK" : "Error";
}

static void add_security_headers(struct http_request *r)
{
    http_set_header(r, "X-Content-Type-Options", "nosniff");
    http_set_header(r, "Referrer-Policy", "no-referrer");
    if (r->server->tls)
        http_set_header(r, "Strict-Transport-Security", "max-age=31536000");
}

void http_reply_buffer(struct http_request *r, int status, const char *content_type, struct evbuffer *body)
{
    if (!r->gone) {
        evhttp_connection_set_closecb(evhttp_request_get_connection(r->req), NULL, NULL);
        if (content_type)
            http_set_header(r, "Content-Type", content_type);
        add_security_headers(r);
        evhttp_send_reply(r->req, status, title_of(status), body);
    }
    request_free(r);
}

void http_reply(struct http_request *r, int status, const char *content_type, const void *body, size_t len)
{
    struct evbuffer *b = evbuffer_new();
    if (!b || evbuffer_add(b, body, len))
        log_fatal("out of memory");
    http_reply_buffer(r, status, content_type, b);
    evbuffer_free(b);
}

void http_stream_start(struct http_request *r, size_t behind_max, void (*gone)(void *arg), void *arg)
{
    r->streaming = true;
    r->behind_max = behind_max;
    r->on_gone = gone;
    r->gone_arg = arg;
    if (r->gone) {
        request_free(r);
        gone(arg);
        return;
    }
    http_set_header(r, "Content-Type", "text/event-stream");
    http_set_header(r, "Cache-Control", "no-store");
    add_security_headers(r);
    evhttp_connection_set_timeout(evhttp_request_get_connection(r->req), 3600);
    evhttp_send_reply_start(r->req, 200, "OK");
}

void http_stream_write(struct http_request *r, const void *data, size_t len)
{
    struct evhttp_connection *c = evhttp_request_get_connection(r->req);
    struct bufferevent *bev = evhttp_connection_get_bufferevent(c);
    if (evbuffer_get_length(bufferevent_get_output(bev)) + len > r->behind_max) {
        shutdown((int)bufferevent_getfd(bev), SHUT_RDWR); /* on_close follows */
        return;
    }
    struct evbuffer *b = evbuffer_new();
    evbuffer_add(b, data, len);
    evhttp_send_reply_chunk(r->req, b);
    evbuffer_free(b);
}

void http_stream_end(struct http_request *r)
{
    evhttp_connection_set_closecb(evhttp_request_get_connection(r->req), NULL, NULL);
    evhttp_send_reply_end(r->req);
    request_free(r);
}

/* ---- the server ---- */

static SSL_CTX *tls_context(const struct http_options *o, struct error *err)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    if (!ctx)
        log_fatal("OpenSSL cannot start");
    SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
    SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    if (SSL_CTX_use_certificate_chain_file(ctx, o->cert) != 1) {
        error_set(err, EINVAL, "%s: no usable certificate", o->cert);
    } else if (SSL_CTX_use_PrivateKey_file(ctx, o->key, SSL_FILETYPE_PEM) != 1 ||
               SSL_CTX_check_private_key(ctx) != 1) {
        error_set(err, EINVAL, "%s: no usable key, or not the certificate's", o->key);
    } else {
        return ctx;
    }
    SSL_CTX_free(ctx);
    return NULL;
}

static struct evconnlistener *listen_on(struct http_server *s, struct error *err)
{
    struct sockaddr_in sa = {.sin_family = AF_INET, .sin_port = htons((uint16_t)s->options.port)};
    if (inet_pton(AF_INET, s->options.address, &sa.sin_addr) != 1) {
        error_set(err, EINVAL, "'%s' is no IPv4 address to listen on", s->options.address);
        return NULL;
    }
    struct evconnlistener *l = evconnlistener_new_bind(
        s->base, NULL, NULL, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE, 1024,
        (struct sockaddr *)&sa, sizeof sa);
    if (!l) {
        error_set(err, errno, "%s:%d: %s", s->options.address, s->options.port, strerror(errno));
        return NULL;
    }
    int on = 1; /* inherited by what is accepted */
    setsockopt((int)evconnlistener_get_fd(l), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return l;
}

struct http_server *http_listen(struct loop *l, const struct http_options *o,
                                void (*serve)(void *arg, struct http_request *r), void *arg,
                                struct error *err)
{
    struct http_server *s = calloc(1, sizeof *s);
    if (!s)
        log_fatal("out of memory");
    *s = (struct http_server){.base = loop_base(l), .options = *o, .serve = serve, .arg = arg};
    if (o->cert && !(s->tls = tls_context(o, err))) {
        free(s);
        return NULL;
    }
    if (!(s->listener = listen_on(s, err))) {
        SSL_CTX_free(s->tls);
        free(s);
        return NULL;
    }
    s->http = evhttp_new(s->base);
    evhttp_set_bevcb(s->http, new_connection, s);
    evhttp_set_gencb(s->http, on_request, s);
    evhttp_set_max_headers_size(s->http, HEADERS_MAX);
    evhttp_set_timeout(s->http, IDLE_SECONDS);
    evhttp_set_allowed_methods(s->http, EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_HEAD | EVHTTP_REQ_PUT |
                                            EVHTTP_REQ_DELETE | EVHTTP_REQ_PATCH | EVHTTP_REQ_OPTIONS);
    evhttp_bind_listener(s->http, s->listener);
    s->sweep = loop_timer_new(l, SWEEP_MS, SWEEP_MS, sweep, s);
    return s;
}

int http_port(const struct http_server *s)
{
    struct sockaddr_in sa = {0};
    socklen_t len = sizeof sa;
    getsockname((int)evconnlistener_get_fd(s->listener), (struct sockaddr *)&sa, &len);
    return ntohs(sa.sin_port);
}

void http_free(struct http_server *s)
{
    struct link *k, *next;
    if (!s)
        return;
    loop_timer_free(s->sweep);
    evhttp_free(s->http);
    HASH_ITER(hh, s->links, k, next)
    link_free(s, k);
    SSL_CTX_free(s->tls);
    free(s);
}
