/* Board profiles as INI files: sections [profile] [open] [door] [item] [temperature] [probe] [never]. Every
 * key is in one table; unknown keys, values out of range and unsound profiles are errors that name the line.
 */
#ifndef LOCKER_FW_PORT_PROFILE_FILE_H
#define LOCKER_FW_PORT_PROFILE_FILE_H

#include "base/error.h"
#include "locker-fw/core/profile.h"

/* 0, or -1 with *err; *ret_profile is untouched on failure. */
int profile_load(const char *path, struct profile *ret_profile, struct error *err);

/* Adds one input of the box itself to a profile: name "tamper", "mains" or "temperature"; text
 * "SPACE:ADDRESS", then
 * ":low" for an inverted level, or ":STEP" for the thousandths of a degree of a step (100). 0 or -1. */
int profile_add_input(struct profile *p, const char *name, const char *text);

/* The same from text; `name` is for messages. */
int profile_parse(const char *text, const char *name, struct profile *ret_profile, struct error *err);

#endif
