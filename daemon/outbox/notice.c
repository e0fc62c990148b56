#include "daemon/outbox/notice.h"

#include <stdio.h>
#include <string.h>

/* {name} stands for a member of the payload; {code} for the code. */
static const struct template
{
    const char *name, *zh, *en;
}
templates[] = {
    {"in_locker",
     "【{brand}】尾号{waybill_tail}的快件已放入{place}快递柜{locker}，{compartment}号格，取件码{code}，请于{"
     "deadline}前取件。咨询{phone}",
     "[{brand}] Parcel …{waybill_tail} is in locker {locker} at {place}, door {compartment}, code {code}, "
     "until {deadline}. Call {phone}"},
    {"at_station", "【{brand}】尾号{waybill_tail}的快件已到{place}驿站，请前往领取。",
     "[{brand}] Parcel …{waybill_tail} waits at the station of {place}."},
    {"out_for_delivery", "【{brand}】尾号{waybill_tail}的快件正在派送，选择派送方式：/t/{tracking}",
     "[{brand}] Parcel …{waybill_tail} is on its way. Choose how to receive it: /t/{tracking}"},
    {"overdue",
     "【{brand}】尾号{waybill_tail}的快件在{locker}快递柜已超期，将由快递员取回。取件码{code}仍可使用。咨询{"
     "phone}",
     "[{brand}] Parcel …{waybill_tail} in locker {locker} is overdue and will be taken back; code {code} "
     "still works. Call {phone}"},
    {"attempt_failed", "【{brand}】尾号{waybill_tail}的快件派送未成功，将再次派送：/t/{tracking}",
     "[{brand}] Parcel …{waybill_tail} could not be delivered and will be tried again: /t/{tracking}"},
    {"returning", "【{brand}】尾号{waybill_tail}的快件正在退回寄件人。",
     "[{brand}] Parcel …{waybill_tail} goes back to its sender."},
};

enum { TEXT_MAX = 512 };

static size_t add(char *out, size_t at, const char *s, size_t n)
{
    if (at + n >= TEXT_MAX)
        n = TEXT_MAX - 1 - at;
    memcpy(out + at, s, n);
    return at + n;
}

static size_t add_member(char *out, size_t at, json_t *payload, const char *name, size_t len,
                         const char *code)
{
    char key[32], number[24];
    snprintf(key, sizeof key, "%.*s", (int)len, name);
    json_t *v = json_object_get(payload, key);
    const char *s = !strcmp(key, "code") ? code : json_string_value(v);
    if (json_is_integer(v)) {
        snprintf(number, sizeof number, "%lld", (long long)json_integer_value(v));
        s = number;
    }
    return s ? add(out, at, s, strlen(s)) : at;
}

static void fill(char out[TEXT_MAX], const char *template, json_t *payload, const char *code)
{
    size_t at = 0;
    while (*template) {
        size_t n = strcspn(template, "{");
        at = add(out, at, template, n);
        template += n;
        if (*template == '{') {
            size_t len = strcspn(template + 1, "}");
            at = add_member(out, at, payload, template + 1, len, code);
            template += len + 2;
        }
    }
    out[at] = '\0';
}

int notice_fill(json_t *payload, const char *code)
{
    char zh[TEXT_MAX], en[TEXT_MAX];
    const char *name = json_string_value(json_object_get(payload, "template"));
    for (size_t i = 0; name && i < sizeof templates / sizeof templates[0]; i++) {
        if (strcmp(templates[i].name, name))
            continue;
        fill(zh, templates[i].zh, payload, code);
        fill(en, templates[i].en, payload, code);
        json_object_set_new(payload, "text", json_pack("{s:s, s:s}", "zh", zh, "en", en));
        if (code)
            json_object_set_new(payload, "code", json_string(code));
        return 0;
    }
    return -1;
}
