#include "locker-fw/core/names.h"

#include <string.h>

static const char *const ops[OP_COUNT] = {
    "none",    "open_deposit",   "open_pickup", "recall",   "open_service", "dropoff",
    "reserve", "release",        "confirm",     "set_code", "extend",       "expect_dropoff",
    "revoke",  "out_of_service", "in_service",  "dirty",    "clean",        "set_time",
};

static const char *const states[STATE_COUNT] = {
    "free",           "reserved",    "opening_deposit", "door_deposit",   "occupied",        "overdue",
    "opening_pickup", "door_pickup", "opening_recall",  "door_recall",    "opening_service", "door_service",
    "review",         "jammed",      "uncertain",       "out_of_service",
};

static const char *const whys[WHY_COUNT] = {
    "none",          "command",      "grant",           "code",       "sensor",
    "timer",         "start_up",     "resident",        "malformed",  "bad_key",
    "bad_signature", "wrong_locker", "wrong_session",   "bad_seq",    "retained",
    "not_yet",       "expired",      "too_long",        "replayed",   "revoked",
    "nonces_full",   "bad_op",       "bad_compartment", "bad_state",  "wrong_ref",
    "board_lost",    "door_open",    "too_many_tries",  "busy",       "quota",
    "full",          "wrong_code",   "locked_out",      "journal",    "clock",
    "bus",           "no_edge",      "no_item",         "wrong_door", "bouncing",
    "stuck",         "not_mine",     "refused",         "hot",        "cold",
};

static const char *const events[EVENT_COUNT] = {
    "none",        "boot",           "reserved",    "released",  "intent",          "pulsed",
    "not_opened",  "door_open",      "door_closed", "deposited", "deposit_empty",   "collected",
    "dropped_off", "review",         "overdue",     "deadline",  "code_set",        "expected",
    "jammed",      "forced",         "left_open",   "uncertain", "sensor_conflict", "board_lost",
    "board_back",  "out_of_service", "in_service",  "dirty",     "clean",           "grant_spent",
    "wrong_code",  "locked_out",     "report",      "tamper",    "mains",           "config",
    "firmware",    "time_set",       "temperature",
};

static const char *const doors[] = {"unknown", "closed", "open"};
static const char *const items[] = {"unknown", "empty", "present"};

static const char *name_of(const char *const *names, unsigned count, unsigned i)
{
    return i < count ? names[i] : "?";
}

static int name_find(const char *const *names, int count, const char *s, size_t len)
{
    for (int i = 0; i < count; i++) {
        if (strlen(names[i]) == len && memcmp(names[i], s, len) == 0)
            return i;
    }
    return -1;
}

const char *op_name(unsigned op)
{
    return name_of(ops, OP_COUNT, op);
}

const char *state_name(unsigned state)
{
    return name_of(states, STATE_COUNT, state);
}

const char *why_name(unsigned why)
{
    return name_of(whys, WHY_COUNT, why);
}

const char *event_name(unsigned event)
{
    return name_of(events, EVENT_COUNT, event);
}

const char *door_name(unsigned door)
{
    return name_of(doors, 3, door);
}

const char *item_name(unsigned item)
{
    return name_of(items, 3, item);
}

int op_from(const char *s, size_t len)
{
    return name_find(ops, OP_COUNT, s, len);
}

int why_from(const char *s, size_t len)
{
    return name_find(whys, WHY_COUNT, s, len);
}

int event_from(const char *s, size_t len)
{
    return name_find(events, EVENT_COUNT, s, len);
}
