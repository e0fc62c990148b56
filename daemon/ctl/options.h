/* What the command line said. Texts are argv's own; NULL where an option was not given. */
#ifndef DAEMON_CTL_OPTIONS_H
#define DAEMON_CTL_OPTIONS_H

struct options {
    const char *conninfo; /* libpq's; "" for its environment */
    const char *sql;      /* folder with migrations/ and functions/ */
    const char *grant;
    const char *now; /* RFC 3339 */
    const char *role, *site, *shop, *brand, *courier;
    const char *password_file; /* "-" is standard input */
    const char *master;
    const char *epoch;
    const char *key, *key_id, *release, *file, *url; /* of signed messages */
};

#endif
