/* An Open-Locker controller in place of Modbus boards: a bus_driver (locker-fw/port/bus.h). A pulse becomes
 * one open_compartment command with a transaction of its own that the broker drops after a few seconds; their
 * response becomes the echo; their door picture becomes sensor readings, repeated while the controller shows
 * that it lives, so that the core's rules (two equal readings, no second pulse, no door that was not awaited)
 * hold as with any board. A controller that is silent for three heartbeats is a lost board: nothing is sent
 * to it. Loop's thread. */
#ifndef CONTRIB_OPENLOCKER_DRIVER_H
#define CONTRIB_OPENLOCKER_DRIVER_H

#include "base/mqtt.h"
#include "contrib/openlocker/bank.h"

struct driver_settings {
    struct loop *loop;
    const struct bank *bank;  /* must outlive the driver */
    struct mqtt_options mqtt; /* their broker */
    unsigned heartbeat_s;     /* what their controller is told, and how often it must be heard */
    int configure;            /* send apply_config until the controller has taken it */
};

/* Fills *ret with a driver whose arg is `settings`, which must outlive it. */
void driver_init(struct bus_driver *ret, const struct driver_settings *settings);

#endif
