#include "locker-fw/core/box.h"

#include <string.h>

void box_init(struct box *b, int32_t hot_mc, int32_t cold_mc)
{
    memset(b, 0, sizeof *b);
    b->hot_mc = hot_mc;
    b->cold_mc = cold_mc;
}

void box_read(struct box *b, unsigned source, enum box_input input, int32_t value, int64_t now_ms)
{
    if (source >= BOX_SOURCES || input >= BOX_INPUTS ||
        (input == BOX_TEMPERATURE && (value < BOX_MIN_MC || value > BOX_MAX_MC)))
        return;
    b->reading[source][input].value = value;
    b->reading[source][input].at_ms = now_ms;
    b->reading[source][input].known = 1;
}

/* Lowest and highest of an input; 0 when nothing is known. */
static int range(const struct box *b, enum box_input input, int64_t now_ms, int32_t *ret_low,
                 int32_t *ret_high)
{
    int known = 0;

    for (int i = 0; i < BOX_SOURCES; i++) {
        int32_t v = b->reading[i][input].value;

        if (!b->reading[i][input].known || now_ms - b->reading[i][input].at_ms > BOX_STALE_MS)
            continue;
        *ret_low = known && *ret_low < v ? *ret_low : v;
        *ret_high = known && *ret_high > v ? *ret_high : v;
        known = 1;
    }
    return known;
}

struct box_picture box_picture(const struct box *b, int64_t now_ms)
{
    struct box_picture p = {.tamper = -1, .mains = -1};
    int32_t low, high;

    if (range(b, BOX_TAMPER, now_ms, &low, &high))
        p.tamper = high != 0;
    if (range(b, BOX_MAINS, now_ms, &low, &high))
        p.mains = low != 0;
    p.has_temperature = (uint8_t)range(b, BOX_TEMPERATURE, now_ms, &p.coldest_mc, &p.hottest_mc);
    return p;
}

/* 1 wrong, 0 well, -1 not known; a temperature within the band keeps its alarm. */
static int is_wrong(const struct box *b, enum box_alarm a, const struct box_picture *p)
{
    int32_t band = b->alarm[a] ? BOX_BAND_MC : 0;

    switch (a) {
    case BOX_ALARM_TAMPER:
        return p->tamper;
    case BOX_ALARM_MAINS:
        return p->mains < 0 ? -1 : !p->mains;
    case BOX_ALARM_HOT:
        return p->has_temperature ? p->hottest_mc > b->hot_mc - band : -1;
    default:
        return p->has_temperature ? p->coldest_mc < b->cold_mc + band : -1;
    }
}

static struct box_change change_of(enum box_alarm a, int raised, const struct box_picture *p)
{
    switch (a) {
    case BOX_ALARM_TAMPER:
        return (struct box_change){EVENT_TAMPER, WHY_SENSOR, raised};
    case BOX_ALARM_MAINS:
        return (struct box_change){EVENT_MAINS, WHY_SENSOR, !raised};
    case BOX_ALARM_HOT:
        return (struct box_change){EVENT_TEMPERATURE, raised ? WHY_HOT : WHY_NONE, p->hottest_mc};
    default:
        return (struct box_change){EVENT_TEMPERATURE, raised ? WHY_COLD : WHY_NONE, p->coldest_mc};
    }
}

int box_judge(struct box *b, int64_t now_ms, struct box_change ret[BOX_ALARMS])
{
    struct box_picture p = box_picture(b, now_ms);
    int n = 0;

    for (int a = 0; a < BOX_ALARMS; a++) {
        int wrong = is_wrong(b, (enum box_alarm)a, &p);

        if (wrong != 0 || !b->alarm[a])
            b->well_ms[a] = 0;
        else if (b->well_ms[a] == 0)
            b->well_ms[a] = now_ms;
        if (wrong == 1 ? b->alarm[a] : b->well_ms[a] == 0 || now_ms - b->well_ms[a] < BOX_CLEAR_MS)
            continue;
        b->alarm[a] = wrong == 1;
        b->well_ms[a] = 0;
        ret[n++] = change_of((enum box_alarm)a, wrong == 1, &p);
    }
    return n;
}
