/* Solomon's format, also Gehring & Homberger's: a VEHICLE block with number and capacity, then CUSTOMER rows
 * of number, x, y, demand, ready time, due date, service time; row 0 is the depot. Times are distances. */
#include "routing/format/reader.h"

#include <string.h>

enum { COLUMNS = 7, MOST_ROWS = 200000 };

struct table {
    double (*rows)[COLUMNS];
    int32_t n, room;
};

static bool read_row(struct scan *s, double row[COLUMNS])
{
    for (int i = 0; i < COLUMNS; i++)
        if (!scan_number(s, i == 0, &row[i]))
            return false;
    return true;
}

static int32_t count_lines(const struct scan *s)
{
    int32_t n = 1;
    for (const char *c = s->at; c < s->end; c++)
        n += *c == '\n';
    return n;
}

static int read_heading(struct scan *s, struct instance *in, double *ret_count, double *ret_capacity,
                        struct instance_fault *fault)
{
    const char *word;
    size_t n;
    scan_line(s, &word, &n);
    if (n)
        in->name = instance_text(in, word, n);
    while (s->at < s->end) {
        struct scan before = *s;
        if (scan_number(s, true, ret_count) && scan_number(s, false, ret_capacity))
            break;
        *s = before;
        scan_line(s, &word, &n);
    }
    while (s->at < s->end) {
        struct scan before = *s;
        double first;
        if (scan_number(s, true, &first)) {
            *s = before;
            return 0;
        }
        *s = before;
        scan_line(s, &word, &n);
    }
    return instance_complain(fault, "line %d: no customers", s->line);
}

static int read_table(struct scan *s, struct instance *in, struct table *t, struct instance_fault *fault)
{
    t->room = count_lines(s);
    if (t->room > MOST_ROWS)
        return instance_complain(fault, "more than %d rows", MOST_ROWS);
    t->rows = instance_alloc(in, (size_t)t->room, sizeof *t->rows);
    if (!t->rows)
        return instance_complain(fault, "out of memory");
    while (t->n < t->room && read_row(s, t->rows[t->n]))
        t->n++;
    const char *word;
    size_t n;
    if (scan_word(s, true, &word, &n))
        return instance_complain(fault, "line %d: '%.*s' is no number of a customer row", s->line,
                                 (int)(n < 20 ? n : 20), word);
    return t->n >= 2 ? 0 : instance_complain(fault, "fewer than one customer");
}

static void fill_task(struct instance *in, const struct convention *c, const double *row, int32_t i,
                      struct vrp_task *t, struct vrp_window *w)
{
    (void)in;
    *t = (struct vrp_task)VRP_TASK_DEFAULT;
    t->visit[0].location = i;
    t->delivery[0] = convention_amount(&(struct convention){1, 0.5, false}, row[3]);
    *w = (struct vrp_window){convention_amount(c, row[4]), convention_amount(c, row[5])};
    t->visit[0].windows = w;
    t->visit[0].n_windows = 1;
    t->visit[0].service = convention_amount(c, row[6]);
}

int solomon_read(const char *text, size_t n, const struct instance_options *options, struct instance *in,
                 struct instance_fault *fault)
{
    struct scan s = {text, text + n, 1};
    struct table t = {0};
    double count = 0, capacity = 0;
    if (read_heading(&s, in, &count, &capacity, fault) < 0 || read_table(&s, in, &t, fault) < 0)
        return -1;
    struct convention c = convention_of(options->rounding, ROUNDING_EXACT, true);
    size_t rows = (size_t)t.n;
    double *x = instance_alloc(in, rows, sizeof *x), *y = instance_alloc(in, rows, sizeof *y);
    struct vrp_task *tasks = instance_alloc(in, rows, sizeof *tasks);
    struct vrp_window *windows = instance_alloc(in, rows, sizeof *windows);
    struct vrp_vehicle *v = instance_alloc(in, 1, sizeof *v);
    struct vrp_profile *profile = instance_alloc(in, 1, sizeof *profile);
    if (!x || !y || !tasks || !windows || !v || !profile)
        return instance_complain(fault, "out of memory");
    for (int32_t i = 0; i < t.n; i++) {
        x[i] = t.rows[i][1];
        y[i] = t.rows[i][2];
        if (i)
            fill_task(in, &c, t.rows[i], i, &tasks[i - 1], &windows[i - 1]);
    }
    *v = (struct vrp_vehicle)VRP_VEHICLE_DEFAULT;
    bool hierarchical = options->objective != OBJECTIVE_DISTANCE;
    v->count =
        hierarchical && count >= 1 ? convention_amount(&(struct convention){1, 0.5, false}, count) : t.n;
    v->capacity[0] = convention_amount(&(struct convention){1, 0.5, false}, capacity);
    v->shift = (struct vrp_window){convention_amount(&c, t.rows[0][4]), convention_amount(&c, t.rows[0][5])};
    in->p = (struct vrp_problem){.n_locations = t.n,
                                 .n_tasks = t.n - 1,
                                 .n_vehicles = 1,
                                 .n_profiles = 1,
                                 .n_dims = 1,
                                 .plane = {x, y, c.scale, c.bias, c.ceil},
                                 .profiles = profile,
                                 .tasks = tasks,
                                 .vehicles = v,
                                 .fleet_first = hierarchical};
    in->cost_unit = 1 / c.scale;
    return 0;
}
