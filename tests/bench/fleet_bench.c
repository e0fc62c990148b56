/* Many lockers at one daemon: each announces itself and its 60 compartments, then hands in journal records
 * and waits for their acknowledgement, as doc/asyncapi.yaml says. They share a few connections, for it is the
 * daemon that is measured and not the broker. Commands on standard input, an answer each: announce      all
 * of them, under a new session; until the database has it events N      N records in all, one batch of at
 * most 50 a locker at a time; until all are acknowledged Usage: fleet_bench CITY.json MASTER.key PORT;
 * libpq's environment names the database. */
#include "base/clock.h"
#include "base/crypto.h"
#include "base/loop.h"
#include "base/mqtt.h"
#include "locker-fw/core/keys.h"
#include "locker-fw/core/record.h"
#include "locker-fw/port/crypto.h"
#include "locker-fw/port/message.h"

#include <jansson.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    CONNECTIONS = 8,
    INFLIGHT = 500,
    BATCH = 50,
    DOORS = 60,
    TICK_MS = 2,
    LIMIT_S = 300,
    PAYLOAD = 65536,
    SETTLED_MS = 500
};

struct bank {
    char code[33], topic[96];
    struct locker_keys keys;
    uint32_t boot, seq;
    uint8_t mac[RECORD_MAC];
    int owed;   /* records to make yet */
    bool waits; /* for an acknowledgement */
};

struct link {
    struct fleet *fleet;
    struct mqtt *mqtt;
    int first, n; /* its boxes */
    int at;       /* the next to announce; first + n: all are */
    bool state;   /* its conn is out, its state is not */
};

struct fleet {
    struct loop *loop;
    PGconn *pg;
    struct bank *boxes;
    int n;
    struct link links[CONNECTIONS];
    uint64_t session;
    long acked, wanted;
    bool announcing;
};

static void die(const char *what, const char *why)
{
    fprintf(stderr, "fleet_bench: %s%s%s\n", what, *why ? ": " : "", why);
    exit(1);
}

/* ---- what is said ---- */

static int publish(struct link *k, const struct bank *b, const char *what, const char *payload, bool retained)
{
    char topic[128];
    snprintf(topic, sizeof topic, "%s/%s", b->topic, what);
    struct mqtt_message m = {
        .topic = topic, .payload = payload, .len = strlen(payload), .qos = 1, .retained = retained};
    return mqtt_publish(k->mqtt, &m);
}

static int say_conn(struct link *k, const struct bank *b)
{
    char text[512];
    snprintf(
        text, sizeof text,
        "{\"v\":1,\"on\":true,\"boot\":%u,\"sess\":\"%016llx\",\"firmware\":\"0.1\",\"profile\":\"bench\","
        "\"epoch\":1,\"compartments\":%d,\"at\":%lld}",
        b->boot, (unsigned long long)k->fleet->session, DOORS, (long long)clock_real_us());
    return publish(k, b, "conn", text, true);
}

static int say_state(struct link *k, const struct bank *b)
{
    static char text[PAYLOAD];
    int n = sprintf(text, "{\"v\":1,\"at\":%lld,\"compartments\":[", (long long)clock_real_us());
    for (int i = 1; i <= DOORS; i++)
        n += sprintf(text + n,
                     "%s{\"n\":%d,\"size\":\"M\",\"state\":\"free\",\"door\":\"closed\",\"item\":\"empty\","
                     "\"board\":\"ok\"}",
                     i > 1 ? "," : "", i);
    sprintf(text + n, "]}");
    return publish(k, b, "state", text, true);
}

static void announce_some(struct link *k)
{
    while (k->at < k->first + k->n) {
        const struct bank *b = &k->fleet->boxes[k->at];
        if (!k->state && say_conn(k, b))
            return;
        k->state = true;
        if (say_state(k, b))
            return;
        k->state = false;
        k->at++;
    }
}

static void say_events(struct link *k, struct bank *b)
{
    static char text[PAYLOAD];
    struct record r[BATCH];
    uint8_t mac[RECORD_MAC];
    int n = b->owed < BATCH ? b->owed : BATCH;
    memcpy(mac, b->mac, sizeof mac);
    for (int i = 0; i < n; i++) {
        r[i] = (struct record){.type = i % 2 ? EVENT_DOOR_CLOSED : EVENT_DOOR_OPEN,
                               .why = WHY_SENSOR,
                               .compartment = (uint16_t)(1 + (b->seq / 2 + (uint32_t)i / 2) % DOORS),
                               .boot = b->boot,
                               .seq = b->seq + 1 + (uint32_t)i,
                               .at = clock_real_us(),
                               .rt = clock_real_us()};
        record_seal(&crypto_host, b->keys.chain, mac, &r[i]);
        memcpy(mac, r[i].mac, sizeof mac);
    }
    if (message_events(r, n, b->mac, text, sizeof text) < 0)
        die("a batch is too long", "");
    if (publish(k, b, "ev", text, false))
        return;
    memcpy(b->mac, mac, sizeof mac);
    b->seq += (uint32_t)n;
    b->owed -= n;
    b->waits = true;
}

static void on_tick(void *arg)
{
    struct fleet *f = arg;
    for (int i = 0; i < CONNECTIONS; i++) {
        struct link *k = &f->links[i];
        if (!mqtt_up(k->mqtt))
            continue;
        if (f->announcing)
            announce_some(k);
        for (int b = k->first; b < k->first + k->n; b++)
            if (f->boxes[b].owed && !f->boxes[b].waits)
                say_events(k, &f->boxes[b]);
    }
}

/* ---- what is heard ---- */

static void on_link(void *arg, bool up, const char *why)
{
    struct link *k = arg;
    char filter[128];
    (void)why;
    k->at = k->first;
    k->state = false;
    for (int i = k->first; up && i < k->first + k->n; i++) {
        snprintf(filter, sizeof filter, "%s/evack", k->fleet->boxes[i].topic);
        mqtt_subscribe(k->mqtt, filter, 1);
        k->fleet->boxes[i].waits = false;
    }
}

static struct bank *find(struct link *k, const char *topic)
{
    for (int i = k->first; i < k->first + k->n; i++) {
        size_t len = strlen(k->fleet->boxes[i].topic);
        if (!strncmp(topic, k->fleet->boxes[i].topic, len) && topic[len] == '/')
            return &k->fleet->boxes[i];
    }
    return NULL;
}

static void on_message(void *arg, const struct mqtt_message *m)
{
    struct link *k = arg;
    struct bank *b = find(k, m->topic);
    uint32_t boot, upto;
    uint8_t mac[RECORD_MAC];
    struct error err;
    if (!b || message_read_ack(m->payload, m->len, &boot, &upto, mac, &err) || boot != b->boot ||
        upto != b->seq || !b->waits)
        return;
    b->waits = false;
    k->fleet->acked = 0;
    for (int i = 0; i < k->fleet->n; i++)
        k->fleet->acked += k->fleet->boxes[i].seq - (k->fleet->boxes[i].waits ? BATCH : 0);
    if (b->owed)
        say_events(k, b);
}

/* ---- phases ---- */

static long ask(struct fleet *f, const char *sql)
{
    PGresult *r = PQexec(f->pg, sql);
    if (PQresultStatus(r) != PGRES_TUPLES_OK)
        die("database", PQerrorMessage(f->pg));
    long n = strtol(PQgetvalue(r, 0, 0), NULL, 10);
    PQclear(r);
    return n;
}

static void stop(void *arg)
{
    loop_stop(arg);
}

static void run_for(struct fleet *f, int ms)
{
    struct loop_timer *t = loop_timer_new(f->loop, ms, 0, stop, f->loop);
    loop_run(f->loop);
    loop_timer_free(t);
}

/* Until the query counts `want`. Returns the seconds it took. */
static double until(struct fleet *f, const char *sql, long want)
{
    int64_t began = clock_mono_us();
    while (ask(f, sql) < want) {
        if (clock_mono_us() - began > LIMIT_S * 1000000LL)
            die("not within the time", sql);
        run_for(f, 200);
    }
    return (double)(clock_mono_us() - began) / 1e6;
}

/* The states come after the announcements: the seconds until the daemon asks nothing any more. */
static double settle(struct fleet *f)
{
    int64_t began = clock_mono_us(), quiet = began;
    while (clock_mono_us() - quiet < SETTLED_MS * 1000LL) {
        if (ask(f, "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'yizhan' AND state = "
                   "'active'"))
            quiet = clock_mono_us();
        run_for(f, 20);
    }
    return (double)(quiet - began) / 1e6;
}

static void announce(struct fleet *f)
{
    char sql[160];
    f->session++;
    f->announcing = true;
    for (int i = 0; i < CONNECTIONS; i++)
        f->links[i].at = f->links[i].first;
    snprintf(sql, sizeof sql, "SELECT count(*) FROM app.locker WHERE online AND conn->>'sess' = '%016llx'",
             (unsigned long long)f->session);
    double took = until(f, sql, f->n);
    printf("%.1f\n", took + settle(f));
    fflush(stdout);
}

static void events(struct fleet *f, long n)
{
    long before = ask(f, "SELECT count(*) FROM app.door_event");
    for (int i = 0; i < f->n; i++)
        f->boxes[i].owed = (int)(n / f->n + (i < n % f->n));
    double took = until(f, "SELECT count(*) FROM app.door_event", before + n);
    printf("%.1f %ld\n", took, ask(f, "SELECT count(*) FROM app.door_event") - before - n);
    fflush(stdout);
}

/* ---- set-up ---- */

static void read_city(struct fleet *f, const char *file, const uint8_t master[32])
{
    json_error_t je;
    json_t *city = json_load_file(file, 0, &je), *lockers = json_object_get(city, "lockers"), *l;
    size_t i;
    if (!json_array_size(lockers))
        die(file, city ? "no lockers" : je.text);
    f->n = (int)json_array_size(lockers);
    f->boxes = calloc((size_t)f->n, sizeof *f->boxes);
    json_array_foreach(lockers, i, l)
    {
        struct bank *b = &f->boxes[i];
        uint8_t secret[32];
        snprintf(b->code, sizeof b->code, "%s", json_string_value(json_object_get(l, "code")));
        snprintf(b->topic, sizeof b->topic, "lk/1/%s/%s", json_string_value(json_object_get(l, "site")),
                 b->code);
        b->boot = (uint32_t)(clock_real_us() / 1000000);
        keys_locker(&crypto_host, master, b->code, 1, secret);
        keys_derive(&crypto_host, secret, &b->keys);
    }
    json_decref(city);
}

static void connect_all(struct fleet *f, const char *port)
{
    char url[64], id[32];
    struct error err;
    snprintf(url, sizeof url, "mqtt://127.0.0.1:%.8s", port);
    for (int i = 0; i < CONNECTIONS; i++) {
        struct link *k = &f->links[i];
        struct mqtt_handler h = {on_link, on_message, k};
        snprintf(id, sizeof id, "fleet-%d", i);
        struct mqtt_options o = {.url = url, .client_id = id, .keepalive_s = 30, .inflight_max = INFLIGHT};
        k->fleet = f;
        k->first = f->n * i / CONNECTIONS;
        k->n = f->n * (i + 1) / CONNECTIONS - k->first;
        k->at = k->first + k->n;
        if (!(k->mqtt = mqtt_new(f->loop, &o, &h, &err)))
            die("mqtt", err.text);
    }
}

int main(int argc, char **argv)
{
    struct fleet f = {.session = 1};
    uint8_t master[32];
    struct error err;
    char line[64];
    long n;
    if (argc != 4)
        die("usage: fleet_bench CITY.json MASTER.key PORT", "");
    crypto_init();
    if (crypto_secret_load(argv[2], master, &err))
        die(argv[2], err.text);
    f.loop = loop_new(NULL, NULL);
    f.pg = PQconnectdb("");
    if (PQstatus(f.pg) != CONNECTION_OK)
        die("database", PQerrorMessage(f.pg));
    read_city(&f, argv[1], master);
    connect_all(&f, argv[3]);
    struct loop_timer *tick = loop_timer_new(f.loop, TICK_MS, TICK_MS, on_tick, &f);
    while (fgets(line, sizeof line, stdin)) {
        if (!strncmp(line, "announce", 8))
            announce(&f);
        else if (sscanf(line, "events %ld", &n) == 1)
            events(&f, n);
    }
    loop_timer_free(tick);
    return 0;
}
