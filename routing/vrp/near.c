#include "routing/vrp/near.h"

#include <stdbool.h>
#include <stdlib.h>

/* A k-d tree laid out by median splits of an index array; leaves hold up to LEAF points. */
enum { LEAF = 8 };

struct tree {
    const double *x, *y;
    int32_t *at; /* point indices; node = a range */
    int32_t k, n_found;
    int32_t *found; /* max-heap of the best so far, by (distance, index) */
    double *distance;
};

static const double *axis(const struct tree *t, int depth)
{
    return (depth & 1) ? t->y : t->x;
}

static void swap(int32_t *a, int32_t *b)
{
    int32_t c = *a;
    *a = *b;
    *b = c;
}

/* Quickselect: at[mid] gets its place on the axis. */
static void split(struct tree *t, int32_t lo, int32_t hi, int32_t mid, const double *v)
{
    while (lo < hi) {
        double pivot = v[t->at[lo + (hi - lo) / 2]];
        int32_t i = lo, j = hi;
        while (i <= j) {
            while (v[t->at[i]] < pivot)
                i++;
            while (v[t->at[j]] > pivot)
                j--;
            if (i <= j)
                swap(&t->at[i++], &t->at[j--]);
        }
        if (mid <= j)
            hi = j;
        else if (mid >= i)
            lo = i;
        else
            return;
    }
}

static void build(struct tree *t, int32_t lo, int32_t hi, int depth)
{
    if (hi - lo <= LEAF)
        return;
    int32_t mid = lo + (hi - lo) / 2;
    split(t, lo, hi - 1, mid, axis(t, depth));
    build(t, lo, mid, depth + 1);
    build(t, mid + 1, hi, depth + 1);
}

static bool further(const struct tree *t, int32_t a, int32_t b)
{
    if (t->distance[a] != t->distance[b])
        return t->distance[a] > t->distance[b];
    return t->found[a] > t->found[b];
}

static void swap_found(struct tree *t, int32_t a, int32_t b)
{
    double d = t->distance[a];
    t->distance[a] = t->distance[b];
    t->distance[b] = d;
    swap(&t->found[a], &t->found[b]);
}

static void sift_down(struct tree *t, int32_t at, int32_t n)
{
    for (;;) {
        int32_t worst = at, l = 2 * at + 1;
        if (l < n && further(t, l, worst))
            worst = l;
        if (l + 1 < n && further(t, l + 1, worst))
            worst = l + 1;
        if (worst == at)
            return;
        swap_found(t, at, worst);
        at = worst;
    }
}

static void offer(struct tree *t, int32_t point, double d)
{
    if (t->n_found < t->k) {
        int32_t at = t->n_found++;
        t->found[at] = point;
        t->distance[at] = d;
        for (; at > 0 && further(t, at, (at - 1) / 2); at = (at - 1) / 2)
            swap_found(t, at, (at - 1) / 2);
        return;
    }
    if (d > t->distance[0] || (d == t->distance[0] && point > t->found[0]))
        return;
    t->found[0] = point;
    t->distance[0] = d;
    sift_down(t, 0, t->k);
}

static double square(const struct tree *t, int32_t a, int32_t b)
{
    double dx = t->x[a] - t->x[b], dy = t->y[a] - t->y[b];
    return dx * dx + dy * dy;
}

static void query(struct tree *t, int32_t who, int32_t lo, int32_t hi, int depth)
{
    if (hi - lo <= LEAF) {
        for (int32_t i = lo; i < hi; i++)
            if (t->at[i] != who)
                offer(t, t->at[i], square(t, who, t->at[i]));
        return;
    }
    int32_t mid = lo + (hi - lo) / 2, point = t->at[mid];
    double gap = axis(t, depth)[who] - axis(t, depth)[point];
    if (point != who)
        offer(t, point, square(t, who, point));
    if (gap <= 0)
        query(t, who, lo, mid, depth + 1);
    else
        query(t, who, mid + 1, hi, depth + 1);
    if (t->n_found == t->k && gap * gap > t->distance[0])
        return;
    if (gap <= 0)
        query(t, who, mid + 1, hi, depth + 1);
    else
        query(t, who, lo, mid, depth + 1);
}

int near_plane(const double *x, const double *y, int32_t n, int32_t k, int32_t *ret)
{
    struct tree t = {.x = x, .y = y, .k = k};
    t.at = malloc((size_t)n * sizeof *t.at);
    t.distance = malloc(((size_t)k + 1) * sizeof *t.distance);
    int status = t.at && t.distance ? 0 : -1;
    for (int32_t i = 0; t.at && i < n; i++)
        t.at[i] = i;
    if (status == 0)
        build(&t, 0, n, 0);
    for (int32_t i = 0; status == 0 && i < n; i++) {
        t.found = ret + (size_t)i * (size_t)k;
        t.n_found = 0;
        query(&t, i, 0, n, 0);
        for (int32_t end = t.n_found - 1; end > 0; end--) {
            swap_found(&t, 0, end);
            sift_down(&t, 0, end);
        }
    }
    free(t.at);
    free(t.distance);
    return status;
}

static bool above(const int64_t *key, int32_t a, int32_t b)
{
    return key[a] != key[b] ? key[a] > key[b] : a > b;
}

static void sink(const int64_t *key, int32_t *heap, int32_t at, int32_t n)
{
    for (;;) {
        int32_t top = at, l = 2 * at + 1;
        if (l < n && above(key, heap[l], heap[top]))
            top = l;
        if (l + 1 < n && above(key, heap[l + 1], heap[top]))
            top = l + 1;
        if (top == at)
            return;
        swap(&heap[at], &heap[top]);
        at = top;
    }
}

int32_t near_select(const int64_t *key, int32_t n, int32_t k, int32_t *ret)
{
    int32_t m = 0;
    for (int32_t i = 0; i < n; i++) {
        if (key[i] < 0)
            continue;
        if (m < k) {
            ret[m++] = i;
            if (m == k)
                for (int32_t at = k / 2; at >= 0; at--)
                    sink(key, ret, at, k);
        } else if (key[i] < key[ret[0]]) {
            ret[0] = i;
            sink(key, ret, 0, k);
        }
    }
    if (m < k)
        for (int32_t at = m / 2; m && at >= 0; at--)
            sink(key, ret, at, m);
    for (int32_t end = m - 1; end > 0; end--) {
        swap(&ret[0], &ret[end]);
        sink(key, ret, 0, end);
    }
    return m;
}
