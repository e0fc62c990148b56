/* Every setting of yizhand. */
#ifndef DAEMON_SETTINGS_H
#define DAEMON_SETTINGS_H

#include "base/config.h"

extern const struct config_setting daemon_settings[];
extern const int daemon_setting_count;

#endif
