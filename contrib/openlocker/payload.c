#include "contrib/openlocker/payload.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/crypto.h"
#include "base/json.h"
#include "base/time.h"
#include "locker-fw/core/text.h"

static void begin(struct text *t, const struct payload_ids *ids, const char *action, char *buffer, size_t cap)
{
    char message[UUID_TEXT_MAX], transaction[UUID_TEXT_MAX], now[TIME_TEXT_MAX];

    uuid_format(&ids->message, message);
    uuid_format(&ids->transaction, transaction);
    time_format(ids->now_us, now);
    text_init(t, buffer, cap);
    text_str(t, "{\"message_id\":\"");
    text_str(t, message);
    text_str(t, "\",\"transaction_id\":\"");
    text_str(t, transaction);
    text_str(t, "\",\"action\":\"");
    text_str(t, action);
    text_str(t, "\",\"timestamp\":\"");
    text_str(t, now);
    text_str(t, "\",\"data\":{");
}

static int finish(const struct text *t)
{
    return t->failed ? -1 : (int)t->len;
}

int payload_open(const struct payload_ids *ids, unsigned compartment, char *buffer, size_t cap)
{
    struct text t;

    begin(&t, ids, "open_compartment", buffer, cap);
    text_str(&t, "\"compartment_number\":");
    text_int(&t, compartment);
    text_str(&t, "}}");
    return finish(&t);
}

static void put_places(struct text *t, const struct payload_place *places, unsigned n)
{
    text_char(t, '[');
    for (unsigned i = 0; i < n; i++) {
        text_str(t, i ? ",{\"compartment_number\":" : "{\"compartment_number\":");
        text_int(t, places[i].compartment);
        text_str(t, ",\"slaveId\":");
        text_int(t, places[i].slave);
        text_str(t, ",\"address\":");
        text_int(t, places[i].address);
        text_char(t, '}');
    }
    text_char(t, ']');
}

int payload_apply_config(const struct payload_ids *ids, const struct payload_place *places, unsigned n,
                         unsigned heartbeat_s, char *buffer, size_t cap, char ret_hash[65])
{
    static char list[PAYLOAD_MAX];
    uint8_t hash[32];
    struct text t;

    text_init(&t, list, sizeof list);
    put_places(&t, places, n);
    if (t.failed)
        return -1;
    crypto_sha256(hash, list, t.len);
    text_init(&t, ret_hash, 65);
    text_hex(&t, hash, sizeof hash);
    begin(&t, ids, "apply_config", buffer, cap);
    text_str(&t, "\"config_hash\":\"");
    text_str(&t, ret_hash);
    text_str(&t, "\",\"heartbeat_interval_seconds\":");
    text_int(&t, heartbeat_s);
    text_str(&t, ",\"compartments\":");
    text_str(&t, list);
    text_str(&t, "}}");
    return finish(&t);
}

/* The envelope that all of their messages share. New reference, or NULL. */
static json_t *envelope(const char *s, size_t len, const char *what, struct error *err)
{
    json_t *o = len <= PAYLOAD_MAX ? json_read(s, len, err) : NULL;
    const char *id = json_string_value(json_object_get(o, "message_id"));
    const char *at = json_string_value(json_object_get(o, "timestamp"));
    int64_t us;

    if (len > PAYLOAD_MAX)
        error_set(err, EMSGSIZE, "%s: more than %d bytes", what, PAYLOAD_MAX);
    else if (o && (!id || !*id || !at || time_parse(at, &us, NULL) < 0))
        error_set(err, EINVAL, "%s: message_id or timestamp is missing or wrong", what);
    else
        return o;
    json_decref(o);
    return NULL;
}

/* A text of 1 to PAYLOAD_WORD_MAX - 1 bytes. */
static int read_word(json_t *o, const char *name, char ret[PAYLOAD_WORD_MAX])
{
    const char *s = json_string_value(json_object_get(o, name));

    if (!s || !*s || strlen(s) >= PAYLOAD_WORD_MAX)
        return -1;
    memcpy(ret, s, strlen(s) + 1);
    return 0;
}

static int read_outcome(json_t *o, struct payload_response *r)
{
    char result[PAYLOAD_WORD_MAX], transaction[PAYLOAD_WORD_MAX];
    const char *hash = json_string_value(json_object_get(o, "applied_config_hash"));
    uint8_t bytes[32];

    if (read_word(o, "action", r->action) < 0 || read_word(o, "result", result) < 0 ||
        !json_is_string(json_object_get(o, "transaction_id")))
        return -1;
    if (read_word(o, "transaction_id", transaction) == 0 && uuid_parse(transaction, &r->transaction) < 0)
        memset(&r->transaction, 0, sizeof r->transaction);
    r->success = strcmp(result, "success") == 0;
    if (hash && strlen(hash) == 64 && text_read_hex(hash, 64, bytes, 32) == 0)
        memcpy(r->hash, hash, 65);
    if (r->success)
        return 0;
    return strcmp(result, "error") == 0 ? read_word(o, "error_code", r->code) : -1;
}

int payload_read_response(const char *s, size_t len, struct payload_response *ret, struct error *err)
{
    struct payload_response r = {.success = 0};
    json_t *o = envelope(s, len, "response", err);
    int bad;

    if (!o)
        return -1;
    bad = read_outcome(o, &r);
    json_decref(o);
    if (bad)
        return error_set(err, EINVAL,
                         "response: transaction_id, action, result or error_code is missing or wrong");
    *ret = r;
    return 0;
}

int payload_pulse_of(const char *error_code)
{
    static const char *const refused[] = {"COMPARTMENT_NOT_FOUND", "INVALID_COMMAND", "INVALID_CONFIG"};

    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        if (strcmp(error_code, refused[i]) == 0)
            return 0;
    }
    return -1;
}

static enum payload_door door_of(const char *word)
{
    if (!word)
        return PAYLOAD_ABSENT;
    if (strcmp(word, "open") == 0)
        return PAYLOAD_OPEN;
    if (strcmp(word, "closed") == 0)
        return PAYLOAD_CLOSED;
    return strcmp(word, "unknown") == 0 ? PAYLOAD_UNKNOWN : PAYLOAD_ABSENT;
}

static int read_doors(json_t *list, uint8_t door[PAYLOAD_DOORS], unsigned *ret_others)
{
    json_t *one;
    size_t i;

    if (!json_is_array(list))
        return -1;
    json_array_foreach(list, i, one)
    {
        json_t *number = json_object_get(one, "compartment_number");
        json_int_t n = json_integer_value(number);
        enum payload_door d = door_of(json_string_value(json_object_get(one, "door_state")));

        if (!json_is_integer(number) || n < 1 || d == PAYLOAD_ABSENT)
            return -1;
        if (n > PAYLOAD_DOORS) {
            ++*ret_others;
            continue;
        }
        if (door[n - 1] != PAYLOAD_ABSENT)
            return -1;
        door[n - 1] = (uint8_t)d;
    }
    return 0;
}

int payload_read_snapshot(const char *s, size_t len, uint8_t door[PAYLOAD_DOORS], unsigned *ret_others,
                          struct error *err)
{
    json_t *o = envelope(s, len, "state/compartments", err);
    uint8_t seen[PAYLOAD_DOORS] = {0};
    unsigned others = 0;
    int bad;

    if (!o)
        return -1;
    bad = read_doors(json_object_get(o, "compartments"), seen, &others);
    json_decref(o);
    if (bad)
        return error_set(err, EINVAL, "state/compartments: a compartment is wrong or there twice");
    memcpy(door, seen, sizeof seen);
    *ret_others = others;
    return 0;
}

int payload_read_heartbeat(const char *s, size_t len, int64_t *ret_uptime_s, struct error *err)
{
    json_t *o = envelope(s, len, "state/heartbeat", err);
    json_t *up = json_object_get(o, "uptime_seconds");
    int good = json_is_integer(up) && json_integer_value(up) >= 0;

    if (!o)
        return -1;
    if (good)
        *ret_uptime_s = json_integer_value(up);
    json_decref(o);
    return good ? 0 : error_set(err, EINVAL, "state/heartbeat: uptime_seconds is missing or wrong");
}

int payload_read_connection(const char *s, size_t len, char ret_reason[PAYLOAD_WORD_MAX], struct error *err)
{
    json_t *o = envelope(s, len, "state/connection", err);
    const char *status = json_string_value(json_object_get(o, "status"));
    int good = status && strcmp(status, "offline") == 0 && read_word(o, "reason", ret_reason) == 0;

    if (!o)
        return -1;
    json_decref(o);
    return good ? 0 : error_set(err, EINVAL, "state/connection: status or reason is missing or wrong");
}

int payload_read_event(const char *s, size_t len, char ret_event[PAYLOAD_WORD_MAX], struct error *err)
{
    json_t *o = envelope(s, len, "event", err);
    int good = o && read_word(o, "event", ret_event) == 0;

    if (!o)
        return -1;
    json_decref(o);
    return good ? 0 : error_set(err, EINVAL, "event: its name is missing or wrong");
}
