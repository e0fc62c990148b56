/* The checker: recomputes a solution's cost and every constraint by a code path of its own (a plain
 * simulation of each route; nothing shared with the solver but problem.h). */
#ifndef ROUTING_VRP_CHECKER_H
#define ROUTING_VRP_CHECKER_H

#include "routing/vrp/solution.h"

enum vrp_rule {
    VRP_V_STRUCTURE, /* unknown task or vehicle, a visit twice, half a shipment, a delivery before its pickup
                      */
    VRP_V_FLEET,     /* more routes of a type than vehicles */
    VRP_V_NOT_ALLOWED,
    VRP_V_SKILLS,
    VRP_V_CAPACITY,
    VRP_V_WINDOW, /* service would begin after the window (amount: seconds late) */
    VRP_V_SHIFT,  /* back after the shift (amount: seconds) */
    VRP_V_BREAK,  /* missing, out of order or out of its window */
    VRP_V_MAX_TASKS,
    VRP_V_MAX_TRAVEL,
    VRP_V_MAX_DISTANCE,
    VRP_V_MAX_DURATION,
    VRP_V_TRIPS, /* more trips than allowed */
    VRP_V_LIFO,
    VRP_V_BACKHAUL,
    VRP_V_RESOURCE,
    VRP_V_GROUP,    /* two alternatives of one group served */
    VRP_V_REQUIRED, /* a required task is not served */
    VRP_RULES
};

/* A fixed snake_case word for each rule, as used in JSON. */
const char *vrp_rule_name(enum vrp_rule r);

struct vrp_violation {
    enum vrp_rule rule;
    int32_t route; /* VRP_NONE where the rule is about no single route */
    int32_t task;  /* VRP_NONE … task; for VRP_V_RESOURCE the resource */
    int64_t amount;
};

struct vrp_report {
    int64_t cost;
    int64_t distance, travel, duration, waiting, service, late; /* sums over routes */
    int32_t vehicles;                                           /* routes that serve something */
    int32_t served;
    int32_t n_violations; /* all that were found */
    int32_t n_kept;       /* the first of them, in violations[] */
    struct vrp_violation violations[64];
};

/* Fills *ret; returns the number of violations, or -1 out of memory. The solution's own cost and
 * unserved list are not believed or read. */
int vrp_check(const struct vrp_problem *p, const struct vrp_solution *s, struct vrp_report *ret);

#endif
