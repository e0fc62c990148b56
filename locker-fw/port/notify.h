/* The service manager's notification protocol (sd_notify(3)): a datagram to $NOTIFY_SOCKET. Written here
 * because libsystemd would bring five more libraries into a small box. */
#ifndef LOCKER_FW_PORT_NOTIFY_H
#define LOCKER_FW_PORT_NOTIFY_H

#include <stdint.h>

/* "READY=1", "STOPPING=1", "RELOADING=1", "WATCHDOG=1". Does nothing when nobody asked. */
void notify_manager(const char *state);

/* Microseconds within which the manager wants a WATCHDOG=1, or 0. */
int64_t notify_watchdog_us(void);

#endif
