/* The controller's side of the MQTT contract (doc/asyncapi.yaml): connection and state pictures, the
 * journal's way to the database, commands and their results. Loop's thread. */
#ifndef LOCKER_FW_PORT_UPLINK_H
#define LOCKER_FW_PORT_UPLINK_H

#include "base/error.h"
#include "base/mqtt.h"
#include "locker-fw/port/cabinet.h"
#include "locker-fw/port/message.h"

struct uplink_settings {
    const char *url, *ca, *cert, *key; /* files; "" for none */
    char site[GRANT_NAME_MAX + 1], locker[GRANT_NAME_MAX + 1];
    uint32_t epoch;
};

struct uplink;

/* A configuration or firmware notice whose signature and version were found good. */
typedef void uplink_notice_fn(void *arg, int firmware, const struct signed_notice *n);

struct uplink *uplink_new(struct loop *l, const struct uplink_settings *settings, struct cabinet *cabinet,
                          uplink_notice_fn *notice, void *arg, struct error *err);
void uplink_free(struct uplink *u);
int uplink_is_up(const struct uplink *u);

/* For the cabinet's watcher. */
void uplink_result(struct uplink *u, const struct core_result *r);
void uplink_changed(struct uplink *u);
void uplink_renewed(struct uplink *u);

#endif
