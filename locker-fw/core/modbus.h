/* Modbus application PDUs and RTU/TCP frames, built and checked without I/O (MODBUS Application Protocol
 * V1.1b3; over Serial Line V1.02; Messaging on TCP/IP V1.0b). A response is believed only when it answers
 * exactly the request at hand: function, byte count, echoed address and value. */
#ifndef LOCKER_FW_CORE_MODBUS_H
#define LOCKER_FW_CORE_MODBUS_H

#include <stddef.h>
#include <stdint.h>

enum { MODBUS_PDU_MAX = 253, MODBUS_ADU_MAX = 260 };

enum modbus_fc {
    FC_READ_COILS = 1,
    FC_READ_DISCRETE = 2,
    FC_READ_HOLDING = 3,
    FC_READ_INPUT = 4,
    FC_WRITE_COIL = 5,
    FC_WRITE_REGISTER = 6,
    FC_WRITE_REGISTERS = 16,
};

enum modbus_check {
    MODBUS_OK = 0,
    MODBUS_EXCEPTION, /* the device refused; pdu[1] is the code */
    MODBUS_WRONG,     /* not an answer to this request */
};

struct modbus_pdu {
    uint8_t len;
    uint8_t bytes[MODBUS_PDU_MAX];
};

/* fc 1..4. 0, or -1 when fc or count is out of range. */
int modbus_read(struct modbus_pdu *ret_pdu, uint8_t fc, uint16_t address, uint16_t count);
/* fc 5 or 6; the value goes out as given. */
int modbus_write(struct modbus_pdu *ret_pdu, uint8_t fc, uint16_t address, uint16_t value);
/* fc 16, 1..123 registers. */
int modbus_write_block(struct modbus_pdu *ret_pdu, uint16_t address, const uint16_t *values, uint16_t count);

/* Does this PDU answer that request? */
enum modbus_check modbus_answers(const struct modbus_pdu *request, const uint8_t *pdu, size_t len);

/* From a checked answer to a read: bit i of fc 1/2, register i of fc 3/4. */
int modbus_bit(const uint8_t *pdu, unsigned i);
uint16_t modbus_word(const uint8_t *pdu, unsigned i);

uint16_t modbus_crc(const uint8_t *bytes, size_t len);

/* RTU: unit, pdu, crc. Returns the length. */
size_t modbus_rtu_frame(uint8_t unit, const uint8_t *pdu, size_t len, uint8_t ret_adu[MODBUS_ADU_MAX]);
/* 0 and where the PDU lies, or -1: too short, too long, bad crc. */
int modbus_rtu_parse(const uint8_t *adu, size_t len, uint8_t *ret_unit, const uint8_t **ret_pdu,
                     size_t *ret_len);
/* Length of a whole RTU request that starts with these bytes, 0 when more are needed to tell, -1 when no
 * request begins so. For whoever plays the board. */
int modbus_rtu_request_size(const uint8_t *adu, size_t len);

/* TCP: MBAP header and pdu. */
size_t modbus_tcp_frame(uint16_t tid, uint8_t unit, const uint8_t *pdu, size_t len,
                        uint8_t ret_adu[MODBUS_ADU_MAX]);
/* Length of the whole ADU that starts with these bytes, 0 when fewer than 7 are there, -1 when it is none. */
int modbus_tcp_size(const uint8_t *adu, size_t len);

#endif
