/* The words of the locker contract (doc/asyncapi.yaml): operations, states, reasons, event types, each an
 * enum with its wire name. The numbers are stored in journals: never renumber, only append. */
#ifndef LOCKER_FW_CORE_NAMES_H
#define LOCKER_FW_CORE_NAMES_H

#include <stddef.h>
#include <stdint.h>

enum op {
    OP_NONE = 0,
    OP_OPEN_DEPOSIT,   /* ref = deposit; value = deadline of the free period (business us, 0 = none) */
    OP_OPEN_PICKUP,    /* ref = deposit: a resident's signed capability or a remote open */
    OP_RECALL,         /* ref = deposit or drop-off: a courier takes the parcel out */
    OP_OPEN_SERVICE,   /* a door opened for service, no parcel involved */
    OP_DROPOFF,        /* a resident sends: ref = drop-off; compartment 0 = any free one of `size` */
    OP_RESERVE,        /* ref = deposit to come; value = when it lapses (business us); who = courier */
    OP_RELEASE,        /* ref = the reservation */
    OP_CONFIRM,        /* ref = deposit; value 1 = the parcel is in, 0 = it is not (frees the compartment) */
    OP_SET_CODE,       /* ref = deposit, value = counter: from now on this counter's code is the valid one */
    OP_EXTEND,         /* ref = deposit, value = new deadline (business us) */
    OP_EXPECT_DROPOFF, /* ref = drop-off, value = lapses (business us): its code may open one compartment */
    OP_REVOKE,         /* ref = a grant that may not be used any more, or a drop-off no longer expected */
    OP_OUT_OF_SERVICE,
    OP_IN_SERVICE, /* also clears jammed, review, uncertain, forced, sensor_conflict */
    OP_DIRTY,
    OP_CLEAN,
    OP_SET_TIME, /* nbf is the true time: lowers a high-water mark that a clock jump had raised */
    OP_COUNT
};

enum state {
    STATE_FREE = 0,
    STATE_RESERVED,
    STATE_OPENING_DEPOSIT,
    STATE_DOOR_DEPOSIT,
    STATE_OCCUPIED,
    STATE_OVERDUE,
    STATE_OPENING_PICKUP,
    STATE_DOOR_PICKUP,
    STATE_OPENING_RECALL,
    STATE_DOOR_RECALL,
    STATE_OPENING_SERVICE,
    STATE_DOOR_SERVICE,
    STATE_REVIEW,
    STATE_JAMMED,
    STATE_UNCERTAIN,
    STATE_OUT_OF_SERVICE,
    STATE_COUNT
};

/* Conditions beside the state; several may hold at once. */
enum flag { FLAG_FORCED = 1, FLAG_LEFT_OPEN = 2, FLAG_SENSOR_CONFLICT = 4, FLAG_DIRTY = 8 };

enum axis_door { DOOR_UNKNOWN = 0, DOOR_CLOSED, DOOR_OPEN };
enum axis_item { ITEM_UNKNOWN = 0, ITEM_EMPTY, ITEM_PRESENT };

enum why {
    WHY_NONE = 0,
    /* what moved the locker */
    WHY_COMMAND,
    WHY_GRANT,
    WHY_CODE,
    WHY_SENSOR,
    WHY_TIMER,
    WHY_START_UP,
    WHY_RESIDENT,
    /* why a command, grant or code is refused */
    WHY_MALFORMED,
    WHY_BAD_KEY,
    WHY_BAD_SIGNATURE,
    WHY_WRONG_LOCKER,
    WHY_WRONG_SESSION,
    WHY_BAD_SEQ,
    WHY_RETAINED,
    WHY_NOT_YET,
    WHY_EXPIRED,
    WHY_TOO_LONG,
    WHY_REPLAYED,
    WHY_REVOKED,
    WHY_NONCES_FULL,
    WHY_BAD_OP,
    WHY_BAD_COMPARTMENT,
    WHY_BAD_STATE,
    WHY_WRONG_REF,
    WHY_BOARD_LOST,
    WHY_DOOR_OPEN,
    WHY_TOO_MANY_TRIES,
    WHY_BUSY,
    WHY_QUOTA,
    WHY_FULL,
    WHY_WRONG_CODE,
    WHY_LOCKED_OUT,
    WHY_JOURNAL,
    WHY_CLOCK,
    /* why a door did not open, or what is odd about one */
    WHY_BUS,
    WHY_NO_EDGE,
    WHY_NO_ITEM,
    WHY_WRONG_DOOR,
    WHY_BOUNCING,
    /* what a resident reports after opening */
    WHY_STUCK,
    WHY_NOT_MINE,
    WHY_REFUSED,
    /* which bound a temperature has passed */
    WHY_HOT,
    WHY_COLD,
    WHY_COUNT
};

enum record_type {
    EVENT_NONE = 0,
    EVENT_BOOT,          /* value = firmware version */
    EVENT_RESERVED,      /* value = lapses at (business us) */
    EVENT_RELEASED,      /* why = command | timer */
    EVENT_INTENT,        /* op; grant; value = exp of the grant (real us) or 0 for a code: a pulse follows */
    EVENT_PULSED,        /* the board echoed the write */
    EVENT_NOT_OPENED,    /* why = bus | no_edge */
    EVENT_DOOR_OPEN,     /* a physical edge; grant = the one that opened it, or none */
    EVENT_DOOR_CLOSED,   /* a physical edge */
    EVENT_DEPOSITED,     /* ref; value = counter of its code */
    EVENT_DEPOSIT_EMPTY, /* the door was closed on nothing, or the courier says so */
    EVENT_COLLECTED,     /* ref; op = open_pickup | recall */
    EVENT_DROPPED_OFF,   /* ref of the drop-off */
    EVENT_REVIEW,        /* closed with the parcel still in it */
    EVENT_OVERDUE,       /* ref */
    EVENT_DEADLINE,      /* ref; value = deadline (business us) */
    EVENT_CODE_SET,      /* ref; value = counter */
    EVENT_EXPECTED,      /* a drop-off is announced: ref; value = lapses (business us) */
    EVENT_JAMMED,
    EVENT_FORCED,
    EVENT_LEFT_OPEN,
    EVENT_UNCERTAIN,
    EVENT_SENSOR_CONFLICT,
    EVENT_BOARD_LOST, /* value = board */
    EVENT_BOARD_BACK, /* value = board */
    EVENT_OUT_OF_SERVICE,
    EVENT_IN_SERVICE,
    EVENT_DIRTY,
    EVENT_CLEAN,
    EVENT_GRANT_SPENT, /* grant; value = its exp: used or revoked without a pulse */
    EVENT_WRONG_CODE,  /* value = wrong tries in a row */
    EVENT_LOCKED_OUT,  /* value = until (real us) */
    EVENT_REPORT,      /* ref; why = stuck | not_mine | refused */
    EVENT_TAMPER,      /* why = sensor: value = 1 opened, 0 well again | resident: the installer opened door
                          `value` */
    EVENT_MAINS,       /* value = 1 present, 0 lost */
    EVENT_CONFIG,      /* value = version */
    EVENT_FIRMWARE,    /* value = version; why = none (activated) | refused (rolled back) */
    EVENT_TIME_SET,    /* value = new high-water mark (real us) */
    EVENT_TEMPERATURE, /* value = thousandths of a degree; why = hot | cold | none: well again */
    EVENT_COUNT
};

/* Wire name of a value, or "?" when out of range. */
const char *op_name(unsigned op);
const char *state_name(unsigned state);
const char *why_name(unsigned why);
const char *event_name(unsigned event);
const char *door_name(unsigned door);
const char *item_name(unsigned item);

/* The value of a wire name, or -1. */
int op_from(const char *s, size_t len);
int why_from(const char *s, size_t len);
int event_from(const char *s, size_t len);

#endif
