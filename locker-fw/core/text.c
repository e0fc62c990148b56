#include "locker-fw/core/text.h"

#include <string.h>

static const char hex_digits[] = "0123456789abcdef";
static const char base64_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void text_init(struct text *t, char *buffer, size_t cap)
{
    *t = (struct text){.at = buffer, .cap = cap, .failed = cap == 0};
    if (cap > 0)
        buffer[0] = '\0';
}

void text_bytes(struct text *t, const char *s, size_t len)
{
    if (t->failed || len >= t->cap - t->len) {
        t->failed = 1;
        return;
    }
    memcpy(t->at + t->len, s, len);
    t->len += len;
    t->at[t->len] = '\0';
}

void text_str(struct text *t, const char *s)
{
    text_bytes(t, s, strlen(s));
}

void text_char(struct text *t, char c)
{
    text_bytes(t, &c, 1);
}

void text_int(struct text *t, int64_t v)
{
    char digits[20];
    size_t i = sizeof digits;
    uint64_t rest = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;

    do {
        digits[--i] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (v < 0)
        text_char(t, '-');
    text_bytes(t, digits + i, sizeof digits - i);
}

void text_hex(struct text *t, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        text_char(t, hex_digits[bytes[i] >> 4]);
        text_char(t, hex_digits[bytes[i] & 15]);
    }
}

void text_uuid(struct text *t, const uint8_t uuid[16])
{
    static const uint8_t none[16];
    static const uint8_t cuts[] = {0, 4, 6, 8, 10, 16};

    if (memcmp(uuid, none, sizeof none) == 0) {
        text_char(t, '-');
        return;
    }
    for (int i = 0; i < 5; i++) {
        if (i > 0)
            text_char(t, '-');
        text_hex(t, uuid + cuts[i], (size_t)(cuts[i + 1] - cuts[i]));
    }
}

void text_base64url(struct text *t, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i += 3) {
        uint32_t v = (uint32_t)bytes[i] << 16;
        int chars = 2;

        if (i + 1 < len) {
            v |= (uint32_t)bytes[i + 1] << 8;
            chars = 3;
        }
        if (i + 2 < len) {
            v |= bytes[i + 2];
            chars = 4;
        }
        for (int k = 0; k < chars; k++)
            text_char(t, base64_digits[v >> (18 - 6 * k) & 63]);
    }
}

int text_read_int(const char *s, size_t len, int64_t *ret_v)
{
    uint64_t v = 0;
    size_t i = len > 0 && s[0] == '-';
    int negative = (int)i;

    if (i == len || len - i > 18)
        return -1;
    for (; i < len; i++) {
        if (s[i] < '0' || s[i] > '9')
            return -1;
        v = v * 10 + (uint64_t)(s[i] - '0');
    }
    *ret_v = negative ? -(int64_t)v : (int64_t)v;
    return 0;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

int text_read_hex(const char *s, size_t len, uint8_t *ret_bytes, size_t want)
{
    if (len != 2 * want)
        return -1;
    for (size_t i = 0; i < len; i++) {
        if (hex_value(s[i]) < 0)
            return -1;
    }
    for (size_t i = 0; i < want; i++)
        ret_bytes[i] = (uint8_t)(hex_value(s[2 * i]) << 4 | hex_value(s[2 * i + 1]));
    return 0;
}

int text_read_uuid(const char *s, size_t len, uint8_t ret_uuid[16])
{
    char plain[32];
    size_t n = 0;

    if (len == 1 && s[0] == '-') {
        memset(ret_uuid, 0, 16);
        return 0;
    }
    if (len != 36)
        return -1;
    for (size_t i = 0; i < len; i++) {
        int dash = i == 8 || i == 13 || i == 18 || i == 23;

        if (dash != (s[i] == '-'))
            return -1;
        if (!dash)
            plain[n++] = s[i];
    }
    return text_read_hex(plain, n, ret_uuid, 16);
}

static int base64_value(char c)
{
    const char *p = c ? strchr(base64_digits, c) : NULL;

    return p ? (int)(p - base64_digits) : -1;
}

int text_read_base64url(const char *s, size_t len, uint8_t *ret_bytes, size_t want)
{
    uint32_t v = 0;
    int bits = 0;
    size_t out = 0;

    if (len != (want * 8 + 5) / 6)
        return -1;
    for (size_t i = 0; i < len; i++) {
        if (base64_value(s[i]) < 0)
            return -1;
    }
    for (size_t i = 0; i < len; i++) {
        v = v << 6 | (uint32_t)base64_value(s[i]);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            ret_bytes[out++] = (uint8_t)(v >> bits);
        }
    }
    return 0;
}

int text_is_name(const char *s, size_t len, size_t max)
{
    if (len == 0 || len > max)
        return 0;
    for (size_t i = 0; i < len; i++) {
        char c = s[i];

        if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && c != '_' &&
            c != '.' && c != '-')
            return 0;
    }
    return 1;
}

int text_split(const char *s, size_t len, struct text_piece *ret_pieces, int max)
{
    size_t from = 0;
    int n = 0;

    for (size_t i = 0; i <= len; i++) {
        if (i < len && s[i] != '|')
            continue;
        if (n == max)
            return -1;
        ret_pieces[n++] = (struct text_piece){s + from, i - from};
        from = i + 1;
    }
    return n;
}
