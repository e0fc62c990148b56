#include "locker-fw/port/profile_file.h"

#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

static const char *const styles[] = {"coil_value_ms", "coil_flash_offset", "coil_level",
                                     "reg_value",     "reg_block",         NULL};
static const char *const spaces[] = {"none", "coil", "discrete", "input", "holding", NULL};
static const char *const layouts[] = {"bit", "word", "bitmap", NULL};

struct key {
    const char *section, *name;
    size_t at, size;
    long min, max;
    const char *const *words; /* an enumeration instead of a number */
};

#define NUMBER(section, name, field, min, max)                                                               \
    {                                                                                                        \
        section, name, offsetof(struct profile, field), sizeof(((struct profile *)0)->field), min, max, NULL \
    }
#define WORD(section, name, field, words)                                                                    \
    {                                                                                                        \
        section, name, offsetof(struct profile, field), sizeof(((struct profile *)0)->field), 0, 0, words    \
    }
#define INPUT(section, field)                                                                                \
    WORD(section, "space", field.space, spaces), WORD(section, "layout", field.layout, layouts),             \
        NUMBER(section, "base", field.base, 0, 65535), NUMBER(section, "stride", field.stride, 1, 64),       \
        NUMBER(section, "active", field.active, 0, 1)

static const struct key keys[] = {
    NUMBER("profile", "unit", unit, 1, 255),
    NUMBER("profile", "baud", baud, 1200, 921600),
    NUMBER("profile", "gap_ms", gap_ms, 0, 1000),
    NUMBER("profile", "response_ms", response_ms, 10, 5000),
    NUMBER("profile", "doors", doors, 1, PROFILE_DOORS),
    NUMBER("profile", "addr_base", addr_base, 0, 1),
    WORD("open", "style", open.style, styles),
    NUMBER("open", "base", open.base, 0, 65535),
    NUMBER("open", "stride", open.stride, 1, 64),
    NUMBER("open", "unit_ms", open.unit_ms, 1, 1000),
    NUMBER("open", "max_ms", open.max_ms, 1, PULSE_MS_MAX),
    NUMBER("open", "pulse_ms", open.pulse_ms, 1, PULSE_MS_MAX),
    NUMBER("open", "on", open.on, 0, 65535),
    NUMBER("open", "off", open.off, 0, 65535),
    NUMBER("open", "host_timed", open.host_timed, 0, 1),
    NUMBER("open", "block_time", open.block_time, 0, PROFILE_BLOCK - 1),
    NUMBER("open", "width_base", open.width_base, 0, 65535),
    NUMBER("open", "width_unit_us", open.width_unit_us, 1, 65535),
    NUMBER("open", "width_low_first", open.width_low_first, 0, 1),
    INPUT("door", door),
    INPUT("item", item),
    INPUT("temperature", temperature),
    NUMBER("temperature", "scale", temperature_scale, -32768, 32767),
    NUMBER("temperature", "signed", temperature_signed, 0, 1),
    INPUT("tamper", tamper),
    INPUT("mains", mains),
    INPUT("probe", probe),
};

struct reading {
    struct profile p;
    char wrong[160];
};

static int read_number(const char *s, long min, long max, long *ret_v)
{
    char *end;
    long v = strtol(s, &end, 0);

    if (*s == '\0' || *end != '\0' || v < min || v > max)
        return -1;
    *ret_v = v;
    return 0;
}

static int read_word(const char *s, const char *const *words, long *ret_v)
{
    for (long i = 0; words[i]; i++) {
        if (strcmp(words[i], s) == 0) {
            *ret_v = i;
            return 0;
        }
    }
    return -1;
}

static void store(struct profile *p, const struct key *k, long v)
{
    uint8_t v8 = (uint8_t)v;
    uint16_t v16 = (uint16_t)v;
    uint32_t v32 = (uint32_t)v;

    memcpy((char *)p + k->at,
           k->size == 1   ? (void *)&v8
           : k->size == 2 ? (void *)&v16
                          : (void *)&v32,
           k->size);
}

/* "a" or "a-b" */
static int read_range(const char *s, uint16_t *ret_from, uint16_t *ret_to)
{
    char *end;
    unsigned long from = strtoul(s, &end, 0), to = from;

    if (end == s)
        return -1;
    if (*end == '-') {
        s = end + 1;
        to = strtoul(s, &end, 0);
        if (end == s)
            return -1;
    }
    if (*end != '\0' || from > 65535 || to > 65535 || to < from)
        return -1;
    *ret_from = (uint16_t)from;
    *ret_to = (uint16_t)to;
    return 0;
}

/* "FC ADDRESS[-TO] VALUE[-TO]"; FC 0 is any. */
static int read_never(struct profile *p, const char *s)
{
    struct profile_never n;
    char fc[8], address[16], value[16];
    long v;

    if (p->never_count == PROFILE_NEVER || sscanf(s, "%7s %15s %15s", fc, address, value) != 3)
        return -1;
    if (read_number(fc, 0, 127, &v) < 0 || read_range(address, &n.address, &n.address_to) < 0 ||
        read_range(value, &n.value, &n.value_to) < 0)
        return -1;
    n.fc = (uint8_t)v;
    p->never[p->never_count++] = n;
    return 0;
}

static int read_block(struct profile *p, const char *s)
{
    unsigned v[PROFILE_BLOCK];
    int n = sscanf(s, "%u %u %u %u", &v[0], &v[1], &v[2], &v[3]);

    if (n < 1)
        return -1;
    for (int i = 0; i < n; i++)
        p->open.block[i] = (uint16_t)v[i];
    p->open.block_count = (uint8_t)n;
    return 0;
}

static int read_text(struct profile *p, const char *section, const char *name, const char *value)
{
    if (strcmp(section, "profile") == 0 && strcmp(name, "name") == 0)
        return (size_t)snprintf(p->name, sizeof p->name, "%s", value) < sizeof p->name ? 0 : -1;
    if (strcmp(section, "profile") == 0 && strcmp(name, "parity") == 0) {
        p->parity = value[0];
        return strlen(value) == 1 && strchr("NEO", value[0]) ? 0 : -1;
    }
    if (strcmp(section, "never") == 0)
        return read_never(p, value);
    if (strcmp(section, "open") == 0 && strcmp(name, "block") == 0)
        return read_block(p, value);
    return 1;
}

static int on_key(void *user, const char *section, const char *name, const char *value)
{
    struct reading *r = user;
    int done = read_text(&r->p, section, name, value);
    long v;

    for (size_t i = 0; done == 1 && i < sizeof keys / sizeof keys[0]; i++) {
        const struct key *k = &keys[i];

        if (strcmp(k->section, section) != 0 || strcmp(k->name, name) != 0)
            continue;
        done = k->words ? read_word(value, k->words, &v) : read_number(value, k->min, k->max, &v);
        if (done == 0)
            store(&r->p, k, v);
    }
    if (done == 0)
        return 1;
    snprintf(r->wrong, sizeof r->wrong, "[%.20s] %.30s = %.40s: %s", section, name, value,
             done == 1 ? "no such key" : "not a value for it");
    return 0;
}

int profile_parse(const char *text, const char *name, struct profile *ret_profile, struct error *err)
{
    struct reading r = {.p = {.unit = 1,
                              .baud = 9600,
                              .parity = 'N',
                              .gap_ms = 5,
                              .response_ms = 200,
                              .open = {.stride = 1, .max_ms = PULSE_MS_MAX, .pulse_ms = 500, .on = 0xFF00},
                              .door = {.stride = 1, .active = 1},
                              .item = {.stride = 1, .active = 1},
                              .tamper = {.stride = 1, .active = 1},
                              .mains = {.stride = 1, .active = 1},
                              .temperature = {.layout = LAYOUT_WORD, .stride = 1},
                              .temperature_scale = 100}};
    int line = ini_parse_string(text, on_key, &r);
    const char *fault;

    if (line != 0)
        return error_set(err, EINVAL, "%s, line %d: %s", name, line, r.wrong[0] ? r.wrong : "not understood");
    if (r.p.name[0] == '\0')
        return error_set(err, EINVAL, "%s: [profile] name is missing", name);
    fault = profile_fault(&r.p);
    if (fault)
        return error_set(err, EINVAL, "%s: %s", name, fault);
    *ret_profile = r.p;
    return 0;
}

static int read_option(const char *option, struct profile *p, struct profile_input *in)
{
    long step;

    if (!option)
        return 0;
    if (in != &p->temperature) {
        in->active = 0;
        return strcmp(option, "low") == 0 ? 0 : -1;
    }
    if (read_number(option, -32768, 32767, &step) < 0)
        return -1;
    p->temperature_scale = (int16_t)step;
    return 0;
}

int profile_add_input(struct profile *p, const char *name, const char *text)
{
    struct profile_input *in = strcmp(name, "tamper") == 0        ? &p->tamper
                               : strcmp(name, "mains") == 0       ? &p->mains
                               : strcmp(name, "temperature") == 0 ? &p->temperature
                                                                  : NULL;
    char copy[64], *save = NULL, *space, *address;
    long s, a;

    if (!in || (size_t)snprintf(copy, sizeof copy, "%s", text) >= sizeof copy)
        return -1;
    space = strtok_r(copy, ":", &save);
    address = strtok_r(NULL, ":", &save);
    if (!address || read_word(space, spaces, &s) < 0 || s == SPACE_NONE ||
        read_number(address, 0, 65535, &a) < 0)
        return -1;
    if (in == &p->temperature && s <= SPACE_DISCRETE)
        return -1;
    *in = (struct profile_input){.space = (uint8_t)s,
                                 .layout = s <= SPACE_DISCRETE ? LAYOUT_BIT : LAYOUT_WORD,
                                 .base = (uint16_t)a,
                                 .stride = 1,
                                 .active = 1};
    p->temperature_signed |= in == &p->temperature;
    return read_option(strtok_r(NULL, ":", &save), p, in);
}

int profile_load(const char *path, struct profile *ret_profile, struct error *err)
{
    char text[8192];
    FILE *f = fopen(path, "re");
    size_t len;

    if (!f)
        return error_set(err, errno, "%s: %s", path, strerror(errno));
    len = fread(text, 1, sizeof text - 1, f);
    fclose(f);
    if (len == sizeof text - 1)
        return error_set(err, EFBIG, "%s: longer than a profile can be", path);
    text[len] = '\0';
    return profile_parse(text, path, ret_profile, err);
}
