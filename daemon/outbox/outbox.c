#include "daemon/outbox/outbox.h"

#include "base/crypto.h"
#include "base/log.h"
#include "base/time.h"
#include "daemon/io/array.h"
#include "daemon/io/queries.gen.h"
#include "daemon/outbox/notice.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LOOK_MS = 500, SOON_MS = 20 };
#define MOST "500"

struct outbox {
    struct db *db;
    const struct clock *clock;
    struct outbox_options options;
    struct outgoing *outgoing;
    struct loop_timer *timer;
    char *notice_url;
    int file; /* of the notices; -1: none */
    bool busy;
};

/* One row that is being posted. */
struct post {
    struct outbox *b;
    char id[40];
};

static void look(void *arg);

static void nothing(void *arg, const struct db_result *r)
{
    (void)arg;
    if (r->status == DB_ERROR)
        log_error("outbox: SQLSTATE %s: %s", r->sqlstate, r->message);
}

static void fail_row(struct outbox *b, const char *id, const char *why)
{
    char now[TIME_TEXT_MAX];
    time_format(clock_real_us(), now);
    db_call(
        b->db, &Q_OUTBOX_FAIL,
        &(struct db_args){
            .n = 5, .values = {id, now, why, lease_zones(b->options.lease), lease_epochs(b->options.lease)}},
        nothing, b);
}

static void done_rows(struct outbox *b, struct array *ids)
{
    char now[TIME_TEXT_MAX];
    time_format(clock_business_us(b->clock), now);
    db_call(b->db, &Q_OUTBOX_DONE,
            &(struct db_args){.n = 4,
                              .values = {array_text(ids), now, lease_zones(b->options.lease),
                                         lease_epochs(b->options.lease)}},
            nothing, b);
}

/* ---- posts ---- */

static void on_posted(void *arg, const struct outgoing_answer *a)
{
    struct post *p = arg;
    char why[64];
    if (a->status >= 200 && a->status < 300) {
        struct array ids = {0};
        array_add(&ids, p->id);
        done_rows(p->b, &ids);
        array_fini(&ids);
    } else {
        snprintf(why, sizeof why, "answered %d", a->status);
        fail_row(p->b, p->id, a->error ? a->error : why);
    }
    free(p);
}

static void post(struct outbox *b, const char *id, const char *url, const char *const *headers,
                 const char *body)
{
    struct post *p = calloc(1, sizeof *p);
    struct outgoing_post o = {.url = url, .headers = headers, .body = body, .len = strlen(body)};
    if (!p)
        log_fatal("out of memory");
    p->b = b;
    snprintf(p->id, sizeof p->id, "%s", id);
    if (outgoing_post(b->outgoing, &o, on_posted, p)) {
        fail_row(b, id, "too many requests wait");
        free(p);
    }
}

/* Standard Webhooks 1.0.0: HMAC-SHA256 over id.timestamp.body, the secret after "whsec_" in base64. */
static void sign(const char *secret, const char *id, const char *timestamp, const char *body, char ret[96])
{
    uint8_t key[128], mac[32];
    char base64[64];
    size_t key_len = 0, room = strlen(id) + strlen(timestamp) + strlen(body) + 3;
    char *text = malloc(room);
    if (!text)
        log_fatal("out of memory");
    int n = snprintf(text, room, "%s.%s.%s", id, timestamp, body);
    if (strncmp(secret, "whsec_", 6) ||
        sodium_base642bin(key, sizeof key, secret + 6, strlen(secret + 6), NULL, &key_len, NULL,
                          sodium_base64_VARIANT_ORIGINAL)) {
        key_len = strlen(secret) < sizeof key ? strlen(secret) : sizeof key;
        memcpy(key, secret, key_len);
    }
    crypto_hmac_key(mac, key, key_len, text, (size_t)n);
    crypto_base64(mac, sizeof mac, base64, sizeof base64);
    snprintf(ret, 96, "v1,%s", base64);
    sodium_memzero(key, sizeof key);
    free(text);
}

static void post_webhook(struct outbox *b, const char *id, const char *url, const char *secret,
                         const char *body)
{
    char h_id[64], h_time[48], h_signature[128], timestamp[24], signature[96];
    const char *headers[] = {"Content-Type: application/json", h_id, h_time, h_signature, NULL};
    snprintf(timestamp, sizeof timestamp, "%lld", (long long)(clock_real_us() / 1000000));
    sign(secret, id, timestamp, body, signature);
    snprintf(h_id, sizeof h_id, "webhook-id: %s", id);
    snprintf(h_time, sizeof h_time, "webhook-timestamp: %s", timestamp);
    snprintf(h_signature, sizeof h_signature, "webhook-signature: %s", signature);
    post(b, id, url, headers, body);
}

/* ---- notices ---- */

/* The notice in words. NULL when it needs a code that cannot be computed yet. */
static char *notice_text(struct outbox *b, const char *id, const char *payload)
{
    json_t *p = json_loads(payload, 0, NULL);
    const char *deposit = json_string_value(json_object_get(p, "deposit_id"));
    char code[9], *text = NULL;
    bool has_code =
        deposit && b->options.code(b->options.arg, json_string_value(json_object_get(p, "locker")), deposit,
                                   (uint32_t)json_integer_value(json_object_get(p, "counter")), code);
    if ((!deposit || has_code) && !notice_fill(p, deposit ? code : NULL)) {
        json_object_set_new(p, "id", json_string(id));
        text = json_dumps(p, JSON_COMPACT);
    }
    json_decref(p);
    return text;
}

static int append(struct outbox *b, const char *text)
{
    size_t n = strlen(text);
    char *line = malloc(n + 2);
    if (!line)
        log_fatal("out of memory");
    memcpy(line, text, n);
    line[n] = '\n';
    ssize_t written = write(b->file, line, n + 1); /* O_APPEND: one write is one line */
    free(line);
    return written == (ssize_t)n + 1 ? 0 : -1;
}

/* True when the row is done with the file alone. */
static bool take_notice(struct outbox *b, const char *id, const char *payload)
{
    static const char *const headers[] = {"Content-Type: application/json", NULL};
    char *text = notice_text(b, id, payload);
    bool done = false;
    if (!text) {
        fail_row(b, id, "its code or its words are not known");
        return false;
    }
    if (b->file >= 0 && append(b, text))
        fail_row(b, id, strerror(errno));
    else if (*b->notice_url)
        post(b, id, b->notice_url, headers, text);
    else
        done = true;
    free(text);
    return done;
}

static void on_claimed(void *arg, const struct db_result *r)
{
    struct outbox *b = arg;
    struct array done = {0};
    int n = r->status == DB_OK ? db_rows(r) : 0, n_done = 0;
    for (int i = 0; i < n; i++) {
        const char *id = db_text(r, i, 0), *payload = db_text(r, i, 3), *url = db_text(r, i, 4),
                   *secret = db_text(r, i, 5);
        bool for_courier = !strcmp(db_text(r, i, 1), "courier"), out = for_courier;
        if (for_courier)
            b->options.courier(b->options.arg, db_text(r, i, 2), payload);
        else if (url && secret)
            post_webhook(b, id, url, secret, payload);
        else
            out = take_notice(b, id, payload);
        if (out) {
            array_add(&done, id);
            n_done++;
        }
    }
    if (n_done && b->file >= 0)
        fdatasync(b->file);
    if (n_done)
        done_rows(b, &done);
    array_fini(&done);
    b->busy = false;
    loop_timer_again(b->timer, n ? SOON_MS : LOOK_MS);
}

static void look(void *arg)
{
    struct outbox *b = arg;
    char now[TIME_TEXT_MAX];
    if (b->busy || !db_ready(b->db) || !lease_count(b->options.lease)) {
        loop_timer_again(b->timer, LOOK_MS);
        return;
    }
    b->busy = true;
    time_format(clock_real_us(), now);
    db_call(b->db, &Q_OUTBOX_CLAIM,
            &(struct db_args){
                .n = 4, .values = {now, MOST, lease_zones(b->options.lease), lease_epochs(b->options.lease)}},
            on_claimed, b);
}

struct outbox *outbox_new(struct loop *l, struct db *db, const struct clock *clock,
                          const struct outbox_options *o, struct error *err)
{
    struct outbox *b = calloc(1, sizeof *b);
    char path[600];
    if (!b)
        log_fatal("out of memory");
    *b = (struct outbox){
        .db = db, .clock = clock, .options = *o, .file = -1, .notice_url = strdup(o->notice_url)};
    snprintf(path, sizeof path, "%s/notices.jsonl", o->directory);
    if (*o->directory)
        mkdir(o->directory, 0700); /* what hinders it, opening the file says */
    if (*o->directory && (b->file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600)) < 0) {
        error_set(err, errno, "%s: %s", path, strerror(errno));
        free(b->notice_url);
        free(b);
        return NULL;
    }
    b->outgoing = outgoing_new(l, &o->outgoing);
    b->timer = loop_timer_new(l, LOOK_MS, 0, look, b);
    return b;
}

void outbox_free(struct outbox *b)
{
    loop_timer_free(b->timer);
    outgoing_free(b->outgoing);
    if (b->file >= 0)
        close(b->file);
    free(b->notice_url);
    free(b);
}

void outbox_kick(struct outbox *b)
{
    if (!b->busy)
        loop_timer_again(b->timer, SOON_MS);
}
