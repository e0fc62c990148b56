/* Three passes: each parcel gets a way (and a locker), parcels are sorted by (place, way, locker, recipient),
 * and equal neighbours are cut into bundles. */
#include "daemon/dispatch/bundle.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Seconds to hand over one parcel, by way: ring and wait at a door, scan and close a compartment, hand a pile
 * over. */
static const int32_t seconds_per_parcel[MODES] = {[MODE_DOOR] = 90, [MODE_LOCKER] = 20, [MODE_STATION] = 6};

/* What a compartment of each size holds, for the parcels of one recipient together. */
static const int32_t compartment_cm3[SIZES] = {10000, 24000, 60000, 120000};

struct choice {
    int32_t parcel;
    int32_t point;
    enum wave_mode mode;
    int32_t locker;
    const char *recipient;
    enum wave_size size;
};

/* A compartment that has been given to a recipient and still has room. */
struct share {
    const char *recipient;
    int32_t locker;
    int32_t cm3_left;
};

static int32_t smallest_fitting(const struct wave_locker *l, enum wave_size size)
{
    for (int32_t s = (int32_t)size; s < SIZES; s++)
        if (l->free[s] > 0)
            return s;
    return -1;
}

static int32_t free_total(const struct wave_locker *l)
{
    int32_t n = 0;
    for (int s = 0; s < SIZES; s++)
        n += l->free[s];
    return n;
}

/* A compartment for the parcel at its point: the recipient's own if there is room in it, else a free one in
 * the emptiest locker that has the size. The locker's index, or -1. */
static int32_t take_compartment(const struct wave *w, struct wave_locker *lockers,
                                const struct wave_parcel *p, struct share *share)
{
    if (share->recipient && !strcmp(share->recipient, p->recipient) &&
        lockers[share->locker].point == p->point && share->cm3_left >= p->cm3) {
        share->cm3_left -= p->cm3;
        return share->locker;
    }
    int32_t best = -1;
    for (int32_t i = 0; i < w->n_lockers; i++)
        if (lockers[i].point == p->point && smallest_fitting(&lockers[i], p->size) >= 0 &&
            (best < 0 || free_total(&lockers[i]) > free_total(&lockers[best])))
            best = i;
    if (best < 0)
        return -1;
    int32_t size = smallest_fitting(&lockers[best], p->size);
    lockers[best].free[size]--;
    *share = (struct share){p->recipient, best, compartment_cm3[size] - p->cm3};
    return best;
}

static bool choose(const struct wave *w, struct wave_locker *lockers, int32_t parcel, struct share *share,
                   struct choice *ret)
{
    const struct wave_parcel *p = &w->parcels[parcel];
    for (int32_t k = 0; k < p->n_modes; k++) {
        int32_t locker = -1;
        if (p->modes[k] == MODE_LOCKER && (locker = take_compartment(w, lockers, p, share)) < 0)
            continue;
        if (p->modes[k] == MODE_STATION && !w->points[p->point].station)
            continue;
        *ret = (struct choice){parcel, p->point, p->modes[k], locker, p->recipient, p->size};
        return true;
    }
    return false;
}

/* The parcels of one recipient together, the most urgent first and then the largest. */
static int by_point_recipient(const void *a, const void *b, void *arg)
{
    const struct wave *w = arg;
    const struct wave_parcel *p = &w->parcels[*(const int32_t *)a];
    const struct wave_parcel *q = &w->parcels[*(const int32_t *)b];
    if (p->point != q->point)
        return p->point < q->point ? -1 : 1;
    if (p->priority != q->priority)
        return p->priority > q->priority ? -1 : 1;
    int c = strcmp(p->recipient, q->recipient);
    if (c)
        return c;
    if (p->size != q->size)
        return p->size > q->size ? -1 : 1;
    return strcmp(p->id, q->id);
}

static int by_place(const void *a, const void *b)
{
    const struct choice *p = a, *q = b;
    if (p->point != q->point)
        return p->point < q->point ? -1 : 1;
    if (p->mode != q->mode)
        return p->mode < q->mode ? -1 : 1;
    if (p->locker != q->locker)
        return p->locker < q->locker ? -1 : 1;
    int c = strcmp(p->recipient, q->recipient);
    return c ? c : p->parcel - q->parcel;
}

static bool same_place(const struct bundle *b, const struct choice *c)
{
    return b->point == c->point && b->mode == c->mode && b->locker == c->locker;
}

static void add_parcel(const struct wave *w, struct bundle *b, int32_t parcel)
{
    const struct wave_parcel *p = &w->parcels[parcel];
    b->n++;
    b->grams += p->grams;
    b->cm3 += p->cm3;
    b->service_s += seconds_per_parcel[b->mode];
    if (p->promised < b->promised)
        b->promised = p->promised;
    if (p->priority > b->priority)
        b->priority = p->priority;
}

void bundles_make(const struct wave *w, int32_t max_pieces, int32_t max_grams, int32_t max_cm3,
                  struct bundles *ret)
{
    int32_t n = w->n_parcels, chosen = 0;
    struct wave_locker *lockers = calloc((size_t)w->n_lockers + 1, sizeof *lockers);
    if (w->n_lockers)
        memcpy(lockers, w->lockers, (size_t)w->n_lockers * sizeof *lockers);
    struct choice *choices = calloc((size_t)n + 1, sizeof *choices);
    int32_t *order = calloc((size_t)n + 1, sizeof *order);
    *ret = (struct bundles){.list = calloc((size_t)n + 1, sizeof *ret->list),
                            .order = order,
                            .left = calloc((size_t)n + 1, sizeof *ret->left)};

    for (int32_t i = 0; i < n; i++)
        order[i] = i;
    qsort_r(order, (size_t)n, sizeof *order, by_point_recipient, (void *)w);
    struct share share = {0};
    for (int32_t i = 0; i < n; i++)
        if (choose(w, lockers, order[i], &share, &choices[chosen]))
            chosen++;
        else
            ret->left[ret->n_left++] = order[i];

    qsort(choices, (size_t)chosen, sizeof *choices, by_place);
    struct bundle *b = NULL;
    for (int32_t i = 0; i < chosen; i++) {
        const struct choice *c = &choices[i];
        const struct wave_parcel *p = &w->parcels[c->parcel];
        if (!b || !same_place(b, c) || b->n == max_pieces || b->grams + p->grams > max_grams ||
            b->cm3 + p->cm3 > max_cm3) {
            b = &ret->list[ret->n++];
            *b = (struct bundle){c->point, c->mode, c->locker, i, 0, 0, 0, 0, INT32_MAX, 0};
        }
        order[i] = c->parcel;
        add_parcel(w, b, c->parcel);
    }
    free(choices);
    free(lockers);
}

void bundles_fini(struct bundles *b)
{
    free(b->list);
    free(b->order);
    free(b->left);
    *b = (struct bundles){0};
}
