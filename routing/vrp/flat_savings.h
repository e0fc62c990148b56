/* Construction by savings over near neighbours: Clarke & Wright 1964, limited as by Accorsi & Vigo 2021. */
#ifndef ROUTING_VRP_FLAT_SAVINGS_H
#define ROUTING_VRP_FLAT_SAVINGS_H

#include "routing/vrp/flat_tour.h"

/* Serves absent clients of an untimed tour by merging single-client routes; does nothing where windows,
 * fleets or backhauls matter. */
void flat_savings(struct flat_tour *t);

#endif
