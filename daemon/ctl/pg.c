#include "daemon/ctl/pg.h"

#include <stdlib.h>
#include <string.h>

static void quiet(void *arg, const PGresult *notice)
{
    (void)arg;
    (void)notice;
}

PGconn *pg_open(const char *conninfo, struct error *err)
{
    PGconn *pg = PQconnectdb(conninfo);

    if (PQstatus(pg) != CONNECTION_OK) {
        error_set(err, 0, "database: %.*s", (int)strcspn(PQerrorMessage(pg), "\n"), PQerrorMessage(pg));
        PQfinish(pg);
        return NULL;
    }
    PQsetNoticeReceiver(pg, quiet, NULL);
    return pg;
}

static int failed(const PGresult *r)
{
    ExecStatusType status = PQresultStatus(r);

    return status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK && status != PGRES_EMPTY_QUERY;
}

/* What libpq has of an error that no result carries (a lost connection) ends in a line break. */
static void say(PGconn *pg, const PGresult *r, const char *what, int line, struct error *err)
{
    const char *primary = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
    const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);
    /* of a failed CHECK the detail is the whole row, which may hold what is not for the screen */
    const char *detail =
        state && strcmp(state, "23514") == 0 ? NULL : PQresultErrorField(r, PG_DIAG_MESSAGE_DETAIL);
    char at[24] = "";

    if (!primary)
        primary = PQerrorMessage(pg);
    if (line)
        snprintf(at, sizeof at, ":%d", line);
    error_set(err, 0, "%s%s: %.*s%s%s", what, at, (int)strcspn(primary, "\n"), primary, detail ? ": " : "",
              detail ? detail : "");
}

PGresult *pg_query(PGconn *pg, const char *what, const char *sql, int n, const char *const *values,
                   struct error *err)
{
    PGresult *r = PQexecParams(pg, sql, n, NULL, values, NULL, NULL, 0);

    if (!failed(r))
        return r;
    say(pg, r, what, 0, err);
    PQclear(r);
    return NULL;
}

int pg_run(PGconn *pg, const char *what, const char *sql, int n, const char *const *values, struct error *err)
{
    PGresult *r = pg_query(pg, what, sql, n, values, err);

    PQclear(r);
    return r ? 0 : -1;
}

/* The server counts characters from 1; a byte of UTF-8 that continues a character is not counted. */
static int line_of(const char *script, const char *position)
{
    long left = position ? strtol(position, NULL, 10) : 0;
    int line = left > 0;

    for (; left > 1 && *script; script++) {
        if (((unsigned char)script[1] & 0xC0) != 0x80)
            left--;
        line += *script == '\n';
    }
    return line;
}

int pg_script(PGconn *pg, const char *what, const char *script, struct error *err)
{
    PGresult *r = PQexec(pg, script);
    int bad = failed(r);

    if (bad)
        say(pg, r, what, line_of(script, PQresultErrorField(r, PG_DIAG_STATEMENT_POSITION)), err);
    PQclear(r);
    return bad ? -1 : 0;
}
