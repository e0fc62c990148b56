/* What the box itself senses: tamper switches, the mains, temperatures, each perhaps at several places.
 * Readings go in, alarms come out: one at once when something becomes wrong, its end only after it has been
 * well for a while, so that a loose contact cannot fill the journal. A place that has not been read for long
 * counts as unknown: it neither raises nor ends an alarm. Pure; times in ms of any monotonic clock. */
#ifndef LOCKER_FW_CORE_BOX_H
#define LOCKER_FW_CORE_BOX_H

#include "locker-fw/core/names.h"

enum {
    BOX_SOURCES = 17,
    BOX_STALE_MS = 60000,
    BOX_CLEAR_MS = 10000,
    BOX_BAND_MC = 2000,
    BOX_MIN_MC = -100000,
    BOX_MAX_MC = 200000
};

enum box_input {
    BOX_TAMPER,      /* 1: opened or moved */
    BOX_MAINS,       /* 1: present */
    BOX_TEMPERATURE, /* thousandths of a degree Celsius */
    BOX_INPUTS
};

enum box_alarm { BOX_ALARM_TAMPER, BOX_ALARM_MAINS, BOX_ALARM_HOT, BOX_ALARM_COLD, BOX_ALARMS };

struct box {
    int32_t hot_mc, cold_mc; /* alarm above, below */
    struct {
        int32_t value;
        int64_t at_ms;
        uint8_t known;
    } reading[BOX_SOURCES][BOX_INPUTS];
    uint8_t alarm[BOX_ALARMS];
    int64_t well_ms[BOX_ALARMS]; /* since when it has been well; 0: it is not */
};

/* The picture of now: -1 where nothing is known. */
struct box_picture {
    int8_t tamper, mains;
    uint8_t has_temperature;
    int32_t hottest_mc, coldest_mc;
};

/* A record to write: EVENT_TAMPER, EVENT_MAINS or EVENT_TEMPERATURE with its reason and value (names.h). */
struct box_change {
    uint8_t type, why;
    int32_t value;
};

void box_init(struct box *b, int32_t hot_mc, int32_t cold_mc);

/* One reading of a place (0..BOX_SOURCES-1). A temperature that no locker can have is a broken sensor's and
 * is left out. */
void box_read(struct box *b, unsigned source, enum box_input input, int32_t value, int64_t now_ms);

struct box_picture box_picture(const struct box *b, int64_t now_ms);

/* What has changed since the last call; returns how many. now_ms must not be 0. */
int box_judge(struct box *b, int64_t now_ms, struct box_change ret[BOX_ALARMS]);

#endif
