/* How often a line may be repeated: at most `most` times in a window, then it is counted. Lines are told
 * apart by a hash; the table is small, and a line that lost its place to another starts anew. Pure; not for
 * several threads at once. */
#ifndef BASE_LOG_LIMIT_H
#define BASE_LOG_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

enum { LOG_LIMIT_SLOTS = 64 };

struct log_limit {
    int most;
    int64_t window_us;
    struct log_limit_slot {
        uint64_t hash;
        int64_t since_us;
        int written, held;
    } slots[LOG_LIMIT_SLOTS];
};

/* Whether the line may be written at `now_us` (any clock that does not go back). *ret_held is how many like
 * it were held back before this one: tell it. */
bool log_limit_allows(struct log_limit *l, const char *line, int64_t now_us, int *ret_held);

#endif
