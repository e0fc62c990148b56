/* Parsing of profiles. The text is split into words once; every rule keeps pointers
 * into that copy. */
#include "routing/road/profile.h"
#include "routing/road/profile_rules.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct line {
    char *word[WORDS_MAX];
    size_t n;
    int number;
    const char *where;
    struct route_error *err;
};

static int bad(const struct line *l, const char *what)
{
    return route_error_set(l->err, ROUTE_BAD_INPUT, l->number, "%s:%d: %s: %s", l->where, l->number,
                           l->word[0], what);
}

static bool number(const char *s, double *ret)
{
    char *end;
    double v = strtod(s, &end);

    if (end == s || *end || !isfinite(v) || v < 0 || v > 1e6)
        return false;
    *ret = v;
    return true;
}

static bool speed(const char *s, uint32_t *ret)
{
    double kmh;

    if (!number(s, &kmh) || kmh > 300)
        return false;
    *ret = (uint32_t)lround(kmh / 3.6 * 1000);
    return true;
}

/* Seconds, or "no". */
static bool seconds(const char *s, uint32_t *ret)
{
    double v;

    if (!strcmp(s, "no")) {
        *ret = PROFILE_DENY;
        return true;
    }
    if (!number(s, &v) || v > 86400)
        return false;
    *ret = (uint32_t)lround(v * 1000);
    return true;
}

static int rule_name(struct profile *p, struct line *l)
{
    for (const char *c = l->word[1]; *c; c++)
        if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789_-", *c))
            return bad(l, "a name is made of a-z, 0-9, _ and -");
    if (strlen(l->word[1]) > PROFILE_NAME_MAX)
        return bad(l, "the name is longer than 31 letters");
    p->name = l->word[1];
    return 0;
}

static int fill_list(struct list *list, struct line *l)
{
    for (size_t i = 1; i < l->n; i++) {
        if (list->n == LIST_MAX)
            return bad(l, "more than 12 entries");
        list->at[list->n++] = l->word[i];
    }
    return 0;
}

static int rule_access(struct profile *p, struct line *l)
{
    return fill_list(&p->access, l);
}

static int rule_oneway(struct profile *p, struct line *l)
{
    return fill_list(&p->oneway, l);
}

static int rule_restriction(struct profile *p, struct line *l)
{
    return fill_list(&p->restriction, l);
}

static int rule_except(struct profile *p, struct line *l)
{
    return fill_list(&p->except, l);
}

/* class HIGHWAY KMH [explicit] [nosnap] */
static int rule_class(struct profile *p, struct line *l)
{
    struct class_rule c = {.highway = l->word[1], .snap = true};

    if (!speed(l->word[2], &c.speed) || !c.speed)
        return bad(l, "the speed is no number of km/h above 0");
    for (size_t i = 3; i < l->n; i++)
        if (!strcmp(l->word[i], "explicit"))
            c.explicit_only = true;
        else if (!strcmp(l->word[i], "nosnap"))
            c.snap = false;
        else
            return bad(l, "after the speed only 'explicit' and 'nosnap' are known");
    if (p->classes.n == PROFILE_CLASS_FERRY)
        return bad(l, "more than 255 classes");
    VEC_PUSH(&p->classes, c);
    return 0;
}

/* value WORD yes|no|SECONDS */
static int rule_value(struct profile *p, struct line *l)
{
    uint32_t ms = 0;

    if (strcmp(l->word[2], "yes") && !seconds(l->word[2], &ms))
        return bad(l, "says neither yes, no nor a number of seconds");
    VEC_PUSH(&p->values, ((struct tag_rule){NULL, l->word[1], ms}));
    return 0;
}

static bool split_tag(char *word, struct tag_rule *ret)
{
    char *eq = strchr(word, '=');

    if (!eq || eq == word || !eq[1])
        return false;
    *eq = '\0';
    ret->key = word;
    ret->value = eq + 1;
    return true;
}

static int tag_line(tag_rules *rules, struct line *l, bool with_factor, bool with_time)
{
    struct tag_rule r = {0};
    uint32_t ms = 0;

    if (!split_tag(l->word[1], &r))
        return bad(l, "the tag is not KEY=VALUE");
    if (with_factor && (!number(l->word[2], &r.number) || r.number > 10))
        return bad(l, "the factor is no number between 0 and 10");
    if (with_time) {
        if (!seconds(l->word[2], &ms))
            return bad(l, "says neither no nor a number of seconds");
        r.number = ms;
    }
    VEC_PUSH(rules, r);
    return 0;
}

static int rule_factor(struct profile *p, struct line *l)
{
    return tag_line(&p->factors, l, true, false);
}

static int rule_deny(struct profile *p, struct line *l)
{
    return tag_line(&p->denies, l, false, false);
}

static int rule_contraflow(struct profile *p, struct line *l)
{
    return tag_line(&p->contraflow, l, false, false);
}

static int rule_node(struct profile *p, struct line *l)
{
    return tag_line(&p->nodes, l, false, true);
}

static int rule_barrier(struct profile *p, struct line *l)
{
    uint32_t ms;

    if (!seconds(l->word[2], &ms))
        return bad(l, "says neither no nor a number of seconds");
    VEC_PUSH(&p->barriers, ((struct tag_rule){"barrier", l->word[1], ms}));
    return 0;
}

static int rule_turn(struct profile *p, struct line *l)
{
    const struct {
        const char *name;
        uint32_t *ms;
        bool may_deny;
    } kinds[] = {
        {"straight", &p->turns.straight, false}, {"slight", &p->turns.slight, false},
        {"left", &p->turns.left, false},         {"right", &p->turns.right, false},
        {"sharp", &p->turns.sharp, false},       {"uturn", &p->turns.uturn, true},
        {"deadend", &p->turns.deadend, false},   {"minor", &p->turns.minor, false},
    };
    uint32_t ms;

    if (!seconds(l->word[2], &ms))
        return bad(l, "says neither no nor a number of seconds");
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (!strcmp(l->word[1], kinds[i].name)) {
            if (ms == PROFILE_DENY && !kinds[i].may_deny)
                return bad(l, "only 'uturn' may be 'no'");
            *kinds[i].ms = ms;
            return 0;
        }
    return bad(l, "no such kind of turn");
}

static int rule_maxspeed(struct profile *p, struct line *l)
{
    return number(l->word[1], &p->maxspeed_factor) ? 0 : bad(l, "the factor is no number");
}

static int rule_top(struct profile *p, struct line *l)
{
    return speed(l->word[1], &p->top_speed) ? 0 : bad(l, "the speed is no number of km/h");
}

static int rule_walk(struct profile *p, struct line *l)
{
    return speed(l->word[1], &p->walk_speed) && p->walk_speed ? 0 : bad(l, "the speed is no number of km/h");
}

static int rule_ferry(struct profile *p, struct line *l)
{
    uint32_t ms;

    if (!seconds(l->word[1], &ms))
        return bad(l, "says neither no nor the seconds of boarding");
    p->ferry = ms != PROFILE_DENY;
    p->ferry_ms = ms;
    return 0;
}

/* park PROFILE METRES */
static int rule_park(struct profile *p, struct line *l)
{
    double metres;

    if (!number(l->word[2], &metres) || metres > 5000)
        return bad(l, "the radius is no number of metres up to 5000");
    p->park = l->word[1];
    p->park_radius = (uint32_t)metres;
    return 0;
}

/* hour FROM-TO HIGHWAY|* FACTOR */
static int rule_hour(struct profile *p, struct line *l)
{
    struct hour_rule h = {.highway = l->word[2]};
    char *end;
    double factor;

    h.from = (int)strtol(l->word[1], &end, 10);
    h.to = *end == '-' ? (int)strtol(end + 1, &end, 10) : -1;
    if (*end || h.from < 0 || h.to > 24 || h.from >= h.to)
        return bad(l, "the hours are not FROM-TO within 0-24");
    if (!number(l->word[3], &factor) || factor < 0.01 || factor > 10)
        return bad(l, "the factor is no number between 0.01 and 10");
    h.permille = (uint32_t)lround(factor * 1000);
    VEC_PUSH(&p->hours, h);
    return 0;
}

static const struct {
    const char *name;
    int (*run)(struct profile *, struct line *);
    size_t min, max; /* words after the rule's name */
} rules[] = {
    {"name", rule_name, 1, 1},      {"access", rule_access, 1, LIST_MAX},
    {"oneway", rule_oneway, 1, 12}, {"restriction", rule_restriction, 1, 12},
    {"except", rule_except, 1, 12}, {"class", rule_class, 2, 4},
    {"value", rule_value, 2, 2},    {"factor", rule_factor, 2, 2},
    {"deny", rule_deny, 1, 1},      {"contraflow", rule_contraflow, 1, 1},
    {"node", rule_node, 2, 2},      {"barrier", rule_barrier, 2, 2},
    {"turn", rule_turn, 2, 2},      {"maxspeed", rule_maxspeed, 1, 1},
    {"top", rule_top, 1, 1},        {"walk", rule_walk, 1, 1},
    {"ferry", rule_ferry, 1, 1},    {"park", rule_park, 2, 2},
    {"hour", rule_hour, 3, 3},
};

static int run_line(struct profile *p, struct line *l)
{
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (!strcmp(l->word[0], rules[i].name)) {
            if (l->n - 1 < rules[i].min || l->n - 1 > rules[i].max)
                return bad(l, "wrong number of words");
            return rules[i].run(p, l);
        }
    return bad(l, "no such rule");
}

static int split_line(struct line *l, char *s)
{
    l->n = 0;
    for (;;) {
        s += strspn(s, " \t\r");
        if (!*s || *s == '#')
            return 0;
        if (l->n == WORDS_MAX)
            return bad(l, "more than 24 words");
        l->word[l->n++] = s;
        s += strcspn(s, " \t\r");
        if (*s)
            *s++ = '\0';
    }
}

static int run_text(struct profile *p, const char *where, struct route_error *err)
{
    struct line l = {.where = where, .err = err};

    for (char *s = p->words, *next; s; s = next) {
        next = strchr(s, '\n');
        if (next)
            *next++ = '\0';
        l.number++;
        if (split_line(&l, s) || (l.n && run_line(p, &l)))
            return -1;
    }
    if (!p->name || !p->access.n || !p->classes.n)
        return route_error_set(err, ROUTE_BAD_INPUT, -1,
                               "%s: a profile needs at least 'name', 'access' and a 'class'", where);
    return 0;
}

struct profile *profile_parse(const char *text, size_t size, const char *where, struct route_error *err)
{
    struct profile *p;

    if (memchr(text, '\0', size) || size > 1 << 20) {
        route_error_set(err, ROUTE_BAD_INPUT, -1, "%s: not a text of at most 1 MiB", where);
        return NULL;
    }
    p = MEM_NEW(struct profile, 1);
    p->words = mem_new(size + 1, 1);
    p->text = mem_new(size + 1, 1);
    memcpy(p->words, text, size);
    memcpy(p->text, text, size);
    p->text_size = size;
    p->maxspeed_factor = 1;
    p->walk_speed = 1250;
    p->top_speed = UINT32_MAX;
    if (run_text(p, where, err)) {
        profile_free(p);
        return NULL;
    }
    return p;
}

void profile_free(struct profile *p)
{
    if (!p)
        return;
    free(p->classes.at);
    free(p->hours.at);
    free(p->values.at);
    free(p->factors.at);
    free(p->denies.at);
    free(p->contraflow.at);
    free(p->barriers.at);
    free(p->nodes.at);
    free(p->words);
    free(p->text);
    free(p);
}

const char *profile_name(const struct profile *p)
{
    return p->name;
}

const char *profile_text(const struct profile *p, size_t *ret_size)
{
    *ret_size = p->text_size;
    return p->text;
}

const struct profile_turns *profile_turns(const struct profile *p)
{
    return &p->turns;
}

uint32_t profile_walk_speed(const struct profile *p)
{
    return p->walk_speed;
}

const char *profile_park(const struct profile *p)
{
    return p->park;
}

uint32_t profile_park_radius(const struct profile *p)
{
    return p->park_radius;
}
