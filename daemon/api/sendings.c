/* Sendings: what a resident drops off at a locker. The use case says that it is awaited and under which
 * permission; here the permission becomes a QR, and the locker is told, so that a code will do. */
#include "daemon/api/sendings.h"

#include "base/id.h"
#include "base/log.h"
#include "daemon/api/handlers.h"
#include "daemon/lockers/lockers.h"

#include <stdlib.h>
#include <string.h>

#define PERMIT_US ((int64_t)72 * 3600 * 1000000)

/* One that is being told to its locker. */
struct telling {
    struct api_request *r;
    int status;
    json_t *sending;
};

static const char *text_of(json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

void sending_dress(struct api *api, json_t *sending)
{
    json_t *permit = json_object_get(sending, "permit");
    char qr[GRANT_TEXT_MAX], code[9];
    if (!permit)
        return;
    struct order o = {.locker = text_of(sending, "locker"),
                      .op = OP_DROPOFF,
                      .ref = text_of(sending, "id"),
                      .grant_id = text_of(permit, "grant_id"),
                      .size = text_of(sending, "size")};
    if (api->lockers && lockers_grant(api->lockers, &o, PERMIT_US, qr))
        json_object_set_new(sending, "qr", json_string(qr));
    if (api->lockers && json_is_true(json_object_get(permit, "announced")) &&
        lockers_code(api->lockers, o.locker, o.ref, 0, code))
        json_object_set_new(sending, "code", json_string(code));
    json_object_del(sending, "permit");
}

static void reply_dressed(struct api_request *r, int status, json_t *sending)
{
    sending_dress(r->api, sending);
    api_reply(r, status, sending);
}

/* What the use case told, when it did what was asked; else NULL, and the request has been answered. */
static json_t *told(struct api_request *r, const struct db_result *res, int *ret_status)
{
    int status = res->status == DB_OK && db_rows(res) ? (int)db_int(res, 0, 0) : 0;
    json_t *said = status == 200 || status == 201 ? json_loads(db_text(res, 0, 1), 0, NULL) : NULL;
    if (!said)
        api_reply_result(r, res);
    *ret_status = status;
    return said;
}

/* ---- awaited */

/* A locker that knows of it already refuses the second word of it as wrong_ref. */
static void on_told_locker(void *arg, enum outcome outcome, const char *why)
{
    struct telling *t = arg;
    struct api_request *r = t->r;
    int status = t->status;
    json_t *sending = t->sending;
    if (outcome == OUTCOME_DONE || (outcome == OUTCOME_REFUSED && !strcmp(why, why_name(WHY_WRONG_REF))))
        json_object_set_new(json_object_get(sending, "permit"), "announced", json_true());
    free(t);
    reply_dressed(r, status, sending);
}

static void tell_locker(struct api_request *r, int status, json_t *sending)
{
    json_t *permit = json_object_get(sending, "permit");
    char command[UUID_TEXT_MAX];
    struct telling *t = calloc(1, sizeof *t);
    if (!t)
        log_fatal("out of memory");
    *t = (struct telling){r, status, sending};
    struct uuid id = uuid_v7(r->now_us);
    uuid_format(&id, command);
    struct order o = {.locker = text_of(sending, "locker"),
                      .op = OP_EXPECT_DROPOFF,
                      .ref = text_of(sending, "id"),
                      .grant_id = command,
                      .value = json_integer_value(json_object_get(permit, "lapses")),
                      .size = text_of(sending, "size")};
    lockers_send(r->api->lockers, &o, on_told_locker, t);
}

static void on_made(void *arg, const struct db_result *res)
{
    struct api_request *r = arg;
    int status;
    json_t *sending = told(r, res, &status), *permit = json_object_get(sending, "permit");
    if (!sending)
        return;
    if (permit && r->api->lockers && !json_is_true(json_object_get(permit, "announced")))
        tell_locker(r, status, sending);
    else
        reply_dressed(r, status, sending);
}

void sending_post(struct api_request *r)
{
    api_call(r, r->route->stmt, on_made);
}

static void on_got(void *arg, const struct db_result *res)
{
    int status;
    json_t *sending = told(arg, res, &status);
    if (sending)
        reply_dressed(arg, status, sending);
}

void sending_get(struct api_request *r)
{
    api_call(r, r->route->stmt, on_got);
}

/* ---- awaited no more */

static void on_revoked(void *arg, enum outcome outcome, const char *why)
{
    (void)arg;
    (void)outcome;
    (void)why;
}

/* Both ways in are shut, where the locker can be told; where it cannot, its journal will say what came in. */
static void revoke(struct api_request *r, const char *locker, const char *ref)
{
    char command[UUID_TEXT_MAX];
    struct uuid id = uuid_v7(r->now_us);
    uuid_format(&id, command);
    struct order o = {.locker = locker, .op = OP_REVOKE, .ref = ref, .grant_id = command};
    lockers_send(r->api->lockers, &o, on_revoked, NULL);
}

static void on_withdrawn(void *arg, const struct db_result *res)
{
    struct api_request *r = arg;
    int status;
    json_t *sending = told(r, res, &status);
    const char *permit = text_of(sending, "withdrawn");
    if (!sending)
        return;
    if (permit && r->api->lockers) {
        revoke(r, text_of(sending, "locker"), permit);
        revoke(r, text_of(sending, "locker"), text_of(sending, "id"));
    }
    json_object_del(sending, "withdrawn");
    api_reply(r, status, sending);
}

void sending_cancel(struct api_request *r)
{
    api_call(r, r->route->stmt, on_withdrawn);
}
