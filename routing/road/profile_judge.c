/* What a profile makes of the tags of a way, a node or a restriction. */
#include "routing/road/condition.h"
#include "routing/road/profile_rules.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool in_list(const struct list *l, const char *s)
{
    for (size_t i = 0; i < l->n; i++)
        if (!strcmp(l->at[i], s))
            return true;
    return false;
}

static bool key_in(const tag_rules *r, const char *key)
{
    for (size_t i = 0; i < r->n; i++)
        if (r->at[i].key && !strcmp(r->at[i].key, key))
            return true;
    return false;
}

static bool reads_conditional(const struct profile *p, const char *key)
{
    static const char suffix[] = ":conditional";
    size_t n = strlen(key), s = sizeof suffix - 1;
    char base[64];

    if (n <= s || n - s >= sizeof base || strcmp(key + n - s, suffix) != 0)
        return false;
    memcpy(base, key, n - s);
    base[n - s] = '\0';
    return profile_reads_key(p, base);
}

bool profile_reads_key(const struct profile *p, const char *key)
{
    static const struct list always = {{"highway", "route", "junction", "maxspeed", "maxspeed:forward",
                                        "maxspeed:backward", "duration", "barrier", "except"},
                                       9};

    return in_list(&always, key) || in_list(&p->access, key) || in_list(&p->oneway, key) ||
           in_list(&p->restriction, key) || key_in(&p->factors, key) || key_in(&p->denies, key) ||
           key_in(&p->contraflow, key) || key_in(&p->nodes, key) || reads_conditional(p, key);
}

static bool matches(const struct tag_rule *r, const struct osm_tag *tags, size_t n)
{
    const char *v = osm_value(tags, n, r->key);

    return v && (!strcmp(r->value, "*") || !strcmp(r->value, v));
}

static const struct tag_rule *value_rule(const struct profile *p, const char *value)
{
    for (size_t i = 0; i < p->values.n; i++)
        if (!strcmp(p->values.at[i].value, value))
            return &p->values.at[i];
    return NULL;
}

/* The most specific access key present decides. *ret_specific tells whether it was more than "access". */
static const struct tag_rule *access_rule(const struct profile *p, const struct osm_tag *tags, size_t n,
                                          bool *ret_specific)
{
    const struct tag_rule *found = NULL;

    *ret_specific = false;
    for (size_t i = 0; i < p->access.n; i++) {
        const char *v = osm_value(tags, n, p->access.at[i]);
        const struct tag_rule *r = v ? value_rule(p, v) : NULL;

        if (!r)
            continue;
        found = r;
        *ret_specific = strcmp(p->access.at[i], "access") != 0;
    }
    return found;
}

static const struct class_rule *class_of(const struct profile *p, const char *highway, uint8_t *ret_rank)
{
    for (size_t i = 0; highway && i < p->classes.n; i++)
        if (!strcmp(p->classes.at[i].highway, highway)) {
            *ret_rank = (uint8_t)i;
            return &p->classes.at[i];
        }
    return NULL;
}

/* km/h, "30 mph", "walk"; 0 when it says nothing usable. */
static double posted_speed(const char *s)
{
    char *end;
    double v;

    if (!s)
        return 0;
    if (!strcmp(s, "walk"))
        return 7 / 3.6 * 1000;
    v = strtod(s, &end);
    if (end == s || !isfinite(v) || v <= 0 || v > 300)
        return 0;
    while (*end == ' ')
        end++;
    return v * (!strncmp(end, "mph", 3) ? 1.609344 : !strncmp(end, "knots", 5) ? 1.852 : 1.0) / 3.6 * 1000;
}

static uint32_t capped_speed(const struct profile *p, const struct osm_tag *tags, size_t n, double base,
                             const char *directional)
{
    double posted = posted_speed(osm_value(tags, n, directional));

    if (posted <= 0)
        posted = posted_speed(osm_value(tags, n, "maxspeed"));
    if (p->maxspeed_factor > 0 && posted > 0)
        base = p->maxspeed_factor * posted;
    for (size_t i = 0; i < p->factors.n; i++)
        if (matches(&p->factors.at[i], tags, n))
            base *= p->factors.at[i].number;
    if (base > p->top_speed)
        base = p->top_speed;
    return (uint32_t)lround(base);
}

/* +1: along only, -1: against only, 0: both. */
static int oneway(const struct profile *p, const struct osm_tag *tags, size_t n, const char *highway)
{
    static const struct {
        const char *value;
        int means;
    } words[] = {{"yes", 1},      {"true", 1}, {"1", 1},     {"-1", -1},
                 {"reverse", -1}, {"no", 0},   {"false", 0}, {"0", 0}};
    const char *junction = osm_value(tags, n, "junction");
    int way = 0;

    if (!p->oneway.n)
        return 0;
    if (in_list(&p->oneway, "oneway") &&
        ((junction && (!strcmp(junction, "roundabout") || !strcmp(junction, "circular"))) ||
         !strcmp(highway, "motorway")))
        way = 1;
    for (size_t i = 0; i < p->oneway.n; i++) {
        const char *v = osm_value(tags, n, p->oneway.at[i]);

        for (size_t k = 0; v && k < sizeof words / sizeof *words; k++)
            if (!strcmp(v, words[k].value))
                way = words[k].means;
    }
    for (size_t i = 0; i < p->contraflow.n; i++)
        if (matches(&p->contraflow.at[i], tags, n))
            way = 0;
    return way;
}

/* "hh:mm", "hh:mm:ss" or minutes. */
static uint32_t duration(const char *s)
{
    uint32_t part[3] = {0}, n = 0;

    if (!s)
        return 0;
    for (; *s && n < 3; n++) {
        char *end;
        unsigned long v = strtoul(s, &end, 10);

        if (end == s || v > 10000)
            return 0;
        part[n] = (uint32_t)v;
        s = *end == ':' ? end + 1 : end;
        if (*end && *end != ':')
            return 0;
    }
    return n == 1 ? part[0] * 60 : part[0] * 3600 + part[1] * 60 + part[2];
}

static bool ferry_way(const struct profile *p, const struct osm_tag *tags, size_t n, struct way_use *u)
{
    u->rank = PROFILE_CLASS_FERRY;
    u->snap = false;
    u->enter_ms = (uint32_t)p->ferry_ms;
    u->duration_s = duration(osm_value(tags, n, "duration"));
    u->speed[0] = u->speed[1] = 4000;
    return p->ferry;
}

bool profile_way(const struct profile *p, const struct osm_tag *tags, size_t n, struct way_use *ret)
{
    const char *highway = osm_value(tags, n, "highway"), *route = osm_value(tags, n, "route");
    const char *junction = osm_value(tags, n, "junction");
    struct way_use u = {0};
    const struct class_rule *c = class_of(p, highway, &u.rank);
    const struct tag_rule *access;
    bool specific;
    int dir;

    for (size_t i = 0; i < p->denies.n; i++)
        if (matches(&p->denies.at[i], tags, n))
            return false;
    access = access_rule(p, tags, n, &specific);
    if (access && access->number >= PROFILE_DENY)
        return false;
    if (!c) {
        if (!route || strcmp(route, "ferry") || !ferry_way(p, tags, n, &u))
            return false;
    } else {
        if (c->explicit_only && !(access && specific))
            return false;
        u.snap = c->snap;
        u.speed[0] = capped_speed(p, tags, n, c->speed, "maxspeed:forward");
        u.speed[1] = capped_speed(p, tags, n, c->speed, "maxspeed:backward");
        u.enter_ms = access ? (uint32_t)access->number : 0;
    }
    u.roundabout = junction && (!strcmp(junction, "roundabout") || !strcmp(junction, "circular"));
    dir = oneway(p, tags, n, highway ? highway : "");
    if (dir)
        u.speed[dir > 0] = 0;
    if (!u.speed[0] && !u.speed[1])
        return false;
    *ret = u;
    return true;
}

bool profile_way_at(const struct profile *p, const struct osm_tag *tags, size_t n, int hour,
                    struct way_use *ret)
{
    struct condition_tags now;

    if (hour < 0 || !condition_any(tags, n))
        return profile_way(p, tags, n, ret);
    condition_apply(tags, n, hour, &now);
    return profile_way(p, now.tags, now.n, ret);
}

bool profile_way_ever(const struct profile *p, const struct osm_tag *tags, size_t n, struct way_use *ret)
{
    struct way_use u;
    bool any = profile_way(p, tags, n, ret);

    for (int hour = 0; condition_any(tags, n) && hour < CONDITION_HOURS; hour++) {
        if (!profile_way_at(p, tags, n, hour, &u))
            continue;
        if (!any)
            *ret = u;
        for (int d = 0; d < 2; d++)
            ret->speed[d] = u.speed[d] > ret->speed[d] ? u.speed[d] : ret->speed[d];
        any = true;
    }
    return any;
}

uint32_t profile_node(const struct profile *p, const struct osm_tag *tags, size_t n)
{
    const char *barrier = osm_value(tags, n, "barrier");
    bool specific;
    const struct tag_rule *access = access_rule(p, tags, n, &specific);
    double ms = 0;

    for (size_t i = 0; barrier && i < p->barriers.n; i++)
        if (!strcmp(p->barriers.at[i].value, barrier) || !strcmp(p->barriers.at[i].value, "*")) {
            ms = p->barriers.at[i].number;
            break;
        }
    if (barrier && access && access->number >= PROFILE_DENY)
        return PROFILE_DENY;
    if (ms >= PROFILE_DENY && !access)
        return PROFILE_DENY;
    if (ms >= PROFILE_DENY)
        ms = 0;
    if (barrier && access)
        ms += access->number;
    for (size_t i = 0; i < p->nodes.n; i++)
        if (matches(&p->nodes.at[i], tags, n)) {
            if (p->nodes.at[i].number >= PROFILE_DENY)
                return PROFILE_DENY;
            ms += p->nodes.at[i].number;
        }
    return (uint32_t)ms;
}

/* Does the semicolon-separated list name one of ours? */
static bool excepted(const struct profile *p, const char *s)
{
    while (s && *s) {
        size_t n = strcspn(s, "; ");

        for (size_t i = 0; i < p->except.n; i++)
            if (strlen(p->except.at[i]) == n && !strncmp(p->except.at[i], s, n))
                return true;
        s += n + strspn(s + n, "; ");
    }
    return false;
}

static enum profile_turn_rule rule_of(const char *value)
{
    return !strncmp(value, "no_", 3)     ? TURN_RULE_NO
           : !strncmp(value, "only_", 5) ? TURN_RULE_ONLY
                                         : TURN_RULE_NONE;
}

/* The rule that holds at some hour, for keys that have no plain value. */
static enum profile_turn_rule conditional_rule(const struct profile *p, const struct osm_tag *tags, size_t n)
{
    enum profile_turn_rule rule = TURN_RULE_NONE;

    for (size_t i = 0; i < p->restriction.n && condition_any(tags, n); i++) {
        char key[80], value[CONDITION_VALUE_MAX];
        const char *text;

        snprintf(key, sizeof key, "%.60s:conditional", p->restriction.at[i]);
        text = osm_value(tags, n, key);
        for (int hour = 0; text && rule == TURN_RULE_NONE && hour < CONDITION_HOURS; hour++)
            if (condition_value(text, hour, value))
                rule = rule_of(value);
    }
    return rule;
}

enum profile_turn_rule profile_restriction(const struct profile *p, const struct osm_tag *tags, size_t n)
{
    const char *value = NULL;

    if (excepted(p, osm_value(tags, n, "except")))
        return TURN_RULE_NONE;
    for (size_t i = 0; i < p->restriction.n; i++) {
        const char *v = osm_value(tags, n, p->restriction.at[i]);

        if (v)
            value = v;
    }
    return value ? rule_of(value) : conditional_rule(p, tags, n);
}

uint32_t profile_hour_permille(const struct profile *p, int hour, uint8_t rank)
{
    uint32_t permille = 1000;

    if (hour >= 0)
        hour %= 24;
    for (size_t i = 0; i < p->hours.n; i++) {
        const struct hour_rule *h = &p->hours.at[i];

        if (hour < h->from || hour >= h->to)
            continue;
        if (!strcmp(h->highway, "*") ||
            (rank < p->classes.n && !strcmp(h->highway, p->classes.at[rank].highway)))
            permille = h->permille;
    }
    return permille;
}
