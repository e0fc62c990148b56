/* The journal file: a snapshot of the core, then records of fixed size. It survives a power cut at any byte:
 *
 *   journal = snapshot | mac before the first record | records up to the snapshot's own seq (kept only to be
 * sent) | later records (replayed)
 *
 * A record counts once journal_sync has returned; what a cut leaves half-written behind that is cut off at
 * the next start. Acknowledged records are dropped by writing a new file beside and renaming it over. After
 * one failed write or fdatasync the journal stays failed: what the kernel then holds cannot be known. It is
 * closed and opened again instead, and opening writes all of it into a new file: pages that a failed
 * fdatasync left clean but unwritten (readable now, gone after a power cut) are not built upon. Room for some
 * ten thousand records is reserved ahead, so that a disk that somebody else fills is known long before it
 * hurts. One thread. */
#ifndef LOCKER_FW_PORT_JOURNAL_H
#define LOCKER_FW_PORT_JOURNAL_H

#include "base/error.h"
#include "locker-fw/core/core.h"

struct journal;

/* Opens or creates `journal` in a directory, locks it, and brings the core (fresh from core_init) to the
 * state that it holds. NULL with *err: locked, unreadable, damaged before its end, or of another locker's
 * secret. */
struct journal *journal_open(const char *dir, struct core *core, struct error *err);
void journal_close(struct journal *j);

/* A journal without a file, as after a failure: takes nothing, holds nothing. */
struct journal *journal_failed(void);

/* 1 when the room ahead could not be reserved: the disk is nearly full. */
int journal_is_low(const struct journal *j);

/* Appends; not yet on the medium. 0 or -1. */
int journal_append(struct journal *j, const struct record *r);

/* 0 when everything appended is on the medium. Cheap when nothing was appended. */
int journal_sync(struct journal *j);

/* Reads up to max synced records that follow the first `skip` unacknowledged ones; returns how many. ret_prev
 * gets the mac before the first. All are of one boot. -1 on a read error. */
int journal_read(struct journal *j, uint64_t skip, struct record *ret_records, int max,
                 uint8_t ret_prev[RECORD_MAC]);

/* How many records are synced and not acknowledged. */
uint64_t journal_backlog(const struct journal *j);

/* Everything up to (boot, upto) is stored elsewhere for good. Returns how many records that newly
 * acknowledges. Rewrites the file when much of it is no longer needed; -1 when that fails (the old file
 * stays). */
int64_t journal_acknowledge(struct journal *j, uint32_t boot, uint32_t upto, const struct core *core,
                            struct error *err);

#endif
