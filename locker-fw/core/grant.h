/* A grant: the signed permission to do one thing at one locker once. The daemon signs it; it travels either
 * as an MQTT command (bound to the live session) or, without a session, as text in a courier's handheld or
 * a resident's QR. Both carriers sign the same canonical bytes:
 *
 *   YZ1|op|locker|key_id|id|sess|seq|compartment|ref|nbf|exp|value|size|who
 *
 * ASCII, fields cut by '|', integers in decimal without leading zeros, UUIDs lower-case with dashes, "-" for
 * no UUID / size / who, sess 16 hex digits or "-". nbf and exp are real time in unix microseconds. The
 * carried text is those bytes, '|', and the Ed25519 signature in base64url without padding. */
#ifndef LOCKER_FW_CORE_GRANT_H
#define LOCKER_FW_CORE_GRANT_H

#include "locker-fw/core/crypto.h"
#include "locker-fw/core/names.h"

enum { GRANT_NAME_MAX = 32, GRANT_KEY_ID_MAX = 16, GRANT_TEXT_MAX = 384 };

struct grant {
    uint8_t op;
    char locker[GRANT_NAME_MAX + 1];
    char key_id[GRANT_KEY_ID_MAX + 1];
    uint8_t id[16];       /* unique for ever: cmd_id, and the nonce */
    uint64_t sess;        /* 0: not bound to a session */
    uint32_t seq;         /* strictly growing within a session; 0 without one */
    uint16_t compartment; /* 1..; 0: none, or any */
    uint8_t ref[16];      /* deposit, reservation or drop-off; all zero: none */
    int64_t nbf, exp;     /* real time, unix us */
    int64_t value;        /* see enum op */
    char size[3];         /* "S" "M" "L" "XL" or "" */
    char who[GRANT_NAME_MAX + 1];
};

/* A daemon's public key that this locker trusts. */
struct grant_key {
    char id[GRANT_KEY_ID_MAX + 1];
    uint8_t key[32];
};

/* Facts about an operation: what a grant of it must have, and how long it may live. */
struct op_rule {
    uint8_t opens; /* ends in a pulse */
    uint8_t needs_compartment;
    uint8_t needs_ref;
    uint8_t offline;        /* valid without a session */
    int64_t max_life_us;    /* of a session-bound one */
    int64_t max_offline_us; /* of one without a session */
};
const struct op_rule *op_rule(unsigned op);

/* Writes the canonical bytes (without signature) and a NUL; returns their length, or -1 when a field is not
 * fit to be written (bad name, value out of range) or buffer is too small. GRANT_TEXT_MAX always suffices. */
int grant_encode(const struct grant *g, char *buffer, size_t cap);

/* Writes canonical bytes, '|' and the signature; returns the length or -1. */
int grant_encode_signed(const struct grant *g, const uint8_t sig[64], char *buffer, size_t cap);

/* Reads a carried text. Accepts only the canonical form. 0, or -1 with the results untouched. */
int grant_parse(const char *s, size_t len, struct grant *ret_grant, uint8_t ret_sig[64]);

/* WHY_NONE when one of the keys signed it, else WHY_BAD_KEY, WHY_BAD_SIGNATURE or WHY_MALFORMED. */
enum why grant_verify(const struct core_crypto *c, const struct grant *g, const uint8_t sig[64],
                      const struct grant_key *keys, size_t key_count);

/* The rules that need no memory: locker name, operation, life, and validity at `now` (real us) within
 * `skew_us`. WHY_NONE when all hold. */
enum why grant_check(const struct grant *g, const char *locker, int64_t now, int64_t skew_us);

#endif
