#include "daemon/roads/feed.h"

#include "base/log.h"
#include "base/time.h"
#include "daemon/io/queries.gen.h"

#include <stdlib.h>
#include <string.h>

enum { LOOK_MS = 5000, SOON_MS = 100 };

struct asker {
    void (*done)(void *arg, int64_t customized_us);
    void *arg;
    struct asker *next;
};

struct feed {
    struct db *db;
    const struct clock *clock;
    struct roads *roads;
    struct loop_timer *timer;
    char *text;                     /* in force */
    bool looking;                   /* from the question to the database until it is in force */
    struct asker *waiting, *served; /* for the next look; by the one under way */
};

static void answer(struct asker *a, int64_t us)
{
    while (a) {
        struct asker *next = a->next;
        a->done(a->arg, us);
        free(a);
        a = next;
    }
}

static void end(struct feed *f, int64_t us, int64_t pause_ms)
{
    struct asker *a = f->served;
    f->served = NULL;
    f->looking = false;
    loop_timer_again(f->timer, f->waiting ? 0 : pause_ms);
    answer(a, us);
}

static void on_put(void *arg, const struct roads_answer *a)
{
    struct feed *f = arg;
    if (a->status == 200) {
        log_info("roads: traffic in force, %s", a->text);
        end(f, a->took_us, LOOK_MS);
        return;
    }
    log_error("roads: the traffic of the database is refused: %s", a->text);
    free(f->text);
    f->text = NULL;
    end(f, -1, LOOK_MS);
}

static void on_read(void *arg, const struct db_result *r)
{
    struct feed *f = arg;
    const char *text = r->status == DB_OK && db_rows(r) ? db_text(r, 0, 0) : NULL;
    if (r->status == DB_ERROR)
        log_error("roads: SQLSTATE %s: %s", r->sqlstate, r->message);
    if (!text || (f->text && !strcmp(text, f->text)) || (!f->text && !*text)) {
        end(f, text ? 0 : -1, LOOK_MS);
        return;
    }
    free(f->text);
    if (!(f->text = strdup(text)))
        log_fatal("out of memory");
    if (roads_put(f->roads, text, on_put, f)) {
        free(f->text);
        f->text = NULL;
        end(f, -1, SOON_MS);
    }
}

static void look(void *arg)
{
    struct feed *f = arg;
    char now[TIME_TEXT_MAX];
    if (f->looking)
        return;
    if (!db_ready(f->db)) {
        loop_timer_again(f->timer, SOON_MS);
        return;
    }
    f->looking = true;
    f->served = f->waiting;
    f->waiting = NULL;
    time_format(clock_business_us(f->clock), now);
    db_call(f->db, &Q_ROADS_TRAFFIC_NOW, &(struct db_args){.n = 1, .values = {now}}, on_read, f);
}

struct feed *feed_new(struct loop *l, struct db *db, const struct clock *clock, struct roads *roads)
{
    struct feed *f = calloc(1, sizeof *f);
    if (!f)
        log_fatal("out of memory");
    *f = (struct feed){.db = db, .clock = clock, .roads = roads};
    if (roads_have_map(roads))
        f->timer = loop_timer_new(l, 0, 0, look, f);
    return f;
}

void feed_free(struct feed *f)
{
    if (f->timer)
        loop_timer_free(f->timer);
    for (int i = 0; i < 2; i++)
        for (struct asker *a = i ? f->waiting : f->served, *next; a; a = next) {
            next = a->next;
            free(a);
        }
    free(f->text);
    free(f);
}

void feed_look(struct feed *f, void (*done)(void *arg, int64_t customized_us), void *arg)
{
    struct asker *a = malloc(sizeof *a);
    if (!a)
        log_fatal("out of memory");
    *a = (struct asker){done, arg, f->waiting};
    f->waiting = a;
    if (!f->looking)
        loop_timer_again(f->timer, 0);
}
