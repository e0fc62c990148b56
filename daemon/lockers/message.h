/* What lockers say over MQTT (doc/asyncapi.yaml), read strictly: a missing, unknown or ill-typed member is an
 * error that names it. Pure. */
#ifndef DAEMON_LOCKERS_MESSAGE_H
#define DAEMON_LOCKERS_MESSAGE_H

#include "base/error.h"
#include "locker-fw/core/grant.h"
#include "locker-fw/core/record.h"

#include <jansson.h>
#include <stdbool.h>

enum { MESSAGE_RECORDS_MAX = 64, MESSAGE_BYTES_MAX = 65536 };

struct message_conn {
    bool on;
    uint32_t boot;
    uint64_t sess;
    uint32_t epoch;
    int64_t at; /* the locker's real clock, 0 when it does not say */
};

enum res_status {
    RES_ACCEPTED,
    RES_PULSED,
    RES_OPENED,
    RES_NOT_OPENED,
    RES_CLOSED,
    RES_DONE,
    RES_REFUSED,
    RES_STATUSES
};

struct message_res {
    uint8_t cmd_id[16];
    enum res_status status;
    enum why why;
    int compartment;
};

struct message_ev {
    uint32_t boot;
    uint8_t prev[RECORD_MAC];
    int n;
    struct record records[MESSAGE_RECORDS_MAX];
};

int message_conn_read(json_t *in, struct message_conn *ret, struct error *err);
int message_res_read(json_t *in, struct message_res *ret, struct error *err);
int message_ev_read(json_t *in, struct message_ev *ret, struct error *err);

/* The payload of a command whose grant has been filled in and signed. New reference, or NULL when a field of
 * the grant cannot be written. */
json_t *message_cmd(const struct grant *g, const uint8_t sig[64]);

/* The payload of an acknowledgement. New reference. */
json_t *message_evack(uint32_t boot, uint32_t upto, const uint8_t mac[RECORD_MAC]);

#endif
