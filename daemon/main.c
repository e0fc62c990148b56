/* yizhand: wiring only. What is made last is freed first. */
#include "base/config.h"
#include "base/crypto.h"
#include "base/log.h"
#include "base/time.h"
#include "base/worker.h"
#include "daemon/api/api.h"
#include "daemon/api/describe.h"
#include "daemon/api/metrics.h"
#include "daemon/api/pages.h"
#include "daemon/api/session.h"
#include "daemon/dispatch/planner.h"
#include "daemon/intake/fold.h"
#include "daemon/intake/scan.h"
#include "daemon/io/lease.h"
#include "daemon/io/queries.gen.h"
#include "daemon/io/sse.h"
#include "daemon/lockers/lockers.h"
#include "daemon/outbox/outbox.h"
#include "daemon/park/board.h"
#include "daemon/roads/feed.h"
#include "daemon/roads/roads.h"
#include "daemon/settings.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>

enum {
    WORKERS = 3,
    WORKERS_QUEUE = 256,
    DB_WAITING = 20000,
    TICK_MS = 1000,
    GIVE_MS = 500,
    INFLIGHT = 1000,
    SSE_CLIENTS = 2000
};

struct daemon {
    struct config *config;
    struct clock clock;
    struct loop *loop;
    struct workers *workers;
    struct roads *roads;
    struct feed *feed;
    struct db *db;
    struct lease *lease;
    struct fold *fold;
    struct scans *scans;
    struct sse *sse;
    struct board *board;
    struct lockers *lockers;
    struct outbox *outbox;
    struct planner *planner;
    struct metrics *metrics;
    struct api api;
    struct http_server *http;
    struct loop_timer *tick, *stopping;
    bool ticking, told_ready;
};

/* ---- what the modules tell each other ---- */

static void on_changed(void *arg)
{
    struct daemon *d = arg;
    outbox_kick(d->outbox);
    board_kick(d->board);
}

/* A site came or went: what waits there is looked for at once. */
static void on_leases(void *arg)
{
    struct daemon *d = arg;
    if (!lease_count(d->lease) || !d->planner)
        return;
    planner_kick(d->planner);
    outbox_kick(d->outbox);
}

static void on_planned(void *arg, const char *wave, int ok)
{
    struct daemon *d = arg;
    char text[96];
    int n = snprintf(text, sizeof text, "{\"wave\":\"%s\",\"ok\":%s}", wave, ok ? "true" : "false");
    sse_send(d->sse, "park:all", "wave", text, (size_t)n);
    board_kick(d->board);
}

static bool code_of(void *arg, const char *locker, const char *deposit_id, uint32_t counter, char ret_code[9])
{
    struct daemon *d = arg;
    return d->lockers && lockers_code(d->lockers, locker, deposit_id, counter, ret_code);
}

static void tell_courier(void *arg, const char *courier, const char *payload)
{
    struct daemon *d = arg;
    char topic[SSE_TOPIC_MAX];
    snprintf(topic, sizeof topic, "courier:%s", courier);
    sse_send(d->sse, topic, "route", payload, strlen(payload));
}

static void on_ticked(void *arg, const struct db_result *r)
{
    struct daemon *d = arg;
    d->ticking = false;
    if (r->status == DB_ERROR)
        log_error("tick: SQLSTATE %s: %s", r->sqlstate, r->message);
    fold_kick(d->fold);
}

static void on_tick(void *arg)
{
    struct daemon *d = arg;
    char now[TIME_TEXT_MAX], real[TIME_TEXT_MAX];
    if (!d->told_ready && db_ready(d->db)) {
        d->told_ready = true;
        sd_notify(0, "READY=1");
    }
    sd_notify(0, "WATCHDOG=1");
    if (d->ticking || !db_ready(d->db) || !lease_count(d->lease))
        return;
    d->ticking = true;
    time_format(clock_business_us(&d->clock), now);
    time_format(clock_real_us(), real);
    db_call(d->db, &Q_TICK,
            &(struct db_args){.n = 4, .values = {now, real, lease_zones(d->lease), lease_epochs(d->lease)}},
            on_ticked, d);
}

/* ---- gauges ---- */

static double gauge_db_pending(void *arg)
{
    return db_pending(((struct daemon *)arg)->db);
}

static double gauge_connections(void *arg)
{
    return http_connections(((struct daemon *)arg)->http);
}

static double gauge_lockers(void *arg)
{
    struct daemon *d = arg;
    return d->lockers ? lockers_online(d->lockers) : 0;
}

static double gauge_zones(void *arg)
{
    return lease_count(((struct daemon *)arg)->lease);
}

static void add_gauges(struct daemon *d)
{
    metrics_gauge(d->metrics, "yizhan_db_pending", "Statements that wait or run.", gauge_db_pending, d);
    metrics_gauge(d->metrics, "yizhan_http_connections", "Open connections.", gauge_connections, d);
    metrics_gauge(d->metrics, "yizhan_zones_held", "Sites driven by this daemon.", gauge_zones, d);
    metrics_gauge(d->metrics, "yizhan_lockers_online", "Lockers with a live session.", gauge_lockers, d);
}

/* ---- start and stop ---- */

static const char *text(const struct daemon *d, const char *name)
{
    return config_text(d->config, name);
}

static const char *text_or_null(const struct daemon *d, const char *name)
{
    return *text(d, name) ? text(d, name) : NULL;
}

static void start_clock(struct daemon *d)
{
    struct error err;
    int64_t start, origin = clock_real_us();
    if (!*text(d, "clock.start")) {
        clock_init_real(&d->clock);
        return;
    }
    if (time_parse(text(d, "clock.start"), &start, &err) ||
        (*text(d, "clock.origin") && time_parse(text(d, "clock.origin"), &origin, &err)))
        log_fatal("clock: %s", err.text);
    clock_init_simulated(&d->clock, start, origin, config_real(d->config, "clock.rate"));
    log_info("business time is simulated from %s at %g", text(d, "clock.start"),
             config_real(d->config, "clock.rate"));
}

static void start_roads(struct daemon *d)
{
    struct error err;
    struct roads_options o = {.clock = &d->clock,
                              .file = text(d, "roads.file"),
                              .speeds = text(d, "roads.speeds"),
                              .matrix_url = text(d, "roads.matrix_url"),
                              .matrix_coordinates = (int)config_int(d->config, "roads.matrix_coordinates"),
                              .matrix_ms = (int)(config_real(d->config, "roads.matrix_seconds") * 1000),
                              .plan_threads = (int)config_int(d->config, "plan.threads"),
                              .threads = (int)config_int(d->config, "roads.threads"),
                              .deadline_us = (int64_t)(config_real(d->config, "roads.seconds") * 1e6),
                              .open_to = text(d, "roads.open_to")};
    if (!(d->roads = roads_open(d->loop, &o, &err)))
        log_fatal("%s", err.text);
}

static void start_lockers(struct daemon *d)
{
    struct error err;
    if (!*text(d, "mqtt.url"))
        return;
    struct lockers_options o = {.mqtt = {.url = text(d, "mqtt.url"),
                                         .client_id = text(d, "mqtt.client_id"),
                                         .ca = text(d, "mqtt.ca"),
                                         .cert = text(d, "mqtt.cert"),
                                         .key = text(d, "mqtt.key"),
                                         .keepalive_s = 30,
                                         .inflight_max = INFLIGHT},
                                .grant_key = text(d, "keys.grant"),
                                .grant_key_id = text(d, "keys.grant_id"),
                                .locker_master = text(d, "keys.locker_master")};
    if (!(d->lockers = lockers_new(d->loop, d->db, &d->clock, d->fold, &o, &err)))
        log_fatal("%s", err.text);
}

static void start_outbox(struct daemon *d)
{
    struct error err;
    struct outbox_options o = {.directory = text(d, "outbox.dir"),
                               .notice_url = text(d, "outbox.notice_url"),
                               .lease = d->lease,
                               .outgoing = {.timeout_ms = 10000,
                                            .answer_max = 4096,
                                            .at_once_max = 32,
                                            .waiting_max = 2000,
                                            .allow_private = !strcmp(text(d, "outbox.allow_private"), "yes"),
                                            .agent = "yizhan/" PACKAGE_VERSION},
                               .code = code_of,
                               .courier = tell_courier,
                               .arg = d};
    if (!(d->outbox = outbox_new(d->loop, d->db, &d->clock, &o, &err)))
        log_fatal("%s", err.text);
}

static void start_http(struct daemon *d)
{
    struct error err;
    char address[64];
    const char *listen = text(d, "http.listen"), *colon = strrchr(listen, ':');
    if (!colon || (size_t)(colon - listen) >= sizeof address)
        log_fatal("http.listen = %s: must be address:port", listen);
    snprintf(address, sizeof address, "%.*s", (int)(colon - listen), listen);
    struct http_options o = {.address = address,
                             .port = atoi(colon + 1),
                             .cert = text_or_null(d, "http.cert"),
                             .key = text_or_null(d, "http.key"),
                             .body_max = (size_t)config_int(d->config, "http.body_max"),
                             .request_seconds = (int)config_int(d->config, "http.request_seconds"),
                             .connections_max = (int)config_int(d->config, "http.connections")};
    if (!o.cert && strncmp(address, "127.", 4))
        log_fatal("http.listen = %s: without http.cert only the loopback may be served", listen);
    if (!(d->http = http_listen(d->loop, &o, api_serve, &d->api, &err)))
        log_fatal("%s", err.text);
    log_info("serving on %s:%d", address, http_port(d->http));
}

/* Leases are given back first, so that another daemon need not wait for their end; not longer than a moment,
 * in case the database does not answer. */
static void stop_now(void *arg)
{
    struct daemon *d = arg;
    loop_stop(d->loop);
}

static void on_stop(void *arg)
{
    struct daemon *d = arg;
    if (d->stopping)
        return;
    d->stopping = loop_timer_new(d->loop, GIVE_MS, 0, stop_now, d);
    lease_give(d->lease, stop_now, d);
}

/* A renewed certificate is served from the next connection on. */
static void on_hangup(void *arg)
{
    struct daemon *d = arg;
    struct error err;
    if (http_reload(d->http, &err))
        log_error("the certificate stays as it was: %s", err.text);
    else
        log_info("certificate and key read again");
}

static void start(struct daemon *d)
{
    start_clock(d);
    d->loop = loop_new(on_stop, d);
    d->workers = workers_new(d->loop, WORKERS, WORKERS_QUEUE);
    start_roads(d);
    struct db_options db = {.conninfo = text(d, "db.conninfo"),
                            .connections = (int)config_int(d->config, "db.connections"),
                            .timeout_ms = (int)config_int(d->config, "db.timeout_ms"),
                            .waiting_max = DB_WAITING};
    d->db = db_new(d->loop, &db);
    d->feed = feed_new(d->loop, d->db, &d->clock, d->roads);
    struct lease_options zones = {.sites = text(d, "zones.sites"),
                                  .seconds = (int)config_int(d->config, "zones.seconds")};
    d->lease = lease_new(d->loop, d->db, &zones, on_leases, d);
    d->fold = fold_new(d->loop, d->db, &d->clock, on_changed, d);
    d->scans = scans_new(d->loop, d->db, &d->clock, d->fold);
    struct sse_options sse = {
        .clients_max = SSE_CLIENTS, .behind_max = 1 << 20, .heartbeat_s = 15, .kept_max = 200};
    d->sse = sse_new(d->loop, &sse);
    d->board = board_new(d->loop, d->db, &d->clock, d->sse);
    start_lockers(d);
    start_outbox(d);
    struct planner_options plan = {.travel = roads_travel(d->roads),
                                   .threads = (int)config_int(d->config, "plan.threads"),
                                   .seconds = config_real(d->config, "plan.seconds"),
                                   .lease = d->lease};
    d->planner = planner_new(d->loop, d->db, d->workers, &d->clock, &plan, on_planned, d);
    d->metrics = metrics_new();
    d->api = (struct api){.db = d->db,
                          .clock = &d->clock,
                          .workers = d->workers,
                          .sessions = sessions_new(d->db),
                          .sse = d->sse,
                          .scans = d->scans,
                          .lockers = d->lockers,
                          .planner = d->planner,
                          .board = d->board,
                          .pages = pages_new(text(d, "web.root")),
                          .metrics = d->metrics,
                          .roads = d->roads,
                          .feed = d->feed};
    add_gauges(d);
    start_http(d);
    loop_on_hangup(d->loop, on_hangup, d);
    d->tick = loop_timer_new(d->loop, 100, TICK_MS, on_tick, d);
}

/* First what may still ask something: it is answered by the database's end, and everybody is still there to
 * hear it. */
static void stop(struct daemon *d)
{
    sd_notify(0, "STOPPING=1");
    loop_timer_free(d->tick);
    loop_timer_free(d->stopping);
    planner_stop(d->planner);
    workers_free(d->workers);
    if (d->lockers)
        lockers_stop(d->lockers);
    db_free(d->db);

    planner_free(d->planner);
    scans_free(d->scans);
    outbox_free(d->outbox);
    if (d->lockers)
        lockers_free(d->lockers);
    board_free(d->board);
    sse_free(d->sse);
    feed_free(d->feed);
    fold_free(d->fold);
    lease_free(d->lease);
    http_free(d->http);
    pages_free(d->api.pages);
    sessions_free(d->api.sessions);
    metrics_free(d->metrics);
    roads_close(d->roads);
    loop_free(d->loop);
}

/* ---- the command line ---- */

static int usage(FILE *out)
{
    fputs("usage: yizhand [-c FILE] [-o section.name=value ...] [--show-config] [--openapi]\n", out);
    return out == stderr ? 2 : 0;
}

static int print_openapi(void)
{
    json_t *description = api_describe();
    json_dumpf(description, stdout, JSON_INDENT(1));
    json_decref(description);
    return 0;
}

static enum log_level level_from(const char *word)
{
    static const char *const words[] = {"error", "warn", "info", "debug"};
    for (int i = 0; i < 4; i++)
        if (!strcmp(word, words[i]))
            return (enum log_level)i;
    log_fatal("log.level = %s: must be error, warn, info or debug", word);
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"config", required_argument, NULL, 'c'}, {"option", required_argument, NULL, 'o'},
        {"show-config", no_argument, NULL, 's'},  {"help", no_argument, NULL, 'h'},
        {"openapi", no_argument, NULL, 'a'},      {NULL, 0, NULL, 0},
    };
    static struct daemon d;
    struct error err;
    bool show = false;
    log_init("yizhand", LOG_L_INFO);
    d.config = config_new(daemon_settings, daemon_setting_count);
    for (int c; (c = getopt_long(argc, argv, "c:o:h", options, NULL)) != -1;) {
        if (c == 'h')
            return usage(stdout);
        if (c == 'a')
            return print_openapi();
        if (c == 's')
            show = true;
        else if (c == '?')
            return usage(stderr);
        else if (c == 'c' ? config_load(d.config, optarg, &err) : config_set(d.config, optarg, &err))
            log_fatal("%s", err.text);
    }
    if (optind < argc)
        return usage(stderr);
    if (show) {
        config_show(d.config, stdout);
        return 0;
    }
    log_init("yizhand", level_from(config_text(d.config, "log.level")));
    crypto_init();
    start(&d);
    loop_run(d.loop);
    stop(&d);
    config_free(d.config);
    return 0;
}
