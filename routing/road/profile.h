/* A travel profile is data: a text of one rule per line that says how a van, an e-trike, an e-bike or
 * a person on foot reads OpenStreetMap tags. The format, rule by rule, is in doc/roads.md; the four
 * shipped profiles are in routing/profiles/. Unknown rules are errors that name the line.
 * Times are milliseconds, speeds millimetres per second. Immutable after parsing; any thread. */
#ifndef ROUTING_ROAD_PROFILE_H
#define ROUTING_ROAD_PROFILE_H

#include "routing/geo/error.h"
#include "routing/road/osm.h"

#include <stdbool.h>
#include <stdint.h>

enum { PROFILE_NAME_MAX = 31, PROFILE_CLASS_FERRY = 255 };
#define PROFILE_DENY UINT32_MAX

struct profile;

/* Parses a copy of `text`; `where` names it in errors. NULL on error. */
struct profile *profile_parse(const char *text, size_t size, const char *where, struct route_error *err);
void profile_free(struct profile *p);

const char *profile_name(const struct profile *p);
/* The text as given: stored in the road file, so that a file customizes without its profiles at hand. */
const char *profile_text(const struct profile *p, size_t *ret_size);

/* Does any rule look at this key? The import keeps only such tags. */
bool profile_reads_key(const struct profile *p, const char *key);

struct way_use {
    uint32_t speed[2];   /* mm/s along the way's drawing and against it; 0: not allowed */
    uint32_t enter_ms;   /* paid on coming in from a road with a smaller value (private, destination) */
    uint32_t duration_s; /* of the whole way, for ferries that say so; else 0 */
    uint8_t rank;        /* index of the road's class in the profile, best road first; or CLASS_FERRY */
    bool snap;           /* points may be placed on it */
    bool roundabout;
};
/* False if the profile cannot use a way with these tags at all. */
bool profile_way(const struct profile *p, const struct osm_tag *tags, size_t n, struct way_use *ret);

/* The same at an hour as condition.h counts them, when conditional tags take the place of plain ones; and at
 * one hour or another: every direction that is ever open, at its highest speed. */
bool profile_way_at(const struct profile *p, const struct osm_tag *tags, size_t n, int hour,
                    struct way_use *ret);
bool profile_way_ever(const struct profile *p, const struct osm_tag *tags, size_t n, struct way_use *ret);

/* Milliseconds for passing a node with these tags, or PROFILE_DENY. */
uint32_t profile_node(const struct profile *p, const struct osm_tag *tags, size_t n);

enum profile_turn_rule { TURN_RULE_NONE, TURN_RULE_NO, TURN_RULE_ONLY };
/* What a restriction relation with these tags means to the profile. Turns are part of the graph and the same
 * at every hour: one that is restricted at some hour of the week only is never driven. */
enum profile_turn_rule profile_restriction(const struct profile *p, const struct osm_tag *tags, size_t n);

struct profile_turns {
    uint32_t straight, slight, left, right, sharp; /* by angle */
    uint32_t uturn;                                /* on the same road at a junction, or PROFILE_DENY */
    uint32_t deadend;                              /* turning round where there is no other way on */
    uint32_t minor; /* coming from a smaller road onto or across a bigger one without signals */
};
const struct profile_turns *profile_turns(const struct profile *p);

/* Speed factor × 1000 of a road class at an hour (1000 when no rule speaks, or hour < 0). */
uint32_t profile_hour_permille(const struct profile *p, int hour, uint8_t rank);

uint32_t profile_walk_speed(const struct profile *p); /* from the road to the door, mm/s */
/* The profile by which one goes on where the vehicle must stay outside, or NULL. */
const char *profile_park(const struct profile *p);
uint32_t profile_park_radius(const struct profile *p); /* metres that one walks at most */

#endif
