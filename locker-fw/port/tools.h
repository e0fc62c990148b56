/* What an installer does at the box, and the request for a new firmware slot. */
#ifndef LOCKER_FW_PORT_TOOLS_H
#define LOCKER_FW_PORT_TOOLS_H

#include "base/config.h"

/* Exit codes: 0 good, 1 not. They speak on stdout and stderr. */
int tool_check_profiles(int count, char **paths);
int tool_check_wiring(const struct config *c);
int tool_scan(int argc, char **argv, const char *profiles);
/* Asks for a written yes, opens one door and tells what the sensors see. The controller must be stopped: its
 * journal is locked meanwhile, and the opening is recorded in it. */
int tool_try_door(const struct config *c, const char *door);

/* Leaves a request (version, url, sha256) in the folder for yizhan-slots, which fetches, checks and switches.
 * 0 or -1 with *err. */
int slot_request(const char *dir, int64_t version, const char *url, const char *sha256, struct error *err);

/* Takes up what yizhan-slots has left: 1 with the version and whether it was activated, 0 when there is
 * nothing. */
int slot_result(const char *dir, int64_t *ret_version, int *ret_activated);
/* Once it is in the journal. */
void slot_forget(const char *dir);

#endif
