/* Parcels and scans come in. Both take many rows at once, and a bad row never fails its neighbours: it comes
 * back with its reasons. */
#include "base/log.h"
#include "base/time.h"
#include "daemon/api/handlers.h"
#include "daemon/api/shapes.h"
#include "daemon/intake/scan.h"
#include "daemon/intake/sheet.h"
#include "daemon/io/queries.gen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The rows of one request: those that fit go on, the others wait with their faults for the answer. */
struct rows {
    struct api_request *r;
    bool single;    /* the body was one object, not a list */
    json_t *given;  /* array */
    int *lines;     /* of a sheet, else NULL */
    json_t *answer; /* one object a row */
    json_t **good;  /* borrowed from given */
    int *place;     /* good[k] is row place[k] */
    int n_good;
};

static void rows_free(struct rows *w)
{
    json_decref(w->given);
    json_decref(w->answer);
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

static struct rows *rows_check(struct api_request *r, json_t *list, const struct json_shape *shape,
                               const char *bad_word)
{
    struct rows *w = calloc(1, sizeof *w);
    size_t n = json_array_size(list);
    if (!w || !(w->good = calloc(n + 1, sizeof *w->good)) || !(w->place = calloc(n + 1, sizeof *w->place)))
        log_fatal("out of memory");
    w->r = r;
    w->given = list;
    w->answer = json_array();
    for (size_t i = 0; i < n; i++) {
        struct json_faults faults = {0};
        json_t *row = json_array_get(list, i), *said = json_pack("{s:i}", "index", (int)i);
        if (json_fits(shape, row, "", &faults)) {
            w->place[w->n_good] = (int)i;
            w->good[w->n_good++] = row;
        } else {
            json_object_set_new(said, "status", json_string(bad_word));
            json_object_set_new(said, "errors", faults_json(&faults));
        }
        json_array_append_new(w->answer, said);
    }
    return w;
}

/* Reads the body into a list of at most `most` rows, or answers. */
static json_t *read_list(struct api_request *r, const char *name, size_t most, bool *ret_single)
{
    size_t len;
    struct error err;
    const char *text = http_body(r->http, &len), *type = http_header(r->http, "Content-Type");
    if (!type || strncasecmp(type, "application/json", 16)) {
        api_problem(r, 415, "not-json", NULL, "send the body as application/json");
        return NULL;
    }
    json_t *body = json_read(text, len, &err);
    if (!body) {
        api_problem(r, 400, "malformed-json", NULL, err.text);
        return NULL;
    }
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

static void scans_answer(struct rows *w)
{
    struct api_request *r = w->r;
    json_t *body =
        w->single ? json_incref(json_array_get(w->answer, 0)) : json_pack("{s:O}", "items", w->answer);
    if (w->single)
        json_object_del(body, "index");
    rows_free(w);
    api_reply(r, 200, body);
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
    for (int i = 0; i < batch_rows(a) && i < w->n_good; i++) {
        json_t *said = json_array_get(w->answer, (size_t)w->place[i]);
        const char *flags = batch_text(a, i, 2);
        json_object_set(said, "id", json_object_get(w->good[i], "id"));
        json_object_set_new(said, "result", json_string(batch_text(a, i, 1)));
        json_object_set_new(said, "flags", flags ? json_loads(flags, 0, NULL) : json_array());
    }
    scans_answer(w);
}

void scans_post(struct api_request *r)
{
    bool single;
    json_t *list = read_list(r, "scans", SCANS_MAX, &single);
    if (!list)
        return;
    struct rows *w = rows_check(r, list, &shape_scan, "invalid");
    w->single = single;
    if (single && !w->n_good) {
        struct json_faults faults = {0};
        json_fits(&shape_scan, json_array_get(list, 0), "", &faults);
        rows_free(w);
        api_problem_faults(r, &faults);
    } else if (!w->n_good) {
        scans_answer(w);
    } else if (scans_put(r->api->scans, w->good, w->n_good, r->session.ctx, on_scans, w)) {
        rows_free(w);
        api_problem(r, 503, "busy", NULL, "too many scans wait; nothing was recorded, repeat in a moment");
    }
}

/* ---- parcels ---- */

/* One row of the statement: i, status, id, waybill, tracking, field, reason. */
static void parcel_said(const struct rows *w, const struct db_result *res, int row)
{
    json_t *said = json_array_get(w->answer, (size_t)w->place[row]);
    const char *status = db_text(res, row, 1), *id = db_text(res, row, 2), *tracking = db_text(res, row, 4);
    json_object_set_new(said, "status", json_string(status));
    json_object_set_new(said, "waybill", json_string(db_text(res, row, 3)));
    if (id && strcmp(status, "rejected"))
        json_object_set_new(said, "id", json_string(id));
    if (tracking && strcmp(status, "rejected")) {
        char path[96];
        snprintf(path, sizeof path, "/t/%s", tracking);
        json_object_set_new(said, "tracking", json_string(path));
    }
    if (db_text(res, row, 6))
        json_object_set_new(said, "errors",
                            json_pack("[{s:s, s:s}]", "field",
                                      db_text(res, row, 5) ? db_text(res, row, 5) : "", "reason",
                                      db_text(res, row, 6)));
}

static void parcels_answer(struct rows *w)
{
    static const char *const words[] = {"accepted", "duplicate", "rejected"};
    int counts[3] = {0};
    struct api_request *r = w->r;
    size_t i;
    json_t *said;
    json_array_foreach(w->answer, i, said)
    {
        const char *status = json_string_value(json_object_get(said, "status"));
        for (int k = 0; k < 3; k++)
            counts[k] += status && !strcmp(status, words[k]);
        if (w->lines)
            json_object_set_new(said, "line", json_integer(w->lines[i]));
    }
    json_t *body = json_pack("{s:i, s:i, s:i, s:O}", "accepted", counts[0], "duplicates", counts[1],
                             "rejected", counts[2], "items", w->answer);
    rows_free(w);
    api_reply(r, 200, body);
}

static void on_parcels(void *arg, const struct db_result *res)
{
    struct rows *w = arg;
    if (res->status != DB_OK) {
        struct api_request *r = w->r;
        rows_free(w);
        api_reply_db_problem(r, res);
        return;
    }
    for (int i = 0; i < db_rows(res) && i < w->n_good; i++)
        parcel_said(w, res, i);
    parcels_answer(w);
}

static void parcels_store(struct rows *w)
{
    struct api_request *r = w->r;
    char now[TIME_TEXT_MAX];
    if (!w->n_good) {
        parcels_answer(w);
        return;
    }
    json_t *bodies = json_array(), *ctx_json = api_context(r);
    for (int i = 0; i < w->n_good; i++)
        json_array_append(bodies, w->good[i]);
    char *text = json_dumps(bodies, JSON_COMPACT), *ctx = json_dumps(ctx_json, JSON_COMPACT);
    json_decref(bodies);
    json_decref(ctx_json);
    time_format(r->now_us, now);
    db_call(r->api->db, &Q_PARCELS_INTAKE, &(struct db_args){.n = 3, .values = {ctx, now, text}}, on_parcels,
            w);
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
    struct rows *w = rows_check(r, list, &shape_parcel, "rejected");
    w->lines = lines;
    parcels_store(w);
}

void parcels_post(struct api_request *r)
{
    const char *type = http_header(r->http, "Content-Type");
    bool single;
    if (type && !strncasecmp(type, "text/csv", 8)) {
        parcels_sheet(r, type);
        return;
    }
    json_t *list = read_list(r, "parcels", SHEET_ROWS_MAX, &single);
    if (list)
        parcels_store(rows_check(r, list, &shape_parcel, "rejected"));
}
