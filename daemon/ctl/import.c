#include "daemon/ctl/import.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "base/json.h"
#include "base/time.h"
#include "daemon/ctl/pg.h"
#include "daemon/ctl/slurp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CITY_BYTES_MAX = 256 << 20 };

/* The hash of a password, from `known` when it was hashed before. Borrowed. */
static json_t *hash_of(json_t *known, const char *password)
{
    char hash[CRYPTO_PASSWORD_HASH_MAX];

    if (!json_object_get(known, password)) {
        if (crypto_password_hash(password, hash) < 0)
            return NULL;
        json_object_set_new(known, password, json_string(hash));
    }
    return json_object_get(known, password);
}

static int hash_account(json_t *known, json_t *account, size_t i, struct error *err)
{
    json_t *password = json_object_get(account, "password"), *hash;

    if (!json_object_get(account, "password_hash")) {
        if (!json_is_string(password))
            return error_set(err, 0, "/accounts/%zu: has neither password nor password_hash", i);
        hash = hash_of(known, json_string_value(password));
        if (!hash)
            return error_set(err, 0, "/accounts/%zu: no memory to hash the password", i);
        json_object_set(account, "password_hash", hash);
    }
    json_object_del(account, "password");
    return 0;
}

static int hash_passwords(json_t *city, struct error *err)
{
    json_t *known = json_object(), *account;
    size_t i;
    int rc = 0;

    json_array_foreach(json_object_get(city, "accounts"), i, account)
    {
        if (rc == 0)
            rc = hash_account(known, account, i, err);
    }
    json_decref(known);
    return rc;
}

static json_t *read_city(const char *path, struct error *err)
{
    size_t len;
    char *text = slurp(path, CITY_BYTES_MAX, &len, err);
    json_t *city = text ? json_read(text, len, err) : NULL;

    if (text && !city)
        error_prefix(err, "%s", path);
    free(text);
    if (!city || json_is_object(city))
        return city;
    error_set(err, 0, "%s: not a JSON object", path);
    json_decref(city);
    return NULL;
}

static int send_city(PGconn *pg, const char *path, const char *now, const json_t *city, struct error *err)
{
    char *text = json_dumps(city, JSON_COMPACT);
    PGresult *r = pg_query(pg, path, "SELECT api.city_import($1::timestamptz, $2::jsonb)", 2,
                           (const char *[]){now, text}, err);

    if (r)
        puts(PQgetvalue(r, 0, 0));
    free(text);
    PQclear(r);
    return r ? 0 : -1;
}

int import_city(PGconn *pg, const char *path, const struct options *o, struct error *err)
{
    char now[TIME_TEXT_MAX];
    int64_t us = clock_real_us();
    json_t *city;
    int rc;

    if (o->now && time_parse(o->now, &us, err) < 0)
        return error_prefix(err, "--now");
    time_format(us, now);
    city = read_city(path, err);
    if (!city)
        return -1;
    rc = hash_passwords(city, err);
    rc = rc < 0 ? error_prefix(err, "%s", path) : send_city(pg, path, now, city, err);
    json_decref(city);
    return rc;
}
