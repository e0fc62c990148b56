#include "daemon/dispatch/planner.h"

#include "base/log.h"
#include "base/time.h"
#include "daemon/dispatch/solve.h"
#include "daemon/dispatch/wave.h"
#include "daemon/io/queries.gen.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LOOK_MS = 1000, CLAIM_S = 300, STORE_TRIES = 5 };

struct planner {
    struct db *db;
    struct workers *workers;
    const struct clock *clock;
    struct planner_options options;
    struct loop_timer *timer;
    bool busy;
    atomic_bool stopping; /* seen by the worker */
    char wave_id[40], zone[40], epoch[24];
    struct wave *wave; /* read by the worker while it solves */
    json_t *plan;
    int tries; /* to store it */
    struct error err;
    void (*planned)(void *arg, const char *wave, int ok);
    void *arg;
};

static void end(struct planner *p, bool ok)
{
    wave_free(p->wave);
    json_decref(p->plan);
    p->wave = NULL;
    p->plan = NULL;
    p->busy = false;
    p->planned(p->arg, p->wave_id, ok);
    loop_timer_again(p->timer, 0); /* another may wait */
}

static void on_failed(void *arg, const struct db_result *r)
{
    (void)r;
    end(arg, false);
}

static void fail(struct planner *p, const char *why)
{
    char now[TIME_TEXT_MAX];
    log_error("wave %s: %s", p->wave_id, why);
    time_format(clock_business_us(p->clock), now);
    db_call(p->db, &Q_PLAN_FAILED,
            &(struct db_args){.n = 5, .values = {p->wave_id, now, why, p->zone, p->epoch}}, on_failed, p);
}

static void store(struct planner *p);

static void on_stored(void *arg, const struct db_result *r)
{
    struct planner *p = arg;
    if (r->status == DB_ERROR && !strncmp(r->sqlstate, "40", 2) && p->tries < STORE_TRIES) {
        store(p); /* somebody was in the way; nothing of it was taken */
        return;
    }
    if (r->status == DB_ERROR) {
        fail(p, r->message);
        return;
    }
    bool ok = r->status == DB_OK && db_rows(r) && db_int(r, 0, 0) == 200;
    if (!ok)
        log_warn("wave %s: its plan was not taken: %s", p->wave_id,
                 r->status == DB_OK && db_rows(r) ? db_text(r, 0, 1)
                                                  : "the database is away; it will be planned again");
    end(p, ok);
}

static void store(struct planner *p)
{
    char now[TIME_TEXT_MAX], *text = json_dumps(p->plan, JSON_COMPACT);
    p->tries++;
    time_format(clock_business_us(p->clock), now);
    db_call(p->db, &Q_PLAN_STORE,
            &(struct db_args){.n = 5, .values = {p->wave_id, now, text, p->zone, p->epoch}}, on_stored, p);
    free(text);
}

static void solved(void *job)
{
    struct planner *p = job;
    if (!p->plan) {
        fail(p, p->err.text);
        return;
    }
    log_info("wave %s: %d parcels, %d couriers, %zu routes, %zu left, %lld ms", p->wave_id,
             p->wave->n_parcels, p->wave->n_couriers, json_array_size(json_object_get(p->plan, "routes")),
             json_array_size(json_object_get(p->plan, "unassigned")),
             (long long)json_integer_value(json_object_get(p->plan, "solve_ms")));
    p->tries = 0;
    store(p);
}

static void work(void *job)
{
    struct planner *p = job;
    int64_t limit = p->wave->max_seconds     ? (int64_t)p->wave->max_seconds * 1000000
                    : p->options.seconds > 0 ? (int64_t)(p->options.seconds * 1e6)
                                             : solve_default_us(p->wave->n_parcels);
    struct solve_budget budget = {.now_us = clock_mono_us,
                                  .limit_us = limit,
                                  .iterations = -1,
                                  .seed = 1,
                                  .threads = p->options.threads,
                                  .stop = &p->stopping};
    p->plan = solve_wave(p->wave, p->options.travel, &budget, &p->err);
}

static void on_problem(void *arg, const struct db_result *r)
{
    struct planner *p = arg;
    const char *text = r->status == DB_OK && db_rows(r) ? db_text(r, 0, 0) : NULL;
    json_t *document = text ? json_loads(text, 0, NULL) : NULL;
    p->wave = document ? wave_read(document, &p->err) : NULL;
    json_decref(document);
    if (!text)
        fail(p, r->message ? r->message : "the wave has no problem");
    else if (!p->wave)
        fail(p, p->err.text);
    else if (workers_run(p->workers, work, solved, p))
        fail(p, "no thread is free for planning");
}

static void on_claim(void *arg, const struct db_result *r)
{
    struct planner *p = arg;
    char now[TIME_TEXT_MAX];
    const char *id = r->status == DB_OK && db_rows(r) ? db_text(r, 0, 0) : NULL;
    if (!id) {
        p->busy = false;
        loop_timer_again(p->timer, LOOK_MS);
        return;
    }
    snprintf(p->wave_id, sizeof p->wave_id, "%s", id);
    snprintf(p->zone, sizeof p->zone, "%s", db_text(r, 0, 1));
    snprintf(p->epoch, sizeof p->epoch, "%s", db_text(r, 0, 2));
    time_format(clock_business_us(p->clock), now);
    db_call(p->db, &Q_WAVE_PROBLEM, &(struct db_args){.n = 2, .values = {p->wave_id, now}}, on_problem, p);
}

static void look(void *arg)
{
    struct planner *p = arg;
    char now[TIME_TEXT_MAX], until[TIME_TEXT_MAX];
    if (p->busy)
        return;
    if (!db_ready(p->db) || !lease_count(p->options.lease)) {
        loop_timer_again(p->timer, LOOK_MS);
        return;
    }
    p->busy = true;
    time_format(clock_real_us(), now);
    time_format(clock_real_us() + CLAIM_S * 1000000LL, until);
    db_call(p->db, &Q_WAVE_CLAIM,
            &(struct db_args){.n = 5,
                              .values = {now, until, lease_holder(p->options.lease),
                                         lease_zones(p->options.lease), lease_epochs(p->options.lease)}},
            on_claim, p);
}

struct planner *planner_new(struct loop *l, struct db *db, struct workers *workers, const struct clock *clock,
                            const struct planner_options *o,
                            void (*planned)(void *arg, const char *wave, int ok), void *arg)
{
    struct planner *p = calloc(1, sizeof *p);
    if (!p)
        log_fatal("out of memory");
    *p = (struct planner){
        .db = db, .workers = workers, .clock = clock, .options = *o, .planned = planned, .arg = arg};
    p->timer = loop_timer_new(l, LOOK_MS, 0, look, p);
    return p;
}

void planner_stop(struct planner *p)
{
    atomic_store(&p->stopping, true);
}

void planner_free(struct planner *p)
{
    loop_timer_free(p->timer);
    wave_free(p->wave);
    json_decref(p->plan);
    free(p);
}

void planner_kick(struct planner *p)
{
    if (!p->busy)
        loop_timer_again(p->timer, 0);
}
