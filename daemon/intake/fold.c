#include "daemon/intake/fold.h"

#include "base/log.h"
#include "base/time.h"
#include "daemon/io/queries.gen.h"

#include <stdbool.h>
#include <stdlib.h>

enum { PAUSE_MS = 1000, SOON_MS = 50, REST = 2 };
#define MOST "5000"

struct fold {
    struct db *db;
    const struct clock *clock;
    struct loop_timer *timer;
    bool running, again;
    bool called; /* the timer will fire soon; a further call must not put it off */
    int64_t began_us;
    void (*changed)(void *arg);
    void *arg;
};

static void run(void *arg);

static void on_folded(void *arg, const struct db_result *r)
{
    struct fold *f = arg;
    int64_t n = r->status == DB_OK && db_rows(r) ? db_int(r, 0, 0) : 0;
    if (r->status == DB_ERROR)
        log_error("fold: SQLSTATE %s: %s", r->sqlstate, r->message);
    f->running = false;
    if (n)
        f->changed(f->arg);
    f->called = n || f->again;
    if (f->called) { /* rests longer than it worked: recording comes first */
        int rest_ms = REST * (int)((clock_mono_us() - f->began_us) / 1000);
        loop_timer_again(f->timer, rest_ms > SOON_MS ? rest_ms : SOON_MS);
    } else
        loop_timer_again(f->timer, PAUSE_MS);
}

static void run(void *arg)
{
    struct fold *f = arg;
    char now[TIME_TEXT_MAX];
    if (f->running || !db_ready(f->db)) {
        f->called = false;
        loop_timer_again(f->timer, PAUSE_MS);
        return;
    }
    f->running = true;
    f->again = f->called = false;
    f->began_us = clock_mono_us();
    time_format(clock_business_us(f->clock), now);
    db_call(f->db, &Q_EVENTS_FOLD, &(struct db_args){.n = 2, .values = {now, MOST}}, on_folded, f);
}

struct fold *fold_new(struct loop *l, struct db *db, const struct clock *clock, void (*changed)(void *arg),
                      void *arg)
{
    struct fold *f = calloc(1, sizeof *f);
    if (!f)
        log_fatal("out of memory");
    *f = (struct fold){.db = db, .clock = clock, .changed = changed, .arg = arg};
    f->timer = loop_timer_new(l, PAUSE_MS, 0, run, f);
    return f;
}

void fold_free(struct fold *f)
{
    loop_timer_free(f->timer);
    free(f);
}

void fold_kick(struct fold *f)
{
    if (f->running) {
        f->again = true;
    } else if (!f->called) {
        f->called = true;
        loop_timer_again(f->timer, SOON_MS);
    }
}
