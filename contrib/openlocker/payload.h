/* Messages of Open-Locker's MQTT contract (https://github.com/Open-Locker/Open-Locker,
 * docs/asyncapi/mqtt.yaml, version 0.1.0-alpha with its JSON Schemas; read on 2026-07-20). Only facts were
 * taken over: topics, member names, error codes, lifecycles. Unknown members are allowed there, so they are
 * passed over here; whatever a decision rests on is checked. Writers fill a caller's buffer and return the
 * length, or -1; readers return 0 or -1 with *err. Pure. */
#ifndef CONTRIB_OPENLOCKER_PAYLOAD_H
#define CONTRIB_OPENLOCKER_PAYLOAD_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/id.h"

enum { PAYLOAD_MAX = 32768, PAYLOAD_DOORS = 128, PAYLOAD_WORD_MAX = 64 };

struct payload_ids {
    struct uuid message, transaction;
    int64_t now_us; /* real */
};

int payload_open(const struct payload_ids *ids, unsigned compartment, char *buffer, size_t cap);

/* Where a compartment hangs at their controller. */
struct payload_place {
    unsigned compartment, slave, address;
};

/* places must be in the order of compartments: their hash covers exactly these bytes. ret_hash: 64 hex digits
 * and a NUL, which the answer must repeat. */
int payload_apply_config(const struct payload_ids *ids, const struct payload_place *places, unsigned n,
                         unsigned heartbeat_s, char *buffer, size_t cap, char ret_hash[65]);

struct payload_response {
    struct uuid transaction; /* zero when it is no UUID, so none of ours */
    char action[PAYLOAD_WORD_MAX];
    int success;
    char code[PAYLOAD_WORD_MAX]; /* of an error */
    char hash[65];               /* applied_config_hash, or "" */
};
int payload_read_response(const char *s, size_t len, struct payload_response *ret, struct error *err);

/* What an error code says of a pulse, as bus_report.sent: 0 nothing was sent to the lock, -1 that is not
 * known. */
int payload_pulse_of(const char *error_code);

enum payload_door { PAYLOAD_ABSENT = 0, PAYLOAD_OPEN, PAYLOAD_CLOSED, PAYLOAD_UNKNOWN };

/* door[n - 1] for compartments 1..PAYLOAD_DOORS; others are counted in ret_others. A compartment that is
 * named twice makes the whole picture wrong. */
int payload_read_snapshot(const char *s, size_t len, uint8_t door[PAYLOAD_DOORS], unsigned *ret_others,
                          struct error *err);

int payload_read_heartbeat(const char *s, size_t len, int64_t *ret_uptime_s, struct error *err);
/* The status is always "offline". */
int payload_read_connection(const char *s, size_t len, char ret_reason[PAYLOAD_WORD_MAX], struct error *err);
int payload_read_event(const char *s, size_t len, char ret_event[PAYLOAD_WORD_MAX], struct error *err);

#endif
