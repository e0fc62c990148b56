/* What goes out: word to couriers' open pages, notices to recipients (to a file, and to a webhook of the
 * operator's message gateway where one is set) and webhooks to senders, signed as Standard Webhooks 1.0.0
 * asks. Rows come from the table app.outbox, where they were written in the transaction of their cause; each
 * is tried until it is taken, at least once, with growing pauses. */
#ifndef DAEMON_OUTBOX_OUTBOX_H
#define DAEMON_OUTBOX_OUTBOX_H

#include "base/clock.h"
#include "base/loop.h"
#include "daemon/io/db.h"
#include "daemon/io/lease.h"
#include "daemon/io/outgoing.h"

#include <stdbool.h>

struct outbox;

struct outbox_options {
    struct lease *lease;    /* borrowed: only rows of zones held go out */
    const char *directory;  /* notices are appended to notices.jsonl there; "" for none */
    const char *notice_url; /* "" for none */
    struct outgoing_options outgoing;
    /* The code of a deposit; false when its locker is not known (yet): the notice is tried again later. */
    bool (*code)(void *arg, const char *locker, const char *deposit_id, uint32_t counter, char ret_code[9]);
    /* Word for a courier's open page (his id; JSON); who has none open asks when he opens it. */
    void (*courier)(void *arg, const char *courier, const char *payload);
    void *arg; /* of code and courier */
};

/* NULL with err when the directory cannot be written. */
struct outbox *outbox_new(struct loop *l, struct db *db, const struct clock *clock,
                          const struct outbox_options *o, struct error *err);
void outbox_free(struct outbox *b);
/* Something may have been written. */
void outbox_kick(struct outbox *b);

#endif
