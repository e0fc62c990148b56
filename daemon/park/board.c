#include "daemon/park/board.h"

#include "base/log.h"
#include "base/time.h"
#include "daemon/io/queries.gen.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EVERY_MS = 1000, SITES_MAX = 128, SITES_EVERY = 60 };

struct board {
    struct db *db;
    const struct clock *clock;
    struct sse *sse;
    struct loop_timer *timer;
    char sites[SITES_MAX][40];
    int n_sites, next_site;
    int until_sites; /* rounds until the list of sites is read again */
    bool asking;
};

static void round_begin(void *arg);

static void on_sites(void *arg, const struct db_result *r)
{
    struct board *b = arg;
    b->asking = false;
    if (r->status != DB_OK)
        return;
    b->n_sites = 0;
    for (int i = 0; i < db_rows(r) && i < SITES_MAX; i++)
        snprintf(b->sites[b->n_sites++], sizeof b->sites[0], "%s", db_text(r, i, 0));
    b->until_sites = SITES_EVERY;
}

static void on_summary(void *arg, const struct db_result *r)
{
    struct board *b = arg;
    char topic[SSE_TOPIC_MAX];
    const char *body = r->status == DB_OK && db_rows(r) ? db_text(r, 0, 1) : NULL;
    b->asking = false;
    if (!body)
        return;
    if (b->next_site < b->n_sites)
        snprintf(topic, sizeof topic, "park:%s", b->sites[b->next_site]);
    else
        snprintf(topic, sizeof topic, "park:all");
    sse_send(b->sse, topic, "summary", body, strlen(body));
    b->next_site++;
    round_begin(b);
}

/* Asks for the next site that somebody follows. */
static void ask_next(struct board *b)
{
    char topic[SSE_TOPIC_MAX], ctx[128], now[TIME_TEXT_MAX];
    for (; b->next_site <= b->n_sites; b->next_site++) {
        bool all = b->next_site == b->n_sites;
        snprintf(topic, sizeof topic, "park:%s", all ? "all" : b->sites[b->next_site]);
        if (!sse_followers(b->sse, topic))
            continue;
        if (all)
            snprintf(ctx, sizeof ctx, "{\"role\":\"system\"}");
        else
            snprintf(ctx, sizeof ctx, "{\"role\":\"system\",\"site_id\":\"%s\"}", b->sites[b->next_site]);
        time_format(clock_business_us(b->clock), now);
        b->asking = true;
        db_call(b->db, &Q_PARK_SUMMARY, &(struct db_args){.n = 3, .values = {ctx, now, "{}"}}, on_summary, b);
        return;
    }
    b->next_site = 0;
}

static void round_begin(void *arg)
{
    struct board *b = arg;
    if (b->asking || !db_ready(b->db) || !sse_followers(b->sse, NULL))
        return;
    if (b->next_site == 0 && b->until_sites-- <= 0) {
        b->asking = true;
        db_call(b->db, &Q_SITE_IDS, &(struct db_args){.n = 0, .values = {NULL}}, on_sites, b);
        return;
    }
    ask_next(b);
}

struct board *board_new(struct loop *l, struct db *db, const struct clock *clock, struct sse *sse)
{
    struct board *b = calloc(1, sizeof *b);
    if (!b)
        log_fatal("out of memory");
    *b = (struct board){.db = db, .clock = clock, .sse = sse};
    b->timer = loop_timer_new(l, EVERY_MS, EVERY_MS, round_begin, b);
    return b;
}

void board_free(struct board *b)
{
    loop_timer_free(b->timer);
    free(b);
}

void board_kick(struct board *b)
{
    if (!b->asking)
        loop_timer_again(b->timer, 100);
}
