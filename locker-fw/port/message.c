#include "locker-fw/port/message.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "locker-fw/core/text.h"

static const char *const sizes[] = {"S", "S", "M", "L", "XL"};

static void key(struct text *t, const char *name)
{
    if (t->len > 0 && t->at[t->len - 1] != '{' && t->at[t->len - 1] != '[')
        text_char(t, ',');
    text_char(t, '"');
    text_str(t, name);
    text_str(t, "\":");
}

static void put_int(struct text *t, const char *name, int64_t v)
{
    key(t, name);
    text_int(t, v);
}

/* Only for texts without characters that JSON escapes. */
static void put_text(struct text *t, const char *name, const char *v)
{
    key(t, name);
    text_char(t, '"');
    text_str(t, v);
    text_char(t, '"');
}

static void put_hex(struct text *t, const char *name, const uint8_t *v, size_t len)
{
    key(t, name);
    text_char(t, '"');
    text_hex(t, v, len);
    text_char(t, '"');
}

static void put_sess(struct text *t, uint64_t sess)
{
    uint8_t bytes[8];

    for (int i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(sess >> (56 - 8 * i));
    put_hex(t, "sess", bytes, sizeof bytes);
}

static void put_uuid(struct text *t, const char *name, const uint8_t v[16])
{
    static const uint8_t none[16];

    key(t, name);
    if (memcmp(v, none, 16) == 0) {
        text_str(t, "null");
        return;
    }
    text_char(t, '"');
    text_uuid(t, v);
    text_char(t, '"');
}

static int finish(const struct text *t)
{
    return t->failed ? -1 : (int)t->len;
}

int message_conn(const struct core *c, const struct conn_facts *f, char *buffer, size_t cap)
{
    struct text t;

    text_init(&t, buffer, cap);
    text_str(&t, "{\"v\":1");
    key(&t, "on");
    text_str(&t, f->on ? "true" : "false");
    put_int(&t, "boot", c->boot);
    put_sess(&t, f->sess);
    if (f->on) {
        put_text(&t, "firmware", f->firmware);
        put_text(&t, "profile", f->profile);
        key(&t, "key_ids");
        text_char(&t, '[');
        for (int i = 0; i < c->setup.grant_key_count; i++) {
            text_str(&t, i ? ",\"" : "\"");
            text_str(&t, c->setup.grant_keys[i].id);
            text_char(&t, '"');
        }
        text_char(&t, ']');
        put_int(&t, "epoch", f->epoch);
        put_int(&t, "compartments", c->setup.count);
        put_int(&t, "at", f->now_us);
        put_int(&t, "backlog", (int64_t)f->backlog);
        put_int(&t, "config_version", c->config_version);
        put_int(&t, "firmware_version", c->firmware_version);
    }
    text_char(&t, '}');
    return finish(&t);
}

static void put_flags(struct text *t, uint8_t flags)
{
    static const char *const names[] = {"forced", "left_open", "sensor_conflict", "dirty"};
    int first = 1;

    key(t, "flags");
    text_char(t, '[');
    for (int i = 0; i < 4; i++) {
        if (!(flags & 1 << i))
            continue;
        text_str(t, first ? "\"" : ",\"");
        text_str(t, names[i]);
        text_char(t, '"');
        first = 0;
    }
    text_char(t, ']');
}

static void put_refs(struct text *t, const struct core *c, unsigned n)
{
    uint8_t refs[CORE_PER_COMPARTMENT][16];
    int count = core_refs(c, n, refs, CORE_PER_COMPARTMENT);

    if (count == 0)
        return;
    key(t, "refs");
    text_char(t, '[');
    for (int i = 0; i < count; i++) {
        text_str(t, i ? ",\"" : "\"");
        text_uuid(t, refs[i]);
        text_char(t, '"');
    }
    text_char(t, ']');
}

static void put_compartment(struct text *t, const struct core *c, unsigned n)
{
    const struct core_compartment *m = &c->c[n - 1];
    const struct core_place *p = &c->setup.places[n - 1];

    text_str(t, n > 1 ? ",{" : "{");
    put_int(t, "n", n);
    put_text(t, "size", sizes[p->size]);
    put_text(t, "state", state_name(m->state));
    put_text(t, "door", door_name(m->door));
    put_text(t, "item", item_name(m->item));
    put_text(t, "board", c->board_lost[p->board] ? "lost" : "ok");
    if (m->flags)
        put_flags(t, m->flags);
    put_refs(t, c, n);
    text_char(t, '}');
}

/* -1: not known */
static void put_known(struct text *t, const char *name, int v)
{
    key(t, name);
    text_str(t, v < 0 ? "null" : v ? "true" : "false");
}

static void put_measure(struct text *t, const char *name, int known, int32_t v)
{
    key(t, name);
    if (known)
        text_int(t, v);
    else
        text_str(t, "null");
}

static void put_box(struct text *t, const struct box_picture *b, const uint8_t alarms[STATE_ALARMS])
{
    static const char *const names[STATE_ALARMS] = {"tamper", "mains", "hot", "cold", "journal", "disk"};
    int first = 1;

    key(t, "box");
    text_char(t, '{');
    put_known(t, "tamper", b->tamper);
    put_known(t, "mains", b->mains);
    put_measure(t, "hottest_mc", b->has_temperature, b->hottest_mc);
    put_measure(t, "coldest_mc", b->has_temperature, b->coldest_mc);
    key(t, "alarms");
    text_char(t, '[');
    for (int i = 0; i < STATE_ALARMS; i++) {
        if (!alarms[i])
            continue;
        text_str(t, first ? "\"" : ",\"");
        text_str(t, names[i]);
        text_char(t, '"');
        first = 0;
    }
    text_str(t, "]}");
}

int message_state(const struct core *c, const struct box_picture *box, const uint8_t alarms[STATE_ALARMS],
                  int64_t business_us, char *buffer, size_t cap)
{
    struct text t;

    text_init(&t, buffer, cap);
    text_str(&t, "{\"v\":1");
    put_sess(&t, c->sess);
    put_int(&t, "rev", c->rev);
    put_int(&t, "at", business_us);
    if (box)
        put_box(&t, box, alarms);
    key(&t, "compartments");
    text_char(&t, '[');
    for (unsigned n = 1; n <= c->setup.count; n++)
        put_compartment(&t, c, n);
    text_str(&t, "]}");
    return finish(&t);
}

static void put_record(struct text *t, const struct record *r)
{
    text_char(t, '{');
    put_int(t, "seq", r->seq);
    put_int(t, "at", r->at);
    put_int(t, "rt", r->rt);
    put_text(t, "type", event_name(r->type));
    put_text(t, "op", op_name(r->op));
    put_text(t, "why", why_name(r->why));
    put_int(t, "extra", r->extra);
    put_int(t, "n", r->compartment);
    put_uuid(t, "ref", r->ref);
    put_uuid(t, "grant", r->grant);
    put_int(t, "value", r->value);
    put_int(t, "tag", r->tag);
    put_hex(t, "mac", r->mac, RECORD_MAC);
    text_char(t, '}');
}

int message_events(const struct record *records, int n, const uint8_t prev[RECORD_MAC], char *buffer,
                   size_t cap)
{
    struct text t;

    text_init(&t, buffer, cap);
    text_str(&t, "{\"v\":1");
    put_int(&t, "boot", records[0].boot);
    put_hex(&t, "prev", prev, RECORD_MAC);
    key(&t, "records");
    text_char(&t, '[');
    for (int i = 0; i < n; i++) {
        if (i > 0)
            text_char(&t, ',');
        put_record(&t, &records[i]);
    }
    text_str(&t, "]}");
    return finish(&t);
}

int message_result(const struct core_result *r, uint64_t sess, int64_t business_us, char *buffer, size_t cap)
{
    static const char *const statuses[] = {"accepted", "pulsed", "opened", "not_opened",
                                           "closed",   "done",   "refused"};
    struct text t;

    text_init(&t, buffer, cap);
    text_str(&t, "{\"v\":1");
    put_uuid(&t, "cmd_id", r->cmd_id);
    put_sess(&t, sess);
    put_int(&t, "seq", r->seq);
    put_int(&t, "compartment", r->compartment);
    put_text(&t, "status", statuses[r->status]);
    put_text(&t, "why", why_name(r->why));
    put_uuid(&t, "ref", r->ref);
    if (r->status == CORE_CLOSED)
        put_text(&t, "item", item_name(r->item));
    put_int(&t, "at", business_us);
    text_char(&t, '}');
    return finish(&t);
}

int message_measures(const struct metric *metrics, int n, uint64_t sess, int64_t now_us, char *buffer,
                     size_t cap)
{
    struct text t;
    char number[32];

    text_init(&t, buffer, cap);
    text_str(&t, "{\"v\":1");
    put_sess(&t, sess);
    put_int(&t, "at", now_us);
    key(&t, "metrics");
    text_char(&t, '{');
    for (int i = 0; i < n; i++) {
        snprintf(number, sizeof number, "%.6g", metrics[i].value);
        key(&t, metrics[i].name);
        text_str(&t, number);
    }
    text_str(&t, "}}");
    return finish(&t);
}

/* Takes members out of an object one by one; what is left over at the end is unknown. */
struct reader {
    json_t *object;
    const char *wrong;
};

static json_t *member(struct reader *r, const char *name, int required)
{
    json_t *v = json_object_get(r->object, name);

    if ((!v || json_is_null(v)) && required && !r->wrong)
        r->wrong = name;
    return json_is_null(v) ? NULL : v;
}

static int64_t get_int(struct reader *r, const char *name, int required, int64_t min, int64_t max)
{
    json_t *v = member(r, name, required);
    int64_t n = v ? json_integer_value(v) : 0;

    if (v && (!json_is_integer(v) || n < min || n > max) && !r->wrong)
        r->wrong = name;
    return n;
}

static const char *get_text(struct reader *r, const char *name, int required)
{
    json_t *v = member(r, name, required);

    if (v && (!json_is_string(v) || strlen(json_string_value(v)) != json_string_length(v)) && !r->wrong)
        r->wrong = name;
    return v && json_is_string(v) ? json_string_value(v) : "";
}

static void get_name(struct reader *r, const char *name, int required, char *out, size_t max)
{
    const char *s = get_text(r, name, required);
    size_t len = strlen(s);

    if ((len > 0 || required) && !text_is_name(s, len, max)) {
        if (!r->wrong)
            r->wrong = name;
        return;
    }
    memcpy(out, s, len + 1);
}

static void get_uuid(struct reader *r, const char *name, int required, uint8_t out[16])
{
    const char *s = get_text(r, name, required);

    if (*s && (strlen(s) != 36 || text_read_uuid(s, 36, out) < 0) && !r->wrong)
        r->wrong = name;
}

static void get_bytes(struct reader *r, const char *name, uint8_t *out, size_t len, int base64)
{
    const char *s = get_text(r, name, 1);
    int bad = base64 ? text_read_base64url(s, strlen(s), out, len) : text_read_hex(s, strlen(s), out, len);

    if (bad && !r->wrong)
        r->wrong = name;
}

static int begin(struct reader *r, const char *s, size_t len, const char *const *known, struct error *err)
{
    const char *name;
    json_t *v;

    r->wrong = NULL;
    r->object = json_read(s, len, err);
    if (!r->object)
        return -1;
    if (!json_is_object(r->object))
        r->wrong = "(not an object)";
    json_object_foreach(r->object, name, v)
    {
        int found = 0;

        for (int i = 0; known[i]; i++)
            found |= strcmp(known[i], name) == 0;
        if (!found)
            r->wrong = "(unknown member)";
    }
    if (get_int(r, "v", 1, 1, 1) != 1 && !r->wrong)
        r->wrong = "v";
    return 0;
}

static int end(struct reader *r, const char *what, struct error *err)
{
    const char *wrong = r->wrong;

    if (wrong)
        error_set(err, EINVAL, "%s: %s is missing or wrong", what, wrong);
    json_decref(r->object);
    return wrong ? -1 : 0;
}

int message_read_command(const char *s, size_t len, struct grant *ret_grant, uint8_t ret_sig[64],
                         struct error *err)
{
    static const char *const known[] = {"v",           "cmd_id", "sess", "seq", "op",    "locker",
                                        "compartment", "ref",    "nbf",  "exp", "value", "size",
                                        "who",         "key_id", "sig",  NULL};
    static const int64_t far = 999999999999999999;
    struct grant g = {0};
    struct reader r;
    uint8_t sig[64], sess[8] = {0};
    const char *op;
    int number;

    if (begin(&r, s, len, known, err) < 0)
        return -1;
    op = get_text(&r, "op", 1);
    number = op_from(op, strlen(op));
    if (number <= OP_NONE)
        r.wrong = "op";
    g.op = (uint8_t)number;
    get_uuid(&r, "cmd_id", 1, g.id);
    get_uuid(&r, "ref", 0, g.ref);
    get_bytes(&r, "sess", sess, sizeof sess, 0);
    for (int i = 0; i < 8; i++)
        g.sess = g.sess << 8 | sess[i];
    g.seq = (uint32_t)get_int(&r, "seq", 1, 1, UINT32_MAX);
    g.compartment = (uint16_t)get_int(&r, "compartment", 1, 0, CORE_DOORS);
    g.nbf = get_int(&r, "nbf", 1, 0, far);
    g.exp = get_int(&r, "exp", 1, 0, far);
    g.value = get_int(&r, "value", 0, -far, far);
    get_name(&r, "locker", 1, g.locker, GRANT_NAME_MAX);
    get_name(&r, "key_id", 1, g.key_id, GRANT_KEY_ID_MAX);
    get_name(&r, "who", 0, g.who, GRANT_NAME_MAX);
    get_name(&r, "size", 0, g.size, 2);
    get_bytes(&r, "sig", sig, sizeof sig, 1);
    if (end(&r, "command", err) < 0)
        return -1;
    *ret_grant = g;
    memcpy(ret_sig, sig, sizeof sig);
    return 0;
}

int message_read_ack(const char *s, size_t len, uint32_t *ret_boot, uint32_t *ret_upto,
                     uint8_t ret_mac[RECORD_MAC], struct error *err)
{
    static const char *const known[] = {"v", "boot", "upto", "mac", NULL};
    struct reader r;
    uint8_t mac[RECORD_MAC];
    int64_t boot, upto;

    if (begin(&r, s, len, known, err) < 0)
        return -1;
    boot = get_int(&r, "boot", 1, 0, UINT32_MAX);
    upto = get_int(&r, "upto", 1, 0, UINT32_MAX);
    get_bytes(&r, "mac", mac, sizeof mac, 0);
    if (end(&r, "acknowledgement", err) < 0)
        return -1;
    *ret_boot = (uint32_t)boot;
    *ret_upto = (uint32_t)upto;
    memcpy(ret_mac, mac, sizeof mac);
    return 0;
}

static void get_body(struct reader *r, const char *name, struct signed_notice *n, size_t max)
{
    const char *s = get_text(r, name, 1);

    if (strlen(s) > max && !r->wrong)
        r->wrong = name;
    else
        snprintf(n->body, sizeof n->body, "%s", s);
}

static void read_notice(struct reader *r, struct signed_notice *n)
{
    n->version = get_int(r, "version", 1, 1, 999999999999999);
    get_name(r, "key_id", 1, n->key_id, GRANT_KEY_ID_MAX);
    get_bytes(r, "sig", n->sig, sizeof n->sig, 1);
}

int message_read_config(const char *s, size_t len, const char *locker, struct signed_notice *ret,
                        struct error *err)
{
    static const char *const known[] = {"v", "version", "body", "key_id", "sig", NULL};
    struct reader r;

    if (begin(&r, s, len, known, err) < 0)
        return -1;
    read_notice(&r, ret);
    get_body(&r, "body", ret, SIGNED_BODY_MAX);
    if (end(&r, "configuration", err) < 0)
        return -1;
    snprintf(ret->signed_text, sizeof ret->signed_text, "YZC1|%s|%lld|%s", locker, (long long)ret->version,
             ret->body);
    return 0;
}

int message_read_firmware(const char *s, size_t len, const char *locker, struct signed_notice *ret,
                          struct error *err)
{
    static const char *const known[] = {"v", "version", "url", "sha256", "key_id", "sig", NULL};
    uint8_t hash[32];
    struct reader r;

    if (begin(&r, s, len, known, err) < 0)
        return -1;
    read_notice(&r, ret);
    get_body(&r, "url", ret, 512);
    get_bytes(&r, "sha256", hash, sizeof hash, 0);
    snprintf(ret->sha256, sizeof ret->sha256, "%s", get_text(&r, "sha256", 1));
    if (end(&r, "firmware notice", err) < 0)
        return -1;
    snprintf(ret->signed_text, sizeof ret->signed_text, "YZF1|%s|%lld|%s|%s", locker, (long long)ret->version,
             ret->body, ret->sha256);
    return 0;
}
