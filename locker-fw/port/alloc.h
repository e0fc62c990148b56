/* Memory or the end of the program: a controller that cannot get some kilobytes is started anew by its
 * supervisor. */
#ifndef LOCKER_FW_PORT_ALLOC_H
#define LOCKER_FW_PORT_ALLOC_H

#include <stddef.h>

void *alloc_zeroed(size_t size) __attribute__((malloc, returns_nonnull));

#endif
