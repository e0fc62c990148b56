/* Gives every distinct byte string a small number and stores it once. Strings are NUL-terminated in one
 * pool; the number is the offset in the pool, and "" is always 0. */
#ifndef ROUTING_ROAD_INTERN_H
#define ROUTING_ROAD_INTERN_H

#include "routing/road/mem.h"

struct intern {
    struct text pool;
    uint32_t *slots; /* offset + 1, or 0 when free */
    size_t n, cap;
};

void intern_init(struct intern *t);
void intern_fini(struct intern *t);
uint32_t intern_add(struct intern *t, const char *s);
static inline const char *intern_text(const struct intern *t, uint32_t at)
{
    return t->pool.at + at;
}

#endif
