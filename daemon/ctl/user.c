#include "daemon/ctl/user.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "base/time.h"
#include "daemon/ctl/pg.h"
#include "daemon/ctl/slurp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { PASSWORD_FILE_MAX = 4096 };

static int hash_password(const char *text, size_t len, const char *path, char ret[CRYPTO_PASSWORD_HASH_MAX],
                         struct error *err)
{
    if (len != strlen(text))
        return error_set(err, EINVAL, "%s: a password holds no NUL", path);
    if (len < PASSWORD_BYTES_MIN || len > PASSWORD_BYTES_MAX)
        return error_set(err, EINVAL, "%s: a password has %d to %d bytes", path, PASSWORD_BYTES_MIN,
                         PASSWORD_BYTES_MAX);
    if (crypto_password_hash(text, ret) < 0)
        return error_set(err, ENOMEM, "%s: no memory to hash the password", path);
    return 0;
}

static int read_password(const char *path, char ret[CRYPTO_PASSWORD_HASH_MAX], struct error *err)
{
    size_t len, room;
    char *text;
    int rc;

    if (!path)
        return error_set(err, EINVAL, "--password-file FILE is missing (- reads standard input)");
    text = slurp(path, PASSWORD_FILE_MAX, &len, err);
    if (!text)
        return -1;
    room = len;
    while (len && (text[len - 1] == '\n' || text[len - 1] == '\r'))
        text[--len] = '\0';
    rc = hash_password(text, len, path, ret, err);
    explicit_bzero(text, room);
    free(text);
    return rc;
}

/* A code that is given must exist; the statement after it looks them up itself. */
static int check_codes(PGconn *pg, const struct options *o, struct error *err)
{
    const struct {
        const char *option, *code, *sql;
    } named[] = {
        {"--site", o->site, "SELECT FROM app.site WHERE code = $1"},
        {"--brand", o->brand, "SELECT FROM app.brand WHERE code = $1"},
        {"--shop", o->shop, "SELECT FROM app.shop WHERE code = $1"},
        {"--courier", o->courier, "SELECT FROM app.courier WHERE code = $1"},
    };
    PGresult *r;
    int n;

    for (size_t i = 0; i < sizeof named / sizeof named[0]; i++) {
        if (!named[i].code)
            continue;
        r = pg_query(pg, named[i].option, named[i].sql, 1, &named[i].code, err);
        if (!r)
            return -1;
        n = PQntuples(r);
        PQclear(r);
        if (n == 0)
            return error_set(err, ENOENT, "%s %s: there is none of this code", named[i].option,
                             named[i].code);
    }
    return 0;
}

static const char ADD[] =
    "WITH a AS (INSERT INTO app.account (id, login, name, role, password_hash, site_id, brand_id, shop_id, "
    "courier_id) SELECT app.uuid7($2::timestamptz), $1, $1, $3, $4, "
    "coalesce(c.site_id, (SELECT id FROM app.site WHERE code = $5)), "
    "coalesce(s.brand_id, (SELECT id FROM app.brand WHERE code = $6)), s.id, c.id "
    "FROM (SELECT) one LEFT JOIN app.shop s ON s.code = $7 LEFT JOIN app.courier c ON c.code = $8 RETURNING "
    "role) "
    "SELECT app.audit_append($2::timestamptz, NULL, 'user.add', $1, jsonb_build_object('role', role)) FROM a";

int user_add(PGconn *pg, const char *login, const struct options *o, struct error *err)
{
    char hash[CRYPTO_PASSWORD_HASH_MAX], now[TIME_TEXT_MAX];
    const char *const values[] = {login, now, o->role, hash, o->site, o->brand, o->shop, o->courier};

    if (!o->role)
        return error_set(err, EINVAL, "--role is missing: courier, manager, shop, brand, support or admin");
    if (read_password(o->password_file, hash, err) < 0 || check_codes(pg, o, err) < 0)
        return -1;
    time_format(clock_real_us(), now);
    return pg_run(pg, login, ADD, 8, values, err);
}

static const char RESET[] =
    "WITH a AS (UPDATE app.account SET password_hash = $2 WHERE login = $1 RETURNING id), "
    "s AS (UPDATE app.session SET closed_at = $3::timestamptz FROM a "
    "WHERE account_id = a.id AND closed_at IS NULL) "
    "SELECT app.audit_append($3::timestamptz, NULL, 'user.reset', $1, '{}') FROM a";

int user_reset(PGconn *pg, const char *login, const struct options *o, struct error *err)
{
    char hash[CRYPTO_PASSWORD_HASH_MAX], now[TIME_TEXT_MAX];
    PGresult *r;
    int n;

    if (read_password(o->password_file, hash, err) < 0)
        return -1;
    time_format(clock_real_us(), now);
    r = pg_query(pg, login, RESET, 3, (const char *[]){login, hash, now}, err);
    if (!r)
        return -1;
    n = PQntuples(r);
    PQclear(r);
    return n ? 0 : error_set(err, ENOENT, "%s: no such login", login);
}
