#include "locker-fw/core/grant.h"

#include <string.h>

#include "locker-fw/core/text.h"

#define SECONDS(n) ((int64_t)(n)*1000000)

static const struct op_rule rules[OP_COUNT] = {
    /*                     opens  n  ref offline  life online   life offline */
    [OP_OPEN_DEPOSIT] = {1, 1, 1, 1, SECONDS(10), SECONDS(86400 * 3)},
    [OP_OPEN_PICKUP] = {1, 1, 1, 1, SECONDS(10), SECONDS(86400 * 30)},
    [OP_RECALL] = {1, 1, 1, 1, SECONDS(10), SECONDS(86400 * 3)},
    [OP_OPEN_SERVICE] = {1, 1, 0, 1, SECONDS(10), SECONDS(86400)},
    [OP_DROPOFF] = {1, 0, 1, 1, SECONDS(10), SECONDS(86400 * 30)},
    [OP_RESERVE] = {0, 1, 1, 0, SECONDS(60), 0},
    [OP_RELEASE] = {0, 1, 1, 0, SECONDS(60), 0},
    [OP_CONFIRM] = {0, 1, 1, 0, SECONDS(60), 0},
    [OP_SET_CODE] = {0, 1, 1, 0, SECONDS(60), 0},
    [OP_EXTEND] = {0, 1, 1, 0, SECONDS(60), 0},
    [OP_EXPECT_DROPOFF] = {0, 0, 1, 0, SECONDS(60), 0},
    [OP_REVOKE] = {0, 0, 1, 0, SECONDS(60), 0},
    [OP_OUT_OF_SERVICE] = {0, 1, 0, 1, SECONDS(60), SECONDS(86400)},
    [OP_IN_SERVICE] = {0, 1, 0, 1, SECONDS(60), SECONDS(86400)},
    [OP_DIRTY] = {0, 1, 0, 1, SECONDS(60), SECONDS(86400)},
    [OP_CLEAN] = {0, 1, 0, 1, SECONDS(60), SECONDS(86400)},
    [OP_SET_TIME] = {0, 0, 0, 0, SECONDS(10), 0},
};

static const uint8_t no_uuid[16];

const struct op_rule *op_rule(unsigned op)
{
    return &rules[op < OP_COUNT ? op : OP_NONE];
}

static int is_size(const char *s, size_t len)
{
    return (len == 1 && (s[0] == 'S' || s[0] == 'M' || s[0] == 'L')) || (len == 2 && memcmp(s, "XL", 2) == 0);
}

static int fields_fit(const struct grant *g)
{
    static const int64_t limit = 999999999999999999;

    if (g->op == OP_NONE || g->op >= OP_COUNT)
        return 0;
    if (!text_is_name(g->locker, strlen(g->locker), GRANT_NAME_MAX) ||
        !text_is_name(g->key_id, strlen(g->key_id), GRANT_KEY_ID_MAX))
        return 0;
    if (g->who[0] && (!text_is_name(g->who, strlen(g->who), GRANT_NAME_MAX) || strcmp(g->who, "-") == 0))
        return 0;
    if (g->size[0] && !is_size(g->size, strlen(g->size)))
        return 0;
    if (memcmp(g->id, no_uuid, 16) == 0)
        return 0;
    return g->nbf >= 0 && g->nbf <= limit && g->exp >= 0 && g->exp <= limit && g->value >= -limit &&
           g->value <= limit;
}

static void put_session(struct text *t, uint64_t sess)
{
    uint8_t bytes[8];

    if (sess == 0) {
        text_char(t, '-');
        return;
    }
    for (int i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(sess >> (56 - 8 * i));
    text_hex(t, bytes, sizeof bytes);
}

static void put_numbers(struct text *t, const struct grant *g)
{
    text_char(t, '|');
    text_int(t, g->nbf);
    text_char(t, '|');
    text_int(t, g->exp);
    text_char(t, '|');
    text_int(t, g->value);
    text_char(t, '|');
    text_str(t, g->size[0] ? g->size : "-");
    text_char(t, '|');
    text_str(t, g->who[0] ? g->who : "-");
}

int grant_encode(const struct grant *g, char *buffer, size_t cap)
{
    struct text t;

    text_init(&t, buffer, cap);
    if (!fields_fit(g))
        return -1;
    text_str(&t, "YZ1|");
    text_str(&t, op_name(g->op));
    text_char(&t, '|');
    text_str(&t, g->locker);
    text_char(&t, '|');
    text_str(&t, g->key_id);
    text_char(&t, '|');
    text_uuid(&t, g->id);
    text_char(&t, '|');
    put_session(&t, g->sess);
    text_char(&t, '|');
    text_int(&t, g->seq);
    text_char(&t, '|');
    text_int(&t, g->compartment);
    text_char(&t, '|');
    text_uuid(&t, g->ref);
    put_numbers(&t, g);
    return t.failed ? -1 : (int)t.len;
}

int grant_encode_signed(const struct grant *g, const uint8_t sig[64], char *buffer, size_t cap)
{
    struct text t;
    int len = grant_encode(g, buffer, cap);

    if (len < 0)
        return -1;
    text_init(&t, buffer + len, cap - (size_t)len);
    text_char(&t, '|');
    text_base64url(&t, sig, 64);
    return t.failed ? -1 : len + (int)t.len;
}

static int copy_name(const struct text_piece *p, char *out, size_t max)
{
    if (!text_is_name(p->at, p->len, max))
        return -1;
    memcpy(out, p->at, p->len);
    out[p->len] = '\0';
    return 0;
}

/* As copy_name, with "-" for none. */
static int copy_option(const struct text_piece *p, char *out, size_t max)
{
    if (p->len == 1 && p->at[0] == '-') {
        out[0] = '\0';
        return 0;
    }
    return copy_name(p, out, max);
}

static int read_session(const struct text_piece *p, uint64_t *ret_sess)
{
    uint8_t bytes[8];
    uint64_t v = 0;

    *ret_sess = 0;
    if (p->len == 1 && p->at[0] == '-')
        return 0;
    if (text_read_hex(p->at, p->len, bytes, sizeof bytes) < 0)
        return -1;
    for (int i = 0; i < 8; i++)
        v = v << 8 | bytes[i];
    *ret_sess = v;
    return 0;
}

static int read_numbers(const struct text_piece *f, struct grant *g)
{
    int64_t seq, compartment;

    if (text_read_int(f[6].at, f[6].len, &seq) < 0 || seq < 0 || seq > UINT32_MAX)
        return -1;
    if (text_read_int(f[7].at, f[7].len, &compartment) < 0 || compartment < 0 || compartment > UINT16_MAX)
        return -1;
    g->seq = (uint32_t)seq;
    g->compartment = (uint16_t)compartment;
    return text_read_int(f[9].at, f[9].len, &g->nbf) < 0 || text_read_int(f[10].at, f[10].len, &g->exp) < 0 ||
                   text_read_int(f[11].at, f[11].len, &g->value) < 0
               ? -1
               : 0;
}

enum { FIELDS = 15 };

static int read_fields(const struct text_piece *f, struct grant *g)
{
    int op = op_from(f[1].at, f[1].len);

    if (f[0].len != 3 || memcmp(f[0].at, "YZ1", 3) != 0 || op < 0)
        return -1;
    g->op = (uint8_t)op;
    if (copy_name(&f[2], g->locker, GRANT_NAME_MAX) < 0 || copy_name(&f[3], g->key_id, GRANT_KEY_ID_MAX) < 0)
        return -1;
    if (text_read_uuid(f[4].at, f[4].len, g->id) < 0 || text_read_uuid(f[8].at, f[8].len, g->ref) < 0)
        return -1;
    if (read_session(&f[5], &g->sess) < 0 || read_numbers(f, g) < 0)
        return -1;
    return copy_option(&f[12], g->size, 2) < 0 || copy_option(&f[13], g->who, GRANT_NAME_MAX) < 0 ? -1 : 0;
}

int grant_parse(const char *s, size_t len, struct grant *ret_grant, uint8_t ret_sig[64])
{
    struct text_piece f[FIELDS];
    struct grant g = {0};
    uint8_t sig[64];
    char again[GRANT_TEXT_MAX];
    int n;

    if (len >= GRANT_TEXT_MAX || text_split(s, len, f, FIELDS) != FIELDS || read_fields(f, &g) < 0)
        return -1;
    if (text_read_base64url(f[14].at, f[14].len, sig, sizeof sig) < 0)
        return -1;
    n = grant_encode_signed(&g, sig, again, sizeof again);
    if (n < 0 || (size_t)n != len || memcmp(again, s, len) != 0)
        return -1;
    *ret_grant = g;
    memcpy(ret_sig, sig, sizeof sig);
    return 0;
}

enum why grant_verify(const struct core_crypto *c, const struct grant *g, const uint8_t sig[64],
                      const struct grant_key *keys, size_t key_count)
{
    char buffer[GRANT_TEXT_MAX];
    int len = grant_encode(g, buffer, sizeof buffer);

    if (len < 0)
        return WHY_MALFORMED;
    for (size_t i = 0; i < key_count; i++) {
        if (strcmp(keys[i].id, g->key_id) == 0)
            return c->verify(sig, (const uint8_t *)buffer, (size_t)len, keys[i].key) == 0 ? WHY_NONE
                                                                                          : WHY_BAD_SIGNATURE;
    }
    return WHY_BAD_KEY;
}

static int lacks_field(const struct grant *g, const struct op_rule *rule)
{
    return (rule->needs_compartment && g->compartment == 0) ||
           (rule->needs_ref && memcmp(g->ref, no_uuid, 16) == 0);
}

enum why grant_check(const struct grant *g, const char *locker, int64_t now, int64_t skew_us)
{
    const struct op_rule *rule = op_rule(g->op);
    int64_t life = g->sess ? rule->max_life_us : rule->max_offline_us;

    if (strcmp(g->locker, locker) != 0)
        return WHY_WRONG_LOCKER;
    if (rule->max_life_us == 0 || (g->sess == 0 && !rule->offline))
        return WHY_BAD_OP;
    if (lacks_field(g, rule))
        return WHY_MALFORMED;
    if (g->exp < g->nbf || g->exp - g->nbf > life)
        return WHY_TOO_LONG;
    if (now < g->nbf - skew_us)
        return WHY_NOT_YET;
    return now > g->exp ? WHY_EXPIRED : WHY_NONE;
}
