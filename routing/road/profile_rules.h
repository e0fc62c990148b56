/* Inner side of profile.h: the rules as parsed (profile.c) and as read by the judgements (profile_judge.c).
 * Strings point into the profile's own copy of its text. */
#ifndef ROUTING_ROAD_PROFILE_RULES_H
#define ROUTING_ROAD_PROFILE_RULES_H

#include "routing/road/mem.h"
#include "routing/road/profile.h"

enum { WORDS_MAX = 24, LIST_MAX = 12 };

struct list {
    const char *at[LIST_MAX];
    size_t n;
};

struct tag_rule {
    const char *key, *value; /* value "*" matches any */
    double number;           /* factor, milliseconds or unused */
};

struct class_rule {
    const char *highway;
    uint32_t speed;
    bool explicit_only, snap;
};

struct hour_rule {
    int from, to; /* hours, from ≤ h < to */
    const char *highway;
    uint32_t permille;
};

typedef VEC(struct tag_rule) tag_rules;

struct profile {
    char *words, *text;
    size_t text_size;
    const char *name, *park;
    struct list access, oneway, restriction, except;
    VEC(struct class_rule) classes;
    VEC(struct hour_rule) hours;
    tag_rules values, factors, denies, contraflow, barriers, nodes;
    struct profile_turns turns;
    double maxspeed_factor, ferry_ms;
    bool ferry;
    uint32_t top_speed, walk_speed, park_radius;
};

#endif
