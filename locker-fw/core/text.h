/* Text without stdio: a bounded builder with one sticky failure bit, and the few readers the wire forms
 * need. Everything is ASCII. The builder never writes past cap and always leaves room for the closing NUL. */
#ifndef LOCKER_FW_CORE_TEXT_H
#define LOCKER_FW_CORE_TEXT_H

#include <stddef.h>
#include <stdint.h>

struct text {
    char *at;   /* caller's buffer */
    size_t cap; /* its size, including the closing NUL */
    size_t len;
    int failed; /* set once something did not fit; nothing is added after that */
};

void text_init(struct text *t, char *buffer, size_t cap);
void text_bytes(struct text *t, const char *s, size_t len);
void text_str(struct text *t, const char *s);
void text_char(struct text *t, char c);
void text_int(struct text *t, int64_t v);
void text_hex(struct text *t, const uint8_t *bytes, size_t len);
/* 8-4-4-4-12 lower-case form of 16 bytes; 16 zero bytes are written as "-". */
void text_uuid(struct text *t, const uint8_t uuid[16]);
/* base64url without padding (RFC 4648 section 5). */
void text_base64url(struct text *t, const uint8_t *bytes, size_t len);

/* Readers: 0 and the result, or -1 with the result untouched. All of s[0..len) must be consumed. */
int text_read_int(const char *s, size_t len, int64_t *ret_v);
int text_read_hex(const char *s, size_t len, uint8_t *ret_bytes, size_t want);
int text_read_uuid(const char *s, size_t len, uint8_t ret_uuid[16]); /* also "-" as all zero */
int text_read_base64url(const char *s, size_t len, uint8_t *ret_bytes, size_t want);

/* Letters, digits, '_', '.' and '-' only, 1..max characters. */
int text_is_name(const char *s, size_t len, size_t max);

/* Cuts s[0..len) at '|' into at most max pieces; returns how many there are, or -1 when there are more. */
struct text_piece {
    const char *at;
    size_t len;
};
int text_split(const char *s, size_t len, struct text_piece *ret_pieces, int max);

#endif
