/* Identifiers: UUIDs (RFC 9562) and random bytes from the system. Any thread. */
#ifndef BASE_ID_H
#define BASE_ID_H

#include <stddef.h>
#include <stdint.h>

enum { UUID_TEXT_MAX = 37 };

struct uuid {
    uint8_t bytes[16];
};

/* A version 7 UUID for the instant `unix_us` (clipped to milliseconds; the microseconds go into rand_a,
 * method 3 of section 6.2). Within a process each is greater than the one before, on whatever thread and
 * whatever the clock did: an instant that was used up gives the next quarter of a microsecond. */
struct uuid uuid_v7(int64_t unix_us);

/* Reads the 36-character form, either case; 0 or -1. */
int uuid_parse(const char *text, struct uuid *ret);
void uuid_format(const struct uuid *id, char ret_text[UUID_TEXT_MAX]);

void random_bytes(void *ret, size_t n);

#endif
