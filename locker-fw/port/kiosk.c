#include "locker-fw/port/kiosk.h"

#include <qrencode.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "locker-fw/core/text.h"
#include "locker-fw/port/diagnose.h"

enum { FILE_MAX = 256 * 1024, ANSWER_MAX = 1024, BODY_MAX = 4096, QR_MAX = 65536 };

struct kiosk {
    struct kiosk_settings settings;
    struct cabinet *cabinet;
    struct http_server *http;
};

static const struct {
    const char *path, *file, *type;
} files[] = {
    {"/", "index.html", "text/html; charset=utf-8"},
    {"/kiosk.css", "kiosk.css", "text/css; charset=utf-8"},
    {"/kiosk.js", "kiosk.js", "text/javascript; charset=utf-8"},
};

static void reply_json(struct http_request *r, int status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
static void reply_json(struct http_request *r, int status, const char *fmt, ...)
{
    char body[ANSWER_MAX];
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vsnprintf(body, sizeof body, fmt, ap);
    va_end(ap);
    http_set_header(r, "Cache-Control", "no-store");
    http_reply(r, status, "application/json", body, n < 0 || n >= (int)sizeof body ? 0 : (size_t)n);
}

static void serve_file(struct kiosk *k, struct http_request *r, int i)
{
    char path[512], *body = malloc(FILE_MAX);
    FILE *f;
    size_t len = 0;

    snprintf(path, sizeof path, "%s/%s", k->settings.root, files[i].file);
    f = body ? fopen(path, "re") : NULL;
    if (f) {
        len = fread(body, 1, FILE_MAX, f);
        fclose(f);
    }
    http_set_header(r, "Content-Security-Policy",
                    "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'");
    http_set_header(r, "X-Content-Type-Options", "nosniff");
    http_reply(r, f ? 200 : 404, files[i].type, body, len);
    free(body);
}

static void get_status(struct kiosk *k, struct http_request *r)
{
    const struct core *c = cabinet_core(k->cabinet);
    int64_t locked_us = c->lock.until - cabinet_now(k->cabinet).real;
    unsigned free_of[5] = {0};

    for (unsigned n = 1; n <= c->setup.count; n++) {
        if (c->c[n - 1].state == STATE_FREE && !c->c[n - 1].flags)
            free_of[c->setup.places[n - 1].size]++;
    }
    reply_json(
        r, 200,
        "{\"locker\":\"%s\",\"online\":%s,\"free\":{\"S\":%u,\"M\":%u,\"L\":%u,\"XL\":%u},\"locked_s\":%lld,"
        "\"broken\":%s}",
        c->setup.locker, k->settings.online(k->settings.arg) ? "true" : "false", free_of[1], free_of[2],
        free_of[3], free_of[4], locked_us > 0 ? (long long)(locked_us / 1000000 + 1) : 0,
        c->broken ? "true" : "false");
}

static void get_diagnostics(struct kiosk *k, struct http_request *r)
{
    json_t *o = diagnose(k->cabinet, k->settings.online(k->settings.arg));
    char *body = o ? json_dumps(o, JSON_COMPACT) : NULL;

    http_set_header(r, "Cache-Control", "no-store");
    http_reply(r, body ? 200 : 500, "application/json", body ? body : "", body ? strlen(body) : 0);
    free(body);
    json_decref(o);
}

static unsigned compartment_asked(struct kiosk *k, struct http_request *r)
{
    const char *text = http_query(r, "n");
    int64_t n;

    if (!text || text_read_int(text, strlen(text), &n) < 0 || n < 1 ||
        n > cabinet_core(k->cabinet)->setup.count)
        return 0;
    return (unsigned)n;
}

static void get_compartment(struct kiosk *k, struct http_request *r)
{
    unsigned n = compartment_asked(k, r);
    const struct core_compartment *m;

    if (n == 0) {
        reply_json(r, 404, "{\"ok\":false,\"why\":\"bad_compartment\"}");
        return;
    }
    m = &cabinet_core(k->cabinet)->c[n - 1];
    reply_json(r, 200, "{\"n\":%u,\"state\":\"%s\",\"door\":\"%s\",\"item\":\"%s\",\"fails\":%u}", n,
               state_name(m->state), door_name(m->door), item_name(m->item), m->fails);
}

/* A QR as one SVG path: dark runs are horizontal strokes. */
static int qr_svg(const char *text, char *out, size_t cap)
{
    QRcode *q = QRcode_encodeString(text, 0, QR_ECLEVEL_L, QR_MODE_8, 1);
    struct text t;

    text_init(&t, out, cap);
    if (!q)
        return -1;
    text_str(&t, "<svg xmlns='http://www.w3.org/2000/svg' viewBox='-4 -4.5 ");
    text_int(&t, q->width + 8);
    text_char(&t, ' ');
    text_int(&t, q->width + 8);
    text_str(&t, "'><path stroke='#000' d='");
    for (int y = 0; y < q->width; y++) {
        for (int x = 0; x < q->width; x++) {
            if (!(q->data[y * q->width + x] & 1))
                continue;
            text_char(&t, 'M');
            text_int(&t, x);
            text_char(&t, ' ');
            text_int(&t, y);
            text_str(&t, "h1");
        }
    }
    text_str(&t, "'/></svg>");
    QRcode_free(q);
    return t.failed ? -1 : 0;
}

static void get_receipt(struct kiosk *k, struct http_request *r)
{
    unsigned n = compartment_asked(k, r);
    const struct record *d = n ? cabinet_deposited(k->cabinet, n) : NULL;
    char receipt[RECEIPT_TEXT_MAX], *svg, *body;
    int len;

    if (!d || core_receipt(cabinet_core(k->cabinet), d, receipt, sizeof receipt) < 0) {
        reply_json(r, 404, "{\"ok\":false,\"why\":\"wrong_ref\"}");
        return;
    }
    svg = malloc(QR_MAX);
    body = malloc(QR_MAX + ANSWER_MAX);
    if (!svg || !body)
        abort();
    if (qr_svg(receipt, svg, QR_MAX) < 0)
        svg[0] = '\0';
    len = snprintf(body, QR_MAX + ANSWER_MAX, "{\"text\":\"%s\",\"svg\":\"%s\"}", receipt, svg);
    http_reply(r, 200, "application/json", body, (size_t)len);
    free(svg);
    free(body);
}

static void reply_why(struct http_request *r, enum why why, unsigned n)
{
    reply_json(r, 200, "{\"ok\":%s,\"compartment\":%u,\"why\":\"%s\"}", why == WHY_NONE ? "true" : "false", n,
               why_name(why));
}

static void post_code(struct kiosk *k, struct http_request *r, json_t *body)
{
    const char *digits = json_string_value(json_object_get(body, "digits"));
    struct core_time now = cabinet_now(k->cabinet);
    unsigned n = 0;
    enum why why =
        digits ? core_code(cabinet_core(k->cabinet), digits, strlen(digits), &now, &n) : WHY_MALFORMED;

    cabinet_settle(k->cabinet);
    reply_why(r, why, n);
}

static void post_scan(struct kiosk *k, struct http_request *r, json_t *body)
{
    const char *text = json_string_value(json_object_get(body, "text"));
    struct core_time now = cabinet_now(k->cabinet);
    struct core *c = cabinet_core(k->cabinet);
    size_t len = text ? strlen(text) : 0;
    unsigned n = 0;
    enum why why = WHY_MALFORMED;

    if (text)
        why = code_is(text, len) ? core_code(c, text, len, &now, &n) : core_present(c, text, len, &now, &n);
    cabinet_settle(k->cabinet);
    reply_why(r, why, n);
}

static void post_report(struct kiosk *k, struct http_request *r, json_t *body)
{
    const char *what = json_string_value(json_object_get(body, "what"));
    json_int_t n = json_integer_value(json_object_get(body, "compartment"));
    struct core_time now = cabinet_now(k->cabinet);
    int number = what ? why_from(what, strlen(what)) : -1;
    enum why why = WHY_MALFORMED;

    if (number >= 0 && n >= 1 && n <= CORE_DOORS)
        why = core_report(cabinet_core(k->cabinet), (unsigned)n, (enum why)number, &now);
    cabinet_settle(k->cabinet);
    reply_why(r, why, (unsigned)n);
}

static const struct {
    const char *method, *path;
    void (*get)(struct kiosk *k, struct http_request *r);
    void (*post)(struct kiosk *k, struct http_request *r, json_t *body);
} routes[] = {
    {"GET", "/api/status", get_status, NULL},
    {"GET", "/api/compartment", get_compartment, NULL},
    {"GET", "/api/diagnostics", get_diagnostics, NULL},
    {"GET", "/api/receipt", get_receipt, NULL},
    {"POST", "/api/code", NULL, post_code},
    {"POST", "/api/scan", NULL, post_scan},
    {"POST", "/api/report", NULL, post_report},
};

static int host_is_local(const char *host)
{
    size_t n = host ? strcspn(host, ":") : 0;

    return (n == 9 && strncmp(host, "127.0.0.1", n) == 0) || (n == 9 && strncmp(host, "localhost", n) == 0);
}

static void post(struct kiosk *k, struct http_request *r, size_t i)
{
    const char *type = http_header(r, "Content-Type");
    size_t len = 0;
    const char *text = http_body(r, &len);
    json_t *body = type && strncmp(type, "application/json", 16) == 0 ? json_read(text, len, NULL) : NULL;

    if (json_is_object(body))
        routes[i].post(k, r, body);
    else
        reply_json(r, 400, "{\"ok\":false,\"why\":\"malformed\"}");
    json_decref(body);
}

static void serve(void *arg, struct http_request *r)
{
    struct kiosk *k = arg;
    const char *method = http_method(r), *path = http_path(r);

    if (!host_is_local(http_header(r, "Host"))) {
        reply_json(r, 403, "{\"ok\":false,\"why\":\"wrong_locker\"}");
        return;
    }
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        if (strcmp(method, "GET") == 0 && strcmp(path, files[i].path) == 0) {
            serve_file(k, r, (int)i);
            return;
        }
    }
    for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++) {
        if (strcmp(method, routes[i].method) != 0 || strcmp(path, routes[i].path) != 0)
            continue;
        if (routes[i].get)
            routes[i].get(k, r);
        else
            post(k, r, i);
        return;
    }
    reply_json(r, 404, "{\"ok\":false,\"why\":\"malformed\"}");
}

struct kiosk *kiosk_new(struct loop *l, const struct kiosk_settings *settings, struct cabinet *cabinet,
                        struct error *err)
{
    struct http_options o = {.address = "127.0.0.1",
                             .port = settings->port,
                             .body_max = BODY_MAX,
                             .request_seconds = 10,
                             .connections_max = 16};
    struct kiosk *k = calloc(1, sizeof *k);

    if (!k)
        abort();
    k->settings = *settings;
    k->cabinet = cabinet;
    k->http = http_listen(l, &o, serve, k, err);
    if (k->http)
        return k;
    free(k);
    return NULL;
}

void kiosk_free(struct kiosk *k)
{
    http_free(k->http);
    free(k);
}

int kiosk_port(const struct kiosk *k)
{
    return http_port(k->http);
}
