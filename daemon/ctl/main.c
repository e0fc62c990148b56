/* yizhanctl: the administrator's program. See yizhanctl(8). */
#include "base/crypto.h"
#include "config.h"
#include "daemon/ctl/import.h"
#include "daemon/ctl/keyfile.h"
#include "daemon/ctl/migrate.h"
#include "daemon/ctl/notice.h"
#include "daemon/ctl/pg.h"
#include "daemon/ctl/report.h"
#include "daemon/ctl/user.h"

#include <getopt.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { EXIT_VIOLATED = 1, EXIT_FAILED = 1, EXIT_USAGE = 2 };

struct command {
    const char *words; /* one or two */
    const char *operand;
    const char *options;
    int offline; /* needs no database */
    /* 0, EXIT_VIOLATED or -1 */
    int (*run)(PGconn *pg, const char *operand, const struct options *o, struct error *err);
};

static int run_migrate(PGconn *pg, const char *operand, const struct options *o, struct error *err)
{
    (void)operand;
    return migrate(pg, o, err);
}

static int run_check(PGconn *pg, const char *operand, const struct options *o, struct error *err)
{
    long long violations = 0;

    (void)operand;
    (void)o;
    if (report_check(pg, &violations, err) < 0)
        return -1;
    return violations ? EXIT_VIOLATED : 0;
}

static int run_inspect(PGconn *pg, const char *operand, const struct options *o, struct error *err)
{
    (void)o;
    return report_inspect(pg, operand, err);
}

static int run_locker_key(PGconn *pg, const char *operand, const struct options *o, struct error *err)
{
    (void)pg;
    return keyfile_locker(operand, o, err);
}

static int run_grant_key(PGconn *pg, const char *operand, const struct options *o, struct error *err)
{
    (void)pg;
    (void)o;
    return keyfile_grant(operand, err);
}

static int run_locker_config(PGconn *pg, const char *operand, const struct options *o, struct error *err)
{
    (void)pg;
    return notice_config(operand, o, err);
}

static int run_locker_firmware(PGconn *pg, const char *operand, const struct options *o, struct error *err)
{
    (void)pg;
    return notice_firmware(operand, o, err);
}

static const struct command COMMANDS[] = {
    {"migrate", NULL, "[--grant ROLE]", 0, run_migrate},
    {"import", "CITY.json", "[--now RFC3339]", 0, import_city},
    {"user add", "LOGIN",
     "--role ROLE [--site CODE] [--shop CODE] [--brand CODE] [--courier CODE] --password-file FILE", 0,
     user_add},
    {"user reset", "LOGIN", "--password-file FILE", 0, user_reset},
    {"check", NULL, "", 0, run_check},
    {"inspect", "WAYBILL", "", 0, run_inspect},
    {"locker-key", "CODE", "--master FILE [--epoch N]", 1, run_locker_key},
    {"grant-key", "FILE", "", 1, run_grant_key},
    {"locker-config", "CODE", "--key FILE --release N --file SETTINGS [--key-id ID]", 1, run_locker_config},
    {"locker-firmware", "CODE", "--key FILE --release N --file IMAGE --url URL [--key-id ID]", 1,
     run_locker_firmware},
};
enum { N_COMMANDS = sizeof COMMANDS / sizeof COMMANDS[0] };

/* Every long option with an argument and where it goes. */
static const struct {
    const char *name;
    size_t offset;
} TEXTS[] = {
    {"sql", offsetof(struct options, sql)},
    {"grant", offsetof(struct options, grant)},
    {"now", offsetof(struct options, now)},
    {"role", offsetof(struct options, role)},
    {"site", offsetof(struct options, site)},
    {"shop", offsetof(struct options, shop)},
    {"brand", offsetof(struct options, brand)},
    {"courier", offsetof(struct options, courier)},
    {"master", offsetof(struct options, master)},
    {"epoch", offsetof(struct options, epoch)},
    {"key", offsetof(struct options, key)},
    {"key-id", offsetof(struct options, key_id)},
    {"release", offsetof(struct options, release)},
    {"file", offsetof(struct options, file)},
    {"url", offsetof(struct options, url)},
    {"password-file", offsetof(struct options, password_file)},
};
enum { N_TEXTS = sizeof TEXTS / sizeof TEXTS[0], FIRST_TEXT = 256 };

static int usage(FILE *out)
{
    fputs("usage: yizhanctl [-d CONNINFO] [--sql DIR] COMMAND\n", out);
    for (int i = 0; i < N_COMMANDS; i++)
        fprintf(out, "  %s%s%s%s%s\n", COMMANDS[i].words, COMMANDS[i].operand ? " " : "",
                COMMANDS[i].operand ? COMMANDS[i].operand : "", COMMANDS[i].options[0] ? " " : "",
                COMMANDS[i].options);
    return out == stdout ? 0 : EXIT_USAGE;
}

/* -1 to go on, or the exit status. */
static int parse(int argc, char **argv, struct options *o)
{
    struct option longs[N_TEXTS + 3] = {{"help", no_argument, NULL, 'h'},
                                        {"version", no_argument, NULL, 'V'}};
    int c;

    for (int i = 0; i < N_TEXTS; i++)
        longs[i + 2] = (struct option){TEXTS[i].name, required_argument, NULL, FIRST_TEXT + i};
    while ((c = getopt_long(argc, argv, "d:hV", longs, NULL)) != -1) {
        if (c >= FIRST_TEXT) {
            memcpy((char *)o + TEXTS[c - FIRST_TEXT].offset, &optarg, sizeof optarg);
        } else if (c == 'd') {
            o->conninfo = optarg;
        } else if (c == 'V') {
            puts(PACKAGE_STRING);
            return 0;
        } else {
            return usage(c == 'h' ? stdout : stderr);
        }
    }
    return -1;
}

static const struct command *find(int n, char **words, const char **ret_operand)
{
    char two[64];

    for (int i = 0; i < N_COMMANDS; i++) {
        const struct command *c = &COMMANDS[i];
        int named = strchr(c->words, ' ') ? 2 : 1;

        snprintf(two, sizeof two, "%s%s%s", n ? words[0] : "", named == 2 ? " " : "",
                 named == 2 && n > 1 ? words[1] : "");
        if (strcmp(two, c->words) == 0 && n == named + (c->operand != NULL)) {
            *ret_operand = c->operand ? words[named] : NULL;
            return c;
        }
    }
    return NULL;
}

static int run(const struct command *c, const char *operand, const struct options *o, struct error *err)
{
    PGconn *pg = NULL;
    int rc;

    if (!c->offline) {
        pg = pg_open(o->conninfo, err);
        if (!pg)
            return -1;
    }
    rc = c->run(pg, operand, o, err);
    PQfinish(pg);
    return rc;
}

int main(int argc, char **argv)
{
    struct options o = {.conninfo = "", .sql = PKGDATADIR "/sql"};
    struct error err = {0};
    const struct command *c;
    const char *operand;
    int rc = parse(argc, argv, &o);

    if (rc >= 0)
        return rc;
    c = find(argc - optind, argv + optind, &operand);
    if (!c)
        return usage(stderr);
    crypto_init();
    rc = run(c, operand, &o, &err);
    if (rc < 0)
        fprintf(stderr, "yizhanctl: %s\n", err.text);
    return rc < 0 ? EXIT_FAILED : rc;
}
