/* What most road commands begin with: an opened road file, a profile, and a metric with traffic and hour. */
#ifndef ROUTING_CLI_SESSION_H
#define ROUTING_CLI_SESSION_H

#include "routing/cli/args.h"
#include "routing/road/file.h"

struct session {
    const char *profile_name, *traffic, *profile_file;
    int hour;
    struct road_file file;
    const struct road_profile *p;
    const struct metric *m; /* the file's, or `own` */
    struct metric *own;
};

/* The options every such command takes; put them first in the table. */
#define SESSION_ARGS(s)                                                                                      \
    {"profile", &(s).profile_name, NULL, NULL}, {"traffic", &(s).traffic, NULL, NULL},                       \
        {"profile-file", &(s).profile_file, NULL, NULL},                                                     \
    {                                                                                                        \
        "hour", NULL, &(s).hour, NULL                                                                        \
    }
#define SESSION_USAGE "[--profile van] [--hour 0-191] [--traffic FILE.csv] [--profile-file FILE.profile]"
#define SESSION_INIT                                                                                         \
    {                                                                                                        \
        .profile_name = "van", .hour = -1                                                                    \
    }

int session_open(struct session *s, const char *map, struct route_error *err);
void session_close(struct session *s);

#endif
