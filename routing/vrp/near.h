/* Nearest neighbours: by a k-d tree for points of a plane, by selection for a matrix. */
#ifndef ROUTING_VRP_NEAR_H
#define ROUTING_VRP_NEAR_H

#include <stdint.h>

/* For each of the points 0 … n − 1, its k nearest others, nearest first, ties by index:
 * ret[i × k …]. k < n. O(n k log n). 0, or -1 out of memory. */
int near_plane(const double *x, const double *y, int32_t n, int32_t k, int32_t *ret);

/* The k smallest of key[0 … n − 1] in ascending order, ties by index: ret[0 … k − 1]. Keys < 0 are left
 * out; returns how many were written. */
int32_t near_select(const int64_t *key, int32_t n, int32_t k, int32_t *ret);

#endif
