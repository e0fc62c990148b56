#include "daemon/intake/scan.h"

#include "base/log.h"
#include "base/time.h"
#include "daemon/intake/waybill.h"
#include "daemon/io/queries.gen.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

const char *const scan_kinds[] = {
    "pickup",           "arrive",      "unload", "sort",           "load",   "relay",
    "out_for_delivery", "station_in",  "sign",   "attempt_failed", "refuse", "exception",
    "return_start",     "return_done", "damage", "lost",           NULL};

enum {
    COLUMNS = 9,
    GATHER_US = 0,
    ROWS = 2000,
    UNDER_WAY = 2,
    ENOUGH = 256,
    WAITING = 200000,
    DEADLINE_MS = 20000
};

struct scans {
    struct batch *batch;
    const struct clock *clock;
    struct fold *fold;
    char received[TIME_TEXT_MAX];
};

static void fill_received(void *arg, const char *values[])
{
    struct scans *s = arg;
    time_format(clock_business_us(s->clock), s->received);
    values[0] = s->received;
}

static void after_commit(void *arg)
{
    struct scans *s = arg;
    fold_kick(s->fold);
}

struct scans *scans_new(struct loop *l, struct db *db, const struct clock *clock, struct fold *fold)
{
    struct scans *s = calloc(1, sizeof *s);
    if (!s)
        log_fatal("out of memory");
    s->clock = clock;
    s->fold = fold;
    struct batch_options o = {.stmt = &Q_SCANS_RECORD,
                              .heads = 1,
                              .fill_heads = fill_received,
                              .gather_us = GATHER_US,
                              .rows_max = ROWS,
                              .under_way_max = UNDER_WAY,
                              .rows_enough = ENOUGH,
                              .waiting_max = WAITING,
                              .deadline_ms = DEADLINE_MS,
                              .after = after_commit,
                              .arg = s};
    s->batch = batch_new(l, db, &o);
    return s;
}

void scans_free(struct scans *s)
{
    batch_free(s->batch);
    free(s);
}

static const char *text_of(const json_t *o, const char *name)
{
    return json_string_value(json_object_get(o, name));
}

static const char *const kept[] = {"reason", "lat", "lon"};

static bool has(const json_t *o, const char *name)
{
    const json_t *v = json_object_get(o, name);
    return v && !json_is_null(v);
}

/* What has no column of its own stands in detail. New text, or NULL when there is nothing. */
static char *detail_of(const json_t *scan)
{
    char why[WAYBILL_WHY_MAX];
    bool holds = waybill_holds(text_of(scan, "waybill"), why);
    bool any = has(scan, "detail") || !holds;
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++)
        any |= has(scan, kept[i]);
    if (!any)
        return NULL;
    json_t *given = json_object_get(scan, "detail");
    json_t *detail = json_is_object(given) ? json_copy(given) : json_object();
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++)
        if (has(scan, kept[i]))
            json_object_set(detail, kept[i], json_object_get(scan, kept[i]));
    if (!holds)
        json_object_set_new(detail, SCAN_CHECK_DIGIT, json_string(why));
    char *text = json_object_size(detail) ? json_dumps(detail, JSON_COMPACT) : NULL;
    json_decref(detail);
    return text;
}

int scans_put(struct scans *s, json_t *const *items, int n, const json_t *ctx,
              void (*done)(void *arg, const struct batch_answer *a), void *arg)
{
    const char **values = calloc((size_t)n * COLUMNS, sizeof *values);
    char **details = calloc((size_t)n, sizeof *details);
    if (!values || !details)
        log_fatal("out of memory");
    const char *site = text_of(ctx, "site_id"), *user = text_of(ctx, "user_id"),
               *courier = text_of(ctx, "courier_id");
    for (int i = 0; i < n; i++) {
        const char **row = values + (size_t)i * COLUMNS;
        details[i] = detail_of(items[i]);
        row[0] = text_of(items[i], "id");
        row[1] = text_of(items[i], "waybill");
        row[2] = text_of(items[i], "kind");
        row[3] = text_of(items[i], "at");
        row[4] = site;
        row[5] = user;
        row[6] = courier;
        row[7] = text_of(items[i], "device");
        row[8] = details[i];
    }
    int rc = batch_put(s->batch, n, values, done, arg);
    for (int i = 0; i < n; i++)
        free(details[i]);
    free(details);
    free(values);
    return rc;
}

int scans_retry_after(const struct scans *s)
{
    return batch_retry_after(s->batch);
}
