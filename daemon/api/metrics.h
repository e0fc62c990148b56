/* Counters of the daemon, written as Prometheus text. Loop's thread only. */
#ifndef DAEMON_API_METRICS_H
#define DAEMON_API_METRICS_H

#include <stddef.h>
#include <stdint.h>

struct evbuffer;
struct metrics;

struct metrics *metrics_new(void);
void metrics_free(struct metrics *m);

/* One reply by status class, and how long it took. */
void metrics_count_reply(struct metrics *m, int status, int64_t took_us);

/* A value that is read when the metrics are: `read` is called then. */
void metrics_gauge(struct metrics *m, const char *name, const char *help, double (*read)(void *arg),
                   void *arg);

void metrics_write(struct metrics *m, struct evbuffer *out);

#endif
