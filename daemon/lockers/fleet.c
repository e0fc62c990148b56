#include "daemon/lockers/fleet.h"

#include "base/log.h"

#include <stdio.h>
#include <stdlib.h>

struct locker *fleet_put(struct fleet *f, const char *code, const char *site, const struct locker_keys *keys)
{
    struct locker *k = fleet_find(f, code);
    if (!k) {
        k = calloc(1, sizeof *k);
        if (!k)
            log_fatal("out of memory");
        snprintf(k->code, sizeof k->code, "%s", code);
        HASH_ADD_STR(f->lockers, code, k);
    }
    snprintf(k->site, sizeof k->site, "%s", site);
    k->keys = *keys;
    return k;
}

struct locker *fleet_find(struct fleet *f, const char *code)
{
    struct locker *k;
    HASH_FIND_STR(f->lockers, code, k);
    return k;
}

void fleet_clear(struct fleet *f)
{
    struct locker *k, *next;
    HASH_ITER(hh, f->lockers, k, next)
    {
        HASH_DEL(f->lockers, k);
        free(k);
    }
}

void progress_begin(struct progress *p, uint32_t boot, uint32_t first)
{
    bool newer = p->known && boot > p->boot && !p->pending && !p->failed;
    if (!p->known || newer) {
        p->known = true;
        p->boot = boot;
        p->upto = first - 1;
    }
    p->pending++;
}

bool progress_end(struct progress *p, uint32_t boot, uint32_t first, uint32_t last, bool stored)
{
    p->pending--;
    if (!stored) {
        p->failed = true;
        return false;
    }
    if (!p->known || boot != p->boot || first > p->upto + 1)
        return false;
    if (last > p->upto)
        p->upto = last;
    p->failed = false;
    return true;
}

void progress_reset(struct progress *p)
{
    p->known = false;
    p->failed = false;
}
