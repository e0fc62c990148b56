#include "locker-fw/port/settings.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/time.h"
#include "locker-fw/core/text.h"

enum { PATH_ROOM = CONFIG_TEXT_MAX + 32 };

const struct config_setting locker_settings[] = {
    {"locker.code", CONFIG_TEXT, "", 0, GRANT_NAME_MAX, "this locker's code; also its MQTT client id"},
    {"locker.site", CONFIG_TEXT, "", 0, GRANT_NAME_MAX, "code of the site it belongs to"},
    {"locker.wiring", CONFIG_PATH, PKGSYSCONFDIR "/wiring", 0, 0,
     "which board hangs where, and the compartments"},
    {"locker.profiles", CONFIG_PATH, PKGDATADIR "/profiles", 0, 0, "folder of the board profiles"},
    {"locker.journal", CONFIG_PATH, "/var/lib/yizhan-lockerd", 0, 0, "folder of the journal"},
    {"keys.locker", CONFIG_PATH, PKGSYSCONFDIR "/locker.key", 0, 0,
     "file of this locker's secret, 64 hex digits"},
    {"keys.epoch", CONFIG_INT, "1", 0, 4294967295.0, "epoch of that secret"},
    {"keys.grants", CONFIG_PATH, PKGSYSCONFDIR "/grants.pub", 0, 0,
     "file of the daemon's public keys, a line \"id hex\" each, at most four"},
    {"mqtt.url", CONFIG_TEXT, "", 0, 0, "mqtts://host:port or mqtt://host:port; empty: no network"},
    {"mqtt.ca", CONFIG_PATH, "", 0, 0, "certificate authority, PEM"},
    {"mqtt.cert", CONFIG_PATH, "", 0, 0, "client certificate, PEM; its common name is the locker's code"},
    {"mqtt.key", CONFIG_PATH, "", 0, 0, "its key, PEM"},
    {"kiosk.port", CONFIG_INT, "8088", -1, 65535, "port of the screen's page on 127.0.0.1; 0 any, -1 none"},
    {"kiosk.root", CONFIG_PATH, PKGDATADIR "/kiosk", 0, 0, "folder of the screen's page"},
    {"clock.start", CONFIG_TEXT, "", 0, 0, "business time at clock.origin, RFC 3339; empty: real time"},
    {"clock.origin", CONFIG_TEXT, "", 0, 0,
     "real instant of clock.start, RFC 3339; empty: when the program starts"},
    {"clock.rate", CONFIG_REAL, "1", 0.001, 10000, "business seconds per second"},
    {"bus.poll_ms", CONFIG_INT, "100", 5, 5000, "pause between readings of a board at rest"},
    {"inputs.tamper", CONFIG_TEXT, "", 0, 0,
     "file that holds 1 while the box is opened or moved (a GPIO line); !FILE: 0"},
    {"inputs.mains", CONFIG_TEXT, "", 0, 0, "file that holds 1 while there is mains power; !FILE: 0"},
    {"inputs.temperature", CONFIG_TEXT, "", 0, 0, "file that holds thousandths of a degree Celsius"},
    {"limits.hot_c", CONFIG_INT, "60", -40, 150, "alarm above this temperature"},
    {"limits.cold_c", CONFIG_INT, "-20", -60, 60, "alarm below this temperature"},
    {"limits.open_ms", CONFIG_INT, "3000", 500, 30000,
     "no door edge within this after the pulse: not opened"},
    {"limits.spacing_ms", CONFIG_INT, "300", 300, 10000, "between pulses of one power domain"},
    {"limits.window_ms", CONFIG_INT, "30000", 1000, 600000,
     "time in which limits.tries pulses of a door are allowed"},
    {"limits.tries", CONFIG_INT, "3", 1, 10,
     "pulses per door in that time; as many failures in a row: jammed"},
    {"limits.left_open_ms", CONFIG_INT, "120000", 5000, 3600000, "a door open for longer is reported"},
    {"limits.debounce", CONFIG_INT, "2", 1, 10, "equal readings that count as one"},
    {"limits.quota", CONFIG_INT, "0", 0, 128, "reservations one courier may hold; 0: any number"},
    {"limits.confirm_ask", CONFIG_BOOL, "no", 0, 0,
     "without item sensors, a deposit counts only when the courier confirms it"},
    {"log.level", CONFIG_INT, "2", 0, 3, "0 errors, 1 warnings, 2 information, 3 everything"},
};
const int locker_setting_count = sizeof locker_settings / sizeof locker_settings[0];

/* Takes blanks out: no name and no value of these has any. */
static void squeeze(char *line)
{
    char *to = line;

    for (const char *from = line; *from; from++) {
        if (!strchr(" \t\r", *from))
            *to++ = *from;
    }
    *to = '\0';
}

static int take_lines(struct config *c, const char *body, struct error *err)
{
    char copy[SIGNED_BODY_MAX + 1], *save = NULL;

    if ((size_t)snprintf(copy, sizeof copy, "%s", body) >= sizeof copy)
        return error_set(err, EMSGSIZE, "more than %d bytes", SIGNED_BODY_MAX);
    for (char *line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        squeeze(line);
        if (line[0] == '\0' || line[0] == '#')
            continue;
        if (strncmp(line, "limits.", 7) != 0)
            return error_set(err, EPERM, "only limits may be set from outside");
        if (config_set(c, line, err) < 0)
            return -1;
    }
    return 0;
}

static void kept_path(const struct config *c, char ret[PATH_ROOM])
{
    snprintf(ret, PATH_ROOM, "%s/limits.signed", config_text(c, "locker.journal"));
}

static int write_limits(const struct config *c, FILE *f)
{
    int bad = 0;

    for (int i = 0; i < locker_setting_count; i++) {
        const struct config_setting *s = &locker_settings[i];

        if (strncmp(s->name, "limits.", 7) != 0)
            continue;
        bad |= s->kind == CONFIG_INT ? fprintf(f, "%s=%lld\n", s->name, (long long)config_int(c, s->name)) < 0
                                     : fprintf(f, "%s=%s\n", s->name, config_text(c, s->name)) < 0;
    }
    return bad || fflush(f) != 0 || fsync(fileno(f)) != 0 ? -1 : 0;
}

static int keep_limits(const struct config *c, struct error *err)
{
    char path[PATH_ROOM], fresh[PATH_ROOM + 4];
    FILE *f;
    int bad;

    kept_path(c, path);
    snprintf(fresh, sizeof fresh, "%s.new", path);
    f = fopen(fresh, "we");
    bad = !f || write_limits(c, f) < 0;
    bad |= f && fclose(f) != 0;
    return bad || rename(fresh, path) < 0 ? error_set(err, errno, "%s: %s", fresh, strerror(errno)) : 0;
}

int settings_take_remote(struct config *c, const char *body, struct error *err)
{
    struct config *trial = config_new(locker_settings, locker_setting_count);
    int bad = take_lines(trial, body, err);

    config_free(trial);
    if (bad || take_lines(c, body, err) < 0)
        return -1;
    return keep_limits(c, err);
}

int settings_restore(struct config *c, struct error *err)
{
    char path[PATH_ROOM], body[SIGNED_BODY_MAX];
    FILE *f;
    size_t len;

    kept_path(c, path);
    f = fopen(path, "re");
    if (!f)
        return errno == ENOENT || errno == ENOTDIR ? 0
                                                   : error_set(err, errno, "%s: %s", path, strerror(errno));
    len = fread(body, 1, sizeof body - 1, f);
    fclose(f);
    body[len] = '\0';
    return take_lines(c, body, err) < 0 ? error_prefix(err, "%s", path) : 0;
}

static void read_limits(const struct config *c, struct core_limits *l)
{
    *l = core_limits_default;
    l->open_ms = (uint32_t)config_int(c, "limits.open_ms");
    l->spacing_ms = (uint32_t)config_int(c, "limits.spacing_ms");
    l->window_ms = (uint32_t)config_int(c, "limits.window_ms");
    l->tries = (uint8_t)config_int(c, "limits.tries");
    l->left_open_ms = (uint32_t)config_int(c, "limits.left_open_ms");
    l->debounce = (uint8_t)config_int(c, "limits.debounce");
    l->quota = (uint16_t)config_int(c, "limits.quota");
    l->confirm_ask = strcmp(config_text(c, "limits.confirm_ask"), "yes") == 0;
}

static int read_clock(const struct config *c, struct clock *ret, struct error *err)
{
    const char *start = config_text(c, "clock.start"), *origin = config_text(c, "clock.origin");
    int64_t start_us, origin_us = clock_real_us();

    if (!*start) {
        clock_init_real(ret);
        return 0;
    }
    if (time_parse(start, &start_us, err) < 0)
        return error_prefix(err, "clock.start");
    if (*origin && time_parse(origin, &origin_us, err) < 0)
        return error_prefix(err, "clock.origin");
    clock_init_simulated(ret, start_us, origin_us, config_real(c, "clock.rate"));
    return 0;
}

static int read_grant_keys(const char *path, struct cabinet_settings *s, struct error *err)
{
    FILE *f = fopen(path, "re");
    char line[160], id[GRANT_KEY_ID_MAX + 1], hex[65];

    if (!f)
        return error_set(err, errno, "%s: %s", path, strerror(errno));
    s->grant_key_count = 0;
    while (fgets(line, sizeof line, f)) {
        struct grant_key *k = &s->grant_keys[s->grant_key_count];

        if (line[0] == '#' || line[strspn(line, " \t\n")] == '\0')
            continue;
        if (s->grant_key_count == CABINET_KEYS || sscanf(line, "%16s %64s", id, hex) != 2 ||
            !text_is_name(id, strlen(id), GRANT_KEY_ID_MAX) ||
            text_read_hex(hex, strlen(hex), k->key, 32) < 0) {
            fclose(f);
            return error_set(err, EINVAL, "%s: not \"id hex\", or more than %d keys", path, CABINET_KEYS);
        }
        memcpy(k->id, id, sizeof id);
        s->grant_key_count++;
    }
    fclose(f);
    return 0;
}

static int read_name(const struct config *c, const char *setting, char *out, struct error *err)
{
    const char *s = config_text(c, setting);

    if (!text_is_name(s, strlen(s), GRANT_NAME_MAX))
        return error_set(err, EINVAL, "%s: 1 to %d letters, digits, '_', '.' or '-'", setting,
                         GRANT_NAME_MAX);
    memcpy(out, s, strlen(s) + 1);
    return 0;
}

static int read_inputs(const struct config *c, struct inputs *ret, struct error *err)
{
    static const char *const names[BOX_INPUTS] = {"inputs.tamper", "inputs.mains", "inputs.temperature"};

    for (int i = 0; i < BOX_INPUTS; i++) {
        const char *s = config_text(c, names[i]);

        if (strlen(s) >= sizeof ret->path[i])
            return error_set(err, ENAMETOOLONG, "%s is longer than %d", names[i], INPUT_PATH_MAX - 1);
        memcpy(ret->path[i], s, strlen(s) + 1);
    }
    return 0;
}

int settings_cabinet(const struct config *c, struct cabinet_settings *ret, struct error *err)
{
    struct cabinet_settings s = {.journal_dir = config_text(c, "locker.journal"),
                                 .poll_ms = (unsigned)config_int(c, "bus.poll_ms")};
    uint8_t secret[32];
    static const struct core_crypto crypto = {crypto_verify, crypto_hmac};

    if (read_name(c, "locker.code", s.locker, err) < 0 || read_clock(c, &s.clock, err) < 0 ||
        read_inputs(c, &s.inputs, err) < 0 ||
        crypto_secret_load(config_text(c, "keys.locker"), secret, err) < 0 ||
        read_grant_keys(config_text(c, "keys.grants"), &s, err) < 0)
        return -1;
    keys_derive(&crypto, secret, &s.keys);
    memset(secret, 0, sizeof secret);
    read_limits(c, &s.limits);
    s.hot_mc = (int32_t)config_int(c, "limits.hot_c") * 1000;
    s.cold_mc = (int32_t)config_int(c, "limits.cold_c") * 1000;
    *ret = s;
    return 0;
}

int settings_uplink(const struct config *c, struct uplink_settings *ret, struct error *err)
{
    struct uplink_settings s = {.url = config_text(c, "mqtt.url"),
                                .ca = config_text(c, "mqtt.ca"),
                                .cert = config_text(c, "mqtt.cert"),
                                .key = config_text(c, "mqtt.key"),
                                .epoch = (uint32_t)config_int(c, "keys.epoch")};

    if (read_name(c, "locker.code", s.locker, err) < 0 || read_name(c, "locker.site", s.site, err) < 0)
        return -1;
    *ret = s;
    return 0;
}
