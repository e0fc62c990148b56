/* The API: takes HTTP requests, finds their route, and answers. One per daemon, on the loop. */
#ifndef DAEMON_API_API_H
#define DAEMON_API_API_H

#include "base/clock.h"
#include "base/http.h"
#include "base/worker.h"
#include "daemon/io/db.h"

struct scans;
struct lockers;
struct planner;
struct board;
struct pages;
struct sessions;
struct sse;
struct metrics;
struct roads;
struct feed;

/* What the routes reach; borrowed, set by main before the first request. */
struct api {
    struct db *db;
    const struct clock *clock;
    struct workers *workers;
    struct sessions *sessions;
    struct scans *scans;
    struct lockers *lockers; /* NULL: this daemon drives no lockers */
    struct planner *planner;
    struct board *board;
    struct sse *sse;
    struct pages *pages;
    struct metrics *metrics;
    struct roads *roads;
    struct feed *feed;
};

/* Serves one request; for http_listen. */
void api_serve(void *api, struct http_request *r);

#endif
