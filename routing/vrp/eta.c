/* Moments are normalised: a call at t has x = t − (what driving and work before it take without waiting), so
 * that the order of the route says x never falls, and all calls share one set of candidate moments. Within a
 * leg, breaks are normalised by the breaks before them in the same way. */
#include "routing/vrp/eta.h"

#include <stdlib.h>
#include <string.h>

static const int64_t MOST_CELLS = 50000000, MOST_PAIRS = 400000000;

struct value {
    int64_t violation, duration, sum;
};
static const struct value IMPOSSIBLE = {INT64_MAX, 0, 0};

struct plan {
    const struct eta_step *steps;
    int32_t n;
    int64_t *before; /* by step: seconds of a route without waiting; breaks: of the breaks since the call */
    int64_t *x;      /* candidates, ascending */
    int32_t n_x, most_breaks;
    int32_t *from; /* by step × candidate: the previous call's candidate */
    int64_t *y;    /* candidates of the breaks of one leg */
    struct value *value, *next, *leg;
    int32_t *leg_from; /* by break × candidate */
};

static bool possible(const struct value *v)
{
    return v->violation != INT64_MAX;
}

static bool less(const struct value *a, const struct value *b)
{
    if (a->violation != b->violation)
        return a->violation < b->violation;
    if (a->duration != b->duration)
        return a->duration < b->duration;
    return a->sum < b->sum;
}

static int64_t gap(const struct vrp_window *w, int64_t t)
{
    return t < w->from ? t - w->from : t > w->until ? t - w->until : 0;
}

int64_t eta_violation(const struct eta_step *s, int64_t t)
{
    int64_t best = s->n_windows ? gap(&s->windows[0], t) : 0;
    for (int32_t i = 1; i < s->n_windows; i++) {
        int64_t d = gap(&s->windows[i], t);
        if (llabs(d) < llabs(best))
            best = d;
    }
    return best;
}

/* v with step i beginning at t added. */
static struct value add(const struct plan *p, int32_t i, int64_t t, struct value v)
{
    const struct eta_step *s = &p->steps[i];
    if (!possible(&v) || t < s->earliest || t > s->latest)
        return IMPOSSIBLE;
    v.violation += llabs(eta_violation(s, t));
    v.duration += i == 0 ? -t : i == p->n - 1 ? t : 0;
    v.sum += t;
    return v;
}

/* ---- candidates ---- */

/* The first step behind i that is no break. */
static int32_t next_call(const struct plan *p, int32_t i)
{
    while (p->steps[++i].is_break)
        ;
    return i;
}

static int64_t breaks_between(const struct plan *p, int32_t i, int32_t j)
{
    return j == i + 1 ? 0 : p->before[j - 1] + p->steps[j - 1].busy;
}

static void measure(struct plan *p)
{
    int32_t call = 0;
    for (int32_t i = 1; i < p->n; i++) {
        const struct eta_step *s = &p->steps[i];
        if (s->is_break) {
            p->before[i] = call == i - 1 ? 0 : p->before[i - 1] + p->steps[i - 1].busy;
            p->most_breaks = i - call > p->most_breaks ? i - call : p->most_breaks;
            continue;
        }
        p->before[i] = p->before[call] + p->steps[call].busy + breaks_between(p, call, i) + p->steps[i].drive;
        call = i;
    }
}

static int32_t count_moments(const struct plan *p)
{
    int64_t n = 1;
    for (int32_t i = 0; i < p->n; i++)
        n += (2 * (int64_t)p->steps[i].n_windows + 2) * (p->steps[i].is_break ? 2 : 1);
    return n < INT32_MAX / 4 ? (int32_t)n : INT32_MAX / 4;
}

/* A moment of step i counts from the calls on both of its sides. */
static void add_moment(struct plan *p, int32_t i, int32_t before, int32_t after, int64_t t)
{
    if (!p->steps[i].is_break) {
        p->x[p->n_x++] = t - p->before[i];
        return;
    }
    p->x[p->n_x++] = t - p->before[i] - p->before[before] - p->steps[before].busy;
    p->x[p->n_x++] = t + breaks_between(p, before, after) - p->before[i] - p->before[after];
}

static int ascending(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static int32_t distinct(int64_t *x, int32_t n)
{
    int32_t m = 0;
    qsort(x, (size_t)n, sizeof *x, ascending);
    for (int32_t i = 0; i < n; i++)
        if (m == 0 || x[m - 1] != x[i])
            x[m++] = x[i];
    return m;
}

static void collect(struct plan *p)
{
    int32_t before = 0, after = 0;
    for (int32_t i = 0; i < p->n; i++) {
        const struct eta_step *s = &p->steps[i];
        if (!s->is_break) {
            before = i;
            after = i < p->n - 1 ? next_call(p, i) : i;
        }
        for (int32_t k = 0; k < s->n_windows; k++) {
            add_moment(p, i, before, after, s->windows[k].from);
            add_moment(p, i, before, after, s->windows[k].until);
        }
        if (s->earliest != ETA_ANY_EARLY)
            add_moment(p, i, before, after, s->earliest);
        if (s->latest != ETA_ANY_LATE)
            add_moment(p, i, before, after, s->latest);
    }
    p->n_x = distinct(p->x, p->n_x);
}

/* ---- legs with breaks ---- */

static int32_t leg_moments(struct plan *p, int32_t i, int32_t j)
{
    int64_t out = p->before[i] + p->steps[i].busy, in = p->before[j] - breaks_between(p, i, j);
    for (int32_t k = 0; k < p->n_x; k++) {
        p->y[2 * k] = p->x[k] + out;
        p->y[2 * k + 1] = p->x[k] + in;
    }
    return distinct(p->y, 2 * p->n_x);
}

/* The breaks of leg i … j after leaving i at `leave`: p->leg[y] for the last of them at y or before. */
static void place_breaks(struct plan *p, int32_t i, int32_t j, int32_t n_y, int64_t leave)
{
    for (int32_t k = 0; k < n_y; k++)
        p->leg[k] = p->y[k] >= leave ? (struct value){0} : IMPOSSIBLE;
    for (int32_t b = i + 1; b < j; b++) {
        int32_t best = -1, *from = p->leg_from + (size_t)(b - i - 1) * (size_t)n_y;
        struct value least = IMPOSSIBLE;
        for (int32_t k = 0; k < n_y; k++) {
            struct value here = add(p, b, p->y[k] + p->before[b], p->leg[k]);
            if (less(&here, &least)) {
                least = here;
                best = k;
            }
            p->leg[k] = least;
            from[k] = best;
        }
    }
}

/* The last candidate at which the breaks end in time for call j at x; −1 = none. */
static int32_t last_in_time(const struct plan *p, int32_t i, int32_t j, int32_t n_y, int64_t x)
{
    int64_t until = x + p->before[j] - breaks_between(p, i, j);
    int32_t lo = 0, hi = n_y;
    while (lo < hi) {
        int32_t mid = lo + (hi - lo) / 2;
        if (p->y[mid] <= until)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo - 1;
}

static void pass_breaks(struct plan *p, int32_t i, int32_t j, int32_t *from)
{
    int32_t n_y = leg_moments(p, i, j);
    for (int32_t b = 0; b < p->n_x; b++)
        p->next[b] = IMPOSSIBLE;
    for (int32_t a = 0; a < p->n_x; a++) {
        if (!possible(&p->value[a]))
            continue;
        place_breaks(p, i, j, n_y, p->x[a] + p->before[i] + p->steps[i].busy);
        int32_t k = last_in_time(p, i, j, n_y, p->x[a]);
        for (int32_t b = a; b < p->n_x; b++) {
            int64_t until = p->x[b] + p->before[j] - breaks_between(p, i, j);
            while (k + 1 < n_y && p->y[k + 1] <= until)
                k++;
            if (k < 0 || !possible(&p->leg[k]))
                continue;
            struct value v = p->leg[k];
            v.violation += p->value[a].violation;
            v.duration += p->value[a].duration;
            v.sum += p->value[a].sum;
            if (less(&v, &p->next[b])) {
                p->next[b] = v;
                from[b] = a;
            }
        }
    }
    for (int32_t b = 0; b < p->n_x; b++)
        p->next[b] = add(p, j, p->x[b] + p->before[j], p->next[b]);
}

/* ---- the route ---- */

static void pass_plain(struct plan *p, int32_t j, int32_t *from)
{
    struct value least = IMPOSSIBLE;
    int32_t best = 0;
    for (int32_t k = 0; k < p->n_x; k++) {
        if (less(&p->value[k], &least)) {
            least = p->value[k];
            best = k;
        }
        from[k] = best;
        p->next[k] = add(p, j, p->x[k] + p->before[j], least);
    }
}

static void trace_breaks(struct plan *p, int32_t i, int32_t j, int32_t a, int32_t b, int64_t *ret)
{
    int32_t n_y = leg_moments(p, i, j);
    place_breaks(p, i, j, n_y, p->x[a] + p->before[i] + p->steps[i].busy);
    int32_t k = last_in_time(p, i, j, n_y, p->x[b]);
    for (int32_t s = j - 1; s > i; s--) {
        k = p->leg_from[(size_t)(s - i - 1) * (size_t)n_y + (size_t)k];
        ret[s] = p->y[k] + p->before[s];
    }
}

static enum eta_status run(struct plan *p, int64_t *ret)
{
    for (int32_t k = 0; k < p->n_x; k++)
        p->value[k] = add(p, 0, p->x[k], (struct value){0});
    for (int32_t i = 0, j; i < p->n - 1; i = j) {
        j = next_call(p, i);
        int32_t *from = p->from + (size_t)j * (size_t)p->n_x;
        if (j == i + 1)
            pass_plain(p, j, from);
        else
            pass_breaks(p, i, j, from);
        struct value *t = p->value;
        p->value = p->next;
        p->next = t;
    }
    int32_t best = 0;
    for (int32_t k = 1; k < p->n_x; k++)
        if (less(&p->value[k], &p->value[best]))
            best = k;
    if (!possible(&p->value[best]))
        return ETA_IMPOSSIBLE;
    for (int32_t j = p->n - 1, i; j >= 0; j = i) {
        ret[j] = p->x[best] + p->before[j];
        for (i = j - 1; i > 0 && p->steps[i].is_break;)
            i--;
        if (i < 0)
            break;
        int32_t a = p->from[(size_t)j * (size_t)p->n_x + (size_t)best];
        if (i < j - 1)
            trace_breaks(p, i, j, a, best, ret);
        best = a;
    }
    return ETA_OK;
}

static bool too_large(const struct plan *p)
{
    int64_t n = p->n_x;
    return n * p->n > MOST_CELLS || (p->most_breaks && n * n * 2 * p->most_breaks > MOST_PAIRS);
}

static bool allocate(struct plan *p)
{
    size_t x = (size_t)p->n_x + 1;
    p->from = malloc(x * (size_t)p->n * sizeof *p->from);
    p->y = malloc(2 * x * sizeof *p->y);
    p->value = malloc(x * sizeof *p->value);
    p->next = malloc(x * sizeof *p->next);
    p->leg = malloc(2 * x * sizeof *p->leg);
    p->leg_from = malloc(2 * x * (size_t)(p->most_breaks + 1) * sizeof *p->leg_from);
    return p->from && p->y && p->value && p->next && p->leg && p->leg_from;
}

enum eta_status eta_choose(const struct eta_step *steps, int32_t n, int64_t *ret_begin)
{
    struct plan p = {.steps = steps, .n = n};
    enum eta_status status = ETA_NO_MEMORY;
    p.before = calloc((size_t)n, sizeof *p.before);
    p.x = malloc((size_t)count_moments(&p) * sizeof *p.x);
    if (p.before && p.x) {
        measure(&p);
        collect(&p);
        if (too_large(&p))
            status = ETA_TOO_LARGE;
        else if (allocate(&p))
            status = run(&p, ret_begin);
    }
    free(p.before);
    free(p.x);
    free(p.from);
    free(p.y);
    free(p.value);
    free(p.next);
    free(p.leg);
    free(p.leg_from);
    return status;
}
