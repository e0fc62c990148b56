/* One record of the locker's journal: what happened, in an order that can be proved. Records are of fixed
 * size, so that a torn write is seen at once, and each carries a MAC over the previous MAC and its own bytes:
 * a record can be neither changed, dropped nor forged without the locker's secret, not even by who owns the
 * broker.
 *
 * Bytes (little-endian):
 *   0 magic 'Y''J'   2 type   3 op   4 why   5 extra   6 compartment u16   8 boot u32   12 seq u32
 *   16 at i64   24 rt i64   32 ref[16]   48 grant[16]   64 value i64   72 tag u32   76 mac[16]
 * mac = first 16 bytes of HMAC-SHA256(locker_keys.chain, previous mac || bytes 0..75). The chain runs on
 * over restarts; the very first record of a journal has an all-zero previous mac. */
#ifndef LOCKER_FW_CORE_RECORD_H
#define LOCKER_FW_CORE_RECORD_H

#include "locker-fw/core/crypto.h"
#include "locker-fw/core/names.h"

enum { RECORD_SIZE = 92, RECORD_MACED = 76, RECORD_MAC = 16, RECEIPT_TEXT_MAX = 320 };

struct record {
    uint8_t type;         /* enum record_type */
    uint8_t op;           /* enum op it belongs to, or OP_NONE */
    uint8_t why;          /* enum why */
    uint8_t extra;        /* expected: size class 0 any, 1 S, 2 M, 3 L, 4 XL */
    uint16_t compartment; /* 0: the locker as a whole */
    uint32_t boot;        /* grows at every start; a new journal begins with unix seconds */
    uint32_t seq;         /* 1, 2, 3 … within a boot, no gaps */
    int64_t at;           /* business time, unix us */
    int64_t rt;           /* real time, unix us */
    uint8_t ref[16];      /* deposit, reservation or drop-off; zero: none */
    uint8_t grant[16];    /* id of the grant or command behind it; zero: none (a code, a sensor, a timer) */
    int64_t value;        /* see enum record_type */
    uint32_t tag;         /* reserved: hash of the courier's name, for the quota */
    uint8_t mac[RECORD_MAC];
};

/* Fills r->mac from the previous record's mac. */
void record_seal(const struct core_crypto *c, const uint8_t key[32], const uint8_t prev[RECORD_MAC],
                 struct record *r);

/* 1 when r->mac is right after prev. */
int record_holds(const struct core_crypto *c, const uint8_t key[32], const uint8_t prev[RECORD_MAC],
                 const struct record *r);

void record_write(const struct record *r, uint8_t ret_bytes[RECORD_SIZE]);

/* 0, or -1 when the bytes are no record (magic, type, op, why out of range); does not look at the mac. */
int record_read(const uint8_t bytes[RECORD_SIZE], struct record *ret_record);

/* Acknowledgement: MAC with locker_keys.ack over "YZA1|locker|boot|upto", 16 bytes. Everything of earlier
 * boots, and of this boot up to and with seq `upto`, is in the database. */
void record_ack_mac(const struct core_crypto *c, const uint8_t key[32], const char *locker, uint32_t boot,
                    uint32_t upto, uint8_t ret_mac[RECORD_MAC]);

/* A deposit receipt, shown as a QR and carried by the courier's handheld:
 *   YZR1|locker|boot|seq|at|compartment|ref|grant|counter|mac
 * mac = 32 hex digits, HMAC with locker_keys.receipt over everything before the last '|'. boot and seq name
 * the `deposited` record that will arrive by itself later: taking in both changes nothing. */
struct receipt {
    char locker[33];
    uint32_t boot, seq;
    int64_t at;
    uint16_t compartment;
    uint8_t ref[16], grant[16];
    uint32_t counter;
};

/* Length, or -1 when buffer is too small; RECEIPT_TEXT_MAX suffices. */
int receipt_encode(const struct core_crypto *c, const uint8_t key[32], const struct receipt *r, char *buffer,
                   size_t cap);

/* Reads without checking, so that the key can be looked up by locker. 0 or -1. */
int receipt_parse(const char *s, size_t len, struct receipt *ret_receipt);

/* 1 when the text's mac is right. */
int receipt_holds(const struct core_crypto *c, const uint8_t key[32], const char *s, size_t len);

#endif
