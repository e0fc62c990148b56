#define _GNU_SOURCE
#include "contrib/boards/bus.h"

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

struct bus {
    struct event_base *base;
    const struct bus_clock *clock;
    struct evconnlistener *listener;
    struct bufferevent *pty;
    int slave_fd;
    char path[PATH_ROOM];
    int pace;
    struct event *timer;
    struct board *board[BUS_UNITS];
    uint8_t unit[BUS_UNITS];
    unsigned count;
    struct bus_faults faults;
};

/* A reply on its way, when it does not go at once. */
struct pending {
    struct bufferevent *to;
    struct bus *bus;
    struct event *timer;
    size_t len;
    uint8_t adu[MODBUS_ADU_MAX];
};

int64_t bus_now(const struct bus_clock *clock)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)(((double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3) * clock->rate);
}

static struct board *board_at(const struct bus *bus, uint8_t unit)
{
    for (unsigned i = 0; i < bus->count; i++) {
        if (bus->unit[i] == unit)
            return bus->board[i];
    }
    return NULL;
}

static void on_timer(evutil_socket_t fd, short what, void *arg);

/* Wakes when the next relay falls back or the next person acts. */
static void schedule(struct bus *bus)
{
    int64_t now = bus_now(bus->clock), next = 0;
    struct timeval tv;
    int64_t us;

    for (unsigned i = 0; i < bus->count; i++) {
        int64_t t = board_tick(bus->board[i], now);

        if (t && (!next || t < next))
            next = t;
    }
    if (!next)
        return;
    us = (int64_t)((double)(next - now) / bus->clock->rate) + 500;
    tv = (struct timeval){us / 1000000, us % 1000000};
    evtimer_add(bus->timer, &tv);
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

static void send_later(struct bus *bus, struct bufferevent *to, const uint8_t *adu, size_t len, unsigned us)
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
    p->bus = bus;
    p->len = len;
    memcpy(p->adu, adu, len);
    bufferevent_incref(to);
    p->timer = evtimer_new(bus->base, on_pending, p);
    evtimer_add(p->timer, &tv);
}

static int take(unsigned *count)
{
    return *count > 0 ? (int)(*count)-- : 0;
}

static unsigned wire_us(const struct bus *bus, const struct board *b, size_t bytes)
{
    return bus->pace ? (unsigned)(bytes * 11 * 1000000 / b->profile->baud) : 0;
}

/* Changes one byte of the PDU: the address of an echo, or a data byte. */
static void garble(uint8_t *pdu, size_t len)
{
    pdu[len > 3 ? 2 : len - 1] ^= 1;
}

static size_t frame(const struct bus *bus, const uint8_t *head, const uint8_t *pdu, size_t len, uint8_t *adu)
{
    if (bus->listener)
        return modbus_tcp_frame((uint16_t)(head[0] << 8 | head[1]), head[6], pdu, len, adu);
    return modbus_rtu_frame(head[0], pdu, len, adu);
}

/* head: the request's ADU, for its unit and transaction; pdu: what is inside. */
static void serve(struct bus *bus, struct bufferevent *to, const uint8_t *head, const uint8_t *pdu,
                  size_t len)
{
    struct board *b = board_at(bus, bus->listener ? head[6] : head[0]);
    struct bus_faults *f = &bus->faults;
    uint8_t reply[MODBUS_PDU_MAX + 8], adu[MODBUS_ADU_MAX];
    size_t n;
    unsigned us;

    if (!b || f->off)
        return;
    n = board_request(b, pdu, len, bus_now(bus->clock), reply);
    schedule(bus);
    if (take(&f->cut)) {
        board_power_cut(b, bus_now(bus->clock));
        return;
    }
    if (take(&f->drop))
        return;
    if (take(&f->garble))
        garble(reply, n);
    n = frame(bus, head, reply, n, adu);
    if (take(&f->flip))
        adu[n / 2] ^= 0x10;
    us = wire_us(bus, b, len + 3 + n) + (take(&f->late) ? f->late_ms * 1000 : 0);
    send_later(bus, to, adu, n, us);
    if (take(&f->duplicate))
        send_later(bus, to, adu, n, us + 2000);
}

static void on_tcp_read(struct bufferevent *bev, void *arg)
{
    struct evbuffer *in = bufferevent_get_input(bev);
    struct bus *bus = arg;
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
        serve(bus, bev, adu, adu + 7, (size_t)size - 7);
    }
}

static void on_rtu_read(struct bufferevent *bev, void *arg)
{
    struct evbuffer *in = bufferevent_get_input(bev);
    struct bus *bus = arg;
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
        serve(bus, bev, adu, pdu, len);
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
    struct bus *bus = arg;
    struct bufferevent *bev = bufferevent_socket_new(bus->base, fd, BEV_OPT_CLOSE_ON_FREE);
    int on = 1;

    (void)l;
    (void)addr;
    (void)len;
    if (!bev) {
        close(fd);
        return;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    bufferevent_setcb(bev, on_tcp_read, NULL, on_gone, bus);
    bufferevent_enable(bev, EV_READ | EV_WRITE);
}

static struct bus *bus_new(struct event_base *base, const struct bus_clock *clock)
{
    struct bus *bus = calloc(1, sizeof *bus);

    if (!bus)
        abort();
    bus->base = base;
    bus->clock = clock;
    bus->slave_fd = -1;
    bus->timer = evtimer_new(base, on_timer, bus);
    return bus;
}

struct bus *bus_tcp(struct event_base *base, const struct bus_clock *clock, int port, struct error *err)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    struct bus *bus = bus_new(base, clock);

    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bus->listener = evconnlistener_new_bind(base, on_accept, bus, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE,
                                            -1, (struct sockaddr *)&a, sizeof a);
    if (bus->listener)
        return bus;
    error_set(err, errno, "cannot listen on 127.0.0.1:%d: %s", port, strerror(errno));
    bus_free(bus);
    return NULL;
}

static int link_slave(struct bus *bus, const char *path, struct error *err)
{
    char name[128];
    struct termios raw;
    int master;

    if (openpty(&master, &bus->slave_fd, name, NULL, NULL) < 0)
        return error_set(err, errno, "no pty: %s", strerror(errno));
    tcgetattr(bus->slave_fd, &raw);
    cfmakeraw(&raw);
    tcsetattr(bus->slave_fd, TCSANOW, &raw);
    fcntl(master, F_SETFL, O_NONBLOCK);
    fcntl(master, F_SETFD, FD_CLOEXEC);
    bus->pty = bufferevent_socket_new(bus->base, master, BEV_OPT_CLOSE_ON_FREE);
    unlink(path);
    if (symlink(name, path) < 0)
        return error_set(err, errno, "%s: %s", path, strerror(errno));
    snprintf(bus->path, sizeof bus->path, "%s", path);
    return 0;
}

struct bus *bus_rtu(struct event_base *base, const struct bus_clock *clock, const char *path, int pace,
                    struct error *err)
{
    struct bus *bus = bus_new(base, clock);

    bus->pace = pace;
    if (link_slave(bus, path, err) < 0) {
        bus_free(bus);
        return NULL;
    }
    bufferevent_setcb(bus->pty, on_rtu_read, NULL, NULL, bus);
    bufferevent_enable(bus->pty, EV_READ | EV_WRITE);
    return bus;
}

void bus_free(struct bus *bus)
{
    if (bus->listener)
        evconnlistener_free(bus->listener);
    if (bus->pty)
        bufferevent_free(bus->pty);
    if (bus->slave_fd >= 0)
        close(bus->slave_fd);
    if (bus->path[0])
        unlink(bus->path);
    event_free(bus->timer);
    free(bus);
}

int bus_add(struct bus *bus, uint8_t unit, struct board *board)
{
    if (bus->count == BUS_UNITS || board_at(bus, unit))
        return -1;
    bus->unit[bus->count] = unit;
    bus->board[bus->count++] = board;
    return 0;
}

int bus_port(const struct bus *bus)
{
    struct sockaddr_in a;
    socklen_t len = sizeof a;

    if (!bus->listener || getsockname(evconnlistener_get_fd(bus->listener), (struct sockaddr *)&a, &len) < 0)
        return 0;
    return ntohs(a.sin_port);
}

struct bus_faults *bus_faults(struct bus *bus)
{
    return &bus->faults;
}
