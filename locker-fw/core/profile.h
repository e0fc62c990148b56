/* A board profile: what to send to open door n of a lock board and how to read its sensors, as data.
 * The interpreter refuses what the profile's `never` list forbids and what would hold a coil too long, so
 * that no state of the program above can latch a lock. Doors are 1-based, as printed on the boards. */
#ifndef LOCKER_FW_CORE_PROFILE_H
#define LOCKER_FW_CORE_PROFILE_H

#include "locker-fw/core/modbus.h"

enum { PROFILE_DOORS = 48, PROFILE_NEVER = 8, PROFILE_BLOCK = 4, PULSE_MS_MAX = 1000, PULSE_STEPS = 3 };

enum profile_style {
    STYLE_COIL_VALUE_MS,     /* FC05, the value is the time */
    STYLE_COIL_FLASH_OFFSET, /* the same in a block of addresses of its own */
    STYLE_COIL_LEVEL,        /* FC05 on; the host, or a width register, ends it */
    STYLE_REG_VALUE,         /* FC06 with a fixed command word */
    STYLE_REG_BLOCK,         /* FC16 with a few registers, one of them the time */
    STYLE_COUNT
};

enum profile_space { SPACE_NONE, SPACE_COIL, SPACE_DISCRETE, SPACE_INPUT, SPACE_HOLDING, SPACE_COUNT };
enum profile_layout { LAYOUT_BIT, LAYOUT_WORD, LAYOUT_BITMAP, LAYOUT_COUNT };

struct profile_open {
    uint8_t style;
    uint16_t base, stride;
    uint16_t unit_ms;   /* of the time in the value; styles with a time in it */
    uint16_t max_ms;    /* longest pulse the board may be asked for, at most PULSE_MS_MAX */
    uint16_t pulse_ms;  /* what is asked for */
    uint16_t on, off;   /* STYLE_COIL_LEVEL and STYLE_REG_VALUE */
    uint8_t host_timed; /* the host sends `off` after pulse_ms */
    uint16_t block[PROFILE_BLOCK];
    uint8_t block_count, block_time; /* registers, and which of them is the time */
    uint16_t width_base;             /* 32-bit pulse width registers, two per door; 0: none */
    uint16_t width_unit_us;
    uint8_t width_low_first;
};

struct profile_input {
    uint8_t space, layout;
    uint16_t base, stride; /* stride: registers between doors of LAYOUT_WORD */
    uint8_t active;        /* level that means open / present */
};

/* Writes that are never sent: function (0 any), address range, value range. */
struct profile_never {
    uint8_t fc;
    uint16_t address, address_to, value, value_to;
};

struct profile {
    char name[33];
    uint8_t unit; /* the factory's */
    uint32_t baud;
    char parity;     /* 'N' 'E' 'O' */
    uint16_t gap_ms; /* quiet time between a reply and the next request */
    uint16_t response_ms;
    uint8_t doors;
    uint8_t addr_base; /* 1: addresses below are written 1-based and go out less one */
    struct profile_open open;
    struct profile_input door, item;
    struct profile_input temperature; /* one word; space none: no sensor */
    int16_t temperature_scale;        /* thousandths of a degree per step */
    uint8_t temperature_signed;
    struct profile_input tamper, mains; /* one level each; active: opened, present */
    struct profile_input probe;         /* what every such board answers */
    struct profile_never never[PROFILE_NEVER];
    uint8_t never_count;
};

/* One write of a pulse; wait_ms passes before it. */
struct profile_step {
    uint16_t wait_ms;
    struct modbus_pdu pdu;
};

/* NULL when the profile is sound, else what is wrong with it. */
const char *profile_fault(const struct profile *p);

/* The writes that open a door, in order: how many, or -1 when refused. The last is the off-write when the
 * host times the pulse. */
int profile_pulse(const struct profile *p, unsigned door, struct profile_step ret_steps[PULSE_STEPS]);

/* 1 when the never list, the broadcast rule or the time limit forbids this write. */
int profile_forbids(const struct profile *p, uint8_t unit, const struct modbus_pdu *pdu);

/* The read of a whole vector, of doors 1..count. 0, or -1 when the space is none. */
int profile_read(const struct profile *p, const struct profile_input *in, unsigned count,
                 struct modbus_pdu *ret_pdu);
/* Door (1-based) from a checked answer to that read: 1 active (open, present), 0 not. */
int profile_level(const struct profile_input *in, const uint8_t *pdu, unsigned door);
/* Thousandths of a degree from a checked one-word answer. */
int32_t profile_temperature(const struct profile *p, const uint8_t *pdu);

#endif
