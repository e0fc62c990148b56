/* A mailbox: other threads put messages in, the loop takes them out in order. The loop is woken by an
 * eventfd, and only when the box was empty. */
#ifndef BASE_MAILBOX_H
#define BASE_MAILBOX_H

#include "base/loop.h"

#include <stddef.h>

struct mailbox;

/* `take` is called on the loop with each message, which it then owns. At most `limit` messages wait. */
struct mailbox *mailbox_new(struct loop *l, size_t limit, void (*take)(void *arg, void *message), void *arg);

/* Any thread. 0, or -1 when the box is full (the caller keeps the message). */
int mailbox_put(struct mailbox *m, void *message);

/* Loop's thread, when no other thread can put any more. Messages still inside are given to `drop` (may be
 * NULL). */
void mailbox_free(struct mailbox *m, void (*drop)(void *message));

#endif
