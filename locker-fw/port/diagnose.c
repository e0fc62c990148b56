#include "locker-fw/port/diagnose.h"

#include "config.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/json.h"

enum { ANSWER_MAX = 131072, PATIENCE_S = 5 };

static const char *const alarm_words[STATE_ALARMS] = {"tamper", "mains", "hot", "cold", "journal", "disk"};
static const char *const flag_words[] = {"forced", "left_open", "sensor_conflict", "dirty"};

static json_t *buses(struct cabinet *c)
{
    const struct wiring *w = cabinet_wiring(c);
    json_t *list = json_array();

    for (unsigned i = 0; i < w->buses; i++) {
        struct bus_counters b = cabinet_bus(c, i);

        json_array_append_new(list,
                              json_pack("{s:s, s:I, s:I, s:I, s:I, s:I}", "device", w->bus[i].device,
                                        "requests", (json_int_t)b.requests, "timeouts",
                                        (json_int_t)b.timeouts, "wrong", (json_int_t)b.wrong, "exceptions",
                                        (json_int_t)b.exceptions, "reopened", (json_int_t)b.reopened));
    }
    return list;
}

static json_t *boards(struct cabinet *c)
{
    const struct wiring *w = cabinet_wiring(c);
    json_t *list = json_array();

    for (unsigned i = 0; i < w->boards; i++)
        json_array_append_new(list,
                              json_pack("{s:i, s:s, s:i, s:i, s:b}", "n", (int)i + 1, "profile",
                                        w->profile[i].name, "first", (int)w->board_first[i], "doors",
                                        (int)w->board_doors[i], "lost", (int)cabinet_core(c)->board_lost[i]));
    return list;
}

static json_t *compartments(struct cabinet *c)
{
    const struct core *core = cabinet_core(c);
    json_t *list = json_array();

    for (unsigned n = 1; n <= core->setup.count; n++) {
        const struct core_compartment *m = &core->c[n - 1];
        json_t *flags = json_array();

        for (int i = 0; i < 4; i++) {
            if (m->flags >> i & 1)
                json_array_append_new(flags, json_string(flag_words[i]));
        }
        json_array_append_new(list, json_pack("{s:i, s:s, s:s, s:s, s:i, s:o}", "n", (int)n, "state",
                                              state_name(m->state), "door", door_name(m->door), "item",
                                              item_name(m->item), "fails", (int)m->fails, "flags", flags));
    }
    return list;
}

static json_t *box(struct cabinet *c)
{
    uint8_t alarms[STATE_ALARMS];
    struct box_picture p = cabinet_box(c, alarms);
    json_t *list = json_array(), *o = json_object();

    for (int i = 0; i < STATE_ALARMS; i++) {
        if (alarms[i])
            json_array_append_new(list, json_string(alarm_words[i]));
    }
    json_object_set_new(o, "alarms", list);
    json_object_set_new(o, "tamper", p.tamper < 0 ? json_null() : json_boolean(p.tamper));
    json_object_set_new(o, "mains", p.mains < 0 ? json_null() : json_boolean(p.mains));
    if (p.has_temperature) {
        json_object_set_new(o, "hottest_mc", json_integer(p.hottest_mc));
        json_object_set_new(o, "coldest_mc", json_integer(p.coldest_mc));
    }
    return o;
}

json_t *diagnose(struct cabinet *c, int online)
{
    const struct core *core = cabinet_core(c);
    struct cabinet_counters n = cabinet_counters(c);

    return json_pack("{s:s, s:s, s:b, s:b, s:I, s:I, s:I, s:I, s:s, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:o}",
                     "locker", core->setup.locker, "program", PACKAGE_VERSION, "online", online, "broken",
                     (int)core->broken, "backlog", (json_int_t)journal_backlog(cabinet_journal(c)), "boot",
                     (json_int_t)core->boot, "config_version", (json_int_t)core->config_version,
                     "firmware_version", (json_int_t)core->firmware_version, "profile",
                     cabinet_wiring(c)->hash, "pulses", (json_int_t)n.pulses, "opened", (json_int_t)n.opened,
                     "not_opened", (json_int_t)n.not_opened, "refused", (json_int_t)n.refused, "box", box(c),
                     "buses", buses(c), "boards", boards(c), "compartments", compartments(c));
}

/* ---- the command ---- */

static int ask(int port, char *answer, size_t cap)
{
    static const char request[] =
        "GET /api/diagnostics HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    struct timeval patience = {.tv_sec = PATIENCE_S};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), good;
    size_t len = 0;
    ssize_t n = 0;

    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    good = connect(fd, (struct sockaddr *)&a, sizeof a) == 0 &&
           send(fd, request, sizeof request - 1, MSG_NOSIGNAL) == (ssize_t)sizeof request - 1;
    while (good && len + 1 < cap && (n = read(fd, answer + len, cap - 1 - len)) > 0)
        len += (size_t)n;
    close(fd);
    answer[len] = '\0';
    return good && n == 0 && strncmp(answer, "HTTP/1.1 200", 12) == 0 ? 0 : -1;
}

static long long number(json_t *o, const char *name)
{
    return (long long)json_integer_value(json_object_get(o, name));
}

static const char *text(json_t *o, const char *name)
{
    const char *s = json_string_value(json_object_get(o, name));

    return s ? s : "?";
}

static int truth(json_t *o, const char *name)
{
    return json_is_true(json_object_get(o, name));
}

static void print_words(json_t *list)
{
    json_t *one;
    size_t i;

    json_array_foreach(list, i, one) printf(" %s", json_string_value(one));
}

static int print_box(json_t *b)
{
    json_t *alarms = json_object_get(b, "alarms");

    if (json_object_get(b, "hottest_mc"))
        printf("  temperature %.1f to %.1f C\n", (double)number(b, "coldest_mc") / 1000,
               (double)number(b, "hottest_mc") / 1000);
    if (json_array_size(alarms) == 0)
        return 0;
    printf("! alarms:");
    print_words(alarms);
    putchar('\n');
    return 1;
}

static int print_boards(json_t *o)
{
    json_t *one;
    size_t i;
    int wrong = 0;

    json_array_foreach(json_object_get(o, "buses"), i, one)
        printf("  bus %s: %lld requests, %lld unanswered, %lld wrong, %lld refused, opened %lld times\n",
               text(one, "device"), number(one, "requests"), number(one, "timeouts"), number(one, "wrong"),
               number(one, "exceptions"), number(one, "reopened"));
    json_array_foreach(json_object_get(o, "boards"), i, one)
    {
        int lost = truth(one, "lost");

        printf("%c board %lld (%s), compartments %lld to %lld: %s\n", lost ? '!' : ' ', number(one, "n"),
               text(one, "profile"), number(one, "first"), number(one, "first") + number(one, "doors") - 1,
               lost ? "does not answer" : "answers");
        wrong |= lost;
    }
    return wrong;
}

static int is_odd(json_t *m)
{
    static const char *const odd[] = {"review", "jammed", "uncertain", "out_of_service"};
    const char *state = text(m, "state");
    int hit = json_array_size(json_object_get(m, "flags")) > 0 || strcmp(text(m, "door"), "unknown") == 0;

    for (int i = 0; i < 4; i++)
        hit |= strcmp(state, odd[i]) == 0;
    return hit;
}

static int print_compartments(json_t *o)
{
    json_t *one;
    size_t i;
    int wrong = 0;

    json_array_foreach(json_object_get(o, "compartments"), i, one)
    {
        int odd = is_odd(one);

        printf("%c %3lld  %-16s door %-8s item %-8s", odd ? '!' : ' ', number(one, "n"), text(one, "state"),
               text(one, "door"), text(one, "item"));
        if (number(one, "fails"))
            printf(" %lld failed openings", number(one, "fails"));
        print_words(json_object_get(one, "flags"));
        putchar('\n');
        wrong |= odd;
    }
    return wrong;
}

int diagnose_print(int port)
{
    char *answer = calloc(1, ANSWER_MAX);
    const char *body;
    json_t *o = NULL;
    int wrong;

    if (!answer)
        abort();
    if (port > 0 && ask(port, answer, ANSWER_MAX) == 0 && (body = strstr(answer, "\r\n\r\n")))
        o = json_read(body + 4, strlen(body + 4), NULL);
    free(answer);
    if (!o) {
        fprintf(stderr, "no controller answers on 127.0.0.1:%d (kiosk.port)\n", port);
        return 3;
    }
    wrong = truth(o, "broken");
    printf("locker %s, program %s, start %lld: %s; %lld records to be sent\n", text(o, "locker"),
           text(o, "program"), number(o, "boot"), truth(o, "online") ? "online" : "offline",
           number(o, "backlog"));
    printf("  configuration %lld, firmware %lld, wiring %s\n", number(o, "config_version"),
           number(o, "firmware_version"), text(o, "profile"));
    printf("  %lld pulses, %lld opened, %lld did not open, %lld refused\n", number(o, "pulses"),
           number(o, "opened"), number(o, "not_opened"), number(o, "refused"));
    wrong |= print_box(json_object_get(o, "box"));
    wrong |= print_boards(o);
    wrong |= print_compartments(o);
    json_decref(o);
    return wrong;
}
