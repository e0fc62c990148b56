/* Reading goes on while a request is served, as far as the buffer has room: so the end of the client is seen
 * at once and epoll is not asked to change its mind twice a request. A link is freed only at the end of its
 * own events or by the sweep, never inside a call from outside; until then it is "doomed". */
#include "base/http_link.h"

#include "base/clock.h"
#include "base/log.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { IDLE_US = 75000000, LINGER_US = 2000000, STUCK_US = 30000000, ROOM_MIN = 2048, ROOM_KEPT = 65536 };

void request_free(struct http_request *r)
{
    free(r->head_text);
    free(r->own_body);
    free(r->headers);
    free(r);
}

static void watch_input(struct http_link *k, bool on)
{
    if (on == k->reading)
        return;
    k->reading = on;
    if (on)
        event_add(k->readable, NULL);
    else
        event_del(k->readable);
}

/* ---- the end of a link ---- */

/* The request outlives its client: the handler still owes a reply and may read what was asked. */
static void orphan(struct http_link *k)
{
    struct http_request *r = k->request;
    k->request = NULL;
    r->link = NULL;
    if (r->streaming) {
        void (*gone)(void *) = r->on_gone;
        void *arg = r->gone_arg;
        request_free(r);
        gone(arg);
    } else {
        r->own_body = k->in;
        k->in = NULL;
    }
}

void link_free(struct http_link *k)
{
    LIST_REMOVE(k, link);
    k->server->n_links--;
    event_free(k->readable);
    event_free(k->writable);
    if (k->request && k->state == HTTP_SERVES)
        orphan(k);
    else if (k->request)
        request_free(k->request);
    wire_fini(&k->wire);
    free(k->in);
    free(k);
}

/* ---- refusing ---- */

/* Closing at once would reset the connection before the client has read the answer: what it still says is
 * thrown away for a while. */
static void linger(struct http_link *k)
{
    k->state = HTTP_LINGERS;
    k->since_us = clock_mono_us();
    k->in_len = 0;
    wire_end(&k->wire);
    watch_input(k, true);
}

static const char *slug_of(int status)
{
    static const struct {
        int status;
        const char *slug;
    } slugs[] = {{408, "too-slow"},       {411, "length-required"}, {413, "body-too-large"},
                 {421, "another-host"},   {431, "head-too-large"},  {503, "busy"},
                 {505, "another-version"}};
    for (size_t i = 0; i < sizeof slugs / sizeof slugs[0]; i++)
        if (slugs[i].status == status)
            return slugs[i].slug;
    return "malformed-request";
}

static void refuse(struct http_link *k, int status, const char *detail)
{
    char body[512], head[256];
    int n = snprintf(body, sizeof body,
                     "{\"type\":\"urn:yizhan:problem:%s\",\"title\":\"%s\",\"status\":%d,\"detail\":\"%s\"}",
                     slug_of(status), http_title(status), status, detail);
    int h = snprintf(head, sizeof head,
                     "HTTP/1.1 %d %s\r\nContent-Type: application/problem+json\r\nContent-Length: %d\r\n"
                     "Connection: close\r\n\r\n",
                     status, http_title(status), n);
    if (k->request)
        request_free(k->request);
    k->request = NULL;
    if (wire_send(&k->wire, head, (size_t)h, body, (size_t)n))
        k->doomed = true;
    else
        linger(k);
}

/* ---- reading ---- */

static void need_room(struct http_link *k, size_t room)
{
    if (room <= k->in_room)
        return;
    k->in = realloc(k->in, room);
    if (!k->in)
        log_fatal("out of memory");
    k->in_room = room;
}

static void drop_input(struct http_link *k, size_t n)
{
    k->in_len -= n;
    if (k->in_len)
        memmove(k->in, k->in + n, k->in_len);
    k->scanned = 0;
    if (k->in_room > ROOM_KEPT && k->in_len <= ROOM_MIN) {
        k->in_room = ROOM_MIN;
        k->in = realloc(k->in, k->in_room);
        if (!k->in)
            log_fatal("out of memory");
    }
}

/* How much may be buffered now. While a request is served its body must stay where it is. */
static size_t room_max(const struct http_link *k)
{
    if (k->state == HTTP_SERVES)
        return k->in_room;
    size_t body = k->state == HTTP_READS_BODY ? k->request->head.body_len : 0;
    return body > HTTP_HEAD_MAX ? body : HTTP_HEAD_MAX;
}

static struct http_request *request_new(struct http_link *k, size_t head_len)
{
    struct http_request *r = calloc(1, sizeof *r);
    if (!r || !(r->head_text = malloc(head_len + 1)))
        log_fatal("out of memory");
    memcpy(r->head_text, k->in, head_len);
    r->head_text[head_len] = '\0';
    r->link = k;
    r->secure = k->server->tls != NULL;
    memcpy(r->peer, k->peer, sizeof r->peer);
    return r;
}

static bool host_fits(const struct http_link *k, const struct http_head *h)
{
    const char *host = http_head_find(h, "Host"), *want = k->server->host;
    size_t n = want ? strlen(want) : 0;
    return !want || (host && !strncasecmp(host, want, n) && (!host[n] || host[n] == ':'));
}

static void begin_body(struct http_link *k)
{
    static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
    const struct http_head *h = &k->request->head;
    k->state = HTTP_READS_BODY;
    need_room(k, h->body_len + 1);
    if (h->expects_continue && k->in_len < h->body_len)
        link_sent(k, wire_send(&k->wire, go_on, sizeof go_on - 1, NULL, 0));
}

/* True when a whole head was there. */
static bool take_head(struct http_link *k)
{
    size_t blank = 0;
    while (blank + 1 < k->in_len && k->in[blank] == '\r' && k->in[blank + 1] == '\n')
        blank += 2; /* RFC 9112, 2.2 */
    if (blank)
        drop_input(k, blank);
    size_t end = http_head_end(k->in, k->in_len, k->scanned > 3 ? k->scanned - 3 : 0);
    k->scanned = k->in_len;
    if (!end && k->in_len >= HTTP_HEAD_MAX)
        refuse(k, 431, "the head of the request is larger than 16 KiB");
    if (!end)
        return false;
    const char *why;
    k->request = request_new(k, end);
    k->request->began_us = k->since_us;
    int status = http_head_read(k->request->head_text, end, &k->request->head, &why);
    drop_input(k, end);
    if (status)
        refuse(k, status, why);
    else if (!host_fits(k, &k->request->head))
        refuse(k, 421, "another host is meant");
    else if (k->request->head.body_len > k->server->options.body_max)
        refuse(k, 413, "the body is larger than this server takes; send it in parts");
    else
        begin_body(k);
    return true;
}

static void take_body(struct http_link *k)
{
    struct http_request *r = k->request;
    k->state = HTTP_SERVES;
    k->since_us = clock_mono_us();
    r->body = k->in;
    k->server->serve(k->server->arg, r);
}

/* Serves what has come; ends when more must come, a request waits for its reply, or the client has to read
 * what it was told before it may ask on. */
static void link_advance(struct http_link *k)
{
    k->advancing = true;
    while (!k->doomed) {
        if (k->state == HTTP_READS_HEAD && k->in_len && !wire_queued(&k->wire) && take_head(k))
            continue;
        if (k->state != HTTP_READS_BODY || k->in_len < k->request->head.body_len)
            break;
        take_body(k);
    }
    k->advancing = false;
    if (k->state == HTTP_LINGERS)
        k->in_len = 0;
    watch_input(k, !k->doomed && k->in_len < room_max(k));
}

static bool has_room(struct http_link *k)
{
    size_t most = room_max(k);
    if (k->in_len >= most)
        return false;
    if (k->in_room - k->in_len < ROOM_MIN / 2 && k->state != HTTP_SERVES)
        need_room(k, !k->in_room ? ROOM_MIN : k->in_room * 2 < most ? k->in_room * 2 : most);
    return true;
}

/* Reads all that is there and fits. */
static void link_read(struct http_link *k)
{
    bool more = true;
    while (more && !k->doomed && has_room(k)) {
        size_t room = k->in_room - k->in_len;
        int n = wire_read(&k->wire, k->in + k->in_len, room);
        if (n < 0)
            k->doomed = true;
        if (n <= 0)
            break;
        more = (size_t)n == room || k->wire.tls; /* spares the call that would say "nothing" */
        if (!k->in_len && k->state == HTTP_READS_HEAD)
            k->since_us = clock_mono_us();
        k->in_len += (size_t)n;
        link_advance(k);
    }
    watch_input(k, !k->doomed && k->in_len < room_max(k));
    if (k->wire.wants_write)
        link_sent(k, 0);
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
    struct http_link *k = arg;
    (void)fd;
    (void)what;
    link_read(k);
    if (k->doomed)
        link_free(k);
}

/* ---- writing ---- */

void link_sent(struct http_link *k, int rc)
{
    if (rc < 0)
        k->doomed = true;
    else if (wire_queued(&k->wire) || k->wire.wants_write)
        event_add(k->writable, NULL);
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
    struct http_link *k = arg;
    bool read_again = k->wire.wants_write;
    (void)fd;
    (void)what;
    k->wire.wants_write = false;
    if (wire_flush(&k->wire))
        k->doomed = true;
    if (k->state == HTTP_READS_HEAD || k->state == HTTP_LINGERS)
        k->since_us = clock_mono_us();
    if (!k->doomed && !wire_queued(&k->wire) && !k->wire.wants_write) {
        event_del(k->writable);
        if (k->closes)
            linger(k);
        else
            link_advance(k);
    }
    if (read_again && !k->doomed)
        link_read(k);
    if (k->doomed)
        link_free(k);
}

void link_next(struct http_link *k, bool keep_alive)
{
    size_t body_len = k->request->head.body_len;
    k->request = NULL;
    k->since_us = clock_mono_us();
    if (!keep_alive || k->server->stopping) {
        k->closes = true;
        k->state = HTTP_LINGERS;
        if (!wire_queued(&k->wire) && !k->doomed)
            linger(k);
        return;
    }
    k->state = HTTP_READS_HEAD;
    drop_input(k, body_len);
    if (!k->advancing) {
        link_advance(k);
        if (k->wire.tls && !k->doomed)
            link_read(k); /* OpenSSL may hold what the socket no longer announces */
    }
}

/* ---- deadlines ---- */

static bool is_late(const struct http_link *k, int64_t now)
{
    int64_t age = now - k->since_us;
    bool idle = k->state == HTTP_READS_HEAD && !k->in_len && wire_ready(&k->wire);
    if (k->state == HTTP_SERVES)
        return false;
    if (k->state == HTTP_LINGERS)
        return age > (wire_queued(&k->wire) ? STUCK_US : LINGER_US);
    if (idle)
        return k->server->stopping || age > IDLE_US;
    return age > (int64_t)k->server->options.request_seconds * 1000000;
}

void link_sweep(struct http_link *k, int64_t now)
{
    if (k->doomed || is_late(k, now))
        link_free(k);
}

void link_new(struct http_server *s, int fd, const char *peer)
{
    struct http_link *k = calloc(1, sizeof *k);
    if (!k)
        log_fatal("out of memory");
    k->server = s;
    wire_init(&k->wire, fd, s->tls);
    k->readable = event_new(s->base, fd, EV_READ | EV_PERSIST, on_readable, k);
    k->writable = event_new(s->base, fd, EV_WRITE | EV_PERSIST, on_writable, k);
    if (!k->readable || !k->writable)
        log_fatal("out of memory");
    k->since_us = clock_mono_us(); /* a TLS handshake has the deadline of a request */
    snprintf(k->peer, sizeof k->peer, "%s", peer);
    LIST_INSERT_HEAD(&s->links, k, link);
    s->n_links++;
    watch_input(k, true);
}
