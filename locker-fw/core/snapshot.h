/* The core's whole lasting state in one block of bytes, so that a journal can be cut: a new journal file is
 * this block, then the records not yet acknowledged (already contained in it), then what follows.
 *
 * Bytes: "YZS1", length of the rest u32, contents little-endian, mac[32] = HMAC-SHA256(chain key, all
 * before). */
#ifndef LOCKER_FW_CORE_SNAPSHOT_H
#define LOCKER_FW_CORE_SNAPSHOT_H

#include "locker-fw/core/core.h"

enum { SNAPSHOT_HEAD = 8, SNAPSHOT_MAX = 65536 };

/* Bytes written, or -1 when cap is too small; SNAPSHOT_MAX always suffices. */
int snapshot_save(const struct core *c, uint8_t *buffer, size_t cap);

/* Size of the whole block from its first SNAPSHOT_HEAD bytes, or -1 when it is none. */
int snapshot_size(const uint8_t *head);

/* Into a core fresh from core_init: 0, or -1 when the mac or a value is wrong (then the core is as it was).
 */
int snapshot_load(struct core *c, const uint8_t *bytes, size_t len);

#endif
