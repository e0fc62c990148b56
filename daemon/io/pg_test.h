/* What the tests of this folder share: a private PostgreSQL around the whole test program. */
#ifndef DAEMON_IO_PG_TEST_H
#define DAEMON_IO_PG_TEST_H

#include <check.h>

/* Runs the suite inside `tests/integration/pg.sh run` (the program starts itself anew under it); the exit
 * status of main. 77, which means skipped, when no PostgreSQL server is installed. */
int pg_test_main(char **argv, Suite *(*suite)(void));

/* Runs statements on a connection of its own; fails the test when one does. Returns the first field of the
 * first row as an integer, 0 when there is none. */
long pg_test_sql(const char *sql);

/* pg.sh with `what` ("signal", "stop", "start") on the server's folder and one more word (may be NULL). */
void pg_test_server(const char *what, const char *word);

#endif
