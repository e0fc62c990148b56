#include "base/http.h"

#include "base/clock.h"
#include "base/http_link.h"
#include "base/jsonw.h"
#include "base/log.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { SWEEP_MS = 200, REPLY_HEAD_MAX = 1024 };

/* ---- what was asked ---- */

const char *http_method(const struct http_request *r)
{
    return r->head.method;
}

const char *http_path(const struct http_request *r)
{
    return r->head.path;
}

const char *http_header(const struct http_request *r, const char *name)
{
    return http_head_find(&r->head, name);
}

const char *http_peer(const struct http_request *r)
{
    return r->peer;
}

const char *http_query(const struct http_request *r, const char *name)
{
    for (int i = 0; i < r->head.n_query; i++)
        if (!strcmp(r->head.query[i].name, name))
            return r->head.query[i].value;
    return NULL;
}

void http_query_each(const struct http_request *r,
                     void (*each)(void *arg, const char *name, const char *value), void *arg)
{
    for (int i = 0; i < r->head.n_query; i++)
        each(arg, r->head.query[i].name, r->head.query[i].value);
}

const char *http_body(struct http_request *r, size_t *ret_len)
{
    *ret_len = r->head.body_len;
    if (!*ret_len)
        return "";
    return r->link ? r->body : r->own_body;
}

/* ---- replies ---- */

const char *http_title(int status)
{
    static const struct {
        int status;
        const char *title;
    } titles[] = {{200, "OK"},
                  {201, "Created"},
                  {202, "Accepted"},
                  {204, "No Content"},
                  {206, "Partial Content"},
                  {301, "Moved Permanently"},
                  {302, "Found"},
                  {303, "See Other"},
                  {304, "Not Modified"},
                  {400, "Bad Request"},
                  {401, "Unauthorized"},
                  {403, "Forbidden"},
                  {404, "Not Found"},
                  {405, "Method Not Allowed"},
                  {406, "Not Acceptable"},
                  {409, "Conflict"},
                  {410, "Gone"},
                  {411, "Length Required"},
                  {413, "Content Too Large"},
                  {415, "Unsupported Media Type"},
                  {421, "Misdirected Request"},
                  {422, "Unprocessable Content"},
                  {423, "Locked"},
                  {429, "Too Many Requests"},
                  {431, "Request Header Fields Too Large"},
                  {500, "Internal Server Error"},
                  {502, "Bad Gateway"},
                  {503, "Service Unavailable"},
                  {504, "Gateway Timeout"},
                  {505, "HTTP Version Not Supported"}};
    for (size_t i = 0; i < sizeof titles / sizeof titles[0]; i++)
        if (titles[i].status == status)
            return titles[i].title;
    return status < 400 ? "OK" : "Error";
}

static void add_text(struct http_request *r, const char *s, size_t n)
{
    if (r->headers_len + n > r->headers_room) {
        r->headers_room = 2 * r->headers_room + n + 256;
        r->headers = realloc(r->headers, r->headers_room);
        if (!r->headers)
            log_fatal("out of memory");
    }
    memcpy(r->headers + r->headers_len, s, n);
    for (char *c = r->headers + r->headers_len; n--; c++)
        if (*c == '\r' || *c == '\n')
            *c = ' ';
    r->headers_len += strlen(s);
}

void http_set_header(struct http_request *r, const char *name, const char *value)
{
    add_text(r, name, strlen(name));
    add_text(r, ": ", 2);
    add_text(r, value, strlen(value));
    add_text(r, "  ", 2);
    memcpy(r->headers + r->headers_len - 2, "\r\n", 2);
}

static bool keeps_alive(const struct http_request *r)
{
    return r->head.keep_alive && !r->link->server->stopping;
}

/* The head of the reply, with the empty line; `framing` is the line "Content-Length: …" or the like. New
 * text. */
static char *reply_head(struct http_request *r, int status, const char *content_type, const char *framing,
                        size_t *ret_len)
{
    size_t room = REPLY_HEAD_MAX + r->headers_len;
    char *head = malloc(room);
    if (!head)
        log_fatal("out of memory");
    int n = snprintf(head, room,
                     "HTTP/1.1 %d %s\r\n%s%s%.200s%sX-Content-Type-Options: nosniff\r\nReferrer-Policy: "
                     "no-referrer\r\n%s%s%.*s\r\n",
                     status, http_title(status), framing, content_type ? "Content-Type: " : "",
                     content_type ? content_type : "", content_type ? "\r\n" : "",
                     r->secure ? "Strict-Transport-Security: max-age=31536000\r\n" : "",
                     keeps_alive(r) ? "" : "Connection: close\r\n", (int)r->headers_len,
                     r->headers ? r->headers : "");
    *ret_len = (size_t)n;
    return head;
}

/* The reply is with the wire: the link goes on, the request ends. */
static void finish(struct http_request *r, int status)
{
    struct http_link *k = r->link;
    if (k) {
        struct http_server *s = k->server;
        bool keep_alive = r->head.keep_alive;
        if (s->options.replied)
            s->options.replied(s->options.replied_arg, r, status, clock_mono_us() - r->began_us);
        link_next(k, keep_alive);
    }
    request_free(r);
}

static bool has_no_body(const struct http_request *r, int status)
{
    return !strcmp(r->head.method, "HEAD") || status == 204 || status == 304;
}

static char *sized_head(struct http_request *r, int status, const char *content_type, size_t body_len,
                        size_t *ret_len)
{
    char framing[48];
    snprintf(framing, sizeof framing, "Content-Length: %zu\r\n", body_len);
    return reply_head(r, status, content_type, status == 204 || status == 304 ? "" : framing, ret_len);
}

void http_reply(struct http_request *r, int status, const char *content_type, const void *body, size_t len)
{
    if (r->link) {
        size_t head_len;
        char *head = sized_head(r, status, content_type, len, &head_len);
        link_sent(r->link, wire_send(&r->link->wire, head, head_len, body, has_no_body(r, status) ? 0 : len));
        free(head);
    }
    finish(r, status);
}

void http_reply_buffer(struct http_request *r, int status, const char *content_type, struct evbuffer *body)
{
    size_t len = evbuffer_get_length(body), head_len;
    if (r->link && (len <= 65536 || has_no_body(r, status))) {
        http_reply(r, status, content_type, evbuffer_pullup(body, -1), len);
        evbuffer_drain(body, len);
        return;
    }
    if (r->link) {
        char *head = sized_head(r, status, content_type, len, &head_len);
        int rc = wire_send(&r->link->wire, head, head_len, NULL, 0);
        link_sent(r->link, rc ? rc : wire_send_buffer(&r->link->wire, body));
        free(head);
    }
    evbuffer_drain(body, evbuffer_get_length(body));
    finish(r, status);
}

void http_problem(struct http_request *r, int status, const char *type, const char *field, const char *detail)
{
    struct evbuffer *b = evbuffer_new();
    struct jsonw w;
    if (!b)
        log_fatal("out of memory");
    jsonw_begin(&w, b);
    jsonw_object(&w);
    jsonw_name(&w, "type");
    jsonw_text(&w, type);
    jsonw_name(&w, "title");
    jsonw_text(&w, http_title(status));
    jsonw_name(&w, "status");
    jsonw_int(&w, status);
    jsonw_name(&w, "detail");
    jsonw_text(&w, detail);
    if (field) {
        jsonw_name(&w, "field");
        jsonw_text(&w, field);
    }
    jsonw_object_end(&w);
    if (jsonw_end(&w)) { /* the detail held a client's bytes that are no UTF-8 */
        evbuffer_drain(b, evbuffer_get_length(b));
        evbuffer_add_printf(b, "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%d}",
                            http_title(status), status);
    }
    http_reply_buffer(r, status, "application/problem+json", b);
    evbuffer_free(b);
}

/* ---- streams ---- */

void http_stream_start(struct http_request *r, size_t behind_max, void (*gone)(void *arg), void *arg)
{
    if (!r->link) {
        request_free(r);
        gone(arg);
        return;
    }
    size_t len;
    http_set_header(r, "Cache-Control", "no-store");
    http_set_header(r, "X-Accel-Buffering", "no");
    char *head =
        reply_head(r, 200, "text/event-stream", r->head.old ? "" : "Transfer-Encoding: chunked\r\n", &len);
    r->streaming = true;
    r->behind_max = behind_max;
    r->on_gone = gone;
    r->gone_arg = arg;
    link_sent(r->link, wire_send(&r->link->wire, head, len, NULL, 0));
    free(head);
}

void http_stream_write(struct http_request *r, const void *data, size_t len)
{
    struct http_link *k = r->link;
    char size[24];
    if (!len || k->doomed)
        return;
    if (wire_queued(&k->wire) + len > r->behind_max) {
        k->doomed = true; /* the sweep cuts it */
        return;
    }
    int n = r->head.old ? 0 : snprintf(size, sizeof size, "%zx\r\n", len);
    int rc = wire_send(&k->wire, size, (size_t)n, data, len);
    if (!rc && n)
        rc = wire_send(&k->wire, "\r\n", 2, NULL, 0);
    link_sent(k, rc);
}

void http_stream_end(struct http_request *r)
{
    if (!r->head.old)
        link_sent(r->link, wire_send(&r->link->wire, "0\r\n\r\n", 5, NULL, 0));
    r->streaming = false;
    finish(r, 200);
}

/* ---- the server ---- */

static void sweep(void *arg)
{
    struct http_server *s = arg;
    int64_t now = clock_mono_us();
    for (struct http_link *k = LIST_FIRST(&s->links), *next; k; k = next) {
        next = LIST_NEXT(k, link);
        link_sweep(k, now);
    }
    if (s->paused && s->n_links < s->options.connections_max && s->listener) {
        s->paused = false;
        evconnlistener_enable(s->listener);
    }
}

static void pause_accepting(struct http_server *s, const char *why)
{
    log_warn("http: %d connections, %s: no more are accepted for now", s->n_links, why);
    s->paused = true;
    evconnlistener_disable(s->listener);
}

static void on_accept(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *sa, int len, void *arg)
{
    struct http_server *s = arg;
    char peer[HTTP_PEER_MAX] = "local";
    int on = 1;
    (void)l;
    (void)len;
    if (sa->sa_family == AF_INET)
        inet_ntop(AF_INET, &((struct sockaddr_in *)(void *)sa)->sin_addr, peer, sizeof peer);
    else if (sa->sa_family == AF_INET6)
        inet_ntop(AF_INET6, &((struct sockaddr_in6 *)(void *)sa)->sin6_addr, peer, sizeof peer);
    if (sa->sa_family != AF_UNIX)
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    link_new(s, fd, peer);
    if (s->n_links >= s->options.connections_max)
        pause_accepting(s, "the most allowed");
}

static void on_accept_error(struct evconnlistener *l, void *arg)
{
    (void)l;
    pause_accepting(arg, strerror(errno));
}

static socklen_t address_of(const struct http_options *o, struct sockaddr_storage *ret)
{
    struct sockaddr_in *in = (struct sockaddr_in *)(void *)ret;
    struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)(void *)ret;
    struct sockaddr_un *un = (struct sockaddr_un *)(void *)ret;
    memset(ret, 0, sizeof *ret);
    if (*o->address == '/' && strlen(o->address) < sizeof un->sun_path) {
        un->sun_family = AF_UNIX;
        strcpy(un->sun_path, o->address);
        return sizeof *un;
    }
    in->sin_port = htons((uint16_t)o->port);
    if (inet_pton(AF_INET, o->address, &in->sin_addr) == 1) {
        in->sin_family = AF_INET;
        return sizeof *in;
    }
    if (inet_pton(AF_INET6, o->address, &in6->sin6_addr) == 1) {
        in6->sin6_family = AF_INET6;
        return sizeof *in6;
    }
    return 0;
}

static int listen_on(struct http_server *s, struct error *err)
{
    const struct http_options *o = &s->options;
    struct sockaddr_storage sa;
    socklen_t len = address_of(o, &sa);
    if (!len)
        return error_set(err, EINVAL, "'%s' is no address to listen on", o->address);
    if (sa.ss_family == AF_UNIX)
        unlink(o->address); /* of an earlier run */
    unsigned flags =
        LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | (sa.ss_family == AF_UNIX ? 0 : LEV_OPT_REUSEABLE);
    s->listener =
        evconnlistener_new_bind(s->base, on_accept, s, flags, 1024, (struct sockaddr *)&sa, (int)len);
    if (!s->listener)
        return error_set(err, errno, "%s:%d: %s", o->address, o->port, strerror(errno));
    evconnlistener_set_error_cb(s->listener, on_accept_error);
    return 0;
}

static char *copy(const char *s)
{
    char *c = s ? strdup(s) : NULL;
    if (s && !c)
        log_fatal("out of memory");
    return c;
}

static void server_free(struct http_server *s)
{
    SSL_CTX_free(s->tls);
    free(s->cert);
    free(s->key);
    free(s->host);
    free(s->path);
    free(s);
}

struct http_server *http_listen(struct loop *l, const struct http_options *o,
                                void (*serve)(void *arg, struct http_request *r), void *arg,
                                struct error *err)
{
    struct http_server *s = calloc(1, sizeof *s);
    if (!s)
        log_fatal("out of memory");
    *s = (struct http_server){.loop = l, .base = loop_base(l), .options = *o, .serve = serve, .arg = arg};
    s->cert = copy(o->cert);
    s->key = copy(o->key);
    s->host = copy(o->host);
    s->path = *o->address == '/' ? copy(o->address) : NULL;
    LIST_INIT(&s->links);
    if ((o->cert && !(s->tls = wire_tls(s->cert, s->key, err))) || listen_on(s, err)) {
        server_free(s);
        return NULL;
    }
    s->sweep = loop_timer_new(l, SWEEP_MS, SWEEP_MS, sweep, s);
    return s;
}

int http_port(const struct http_server *s)
{
    struct sockaddr_storage sa = {0};
    socklen_t len = sizeof sa;
    getsockname((int)evconnlistener_get_fd(s->listener), (struct sockaddr *)&sa, &len);
    return ntohs(sa.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)(void *)&sa)->sin6_port
                                          : ((struct sockaddr_in *)(void *)&sa)->sin_port);
}

int http_connections(const struct http_server *s)
{
    return s->n_links;
}

int http_busy(const struct http_server *s)
{
    const struct http_link *k;
    int n = 0;
    LIST_FOREACH(k, &s->links, link)
    n += k->request ? !k->request->streaming : wire_queued(&k->wire) > 0;
    return n;
}

int http_reload(struct http_server *s, struct error *err)
{
    SSL_CTX *tls = s->cert ? wire_tls(s->cert, s->key, err) : NULL;
    if (s->cert && !tls)
        return -1;
    SSL_CTX_free(s->tls);
    s->tls = tls;
    return 0;
}

void http_stop(struct http_server *s)
{
    s->stopping = true;
    if (s->listener)
        evconnlistener_free(s->listener);
    s->listener = NULL;
    if (s->path)
        unlink(s->path);
}

void http_free(struct http_server *s)
{
    if (!s)
        return;
    http_stop(s);
    loop_timer_free(s->sweep);
    for (struct http_link *k; (k = LIST_FIRST(&s->links));)
        link_free(k);
    server_free(s);
}
