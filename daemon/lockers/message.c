#include "daemon/lockers/message.h"

#include "locker-fw/core/text.h"

#include <errno.h>
#include <string.h>

static const char *const res_names[RES_STATUSES] = {"accepted", "pulsed", "opened", "not_opened",
                                                    "closed",   "done",   "refused"};

static int bad(struct error *err, const char *what)
{
    return error_set(err, EINVAL, "%s", what);
}

static int read_u32(json_int_t v, uint32_t *ret)
{
    if (v < 0 || v > UINT32_MAX)
        return -1;
    *ret = (uint32_t)v;
    return 0;
}

static int read_sess(const char *hex, uint64_t *ret)
{
    uint8_t bytes[8];
    if (text_read_hex(hex, strlen(hex), bytes, sizeof bytes))
        return -1;
    uint64_t v = 0;
    for (size_t i = 0; i < sizeof bytes; i++)
        v = v << 8 | bytes[i];
    *ret = v;
    return 0;
}

/* A UUID, or null for none. */
static int read_uuid(json_t *v, uint8_t ret[16])
{
    if (json_is_null(v)) {
        memset(ret, 0, 16);
        return 0;
    }
    const char *s = json_string_value(v);
    return s && strlen(s) == 36 ? text_read_uuid(s, 36, ret) : -1;
}

int message_conn_read(json_t *in, struct message_conn *ret, struct error *err)
{
    struct message_conn c = {0};
    json_error_t je;
    json_int_t v, boot, epoch = 0, at = 0, compartments, backlog, config, firmware_version;
    int on;
    const char *sess, *firmware, *profile;
    json_t *keys;
    if (json_unpack_ex(in, &je, JSON_STRICT,
                       "{s:I, s:b, s:I, s:s, s?s, s?s, s?o, s?I, s?I, s?I, s?I, s?I, s?I}", "v", &v, "on",
                       &on, "boot", &boot, "sess", &sess, "firmware", &firmware, "profile", &profile,
                       "key_ids", &keys, "epoch", &epoch, "compartments", &compartments, "at", &at, "backlog",
                       &backlog, "config_version", &config, "firmware_version", &firmware_version))
        return error_set(err, EINVAL, "conn: %s", je.text);
    if (v != 1)
        return bad(err, "conn: v is not 1");
    if (read_u32(boot, &c.boot) || read_u32(epoch, &c.epoch) || read_sess(sess, &c.sess))
        return bad(err, "conn: boot, epoch or sess is out of range");
    c.on = on;
    c.at = at;
    *ret = c;
    return 0;
}

int message_res_read(json_t *in, struct message_res *ret, struct error *err)
{
    struct message_res r = {.status = RES_STATUSES};
    json_error_t je;
    json_int_t v, seq, at;
    const char *sess, *status, *why, *item;
    json_t *id, *ref;
    if (json_unpack_ex(in, &je, JSON_STRICT, "{s:I, s:o, s:s, s?I, s:i, s:s, s:s, s?o, s?s, s:I}", "v", &v,
                       "cmd_id", &id, "sess", &sess, "seq", &seq, "compartment", &r.compartment, "status",
                       &status, "why", &why, "ref", &ref, "item", &item, "at", &at))
        return error_set(err, EINVAL, "res: %s", je.text);
    for (int i = 0; i < RES_STATUSES; i++)
        if (!strcmp(status, res_names[i]))
            r.status = (enum res_status)i;
    int w = why_from(why, strlen(why));
    if (v != 1 || r.status == RES_STATUSES || w < 0 || json_is_null(id) || read_uuid(id, r.cmd_id))
        return bad(err, "res: v, status, why or cmd_id is not of the contract");
    r.why = (enum why)w;
    *ret = r;
    return 0;
}

static int read_record(json_t *in, uint32_t boot, struct record *ret, struct error *err)
{
    struct record r = {.boot = boot};
    json_error_t je;
    json_int_t seq, at, rt, value, tag;
    const char *type, *op, *why, *mac;
    json_t *ref, *grant;
    int extra, n;
    if (json_unpack_ex(in, &je, JSON_STRICT,
                       "{s:I, s:I, s:I, s:s, s:s, s:s, s:i, s:i, s:o, s:o, s:I, s:I, s:s}", "seq", &seq, "at",
                       &at, "rt", &rt, "type", &type, "op", &op, "why", &why, "extra", &extra, "n", &n, "ref",
                       &ref, "grant", &grant, "value", &value, "tag", &tag, "mac", &mac))
        return error_set(err, EINVAL, "%s", je.text);
    int t = event_from(type, strlen(type)), o = op_from(op, strlen(op)), w = why_from(why, strlen(why));
    if (t < 0 || o < 0 || w < 0)
        return bad(err, "type, op or why is not of the contract");
    if (read_u32(seq, &r.seq) || read_u32(tag, &r.tag) || extra < 0 || extra > 255 || n < 0 || n > 65535)
        return bad(err, "seq, tag, extra or n is out of range");
    if (read_uuid(ref, r.ref) || read_uuid(grant, r.grant))
        return bad(err, "ref or grant is no UUID");
    if (text_read_hex(mac, strlen(mac), r.mac, sizeof r.mac))
        return bad(err, "mac is not 32 hex digits");
    r.type = (uint8_t)t;
    r.op = (uint8_t)o;
    r.why = (uint8_t)w;
    r.extra = (uint8_t)extra;
    r.compartment = (uint16_t)n;
    r.at = at;
    r.rt = rt;
    r.value = value;
    *ret = r;
    return 0;
}

int message_ev_read(json_t *in, struct message_ev *ret, struct error *err)
{
    json_error_t je;
    json_int_t v, boot;
    const char *prev;
    json_t *records;
    if (json_unpack_ex(in, &je, JSON_STRICT, "{s:I, s:I, s:s, s:o}", "v", &v, "boot", &boot, "prev", &prev,
                       "records", &records))
        return error_set(err, EINVAL, "ev: %s", je.text);
    size_t n = json_array_size(records);
    if (v != 1 || n < 1 || n > MESSAGE_RECORDS_MAX || read_u32(boot, &ret->boot) ||
        text_read_hex(prev, strlen(prev), ret->prev, sizeof ret->prev))
        return bad(err, "ev: v, boot, prev or the number of records is not of the contract");
    ret->n = (int)n;
    for (size_t i = 0; i < n; i++)
        if (read_record(json_array_get(records, i), ret->boot, &ret->records[i], err))
            return error_prefix(err, "ev: records[%zu]", i);
    return 0;
}

static json_t *hex_json(const uint8_t *bytes, size_t len)
{
    char hex[2 * 32 + 1];
    struct text t;
    text_init(&t, hex, sizeof hex);
    text_hex(&t, bytes, len);
    return json_string(hex);
}

static json_t *uuid_json(const uint8_t uuid[16])
{
    char s[37];
    struct text t;
    text_init(&t, s, sizeof s);
    text_uuid(&t, uuid);
    return s[1] ? json_string(s) : json_null();
}

static json_t *sess_json(uint64_t sess)
{
    uint8_t bytes[8];
    for (int i = 7; i >= 0; i--, sess >>= 8)
        bytes[i] = (uint8_t)sess;
    return hex_json(bytes, sizeof bytes);
}

json_t *message_cmd(const struct grant *g, const uint8_t sig[64])
{
    char canonical[GRANT_TEXT_MAX], sig64[87];
    struct text t;
    if (grant_encode(g, canonical, sizeof canonical) < 0)
        return NULL;
    text_init(&t, sig64, sizeof sig64);
    text_base64url(&t, sig, 64);
    json_t *out = json_pack("{s:i, s:o, s:o, s:I, s:s, s:s, s:i, s:o, s:I, s:I, s:I, s:s, s:s}", "v", 1,
                            "cmd_id", uuid_json(g->id), "sess", sess_json(g->sess), "seq", (json_int_t)g->seq,
                            "op", op_name(g->op), "locker", g->locker, "compartment", (int)g->compartment,
                            "ref", uuid_json(g->ref), "nbf", (json_int_t)g->nbf, "exp", (json_int_t)g->exp,
                            "value", (json_int_t)g->value, "key_id", g->key_id, "sig", sig64);
    if (out && *g->size)
        json_object_set_new(out, "size", json_string(g->size));
    if (out && *g->who)
        json_object_set_new(out, "who", json_string(g->who));
    return out;
}

json_t *message_evack(uint32_t boot, uint32_t upto, const uint8_t mac[RECORD_MAC])
{
    return json_pack("{s:i, s:I, s:I, s:o}", "v", 1, "boot", (json_int_t)boot, "upto", (json_int_t)upto,
                     "mac", hex_json(mac, RECORD_MAC));
}
