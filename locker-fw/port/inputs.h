/* Inputs of the computer itself, as files that hold a number: a GPIO line or a power supply in sysfs, a
 * thermal zone.
 * "!PATH" inverts a yes-or-no input. */
#ifndef LOCKER_FW_PORT_INPUTS_H
#define LOCKER_FW_PORT_INPUTS_H

#include "locker-fw/core/box.h"

enum { INPUT_PATH_MAX = 256 };

struct inputs {
    char path[BOX_INPUTS][INPUT_PATH_MAX]; /* "": none */
    uint8_t failed[BOX_INPUTS];            /* said so already */
};

/* Reads all of them into place 0 of the box. What cannot be read is logged once and left out. */
void inputs_read(struct inputs *in, struct box *b, int64_t now_ms);

#endif
