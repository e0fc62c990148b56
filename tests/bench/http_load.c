/* Clients of the API that do nothing but ask: each keeps its connection and sends the next request when the
 * last was answered. Arguments: PORT scans|parcels CONNECTIONS ROWS SECONDS; the session's token in
 * YIZHAN_TOKEN. Scans name the parcels that `parcels` made, LOAD_PARCELS of them. Prints rows/s, requests/s,
 * latency in ms (p50, p99) and its own CPU time in µs a request. Exits 1 at the first answer that is not 200,
 * or that refuses a row. */
#include "base/clock.h"
#include "base/id.h"
#include "base/time.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECTIONS_MAX = 512, ROWS_MAX = 1000, ROW_MAX = 400, ANSWER_MAX = 1 << 20, LATENCIES_MAX = 1 << 22 };

struct client {
    int fd;
    size_t got;
    int64_t asked_us;
    char *in;
};

struct load {
    int port, connections, rows, seconds;
    size_t (*row)(char *out, long n);
    const char *path, *token;
    long made, answered;
    uint32_t *latencies;
};

static long parcels = 100000; /* how many the scans name */

static void die(const char *what)
{
    fprintf(stderr, "http_load: %s\n", what);
    exit(1);
}

static size_t new_id(char *out)
{
    struct uuid u = uuid_v7(clock_real_us());
    uuid_format(&u, out);
    return strlen(out);
}

static size_t scan_row(char *out, long n)
{
    char id[UUID_TEXT_MAX], at[TIME_TEXT_MAX];
    new_id(id);
    time_format(clock_real_us(), at);
    return (size_t)sprintf(out,
                           "{\"id\":\"%s\",\"waybill\":\"LOAD%010ld\",\"kind\":\"arrive\","
                           "\"at\":\"%s\",\"device\":\"PDA-0007\"}",
                           id, n * 7919 % parcels, at);
}

static size_t parcel_row(char *out, long n)
{
    return (size_t)sprintf(
        out,
        "{\"waybill\":\"LOAD%010ld\",\"recipient\":{\"name\":\"张三丰\",\"phone\":\"138%08ld\","
        "\"address\":\"任城区太白路%ld号3栋2单元501室\"},\"point\":\"P%ld\",\"prefer\":\"%s\","
        "\"weight_g\":900,\"length_mm\":300,\"width_mm\":200,\"height_mm\":100}",
        n, n, n % 100, 1 + n % 2, n % 3 ? "locker" : "door");
}

static size_t compose(struct load *l, char *out)
{
    static char body[ROWS_MAX * ROW_MAX + 2];
    size_t n = 0;
    for (int i = 0; i < l->rows; i++) {
        body[n++] = i ? ',' : '[';
        n += l->row(body + n, l->made++);
    }
    body[n++] = ']';
    body[n] = '\0';
    return (size_t)sprintf(out,
                           "POST %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n"
                           "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
                           l->path, l->token, n, body);
}

static void ask_next(struct load *l, struct client *c)
{
    static char out[ROWS_MAX * ROW_MAX + 1024];
    size_t n = compose(l, out);
    c->asked_us = clock_mono_us();
    for (size_t at = 0; at < n;) {
        ssize_t w = send(c->fd, out + at, n - at, MSG_NOSIGNAL);
        if (w < 0)
            die("the server closed a connection");
        at += (size_t)w;
    }
}

static bool is_whole(const struct client *c)
{
    const char *body = memmem(c->in, c->got, "\r\n\r\n", 4);
    const char *length = body ? strcasestr(c->in, "content-length:") : NULL;
    return length && c->got >= (size_t)(body + 4 - c->in) + strtoul(length + 15, NULL, 10);
}

static void on_ready(struct load *l, struct client *c)
{
    ssize_t n = recv(c->fd, c->in + c->got, ANSWER_MAX - 1 - c->got, 0);
    if (n <= 0)
        die("the server closed a connection");
    c->got += (size_t)n;
    c->in[c->got] = '\0';
    if (!is_whole(c))
        return;
    if (strncmp(c->in, "HTTP/1.1 200", 12) || strstr(c->in, "\"errors\""))
        die(c->in);
    if (l->answered < LATENCIES_MAX)
        l->latencies[l->answered] = (uint32_t)(clock_mono_us() - c->asked_us);
    l->answered++;
    c->got = 0;
    ask_next(l, c);
}

static void open_client(struct load *l, struct client *c, int ep)
{
    struct sockaddr_in sa = {.sin_family = AF_INET, .sin_port = htons((uint16_t)l->port)};
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};
    int on = 1;
    inet_pton(AF_INET, "127.0.0.1", &sa.sin_addr);
    c->fd = socket(AF_INET, SOCK_STREAM, 0);
    c->in = malloc(ANSWER_MAX);
    if (!c->in || connect(c->fd, (struct sockaddr *)&sa, sizeof sa))
        die("cannot connect");
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    epoll_ctl(ep, EPOLL_CTL_ADD, c->fd, &e);
    ask_next(l, c);
}

static int by_value(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static void report(struct load *l, double seconds)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    double cpu_us = (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e6 +
                    (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
    size_t n = (size_t)(l->answered < LATENCIES_MAX ? l->answered : LATENCIES_MAX);
    qsort(l->latencies, n, sizeof *l->latencies, by_value);
    printf("rows/s %.0f requests/s %.0f p50_ms %.2f p99_ms %.2f client_cpu_us %.1f\n",
           (double)l->answered * l->rows / seconds, (double)l->answered / seconds,
           n ? l->latencies[n / 2] / 1e3 : 0, n ? l->latencies[n * 99 / 100] / 1e3 : 0,
           cpu_us / (double)(l->answered ? l->answered : 1));
}

static void run(struct load *l)
{
    static struct client clients[CONNECTIONS_MAX];
    struct epoll_event ready[64];
    int ep = epoll_create1(0);
    int64_t began = clock_mono_us(), until = began + l->seconds * 1000000LL;
    for (int i = 0; i < l->connections; i++)
        open_client(l, &clients[i], ep);
    while (clock_mono_us() < until) {
        int n = epoll_wait(ep, ready, 64, 100);
        for (int i = 0; i < n; i++)
            on_ready(l, ready[i].data.ptr);
    }
    report(l, (double)(clock_mono_us() - began) / 1e6);
}

int main(int argc, char **argv)
{
    if (argc != 6 || !getenv("YIZHAN_TOKEN"))
        die("usage: YIZHAN_TOKEN=… http_load PORT scans|parcels CONNECTIONS ROWS SECONDS");
    bool scans = !strcmp(argv[2], "scans");
    if (getenv("LOAD_PARCELS"))
        parcels = atol(getenv("LOAD_PARCELS"));
    struct load l = {.port = atoi(argv[1]),
                     .connections = atoi(argv[3]),
                     .rows = atoi(argv[4]),
                     .seconds = atoi(argv[5]),
                     .row = scans ? scan_row : parcel_row,
                     .path = scans ? "/v1/scans" : "/v1/parcels",
                     .token = getenv("YIZHAN_TOKEN"),
                     .made = 0,
                     .latencies = malloc(LATENCIES_MAX * sizeof(uint32_t))};
    if (l.connections < 1 || l.connections > CONNECTIONS_MAX || l.rows < 1 || l.rows > ROWS_MAX ||
        !l.latencies)
        die("1 to 512 connections, 1 to 1000 rows");
    run(&l);
    return 0;
}
