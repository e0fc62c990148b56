/* How fast rows get from HTTP into a committed table: base/http, base/json and daemon/io/batch with nothing
 * else around them. A server thread and a client thread in one process; clients keep their connection and
 * send the next request when the last was answered. Arguments: connections, rows a request, seconds. Run by
 * ingest.sh. */
#include "base/clock.h"
#include "base/http.h"
#include "base/id.h"
#include "base/json.h"
#include "daemon/io/batch.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECTIONS_MAX = 512, ROWS_MAX = 1000, REQUEST_MAX = 300 * ROWS_MAX, COLUMNS = 5 };

static const struct db_stmt record = {
    "record",
    "WITH new AS (INSERT INTO bench_scans SELECT u.id, u.waybill, u.kind, u.at, $1::timestamptz, u.device "
    "FROM unnest($2::uuid[], $3::text[], $4::text[], $5::timestamptz[], $6::text[]) "
    "AS u(id, waybill, kind, at, device) ON CONFLICT (id) DO NOTHING RETURNING id) "
    "SELECT u.i::int, CASE WHEN new.id IS NULL THEN 'duplicate' ELSE 'recorded' END "
    "FROM unnest($2::uuid[]) WITH ORDINALITY AS u(id, i) LEFT JOIN new USING (id)",
    6};

static const char *const kinds[] = {"arrive", "sort", "load", NULL};
static const struct json_field scan_fields[] = {
    {.name = "id", .kind = JSON_K_UUID, .required = true},
    {.name = "waybill", .kind = JSON_K_TEXT, .required = true, .min = 6, .max = 32},
    {.name = "kind", .kind = JSON_K_WORD, .required = true, .words = kinds},
    {.name = "at", .kind = JSON_K_TIME, .required = true},
    {.name = "device", .kind = JSON_K_TEXT, .min = 1, .max = 64},
};
static const struct json_shape scan_shape = {"Scan", scan_fields, COLUMNS};

static struct loop *loop;
static struct batch *batch;
static char received[40];

/* ---- the server ---- */

struct ask {
    struct http_request *http;
    json_t *body;
};

static void answer(void *arg, const struct batch_answer *a)
{
    struct ask *q = arg;
    static char out[64 * ROWS_MAX];
    size_t n = (size_t)sprintf(out, "{\"items\":[");
    if (batch_result(a)->status != DB_OK) {
        fprintf(stderr, "%s\n", batch_result(a)->message);
        http_reply(q->http, 500, NULL, NULL, 0);
    } else {
        for (int i = 0; i < batch_rows(a); i++)
            n += (size_t)sprintf(out + n, "%s{\"result\":\"%s\"}", i ? "," : "", batch_text(a, i, 1));
        n += (size_t)sprintf(out + n, "]}");
        http_reply(q->http, 200, "application/json", out, n);
    }
    json_decref(q->body);
    free(q);
}

static void serve(void *arg, struct http_request *r)
{
    static const char *values[ROWS_MAX * COLUMNS];
    size_t len, n;
    struct error err;
    struct json_faults faults = {0};
    (void)arg;
    const char *text = http_body(r, &len);
    struct ask *q = malloc(sizeof *q);
    *q = (struct ask){r, json_read(text, len, &err)};
    n = json_array_size(q->body);
    for (size_t i = 0; i < n && n <= ROWS_MAX; i++) {
        json_t *scan = json_array_get(q->body, i);
        if (!json_fits(&scan_shape, scan, "", &faults))
            abort();
        for (int c = 0; c < COLUMNS; c++)
            values[i * COLUMNS + (size_t)c] = json_string_value(json_object_get(scan, scan_fields[c].name));
    }
    if (!n || batch_put(batch, (int)n, values, answer, q))
        abort();
}

static void fill(void *arg, const char *values[])
{
    (void)arg;
    values[0] = received;
}

/* ---- the clients ---- */

struct client {
    int fd;
    size_t got;
    char in[65536];
};

static struct plan {
    int port, connections, rows, seconds;
    long answered;
    double took;
} plan;

static size_t compose(char *out)
{
    static long count;
    char id[UUID_TEXT_MAX], body[REQUEST_MAX];
    size_t n = 0;
    for (int i = 0; i < plan.rows; i++) {
        struct uuid u = uuid_v7(clock_real_us());
        uuid_format(&u, id);
        n += (size_t)sprintf(body + n,
                             "%s{\"id\":\"%s\",\"waybill\":\"YZ%010ld\",\"kind\":\"arrive\",\"at\":"
                             "\"2026-11-11T08:30:00.123Z\",\"device\":\"PDA-0007\"}",
                             i ? "," : "[", id, ++count);
    }
    return (size_t)sprintf(out,
                           "POST /v1/scans HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                           "Content-Length: %zu\r\n\r\n%s]",
                           n + 1, body);
}

static void ask_next(struct client *c)
{
    static char out[REQUEST_MAX + 512];
    size_t n = compose(out);
    for (size_t at = 0; at < n;) {
        ssize_t w = send(c->fd, out + at, n - at, MSG_NOSIGNAL);
        if (w < 0)
            abort();
        at += (size_t)w;
    }
}

static int is_whole(const struct client *c)
{
    const char *body = memmem(c->in, c->got, "\r\n\r\n", 4);
    const char *length = body ? strcasestr(c->in, "content-length:") : NULL;
    return length && c->got >= (size_t)(body + 4 - c->in) + strtoul(length + 15, NULL, 10);
}

static void on_ready(struct client *c)
{
    ssize_t n = recv(c->fd, c->in + c->got, sizeof c->in - 1 - c->got, 0);
    if (n <= 0)
        abort();
    c->got += (size_t)n;
    c->in[c->got] = '\0';
    if (!is_whole(c))
        return;
    if (strncmp(c->in, "HTTP/1.1 200", 12))
        abort();
    plan.answered++;
    c->got = 0;
    ask_next(c);
}

static double cpu_us(int who)
{
    struct rusage u;
    getrusage(who, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e6 +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

static void *run_clients(void *arg)
{
    static struct client clients[CONNECTIONS_MAX];
    struct sockaddr_in sa = {.sin_family = AF_INET, .sin_port = htons((uint16_t)plan.port)};
    struct epoll_event ready[64];
    int ep = epoll_create1(0), on = 1;
    (void)arg;
    inet_pton(AF_INET, "127.0.0.1", &sa.sin_addr);
    int64_t began = clock_mono_us(), until = began + plan.seconds * 1000000LL;
    for (int i = 0; i < plan.connections; i++) {
        struct client *c = &clients[i];
        struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};
        c->fd = socket(AF_INET, SOCK_STREAM, 0);
        if (connect(c->fd, (struct sockaddr *)&sa, sizeof sa))
            abort();
        setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        epoll_ctl(ep, EPOLL_CTL_ADD, c->fd, &e);
        ask_next(c);
    }
    while (clock_mono_us() < until) {
        int n = epoll_wait(ep, ready, 64, 100);
        for (int i = 0; i < n; i++)
            on_ready(ready[i].data.ptr);
    }
    plan.took = (double)(clock_mono_us() - began) / 1e6;
    printf("%d connections, %d rows a request: %.0f requests/s, %.0f rows/s\n", plan.connections, plan.rows,
           (double)plan.answered / plan.took, (double)plan.answered * plan.rows / plan.took);
    double clients_us = cpu_us(RUSAGE_THREAD), server_us = cpu_us(RUSAGE_SELF) - clients_us;
    printf("  CPU a request: server %.1f us, clients %.1f us\n", server_us / (double)plan.answered,
           clients_us / (double)plan.answered);
    fflush(stdout);
    _exit(0);
}

int main(int argc, char **argv)
{
    struct http_options ho = {
        .address = "127.0.0.1", .body_max = 1 << 20, .request_seconds = 10, .connections_max = 1000};
    struct db_options dbo = {.conninfo = "", .connections = 2, .timeout_ms = 5000, .waiting_max = 1000};
    struct batch_options bo = {.stmt = &record,
                               .heads = 1,
                               .fill_heads = fill,
                               .gather_us = argc > 4 ? atoi(argv[4]) : 0,
                               .rows_max = 2000,
                               .under_way_max = argc > 5 ? atoi(argv[5]) : 2,
                               .waiting_max = 1000000,
                               .deadline_ms = 5000};
    struct error err;
    pthread_t thread;
    if (argc < 4)
        return 2;
    plan = (struct plan){.connections = atoi(argv[1]), .rows = atoi(argv[2]), .seconds = atoi(argv[3])};
    if (plan.connections > CONNECTIONS_MAX || plan.rows > ROWS_MAX)
        return 2;
    snprintf(received, sizeof received, "2026-11-11T08:30:01Z");
    loop = loop_new(NULL, NULL);
    struct db *db = db_new(loop, &dbo);
    batch = batch_new(loop, db, &bo);
    struct http_server *server = http_listen(loop, &ho, serve, NULL, &err);
    if (!server)
        return 1;
    plan.port = http_port(server);
    pthread_create(&thread, NULL, run_clients, NULL);
    loop_run(loop);
    return 0;
}
