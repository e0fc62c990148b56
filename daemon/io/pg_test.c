#include "daemon/io/pg_test.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int pg_test_main(char **argv, Suite *(*suite)(void))
{
    if (!getenv("YIZHAN_PG")) {
        execl(PG_SH, PG_SH, "run", argv[0], (char *)NULL);
        perror(PG_SH);
        return 99;
    }
    SRunner *r = srunner_create(suite());
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}

long pg_test_sql(const char *sql)
{
    PGconn *c = PQconnectdb("");
    ck_assert_msg(PQstatus(c) == CONNECTION_OK, "%s", PQerrorMessage(c));
    PGresult *r = PQexec(c, sql);
    ExecStatusType status = PQresultStatus(r);
    ck_assert_msg(status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK, "%s", PQerrorMessage(c));
    long value = PQntuples(r) > 0 ? atol(PQgetvalue(r, 0, 0)) : 0;
    PQclear(r);
    PQfinish(c);
    return value;
}

void pg_test_server(const char *what, const char *word)
{
    char line[512];
    snprintf(line, sizeof line, "%s %s %s %s", PG_SH, what, getenv("YIZHAN_PG"), word ? word : "");
    ck_assert_msg(system(line) == 0, "%s", line);
}
