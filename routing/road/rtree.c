#include "routing/road/rtree.h"
#include "routing/road/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FAN = 8, LEVELS_MAX = 12 };

struct keyed {
    uint64_t key;
    uint32_t item;
};

/* Place of (x, y) on the Hilbert curve of order 16. */
static uint64_t hilbert(uint32_t x, uint32_t y)
{
    uint64_t d = 0;

    for (uint32_t s = 1U << 15; s; s >>= 1) {
        uint32_t rx = (x & s) != 0, ry = (y & s) != 0;

        d += (uint64_t)s * s * ((3 * rx) ^ ry);
        if (!ry) {
            uint32_t t = x;

            if (rx) {
                x = s - 1 - (x & (s - 1));
                y = s - 1 - (y & (s - 1));
                t = x;
            }
            x = y;
            y = t;
        }
    }
    return d;
}

static int by_key(const void *a, const void *b)
{
    const struct keyed *x = a, *y = b;

    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return x->item < y->item ? -1 : x->item > y->item;
}

static struct rtree_box merge(const struct rtree_box *b, uint32_t n)
{
    struct rtree_box r = b[0];

    for (uint32_t i = 1; i < n; i++) {
        r.west = b[i].west < r.west ? b[i].west : r.west;
        r.south = b[i].south < r.south ? b[i].south : r.south;
        r.east = b[i].east > r.east ? b[i].east : r.east;
        r.north = b[i].north > r.north ? b[i].north : r.north;
    }
    return r;
}

uint32_t rtree_box_count(uint32_t n)
{
    uint32_t total = 0;

    while (n > 1 || !total) {
        n = (n + FAN - 1) / FAN;
        total += n;
        if (n <= 1)
            break;
    }
    return total;
}

static void sort_items(struct rtree *t, const struct rtree_box *boxes)
{
    struct keyed *k = MEM_NEW(struct keyed, t->n_items);
    struct rtree_box all = t->n_items ? merge(boxes, t->n_items) : (struct rtree_box){0};
    double sx = 65535.0 / fmax(1, (double)all.east - all.west),
           sy = 65535.0 / fmax(1, (double)all.north - all.south);

    for (uint32_t i = 0; i < t->n_items; i++) {
        double x = ((double)boxes[i].west + boxes[i].east) / 2 - all.west;
        double y = ((double)boxes[i].south + boxes[i].north) / 2 - all.south;

        k[i] = (struct keyed){hilbert((uint32_t)(x * sx), (uint32_t)(y * sy)), i};
    }
    qsort(k, t->n_items, sizeof *k, by_key);
    for (uint32_t i = 0; i < t->n_items; i++)
        t->items[i] = k[i].item;
    free(k);
}

struct rtree *rtree_new(const struct rtree_box *boxes, uint32_t n)
{
    struct rtree *t = MEM_NEW(struct rtree, 1);
    struct rtree_box *sorted = MEM_NEW(struct rtree_box, n);
    const struct rtree_box *below = sorted;
    uint32_t n_below = n;

    t->n_items = n;
    t->n_boxes = n ? rtree_box_count(n) : 0;
    t->items = MEM_NEW(uint32_t, n);
    t->boxes = MEM_NEW(struct rtree_box, t->n_boxes);
    sort_items(t, boxes);
    for (uint32_t i = 0; i < n; i++)
        sorted[i] = boxes[t->items[i]];
    for (struct rtree_box *out = t->boxes; out < t->boxes + t->n_boxes;) {
        uint32_t n_out = (n_below + FAN - 1) / FAN;

        for (uint32_t i = 0; i < n_out; i++)
            out[i] = merge(below + i * FAN, n_below - i * FAN < FAN ? n_below - i * FAN : FAN);
        below = out;
        n_below = n_out;
        out += n_out;
    }
    free(sorted);
    return t;
}

void rtree_free(struct rtree *t)
{
    if (!t)
        return;
    free(t->items);
    free(t->boxes);
    free(t);
}

struct levels {
    uint32_t first[LEVELS_MAX], n[LEVELS_MAX], count;
};

static struct levels levels_of(const struct rtree *t)
{
    struct levels l = {{0}, {0}, 0};
    uint32_t n = t->n_items, at = 0;

    while (at < t->n_boxes && l.count < LEVELS_MAX) {
        n = (n + FAN - 1) / FAN;
        l.first[l.count] = at;
        l.n[l.count++] = n;
        at += n;
    }
    return l;
}

/* A lower bound of the distance from p to a box. */
static double box_distance(const struct rtree_box *b, struct geo_point p)
{
    struct geo_point q = p;

    q.lon = p.lon < b->west ? b->west : p.lon > b->east ? b->east : p.lon;
    q.lat = p.lat < b->south ? b->south : p.lat > b->north ? b->north : p.lat;
    return geo_distance_plane(p, q) * 0.999;
}

struct entry {
    double metres;
    uint32_t level; /* 0: an item with its true distance; 1: a leaf box; … */
    uint32_t at;
};

struct heap {
    VEC(struct entry) e;
};

static void heap_push(struct heap *h, struct entry x)
{
    size_t i;

    VEC_PUSH(&h->e, x);
    for (i = h->e.n - 1; i && h->e.at[(i - 1) / 2].metres > x.metres; i = (i - 1) / 2)
        h->e.at[i] = h->e.at[(i - 1) / 2];
    h->e.at[i] = x;
}

static struct entry heap_pop(struct heap *h)
{
    struct entry top = h->e.at[0], x = h->e.at[--h->e.n];
    size_t i = 0;

    for (;;) {
        size_t c = 2 * i + 1;

        if (c >= h->e.n)
            break;
        if (c + 1 < h->e.n && h->e.at[c + 1].metres < h->e.at[c].metres)
            c++;
        if (h->e.at[c].metres >= x.metres)
            break;
        h->e.at[i] = h->e.at[c];
        i = c;
    }
    h->e.at[i] = x;
    return top;
}

static void open_box(const struct rtree *t, const struct levels *l, struct heap *h, struct entry e,
                     struct geo_point p, double radius, const struct rtree_visitor *v)
{
    uint32_t n = e.level == 1 ? t->n_items : l->n[e.level - 2], lo = e.at * FAN,
             hi = lo + FAN < n ? lo + FAN : n;

    for (uint32_t i = lo; i < hi; i++) {
        struct entry x = {0, e.level - 1, i};

        x.metres = e.level == 1 ? v->distance(v->arg, t->items[i])
                                : box_distance(&t->boxes[l->first[e.level - 2] + i], p);
        if (x.metres <= radius)
            heap_push(h, x);
    }
}

void rtree_nearest(const struct rtree *t, struct geo_point p, double radius, const struct rtree_visitor *v)
{
    struct levels l = levels_of(t);
    struct heap h = {0};

    if (l.count)
        heap_push(&h, (struct entry){0, l.count, 0});
    while (h.e.n) {
        struct entry e = heap_pop(&h);

        if (e.level)
            open_box(t, &l, &h, e, p, radius, v);
        else if (!v->found(v->arg, t->items[e.at], e.metres))
            break;
    }
    free(h.e.at);
}

static bool meets(const struct rtree_box *a, const struct rtree_box *b)
{
    return a->west <= b->east && b->west <= a->east && a->south <= b->north && b->south <= a->north;
}

static void window_level(const struct rtree *t, const struct levels *l, uint32_t level, uint32_t at,
                         const struct rtree_box *w, void (*found)(void *arg, uint32_t item), void *arg)
{
    uint32_t n = level ? l->n[level - 1] : t->n_items, lo = at * FAN, hi = lo + FAN < n ? lo + FAN : n;

    if (!meets(&t->boxes[l->first[level] + at], w))
        return;
    for (uint32_t i = lo; i < hi; i++)
        if (level)
            window_level(t, l, level - 1, i, w, found, arg);
        else
            found(arg, t->items[i]);
}

void rtree_window(const struct rtree *t, const struct rtree_box *window,
                  void (*found)(void *arg, uint32_t item), void *arg)
{
    struct levels l = levels_of(t);

    if (l.count)
        window_level(t, &l, l.count - 1, 0, window, found, arg);
}
