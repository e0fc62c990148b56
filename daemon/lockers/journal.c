#include "daemon/lockers/journal.h"

#include "base/id.h"
#include "base/log.h"
#include "base/time.h"
#include "daemon/io/batch.h"
#include "daemon/io/queries.gen.h"
#include "daemon/lockers/fleet.h"
#include "locker-fw/core/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS = 13, GATHER_US = 1500, ROWS = 1000, UNDER_WAY = 1, WAITING = 100000, DEADLINE_MS = 20000 };

struct journal {
    struct batch *batch;
    const struct clock *clock;
    struct fold *fold;
    char received[TIME_TEXT_MAX];
    void (*stored)(void *arg, const char *locker, uint32_t boot, uint32_t first, uint32_t last, bool ok);
    void *arg;
};

struct message {
    struct journal *j;
    char locker[FLEET_CODE_MAX];
    uint32_t boot, first, last;
};

/* One record as text, column by column. */
struct row {
    char boot[12], seq[12], at[TIME_TEXT_MAX], rt[TIME_TEXT_MAX], n[8], ref[UUID_TEXT_MAX],
        grant[UUID_TEXT_MAX], value[24], mac[2 + 2 * RECORD_MAC + 1];
};

static void fill_received(void *arg, const char *values[])
{
    struct journal *j = arg;
    time_format(clock_business_us(j->clock), j->received);
    values[0] = j->received;
}

static void after_commit(void *arg)
{
    struct journal *j = arg;
    fold_kick(j->fold);
}

struct journal *journal_new(struct loop *l, struct db *db, const struct clock *clock, struct fold *fold,
                            void (*stored)(void *arg, const char *locker, uint32_t boot, uint32_t first,
                                           uint32_t last, bool ok),
                            void *arg)
{
    struct journal *j = calloc(1, sizeof *j);
    if (!j)
        log_fatal("out of memory");
    *j = (struct journal){.clock = clock, .fold = fold, .stored = stored, .arg = arg};
    struct batch_options o = {.stmt = &Q_DOOR_EVENTS_RECORD,
                              .heads = 1,
                              .fill_heads = fill_received,
                              .gather_us = GATHER_US,
                              .rows_max = ROWS,
                              .under_way_max = UNDER_WAY,
                              .waiting_max = WAITING,
                              .deadline_ms = DEADLINE_MS,
                              .after = after_commit,
                              .arg = j};
    j->batch = batch_new(l, db, &o);
    return j;
}

void journal_free(struct journal *j)
{
    batch_free(j->batch);
    free(j);
}

static const char *uuid_or_null(const uint8_t bytes[16], char ret[UUID_TEXT_MAX])
{
    static const uint8_t none[16];
    struct text t;
    if (!memcmp(bytes, none, 16))
        return NULL;
    text_init(&t, ret, UUID_TEXT_MAX);
    text_uuid(&t, bytes);
    return ret;
}

static void fill_row(const char *locker, const struct record *r, struct row *out, const char *values[COLUMNS])
{
    struct text t;
    snprintf(out->boot, sizeof out->boot, "%u", r->boot);
    snprintf(out->seq, sizeof out->seq, "%u", r->seq);
    time_format(r->at, out->at);
    time_format(r->rt, out->rt);
    snprintf(out->n, sizeof out->n, "%u", r->compartment);
    snprintf(out->value, sizeof out->value, "%lld", (long long)r->value);
    text_init(&t, out->mac, sizeof out->mac);
    text_str(&t, "\\x");
    text_hex(&t, r->mac, RECORD_MAC);
    const char *row[COLUMNS] = {locker,
                                out->boot,
                                out->seq,
                                out->at,
                                out->rt,
                                event_name(r->type),
                                op_name(r->op),
                                why_name(r->why),
                                out->n,
                                uuid_or_null(r->ref, out->ref),
                                uuid_or_null(r->grant, out->grant),
                                out->value,
                                out->mac};
    memcpy(values, row, sizeof row);
}

static void on_batch(void *arg, const struct batch_answer *a)
{
    struct message *m = arg;
    struct journal *j = m->j;
    const struct db_result *r = batch_result(a);
    bool ok = r->status == DB_OK;
    if (r->status == DB_ERROR)
        log_error("journal of %s, boot %u, records %u–%u: SQLSTATE %s: %s", m->locker, m->boot, m->first,
                  m->last, r->sqlstate, r->message);
    for (int i = 0; ok && i < batch_rows(a); i++)
        if (!strcmp(batch_text(a, i, 1), "conflict"))
            log_error("journal of %s, boot %u, record %u: stored already, and different", m->locker, m->boot,
                      m->first + (uint32_t)i);
    j->stored(j->arg, m->locker, m->boot, m->first, m->last, ok);
    free(m);
}

int journal_put(struct journal *j, const char *locker, const struct record *records, int n)
{
    struct message *m = calloc(1, sizeof *m);
    struct row *rows = calloc((size_t)n, sizeof *rows);
    const char **values = calloc((size_t)n * COLUMNS, sizeof *values);
    if (!m || !rows || !values)
        log_fatal("out of memory");
    snprintf(m->locker, sizeof m->locker, "%s", locker);
    m->j = j;
    m->boot = records[0].boot;
    m->first = records[0].seq;
    m->last = records[n - 1].seq;
    for (int i = 0; i < n; i++)
        fill_row(m->locker, &records[i], &rows[i], values + (size_t)i * COLUMNS);
    int rc = batch_put(j->batch, n, values, on_batch, m);
    free(values);
    free(rows);
    if (rc)
        free(m);
    return rc;
}
