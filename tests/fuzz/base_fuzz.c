/* One libFuzzer target for each parser that reads what comes from outside the house, chosen by -DFUZZ_<name>.
 * Each also checks what must hold of whatever was accepted. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/http_head.h"
#include "base/id.h"
#include "base/json.h"
#include "base/log.h"
#include "base/time.h"
#include "daemon/api/path.h"
#include "daemon/intake/sheet.h"
#include "daemon/intake/waybill.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A NUL-terminated copy. */
static char *text_of(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    if (!text)
        abort();
    memcpy(text, data, size);
    text[size] = '\0';
    return text;
}

#ifdef FUZZ_json
static const char *const words[] = {"door", "locker", NULL};
static const struct json_field inner[] = {{"n", JSON_K_INT, true, 0, 9, NULL, NULL}};
static const struct json_shape inner_shape = {"inner", inner, 1};
static const struct json_field fields[] = {
    {"a", JSON_K_TEXT, false, 1, 8, NULL, NULL}, {"b", JSON_K_REAL, false, -1, 1, NULL, NULL},
    {"c", JSON_K_TIME, false, 0, 0, NULL, NULL}, {"d", JSON_K_WORD, false, 0, 0, words, NULL},
    {"e", JSON_K_UUID, false, 0, 0, NULL, NULL}, {"f", JSON_K_LIST, false, 0, 3, NULL, &inner_shape},
    {"g", JSON_K_ANY, false, 0, 64, NULL, NULL}, {"h", JSON_K_OBJECT, false, 0, 0, NULL, &inner_shape},
    {"i", JSON_K_BOOL, false, 0, 0, NULL, NULL}, {"j", JSON_K_LIST, false, 0, 3, NULL, NULL},
};
static const struct json_shape shape = {"fuzz", fields, sizeof fields / sizeof fields[0]};

/* A fault names a place in UTF-8 that fits its room; what was read can be written and read again. */
static void one(const uint8_t *data, size_t size)
{
    struct error err;
    struct json_faults faults = {0};
    json_t *v = json_read((const char *)data, size, &err);
    if (!v)
        return;
    if (json_fits(&shape, v, "", &faults) != (faults.n == 0))
        abort();
    for (int i = 0; i < faults.n && i < JSON_FAULTS_MAX; i++) {
        json_t *at = json_string(faults.list[i].pointer), *why = json_string(faults.list[i].reason);
        if (!at || !why)
            abort();
        json_decref(at);
        json_decref(why);
    }
    char *text = json_dumps(v, JSON_COMPACT);
    json_t *again = json_read(text, strlen(text), &err);
    if (!again || !json_equal(v, again))
        abort();
    free(text);
    json_decref(again);
    json_decref(v);
}
#endif

#ifdef FUZZ_http
/* What was accepted points into the text, and says one thing about its body. */
static void one(const uint8_t *data, size_t size)
{
    struct http_head h;
    const char *why;
    size_t end = http_head_end((const char *)data, size, 0);
    if (!end)
        return;
    char *text = text_of(data, end);
    if (!http_head_read(text, end, &h, &why)) {
        if (*h.path != '/' && strcmp(h.path, "*") != 0)
            abort();
        for (int i = 0; i < h.n_headers; i++)
            if (h.headers[i].name < text || h.headers[i].value > text + end || !*h.headers[i].name)
                abort();
        if (http_head_find(&h, "Transfer-Encoding") || (!h.old && !http_head_find(&h, "Host")))
            abort();
    } else if (!why || !*why) {
        abort();
    }
    free(text);
}
#endif

#ifdef FUZZ_sheet
/* Each row is an object, and the rows are in the order of their lines (a CR alone also ends one). */
static void one(const uint8_t *data, size_t size)
{
    static const char *const charsets[] = {NULL, "utf-8", "gb18030", "gbk"};
    struct error err;
    json_t *rows;
    int *lines;
    if (!size || sheet_read((const char *)data + 1, size - 1, charsets[*data % 4], &rows, &lines, &err))
        return;
    for (size_t i = 0; i < json_array_size(rows); i++)
        if (!json_is_object(json_array_get(rows, i)) || (i && lines[i] < lines[i - 1]))
            abort();
    if (json_array_size(rows) > SHEET_ROWS_MAX)
        abort();
    json_decref(rows);
    free(lines);
}
#endif

#ifdef FUZZ_path
/* A parameter that was taken fits its room; a waybill's judgement does not depend on what stands behind it.
 */
static void one(const uint8_t *data, size_t size)
{
    static const char *const templates[] = {"/v1/parcels/{waybill}/events",
                                            "/v1/t/{token}",
                                            "/v1/waves/{id}",
                                            "/v1/lockers/{code}/compartments/{n}/{action}",
                                            "/route/v1/{profile}/{coordinates}",
                                            "/tiles/{z}/{x}/{y}"};
    char *text = text_of(data, size), why[WAYBILL_WHY_MAX];
    struct path_match m;
    for (size_t i = 0; i < sizeof templates / sizeof templates[0]; i++)
        if (path_matches(templates[i], text, &m))
            for (int k = 0; k < m.count; k++)
                if (strlen(m.param[k].value) >= PATH_VALUE_MAX)
                    abort();
    waybill_holds(text, why);
    free(text);
}
#endif

#ifdef FUZZ_words
/* Times and UUIDs that are accepted survive being written; a logged value never holds a control character. */
static void one(const uint8_t *data, size_t size)
{
    char *text = text_of(data, size), value[LOG_VALUE_MAX], again[TIME_TEXT_MAX], id_text[UUID_TEXT_MAX];
    int64_t us, us2;
    struct uuid id, id2;
    if (!time_parse(text, &us, NULL)) {
        time_format(us, again);
        if (time_parse(again, &us2, NULL) || us != us2)
            abort();
    }
    if (!uuid_parse(text, &id)) {
        uuid_format(&id, id_text);
        if (uuid_parse(id_text, &id2) || memcmp(&id, &id2, sizeof id) != 0)
            abort();
    }
    for (const char *c = log_value(text, value, sizeof value); *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            abort();
    free(text);
}
#endif

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    (void)text_of;
    one(data, size);
    return 0;
}
