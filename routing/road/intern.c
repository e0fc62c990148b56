#include "routing/road/intern.h"

#include <stdlib.h>
#include <string.h>

static uint64_t hash(const char *s)
{
    uint64_t h = 1469598103934665603ULL; /* FNV-1a */

    for (; *s; s++)
        h = (h ^ (unsigned char)*s) * 1099511628211ULL;
    return h ^ h >> 29;
}

void intern_init(struct intern *t)
{
    memset(t, 0, sizeof *t);
    t->cap = 1024;
    t->slots = MEM_NEW(uint32_t, t->cap);
    intern_add(t, "");
}

void intern_fini(struct intern *t)
{
    free(t->slots);
    free(t->pool.at);
}

static uint32_t *slot(struct intern *t, const char *s)
{
    size_t i = hash(s) & (t->cap - 1);

    while (t->slots[i] && strcmp(t->pool.at + t->slots[i] - 1, s))
        i = (i + 1) & (t->cap - 1);
    return &t->slots[i];
}

static void enlarge(struct intern *t)
{
    uint32_t *old = t->slots;
    size_t n = t->cap;

    t->cap *= 2;
    t->slots = MEM_NEW(uint32_t, t->cap);
    for (size_t i = 0; i < n; i++)
        if (old[i])
            *slot(t, t->pool.at + old[i] - 1) = old[i];
    free(old);
}

uint32_t intern_add(struct intern *t, const char *s)
{
    uint32_t *at = slot(t, s);

    if (*at)
        return *at - 1;
    if (++t->n * 2 > t->cap) {
        enlarge(t);
        at = slot(t, s);
    }
    if (t->pool.n > UINT32_MAX - 2 - strlen(s))
        abort();
    *at = (uint32_t)t->pool.n + 1;
    text_append(&t->pool, s, strlen(s) + 1);
    return *at - 1;
}
