/* The words of a step. %s is the street (or nothing, with the second form). */
#include "routing/road/route.h"

static const struct {
    const char *name, *zh, *en;
} modifiers[] = {
    [ROUTE_UTURN_MODIFIER] = {"uturn", "掉头", "Make a U-turn"},
    [ROUTE_SHARP_LEFT] = {"sharp left", "向左后方转", "Turn sharp left"},
    [ROUTE_LEFT] = {"left", "向左转", "Turn left"},
    [ROUTE_SLIGHT_LEFT] = {"slight left", "靠左前方走", "Bear left"},
    [ROUTE_STRAIGHT] = {"straight", "直行", "Go straight"},
    [ROUTE_SLIGHT_RIGHT] = {"slight right", "靠右前方走", "Bear right"},
    [ROUTE_RIGHT] = {"right", "向右转", "Turn right"},
    [ROUTE_SHARP_RIGHT] = {"sharp right", "向右后方转", "Turn sharp right"},
};

static const char *const kinds[] = {
    [ROUTE_DEPART] = "depart",         [ROUTE_TURN] = "turn",
    [ROUTE_NEW_NAME] = "new name",     [ROUTE_UTURN] = "continue",
    [ROUTE_ROUNDABOUT] = "roundabout", [ROUTE_FERRY] = "notification",
    [ROUTE_ARRIVE] = "arrive",
};

const char *route_kind_name(enum route_kind kind)
{
    return kinds[kind];
}

const char *route_modifier_name(enum route_modifier modifier)
{
    return modifiers[modifier].name;
}

const char *route_way_name(const struct road *r, uint32_t way, enum route_language language)
{
    const struct net_way *w = &r->net.ways.at[way];
    uint32_t name = language == ROUTE_EN && w->name_en ? w->name_en : w->name;

    return intern_text(&r->net.strings, name ? name : w->ref);
}

static void onto(struct text *t, const char *name, enum route_language language)
{
    if (*name)
        text_add(t, language == ROUTE_ZH ? "，进入%s" : " onto %s", name);
}

static void depart(struct text *t, const struct route_step *s, const char *name, enum route_language language)
{
    static const char *const zh[] = {"北", "东北", "东", "东南", "南", "西南", "西", "西北"};
    static const char *const en[] = {"north", "northeast", "east", "southeast",
                                     "south", "southwest", "west", "northwest"};
    int i = (int)((s->bearing_after + 22.5) / 45) % 8;

    if (language == ROUTE_ZH)
        text_add(t, *name ? "向%s出发，沿%s行驶" : "向%s出发", zh[i], name);
    else
        text_add(t, *name ? "Head %s on %s" : "Head %s", en[i], name);
}

void route_step_text(const struct road *r, const struct route_step *s, enum route_language language,
                     struct text *t)
{
    const char *name = route_way_name(r, s->way, language);
    bool zh = language == ROUTE_ZH;

    switch (s->kind) {
    case ROUTE_DEPART:
        depart(t, s, name, language);
        return;
    case ROUTE_ARRIVE:
        text_add(t, "%s", zh ? "到达目的地" : "Arrive at the destination");
        return;
    case ROUTE_ROUNDABOUT:
        text_add(t, zh ? "进入环岛，从第%u个出口驶出" : "Enter the roundabout and take exit %u",
                 s->exit ? s->exit : 1);
        break;
    case ROUTE_FERRY:
        text_add(t, "%s", zh ? "乘坐渡轮" : "Take the ferry");
        break;
    case ROUTE_NEW_NAME:
        text_add(t, "%s", zh ? "继续直行" : "Continue");
        break;
    case ROUTE_UTURN:
    case ROUTE_TURN:
        text_add(t, "%s", zh ? modifiers[s->modifier].zh : modifiers[s->modifier].en);
        break;
    }
    onto(t, name, language);
}
