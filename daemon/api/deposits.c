/* What opens a door: the use case writes the grant and says what to send; the command is signed and sent;
 * what the locker says is written down; the answer tells it. */
#include "base/crypto.h"
#include "base/id.h"
#include "base/log.h"
#include "base/time.h"
#include "daemon/api/handlers.h"
#include "daemon/api/sendings.h"
#include "daemon/io/queries.gen.h"
#include "daemon/lockers/lockers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OFFLINE_GRANT_US ((int64_t)24 * 3600 * 1000000)

struct opening {
    struct api_request *r;
    json_t *said; /* what the use case answered */
};

static void opening_free(struct opening *o)
{
    json_decref(o->said);
    free(o);
}

/* ---- commands ---- */

static bool order_of(json_t *said, struct order *ret)
{
    const char *op = NULL;
    json_int_t compartment, value = 0;
    json_t *ref = NULL;
    *ret = (struct order){0};
    if (json_unpack(said, "{s:s, s:s, s:I, s?o, s:s, s?I}", "locker", &ret->locker, "op", &op, "compartment",
                    &compartment, "ref", &ref, "grant_id", &ret->grant_id, "value", &value))
        return false;
    int code = op_from(op, strlen(op));
    ret->op = (enum op)(code < 0 ? OP_NONE : code);
    ret->compartment = (int)compartment;
    ret->ref = json_string_value(ref);
    ret->value = value;
    return code > 0;
}

static void on_written(void *arg, const struct db_result *res)
{
    api_reply_result(arg, res);
}

static void on_outcome(void *arg, enum outcome outcome, const char *why)
{
    struct opening *o = arg;
    struct api_request *r = o->r;
    char now[TIME_TEXT_MAX];
    const char *grant = json_string_value(json_object_get(o->said, "grant_id"));
    const char *word = outcome == OUTCOME_OFFLINE ? "refused" : outcome_word(outcome);
    time_format(clock_business_us(r->api->clock), now);
    db_call(
        r->api->db, &Q_GRANT_RESULT,
        &(struct db_args){.n = 4, .values = {grant, now, word, outcome == OUTCOME_OFFLINE ? "offline" : why}},
        on_written, r);
    opening_free(o);
}

/* Any use case whose 202 names a grant; other answers go out as they are. */
static void on_begun(void *arg, const struct db_result *res)
{
    struct api_request *r = arg;
    struct order order;
    bool ok = res->status == DB_OK && db_rows(res) && db_int(res, 0, 0) == 202;
    json_t *said = ok ? json_loads(db_text(res, 0, 1), 0, NULL) : NULL;
    if (!ok) {
        api_reply_result(r, res);
    } else if (!order_of(said, &order)) {
        json_decref(said);
        api_problem(r, 500, "internal", NULL, "the database named no order that a locker knows");
    } else {
        struct opening *o = calloc(1, sizeof *o);
        if (!o)
            log_fatal("out of memory");
        o->r = r;
        o->said = said;
        lockers_send(r->api->lockers, &order, on_outcome, o);
    }
}

/* Without a way to the lockers nothing is begun that could not be carried out. */
static bool no_lockers(struct api_request *r)
{
    if (r->api->lockers)
        return false;
    api_problem(r, 503, "no-lockers", NULL, "this daemon drives no lockers; nothing was changed");
    return true;
}

void deposit_post(struct api_request *r)
{
    if (!no_lockers(r))
        api_call(r, r->route->stmt, on_begun);
}

void open_post(struct api_request *r)
{
    if (!no_lockers(r))
        api_call(r, r->route->stmt, on_begun);
}

/* ---- the courier's word on a deposit ---- */

static void on_confirmed(void *arg, enum outcome outcome, const char *why)
{
    struct opening *o = arg;
    struct api_request *r = o->r;
    json_t *body = json_pack("{s:O, s:s, s:s}", "id", json_object_get(o->said, "id"), "status",
                             outcome == OUTCOME_DONE ? "confirmed" : outcome_word(outcome), "reason", why);
    opening_free(o);
    api_reply(r, outcome == OUTCOME_DONE ? 200 : 202, body);
}

static void on_confirm(void *arg, const struct db_result *res)
{
    struct api_request *r = arg;
    struct order order;
    bool ok = res->status == DB_OK && db_rows(res) && db_int(res, 0, 0) == 200;
    json_t *said = ok ? json_loads(db_text(res, 0, 1), 0, NULL) : NULL;
    const char *status = json_string_value(json_object_get(said, "status"));
    bool settled = status && strcmp(status, "open") && strcmp(status, "opening");
    if (!ok || settled || !r->api->lockers || !order_of(said, &order)) {
        json_decref(said);
        api_reply_result(r, res);
        return;
    }
    struct opening *o = calloc(1, sizeof *o);
    if (!o)
        log_fatal("out of memory");
    o->r = r;
    o->said = said;
    lockers_send(r->api->lockers, &order, on_confirmed, o);
}

void deposit_confirm(struct api_request *r)
{
    api_call(r, r->route->stmt, on_confirm);
}

/* ---- without a network ---- */

static void on_grants(void *arg, const struct db_result *res)
{
    struct api_request *r = arg;
    bool ok = res->status == DB_OK && db_rows(res) && db_int(res, 0, 0) == 200 && r->api->lockers;
    json_t *said = ok ? json_loads(db_text(res, 0, 1), 0, NULL) : NULL, *item;
    size_t i;
    if (!ok) {
        api_reply_result(r, res);
        return;
    }
    json_array_foreach(json_object_get(said, "items"), i, item)
    {
        char text[GRANT_TEXT_MAX];
        struct order o = {.locker = json_string_value(json_object_get(item, "locker")),
                          .op = OP_OPEN_DEPOSIT,
                          .compartment = (int)json_integer_value(json_object_get(item, "compartment")),
                          .ref = json_string_value(json_object_get(item, "deposit_id")),
                          .grant_id = json_string_value(json_object_get(item, "grant_id"))};
        if (lockers_grant(r->api->lockers, &o, OFFLINE_GRANT_US, text))
            json_object_set_new(item, "grant", json_string(text));
    }
    api_reply(r, 200, said);
}

void grants_get(struct api_request *r)
{
    api_call(r, r->route->stmt, on_grants);
}

/* Receipts are taken in one after the other. */
struct receipts {
    struct api_request *r;
    size_t next;
    json_t *items;
};

static void receipts_step(struct receipts *s);

static void on_receipt(void *arg, const struct db_result *res)
{
    struct receipts *s = ((struct api_request *)arg)->state;
    const char *body = res->status == DB_OK && db_rows(res) ? db_text(res, 0, 1) : NULL;
    json_t *item = body ? json_loads(body, 0, NULL) : json_pack("{s:s}", "status", "not_stored");
    json_array_append_new(s->items, item);
    receipts_step(s);
}

static void receipts_step(struct receipts *s)
{
    struct api_request *r = s->r;
    json_t *list = json_object_get(r->args, "receipts");
    for (; s->next < json_array_size(list); s->next++) {
        struct receipt got;
        const char *text = json_string_value(json_array_get(list, s->next));
        if (r->api->lockers && lockers_receipt(r->api->lockers, text, &got)) {
            char at[TIME_TEXT_MAX], ref[UUID_TEXT_MAX];
            struct uuid id;
            memcpy(id.bytes, got.ref, 16);
            uuid_format(&id, ref);
            time_format(got.at, at);
            json_object_set_new(r->args, "ref", json_string(ref));
            json_object_set_new(r->args, "locker", json_string(got.locker));
            json_object_set_new(r->args, "at", json_string(at));
            json_object_set_new(r->args, "counter", json_integer(got.counter));
            s->next++;
            api_call(r, &Q_DEPOSIT_RECEIPT, on_receipt);
            return;
        }
        json_array_append_new(s->items, json_pack("{s:s}", "status", "not_genuine"));
    }
    json_t *body = json_pack("{s:o}", "items", s->items);
    free(s);
    api_reply(r, 200, body);
}

void receipts_post(struct api_request *r)
{
    struct receipts *s = calloc(1, sizeof *s);
    if (!s)
        log_fatal("out of memory");
    s->r = r;
    s->items = json_array();
    r->state = s;
    receipts_step(s);
}

/* ---- residents ---- */

static void on_track(void *arg, const struct db_result *res)
{
    struct api_request *r = arg;
    bool ok = res->status == DB_OK && db_rows(res) && db_int(res, 0, 0) == 200;
    json_t *said = ok ? json_loads(db_text(res, 0, 1), 0, NULL) : NULL;
    json_t *box = json_object_get(said, "locker");
    char code[9];
    if (!said) {
        api_reply_result(r, res);
        return;
    }
    sending_dress(r->api, json_object_get(said, "return"));
    if (json_is_object(box) && r->api->lockers &&
        lockers_code(r->api->lockers, json_string_value(json_object_get(box, "name")),
                     json_string_value(json_object_get(box, "deposit_id")),
                     (uint32_t)json_integer_value(json_object_get(box, "counter")), code))
        json_object_set_new(box, "code", json_string(code));
    json_object_del(box, "deposit_id");
    json_object_del(box, "counter");
    api_reply(r, 200, said);
}

void track_get(struct api_request *r)
{
    api_call(r, r->route->stmt, on_track);
}

static void on_track_code(void *arg, const struct db_result *res)
{
    struct api_request *r = arg;
    const char *text = res->status == DB_OK && db_rows(res) ? db_text(res, 0, 0) : NULL;
    const char *given = json_string_value(json_object_get(r->args, "code"));
    json_t *from = text ? json_loads(text, 0, NULL) : NULL;
    char code[9];
    bool known = from && r->api->lockers &&
                 lockers_code(r->api->lockers, json_string_value(json_object_get(from, "locker")),
                              json_string_value(json_object_get(from, "deposit_id")),
                              (uint32_t)json_integer_value(json_object_get(from, "counter")), code);
    json_decref(from);
    if (res->status != DB_OK)
        api_reply_db_problem(r, res);
    else if (!known)
        api_problem(r, 404, "not-found", NULL, "no parcel waits in a locker under this link");
    else if (strlen(given) != 8 || !crypto_equal(given, code, 8))
        api_problem(r, 403, "wrong-code", "/code", "the code is not right");
    else
        api_call(r, &Q_TRACK_OPEN, on_begun);
}

/* The code is asked for besides the link: who only has the link is not standing before the locker. */
void track_open(struct api_request *r)
{
    char now[TIME_TEXT_MAX];
    time_format(r->now_us, now);
    db_call(r->api->db, &Q_TRACK_CODE,
            &(struct db_args){.n = 2, .values = {json_string_value(json_object_get(r->args, "token")), now}},
            on_track_code, r);
}
