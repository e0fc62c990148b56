/* The payloads of the locker contract (doc/asyncapi.yaml) as text. Writers fill a caller's buffer and return
 * the length, or -1 when it does not fit; readers are strict. Pure. */
#ifndef LOCKER_FW_PORT_MESSAGE_H
#define LOCKER_FW_PORT_MESSAGE_H

#include "base/error.h"
#include "locker-fw/core/box.h"
#include "locker-fw/core/core.h"

enum { MESSAGE_MAX = 65536, MESSAGE_RECORDS = 64, SIGNED_BODY_MAX = 16384 };

struct conn_facts {
    int on;
    uint64_t sess;
    const char *firmware, *profile; /* profile: hash of profiles and wiring */
    uint32_t epoch;
    uint64_t backlog;
    int64_t now_us; /* real */
};
int message_conn(const struct core *c, const struct conn_facts *f, char *buffer, size_t cap);
/* The alarms that `state` names: the box's, then the journal cannot be written, the disk is nearly full. */
enum { STATE_ALARM_JOURNAL = BOX_ALARMS, STATE_ALARM_DISK, STATE_ALARMS };

/* box may be NULL. */
int message_state(const struct core *c, const struct box_picture *box, const uint8_t alarms[STATE_ALARMS],
                  int64_t business_us, char *buffer, size_t cap);
int message_events(const struct record *records, int n, const uint8_t prev[RECORD_MAC], char *buffer,
                   size_t cap);
int message_result(const struct core_result *r, uint64_t sess, int64_t business_us, char *buffer, size_t cap);

struct metric {
    const char *name;
    double value;
};
int message_measures(const struct metric *metrics, int n, uint64_t sess, int64_t now_us, char *buffer,
                     size_t cap);

/* A command: the grant and its signature. */
int message_read_command(const char *s, size_t len, struct grant *ret_grant, uint8_t ret_sig[64],
                         struct error *err);

int message_read_ack(const char *s, size_t len, uint32_t *ret_boot, uint32_t *ret_upto,
                     uint8_t ret_mac[RECORD_MAC], struct error *err);

/* A signed configuration or firmware notice. `signed_text` is what the signature covers, for this locker. */
struct signed_notice {
    int64_t version;
    char body[SIGNED_BODY_MAX + 1]; /* configuration: the text; firmware: the url */
    char sha256[65];                /* firmware only */
    char key_id[GRANT_KEY_ID_MAX + 1];
    uint8_t sig[64];
    char signed_text[SIGNED_BODY_MAX + 160];
};
int message_read_config(const char *s, size_t len, const char *locker, struct signed_notice *ret,
                        struct error *err);
int message_read_firmware(const char *s, size_t len, const char *locker, struct signed_notice *ret,
                          struct error *err);

#endif
