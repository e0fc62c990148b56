#include "daemon/lockers/lockers.h"

#include "base/crypto.h"
#include "base/id.h"
#include "base/json.h"
#include "base/log.h"
#include "base/time.h"
#include "daemon/io/queries.gen.h"
#include "daemon/lockers/fleet.h"
#include "daemon/lockers/journal.h"
#include "daemon/lockers/message.h"
#include "locker-fw/core/code.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

enum { LIFE_S = 8, WAIT_MS = 5000, LIST_MS = 30000, LIST_SOON_MS = 500, SWEEP_MS = 100 };

/* A command that was sent and not yet answered. */
struct sent {
    uint8_t id[16];
    int64_t until_us;
    void (*done)(void *arg, enum outcome outcome, const char *why);
    void *arg;
    UT_hash_handle hh;
};

struct lockers {
    struct db *db;
    const struct clock *clock;
    struct mqtt *mqtt;
    struct fleet fleet;
    struct journal *journal;
    struct crypto_signer *signer;
    char key_id[GRANT_KEY_ID_MAX + 1];
    uint8_t master[32];
    struct core_crypto crypto;
    struct sent *sent;
    struct loop_timer *list_timer, *sweep_timer;
    bool listed;
    char trouble[160];
};

/* ---- answers ---- */

const char *outcome_word(enum outcome o)
{
    static const char *const words[] = {"opened", "not_opened", "done", "refused", "offline", "unknown"};
    return words[o];
}

static void sent_end(struct lockers *k, struct sent *s, enum outcome outcome, const char *why)
{
    HASH_DEL(k->sent, s);
    s->done(s->arg, outcome, why);
    free(s);
}

static void sweep(void *arg)
{
    struct lockers *k = arg;
    struct sent *s, *next;
    int64_t now = clock_mono_us();
    HASH_ITER(hh, k->sent, s, next)
    if (s->until_us <= now)
        sent_end(k, s, s->until_us ? OUTCOME_UNKNOWN : OUTCOME_OFFLINE, "none");
}

static void on_res(struct lockers *k, json_t *payload, struct error *err)
{
    static const enum outcome outcomes[RES_STATUSES] = {[RES_OPENED] = OUTCOME_OPENED,
                                                        [RES_NOT_OPENED] = OUTCOME_NOT_OPENED,
                                                        [RES_DONE] = OUTCOME_DONE,
                                                        [RES_REFUSED] = OUTCOME_REFUSED};
    struct message_res res;
    struct sent *s;
    if (message_res_read(payload, &res, err)) {
        log_warn("lockers: %s", err->text);
        return;
    }
    HASH_FIND(hh, k->sent, res.cmd_id, sizeof res.cmd_id, s);
    if (s && res.status != RES_ACCEPTED && res.status != RES_PULSED && res.status != RES_CLOSED)
        sent_end(k, s, outcomes[res.status], why_name(res.why));
}

/* ---- commands ---- */

static int fill_grant(struct lockers *k, const struct order *o, struct grant *ret)
{
    struct uuid id, ref = {{0}};
    if (uuid_parse(o->grant_id, &id) || (o->ref && uuid_parse(o->ref, &ref)))
        return -1;
    *ret = (struct grant){.op = (uint8_t)o->op, .compartment = (uint16_t)o->compartment, .value = o->value};
    memcpy(ret->id, id.bytes, 16);
    memcpy(ret->ref, ref.bytes, 16);
    snprintf(ret->locker, sizeof ret->locker, "%s", o->locker);
    snprintf(ret->key_id, sizeof ret->key_id, "%s", k->key_id);
    snprintf(ret->size, sizeof ret->size, "%s", o->size ? o->size : "");
    return 0;
}

static int sign(struct lockers *k, const struct grant *g, uint8_t ret_sig[64])
{
    char canonical[GRANT_TEXT_MAX];
    int n = grant_encode(g, canonical, sizeof canonical);
    if (n < 0)
        return -1;
    crypto_signer_sign(k->signer, canonical, (size_t)n, ret_sig);
    return 0;
}

static int publish(struct lockers *k, const struct locker *l, const char *leaf, json_t *payload, int expiry_s)
{
    char topic[MQTT_TOPIC_MAX];
    char *text = payload ? json_dumps(payload, JSON_COMPACT) : NULL;
    json_decref(payload);
    if (!text)
        return -1;
    snprintf(topic, sizeof topic, "lk/1/%s/%s/%s", l->site, l->code, leaf);
    struct mqtt_message m = {
        .topic = topic, .payload = text, .len = strlen(text), .qos = 1, .expiry_s = expiry_s};
    int rc = mqtt_publish(k->mqtt, &m);
    free(text);
    return rc;
}

static int send_order(struct lockers *k, const struct order *o, struct grant *g)
{
    uint8_t sig[64];
    struct locker *l = fleet_find(&k->fleet, o->locker);
    if (!l || !l->online)
        return -1;
    g->sess = l->sess;
    g->seq = ++l->seq;
    g->nbf = clock_real_us() - 1000000;
    g->exp = g->nbf + (LIFE_S + 1) * 1000000LL;
    return sign(k, g, sig) || publish(k, l, "cmd", message_cmd(g, sig), LIFE_S) ? -1 : 0;
}

void lockers_send(struct lockers *k, const struct order *o,
                  void (*done)(void *arg, enum outcome outcome, const char *why), void *arg)
{
    struct sent *s = calloc(1, sizeof *s);
    struct grant g;
    if (!s)
        log_fatal("out of memory");
    s->done = done;
    s->arg = arg;
    if (fill_grant(k, o, &g))
        random_bytes(s->id, sizeof s->id); /* nothing is sent; the sweep answers */
    else {
        memcpy(s->id, g.id, sizeof s->id);
        if (!send_order(k, o, &g))
            s->until_us = clock_mono_us() + WAIT_MS * 1000LL;
    }
    HASH_ADD(hh, k->sent, id, sizeof s->id, s);
}

bool lockers_code(struct lockers *k, const char *locker, const char *deposit_id, uint32_t counter,
                  char ret_code[9])
{
    struct uuid id;
    struct locker *l = fleet_find(&k->fleet, locker);
    if (!l || uuid_parse(deposit_id, &id))
        return false;
    code_make(&k->crypto, l->keys.code, id.bytes, counter, ret_code);
    return true;
}

bool lockers_grant(struct lockers *k, const struct order *o, int64_t life_us, char ret_text[GRANT_TEXT_MAX])
{
    struct grant g;
    uint8_t sig[64];
    if (!fleet_find(&k->fleet, o->locker) || fill_grant(k, o, &g))
        return false;
    g.nbf = clock_real_us() - 60000000;
    g.exp = g.nbf + life_us;
    return !sign(k, &g, sig) && grant_encode_signed(&g, sig, ret_text, GRANT_TEXT_MAX) >= 0;
}

bool lockers_receipt(struct lockers *k, const char *text, struct receipt *ret)
{
    size_t n = strlen(text);
    if (receipt_parse(text, n, ret))
        return false;
    struct locker *l = fleet_find(&k->fleet, ret->locker);
    return l && receipt_holds(&k->crypto, l->keys.receipt, text, n);
}

/* ---- what lockers say ---- */

static void ignore_result(void *arg, const struct db_result *r)
{
    (void)arg;
    if (r->status == DB_ERROR)
        log_error("lockers: SQLSTATE %s: %s", r->sqlstate, r->message);
}

static void on_conn(struct lockers *k, struct locker *l, json_t *payload, const char *text, struct error *err)
{
    struct message_conn c;
    char now[TIME_TEXT_MAX];
    if (message_conn_read(payload, &c, err)) {
        log_warn("lockers: %s: %s", l->code, err->text);
        return;
    }
    if (!c.on && c.sess != l->sess)
        return; /* the will of a connection that has been replaced */
    if (c.sess != l->sess || !l->online) {
        l->seq = 0;
        progress_reset(&l->progress);
    }
    l->online = c.on;
    l->sess = c.sess;
    time_format(clock_business_us(k->clock), now);
    db_call(k->db, &Q_LOCKER_ONLINE,
            &(struct db_args){.n = 4, .values = {l->code, now, c.on ? "true" : "false", text}}, ignore_result,
            k);
}

static void on_state(struct lockers *k, struct locker *l, const char *text)
{
    char now[TIME_TEXT_MAX];
    time_format(clock_business_us(k->clock), now);
    db_call(k->db, &Q_LOCKER_STATE, &(struct db_args){.n = 3, .values = {l->code, now, text}}, ignore_result,
            k);
}

static void on_stored(void *arg, const char *code, uint32_t boot, uint32_t first, uint32_t last, bool stored)
{
    struct lockers *k = arg;
    uint8_t mac[RECORD_MAC];
    struct locker *l = fleet_find(&k->fleet, code);
    if (!l || !progress_end(&l->progress, boot, first, last, stored))
        return;
    record_ack_mac(&k->crypto, l->keys.ack, l->code, l->progress.boot, l->progress.upto, mac);
    publish(k, l, "evack", message_evack(l->progress.boot, l->progress.upto, mac), 60);
}

/* A chain that does not hold was not written by this locker: it is neither stored nor acknowledged. */
static bool chain_holds(const struct lockers *k, const struct locker *l, const struct message_ev *ev)
{
    const uint8_t *previous = ev->prev;
    for (int i = 0; i < ev->n; i++) {
        if (!record_holds(&k->crypto, l->keys.chain, previous, &ev->records[i]))
            return false;
        previous = ev->records[i].mac;
    }
    return true;
}

static void on_ev(struct lockers *k, struct locker *l, json_t *payload, struct error *err)
{
    static struct message_ev ev;
    if (message_ev_read(payload, &ev, err)) {
        log_warn("lockers: %s: %s", l->code, err->text);
        return;
    }
    if (!chain_holds(k, l, &ev)) {
        log_error("lockers: %s: records %u–%u of boot %u are not this locker's", l->code, ev.records[0].seq,
                  ev.records[ev.n - 1].seq, ev.boot);
        return;
    }
    if (journal_put(k->journal, l->code, ev.records, ev.n))
        return; /* too many wait: not acknowledged, so the locker sends again */
    progress_begin(&l->progress, ev.boot, ev.records[0].seq);
}

/* lk/1/{site}/{locker}/{leaf} */
static struct locker *locker_of(struct lockers *k, const char *topic, const char **ret_leaf)
{
    char code[FLEET_CODE_MAX];
    const char *site = strncmp(topic, "lk/1/", 5) ? NULL : topic + 5;
    const char *name = site ? strchr(site, '/') : NULL, *leaf = name ? strchr(name + 1, '/') : NULL;
    if (!leaf || (size_t)(leaf - name) > sizeof code)
        return NULL;
    memcpy(code, name + 1, (size_t)(leaf - name - 1));
    code[leaf - name - 1] = '\0';
    *ret_leaf = leaf + 1;
    return fleet_find(&k->fleet, code);
}

static void on_message(void *arg, const struct mqtt_message *m)
{
    struct lockers *k = arg;
    struct error err = {0};
    const char *leaf;
    struct locker *l = locker_of(k, m->topic, &leaf);
    if (!l || m->len > MESSAGE_BYTES_MAX)
        return;
    json_t *payload = json_read(m->payload, m->len, &err);
    if (!payload)
        log_warn("lockers: %s/%s: %s", l->code, leaf, err.text);
    else if (!strcmp(leaf, "ev"))
        on_ev(k, l, payload, &err);
    else if (!strcmp(leaf, "res"))
        on_res(k, payload, &err);
    else if (!strcmp(leaf, "conn"))
        on_conn(k, l, payload, m->payload, &err);
    else if (!strcmp(leaf, "state"))
        on_state(k, l, m->payload);
    json_decref(payload);
}

static void subscribe(struct lockers *k)
{
    static const char *const leaves[] = {"lk/1/+/+/conn", "lk/1/+/+/ev", "lk/1/+/+/res", "lk/1/+/+/state"};
    for (size_t i = 0; k->listed && mqtt_up(k->mqtt) && i < sizeof leaves / sizeof leaves[0]; i++)
        if (mqtt_subscribe(k->mqtt, leaves[i], 1))
            log_error("lockers: cannot subscribe to %s", leaves[i]);
}

static void on_link(void *arg, bool up, const char *why)
{
    struct lockers *k = arg;
    struct locker *l, *next;
    snprintf(k->trouble, sizeof k->trouble, "%s", up ? "" : why);
    if (up) {
        log_info("broker: connected");
        subscribe(k);
        return;
    }
    log_warn("broker: %s", why);
    HASH_ITER(hh, k->fleet.lockers, l, next)
    l->online = false; /* conn is retained and will say otherwise */
}

/* ---- which lockers there are ---- */

static void on_list(void *arg, const struct db_result *r)
{
    struct lockers *k = arg;
    bool first = !k->listed;
    unsigned before = HASH_COUNT(k->fleet.lockers);
    for (int i = 0; r->status == DB_OK && i < db_rows(r); i++) {
        struct locker_keys keys;
        uint8_t secret[32];
        const char *code = db_text(r, i, 1);
        if (strlen(code) >= FLEET_CODE_MAX || strlen(db_text(r, i, 2)) >= FLEET_CODE_MAX)
            continue;
        keys_locker(&k->crypto, k->master, code, (uint32_t)db_int(r, i, 3), secret);
        keys_derive(&k->crypto, secret, &keys);
        fleet_put(&k->fleet, code, db_text(r, i, 2), &keys);
    }
    k->listed = r->status == DB_OK;
    if (k->listed && (first || HASH_COUNT(k->fleet.lockers) > before))
        subscribe(k); /* also makes the broker send the retained messages of the new ones */
    loop_timer_again(k->list_timer, k->listed && HASH_COUNT(k->fleet.lockers) ? LIST_MS : LIST_SOON_MS);
}

static void list(void *arg)
{
    struct lockers *k = arg;
    db_call(k->db, &Q_LOCKERS_LIST, &(struct db_args){.n = 0, .values = {NULL}}, on_list, k);
}

/* ---- life ---- */

struct lockers *lockers_new(struct loop *l, struct db *db, const struct clock *clock, struct fold *fold,
                            const struct lockers_options *o, struct error *err)
{
    struct lockers *k = calloc(1, sizeof *k);
    struct mqtt_handler handler = {on_link, on_message, k};
    if (!k)
        log_fatal("out of memory");
    *k = (struct lockers){.db = db, .clock = clock, .crypto = {crypto_verify, crypto_hmac}};
    snprintf(k->key_id, sizeof k->key_id, "%s", o->grant_key_id);
    snprintf(k->trouble, sizeof k->trouble, "not connected yet");
    if (!(k->signer = crypto_signer_load(o->grant_key, err)) ||
        crypto_secret_load(o->locker_master, k->master, err) ||
        !(k->mqtt = mqtt_new(l, &o->mqtt, &handler, err))) {
        crypto_signer_free(k->signer);
        free(k);
        return NULL;
    }
    k->journal = journal_new(l, db, clock, fold, on_stored, k);
    k->list_timer = loop_timer_new(l, 0, 0, list, k);
    k->sweep_timer = loop_timer_new(l, SWEEP_MS, SWEEP_MS, sweep, k);
    return k;
}

void lockers_stop(struct lockers *k)
{
    struct sent *s, *next;
    HASH_ITER(hh, k->sent, s, next)
    sent_end(k, s, OUTCOME_UNKNOWN, "none");
}

void lockers_free(struct lockers *k)
{
    lockers_stop(k);
    loop_timer_free(k->list_timer);
    loop_timer_free(k->sweep_timer);
    mqtt_free(k->mqtt);
    journal_free(k->journal);
    fleet_clear(&k->fleet);
    crypto_signer_free(k->signer);
    free(k);
}

bool lockers_up(const struct lockers *k)
{
    return k->listed && mqtt_up(k->mqtt);
}

const char *lockers_trouble(const struct lockers *k)
{
    return k->listed ? k->trouble : "the list of lockers was not read yet";
}

int lockers_online(const struct lockers *k)
{
    int n = 0;
    for (const struct locker *l = k->fleet.lockers; l; l = l->hh.next)
        n += l->online;
    return n;
}
