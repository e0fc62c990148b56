#include "locker-fw/core/modbus.h"

#include <string.h>

static void put16(uint8_t *at, uint16_t v)
{
    at[0] = (uint8_t)(v >> 8);
    at[1] = (uint8_t)v;
}

static uint16_t get16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

int modbus_read(struct modbus_pdu *ret_pdu, uint8_t fc, uint16_t address, uint16_t count)
{
    int max = fc <= FC_READ_DISCRETE ? 2000 : 125;

    if (fc < FC_READ_COILS || fc > FC_READ_INPUT || count < 1 || count > max)
        return -1;
    ret_pdu->len = 5;
    ret_pdu->bytes[0] = fc;
    put16(ret_pdu->bytes + 1, address);
    put16(ret_pdu->bytes + 3, count);
    return 0;
}

int modbus_write(struct modbus_pdu *ret_pdu, uint8_t fc, uint16_t address, uint16_t value)
{
    if (fc != FC_WRITE_COIL && fc != FC_WRITE_REGISTER)
        return -1;
    ret_pdu->len = 5;
    ret_pdu->bytes[0] = fc;
    put16(ret_pdu->bytes + 1, address);
    put16(ret_pdu->bytes + 3, value);
    return 0;
}

int modbus_write_block(struct modbus_pdu *ret_pdu, uint16_t address, const uint16_t *values, uint16_t count)
{
    if (count < 1 || count > 123)
        return -1;
    ret_pdu->len = (uint8_t)(6 + 2 * count);
    ret_pdu->bytes[0] = FC_WRITE_REGISTERS;
    put16(ret_pdu->bytes + 1, address);
    put16(ret_pdu->bytes + 3, count);
    ret_pdu->bytes[5] = (uint8_t)(2 * count);
    for (unsigned i = 0; i < count; i++)
        put16(ret_pdu->bytes + 6 + 2 * i, values[i]);
    return 0;
}

static enum modbus_check check_read(const struct modbus_pdu *request, const uint8_t *pdu, size_t len)
{
    unsigned count = get16(request->bytes + 3);
    unsigned bytes = request->bytes[0] <= FC_READ_DISCRETE ? (count + 7) / 8 : 2 * count;

    return len == 2 + bytes && pdu[1] == bytes ? MODBUS_OK : MODBUS_WRONG;
}

enum modbus_check modbus_answers(const struct modbus_pdu *request, const uint8_t *pdu, size_t len)
{
    uint8_t fc = request->bytes[0];

    if (len == 2 && pdu[0] == (fc | 0x80))
        return MODBUS_EXCEPTION;
    if (len < 2 || pdu[0] != fc)
        return MODBUS_WRONG;
    if (fc <= FC_READ_INPUT)
        return check_read(request, pdu, len);
    return len == 5 && memcmp(pdu, request->bytes, 5) == 0 ? MODBUS_OK : MODBUS_WRONG;
}

int modbus_bit(const uint8_t *pdu, unsigned i)
{
    return pdu[2 + i / 8] >> (i % 8) & 1;
}

uint16_t modbus_word(const uint8_t *pdu, unsigned i)
{
    return get16(pdu + 2 + (size_t)2 * i);
}

uint16_t modbus_crc(const uint8_t *bytes, size_t len)
{
    uint16_t crc = 0xFFFF;

    for (size_t i = 0; i < len; i++) {
        crc ^= bytes[i];
        for (int k = 0; k < 8; k++)
            crc = (uint16_t)(crc & 1 ? crc >> 1 ^ 0xA001 : crc >> 1);
    }
    return crc;
}

size_t modbus_rtu_frame(uint8_t unit, const uint8_t *pdu, size_t len, uint8_t ret_adu[MODBUS_ADU_MAX])
{
    uint16_t crc;

    ret_adu[0] = unit;
    memcpy(ret_adu + 1, pdu, len);
    crc = modbus_crc(ret_adu, len + 1);
    ret_adu[len + 1] = (uint8_t)crc;
    ret_adu[len + 2] = (uint8_t)(crc >> 8);
    return len + 3;
}

int modbus_rtu_parse(const uint8_t *adu, size_t len, uint8_t *ret_unit, const uint8_t **ret_pdu,
                     size_t *ret_len)
{
    if (len < 5 || len > MODBUS_PDU_MAX + 3)
        return -1;
    if (modbus_crc(adu, len - 2) != (uint16_t)(adu[len - 2] | adu[len - 1] << 8))
        return -1;
    *ret_unit = adu[0];
    *ret_pdu = adu + 1;
    *ret_len = len - 3;
    return 0;
}

int modbus_rtu_request_size(const uint8_t *adu, size_t len)
{
    if (len < 2)
        return 0;
    if (adu[1] >= FC_READ_COILS && adu[1] <= FC_WRITE_REGISTER)
        return 8;
    if (adu[1] != FC_WRITE_REGISTERS)
        return -1;
    if (len < 7)
        return 0;
    return adu[6] >= 2 && adu[6] <= 246 ? 9 + adu[6] : -1;
}

size_t modbus_tcp_frame(uint16_t tid, uint8_t unit, const uint8_t *pdu, size_t len,
                        uint8_t ret_adu[MODBUS_ADU_MAX])
{
    put16(ret_adu, tid);
    put16(ret_adu + 2, 0);
    put16(ret_adu + 4, (uint16_t)(len + 1));
    ret_adu[6] = unit;
    memcpy(ret_adu + 7, pdu, len);
    return len + 7;
}

int modbus_tcp_size(const uint8_t *adu, size_t len)
{
    unsigned body;

    if (len < 7)
        return 0;
    body = get16(adu + 4);
    if (get16(adu + 2) != 0 || body < 2 || body > MODBUS_PDU_MAX + 1)
        return -1;
    return (int)body + 6;
}
