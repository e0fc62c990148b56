/* libcsv splits the cells; this file names them. The column table is the only place that knows both
 * languages. */
#include "daemon/intake/sheet.h"

#include <csv.h>
#include <errno.h>
#include <iconv.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum cell_type { TEXT, WHOLE, REAL };

static const struct column {
    const char *name;
    const char *zh;
    const char *object; /* member of the row that holds it, or NULL for the row itself */
    const char *member;
    enum cell_type type;
} columns[] = {
    {"waybill", "运单号", NULL, "waybill", TEXT},
    {"order_no", "订单号", NULL, "order_no", TEXT},
    {"recipient.name", "收件人", "recipient", "name", TEXT},
    {"recipient.phone", "电话", "recipient", "phone", TEXT},
    {"recipient.address", "地址", "recipient", "address", TEXT},
    {"recipient.lat", "纬度", "recipient", "lat", REAL},
    {"recipient.lon", "经度", "recipient", "lon", REAL},
    {"recipient.datum", "坐标系", "recipient", "datum", TEXT},
    {"point", "投递点", NULL, "point", TEXT},
    {"prefer", "投递方式", NULL, "prefer", TEXT},
    {"weight_g", "重量克", NULL, "weight_g", WHOLE},
    {"length_mm", "长毫米", NULL, "length_mm", WHOLE},
    {"width_mm", "宽毫米", NULL, "width_mm", WHOLE},
    {"height_mm", "高毫米", NULL, "height_mm", WHOLE},
    {"declared_fen", "声明价值分", NULL, "declared_fen", WHOLE},
    {"cod_fen", "代收货款分", NULL, "cod_fen", WHOLE},
    {"service", "服务", NULL, "service", TEXT},
    {"promised_by", "承诺送达", NULL, "promised_by", TEXT},
    {"site", "园区", NULL, "site", TEXT},
    {"note", "备注", NULL, "note", TEXT},
};

enum { COLUMNS = sizeof columns / sizeof columns[0] };

struct reading {
    const struct column *head[SHEET_COLUMNS_MAX];
    int width;    /* columns in the header; 0 while the header is being read */
    int column;   /* next cell of the current row */
    int line;     /* line the current row began on */
    json_t *row;  /* being filled; NULL while in the header */
    json_t *rows; /* done */
    int *lines;   /* SHEET_ROWS_MAX of them */
    struct error *err;
    bool failed;
};

static void fail(struct reading *r, const char *what, const char *detail)
{
    if (!r->failed)
        error_set(r->err, EINVAL, "line %d, column %d: %s%s%.60s", r->line, r->column + 1, what,
                  *detail ? " " : "", detail);
    r->failed = true;
}

static const struct column *column_named(const char *name)
{
    for (int i = 0; i < COLUMNS; i++)
        if (!strcasecmp(columns[i].name, name) || !strcmp(columns[i].zh, name))
            return &columns[i];
    return NULL;
}

static void header_cell(struct reading *r, const char *name)
{
    if (r->column >= SHEET_COLUMNS_MAX) {
        fail(r, "too many columns", "");
        return;
    }
    const struct column *c = column_named(name);
    if (!c) {
        fail(r, "no such column:", name);
        return;
    }
    for (int i = 0; i < r->column; i++)
        if (r->head[i] == c)
            fail(r, "column named twice:", name);
    r->head[r->column] = c;
}

static json_t *cell_value(const char *text, enum cell_type type)
{
    char *end;
    errno = 0;
    if (type == WHOLE) {
        long long n = strtoll(text, &end, 10);
        if (!*end && !errno)
            return json_integer(n);
    } else if (type == REAL) {
        double d = strtod(text, &end);
        if (!*end && !errno)
            return json_real(d); /* NULL for inf and nan: reported below as not UTF-8 safe text */
    }
    return json_string(text);
}

static void body_cell(struct reading *r, const char *text)
{
    if (r->column >= r->width) {
        if (*text)
            fail(r, "more cells than the header has columns", "");
        return;
    }
    if (!*text)
        return;
    const struct column *c = r->head[r->column];
    json_t *into = r->row;
    if (c->object) {
        into = json_object_get(r->row, c->object);
        if (!into) {
            into = json_object();
            json_object_set_new(r->row, c->object, into);
        }
    }
    json_t *value = cell_value(text, c->type);
    if (!value || json_object_set_new(into, c->member, value))
        fail(r, "not a value:", text);
}

static void on_cell(void *text, size_t len, void *arg)
{
    struct reading *r = arg;
    if (r->failed)
        return;
    if (len > SHEET_CELL_MAX)
        fail(r, "cell too long", "");
    else if (strlen(text) != len)
        fail(r, "a NUL byte", "");
    else if (!r->width)
        header_cell(r, text);
    else
        body_cell(r, text);
    r->column++;
}

static void take_row(struct reading *r)
{
    size_t n = json_array_size(r->rows);
    if (json_object_size(r->row) == 0) {
        json_object_clear(r->row);
        return;
    }
    if (n == SHEET_ROWS_MAX) {
        fail(r, "more than 1000 rows in one sheet", "");
        return;
    }
    r->lines[n] = r->line;
    json_array_append_new(r->rows, r->row);
    r->row = json_object();
}

static void on_row(int terminator, void *arg)
{
    struct reading *r = arg;
    (void)terminator;
    if (r->failed)
        return;
    if (!r->width) {
        r->width = r->column;
        r->row = json_object();
    } else {
        take_row(r);
    }
    r->column = 0;
}

/* Feeds libcsv one line at a time, so that the line a row began on is known. */
static void read_lines(struct reading *r, struct csv_parser *p, const char *text, size_t len)
{
    int line = 1;
    for (size_t at = 0; at < len && !r->failed; line++) {
        const char *nl = memchr(text + at, '\n', len - at);
        size_t n = nl ? (size_t)(nl - text) - at + 1 : len - at;
        if (r->column == 0 && p->entry_pos == 0)
            r->line = line;
        if (csv_parse(p, text + at, n, on_cell, on_row, r) != n)
            fail(r, "not CSV:", csv_strerror(csv_error(p)));
        at += n;
    }
    if (!r->failed && csv_fini(p, on_cell, on_row, r))
        fail(r, "a quote is not closed", "");
}

/* Converts to UTF-8; *ret_text is malloc'd. */
static int to_utf8(const char *text, size_t len, const char *charset, char **ret_text, size_t *ret_len,
                   struct error *err)
{
    iconv_t cd = iconv_open("UTF-8", charset);
    if (cd == (iconv_t)-1)
        return error_set(err, EINVAL, "unknown charset '%.40s' (utf-8, gb18030 or gbk)", charset);
    size_t room = len * 3 + 1, left = room, in_left = len;
    char *buffer = malloc(room), *out = buffer, *in = (char *)text;
    size_t got = buffer ? iconv(cd, &in, &in_left, &out, &left) : (size_t)-1;
    iconv_close(cd);
    if (got == (size_t)-1) {
        free(buffer);
        return error_set(err, EINVAL, "byte %zu is not valid %.40s", len - in_left, charset);
    }
    *ret_text = buffer;
    *ret_len = room - left;
    return 0;
}

static const char *charset_of(const char *charset)
{
    static const char *const known[] = {"utf-8", "gb18030", "gbk"};
    if (!charset || !*charset)
        return known[0];
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (!strcasecmp(charset, known[i]))
            return known[i];
    return NULL;
}

int sheet_read(const char *text, size_t len, const char *charset, json_t **ret_rows, int **ret_lines,
               struct error *err)
{
    const char *from = charset_of(charset);
    if (!from)
        return error_set(err, EINVAL, "unknown charset '%.40s' (utf-8, gb18030 or gbk)", charset);
    char *utf8 = NULL;
    size_t n = 0;
    if (to_utf8(text, len, from, &utf8, &n, err))
        return -1;
    size_t bom = n >= 3 && !memcmp(utf8, "\xEF\xBB\xBF", 3) ? 3 : 0;

    struct csv_parser p;
    if (csv_init(&p, CSV_STRICT | CSV_STRICT_FINI | CSV_APPEND_NULL)) {
        free(utf8);
        return error_set(err, ENOMEM, "out of memory");
    }
    struct reading r = {
        .line = 1, .rows = json_array(), .lines = calloc(SHEET_ROWS_MAX, sizeof(int)), .err = err};
    read_lines(&r, &p, utf8 + bom, n - bom);
    csv_free(&p);
    free(utf8);
    if (!r.failed && !r.width)
        fail(&r, "the sheet is empty", "");
    json_decref(r.row);
    if (r.failed) {
        json_decref(r.rows);
        free(r.lines);
        return -1;
    }
    *ret_rows = r.rows;
    *ret_lines = r.lines;
    return 0;
}
