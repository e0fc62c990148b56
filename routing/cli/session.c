#include "routing/cli/session.h"
#include "routing/road/traffic.h"

#include <stdio.h>
#include <stdlib.h>

static int apply_traffic(struct session *s, uint32_t *speeds, struct route_error *err)
{
    struct traffic_report report;
    struct file_map m;
    int rc;

    if (!s->traffic)
        return 0;
    if (file_map(s->traffic, &m, err))
        return -1;
    rc = traffic_apply(&s->file.road->net, m.data, m.size, s->traffic, s->hour, speeds, &report, err);
    file_unmap(&m);
    if (!rc && report.unknown)
        fprintf(stderr, "%s: %llu of %llu lines name ways that the map does not have\n", s->traffic,
                (unsigned long long)report.unknown, (unsigned long long)report.lines);
    return rc;
}

static int customize(struct session *s, struct route_error *err)
{
    struct profile *other = NULL;
    uint32_t *speeds;
    size_t n;
    int rc;

    if (s->profile_file && file_profiles(s->profile_file, &other, 1, &n, err))
        return -1;
    speeds = metric_speeds(&s->file.road->net, &s->p->graph, other ? other : s->p->profile, s->hour);
    rc = apply_traffic(s, speeds, err);
    if (!rc)
        s->m = s->own = metric_new(&s->file.road->net, &s->p->graph, &s->p->cch, speeds);
    free(speeds);
    profile_free(other);
    return rc;
}

int session_open(struct session *s, const char *map, struct route_error *err)
{
    if (args_hour(s->hour, err))
        return -1;
    if (road_file_open(map, &s->file, err))
        return -1;
    s->p = road_profile_find(s->file.road, s->profile_name, err);
    if (s->p) {
        s->m = &s->p->metric;
        if ((s->hour < 0 && !s->traffic && !s->profile_file) || !customize(s, err))
            return 0;
    }
    session_close(s);
    return -1;
}

void session_close(struct session *s)
{
    metric_free(s->own);
    s->own = NULL;
    road_file_close(&s->file);
}
