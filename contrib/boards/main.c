/* yizhan-boards: simulated lock boards. Wiring only: options, the control socket, the loop. */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/un.h>
#include <unistd.h>

#include "contrib/boards/yard.h"

enum { CLIENTS = 64, BACKLOG_MAX = 8 << 20 };

struct control {
    struct yard *yard;
    struct event_base *base;
    struct bufferevent *watcher[CLIENTS];
};

static void on_watch(void *arg, const char *line)
{
    struct control *c = arg;

    for (int i = 0; i < CLIENTS; i++) {
        struct evbuffer *out = c->watcher[i] ? bufferevent_get_output(c->watcher[i]) : NULL;

        if (out && evbuffer_get_length(out) < BACKLOG_MAX)
            evbuffer_add_printf(out, "%s\n", line);
    }
}

static void subscribe(struct control *c, struct bufferevent *bev)
{
    for (int i = 0; i < CLIENTS; i++) {
        if (!c->watcher[i]) {
            c->watcher[i] = bev;
            evbuffer_add_printf(bufferevent_get_output(bev), "ok\n");
            return;
        }
    }
    evbuffer_add_printf(bufferevent_get_output(bev), "error too many watch\n");
}

static void on_line(struct bufferevent *bev, void *arg)
{
    struct control *c = arg;
    char answer[160], *line;

    while ((line = evbuffer_readln(bufferevent_get_input(bev), NULL, EVBUFFER_EOL_CRLF))) {
        if (strcmp(line, "subscribe") == 0) {
            subscribe(c, bev);
        } else {
            yard_control(c->yard, line, answer, sizeof answer);
            evbuffer_add_printf(bufferevent_get_output(bev), "%s\n", answer);
        }
        free(line);
    }
}

static void on_gone(struct bufferevent *bev, short what, void *arg)
{
    struct control *c = arg;

    if (!(what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)))
        return;
    for (int i = 0; i < CLIENTS; i++) {
        if (c->watcher[i] == bev)
            c->watcher[i] = NULL;
    }
    bufferevent_free(bev);
}

static void on_accept(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *addr, int len, void *arg)
{
    struct control *c = arg;
    struct bufferevent *bev = bufferevent_socket_new(c->base, fd, BEV_OPT_CLOSE_ON_FREE);

    (void)l;
    (void)addr;
    (void)len;
    if (!bev) {
        close(fd);
        return;
    }
    bufferevent_setcb(bev, on_line, NULL, on_gone, c);
    bufferevent_enable(bev, EV_READ | EV_WRITE);
}

/* A port number listens on the loopback address, anything else is the path of a unix socket. */
static void listen_at(struct control *c, const char *where)
{
    struct sockaddr_un u = {.sun_family = AF_UNIX};
    struct sockaddr_in a = {.sin_family = AF_INET};
    int port = atoi(where), on_tcp = where[strspn(where, "0123456789")] == '\0';

    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    a.sin_port = htons((uint16_t)port);
    if (!on_tcp) {
        if (strlen(where) >= sizeof u.sun_path)
            errx(1, "%s: too long for a socket", where);
        strcpy(u.sun_path, where);
        unlink(where);
    }
    if (!evconnlistener_new_bind(c->base, on_accept, c, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE, -1,
                                 on_tcp ? (struct sockaddr *)&a : (struct sockaddr *)&u,
                                 on_tcp ? (int)sizeof a : (int)sizeof u))
        err(1, "cannot listen on %s", where);
}

static void add_file(struct yard *y, const char *path)
{
    FILE *f = fopen(path, "re");
    struct error error;
    char line[512];

    if (!f)
        err(1, "%s", path);
    for (int n = 1; fgets(line, sizeof line, f); n++) {
        if (line[strspn(line, " \t\n")] != '\0' && line[0] != '#' && yard_add(y, line, &error) < 0)
            errx(1, "%s, line %d: %s", path, n, error.text);
    }
    fclose(f);
}

static void on_signal(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    event_base_loopexit(arg, NULL);
}

static void on_flush(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    fflush(arg);
}

static void usage(void)
{
    fputs("usage: yizhan-boards [-c FILE] [-b SPEC]… [-p PROFILES] [-l LEDGER] [-s SOCKET|PORT]\n"
          "                     [--rate R] [--auto] [--auto-close SECONDS] [--pace]\n"
          "SPEC: locker=L profile=NAME|PATH tcp=PORT|rtu=PATH [unit=U] [first=N]\n",
          stderr);
    exit(2);
}

struct options {
    struct yard_options yard;
    const char *file, *socket, *ledger;
    const char *spec[CLIENTS];
    int specs;
};

static void read_options(int argc, char **argv, struct options *o)
{
    static const struct option longs[] = {{"rate", 1, NULL, 'r'},       {"auto", 0, NULL, 'a'},
                                          {"auto-close", 1, NULL, 'A'}, {"pace", 0, NULL, 'P'},
                                          {"help", 0, NULL, 'h'},       {"ledger", 1, NULL, 'l'},
                                          {"control", 1, NULL, 's'},    {0}};
    int c;

    while ((c = getopt_long(argc, argv, "c:b:p:l:s:h", longs, NULL)) != -1) {
        switch (c) {
        case 'c':
            o->file = optarg;
            break;
        case 'p':
            o->yard.profiles = optarg;
            break;
        case 'l':
            o->ledger = optarg;
            break;
        case 's':
            o->socket = optarg;
            break;
        case 'r':
            o->yard.clock.rate = atof(optarg);
            break;
        case 'a':
            o->yard.auto_open = 1;
            break;
        case 'A':
            o->yard.auto_close_us = (int64_t)(atof(optarg) * 1e6);
            break;
        case 'P':
            o->yard.pace = 1;
            break;
        case 'b':
            if (o->specs == CLIENTS)
                errx(2, "more than %d -b: use a file", CLIENTS);
            o->spec[o->specs++] = optarg;
            break;
        default:
            usage();
        }
    }
    if (optind != argc || o->yard.clock.rate <= 0 || (!o->file && o->specs == 0))
        usage();
}

static void raise_file_limit(void)
{
    struct rlimit lim;

    if (getrlimit(RLIMIT_NOFILE, &lim) == 0) {
        lim.rlim_cur = lim.rlim_max;
        setrlimit(RLIMIT_NOFILE, &lim);
    }
}

int main(int argc, char **argv)
{
    struct options o = {.yard = {.clock = {1}, .profiles = PKGDATADIR "/profiles"}};
    struct control c = {0};
    struct timeval flush = {0, 100000};
    struct error error;

    read_options(argc, argv, &o);
    signal(SIGPIPE, SIG_IGN);
    raise_file_limit();
    c.base = event_base_new();
    if (o.ledger && !(o.yard.ledger = fopen(o.ledger, "ae")))
        err(1, "%s", o.ledger);
    c.yard = yard_new(c.base, &o.yard);
    for (int i = 0; i < o.specs; i++) {
        if (yard_add(c.yard, o.spec[i], &error) < 0)
            errx(1, "%s", error.text);
    }
    if (o.file)
        add_file(c.yard, o.file);
    yard_watch(c.yard, on_watch, &c);
    if (o.socket)
        listen_at(&c, o.socket);
    event_add(evsignal_new(c.base, SIGTERM, on_signal, c.base), NULL);
    event_add(evsignal_new(c.base, SIGINT, on_signal, c.base), NULL);
    if (o.yard.ledger)
        event_add(event_new(c.base, -1, EV_PERSIST, on_flush, o.yard.ledger), &flush);
    yard_list(c.yard, stdout);
    puts("ready");
    fflush(stdout);
    event_base_dispatch(c.base);
    yard_free(c.yard);
    if (o.yard.ledger)
        fclose(o.yard.ledger);
    return 0;
}
