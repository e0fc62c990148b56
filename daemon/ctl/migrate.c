#include "daemon/ctl/migrate.h"

#include "base/crypto.h"
#include "daemon/ctl/pg.h"
#include "daemon/ctl/slurp.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILES_MAX = 500, FILE_BYTES_MAX = 4 << 20, HEX_MAX = 65 };

static const char LEDGER[] =
    "CREATE SCHEMA IF NOT EXISTS app_schema; CREATE TABLE IF NOT EXISTS app_schema.migration ("
    "name text PRIMARY KEY, sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT clock_timestamp())";
/* The functions' common checksum stands in the same table, under a name that no migration can have. */
static const char FUNCTIONS[] = "functions/";

struct file {
    char *name; /* "migrations/0001_ground.sql" */
    char *text;
    char sha256[HEX_MAX];
};

struct files {
    struct file list[FILES_MAX];
    int n;
};

static void hex(const void *bytes, size_t len, char ret[HEX_MAX])
{
    uint8_t hash[32];

    crypto_sha256(hash, bytes, len);
    for (int i = 0; i < 32; i++)
        snprintf(ret + 2 * i, 3, "%02x", hash[i]);
}

static int add_file(struct files *f, const char *dir, const char *folder, const char *name, struct error *err)
{
    struct file *file = &f->list[f->n];
    char path[PATH_MAX];
    size_t len;

    if (f->n == FILES_MAX)
        return error_set(err, E2BIG, "%s/%s: more than %d files", dir, folder, FILES_MAX);
    snprintf(path, sizeof path, "%s/%s/%s", dir, folder, name);
    file->text = slurp(path, FILE_BYTES_MAX, &len, err);
    if (!file->text)
        return -1;
    hex(file->text, len, file->sha256);
    if (asprintf(&file->name, "%s/%s", folder, name) < 0)
        abort();
    f->n++;
    return 0;
}

static int is_sql(const struct dirent *e)
{
    size_t len = strlen(e->d_name);

    return e->d_name[0] != '.' && len > 4 && strcmp(e->d_name + len - 4, ".sql") == 0;
}

/* Names are compared as bytes: the order may not hang on anybody's locale. */
static int by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void files_free(struct files *f)
{
    for (int i = 0; i < f->n; i++) {
        free(f->list[i].name);
        free(f->list[i].text);
    }
    free(f);
}

static struct files *files_load(const char *dir, const char *folder, struct error *err)
{
    struct files *f = calloc(1, sizeof *f);
    struct dirent **entry = NULL;
    char path[PATH_MAX];
    int n, rc = 0;

    if (!f)
        abort();
    snprintf(path, sizeof path, "%s/%s", dir, folder);
    n = scandir(path, &entry, is_sql, by_bytes);
    if (n <= 0)
        rc = error_set(err, errno, "%s: %s", path, n < 0 ? strerror(errno) : "no .sql file in it");
    for (int i = 0; i < n; i++) {
        if (rc == 0)
            rc = add_file(f, dir, folder, entry[i]->d_name, err);
        free(entry[i]);
    }
    free(entry);
    if (rc == 0)
        return f;
    files_free(f);
    return NULL;
}

/* 1 when recorded with this checksum, 0 when not recorded, 2 when recorded with another, -1. */
static int recorded(PGconn *pg, const char *name, const char *sha256, struct error *err)
{
    PGresult *r = pg_query(pg, name, "SELECT sha256 = $2 FROM app_schema.migration WHERE name = $1", 2,
                           (const char *[]){name, sha256}, err);
    int found = !r ? -1 : PQntuples(r) == 0 ? 0 : PQgetvalue(r, 0, 0)[0] == 't' ? 1 : 2;

    PQclear(r);
    return found;
}

static int record(PGconn *pg, const char *name, const char *sha256, struct error *err)
{
    return pg_run(pg, name,
                  "INSERT INTO app_schema.migration (name, sha256) VALUES ($1, $2) "
                  "ON CONFLICT (name) DO UPDATE SET sha256 = $2, applied_at = clock_timestamp()",
                  2, (const char *[]){name, sha256}, err);
}

/* Runs the files and records `name`, all or nothing. */
static int apply(PGconn *pg, const struct file *file, int n, const char *name, const char *sha256,
                 struct error *err)
{
    int rc = pg_run(pg, name, "BEGIN", 0, NULL, err);

    for (int i = 0; i < n && rc == 0; i++)
        rc = pg_script(pg, file[i].name, file[i].text, err);
    if (rc == 0)
        rc = record(pg, name, sha256, err);
    if (rc == 0)
        return pg_run(pg, name, "COMMIT", 0, NULL, err);
    pg_run(pg, name, "ROLLBACK", 0, NULL, NULL);
    return -1;
}

static int migrate_tables(PGconn *pg, const struct files *f, int *ret_applied, struct error *err)
{
    int found;

    for (int i = 0; i < f->n; i++) {
        const struct file *file = &f->list[i];

        found = recorded(pg, file->name, file->sha256, err);
        if (found == 2)
            return error_set(err, 0, "%s: was changed after it had been applied; add a new migration instead",
                             file->name);
        if (found < 0 || (!found && apply(pg, file, 1, file->name, file->sha256, err) < 0))
            return -1;
        if (!found)
            printf("applied %s\n", file->name);
        *ret_applied += !found;
    }
    return 0;
}

static void common_checksum(const struct files *f, char ret[HEX_MAX])
{
    char *all = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&all, &len);

    if (!out)
        abort();
    for (int i = 0; i < f->n; i++)
        fprintf(out, "%s %s\n", f->list[i].name, f->list[i].sha256);
    fclose(out);
    hex(all, len, ret);
    free(all);
}

/* A migration may take rights or types away that the functions bring, so they follow it in any case. */
static int migrate_functions(PGconn *pg, const struct files *f, int tables, struct error *err)
{
    char sha256[HEX_MAX];
    int found;

    common_checksum(f, sha256);
    found = recorded(pg, FUNCTIONS, sha256, err);
    if (found < 0)
        return -1;
    if (found == 1 && !tables) {
        puts("functions are up to date");
        return 0;
    }
    if (apply(pg, f->list, f->n, FUNCTIONS, sha256, err) < 0)
        return -1;
    printf("applied %d files of functions\n", f->n);
    return 0;
}

static int grant(PGconn *pg, const char *role, struct error *err)
{
    char *name = PQescapeIdentifier(pg, role, strlen(role)), sql[256];
    int len = name ? snprintf(sql, sizeof sql, "GRANT yizhan_app TO %s", name) : -1;
    int rc;

    PQfreemem(name);
    if (len < 0 || (size_t)len >= sizeof sql)
        return error_set(err, EINVAL, "--grant: not a role's name");
    rc = pg_run(pg, "--grant", sql, 0, NULL, err);
    if (rc == 0)
        printf("granted yizhan_app to %s\n", role);
    return rc;
}

static int migrate_all(PGconn *pg, const char *dir, struct error *err)
{
    struct files *tables = files_load(dir, "migrations", err);
    struct files *functions = tables ? files_load(dir, "functions", err) : NULL;
    int applied = 0;
    int rc = functions ? pg_script(pg, "ledger of migrations", LEDGER, err) : -1;

    if (rc == 0)
        rc = migrate_tables(pg, tables, &applied, err);
    if (rc == 0)
        rc = migrate_functions(pg, functions, applied, err);
    if (functions)
        files_free(functions);
    if (tables)
        files_free(tables);
    return rc;
}

int migrate(PGconn *pg, const struct options *o, struct error *err)
{
    int rc = pg_run(pg, "lock", "SELECT pg_advisory_lock(hashtext('yizhanctl migrate'))", 0, NULL, err);

    if (rc == 0)
        rc = migrate_all(pg, o->sql, err);
    if (rc == 0 && o->grant)
        rc = grant(pg, o->grant, err);
    return rc;
}
