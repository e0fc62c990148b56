#include "base/log_limit.h"

/* FNV-1a, 64 bits. */
static uint64_t hash_of(const char *s)
{
    uint64_t h = 0xcbf29ce484222325u;
    for (; *s; s++)
        h = (h ^ (unsigned char)*s) * 0x100000001b3u;
    return h ? h : 1; /* 0: an empty slot */
}

bool log_limit_allows(struct log_limit *l, const char *line, int64_t now_us, int *ret_held)
{
    uint64_t hash = hash_of(line);
    struct log_limit_slot *s = &l->slots[hash % LOG_LIMIT_SLOTS];
    *ret_held = 0;
    if (s->hash != hash)
        *s = (struct log_limit_slot){.hash = hash, .since_us = now_us};
    if (now_us - s->since_us >= l->window_us) {
        *ret_held = s->held;
        *s = (struct log_limit_slot){.hash = hash, .since_us = now_us};
    }
    if (s->written == l->most) {
        s->held++;
        return false;
    }
    s->written++;
    return true;
}
