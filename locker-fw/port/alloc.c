#include "locker-fw/port/alloc.h"

#include <stdlib.h>

void *alloc_zeroed(size_t size)
{
    void *p = calloc(1, size);

    if (!p)
        abort();
    return p;
}
