/* Symbolic contraction. First the undirected fill (up-neighbours of a vertex = its own and those of its
 * elimination-tree children), then one pass of triangle propagation on bits finds which direction of
 * which arc can ever carry a path; the others are dropped. */
#include "routing/road/cch.h"
#include "routing/road/mem.h"

#include <stdlib.h>
#include <string.h>

enum { UP = 1, DOWN = 2 }; /* bits of an undirected arc: low → high, high → low */

struct fill {
    const struct graph *g;
    uint32_t n;
    uint32_t *base_first, *base; /* higher neighbours by graph arcs, unsorted */
    uint32_t *first;             /* n + 1 */
    VEC(uint32_t) head;
    uint32_t *parent, *depth, max_depth;
    uint8_t *bits;
};

static void index_base(struct fill *f)
{
    const struct graph *g = f->g;

    f->base_first = MEM_NEW(uint32_t, (size_t)f->n + 2);
    f->base = MEM_NEW(uint32_t, g->n_arcs);
    for (uint32_t a = 0; a < g->n_arcs; a++)
        if (g->arcs[a].from != g->arcs[a].to)
            f->base_first[(g->arcs[a].from < g->arcs[a].to ? g->arcs[a].from : g->arcs[a].to) + 2]++;
    for (uint32_t v = 2; v < f->n + 2; v++)
        f->base_first[v] += f->base_first[v - 1];
    for (uint32_t a = 0; a < g->n_arcs; a++) {
        uint32_t x = g->arcs[a].from, y = g->arcs[a].to;

        if (x != y)
            f->base[f->base_first[(x < y ? x : y) + 1]++] = x < y ? y : x;
    }
}

static int by_value(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return x < y ? -1 : x > y;
}

static void sort_few(uint32_t *a, uint32_t n)
{
    if (n > 32) {
        qsort(a, n, sizeof *a, by_value);
        return;
    }
    for (uint32_t i = 1; i < n; i++) {
        uint32_t x = a[i], k = i;

        for (; k && a[k - 1] > x; k--)
            a[k] = a[k - 1];
        a[k] = x;
    }
}

/* Merges sorted `more` without the value `skip` into the sorted list; both duplicate-free. */
static uint32_t merge(uint32_t *list, uint32_t n, const uint32_t *more, uint32_t n_more, uint32_t skip,
                      uint32_t *scratch)
{
    uint32_t i = 0, k = 0, out = 0;

    while (i < n || k < n_more) {
        uint32_t x;

        if (k < n_more && more[k] == skip) {
            k++;
            continue;
        }
        if (k == n_more || (i < n && list[i] <= more[k])) {
            x = list[i++];
            if (k < n_more && more[k] == x)
                k++;
        } else
            x = more[k++];
        scratch[out++] = x;
    }
    memcpy(list, scratch, out * sizeof *list);
    return out;
}

static uint32_t unique(uint32_t *a, uint32_t n)
{
    uint32_t out = 0;

    for (uint32_t i = 0; i < n; i++)
        if (!out || a[i] != a[out - 1])
            a[out++] = a[i];
    return out;
}

static void contract(struct fill *f)
{
    uint32_t *child = MEM_NEW(uint32_t, f->n), *sibling = MEM_NEW(uint32_t, f->n);
    uint32_t *list = MEM_NEW(uint32_t, f->n), *scratch = MEM_NEW(uint32_t, f->n);

    memset(child, 0xff, f->n * sizeof *child);
    f->first = MEM_NEW(uint32_t, (size_t)f->n + 1);
    f->parent = MEM_NEW(uint32_t, f->n);
    for (uint32_t v = 0; v < f->n; v++) {
        uint32_t n = f->base_first[v + 1] - f->base_first[v];

        sort_few(f->base + f->base_first[v], n);
        n = unique(f->base + f->base_first[v], n);
        memcpy(list, f->base + f->base_first[v], n * sizeof *list);
        for (uint32_t c = child[v]; c != NET_NONE; c = sibling[c])
            n = merge(list, n, f->head.at + f->first[c], f->first[c + 1] - f->first[c], v, scratch);
        VEC_ROOM(&f->head, n + 1);
        memcpy(f->head.at + f->head.n, list, n * sizeof *list);
        f->head.n += n;
        f->first[v + 1] = (uint32_t)f->head.n;
        f->parent[v] = n ? list[0] : NET_NONE;
        if (n) {
            sibling[v] = child[list[0]];
            child[list[0]] = v;
        }
    }
    free(child);
    free(sibling);
    free(list);
    free(scratch);
}

static void find_depths(struct fill *f)
{
    f->depth = MEM_NEW(uint32_t, f->n);
    for (uint32_t v = f->n; v-- > 0;) {
        f->depth[v] = f->parent[v] == NET_NONE ? 0 : f->depth[f->parent[v]] + 1;
        if (f->depth[v] + 1 > f->max_depth)
            f->max_depth = f->depth[v] + 1;
    }
}

static uint32_t find_head(const uint32_t *head, uint32_t lo, uint32_t hi, uint32_t want)
{
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;

        if (head[mid] < want)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

/* For v from low to high: whoever comes down to v may go up from v. Rows are spread by depth. */
static void propagate(struct fill *f)
{
    uint8_t *row = MEM_NEW(uint8_t, f->max_depth);
    uint32_t *low_first = MEM_NEW(uint32_t, (size_t)f->n + 2), *low = MEM_NEW(uint32_t, f->head.n);
    uint32_t *low_vertex = MEM_NEW(uint32_t, f->head.n);

    for (size_t j = 0; j < f->head.n; j++)
        low_first[f->head.at[j] + 2]++;
    for (uint32_t v = 2; v < f->n + 2; v++)
        low_first[v] += low_first[v - 1];
    for (uint32_t v = 0; v < f->n; v++)
        for (uint32_t j = f->first[v]; j < f->first[v + 1]; j++) {
            uint32_t at = low_first[f->head.at[j] + 1]++;

            low[at] = j;
            low_vertex[at] = v;
        }
    for (uint32_t u = 0; u < f->n; u++) {
        for (uint32_t j = f->first[u]; j < f->first[u + 1]; j++)
            row[f->depth[f->head.at[j]]] = f->bits[j];
        for (uint32_t i = low_first[u]; i < low_first[u + 1]; i++) {
            /* w below u: u → w → x needs DOWN on (w,u) and UP on (w,x); x → w → u the other two */
            uint8_t here = f->bits[low[i]], flip = (uint8_t)((here & UP ? DOWN : 0) | (here & DOWN ? UP : 0));
            uint32_t end = f->first[low_vertex[i] + 1];

            for (uint32_t j = low[i] + 1; flip && j < end; j++)
                row[f->depth[f->head.at[j]]] |= f->bits[j] & flip;
        }
        for (uint32_t j = f->first[u]; j < f->first[u + 1]; j++)
            f->bits[j] = row[f->depth[f->head.at[j]]];
    }
    free(row);
    free(low_first);
    free(low);
    free(low_vertex);
}

static void find_directions(struct fill *f)
{
    f->bits = MEM_NEW(uint8_t, f->head.n);
    for (uint32_t a = 0; a < f->g->n_arcs; a++) {
        uint32_t x = f->g->arcs[a].from, y = f->g->arcs[a].to, low = x < y ? x : y, high = x < y ? y : x;

        if (x != y)
            f->bits[find_head(f->head.at, f->first[low], f->first[low + 1], high)] |= x < y ? UP : DOWN;
    }
    propagate(f);
}

static void make_half(const struct fill *f, uint8_t bit, struct cch_half *h)
{
    uint32_t n = 0;

    for (size_t j = 0; j < f->head.n; j++)
        n += (f->bits[j] & bit) != 0;
    h->n_arcs = n;
    h->first = MEM_NEW(uint32_t, (size_t)f->n + 1);
    h->head = MEM_NEW(uint32_t, n);
    h->depth = MEM_NEW(uint32_t, n);
    n = 0;
    for (uint32_t v = 0; v < f->n; v++) {
        for (uint32_t j = f->first[v]; j < f->first[v + 1]; j++)
            if (f->bits[j] & bit) {
                h->head[n] = f->head.at[j];
                h->depth[n++] = f->depth[f->head.at[j]];
            }
        h->first[v + 1] = n;
    }
}

static void make_lower(uint32_t n, struct cch_half *h, const struct cch_half *other)
{
    uint32_t *first = MEM_NEW(uint32_t, (size_t)n + 2);

    h->lower = MEM_NEW(struct cch_lower, h->n_arcs);
    for (uint32_t j = 0; j < h->n_arcs; j++)
        first[h->head[j] + 2]++;
    for (uint32_t v = 2; v < n + 2; v++)
        first[v] += first[v - 1];
    for (uint32_t v = 0; v < n; v++)
        for (uint32_t j = h->first[v]; j < h->first[v + 1]; j++) {
            uint32_t end = other->first[v + 1],
                     start = find_head(other->head, other->first[v], end, h->head[j] + 1);

            h->lower[first[h->head[j] + 1]++] = (struct cch_lower){v, j, start, end - start};
        }
    h->lower_first = first;
}

static void place_arcs(struct cch *c, const struct graph *g)
{
    c->arc_slot = MEM_NEW(uint32_t, g->n_arcs);
    for (uint32_t a = 0; a < g->n_arcs; a++) {
        uint32_t x = g->arcs[a].from, y = g->arcs[a].to;

        if (x == y)
            c->arc_slot[a] = CCH_NO_SLOT;
        else if (x < y)
            c->arc_slot[a] = find_head(c->forward.head, c->forward.first[x], c->forward.first[x + 1], y);
        else
            c->arc_slot[a] =
                find_head(c->backward.head, c->backward.first[y], c->backward.first[y + 1], x) | CCH_BACKWARD;
    }
}

struct cch *cch_new(const struct graph *g)
{
    struct cch *c = MEM_NEW(struct cch, 1);
    struct fill f = {.g = g, .n = g->n_vertices};

    index_base(&f);
    contract(&f);
    find_depths(&f);
    find_directions(&f);
    c->n = f.n;
    c->max_depth = f.max_depth;
    c->parent = f.parent;
    c->depth = f.depth;
    make_half(&f, UP, &c->forward);
    make_half(&f, DOWN, &c->backward);
    make_lower(c->n, &c->forward, &c->backward);
    make_lower(c->n, &c->backward, &c->forward);
    place_arcs(c, g);
    free(f.base_first);
    free(f.base);
    free(f.first);
    free(f.head.at);
    free(f.bits);
    return c;
}

static void half_fini(struct cch_half *h)
{
    free(h->first);
    free(h->head);
    free(h->depth);
    free(h->lower_first);
    free(h->lower);
}

void cch_free(struct cch *c)
{
    if (!c)
        return;
    free(c->parent);
    free(c->depth);
    half_fini(&c->forward);
    half_fini(&c->backward);
    free(c->arc_slot);
    free(c);
}
