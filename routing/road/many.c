/* The restricted graph holds, top first, every vertex on a target's path to the root, with its backward
 * arcs as (place of the upper end, weight). Lanes are GCC vectors; the AVX2 version of a sweep is chosen at
 * run time. */
#include "routing/road/many.h"
#include "routing/geo/matrix.h"
#include "routing/road/mem.h"

#include <stdlib.h>
#include <string.h>

enum { LANES32 = 32, LANES64 = 16 };
#define NONE32 (UINT32_MAX / 4)

#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define HAVE_AVX2_CLONE 1
#endif

struct target_spot {
    uint32_t place; /* in the restricted graph */
    cost offset;
};

struct same_link {
    uint32_t dlink, target;
};

struct many {
    const struct graph *g;
    const struct cch *c;
    const struct metric *m;
    const struct place *targets;
    size_t n_targets;
    bool metres;
    uint32_t n;         /* vertices of the restricted graph */
    uint32_t *place;    /* vertex → place, or NET_NONE */
    uint32_t *first;    /* n + 1, by place: arcs from above */
    uint32_t *above;    /* places */
    uint32_t *weight32; /* milliseconds */
    cost *weight64;
    uint32_t *spot_first; /* n_targets + 1 */
    struct target_spot *spots;
    struct same_link *links; /* placements by dlink, sorted */
    size_t n_links;
};

static void mark_paths(struct many *m)
{
    VEC(struct target_spot) spots = {0};
    struct spot s[SPOTS_MAX];

    m->spot_first = MEM_NEW(uint32_t, m->n_targets + 1);
    for (size_t t = 0; t < m->n_targets; t++) {
        uint32_t n = spot_targets(m->g, m->m, &m->targets[t], s);

        for (uint32_t i = 0; i < n; i++) {
            VEC_PUSH(&spots, ((struct target_spot){s[i].vertex, s[i].offset}));
            for (uint32_t v = s[i].vertex; v != NET_NONE && m->place[v] == NET_NONE; v = m->c->parent[v]) {
                m->place[v] = 0;
                m->n++;
            }
        }
        m->spot_first[t + 1] = (uint32_t)spots.n;
    }
    m->spots = spots.at;
}

static void gather(struct many *m)
{
    const struct cch_half *b = &m->c->backward;
    uint32_t next = 0, arcs = 0;
    VEC(uint32_t) above = {0};
    VEC(cost) weight = {0};

    m->first = MEM_NEW(uint32_t, (size_t)m->n + 1);
    for (uint32_t v = m->c->n; v-- > 0;) {
        if (m->place[v] == NET_NONE)
            continue;
        m->place[v] = next;
        for (uint32_t j = b->first[v]; j < b->first[v + 1]; j++)
            if (m->m->backward[j] < COST_NONE) {
                VEC_PUSH(&above, m->place[b->head[j]]);
                VEC_PUSH(&weight, m->m->backward[j]);
                arcs++;
            }
        m->first[++next] = arcs;
    }
    m->above = above.at;
    m->weight64 = weight.at;
    for (uint32_t i = 0; i < m->spot_first[m->n_targets]; i++)
        m->spots[i].place = m->place[m->spots[i].place];
    if (m->metres)
        return;
    m->weight32 = MEM_NEW(uint32_t, arcs);
    for (uint32_t j = 0; j < arcs; j++)
        m->weight32[j] = cost_ms(m->weight64[j]);
    free(m->weight64);
    m->weight64 = NULL;
}

static int by_dlink(const void *a, const void *b)
{
    const struct same_link *x = a, *y = b;

    if (x->dlink != y->dlink)
        return x->dlink < y->dlink ? -1 : 1;
    return x->target < y->target ? -1 : x->target > y->target;
}

static void index_links(struct many *m)
{
    VEC(struct same_link) links = {0};

    for (size_t t = 0; t < m->n_targets; t++)
        for (uint32_t i = 0; i < m->targets[t].n; i++)
            VEC_PUSH(&links, ((struct same_link){m->targets[t].at[i].dlink, (uint32_t)t}));
    if (links.n)
        qsort(links.at, links.n, sizeof *links.at, by_dlink);
    m->links = links.at;
    m->n_links = links.n;
}

struct many *many_new(const struct graph *g, const struct cch *c, const struct metric *m,
                      const struct place *targets, size_t n_targets, bool metres)
{
    struct many *k = MEM_NEW(struct many, 1);

    *k = (struct many){.g = g, .c = c, .m = m, .targets = targets, .n_targets = n_targets, .metres = metres};
    k->place = MEM_NEW(uint32_t, c->n);
    memset(k->place, 0xff, c->n * sizeof *k->place);
    mark_paths(k);
    gather(k);
    index_links(k);
    return k;
}

void many_free(struct many *m)
{
    if (!m)
        return;
    free(m->place);
    free(m->first);
    free(m->above);
    free(m->weight32);
    free(m->weight64);
    free(m->spot_first);
    free(m->spots);
    free(m->links);
    free(m);
}

size_t many_block(const struct many *m)
{
    return m->metres ? LANES64 : LANES32;
}

/* --- one block: climb, sweep, read --- */

struct scratch {
    cost *up; /* per depth */
    uint32_t *path;
    void *lanes; /* n × lanes */
};

static void set_lane(const struct many *m, const struct scratch *s, uint32_t v, size_t lane, cost c)
{
    uint32_t place = m->place[v];

    if (place == NET_NONE)
        return;
    if (m->metres) {
        cost *at = &((cost *)s->lanes)[(size_t)place * LANES64 + lane];

        *at = c < *at ? c : *at;
    } else {
        uint32_t *at = &((uint32_t *)s->lanes)[(size_t)place * LANES32 + lane];

        *at = cost_ms(c) < *at ? cost_ms(c) : *at;
    }
}

/* One source spot's way up; each spot has its own path, so that depth names a vertex. */
static void climb_spot(const struct many *m, const struct scratch *s, const struct spot *spot, size_t lane)
{
    const struct cch_half *f = &m->c->forward;

    for (uint32_t d = 0; d <= m->c->depth[spot->vertex]; d++)
        s->up[d] = COST_NONE;
    s->up[m->c->depth[spot->vertex]] = spot->offset;
    for (uint32_t v = spot->vertex; v != NET_NONE; v = m->c->parent[v]) {
        cost d = s->up[m->c->depth[v]];

        if (d >= COST_NONE)
            continue;
        set_lane(m, s, v, lane, d);
        for (uint32_t j = f->first[v]; j < f->first[v + 1]; j++) {
            cost sum = d + m->m->forward[j], old = s->up[f->depth[j]];

            s->up[f->depth[j]] = sum < old ? sum : old;
        }
    }
}

#define INLINE static inline __attribute__((always_inline))

INLINE void sweep32_body(const struct many *m, uint32_t *restrict lanes)
{
    for (uint32_t v = 0; v < m->n; v++) {
        uint32_t *restrict row = lanes + (size_t)v * LANES32;
        uint32_t best[LANES32];

        memcpy(best, row, sizeof best);
        for (uint32_t j = m->first[v]; j < m->first[v + 1]; j++) {
            const uint32_t *restrict above = lanes + (size_t)m->above[j] * LANES32;
            uint32_t w = m->weight32[j];

            for (int i = 0; i < LANES32; i++) {
                uint32_t sum = above[i] + w;

                best[i] = sum < best[i] ? sum : best[i];
            }
        }
        memcpy(row, best, sizeof best);
    }
}

INLINE void sweep64_body(const struct many *m, int64_t *restrict lanes)
{
    for (uint32_t v = 0; v < m->n; v++) {
        int64_t *restrict row = lanes + (size_t)v * LANES64;
        int64_t best[LANES64];

        memcpy(best, row, sizeof best);
        for (uint32_t j = m->first[v]; j < m->first[v + 1]; j++) {
            const int64_t *restrict above = lanes + (size_t)m->above[j] * LANES64;
            int64_t w = (int64_t)m->weight64[j];

            for (int i = 0; i < LANES64; i++) {
                int64_t sum = above[i] + w;

                best[i] = sum < best[i] ? sum : best[i];
            }
        }
        memcpy(row, best, sizeof best);
    }
}

static void sweep32(const struct many *m, uint32_t *lanes)
{
    sweep32_body(m, lanes);
}

static void sweep64(const struct many *m, int64_t *lanes)
{
    sweep64_body(m, lanes);
}

#ifdef HAVE_AVX2_CLONE
__attribute__((target("avx2"))) static void sweep32_avx2(const struct many *m, uint32_t *lanes)
{
    sweep32_body(m, lanes);
}

__attribute__((target("avx2"))) static void sweep64_avx2(const struct many *m, int64_t *lanes)
{
    sweep64_body(m, lanes);
}
#endif

static void sweep(const struct many *m, void *lanes)
{
#ifdef HAVE_AVX2_CLONE
    if (__builtin_cpu_supports("avx2")) {
        if (m->metres)
            sweep64_avx2(m, lanes);
        else
            sweep32_avx2(m, lanes);
        return;
    }
#endif
    if (m->metres)
        sweep64(m, lanes);
    else
        sweep32(m, lanes);
}

static int32_t to_seconds(uint32_t ms)
{
    return ms >= NONE32 ? MATRIX_UNREACHABLE : (int32_t)((ms + 500) / 1000);
}

static void read32(const struct many *m, const uint32_t *lanes, size_t n, int32_t *ret_seconds)
{
    for (size_t t = 0; t < m->n_targets; t++) {
        uint32_t best[LANES32];

        for (int i = 0; i < LANES32; i++)
            best[i] = NONE32;
        for (uint32_t k = m->spot_first[t]; k < m->spot_first[t + 1]; k++) {
            const uint32_t *row = lanes + (size_t)m->spots[k].place * LANES32;
            uint32_t offset = cost_ms(m->spots[k].offset);

            for (int i = 0; i < LANES32; i++) {
                uint32_t sum = row[i] + offset;

                best[i] = sum < best[i] ? sum : best[i];
            }
        }
        for (size_t i = 0; i < n; i++)
            ret_seconds[i * m->n_targets + t] = to_seconds(best[i]);
    }
}

static void store_cost(cost c, int32_t *ret_seconds, int32_t *ret_metres)
{
    *ret_seconds = c < COST_NONE ? (int32_t)((cost_ms(c) + 500) / 1000) : MATRIX_UNREACHABLE;
    *ret_metres = c < COST_NONE ? (int32_t)((cost_dm(c) + 5) / 10) : MATRIX_UNREACHABLE;
}

static void read64(const struct many *m, const cost *lanes, size_t n, int32_t *ret_seconds,
                   int32_t *ret_metres)
{
    for (size_t t = 0; t < m->n_targets; t++) {
        cost best[LANES64];

        for (int i = 0; i < LANES64; i++)
            best[i] = COST_NONE;
        for (uint32_t k = m->spot_first[t]; k < m->spot_first[t + 1]; k++) {
            const cost *row = lanes + (size_t)m->spots[k].place * LANES64;

            for (int i = 0; i < LANES64; i++) {
                cost sum = row[i] + m->spots[k].offset;

                best[i] = sum < best[i] ? sum : best[i];
            }
        }
        for (size_t i = 0; i < n; i++)
            store_cost(best[i], &ret_seconds[i * m->n_targets + t], &ret_metres[i * m->n_targets + t]);
    }
}

/* The cost that the sweep found for one lane and target. */
static cost swept(const struct many *m, const void *lanes, size_t lane, uint32_t t)
{
    cost best = COST_NONE;

    for (uint32_t k = m->spot_first[t]; k < m->spot_first[t + 1]; k++) {
        size_t place = m->spots[k].place;
        cost c = m->metres ? ((const cost *)lanes)[place * LANES64 + lane]
                           : cost_of(((const uint32_t *)lanes)[place * LANES32 + lane], 0);

        if (c + m->spots[k].offset < best)
            best = c + m->spots[k].offset;
    }
    return best;
}

static size_t first_on_dlink(const struct many *m, uint32_t dlink)
{
    size_t lo = 0, hi = m->n_links;

    while (lo < hi) {
        size_t mid = (lo + hi) / 2;

        if (m->links[mid].dlink < dlink)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

/* Targets further along the very dlink that a source is on. */
static void add_direct(const struct many *m, const void *lanes, size_t lane, const struct place *source,
                       int32_t *seconds, int32_t *metres)
{
    for (uint32_t i = 0; i < source->n; i++) {
        uint32_t dlink = source->at[i].dlink;

        for (size_t k = first_on_dlink(m, dlink); k < m->n_links && m->links[k].dlink == dlink; k++) {
            uint32_t t = m->links[k].target, ignored_from, ignored_to;
            cost c = spot_direct_best(source, &m->targets[t], &ignored_from, &ignored_to);
            int32_t ignored;

            if (c < swept(m, lanes, lane, t))
                store_cost(c, &seconds[t], metres ? &metres[t] : &ignored);
        }
    }
}

static void run_block(const struct many *m, const struct scratch *s, const struct place *sources, size_t n,
                      int32_t *ret_seconds, int32_t *ret_metres)
{
    size_t lanes = (size_t)m->n * many_block(m);
    struct spot spots[SPOTS_MAX];

    if (m->metres)
        for (size_t i = 0; i < lanes; i++)
            ((cost *)s->lanes)[i] = COST_NONE;
    else
        for (size_t i = 0; i < lanes; i++)
            ((uint32_t *)s->lanes)[i] = NONE32;
    for (size_t i = 0; i < n; i++) {
        uint32_t k = spot_sources(m->g, &sources[i], spots);

        while (k-- > 0)
            climb_spot(m, s, &spots[k], i);
    }
    sweep(m, s->lanes);
    if (m->metres)
        read64(m, s->lanes, n, ret_seconds, ret_metres);
    else
        read32(m, s->lanes, n, ret_seconds);
    for (size_t i = 0; i < n; i++)
        add_direct(m, s->lanes, i, &sources[i], ret_seconds + i * m->n_targets,
                   m->metres ? ret_metres + i * m->n_targets : NULL);
}

void many_rows(const struct many *m, const struct place *sources, size_t n, int32_t *ret_seconds,
               int32_t *ret_metres)
{
    struct scratch s = {.up = MEM_NEW(cost, m->c->max_depth)};
    size_t block = many_block(m);

    s.lanes = mem_new((size_t)m->n * block, m->metres ? sizeof(cost) : sizeof(uint32_t));
    for (size_t i = 0; i < n; i += block)
        run_block(m, &s, sources + i, n - i < block ? n - i : block, ret_seconds + i * m->n_targets,
                  m->metres ? ret_metres + i * m->n_targets : NULL);
    free(s.up);
    free(s.lanes);
}
