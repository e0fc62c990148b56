/* Eight-digit codes that a resident types at the pad, computable by locker and daemon alike without talking
 * to each other, and the lock-out that makes guessing hopeless. */
#ifndef LOCKER_FW_CORE_CODE_H
#define LOCKER_FW_CORE_CODE_H

#include "locker-fw/core/crypto.h"

enum { CODE_DIGITS = 8 };

/* Dynamic truncation (RFC 4226 section 5.3) of HMAC-SHA256(key, ref || counter as 4 bytes big-endian) to
 * eight digits. ref is the deposit or drop-off id; key is locker_keys.code. */
void code_make(const struct core_crypto *c, const uint8_t key[32], const uint8_t ref[16], uint32_t counter,
               char ret_code[CODE_DIGITS + 1]);

/* 1 when equal, in constant time; digits need not be terminated. */
int code_equal(const char *a, const char *b);

/* 1 when s[0..len) is eight digits. */
int code_is(const char *s, size_t len);

/* Wrong tries in a row. After every fifth the pad is locked: 1 min, 5 min, 15 min, 1 h, then 4 h each time.
 */
struct code_lock {
    uint16_t wrong;
    int64_t until; /* real us; 0: not locked */
};

/* How long the pad is locked after `wrong` wrong tries in a row, in us; 0 when it is not. */
int64_t code_lock_us(uint16_t wrong);

#endif
