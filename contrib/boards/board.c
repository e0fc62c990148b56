#include "contrib/boards/board.h"

#include <string.h>

enum { BOLT_MS = 30, UNLOCKED_MS = 5000, DEFAULT_HOLD_MS = 500, MOMENTARY_MS = 1000 };
enum { ILLEGAL_FUNCTION = 1, ILLEGAL_ADDRESS = 2, ILLEGAL_VALUE = 3 };

void board_init(struct board *b, const struct profile *p, board_ledger_fn *ledger, void *arg)
{
    memset(b, 0, sizeof *b);
    b->profile = p;
    b->ledger = ledger;
    b->arg = arg;
    b->mains = 1;
    b->temperature = p->temperature_scale ? (uint16_t)(25000 / p->temperature_scale) : 0;
    for (int i = 0; i < PROFILE_DOORS; i++)
        b->door[i].width_ms = DEFAULT_HOLD_MS;
}

static void tell(struct board *b, unsigned door, const char *event, long detail)
{
    if (b->ledger)
        b->ledger(b->arg, door, event, detail);
}

static struct board_door *door_of(struct board *b, unsigned door)
{
    return door >= 1 && door <= b->profile->doors ? &b->door[door - 1] : NULL;
}

int board_open(struct board *b, unsigned door, int64_t now, int by_force)
{
    struct board_door *d = door_of(b, door);

    if (!d || d->open || (!by_force && !d->relay && now > d->unlocked_until))
        return -1;
    d->open = 1;
    d->close_at = b->auto_close_us ? now + b->auto_close_us : 0;
    b->timers += d->close_at != 0;
    tell(b, door, "door_open", by_force);
    return 0;
}

int board_close(struct board *b, unsigned door)
{
    struct board_door *d = door_of(b, door);

    if (!d || !d->open)
        return -1;
    d->open = 0;
    b->timers -= d->close_at != 0;
    d->close_at = 0;
    d->unlocked_until = 0;
    tell(b, door, "door_closed", 0);
    return 0;
}

int board_item(struct board *b, unsigned door, int in)
{
    struct board_door *d = door_of(b, door);

    if (!d || !d->open || d->item == in)
        return -1;
    d->item = (uint8_t)in;
    tell(b, door, in ? "item_in" : "item_out", 0);
    return 0;
}

static void relay_off(struct board *b, unsigned door, int64_t now)
{
    struct board_door *d = &b->door[door - 1];

    if (!d->relay)
        return;
    d->relay = 0;
    b->relays_on--;
    tell(b, door, "pulse_off", (long)((now - d->relay_since) / 1000));
}

/* hold_ms 0: until switched off; -1: latched on for ever. */
static void relay_on(struct board *b, unsigned door, long hold_ms, int64_t now)
{
    struct board_door *d = &b->door[door - 1], *moved;
    unsigned bolt = d->crossed ? d->crossed : door;

    d->relay_until = hold_ms > 0 ? now + hold_ms * 1000 : 0;
    if (!d->relay) {
        d->relay = 1;
        d->relay_since = now;
        b->relays_on++;
    }
    tell(b, door, hold_ms < 0 ? "latched" : "pulse_on", hold_ms);
    moved = door_of(b, bolt);
    if (d->stuck_relay || !moved)
        return;
    moved->unlocked_until = now + UNLOCKED_MS * 1000;
    if (b->auto_open)
        board_open(b, bolt, now, 0);
}

/* Somebody stands before the door: puts something in when it is empty, takes it when it is not. */
static void person_closes(struct board *b, unsigned door)
{
    board_item(b, door, !b->door[door - 1].item);
    board_close(b, door);
}

int64_t board_tick(struct board *b, int64_t now)
{
    int64_t next = 0;

    if (b->relays_on == 0 && b->timers == 0)
        return 0;
    for (unsigned door = 1; door <= b->profile->doors; door++) {
        struct board_door *d = &b->door[door - 1];

        if (d->relay && d->relay_until && now >= d->relay_until)
            relay_off(b, door, d->relay_until);
        if (d->close_at && now >= d->close_at)
            person_closes(b, door);
        if (d->relay && d->relay_until && (!next || d->relay_until < next))
            next = d->relay_until;
        if (d->close_at && (!next || d->close_at < next))
            next = d->close_at;
    }
    return next;
}

void board_power_cut(struct board *b, int64_t now)
{
    for (unsigned door = 1; door <= b->profile->doors; door++)
        relay_off(b, door, now);
}

static uint16_t word_at(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

/* The door an address belongs to, or 0. */
static unsigned door_at(const struct board *b, unsigned base, unsigned stride, unsigned address)
{
    unsigned from = base - b->profile->addr_base;

    if (address < from || (address - from) % stride != 0 || (address - from) / stride >= b->profile->doors)
        return 0;
    return (address - from) / stride + 1;
}

static int write_coil(struct board *b, unsigned address, unsigned value, int64_t now)
{
    const struct profile_open *o = &b->profile->open;
    unsigned door = door_at(b, o->base, o->stride, address);

    if (door == 0 || (o->style != STYLE_COIL_VALUE_MS && o->style != STYLE_COIL_FLASH_OFFSET &&
                      o->style != STYLE_COIL_LEVEL))
        return ILLEGAL_ADDRESS;
    if (value == 0)
        relay_off(b, door, now);
    else if (o->style == STYLE_COIL_LEVEL && value != 0xFF00)
        return ILLEGAL_VALUE;
    else if (o->style == STYLE_COIL_LEVEL)
        relay_on(b, door, o->width_base ? (long)b->door[door - 1].width_ms : 0, now);
    else if (value == 0xFFFF)
        relay_on(b, door, -1, now);
    else
        relay_on(b, door, value == 0xFF00 ? DEFAULT_HOLD_MS : (long)value * o->unit_ms, now);
    return 0;
}

static int write_register(struct board *b, unsigned address, unsigned value, int64_t now)
{
    const struct profile_open *o = &b->profile->open;
    unsigned door = o->style == STYLE_REG_VALUE ? door_at(b, o->base, o->stride, address) : 0;

    if (door == 0)
        return ILLEGAL_ADDRESS;
    if (value == o->on)
        relay_on(b, door, o->host_timed ? 0 : MOMENTARY_MS, now);
    else if (value == o->off)
        relay_off(b, door, now);
    else
        return ILLEGAL_VALUE;
    return 0;
}

static int write_block(struct board *b, const uint8_t *pdu, size_t len, int64_t now)
{
    const struct profile_open *o = &b->profile->open;
    unsigned address = word_at(pdu + 1), count = word_at(pdu + 3);
    unsigned door = o->style == STYLE_REG_BLOCK ? door_at(b, o->base, o->stride, address) : 0;

    if (len != 6 + 2 * (size_t)count || pdu[5] != 2 * count)
        return ILLEGAL_VALUE;
    if (door && count == o->block_count) {
        relay_on(b, door, (long)word_at(pdu + 6 + 2 * o->block_time) * o->unit_ms, now);
        return 0;
    }
    door = o->width_base ? door_at(b, o->width_base, 2, address) : 0;
    if (door && count == 2) {
        uint32_t low = word_at(pdu + (o->width_low_first ? 6 : 8)),
                 high = word_at(pdu + (o->width_low_first ? 8 : 6));

        b->door[door - 1].width_ms = (high << 16 | low) * o->width_unit_us / 1000;
        return 0;
    }
    return ILLEGAL_ADDRESS;
}

static int sensed_open(struct board_door *d)
{
    if (d->bounce > 0)
        return d->bounce-- % 2;
    return d->stuck_sensor ? d->stuck_sensor == 2 : d->open;
}

static int level_of(struct board *b, const struct profile_input *in, unsigned door)
{
    struct board_door *d = &b->door[door - 1];

    return (in == &b->profile->item ? d->item : sensed_open(d)) == in->active;
}

static const struct profile_input *input_at(const struct board *b, unsigned space, unsigned address,
                                            unsigned *ret_first)
{
    const struct profile *p = b->profile;
    const struct profile_input *const all[] = {&p->door, &p->item};

    for (int i = 0; i < 2; i++) {
        unsigned from = all[i]->base - p->addr_base;

        if (all[i]->space == space && address >= from && address < from + PROFILE_DOORS * all[i]->stride) {
            *ret_first = address - from;
            return all[i];
        }
    }
    return NULL;
}

static int read_bits(struct board *b, const struct profile_input *in, unsigned first, unsigned count,
                     uint8_t *out)
{
    if (first + count > b->profile->doors)
        return ILLEGAL_ADDRESS;
    memset(out, 0, (count + 7) / 8);
    for (unsigned i = 0; i < count; i++)
        out[i / 8] |= (uint8_t)(level_of(b, in, first + i + 1) << (i % 8));
    return 0;
}

static uint16_t register_value(struct board *b, const struct profile_input *in, unsigned index)
{
    uint16_t v = 0;

    if (in->layout == LAYOUT_WORD)
        return index % in->stride == 0 && index / in->stride < b->profile->doors
                   ? (uint16_t)level_of(b, in, index / in->stride + 1)
                   : 0;
    for (unsigned bit = 0; bit < 16; bit++) {
        if (index * 16 + bit < b->profile->doors)
            v |= (uint16_t)(level_of(b, in, index * 16 + bit + 1) << bit);
    }
    return v;
}

/* The box's own inputs, read one at a time. 1 when the request is for one of them. */
static int read_own(struct board *b, unsigned space, const uint8_t *pdu, uint8_t *ret_pdu, size_t *ret_len)
{
    const struct profile *p = b->profile;
    const struct {
        const struct profile_input *in;
        unsigned value;
    } own[] = {{&p->tamper, b->tamper == p->tamper.active},
               {&p->mains, b->mains == p->mains.active},
               {&p->temperature, b->temperature}};

    for (int i = 0; i < 3; i++) {
        if (own[i].in->space != space || word_at(pdu + 3) != 1 ||
            word_at(pdu + 1) != (uint16_t)(own[i].in->base - p->addr_base))
            continue;
        ret_pdu[1] = space <= SPACE_DISCRETE ? 1 : 2;
        ret_pdu[2] = (uint8_t)(space <= SPACE_DISCRETE ? own[i].value : own[i].value >> 8);
        ret_pdu[3] = (uint8_t)own[i].value;
        *ret_len = 2 + (size_t)ret_pdu[1];
        return 1;
    }
    return 0;
}

static int read_inputs(struct board *b, const uint8_t *pdu, uint8_t *ret_pdu, size_t *ret_len)
{
    static const uint8_t space[] = {0, SPACE_COIL, SPACE_DISCRETE, SPACE_HOLDING, SPACE_INPUT};
    unsigned count = word_at(pdu + 3), first = 0;
    const struct profile_input *in = input_at(b, space[pdu[0]], word_at(pdu + 1), &first);
    int bits = pdu[0] <= FC_READ_DISCRETE;

    if (read_own(b, space[pdu[0]], pdu, ret_pdu, ret_len))
        return 0;
    if (!in || count == 0 || count > (bits ? 2000u : 125u))
        return ILLEGAL_ADDRESS;
    ret_pdu[1] = (uint8_t)(bits ? (count + 7) / 8 : 2 * count);
    *ret_len = 2 + (size_t)ret_pdu[1];
    if (bits)
        return read_bits(b, in, first, count, ret_pdu + 2);
    if (in->layout == LAYOUT_WORD && (first + count - 1) / in->stride >= b->profile->doors)
        return ILLEGAL_ADDRESS;
    for (unsigned i = 0; i < count; i++) {
        uint16_t v = register_value(b, in, first + i);

        ret_pdu[2 + 2 * i] = (uint8_t)(v >> 8);
        ret_pdu[3 + 2 * i] = (uint8_t)v;
    }
    return 0;
}

static int obey(struct board *b, const uint8_t *pdu, size_t len, int64_t now, uint8_t *ret_pdu,
                size_t *ret_len)
{
    *ret_len = 5;
    memcpy(ret_pdu, pdu, 5);
    switch (pdu[0]) {
    case FC_READ_COILS:
    case FC_READ_DISCRETE:
    case FC_READ_HOLDING:
    case FC_READ_INPUT:
        return read_inputs(b, pdu, ret_pdu, ret_len);
    case FC_WRITE_COIL:
        return write_coil(b, word_at(pdu + 1), word_at(pdu + 3), now);
    case FC_WRITE_REGISTER:
        return write_register(b, word_at(pdu + 1), word_at(pdu + 3), now);
    case FC_WRITE_REGISTERS:
        return len < 8 ? ILLEGAL_VALUE : write_block(b, pdu, len, now);
    default:
        return ILLEGAL_FUNCTION;
    }
}

size_t board_request(struct board *b, const uint8_t *pdu, size_t len, int64_t now, uint8_t *ret_pdu)
{
    size_t ret_len = 2;
    int exception;

    board_tick(b, now);
    exception = len < 5 ? ILLEGAL_VALUE : obey(b, pdu, len, now, ret_pdu, &ret_len);
    if (exception == 0)
        return ret_len;
    ret_pdu[0] = (uint8_t)(pdu[0] | 0x80);
    ret_pdu[1] = (uint8_t)exception;
    return 2;
}
