/* The routing problem the solver and the checker share: plain data, filled by the caller.
 *
 * Units: seconds, metres, loads in whatever unit each dimension has (pieces, grams, cm³), all integers;
 * costs are int64 in one unit chosen by the caller (fen, or scaled). Every quantity must stay below
 * VRP_LIMIT so that sums over a route fit.
 *
 * Ownership: the problem points into arrays that the caller owns; they must not change while a solver
 * or checker call runs. Nothing here is freed by the library. Everything is read-only to it, so any
 * number of threads may solve the same problem.
 *
 * A zeroed struct is a valid "nothing": zero every struct before filling it and use the _DEFAULT
 * initialisers where a neutral value is not zero. */
#ifndef ROUTING_VRP_PROBLEM_H
#define ROUTING_VRP_PROBLEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    VRP_DIMS = 6,        /* most load dimensions */
    VRP_NONE = -1,       /* "no location", "no resource", "no group" */
    VRP_LIMIT = 1 << 30, /* largest moment or load; also "unlimited" */
    /* Largest time or distance between two locations, and largest setup, service, break and re-loading: four
     * years of seconds, three times round the earth. What is further than VRP_FAR with a vehicle's
     * travel_permille counts as that. */
    VRP_LEG_LIMIT = VRP_LIMIT / 8,
    VRP_FAR = VRP_LIMIT / 4
};

/* The cost of leaving out a task that has to be served; caller's prizes stay below it. */
#define VRP_REQUIRED ((int64_t)1 << 44)

/* Service may begin at from, at until and between. */
struct vrp_window {
    int32_t from, until;
};

/* Travel between locations, one per vehicle profile. Either matrices (n × n, row = origin) or, with
 * both NULL, the problem's coordinates. metres NULL = the same as seconds. With slices, departure at
 * time t uses the last slice whose slice_from ≤ t (slice 0 before the first); `seconds` is then the
 * fastest of them, used as the estimate where no time is known yet. */
struct vrp_profile {
    const int32_t *seconds;
    const int32_t *metres;
    int32_t n_slices;
    const int32_t *slice_from;
    const int32_t *const *slice_seconds;
};

/* Locations as points of a plane: distance = time = floor(scale × Euclidean + bias). Nothing quadratic
 * is stored. */
struct vrp_plane {
    const double *x, *y; /* n_locations each */
    double scale;        /* 1 for rounded conventions, 10 for tenths … */
    double bias;         /* 0.5 rounds, 0 truncates */
    bool ceil;           /* round up instead */
};

/* One call at a door. */
struct vrp_visit {
    int32_t location;
    int32_t setup;   /* seconds, only when the previous stop is at another location */
    int32_t service; /* seconds */
    int32_t n_windows;
    const struct vrp_window *windows; /* ascending, disjoint; none = always */
    int32_t late_max;                 /* the last window is soft for this many seconds … */
    int32_t late_cost;                /* … at this cost a second */
};

enum vrp_kind {
    VRP_JOB,     /* delivery[] comes from the (trip's) start, pickup[] goes to its end; visit[0] only */
    VRP_SHIPMENT /* pickup[] is loaded at visit[0] and leaves at visit[1], same vehicle and trip */
};

struct vrp_task {
    enum vrp_kind kind;
    struct vrp_visit visit[2];
    int32_t delivery[VRP_DIMS];
    int32_t pickup[VRP_DIMS];
    int32_t release;     /* the trip that carries it leaves the depot no earlier */
    uint64_t skills;     /* all of these bits are needed of the vehicle */
    const bool *allowed; /* by vehicle type; NULL = all */
    int64_t prize;       /* cost of not serving it; VRP_REQUIRED = must */
    int64_t cost;        /* cost of serving it (used among alternatives) */
    int32_t group;       /* VRP_NONE, or alternatives: at most one task of a group is served, and the
                          * group costs its largest prize if none is. 0 ≤ group < n_groups */
    int32_t resource;    /* VRP_NONE, or the resource of which it takes resource_units */
    int32_t resource_units;
};
#define VRP_TASK_DEFAULT                                                                                     \
    {                                                                                                        \
        .prize = VRP_REQUIRED, .group = VRP_NONE, .resource = VRP_NONE                                       \
    }

/* Something shared by all routes: a locker's free compartments of one size, places at a dock in one
 * slot (slots are alternatives with their own window and resource). What does not fit may take
 * `wider` (the next larger size of the same locker); the wider links form chains. */
struct vrp_resource {
    int32_t capacity;
    int32_t wider; /* VRP_NONE or a resource */
};

/* A break is taken anywhere on the way, also while driving between two stops. */
struct vrp_break {
    int32_t n_windows;
    const struct vrp_window *windows; /* when it may begin */
    int32_t service;
    bool limit_load; /* may only be taken with a load of at most … */
    int32_t max_load[VRP_DIMS];
};

enum { VRP_BREAKS = 8 }; /* most breaks of one vehicle */

/* `count` equal vehicles. */
struct vrp_vehicle {
    int32_t count;
    int32_t profile;
    int32_t start, end; /* locations; VRP_NONE = begins at the first stop / ends at the last */
    struct vrp_window shift;
    int32_t capacity[VRP_DIMS];
    uint64_t skills;
    int32_t n_breaks;
    const struct vrp_break *breaks; /* in this order */
    int32_t travel_permille;        /* travel seconds are multiplied by this / 1000, rounded up */
    int32_t max_tasks;              /* visits on the route; VRP_LIMIT = any */
    int32_t max_travel;             /* seconds driven */
    int32_t max_distance;
    int32_t max_duration; /* end − start, waiting and breaks included */
    int32_t max_trips;    /* 1 = no return to re-load */
    int32_t reload;       /* location of re-loading; VRP_NONE = start */
    int32_t reload_time;
    bool lifo;           /* shipments leave in the reverse order of loading */
    bool backhaul;       /* in a trip every delivery comes before every pickup … */
    bool linehaul_first; /* … and a trip with a pickup has a delivery too */
    int64_t fixed_cost;
    int64_t unit_distance; /* cost a metre */
    int64_t unit_travel;   /* cost a second driven */
    int64_t unit_duration; /* cost a second between start and end */
    int32_t soft_duration; /* duration above this is overtime; fairness is asked for by setting it to */
    int64_t unit_overtime; /* the mean workload */
};
#define VRP_VEHICLE_DEFAULT                                                                                  \
    {                                                                                                        \
        .count = 1, .shift = {0, VRP_LIMIT}, .travel_permille = 1000, .max_tasks = VRP_LIMIT,                \
        .max_travel = VRP_LIMIT, .max_distance = VRP_LIMIT, .max_duration = VRP_LIMIT, .max_trips = 1,       \
        .reload = VRP_NONE, .soft_duration = VRP_LIMIT, .unit_distance = 1                                   \
    }

/* One element of a route. A visit is task × 2 + (0 job or pickup, 1 delivery of a shipment). */
enum { VRP_RELOAD = -1, VRP_BREAK0 = -2 /* break k is VRP_BREAK0 − k */ };

struct vrp_route {
    int32_t vehicle; /* type */
    int32_t n;
    int32_t *stops; /* n elements: visits, VRP_RELOAD, breaks; start and end are not listed */
    int32_t frozen; /* the first `frozen` elements are done or promised: kept as they are */
};

struct vrp_problem {
    int32_t n_locations;
    int32_t n_tasks;
    int32_t n_vehicles; /* types */
    int32_t n_profiles;
    int32_t n_dims;
    int32_t n_resources;
    int32_t n_groups;
    struct vrp_plane plane;
    const struct vrp_profile *profiles;
    const struct vrp_task *tasks;
    const struct vrp_vehicle *vehicles;
    const struct vrp_resource *resources;
    /* Extra cost of task t on vehicle type v: assign_cost[v × n_tasks + t]. Carries familiarity
     * (courier × area), forbidden-ish pairs and the distance from a previous plan. NULL = none. */
    const int32_t *assign_cost;
    /* A previous plan: warm start. Routes with a frozen prefix keep it. The solver copies it. */
    int32_t n_plan;
    const struct vrp_route *plan;
    bool fleet_first; /* fewer routes are better than any saving of cost */
};

/* What is wrong with a problem, for a person. */
struct vrp_fault {
    char text[160];
};

/* Checks indices, ranges and the rules above, and that no sum of costs can overflow. Looks at every entry of
 * the matrices. 0, or -1 with *fault filled. */
int vrp_problem_check(const struct vrp_problem *p, struct vrp_fault *fault);

/* The general cases of the two below. */
int32_t vrp_plane_distance(const struct vrp_plane *m, int32_t a, int32_t b);
int32_t vrp_slowed_seconds(const struct vrp_problem *p, const struct vrp_vehicle *v, int32_t a, int32_t b,
                           int32_t when);

/* Metres / seconds from location a to b. Seconds are those of departure at `when` and of the vehicle's
 * travel_permille. */
static inline int32_t vrp_metres(const struct vrp_problem *p, int32_t profile, int32_t a, int32_t b)
{
    const struct vrp_profile *f = &p->profiles[profile];
    const int32_t *m = f->metres ? f->metres : f->seconds;
    return m ? m[(size_t)a * (size_t)p->n_locations + (size_t)b] : vrp_plane_distance(&p->plane, a, b);
}

static inline int32_t vrp_seconds(const struct vrp_problem *p, const struct vrp_vehicle *v, int32_t a,
                                  int32_t b, int32_t when)
{
    const struct vrp_profile *f = &p->profiles[v->profile];
    if (f->n_slices || !f->seconds || v->travel_permille != 1000)
        return vrp_slowed_seconds(p, v, a, b, when);
    return f->seconds[(size_t)a * (size_t)p->n_locations + (size_t)b];
}

/* Whether skills and permission let vehicle type v serve task t. */
bool vrp_may_serve(const struct vrp_problem *p, int32_t v, int32_t t);

static inline const struct vrp_visit *vrp_visit_of(const struct vrp_problem *p, int32_t stop)
{
    return &p->tasks[stop / 2].visit[stop & 1];
}

#endif
