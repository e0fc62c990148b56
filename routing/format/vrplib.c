/* VRPLIB as of Uchoa et al. 2017, with PyVRP's sections for rich problems: windows, releases, prizes,
 * backhauls, several depots, reload depots, allowed clients, exclusive groups, costs and limits per vehicle.
 * Vehicles that are alike become one type. */
#include "routing/format/reader.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_NODES = 200000, MOST_VEHICLES = 200000, MOST_MATRIX = 20000, MOST_ROW = 20000 };

/* Sections with one number per node or vehicle. */
enum column {
    X,
    Y,
    DEMAND,
    LINEHAUL,
    BACKHAUL,
    READY,
    DUE,
    SERVICE,
    RELEASE,
    PRIZE, /* by node */
    CAPACITY,
    DEPOT,
    FIXED,
    UNIT_DISTANCE,
    UNIT_DURATION,
    MAX_DURATION,
    MAX_DISTANCE,
    MAX_RELOADS, /* by vehicle */
    SHIFT_FROM,
    SHIFT_UNTIL,
    COLUMNS,
    NODE_COLUMNS = CAPACITY
};

static const struct section {
    const char *name;
    enum column column;
    int width; /* numbers a row after the index */
} sections[] = {
    {"NODE_COORD_SECTION", X, 2},
    {"DEMAND_SECTION", DEMAND, 1},
    {"LINEHAUL_SECTION", LINEHAUL, 1},
    {"BACKHAUL_SECTION", BACKHAUL, 1},
    {"TIME_WINDOW_SECTION", READY, 2},
    {"SERVICE_TIME_SECTION", SERVICE, 1},
    {"RELEASE_TIME_SECTION", RELEASE, 1},
    {"PRIZE_SECTION", PRIZE, 1},
    {"CAPACITY_SECTION", CAPACITY, 1},
    {"VEHICLES_DEPOT_SECTION", DEPOT, 1},
    {"VEHICLES_FIXED_COST_SECTION", FIXED, 1},
    {"VEHICLES_UNIT_DISTANCE_COST_SECTION", UNIT_DISTANCE, 1},
    {"VEHICLES_UNIT_DURATION_COST_SECTION", UNIT_DURATION, 1},
    {"VEHICLES_MAX_DURATION_SECTION", MAX_DURATION, 1},
    {"VEHICLES_MAX_DISTANCE_SECTION", MAX_DISTANCE, 1},
    {"VEHICLES_MAX_RELOADS_SECTION", MAX_RELOADS, 1},
    {"VEHICLES_TIME_WINDOW_SECTION", SHIFT_FROM, 2},
};

/* Header keys with one number for all nodes or vehicles. */
static const struct key {
    const char *name;
    enum column column;
} keys[] = {
    {"CAPACITY", CAPACITY},
    {"SERVICE_TIME", SERVICE},
    {"VEHICLES_MAX_DURATION", MAX_DURATION},
    {"VEHICLES_MAX_DISTANCE", MAX_DISTANCE},
    {"VEHICLES_MAX_RELOADS", MAX_RELOADS},
    {"VEHICLES_FIXED_COST", FIXED},
    {"VEHICLES_UNIT_DISTANCE_COST", UNIT_DISTANCE},
    {"DISTANCE", MAX_DISTANCE},
};

struct file {
    struct scan s;
    struct instance *in;
    struct instance_fault *fault;
    char type[24], weight_type[24], weight_format[24];
    int32_t dimension, vehicles;
    double *column[COLUMNS];
    bool has[COLUMNS];
    double *weights; /* dimension² */
    bool *allowed;   /* vehicle × node, when the section is there */
    int32_t *reload; /* by vehicle: node + 1 */
    int32_t *group;  /* by node, or NULL */
    int32_t n_groups;
    int32_t *depots, n_depots;
    bool *is_depot;
    bool fleet_given;
};

static int complain(struct file *f, const char *what)
{
    return instance_complain(f->fault, "line %d: %s", f->s.line, what);
}

static int32_t rows_of(const struct file *f, enum column c)
{
    return c < NODE_COLUMNS ? f->dimension : f->vehicles;
}

static double *column(struct file *f, enum column c)
{
    if (!f->column[c])
        f->column[c] = instance_alloc(f->in, (size_t)rows_of(f, c) + 1, sizeof(double));
    f->has[c] = f->column[c] != NULL;
    return f->column[c];
}

/* ---- sections ---- */

static bool next_index(struct file *f, int32_t rows, int32_t *ret)
{
    double v;
    if (!scan_number(&f->s, true, &v) || v < 1 || v > rows)
        return false;
    *ret = (int32_t)v - 1;
    return true;
}

static int read_column(struct file *f, const struct section *s)
{
    int32_t rows = rows_of(f, s->column);
    for (int w = 0; w < s->width; w++)
        if (!column(f, (enum column)(s->column + w)))
            return complain(f, "out of memory");
    for (int32_t r = 0; r < rows; r++) {
        int32_t i;
        if (!next_index(f, rows, &i))
            return complain(f, "a row's index is missing or out of range");
        for (int w = 0; w < s->width; w++)
            if (!scan_number(&f->s, false, &f->column[s->column + w][i]))
                return complain(f, "a number is missing");
    }
    return 0;
}

static int read_depots(struct file *f)
{
    f->depots = instance_alloc(f->in, (size_t)f->dimension + 1, sizeof *f->depots);
    if (!f->depots)
        return complain(f, "out of memory");
    double v;
    while (scan_number(&f->s, true, &v) && v >= 0) {
        if (v < 1 || v > f->dimension || f->n_depots == f->dimension)
            return complain(f, "depot out of range");
        if (!f->is_depot[(int32_t)v - 1])
            f->depots[f->n_depots++] = (int32_t)v - 1;
        f->is_depot[(int32_t)v - 1] = true;
    }
    return 0;
}

static int read_allowed(struct file *f)
{
    size_t n = (size_t)f->dimension;
    f->allowed = instance_alloc(f->in, (size_t)f->vehicles * n, sizeof *f->allowed);
    if (!f->allowed)
        return complain(f, "out of memory");
    for (int32_t r = 0; r < f->vehicles; r++) {
        int32_t v;
        double node;
        if (!next_index(f, f->vehicles, &v))
            return complain(f, "vehicle out of range");
        while (scan_number(&f->s, false, &node))
            if (node >= 1 && node <= f->dimension)
                f->allowed[(size_t)v * n + (size_t)node - 1] = true;
    }
    return 0;
}

static int read_reload(struct file *f)
{
    f->reload = instance_alloc(f->in, (size_t)f->vehicles, sizeof *f->reload);
    if (!f->reload)
        return complain(f, "out of memory");
    for (int32_t r = 0; r < f->vehicles; r++) {
        int32_t v;
        double node;
        if (!next_index(f, f->vehicles, &v))
            return complain(f, "vehicle out of range");
        while (scan_number(&f->s, false, &node))
            if (node >= 1 && node <= f->dimension && !f->reload[v])
                f->reload[v] = (int32_t)node;
    }
    return 0;
}

static int read_groups(struct file *f)
{
    f->group = instance_alloc(f->in, (size_t)f->dimension, sizeof *f->group);
    if (!f->group)
        return complain(f, "out of memory");
    double id, node;
    while (scan_number(&f->s, true, &id)) {
        f->n_groups++;
        while (scan_number(&f->s, false, &node))
            if (node >= 1 && node <= f->dimension)
                f->group[(int32_t)node - 1] = f->n_groups;
    }
    return 0;
}

/* Which cells of the matrix the numbers fill, row by row. */
static bool cell_given(const char *format, int32_t i, int32_t j)
{
    if (!strcmp(format, "LOWER_ROW"))
        return j < i;
    if (!strcmp(format, "LOWER_DIAG_ROW"))
        return j <= i;
    if (!strcmp(format, "UPPER_ROW"))
        return j > i;
    if (!strcmp(format, "UPPER_DIAG_ROW"))
        return j >= i;
    return true;
}

static int read_weights(struct file *f)
{
    size_t n = (size_t)f->dimension;
    bool full = !f->weight_format[0] || !strcmp(f->weight_format, "FULL_MATRIX");
    if (f->dimension > MOST_MATRIX)
        return complain(f, "matrix too large");
    f->weights = instance_alloc(f->in, n * n, sizeof *f->weights);
    if (!f->weights)
        return complain(f, "out of memory");
    for (int32_t i = 0; i < f->dimension; i++)
        for (int32_t j = 0; j < f->dimension; j++) {
            if (!cell_given(f->weight_format, i, j))
                continue;
            double v;
            if (!scan_number(&f->s, true, &v))
                return complain(f, "a matrix entry is missing");
            f->weights[(size_t)i * n + (size_t)j] = v;
            if (!full)
                f->weights[(size_t)j * n + (size_t)i] = v;
        }
    return 0;
}

static int skip_section(struct file *f)
{
    double v;
    while (scan_number(&f->s, true, &v))
        ;
    return 0;
}

static const struct special {
    const char *name;
    int (*read)(struct file *f);
} specials[] = {
    {"DEPOT_SECTION", read_depots},
    {"VEHICLES_ALLOWED_CLIENTS_SECTION", read_allowed},
    {"VEHICLES_RELOAD_DEPOT_SECTION", read_reload},
    {"MUTUALLY_EXCLUSIVE_GROUP_SECTION", read_groups},
    {"EDGE_WEIGHT_SECTION", read_weights},
};

static bool is_word(const char *word, size_t n, const char *name)
{
    return strlen(name) == n && !memcmp(word, name, n);
}

static int read_section(struct file *f, const char *word, size_t n)
{
    if (!f->dimension)
        return complain(f, "DIMENSION is missing");
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++)
        if (is_word(word, n, sections[i].name))
            return read_column(f, &sections[i]);
    for (size_t i = 0; i < sizeof specials / sizeof *specials; i++)
        if (is_word(word, n, specials[i].name))
            return specials[i].read(f);
    return skip_section(f);
}

/* ---- header ---- */

static int set_dimension(struct file *f, double v)
{
    if (v < 2 || v > MOST_NODES)
        return complain(f, "DIMENSION out of range");
    if (f->dimension)
        return complain(f, "DIMENSION is given twice");
    f->dimension = (int32_t)v;
    f->is_depot = instance_alloc(f->in, (size_t)f->dimension, sizeof *f->is_depot);
    return f->is_depot ? 0 : complain(f, "out of memory");
}

static int set_number(struct file *f, const char *key, size_t n, double v)
{
    if (is_word(key, n, "DIMENSION"))
        return set_dimension(f, v);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (!is_word(key, n, keys[i].name))
            continue;
        if (!f->dimension)
            return complain(f, "DIMENSION must come first");
        if (!column(f, keys[i].column))
            return complain(f, "out of memory");
        for (int32_t r = 0; r < rows_of(f, keys[i].column) || r == 0; r++)
            f->column[keys[i].column][r] = v;
    }
    return 0;
}

static void keep_word(char *to, size_t room, const char *word, size_t n)
{
    n = n < room - 1 ? n : room - 1;
    memcpy(to, word, n);
    to[n] = 0;
}

static int read_header_line(struct file *f, const char *key, size_t key_n)
{
    const char *value;
    size_t n;
    double number;
    while (key_n && (key[key_n - 1] == ':' || key[key_n - 1] == ' '))
        key_n--;
    while (f->s.at < f->s.end && (*f->s.at == ' ' || *f->s.at == '\t' || *f->s.at == ':'))
        f->s.at++;
    struct scan before = f->s;
    if (scan_number(&f->s, false, &number) && !scan_more(&f->s)) {
        if (set_number(f, key, key_n, number) < 0)
            return -1;
    }
    f->s = before;
    scan_line(&f->s, &value, &n);
    if (is_word(key, key_n, "NAME"))
        f->in->name = instance_text(f->in, value, n);
    else if (is_word(key, key_n, "TYPE"))
        keep_word(f->type, sizeof f->type, value, n);
    else if (is_word(key, key_n, "EDGE_WEIGHT_TYPE"))
        keep_word(f->weight_type, sizeof f->weight_type, value, n);
    else if (is_word(key, key_n, "EDGE_WEIGHT_FORMAT"))
        keep_word(f->weight_format, sizeof f->weight_format, value, n);
    return f->in->name ? 0 : complain(f, "out of memory");
}

/* VEHICLES decides how long vehicle columns are; files that leave it out have one vehicle type. */
static int find_vehicles(struct file *f)
{
    const char *at = strstr(f->s.at, "VEHICLES");
    for (; at && at < f->s.end; at = strstr(at + 1, "VEHICLES")) {
        const char *v = at + 8 + strspn(at + 8, " \t");
        if (*v != ':' || (at > f->s.at && at[-1] != '\n' && at[-1] != ' '))
            continue;
        long n = strtol(v + 1, NULL, 10);
        if (n < 1 || n > MOST_VEHICLES)
            return complain(f, "VEHICLES out of range");
        f->vehicles = (int32_t)n;
        f->fleet_given = true;
        return 0;
    }
    f->vehicles = 1;
    return 0;
}

static int read_file(struct file *f)
{
    const char *word;
    size_t n;
    if (find_vehicles(f) < 0)
        return -1;
    while (scan_word(&f->s, true, &word, &n)) {
        if (is_word(word, n, "EOF"))
            break;
        bool section = n > 8 && !memcmp(word + n - 8, "_SECTION", 8);
        if ((section ? read_section(f, word, n) : read_header_line(f, word, n)) < 0)
            return -1;
    }
    if (!f->dimension)
        return complain(f, "DIMENSION is missing");
    if (!f->has[X] && !f->weights)
        return complain(f, "neither coordinates nor weights");
    if (!f->n_depots) {
        f->depots = instance_alloc(f->in, 1, sizeof *f->depots);
        if (!f->depots)
            return complain(f, "out of memory");
        f->is_depot[0] = true;
        f->n_depots = 1;
    }
    return 0;
}

/* ---- to a problem ---- */

static double value(const struct file *f, enum column c, int32_t row, double otherwise)
{
    return f->has[c] ? f->column[c][row] : otherwise;
}

static enum instance_rounding usual_rounding(const struct file *f)
{
    static const struct {
        const char *type;
        enum instance_rounding rounding;
    } table[] = {{"MDVRPTW", ROUNDING_EXACT}, {"SDVRPTW", ROUNDING_EXACT},  {"HFVRP", ROUNDING_EXACT},
                 {"VRPTW", ROUNDING_TRUNC1},  {"PCVRPTW", ROUNDING_TRUNC1}, {"MTVRPTWR", ROUNDING_TRUNC1}};
    for (size_t i = 0; i < sizeof table / sizeof *table && !f->weights; i++)
        if (!strcmp(f->type, table[i].type))
            return table[i].rounding;
    return ROUNDING_ROUND;
}

static int32_t whole(double v)
{
    return convention_amount(&(struct convention){1, 0.5, false}, v);
}

static void fill_task(const struct file *f, const struct convention *c, int32_t node, struct vrp_task *t,
                      struct vrp_window *w)
{
    *t = (struct vrp_task)VRP_TASK_DEFAULT;
    t->visit[0].location = node;
    t->visit[0].service = convention_amount(c, value(f, SERVICE, node, 0));
    bool back = value(f, BACKHAUL, node, 0) > 0;
    t->delivery[0] = back ? 0 : whole(value(f, LINEHAUL, node, value(f, DEMAND, node, 0)));
    t->pickup[0] = whole(value(f, BACKHAUL, node, 0));
    t->release = convention_amount(c, value(f, RELEASE, node, 0));
    if (f->has[READY]) {
        *w = (struct vrp_window){convention_amount(c, f->column[READY][node]),
                                 convention_amount(c, f->column[DUE][node])};
        t->visit[0].windows = w;
        t->visit[0].n_windows = 1;
    }
    if (f->has[PRIZE])
        t->prize = convention_amount(c, f->column[PRIZE][node]);
    if (f->group && f->group[node])
        t->group = f->group[node] - 1;
}

static void fill_vehicle(const struct file *f, const struct convention *c, int32_t row, struct vrp_vehicle *v)
{
    *v = (struct vrp_vehicle)VRP_VEHICLE_DEFAULT;
    int32_t depot = (int32_t)value(f, DEPOT, row, f->depots[0] + 1) - 1;
    v->start = v->end = depot >= 0 && depot < f->dimension ? depot : f->depots[0];
    v->capacity[0] = whole(value(f, CAPACITY, row, VRP_LIMIT));
    v->fixed_cost = convention_amount(c, value(f, FIXED, row, 0));
    v->unit_distance = whole(value(f, UNIT_DISTANCE, row, f->has[UNIT_DURATION] ? 0 : 1));
    v->unit_duration = whole(value(f, UNIT_DURATION, row, 0));
    v->max_duration = convention_amount(c, value(f, MAX_DURATION, row, VRP_LIMIT));
    v->max_distance = convention_amount(c, value(f, MAX_DISTANCE, row, VRP_LIMIT));
    if (f->has[READY])
        v->shift = (struct vrp_window){convention_amount(c, f->column[READY][v->start]),
                                       convention_amount(c, f->column[DUE][v->start])};
    if (f->has[SHIFT_FROM])
        v->shift = (struct vrp_window){convention_amount(c, f->column[SHIFT_FROM][row]),
                                       convention_amount(c, f->column[SHIFT_UNTIL][row])};
    if (f->reload && f->reload[row]) {
        v->reload = f->reload[row] - 1;
        v->max_trips = (int32_t)value(f, MAX_RELOADS, row, 1000) + 1;
    }
    v->backhaul = v->linehaul_first = !strcmp(f->type, "VRPB");
}

static bool alike(const struct file *f, const struct vrp_vehicle *a, const struct vrp_vehicle *b, int32_t ra,
                  int32_t rb)
{
    size_t n = (size_t)f->dimension;
    return a->start == b->start && a->end == b->end && a->capacity[0] == b->capacity[0] &&
           a->fixed_cost == b->fixed_cost && a->unit_distance == b->unit_distance &&
           a->unit_duration == b->unit_duration && a->max_duration == b->max_duration &&
           a->max_distance == b->max_distance && a->shift.from == b->shift.from &&
           a->shift.until == b->shift.until && a->reload == b->reload && a->max_trips == b->max_trips &&
           (!f->allowed || !memcmp(f->allowed + (size_t)ra * n, f->allowed + (size_t)rb * n, n));
}

/* Vehicles into types; row_of[type] is one vehicle of it. */
static int32_t fill_types(const struct file *f, const struct convention *c, struct vrp_vehicle *types,
                          int32_t *row_of)
{
    int32_t n = 0;
    for (int32_t row = 0; row < f->vehicles; row++) {
        struct vrp_vehicle v;
        fill_vehicle(f, c, row, &v);
        int32_t k = n - 1;
        while (k >= 0 && !alike(f, &types[k], &v, row_of[k], row))
            k--;
        if (k >= 0) {
            types[k].count++;
            continue;
        }
        row_of[n] = row;
        types[n++] = v;
    }
    return n;
}

static int fill_allowed(struct file *f, struct vrp_task *tasks, const int32_t *row_of)
{
    struct vrp_problem *p = &f->in->p;
    bool *all = instance_alloc(f->in, (size_t)p->n_tasks * (size_t)p->n_vehicles, sizeof *all);
    if (!all)
        return complain(f, "out of memory");
    for (int32_t t = 0; t < p->n_tasks; t++) {
        bool *allowed = all + (size_t)t * (size_t)p->n_vehicles;
        for (int32_t k = 0; k < p->n_vehicles; k++)
            allowed[k] =
                f->allowed[(size_t)row_of[k] * (size_t)f->dimension + (size_t)tasks[t].visit[0].location];
        tasks[t].allowed = allowed;
    }
    return 0;
}

static int fill_travel(struct file *f, const struct convention *c, struct vrp_profile *profile)
{
    size_t n = (size_t)f->dimension;
    if (!f->weights) {
        f->in->p.plane = (struct vrp_plane){f->column[X], f->column[Y], c->scale, c->bias,
                                            c->ceil || !strcmp(f->weight_type, "CEIL_2D")};
        return 0;
    }
    int32_t *m = instance_alloc(f->in, n * n, sizeof *m);
    if (!m)
        return complain(f, "out of memory");
    for (size_t i = 0; i < n * n; i++)
        m[i] = convention_amount(c, f->weights[i]);
    profile->seconds = profile->metres = m;
    return 0;
}

static int fill_problem(struct file *f, const struct instance_options *options)
{
    struct instance *in = f->in;
    struct convention c = convention_of(options->rounding, usual_rounding(f), false);
    size_t n = (size_t)f->dimension, vehicles = (size_t)f->vehicles;
    struct vrp_task *tasks = instance_alloc(in, n, sizeof *tasks);
    struct vrp_window *windows = instance_alloc(in, n, sizeof *windows);
    struct vrp_vehicle *types = instance_alloc(in, vehicles, sizeof *types);
    struct vrp_profile *profile = instance_alloc(in, 1, sizeof *profile);
    int32_t *row_of = instance_alloc(in, vehicles, sizeof *row_of);
    in->sol_number = instance_alloc(in, n, sizeof *in->sol_number);
    if (!tasks || !windows || !types || !profile || !row_of || !in->sol_number)
        return complain(f, "out of memory");
    int32_t n_tasks = 0;
    for (int32_t i = 0; i < f->dimension; i++) {
        if (f->is_depot[i])
            continue;
        fill_task(f, &c, i, &tasks[n_tasks], &windows[i]);
        in->sol_number[n_tasks++] = i;
    }
    in->p = (struct vrp_problem){.n_locations = f->dimension,
                                 .n_tasks = n_tasks,
                                 .n_profiles = 1,
                                 .n_dims = 1,
                                 .n_groups = f->n_groups,
                                 .profiles = profile,
                                 .tasks = tasks,
                                 .vehicles = types};
    in->p.n_vehicles = fill_types(f, &c, types, row_of);
    if (!f->fleet_given && strcmp(f->type, "TSP"))
        types[0].count = n_tasks;
    in->p.fleet_first = options->objective == OBJECTIVE_HIERARCHICAL;
    in->cost_unit = 1 / c.scale;
    if (fill_travel(f, &c, profile) < 0)
        return -1;
    return f->allowed ? fill_allowed(f, tasks, row_of) : 0;
}

int vrplib_read(const char *text, size_t n, const struct instance_options *options, struct instance *in,
                struct instance_fault *fault)
{
    struct file *f = instance_alloc(in, 1, sizeof *f);
    if (!f)
        return instance_complain(fault, "out of memory");
    *f = (struct file){.s = {text, text + n, 1}, .in = in, .fault = fault};
    return read_file(f) < 0 ? -1 : fill_problem(f, options);
}
