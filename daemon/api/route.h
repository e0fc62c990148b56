/* The shape of one route. The table itself is routes.c: what the API accepts, from whom, and what it runs can
 * be read there on one line each; the API description is made from the same table. */
#ifndef DAEMON_API_ROUTE_H
#define DAEMON_API_ROUTE_H

#include "base/json.h"
#include "daemon/api/path.h"
#include "daemon/io/db.h"

#include <stddef.h>

/* Roles as bits; the words are those of the database. */
enum role {
    ROLE_NONE = 0,
    ROLE_COURIER = 1 << 0,
    ROLE_MANAGER = 1 << 1,
    ROLE_SHOP = 1 << 2,
    ROLE_BRAND = 1 << 3,
    ROLE_SUPPORT = 1 << 4,
    ROLE_ADMIN = 1 << 5,
    ROLE_PROGRAM = 1 << 6, /* no user's: a client of OSRM's services, which roads.open_to may let in without a
                              session, and which is told errors in their shape */
};
enum {
    ROLES_PUBLIC = 0, /* no session is asked for */
    ROLES_ANY = ROLE_COURIER | ROLE_MANAGER | ROLE_SHOP | ROLE_BRAND | ROLE_SUPPORT | ROLE_ADMIN,
    ROLES_SENDER = ROLE_SHOP | ROLE_BRAND,
    ROLES_PARK = ROLE_MANAGER | ROLE_ADMIN,
    ROLES_HANDS = ROLE_COURIER | ROLE_MANAGER | ROLE_ADMIN, /* whoever scans */
    ROLES_WATCH = ROLES_PARK | ROLE_SUPPORT,
    ROLES_ROADS = ROLES_WATCH | ROLE_COURIER | ROLE_PROGRAM,
};

/* The bit of a role's word, ROLE_NONE for an unknown one. */
enum role role_from(const char *word);

struct api_request;

struct route {
    const char *method;
    const char *path; /* template, see path.h */
    unsigned roles;
    const struct json_shape *body;  /* what the body may hold; NULL: no body is taken */
    const struct json_shape *query; /* the query parameters that are understood; NULL: none */
    const struct db_stmt *stmt;     /* the use case, for the general handler */
    void (*handle)(struct api_request *r);
    const struct json_shape *rows; /* of a body that is a list, which its handler reads itself */
};

extern const struct route api_routes[];
extern const size_t api_route_count;

#endif
