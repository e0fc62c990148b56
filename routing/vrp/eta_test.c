/* The chosen times against every possible choice, on small random routes with windows and breaks. */
#include "routing/vrp/eta.h"
#include "routing/vrp/random.h"

#include <check.h>
#include <stdlib.h>

enum { MOST = 5, HORIZON = 13 };

struct case_ {
    struct eta_step steps[MOST];
    struct vrp_window windows[MOST][2];
    int32_t n;
};

struct search {
    const struct case_ *c;
    int64_t t[MOST], best[3];
    bool found;
};

static void make(struct case_ *c, struct rng *r)
{
    c->n = 2 + rng_below(r, MOST - 1);
    for (int32_t i = 0; i < c->n; i++) {
        struct eta_step *s = &c->steps[i];
        struct vrp_window *w = c->windows[i];
        *s = (struct eta_step){.earliest = i ? ETA_ANY_EARLY : 0, .latest = ETA_ANY_LATE, .windows = w};
        s->is_break = i && i < c->n - 1 && rng_below(r, 2);
        s->busy = i == c->n - 1 ? 0 : rng_below(r, 3);
        s->drive = i && !s->is_break ? rng_below(r, 4) : 0;
        w[0].from = rng_below(r, 8);
        w[0].until = w[0].from + rng_below(r, 3);
        w[1].from = w[0].until + 1 + rng_below(r, 3);
        w[1].until = w[1].from + rng_below(r, 2);
        s->n_windows = rng_below(r, 3);
        if (rng_below(r, 5) == 0)
            s->latest = rng_below(r, HORIZON);
        if (rng_below(r, 5) == 0)
            s->earliest = rng_below(r, HORIZON - 3);
    }
}

static bool keeps_order(const struct case_ *c, const int64_t *t, int32_t i)
{
    const struct eta_step *s = c->steps;
    int32_t call = i - 1;
    int64_t breaks = 0;
    if (t[i] < t[i - 1] + s[i - 1].busy)
        return false;
    if (s[i].is_break)
        return true;
    for (; s[call].is_break; call--)
        breaks += s[call].busy;
    return t[i] >= t[call] + s[call].busy + breaks + s[i].drive;
}

static void judge(struct search *q)
{
    const struct case_ *c = q->c;
    int64_t v[3] = {0, q->t[c->n - 1] - q->t[0], 0};
    for (int32_t i = 0; i < c->n; i++) {
        v[0] += llabs(eta_violation(&c->steps[i], q->t[i]));
        v[2] += q->t[i];
    }
    for (int k = 0; q->found && k < 3; k++) {
        if (v[k] > q->best[k])
            return;
        if (v[k] < q->best[k])
            break;
    }
    q->found = true;
    for (int k = 0; k < 3; k++)
        q->best[k] = v[k];
}

static void try_all(struct search *q, int32_t i)
{
    const struct case_ *c = q->c;
    if (i == c->n) {
        judge(q);
        return;
    }
    for (q->t[i] = i ? q->t[i - 1] : 0; q->t[i] < 3 * HORIZON; q->t[i]++)
        if (q->t[i] >= c->steps[i].earliest && q->t[i] <= c->steps[i].latest &&
            (!i || keeps_order(c, q->t, i)) && (i || q->t[i] < HORIZON))
            try_all(q, i + 1);
}

START_TEST(agrees_with_every_choice)
{
    struct rng r;
    rng_init(&r, (uint64_t)_i + 1);
    struct case_ c;
    make(&c, &r);
    struct search q = {.c = &c}, own = {.c = &c};
    try_all(&q, 0);
    enum eta_status status = eta_choose(c.steps, c.n, own.t);
    ck_assert_int_eq(status, q.found ? ETA_OK : ETA_IMPOSSIBLE);
    if (!q.found)
        return;
    for (int32_t i = 0; i < c.n; i++) {
        ck_assert(i == 0 || keeps_order(&c, own.t, i));
        ck_assert(own.t[i] >= c.steps[i].earliest && own.t[i] <= c.steps[i].latest);
    }
    judge(&own);
    for (int k = 0; k < 3; k++)
        ck_assert_int_eq(own.best[k], q.best[k]);
}
END_TEST

START_TEST(prefers_being_early_once_to_being_late_twice)
{
    const struct vrp_window shift = {100, INT32_MAX}, a = {0, 110}, b = {0, 120};
    struct eta_step s[] = {
        {.earliest = 0, .latest = ETA_ANY_LATE, .windows = &shift, .n_windows = 1},
        {.earliest = ETA_ANY_EARLY,
         .latest = ETA_ANY_LATE,
         .windows = &a,
         .n_windows = 1,
         .busy = 10,
         .drive = 30},
        {.earliest = ETA_ANY_EARLY, .latest = ETA_ANY_LATE, .windows = &b, .n_windows = 1, .drive = 20},
        {.earliest = ETA_ANY_EARLY, .latest = ETA_ANY_LATE}};
    int64_t t[4];
    ck_assert_int_eq(eta_choose(s, 4, t), ETA_OK);
    ck_assert_int_eq(t[0], 60); /* both are on time at the cost of 40 s */
    ck_assert_int_eq(t[1], 90);
    ck_assert_int_eq(t[2], 120);
    s[0].earliest = 90; /* not allowed any more: 10 s early, 10 and 30 s late */
    ck_assert_int_eq(eta_choose(s, 4, t), ETA_OK);
    ck_assert_int_eq(t[0], 90);
    ck_assert_int_eq(t[2], 150);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("eta");
    TCase *t = tcase_create("eta");
    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, agrees_with_every_choice, 0, 400);
    tcase_add_test(t, prefers_being_early_once_to_being_late_twice);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
