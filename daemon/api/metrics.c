#include "daemon/api/metrics.h"

#include "base/log.h"

#include <event2/buffer.h>
#include <stdlib.h>

enum { GAUGES_MAX = 32, CLASSES = 6 };

/* Upper bounds of the reply time's histogram, in microseconds. */
static const int64_t bounds_us[] = {1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 1000000, 5000000};
enum { BOUNDS = sizeof bounds_us / sizeof bounds_us[0] };

struct metrics {
    uint64_t replies[CLASSES];
    uint64_t within[BOUNDS + 1];
    int64_t total_us;
    int gauges;
    struct gauge {
        const char *name, *help;
        double (*read)(void *arg);
        void *arg;
    } gauge[GAUGES_MAX];
};

struct metrics *metrics_new(void)
{
    struct metrics *m = calloc(1, sizeof *m);
    if (!m)
        log_fatal("out of memory");
    return m;
}

void metrics_free(struct metrics *m)
{
    free(m);
}

void metrics_count_reply(struct metrics *m, int status, int64_t took_us)
{
    int i = 0;
    m->replies[status / 100 < CLASSES ? status / 100 : 0]++;
    while (i < BOUNDS && took_us > bounds_us[i])
        i++;
    m->within[i]++;
    m->total_us += took_us;
}

void metrics_gauge(struct metrics *m, const char *name, const char *help, double (*read)(void *arg),
                   void *arg)
{
    if (m->gauges == GAUGES_MAX)
        log_fatal("more than %d gauges", GAUGES_MAX);
    m->gauge[m->gauges++] = (struct gauge){name, help, read, arg};
}

void metrics_write(struct metrics *m, struct evbuffer *out)
{
    uint64_t n = 0;
    evbuffer_add_printf(out, "# HELP yizhan_http_replies_total Replies by status class.\n"
                             "# TYPE yizhan_http_replies_total counter\n");
    for (int i = 1; i < CLASSES; i++)
        evbuffer_add_printf(out, "yizhan_http_replies_total{class=\"%dxx\"} %llu\n", i,
                            (unsigned long long)m->replies[i]);
    evbuffer_add_printf(out,
                        "# HELP yizhan_http_reply_seconds Time from a request's last byte to its reply.\n"
                        "# TYPE yizhan_http_reply_seconds histogram\n");
    for (int i = 0; i < BOUNDS; i++) {
        n += m->within[i];
        evbuffer_add_printf(out, "yizhan_http_reply_seconds_bucket{le=\"%g\"} %llu\n",
                            (double)bounds_us[i] / 1e6, (unsigned long long)n);
    }
    n += m->within[BOUNDS];
    evbuffer_add_printf(
        out,
        "yizhan_http_reply_seconds_bucket{le=\"+Inf\"} %llu\nyizhan_http_reply_seconds_sum %.6f\n"
        "yizhan_http_reply_seconds_count %llu\n",
        (unsigned long long)n, (double)m->total_us / 1e6, (unsigned long long)n);
    for (int i = 0; i < m->gauges; i++) {
        const struct gauge *g = &m->gauge[i];
        evbuffer_add_printf(out, "# HELP %s %s\n# TYPE %s gauge\n%s %.10g\n", g->name, g->help, g->name,
                            g->name, g->read(g->arg));
    }
}
