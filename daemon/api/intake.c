/* Parcels and scans come in. Both take many rows at once, and a bad row never fails its neighbours: it comes
 * back with its reasons. */
#include "base/jsonw.h"
#include "base/log.h"
#include "base/time.h"
#include "daemon/api/body.h"
#include "daemon/api/handlers.h"
#include "daemon/api/shapes.h"
#include "daemon/intake/scan.h"
#include "daemon/intake/sheet.h"
#include "daemon/intake/waybill.h"
#include "daemon/io/queries.gen.h"

#include <event2/buffer.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The rows of one request: those that fit go on, the others wait with their faults for the answer. */
struct rows {
    struct api_request *r;
    bool single;     /* the body was one object, not a list */
    json_t *given;   /* array */
    int *lines;      /* of a sheet, else NULL */
    json_t *refused; /* one entry a row: what is wrong with it, or null */
    json_t **good;   /* borrowed from given */
    int *place;      /* good[k] is row place[k] */
    int n_good;
};

static void rows_free(struct rows *w)
{
    json_decref(w->given);
    json_decref(w->refused);
    free(w->lines);
    free(w->good);
    free(w->place);
    free(w);
}

static json_t *faults_json(const struct json_faults *faults)
{
    json_t *errors = json_array();
    for (int i = 0; i < faults->n && i < JSON_FAULTS_MAX; i++)
        json_array_append_new(errors, json_pack("{s:s, s:s}", "field", faults->list[i].pointer, "reason",
                                                faults->list[i].reason));
    return errors;
}

static void write_text(struct jsonw *out, const char *name, const char *value)
{
    jsonw_name(out, name);
    jsonw_text(out, value);
}

/* An answer in the making. */
struct answer {
    struct evbuffer *text;
    struct jsonw w;
};

static void answer_begin(struct answer *a)
{
    a->text = evbuffer_new();
    if (!a->text)
        log_fatal("out of memory");
    jsonw_begin(&a->w, a->text);
}

/* Answers the request that these rows came with, and lets go of them. */
static void answer_send(struct answer *a, struct rows *w)
{
    struct api_request *r = w->r;
    if (jsonw_end(&a->w))
        log_fatal("an answer cannot be written");
    rows_free(w);
    api_reply_buffer(r, 200, a->text);
    evbuffer_free(a->text);
}

/* The list inside a body: an array, {name: array}, or one object. Consumes `body`. */
static json_t *list_of(json_t *body, const char *name, bool *ret_single)
{
    json_t *inner = json_object_get(body, name);
    *ret_single = false;
    if (json_is_array(body))
        return body;
    if (json_is_array(inner) && json_object_size(body) == 1) {
        json_incref(inner);
        json_decref(body);
        return inner;
    }
    *ret_single = true;
    json_t *one = json_array();
    json_array_append_new(one, body);
    return one;
}

/* What a shape cannot say of a row that fits it. */
typedef void row_judge(const json_t *row, struct json_faults *faults);

static struct rows *rows_check(struct api_request *r, json_t *list, const struct json_shape *shape,
                               row_judge *judge)
{
    struct rows *w = calloc(1, sizeof *w);
    size_t n = json_array_size(list);
    if (!w || !(w->good = calloc(n + 1, sizeof(json_t *))) || !(w->place = calloc(n + 1, sizeof *w->place)))
        log_fatal("out of memory");
    w->r = r;
    w->given = list;
    w->refused = json_array();
    for (size_t i = 0; i < n; i++) {
        struct json_faults faults = {0};
        json_t *row = json_array_get(list, i);
        if (json_fits(shape, row, "", &faults) && judge)
            judge(row, &faults);
        if (!faults.n) {
            w->place[w->n_good] = (int)i;
            w->good[w->n_good++] = row;
            json_array_append_new(w->refused, json_null());
        } else {
            json_array_append_new(w->refused, faults_json(&faults));
        }
    }
    return w;
}

/* Writes the answer's items, in the order of the request: `good` writes what the database said of good row k,
 * the others say `bad_word` and why. */
static void write_items(struct jsonw *out, const struct rows *w, const char *bad_word,
                        void (*good)(struct jsonw *out, const struct rows *w, int k, const void *arg),
                        const void *arg)
{
    size_t n = json_array_size(w->refused);
    for (size_t i = 0, k = 0; i < n; i++) {
        json_t *faults = json_array_get(w->refused, i);
        jsonw_object(out);
        if (!w->single) {
            jsonw_name(out, "index");
            jsonw_int(out, (int64_t)i);
        }
        if (w->lines) {
            jsonw_name(out, "line");
            jsonw_int(out, w->lines[i]);
        }
        if (json_is_null(faults)) {
            good(out, w, (int)k++, arg);
        } else {
            char *text = json_dumps(faults, JSON_COMPACT);
            write_text(out, "status", bad_word);
            jsonw_name(out, "errors");
            jsonw_raw(out, text, strlen(text));
            free(text);
        }
        jsonw_object_end(out);
    }
}

/* Reads the body into a list of at most `most` rows, or answers. */
static json_t *read_list(struct api_request *r, const char *name, size_t most, bool *ret_single)
{
    json_t *body = body_json(r);
    if (!body)
        return NULL;
    json_t *list = list_of(body, name, ret_single);
    if (json_array_size(list) < 1 || json_array_size(list) > most) {
        char detail[80];
        snprintf(detail, sizeof detail, "send 1 to %zu rows at once; nothing was changed", most);
        json_decref(list);
        api_problem(r, 422, "too-many-rows", "", detail);
        return NULL;
    }
    return list;
}

/* ---- scans ---- */

/* The database's flags, a JSON array, and ours: a scan is taken whatever its waybill says. */
static void write_flags(struct jsonw *out, const char *flags, bool digit_holds)
{
    char text[256];
    size_t n = strlen(flags);
    if (digit_holds || n < 2 || n > sizeof text - 32) {
        jsonw_raw(out, flags, n);
        return;
    }
    int len =
        snprintf(text, sizeof text, "%.*s%s\"%s\"]", (int)n - 1, flags, n > 2 ? "," : "", SCAN_CHECK_DIGIT);
    jsonw_raw(out, text, (size_t)len);
}

static void write_scan(struct jsonw *out, const struct rows *w, int k, const void *arg)
{
    const struct batch_answer *a = arg;
    const char *flags = batch_text(a, k, 2);
    const char *waybill = json_string_value(json_object_get(w->good[k], "waybill"));
    char why[WAYBILL_WHY_MAX];
    write_text(out, "id", json_string_value(json_object_get(w->good[k], "id")));
    write_text(out, "result", batch_text(a, k, 1));
    jsonw_name(out, "flags");
    write_flags(out, flags ? flags : "[]", waybill_holds(waybill, why));
}

static void scans_answer(struct rows *w, const struct batch_answer *a)
{
    struct answer out;
    answer_begin(&out);
    if (!w->single) {
        jsonw_object(&out.w);
        jsonw_name(&out.w, "items");
        jsonw_array(&out.w);
    }
    write_items(&out.w, w, "invalid", write_scan, a);
    if (!w->single) {
        jsonw_array_end(&out.w);
        jsonw_object_end(&out.w);
    }
    answer_send(&out, w);
}

static void on_scans(void *arg, const struct batch_answer *a)
{
    struct rows *w = arg;
    const struct db_result *res = batch_result(a);
    if (res->status != DB_OK) {
        struct api_request *r = w->r;
        rows_free(w);
        api_reply_db_problem(r, res);
        return;
    }
    scans_answer(w, a);
}

void scans_post(struct api_request *r)
{
    bool single;
    json_t *list = read_list(r, "scans", SCANS_MAX, &single);
    if (!list)
        return;
    struct rows *w = rows_check(r, list, &shape_scan, NULL);
    w->single = single;
    if (single && !w->n_good) {
        struct json_faults faults = {0};
        json_fits(&shape_scan, json_array_get(list, 0), "", &faults);
        rows_free(w);
        api_problem_faults(r, &faults);
    } else if (!w->n_good) {
        scans_answer(w, NULL);
    } else if (scans_put(r->api->scans, w->good, w->n_good, r->session.ctx, on_scans, w)) {
        rows_free(w);
        api_problem(r, 503, "busy", NULL, "too many scans wait; nothing was recorded, repeat in a moment");
    }
}

/* ---- parcels ---- */

static void judge_parcel(const json_t *row, struct json_faults *faults)
{
    char why[WAYBILL_WHY_MAX];
    const char *waybill = json_string_value(json_object_get(row, "waybill"));
    if (waybill && !waybill_holds(waybill, why))
        json_fault_add(faults, "", "waybill", why);
}

/* One row of the statement: i, status, id, waybill, tracking, field, reason. */
static void write_parcel(struct jsonw *out, const struct rows *w, int k, const void *arg)
{
    const struct db_result *res = arg;
    const char *status = db_text(res, k, 1), *tracking = db_text(res, k, 4), *reason = db_text(res, k, 6);
    bool kept = strcmp(status, "rejected") != 0;
    (void)w;
    write_text(out, "status", status);
    write_text(out, "waybill", db_text(res, k, 3));
    if (kept && db_text(res, k, 2))
        write_text(out, "id", db_text(res, k, 2));
    if (kept && tracking) {
        char path[96];
        snprintf(path, sizeof path, "/t/%s", tracking);
        write_text(out, "tracking", path);
    }
    if (reason) {
        jsonw_name(out, "errors");
        jsonw_array(out);
        jsonw_object(out);
        write_text(out, "field", db_text(res, k, 5) ? db_text(res, k, 5) : "");
        write_text(out, "reason", reason);
        jsonw_object_end(out);
        jsonw_array_end(out);
    }
}

/* `res` is NULL when no row was good. */
static void parcels_answer(struct rows *w, const struct db_result *res)
{
    static const struct {
        const char *status, *name;
    } counted[] = {{"accepted", "accepted"}, {"duplicate", "duplicates"}, {"rejected", "rejected"}};
    int counts[] = {0, 0, (int)json_array_size(w->refused) - w->n_good};
    struct answer out;
    for (int i = 0; i < w->n_good; i++)
        for (int k = 0; k < 3; k++)
            counts[k] += !strcmp(db_text(res, i, 1), counted[k].status);
    answer_begin(&out);
    jsonw_object(&out.w);
    for (int k = 0; k < 3; k++) {
        jsonw_name(&out.w, counted[k].name);
        jsonw_int(&out.w, counts[k]);
    }
    jsonw_name(&out.w, "items");
    jsonw_array(&out.w);
    w->single = false;
    write_items(&out.w, w, "rejected", write_parcel, res);
    jsonw_array_end(&out.w);
    jsonw_object_end(&out.w);
    answer_send(&out, w);
}

static void on_parcels(void *arg, const struct db_result *res)
{
    struct rows *w = arg;
    if (res->status != DB_OK || db_rows(res) != w->n_good) {
        struct api_request *r = w->r;
        rows_free(w);
        api_reply_db_problem(r, res);
        return;
    }
    parcels_answer(w, res);
}

/* The good rows as the text of a JSON array: the request's own where all are good and it is one. New text. */
static char *good_text(const struct rows *w)
{
    size_t len;
    const char *body = http_body(w->r->http, &len);
    if (!w->lines && (size_t)w->n_good == json_array_size(w->given) && len && *body == '[') {
        char *text = malloc(len + 1);
        if (!text)
            log_fatal("out of memory");
        memcpy(text, body, len);
        text[len] = '\0';
        return text;
    }
    json_t *bodies = json_array();
    for (int i = 0; i < w->n_good; i++)
        json_array_append(bodies, w->good[i]);
    char *text = json_dumps(bodies, JSON_COMPACT);
    json_decref(bodies);
    return text;
}

static void parcels_store(struct rows *w)
{
    struct api_request *r = w->r;
    char now[TIME_TEXT_MAX];
    if (!w->n_good) {
        parcels_answer(w, NULL);
        return;
    }
    json_t *ctx_json = api_context(r);
    char *text = good_text(w), *ctx = json_dumps(ctx_json, JSON_COMPACT);
    json_decref(ctx_json);
    time_format(r->now_us, now);
    const struct db_stmt *stmt =
        http_header(r->http, "Idempotency-Key") ? &Q_PARCELS_INTAKE_ONCE : &Q_PARCELS_INTAKE;
    db_call(r->api->db, stmt, &(struct db_args){.n = 3, .values = {ctx, now, text}}, on_parcels, w);
    free(text);
    free(ctx);
}

static void charset_of(const char *content_type, char *ret, size_t room)
{
    const char *at = strcasestr(content_type, "charset=");
    snprintf(ret, room, "%s", at ? at + 8 + (at[8] == '"') : "");
    ret[strcspn(ret, "\"; ")] = '\0';
}

static void parcels_sheet(struct api_request *r, const char *content_type)
{
    char charset[32];
    size_t len;
    json_t *list;
    int *lines;
    struct error err;
    const char *text = http_body(r->http, &len);
    charset_of(content_type, charset, sizeof charset);
    if (sheet_read(text, len, charset, &list, &lines, &err)) {
        api_problem(r, 422, "bad-sheet", NULL, err.text);
        return;
    }
    struct rows *w = rows_check(r, list, &shape_parcel, judge_parcel);
    w->lines = lines;
    parcels_store(w);
}

void parcels_post(struct api_request *r)
{
    const char *type = http_header(r->http, "Content-Type");
    bool single;
    if (body_is(type, "text/csv")) {
        parcels_sheet(r, type);
        return;
    }
    json_t *list = read_list(r, "parcels", SHEET_ROWS_MAX, &single);
    if (list)
        parcels_store(rows_check(r, list, &shape_parcel, judge_parcel));
}
