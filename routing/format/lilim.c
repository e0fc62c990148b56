/* Li & Lim's format: "vehicles capacity speed", then rows of number, x, y, demand, ready, due, service,
 * pickup sibling, delivery sibling; row 0 is the depot. A row with a delivery sibling is a pickup. */
#include "routing/format/reader.h"

enum {
    COLUMNS = 9,
    MOST_ROWS = 200000,
    ROW_X = 1,
    ROW_Y,
    ROW_DEMAND,
    ROW_READY,
    ROW_DUE,
    ROW_SERVICE,
    ROW_PICKUP,
    ROW_DELIVERY
};

struct rows {
    double (*at)[COLUMNS];
    int32_t n;
    double vehicles, capacity;
};

static int read_rows(struct scan *s, struct instance *in, struct rows *t, struct instance_fault *fault)
{
    double speed;
    int32_t room = 1;
    for (const char *c = s->at; c < s->end; c++)
        room += *c == '\n';
    if (room > MOST_ROWS || !scan_number(s, true, &t->vehicles) || !scan_number(s, false, &t->capacity))
        return instance_complain(fault, "line 1: vehicles and capacity are missing, or too many rows");
    if (scan_more(s) && !scan_number(s, false, &speed))
        return instance_complain(fault, "line 1: the speed is no number");
    t->at = instance_alloc(in, (size_t)room, sizeof *t->at);
    if (!t->at)
        return instance_complain(fault, "out of memory");
    const char *word;
    size_t len;
    struct scan before = *s;
    for (; t->n < room && scan_word(s, true, &word, &len); t->n++, before = *s) {
        *s = before;
        for (int k = 0; k < COLUMNS; k++)
            if (!scan_number(s, k == 0, &t->at[t->n][k]))
                return instance_complain(fault, "line %d: a row needs nine numbers", s->line);
        if ((int32_t)t->at[t->n][0] != t->n)
            return instance_complain(fault, "line %d: rows are not numbered from 0", s->line);
    }
    return t->n >= 2 ? 0 : instance_complain(fault, "no tasks");
}

static void fill_visit(const struct convention *c, const double *row, struct vrp_visit *v,
                       struct vrp_window *w)
{
    *w = (struct vrp_window){convention_amount(c, row[ROW_READY]), convention_amount(c, row[ROW_DUE])};
    v->location = (int32_t)row[0];
    v->windows = w;
    v->n_windows = 1;
    v->service = convention_amount(c, row[ROW_SERVICE]);
}

static int fill_tasks(const struct rows *t, const struct convention *c, struct instance *in,
                      struct vrp_task *tasks, struct vrp_window *windows, struct instance_fault *fault)
{
    const struct convention whole = {1, 0.5, false};
    int32_t n = 0;
    for (int32_t i = 1; i < t->n; i++) {
        double sibling = t->at[i][ROW_DELIVERY];
        if (sibling == 0)
            continue;
        if (sibling < 1 || sibling >= t->n || (int32_t)t->at[(int32_t)sibling][ROW_PICKUP] != i)
            return instance_complain(fault, "row %d: its delivery does not name it as pickup", i);
        int32_t j = (int32_t)sibling;
        struct vrp_task *task = &tasks[n];
        *task = (struct vrp_task)VRP_TASK_DEFAULT;
        task->kind = VRP_SHIPMENT;
        task->pickup[0] = convention_amount(&whole, t->at[i][ROW_DEMAND]);
        fill_visit(c, t->at[i], &task->visit[0], &windows[i]);
        fill_visit(c, t->at[j], &task->visit[1], &windows[j]);
        in->sol_number[n] = i;
        in->sol_number[n + t->n / 2] = j;
        n++;
    }
    if (n * 2 != t->n - 1)
        return instance_complain(fault, "a row is neither pickup nor delivery of another");
    in->p.n_tasks = n;
    return 0;
}

int lilim_read(const char *text, size_t n, const struct instance_options *options, struct instance *in,
               struct instance_fault *fault)
{
    struct scan s = {text, text + n, 1};
    struct rows t = {0};
    if (read_rows(&s, in, &t, fault) < 0)
        return -1;
    struct convention c = convention_of(options->rounding, ROUNDING_EXACT, true);
    size_t rows = (size_t)t.n;
    double *x = instance_alloc(in, rows, sizeof *x), *y = instance_alloc(in, rows, sizeof *y);
    struct vrp_task *tasks = instance_alloc(in, rows, sizeof *tasks);
    struct vrp_window *windows = instance_alloc(in, rows, sizeof *windows);
    struct vrp_vehicle *v = instance_alloc(in, 1, sizeof *v);
    struct vrp_profile *profile = instance_alloc(in, 1, sizeof *profile);
    in->sol_number = instance_alloc(in, 2 * rows, sizeof *in->sol_number);
    if (!x || !y || !tasks || !windows || !v || !profile || !in->sol_number)
        return instance_complain(fault, "out of memory");
    for (int32_t i = 0; i < t.n; i++) {
        x[i] = t.at[i][ROW_X];
        y[i] = t.at[i][ROW_Y];
    }
    if (fill_tasks(&t, &c, in, tasks, windows, fault) < 0)
        return -1;
    bool hierarchical = options->objective != OBJECTIVE_DISTANCE;
    const struct convention whole = {1, 0.5, false};
    *v = (struct vrp_vehicle)VRP_VEHICLE_DEFAULT;
    v->count = hierarchical && t.vehicles >= 1 ? convention_amount(&whole, t.vehicles) : t.n;
    v->capacity[0] = convention_amount(&whole, t.capacity);
    v->shift = (struct vrp_window){convention_amount(&c, t.at[0][ROW_READY]),
                                   convention_amount(&c, t.at[0][ROW_DUE])};
    in->p = (struct vrp_problem){.n_locations = t.n,
                                 .n_tasks = in->p.n_tasks,
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
