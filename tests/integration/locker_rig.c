#include "tests/integration/locker_rig.h"

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/id.h"
#include "base/log.h"
#include "base/mqtt.h"
#include "locker-fw/core/text.h"
#include "locker-fw/port/crypto.h"
#include "tests/contract/schema.h"
#include "tests/integration/process.h"

#define LOCKER "JN-01-001"
#define ROOT "lk/1/JN/" LOCKER "/"

enum { RESULTS = 4096, ARGS = PROCESS_ARGS };

struct result {
    uint8_t id[16];
    char status[16];
    int why;
};

struct rig {
    struct rig_options o;
    char dir[64];
    int broker_port, kiosk_port, board_port;
    pid_t boards, broker, locker;
    struct loop *loop;
    struct mqtt *mqtt;
    struct locker_keys keys;
    uint8_t sign_key[64];
    uint64_t sess;
    uint32_t seq;
    unsigned sessions;
    struct result result[RESULTS];
    unsigned results;
    struct record *event;
    unsigned events, chain_faults;
    uint32_t last_boot, last_seq;
    uint8_t last_mac[RECORD_MAC];
    int ack;
    char state[65536];
};

static void path_in(const struct rig *r, const char *leaf, char *ret, size_t cap)
{
    snprintf(ret, cap, "%s/%s", r->dir, leaf);
}

static void write_file(const struct rig *r, const char *leaf, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
static void write_file(const struct rig *r, const char *leaf, const char *fmt, ...)
{
    char path[128];
    va_list ap;
    FILE *f;

    path_in(r, leaf, path, sizeof path);
    f = fopen(path, "w");
    if (!f)
        err(1, "%s", path);
    va_start(ap, fmt);
    vfprintf(f, fmt, ap);
    va_end(ap);
    fclose(f);
    chmod(path, 0600);
}

static void start_broker(struct rig *r)
{
    char conf[128];
    const char *argv[] = {"mosquitto", "-c", conf, NULL};
    char log[128];

    path_in(r, "mosquitto.log", log, sizeof log);
    unlink(log);
    path_in(r, "mosquitto.conf", conf, sizeof conf);
    write_file(
        r, "mosquitto.conf",
        "listener %d 127.0.0.1\nallow_anonymous true\nset_tcp_nodelay true\nmax_queued_messages 100000\n"
        "max_inflight_messages 0\n",
        r->broker_port);
    setenv("PATH", "/usr/sbin:/usr/local/sbin:/usr/bin:/bin", 1);
    r->broker = process_spawn(r->dir, "mosquitto.log", argv);
    process_wait_text(r->dir, "mosquitto.log", "running");
}

static void start_boards(struct rig *r)
{
    char spec[256], ledger[128], sock[128], log[128], words[256];
    const char *argv[ARGS] = {process_built("yizhan-boards"),      "-b", spec, "-l", ledger, "-s", sock, "-p",
                              process_source("locker-fw/profiles")};
    const char *more = r->o.inputs ? r->o.inputs : "";
    int argc = 9;

    path_in(r, "boards.log", log, sizeof log);
    unlink(log);
    path_in(r, "ledger", ledger, sizeof ledger);
    path_in(r, "boards.sock", sock, sizeof sock);
    if (r->o.rtu)
        snprintf(spec, sizeof spec, "locker=" LOCKER " profile=%s rtu=%s/tty%s", r->o.profile, r->dir, more);
    else
        snprintf(spec, sizeof spec, "locker=" LOCKER " profile=%s tcp=%d%s", r->o.profile, r->board_port,
                 more);
    process_words(argv, &argc, words, sizeof words, r->o.boards, NULL);
    r->boards = process_spawn(r->dir, "boards.log", argv);
    process_wait_text(r->dir, "boards.log", "ready");
}

static void start_locker(struct rig *r)
{
    char conf[128], words[512], log[128];
    const char *argv[ARGS] = {process_built(r->o.neighbour ? "yizhan-openlocker" : "yizhan-lockerd"), "-c",
                              conf};
    int argc = 3;

    path_in(r, "lockerd.log", log, sizeof log);
    unlink(log);
    path_in(r, "lockerd.conf", conf, sizeof conf);
    process_words(argv, &argc, words, sizeof words, r->o.lockerd, "-o");
    r->locker = process_spawn(r->dir, "lockerd.log", argv);
    process_wait_text(r->dir, "lockerd.log", "compartments on");
}

static void write_neighbour(struct rig *r)
{
    write_file(r, "wiring",
               "board slave=1 doors=4 sizes=SSMM\nboard slave=2 first=5 doors=4 address=8 sizes=L\n");
    write_file(r, "lockerd.conf",
               "[locker]\ncode = " LOCKER "\nsite = JN\nwiring = %s/wiring\njournal = %s\n"
               "[keys]\nlocker = %s/locker.key\ngrants = %s/grants.pub\n[mqtt]\nurl = mqtt://127.0.0.1:%d\n"
               "[kiosk]\nport = %d\nroot = %s\n[neighbour]\nurl = mqtt://127.0.0.1:%d\nid = %s\n",
               r->dir, r->dir, r->dir, r->dir, r->broker_port, r->kiosk_port,
               process_source("locker-fw/kiosk"), r->broker_port, r->o.neighbour);
}

static void write_files(struct rig *r)
{
    uint8_t secret[32], seed[32], pub[32];
    const char *more = r->o.inputs ? r->o.inputs : "";
    char hex[65], doors[32] = "";
    int port = r->kiosk_port;

    random_bytes(secret, sizeof secret);
    random_bytes(seed, sizeof seed);
    crypto_sign_seed_keypair(pub, r->sign_key, seed);
    keys_derive(&crypto_host, secret, &r->keys);
    sodium_bin2hex(hex, sizeof hex, secret, 32);
    write_file(r, "locker.key", "%s\n", hex);
    sodium_bin2hex(hex, sizeof hex, pub, 32);
    write_file(r, "grants.pub", "k1 %s\n", hex);
    if (r->o.doors)
        snprintf(doors, sizeof doors, " doors=%d", r->o.doors);
    if (r->o.rtu)
        write_file(r, "wiring", "board bus=rtu:%s/tty profile=%s%s%s sizes=SSMMLLX\n", r->dir, r->o.profile,
                   doors, more);
    else
        write_file(r, "wiring", "board bus=tcp:127.0.0.1:%d profile=%s%s%s sizes=SSMMLLX\n", r->board_port,
                   r->o.profile, doors, more);
    if (r->o.neighbour) {
        write_neighbour(r);
        return;
    }
    write_file(r, "lockerd.conf",
               "[locker]\ncode = " LOCKER "\nsite = JN\nwiring = %s/wiring\nprofiles = %s\njournal = %s\n"
               "[keys]\nlocker = %s/locker.key\ngrants = %s/grants.pub\n[mqtt]\nurl = mqtt://127.0.0.1:%d\n"
               "[kiosk]\nport = %d\nroot = %s\n",
               r->dir, process_source("locker-fw/profiles"), r->o.journal ? r->o.journal : r->dir, r->dir,
               r->dir, r->broker_port, port, process_source("locker-fw/kiosk"));
}

/* ---- the daemon's stand-in ---- */

static const char *text_of(json_t *o, const char *name)
{
    const char *s = json_string_value(json_object_get(o, name));

    return s ? s : "";
}

static void send_ack(struct rig *r, uint32_t boot, uint32_t upto);

static void take_conn(struct rig *r, json_t *o)
{
    const char *sess = text_of(o, "sess");
    uint8_t bytes[8];
    uint64_t v = 0;

    if (text_read_hex(sess, strlen(sess), bytes, 8) < 0)
        errx(1, "conn without sess");
    for (int i = 0; i < 8; i++)
        v = v << 8 | bytes[i];
    if (!json_is_true(json_object_get(o, "on"))) {
        r->sess = r->sess == v ? 0 : r->sess;
        return;
    }
    r->sessions += r->sess != v;
    r->sess = v;
    r->seq = 0;
    if (r->ack)
        send_ack(r, r->last_boot,
                 r->last_seq); /* "this is the last I have": what it sent before is sent again */
}

static void take_result(struct rig *r, json_t *o)
{
    struct result *t = &r->result[r->results++ % RESULTS];
    const char *id = text_of(o, "cmd_id"), *why = text_of(o, "why");

    text_read_uuid(id, strlen(id), t->id);
    snprintf(t->status, sizeof t->status, "%s", text_of(o, "status"));
    t->why = why_from(why, strlen(why));
}

static void read_event(json_t *o, uint32_t boot, struct record *ret)
{
    const char *type = text_of(o, "type"), *op = text_of(o, "op"), *why = text_of(o, "why"),
               *mac = text_of(o, "mac");
    const char *ref = text_of(o, "ref"), *grant = text_of(o, "grant");

    *ret = (struct record){.type = (uint8_t)event_from(type, strlen(type)),
                           .op = (uint8_t)op_from(op, strlen(op)),
                           .why = (uint8_t)why_from(why, strlen(why)),
                           .extra = (uint8_t)json_integer_value(json_object_get(o, "extra")),
                           .compartment = (uint16_t)json_integer_value(json_object_get(o, "n")),
                           .boot = boot,
                           .seq = (uint32_t)json_integer_value(json_object_get(o, "seq")),
                           .at = json_integer_value(json_object_get(o, "at")),
                           .rt = json_integer_value(json_object_get(o, "rt")),
                           .value = json_integer_value(json_object_get(o, "value")),
                           .tag = (uint32_t)json_integer_value(json_object_get(o, "tag"))};
    if (*ref)
        text_read_uuid(ref, strlen(ref), ret->ref);
    if (*grant)
        text_read_uuid(grant, strlen(grant), ret->grant);
    text_read_hex(mac, strlen(mac), ret->mac, RECORD_MAC);
}

/* Keeps what is new and follows, as the database would; what comes behind a gap is left for later. */
static void keep_event(struct rig *r, const struct record *e, const uint8_t prev[RECORD_MAC])
{
    int follows =
        (e->boot == r->last_boot && e->seq == r->last_seq + 1) || (e->boot > r->last_boot && e->seq == 1);

    if (!follows || (r->events > 0 && memcmp(prev, r->last_mac, RECORD_MAC) != 0))
        return;
    if (!record_holds(&crypto_host, r->keys.chain, prev, e))
        r->chain_faults++;
    r->last_boot = e->boot;
    r->last_seq = e->seq;
    memcpy(r->last_mac, e->mac, RECORD_MAC);
    if (r->events < RIG_EVENTS)
        r->event[r->events++] = *e;
}

static void send_ack(struct rig *r, uint32_t boot, uint32_t upto)
{
    uint8_t mac[RECORD_MAC];
    char body[160];
    struct text t;
    struct mqtt_message m = {.topic = ROOT "evack", .payload = body, .qos = 1, .expiry_s = 60};

    record_ack_mac(&crypto_host, r->keys.ack, LOCKER, boot, upto, mac);
    text_init(&t, body, sizeof body);
    text_str(&t, "{\"v\":1,\"boot\":");
    text_int(&t, boot);
    text_str(&t, ",\"upto\":");
    text_int(&t, upto);
    text_str(&t, ",\"mac\":\"");
    text_hex(&t, mac, RECORD_MAC);
    text_str(&t, "\"}");
    m.len = t.len;
    mqtt_publish(r->mqtt, &m);
}

static void take_events(struct rig *r, json_t *o)
{
    uint32_t boot = (uint32_t)json_integer_value(json_object_get(o, "boot"));
    const char *prev_hex = text_of(o, "prev");
    uint8_t prev[RECORD_MAC] = {0};
    json_t *one;
    size_t i;

    text_read_hex(prev_hex, strlen(prev_hex), prev, RECORD_MAC);
    json_array_foreach(json_object_get(o, "records"), i, one)
    {
        struct record e;

        read_event(one, boot, &e);
        keep_event(r, &e, prev);
        memcpy(prev, e.mac, RECORD_MAC);
    }
    if (r->ack)
        send_ack(r, r->last_boot, r->last_seq);
}

/* Whatever travels must be what the contract says. */
static void check_contract(const char *leaf, json_t *o)
{
    static const char *const names[] = {"conn", "state", "ev", "evack", "cmd", "res", "cfg", "fw", "tel"};
    static json_t *schemas[9];
    const char *top = getenv("srcdir");
    char why[256];

    for (int i = 0; i < 9; i++) {
        if (strcmp(names[i], leaf) != 0)
            continue;
        if (!schemas[i])
            schemas[i] = schema_load(top ? top : "..", leaf);
        if (schema_check(schemas[i], o, why, sizeof why) < 0)
            errx(1, "%s is not as the contract says: %s", leaf, why);
        return;
    }
    errx(1, "%s is no topic of the contract", leaf);
}

static void on_message(void *arg, const struct mqtt_message *m)
{
    struct rig *r = arg;
    json_t *o = json_loadb(m->payload, m->len, JSON_REJECT_DUPLICATES, NULL);
    const char *leaf = strrchr(m->topic, '/') + 1;

    if (!o)
        errx(1, "%s: not JSON", m->topic);
    check_contract(leaf, o);
    if (strcmp(leaf, "conn") == 0)
        take_conn(r, o);
    else if (strcmp(leaf, "res") == 0)
        take_result(r, o);
    else if (strcmp(leaf, "ev") == 0)
        take_events(r, o);
    else if (strcmp(leaf, "state") == 0)
        snprintf(r->state, sizeof r->state, "%.*s", (int)m->len, (const char *)m->payload);
    json_decref(o);
}

static void on_link(void *arg, bool up, const char *why)
{
    struct rig *r = arg;

    (void)why;
    if (up)
        mqtt_subscribe(r->mqtt, "lk/1/JN/+/+", 1);
}

static void on_stop(void *arg)
{
    (void)arg;
}

static void stop_loop(void *arg)
{
    loop_stop(arg);
}

void rig_run(struct rig *r, int ms)
{
    struct loop_timer *t = loop_timer_new(r->loop, ms, 0, stop_loop, r->loop);

    loop_run(r->loop);
    loop_timer_free(t);
}

struct rig *rig_new(const struct rig_options *o)
{
    struct rig *r = calloc(1, sizeof *r);
    char url[64], name[32];
    struct mqtt_options options = {.url = url, .client_id = name, .keepalive_s = 30, .inflight_max = 1000};
    struct mqtt_handler handler = {on_link, on_message, r};
    struct error error = {0};

    if (!r || !(r->event = calloc(RIG_EVENTS, sizeof *r->event)))
        abort();
    crypto_init();
    log_init("rig", LOG_L_ERROR);
    r->o = *o;
    r->ack = !o->no_ack;
    strcpy(r->dir, "/tmp/locker_rig.XXXXXX");
    if (!mkdtemp(r->dir))
        err(1, "mkdtemp");
    r->broker_port = process_port();
    r->kiosk_port = process_port();
    r->board_port = process_port();
    write_files(r);
    start_broker(r);
    if (!o->neighbour)
        start_boards(r);
    snprintf(url, sizeof url, "mqtt://127.0.0.1:%d", r->broker_port);
    snprintf(name, sizeof name, "rig-%d", (int)getpid());
    r->loop = loop_new(on_stop, r);
    r->mqtt = mqtt_new(r->loop, &options, &handler, &error);
    while (r->mqtt && !mqtt_up(r->mqtt))
        rig_run(r, 10);
    start_locker(r);
    if (!r->mqtt || rig_wait_session(r, 5000) < 0)
        errx(1, "no session with the controller: %s", error.text);
    return r;
}

static pid_t *pid_of(struct rig *r, char which)
{
    return which == 'b' ? &r->boards : which == 'm' ? &r->broker : &r->locker;
}

pid_t rig_pid(const struct rig *r, char which)
{
    return *pid_of((struct rig *)(uintptr_t)r, which);
}

void rig_kill(struct rig *r, char which, int sig)
{
    pid_t *pid = pid_of(r, which);

    if (*pid <= 0)
        return;
    kill(*pid, sig);
    waitpid(*pid, NULL, 0);
    *pid = 0;
}

void rig_start(struct rig *r, char which)
{
    if (which == 'b')
        start_boards(r);
    else if (which == 'm')
        start_broker(r);
    else
        start_locker(r);
}

void rig_free(struct rig *r)
{
    mqtt_free(r->mqtt);
    loop_free(r->loop);
    rig_kill(r, 'l', SIGTERM);
    rig_kill(r, 'b', SIGTERM);
    rig_kill(r, 'm', SIGTERM);
    if (!getenv("RIG_KEEP"))
        process_remove_folder(r->dir);
    free(r->event);
    free(r);
}

int rig_wait_session(struct rig *r, int ms)
{
    unsigned had = r->sessions;

    for (int64_t end = clock_mono_us() + (int64_t)ms * 1000; clock_mono_us() < end;) {
        rig_run(r, 20);
        if (r->sess && r->sessions > had)
            return 0;
    }
    return -1;
}

static void fill_grant(struct rig *r, struct grant *g, uint8_t op, unsigned compartment, uint8_t ref,
                       int offline)
{
    *g = (struct grant){.op = op, .locker = LOCKER, .key_id = "k1", .compartment = (uint16_t)compartment};
    random_bytes(g->id, sizeof g->id);
    g->nbf = clock_real_us();
    g->exp = g->nbf + (offline ? 3600000000 : 8000000);
    if (!offline) {
        g->sess = r->sess;
        g->seq = ++r->seq;
    }
    if (ref) {
        memset(g->ref, 0xAA, 16);
        g->ref[15] = ref;
    }
}

static void sign(struct rig *r, const struct grant *g, uint8_t ret_sig[64])
{
    char text[GRANT_TEXT_MAX];
    int len = grant_encode(g, text, sizeof text);

    if (len < 0)
        errx(1, "a grant cannot be written");
    crypto_sign_detached(ret_sig, NULL, (const uint8_t *)text, (unsigned)len, r->sign_key);
}

static void put(struct text *t, const char *name, const char *v)
{
    text_str(t, ",\"");
    text_str(t, name);
    text_str(t, "\":\"");
    text_str(t, v);
    text_char(t, '"');
}

static void put_number(struct text *t, const char *name, int64_t v)
{
    text_str(t, ",\"");
    text_str(t, name);
    text_str(t, "\":");
    text_int(t, v);
}

static void put_uuid(struct text *t, const char *name, const uint8_t v[16])
{
    char room[40];
    struct text u;

    text_init(&u, room, sizeof room);
    text_uuid(&u, v);
    if (u.len > 1)
        put(t, name, room);
}

void rig_command(struct rig *r, uint8_t op, unsigned compartment, uint8_t ref, int64_t value,
                 uint8_t ret_id[16])
{
    char body[1024], sess[17], sig64[90];
    uint8_t sig[64];
    struct grant g;
    struct text t;
    struct mqtt_message m = {.topic = ROOT "cmd", .payload = body, .qos = 1, .expiry_s = 10};

    fill_grant(r, &g, op, compartment, ref, 0);
    g.value = value;
    sign(r, &g, sig);
    snprintf(sess, sizeof sess, "%016llx", (unsigned long long)g.sess);
    text_init(&t, sig64, sizeof sig64);
    text_base64url(&t, sig, 64);
    text_init(&t, body, sizeof body);
    text_str(&t, "{\"v\":1");
    put_uuid(&t, "cmd_id", g.id);
    put(&t, "sess", sess);
    put_number(&t, "seq", g.seq);
    put(&t, "op", op_name(op));
    put(&t, "locker", LOCKER);
    put_number(&t, "compartment", compartment);
    put_uuid(&t, "ref", g.ref);
    put_number(&t, "nbf", g.nbf);
    put_number(&t, "exp", g.exp);
    put_number(&t, "value", value);
    put(&t, "key_id", "k1");
    put(&t, "sig", sig64);
    text_char(&t, '}');
    m.len = t.len;
    if (mqtt_publish(r->mqtt, &m) < 0)
        errx(1, "publishing failed");
    memcpy(ret_id, g.id, 16);
}

int rig_result(struct rig *r, const uint8_t id[16], const char *status, int ms)
{
    for (int64_t end = clock_mono_us() + (int64_t)ms * 1000; clock_mono_us() < end;) {
        for (unsigned i = 0; i < r->results && i < RESULTS; i++) {
            if (memcmp(r->result[i].id, id, 16) == 0 && strcmp(r->result[i].status, status) == 0)
                return r->result[i].why;
        }
        rig_run(r, 5);
    }
    return -1;
}

unsigned rig_events(const struct rig *r, uint8_t type)
{
    unsigned n = 0;

    for (unsigned i = 0; i < r->events; i++)
        n += r->event[i].type == type;
    return n;
}

unsigned rig_total(const struct rig *r)
{
    return r->events;
}

const struct record *rig_last(const struct rig *r, uint8_t type)
{
    for (unsigned i = r->events; i-- > 0;) {
        if (r->event[i].type == type)
            return &r->event[i];
    }
    return NULL;
}

int rig_event(struct rig *r, uint8_t type, unsigned count, int ms)
{
    for (int64_t end = clock_mono_us() + (int64_t)ms * 1000; clock_mono_us() < end;) {
        if (rig_events(r, type) >= count)
            return 0;
        rig_run(r, 10);
    }
    return -1;
}

void rig_grant(struct rig *r, uint8_t op, unsigned compartment, uint8_t ref, char *ret, size_t cap)
{
    struct grant g;
    uint8_t sig[64];

    fill_grant(r, &g, op, compartment, ref, 1);
    sign(r, &g, sig);
    if (grant_encode_signed(&g, sig, ret, cap) < 0)
        errx(1, "a grant cannot be written");
}

void rig_code(struct rig *r, uint8_t ref, uint32_t counter, char ret[CODE_DIGITS + 1])
{
    uint8_t id[16];

    memset(id, 0xAA, 16);
    id[15] = ref;
    code_make(&crypto_host, r->keys.code, id, counter, ret);
}

unsigned rig_chain_faults(const struct rig *r)
{
    return r->chain_faults;
}

int rig_kiosk_port(const struct rig *r)
{
    return r->kiosk_port;
}

const char *rig_state(const struct rig *r)
{
    return r->state;
}

struct loop *rig_loop(struct rig *r)
{
    return r->loop;
}

int rig_broker_port(const struct rig *r)
{
    return r->broker_port;
}

const char *rig_folder(const struct rig *r)
{
    return r->dir;
}

void rig_acknowledge(struct rig *r, int on)
{
    r->ack = on;
}
