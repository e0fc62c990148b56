#include "contrib/boards/wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum { PATH_ROOM = 256 };

struct wire {
    struct event_base *base;
    const struct wire_clock *clock;
    struct evconnlistener *listener;
    struct bufferevent *pty;
    int slave_fd;
    char path[PATH_ROOM];
    int pace;
    struct event *timer;
    struct board *board[WIRE_UNITS];
    uint8_t unit[WIRE_UNITS];
    unsigned count;
    struct wire_faults faults;
};

/* A reply on its way, when it does not go at once. */
struct pending {
    struct bufferevent *to;
    struct wire *wire;
    struct event *timer;
    size_t len;
    uint8_t adu[MODBUS_ADU_MAX];
};

int64_t wire_now(const struct wire_clock *clock)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)(((double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3) * clock->rate);
}

static struct board *board_at(const struct wire *wire, uint8_t unit)
{
    for (unsigned i = 0; i < wire->count; i++) {
        if (wire->unit[i] == unit)
            return wire->board[i];
    }
    return NULL;
}

static void on_timer(evutil_socket_t fd, short what, void *arg);

/* Wakes when the next relay falls back or the next person acts. */
static void schedule(struct wire *wire)
{
    int64_t now = wire_now(wire->clock), next = 0;
    struct timeval tv;
    int64_t us;

    for (unsigned i = 0; i < wire->count; i++) {
        int64_t t = board_tick(wire->board[i], now);

        if (t && (!next || t < next))
            next = t;
    }
    if (!next)
        return;
    us = (int64_t)((double)(next - now) / wire->clock->rate) + 500;
    tv = (struct timeval){us / 1000000, us % 1000000};
    evtimer_add(wire->timer, &tv);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    schedule(arg);
}

static void on_pending(evutil_socket_t fd, short what, void *arg)
{
    struct pending *p = arg;

    (void)fd;
    (void)what;
    bufferevent_write(p->to, p->adu, p->len);
    event_free(p->timer);
    bufferevent_decref(p->to);
    free(p);
}

static void send_later(struct wire *wire, struct bufferevent *to, const uint8_t *adu, size_t len, unsigned us)
{
    struct pending *p;
    struct timeval tv = {us / 1000000, us % 1000000};

    if (us == 0) {
        bufferevent_write(to, adu, len);
        return;
    }
    p = calloc(1, sizeof *p);
    if (!p)
        abort();
    p->to = to;
    p->wire = wire;
    p->len = len;
    memcpy(p->adu, adu, len);
    bufferevent_incref(to);
    p->timer = evtimer_new(wire->base, on_pending, p);
    evtimer_add(p->timer, &tv);
}

static int take(unsigned *count)
{
    return *count > 0 ? (int)(*count)-- : 0;
}

static unsigned wire_us(const struct wire *wire, const struct board *b, size_t bytes)
{
    return wire->pace ? (unsigned)(bytes * 11 * 1000000 / b->profile->baud) : 0;
}

/* Changes one byte of the PDU: the address of an echo, or a data byte. */
static void garble(uint8_t *pdu, size_t len)
{
    pdu[len > 3 ? 2 : len - 1] ^= 1;
}

static size_t frame(const struct wire *wire, const uint8_t *head, const uint8_t *pdu, size_t len,
                    uint8_t *adu)
{
    if (wire->listener)
        return modbus_tcp_frame((uint16_t)(head[0] << 8 | head[1]), head[6], pdu, len, adu);
    return modbus_rtu_frame(head[0], pdu, len, adu);
}

/* head: the request's ADU, for its unit and transaction; pdu: what is inside. */
static void serve(struct wire *wire, struct bufferevent *to, const uint8_t *head, const uint8_t *pdu,
                  size_t len)
{
    struct board *b = board_at(wire, wire->listener ? head[6] : head[0]);
    struct wire_faults *f = &wire->faults;
    uint8_t reply[MODBUS_PDU_MAX + 8], adu[MODBUS_ADU_MAX];
    size_t n;
    unsigned us;

    if (!b || f->off)
        return;
    n = board_request(b, pdu, len, wire_now(wire->clock), reply);
    schedule(wire);
    if (take(&f->cut)) {
        board_power_cut(b, wire_now(wire->clock));
        return;
    }
    if (take(&f->drop))
        return;
    if (take(&f->garble))
        garble(reply, n);
    n = frame(wire, head, reply, n, adu);
    if (take(&f->flip))
        adu[n / 2] ^= 0x10;
    us = wire_us(wire, b, len + 3 + n) + (take(&f->late) ? f->late_ms * 1000 : 0);
    send_later(wire, to, adu, n, us);
    if (take(&f->duplicate))
        send_later(wire, to, adu, n, us + 2000);
}

static void on_tcp_read(struct bufferevent *bev, void *arg)
{
    struct evbuffer *in = bufferevent_get_input(bev);
    struct wire *wire = arg;
    uint8_t adu[MODBUS_ADU_MAX];

    for (;;) {
        size_t have = (size_t)evbuffer_copyout(in, adu, sizeof adu);
        int size = modbus_tcp_size(adu, have);

        if (size < 0) {
            bufferevent_free(bev);
            return;
        }
        if (size == 0 || (size_t)size > have)
            return;
        evbuffer_drain(in, (size_t)size);
        serve(wire, bev, adu, adu + 7, (size_t)size - 7);
    }
}

static void on_rtu_read(struct bufferevent *bev, void *arg)
{
    struct evbuffer *in = bufferevent_get_input(bev);
    struct wire *wire = arg;
    uint8_t adu[MODBUS_ADU_MAX], unit;
    const uint8_t *pdu;
    size_t len;

    for (;;) {
        size_t have = (size_t)evbuffer_copyout(in, adu, sizeof adu);
        int size = modbus_rtu_request_size(adu, have);

        if (size == 0 || (size > 0 && (size_t)size > have))
            return;
        if (size < 0 || modbus_rtu_parse(adu, (size_t)size, &unit, &pdu, &len) < 0) {
            evbuffer_drain(in, 1);
            continue;
        }
        evbuffer_drain(in, (size_t)size);
        serve(wire, bev, adu, pdu, len);
    }
}

static void on_gone(struct bufferevent *bev, short what, void *arg)
{
    (void)arg;
    if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR))
        bufferevent_free(bev);
}

static void on_accept(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *addr, int len, void *arg)
{
    struct wire *wire = arg;
    struct bufferevent *bev = bufferevent_socket_new(wire->base, fd, BEV_OPT_CLOSE_ON_FREE);
    int on = 1;

    (void)l;
    (void)addr;
    (void)len;
    if (!bev) {
        close(fd);
        return;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    bufferevent_setcb(bev, on_tcp_read, NULL, on_gone, wire);
    bufferevent_enable(bev, EV_READ | EV_WRITE);
}

static struct wire *wire_new(struct event_base *base, const struct wire_clock *clock)
{
    struct wire *wire = calloc(1, sizeof *wire);

    if (!wire)
        abort();
    wire->base = base;
    wire->clock = clock;
    wire->slave_fd = -1;
    wire->timer = evtimer_new(base, on_timer, wire);
    return wire;
}

struct wire *wire_tcp(struct event_base *base, const struct wire_clock *clock, int port, struct error *err)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    struct wire *wire = wire_new(base, clock);

    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    wire->listener = evconnlistener_new_bind(base, on_accept, wire, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE,
                                             -1, (struct sockaddr *)&a, sizeof a);
    if (wire->listener)
        return wire;
    error_set(err, errno, "cannot listen on 127.0.0.1:%d: %s", port, strerror(errno));
    wire_free(wire);
    return NULL;
}

static int link_slave(struct wire *wire, const char *path, struct error *err)
{
    char name[128];
    struct termios raw;
    int master;

    if (openpty(&master, &wire->slave_fd, name, NULL, NULL) < 0)
        return error_set(err, errno, "no pty: %s", strerror(errno));
    tcgetattr(wire->slave_fd, &raw);
    cfmakeraw(&raw);
    tcsetattr(wire->slave_fd, TCSANOW, &raw);
    fcntl(master, F_SETFL, O_NONBLOCK);
    fcntl(master, F_SETFD, FD_CLOEXEC);
    wire->pty = bufferevent_socket_new(wire->base, master, BEV_OPT_CLOSE_ON_FREE);
    unlink(path);
    if (symlink(name, path) < 0)
        return error_set(err, errno, "%s: %s", path, strerror(errno));
    snprintf(wire->path, sizeof wire->path, "%s", path);
    return 0;
}

struct wire *wire_rtu(struct event_base *base, const struct wire_clock *clock, const char *path, int pace,
                      struct error *err)
{
    struct wire *wire = wire_new(base, clock);

    wire->pace = pace;
    if (link_slave(wire, path, err) < 0) {
        wire_free(wire);
        return NULL;
    }
    bufferevent_setcb(wire->pty, on_rtu_read, NULL, NULL, wire);
    bufferevent_enable(wire->pty, EV_READ | EV_WRITE);
    return wire;
}

void wire_free(struct wire *wire)
{
    if (wire->listener)
        evconnlistener_free(wire->listener);
    if (wire->pty)
        bufferevent_free(wire->pty);
    if (wire->slave_fd >= 0)
        close(wire->slave_fd);
    if (wire->path[0])
        unlink(wire->path);
    event_free(wire->timer);
    free(wire);
}

int wire_add(struct wire *wire, uint8_t unit, struct board *board)
{
    if (wire->count == WIRE_UNITS || board_at(wire, unit))
        return -1;
    wire->unit[wire->count] = unit;
    wire->board[wire->count++] = board;
    return 0;
}

int wire_port(const struct wire *wire)
{
    struct sockaddr_in a;
    socklen_t len = sizeof a;

    if (!wire->listener ||
        getsockname(evconnlistener_get_fd(wire->listener), (struct sockaddr *)&a, &len) < 0)
        return 0;
    return ntohs(a.sin_port);
}

struct wire_faults *wire_faults(struct wire *wire)
{
    return &wire->faults;
}
