/* The controller's settings: the table behind the file, the command line, --show-config and the manual page.
 */
#ifndef LOCKER_FW_PORT_SETTINGS_H
#define LOCKER_FW_PORT_SETTINGS_H

#include "base/config.h"
#include "locker-fw/port/cabinet.h"
#include "locker-fw/port/uplink.h"

extern const struct config_setting locker_settings[];
extern const int locker_setting_count;

/* Keys are read from their files. Texts point into the configuration. 0, or -1 with *err. */
int settings_cabinet(const struct config *c, struct cabinet_settings *ret, struct error *err);
int settings_uplink(const struct config *c, struct uplink_settings *ret, struct error *err);

/* Takes the body of a signed configuration message, lines of "limits.name = value": only limits may come from
 * outside. All limits then in force are kept in locker.journal. 0, or -1 with *err and c as it was. */
int settings_take_remote(struct config *c, const char *body, struct error *err);

/* What was kept by settings_take_remote stands above file and command line. 0, also when nothing was. */
int settings_restore(struct config *c, struct error *err);

#endif
