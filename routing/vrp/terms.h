/* Wishes beside the cost of driving, as numbers of the problem: few changes to a plan that people know, and
 * work shared alike. Pure; nothing is kept. */
#ifndef ROUTING_VRP_TERMS_H
#define ROUTING_VRP_TERMS_H

#include "routing/vrp/problem.h"

/* Adds `cost` to assign_cost (n_vehicles × n_tasks, as in the problem) for every task of the plan on every
 * vehicle type but the plan's. What would pass VRP_LIMIT stays there. */
void terms_stay(const struct vrp_problem *p, int32_t cost, int32_t *assign_cost);

/* Seconds one vehicle would work if all worked alike: service and setup, half as much again as the way from
 * each visit to its nearest neighbour, and for each vehicle the mean way out and back. Times are those of the
 * first vehicle type. O(visits²). */
int32_t terms_fair_share(const struct vrp_problem *p);

#endif
