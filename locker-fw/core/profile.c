#include "locker-fw/core/profile.h"

static uint16_t address_of(const struct profile *p, unsigned address)
{
    return (uint16_t)(address - p->addr_base);
}

static const char *open_fault(const struct profile_open *o)
{
    int timed =
        o->style == STYLE_COIL_VALUE_MS || o->style == STYLE_COIL_FLASH_OFFSET || o->style == STYLE_REG_BLOCK;

    if (o->style >= STYLE_COUNT)
        return "open.style is unknown";
    if (o->max_ms == 0 || o->max_ms > PULSE_MS_MAX)
        return "open.max_ms must be 1..1000";
    if (o->pulse_ms == 0 || o->pulse_ms > o->max_ms)
        return "open.pulse_ms must be 1..max_ms";
    if (timed && (o->unit_ms == 0 || o->pulse_ms % o->unit_ms != 0))
        return "open.pulse_ms must be a multiple of unit_ms";
    if (timed && o->host_timed)
        return "open.host_timed contradicts a style that carries the time";
    if (o->style == STYLE_COIL_LEVEL && !o->host_timed && o->width_base == 0)
        return "open.style coil_level needs host_timed or width registers";
    if (o->style == STYLE_REG_BLOCK &&
        (o->block_count == 0 || o->block_count > PROFILE_BLOCK || o->block_time >= o->block_count))
        return "open.block must hold 1..4 registers, one of them the time";
    if (o->stride == 0 || (o->width_base != 0 && o->width_unit_us == 0))
        return "open.stride and width_unit_us must not be 0";
    return NULL;
}

static const char *input_fault(const struct profile_input *in)
{
    if (in->space >= SPACE_COUNT || in->layout >= LAYOUT_COUNT || in->active > 1)
        return "an input's space, layout or active level is unknown";
    if (in->space == SPACE_NONE)
        return NULL;
    if ((in->space <= SPACE_DISCRETE) != (in->layout == LAYOUT_BIT))
        return "coils and discrete inputs are bits, registers are words or bitmaps";
    return in->layout == LAYOUT_WORD && (in->stride == 0 || in->stride * PROFILE_DOORS > 125 * 8)
               ? "an input's stride is out of range"
               : NULL;
}

const char *profile_fault(const struct profile *p)
{
    struct profile_step steps[PULSE_STEPS];
    const char *fault = open_fault(&p->open);

    if (p->doors == 0 || p->doors > PROFILE_DOORS)
        return "doors must be 1..48";
    if (p->never_count > PROFILE_NEVER || p->addr_base > 1)
        return "never or addr_base is out of range";
    if (!fault)
        fault = input_fault(&p->door);
    if (!fault)
        fault = input_fault(&p->item);
    if (!fault)
        fault = input_fault(&p->tamper);
    if (!fault)
        fault = input_fault(&p->mains);
    if (!fault)
        fault = input_fault(&p->temperature);
    if (!fault && p->temperature.space != SPACE_NONE && p->temperature.layout != LAYOUT_WORD)
        fault = "a temperature is a register of its own";
    if (!fault && p->door.space == SPACE_NONE)
        fault = "door sensors are needed: an opening is believed only when the door is seen open";
    for (unsigned d = 1; !fault && d <= p->doors; d++) {
        if (profile_pulse(p, d, steps) < 0)
            fault = "the never list forbids the profile's own pulse";
    }
    return fault;
}

static uint16_t pdu_word(const struct modbus_pdu *pdu, unsigned at)
{
    return (uint16_t)(pdu->bytes[at] << 8 | pdu->bytes[at + 1]);
}

static int never_hits(const struct profile_never *n, uint8_t fc, uint16_t address, uint16_t value)
{
    return (n->fc == 0 || n->fc == fc) && address >= n->address && address <= n->address_to &&
           value >= n->value && value <= n->value_to;
}

/* Registers, address and value, that a write touches; fc 5 and 6 touch one. */
static unsigned write_count(const struct modbus_pdu *pdu)
{
    return pdu->bytes[0] == FC_WRITE_REGISTERS ? pdu_word(pdu, 3) : 1;
}

int profile_forbids(const struct profile *p, uint8_t unit, const struct modbus_pdu *pdu)
{
    uint8_t fc = pdu->bytes[0];
    uint16_t address = pdu_word(pdu, 1);

    if (fc <= FC_READ_INPUT)
        return 0;
    if (unit == 0)
        return 1;
    for (unsigned k = 0; k < write_count(pdu); k++) {
        uint16_t value = pdu_word(pdu, fc == FC_WRITE_REGISTERS ? 6 + 2 * k : 3);

        for (unsigned i = 0; i < p->never_count; i++) {
            if (never_hits(&p->never[i], fc, (uint16_t)(address + k), value))
                return 1;
        }
    }
    return 0;
}

static int put_width(const struct profile *p, unsigned door, struct modbus_pdu *pdu)
{
    const struct profile_open *o = &p->open;
    uint32_t width = (uint32_t)o->pulse_ms * 1000 / o->width_unit_us;
    uint16_t high = (uint16_t)(width >> 16), low = (uint16_t)width;
    uint16_t words[2] = {o->width_low_first ? low : high, o->width_low_first ? high : low};

    return modbus_write_block(pdu, address_of(p, o->width_base + 2 * (door - 1)), words, 2);
}

static int put_on(const struct profile *p, unsigned door, struct modbus_pdu *pdu)
{
    const struct profile_open *o = &p->open;
    uint16_t at = address_of(p, o->base + (unsigned)o->stride * (door - 1));
    uint16_t words[PROFILE_BLOCK];

    switch (o->style) {
    case STYLE_COIL_VALUE_MS:
    case STYLE_COIL_FLASH_OFFSET:
        return modbus_write(pdu, FC_WRITE_COIL, at, (uint16_t)(o->pulse_ms / o->unit_ms));
    case STYLE_COIL_LEVEL:
        return modbus_write(pdu, FC_WRITE_COIL, at, o->on);
    case STYLE_REG_VALUE:
        return modbus_write(pdu, FC_WRITE_REGISTER, at, o->on);
    default:
        for (unsigned i = 0; i < o->block_count; i++)
            words[i] = i == o->block_time ? (uint16_t)(o->pulse_ms / o->unit_ms) : o->block[i];
        return modbus_write_block(pdu, at, words, o->block_count);
    }
}

static int put_off(const struct profile *p, unsigned door, struct modbus_pdu *pdu)
{
    const struct profile_open *o = &p->open;
    uint8_t fc = o->style == STYLE_REG_VALUE ? FC_WRITE_REGISTER : FC_WRITE_COIL;

    return modbus_write(pdu, fc, address_of(p, o->base + (unsigned)o->stride * (door - 1)), o->off);
}

int profile_pulse(const struct profile *p, unsigned door, struct profile_step ret_steps[PULSE_STEPS])
{
    int n = 0;

    if (door < 1 || door > p->doors)
        return -1;
    if (p->open.width_base) {
        ret_steps[n].wait_ms = 0;
        put_width(p, door, &ret_steps[n++].pdu);
    }
    ret_steps[n].wait_ms = 0;
    put_on(p, door, &ret_steps[n++].pdu);
    if (p->open.host_timed) {
        ret_steps[n].wait_ms = p->open.pulse_ms;
        put_off(p, door, &ret_steps[n++].pdu);
    }
    for (int i = 0; i < n; i++) {
        if (profile_forbids(p, 1, &ret_steps[i].pdu))
            return -1;
    }
    return n;
}

int profile_read(const struct profile *p, const struct profile_input *in, unsigned count,
                 struct modbus_pdu *ret_pdu)
{
    static const uint8_t fc[SPACE_COUNT] = {0, FC_READ_COILS, FC_READ_DISCRETE, FC_READ_INPUT,
                                            FC_READ_HOLDING};
    unsigned items = count;

    if (in->space == SPACE_NONE)
        return -1;
    if (in->layout == LAYOUT_WORD)
        items = (count - 1) * in->stride + 1;
    else if (in->layout == LAYOUT_BITMAP)
        items = (count + 15) / 16;
    return modbus_read(ret_pdu, fc[in->space], address_of(p, in->base), (uint16_t)items);
}

int profile_level(const struct profile_input *in, const uint8_t *pdu, unsigned door)
{
    unsigned i = door - 1;
    int level;

    if (in->layout == LAYOUT_BIT)
        level = modbus_bit(pdu, i);
    else if (in->layout == LAYOUT_WORD)
        level = modbus_word(pdu, i * in->stride) != 0;
    else
        level = modbus_word(pdu, i / 16) >> (i % 16) & 1;
    return level == in->active;
}

int32_t profile_temperature(const struct profile *p, const uint8_t *pdu)
{
    uint16_t raw = modbus_word(pdu, 0);

    return (p->temperature_signed ? (int16_t)raw : (int32_t)raw) * p->temperature_scale;
}
