#include "routing/format/instance.h"
#include "routing/format/reader.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct instance_block {
    struct instance_block *next;
    max_align_t data[];
};

void *instance_alloc(struct instance *in, size_t count, size_t size)
{
    if (size && count > (SIZE_MAX / 2 - sizeof(struct instance_block)) / size)
        return NULL;
    struct instance_block *b = calloc(1, sizeof *b + count * size + 1);
    if (!b)
        return NULL;
    b->next = in->blocks;
    in->blocks = b;
    return b->data;
}

char *instance_text(struct instance *in, const char *text, size_t n)
{
    char *copy = instance_alloc(in, n + 1, 1);
    if (copy)
        memcpy(copy, text, n);
    return copy;
}

void instance_free(struct instance *in)
{
    if (!in)
        return;
    while (in->blocks) {
        struct instance_block *next = in->blocks->next;
        free(in->blocks);
        in->blocks = next;
    }
    *in = (struct instance){0};
}

int instance_complain(struct instance_fault *fault, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    if (fault)
        vsnprintf(fault->text, sizeof fault->text, fmt, ap);
    va_end(ap);
    return -1;
}

static const struct format {
    const char *name;
    reader_fn *read;
} formats[] = {
    {"vrplib", vrplib_read}, {"solomon", solomon_read}, {"lilim", lilim_read},
    {"vroom", vroom_read},   {"loggi", loggi_read},     {"yizhan", native_read},
};

/* VRPLIB has "KEY:" lines; Solomon a VEHICLE heading; Li & Lim begins with three numbers; JSON with {. */
static const char *guess(const char *text)
{
    text += strspn(text, " \t\r\n\xef\xbb\xbf");
    if (*text == '{')
        return strstr(text, "\"yizhan\"") ? "yizhan" : strstr(text, "\"deliveries\"") ? "loggi" : "vroom";
    if (strspn(text, "0123456789") > 0)
        return "lilim";
    return strstr(text, "VEHICLE\n") || strstr(text, "VEHICLE\r") || strstr(text, "CUSTOMER") ? "solomon"
                                                                                              : "vrplib";
}

int instance_read(const char *format, const char *name, const char *text, size_t n,
                  const struct instance_options *options, struct instance *ret, struct instance_fault *fault)
{
    struct instance in = {.cost_unit = 1, .first_node = 1};
    const char *wanted = !strcmp(format, "auto") ? guess(text) : format;
    const struct format *f = NULL;
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (!strcmp(formats[i].name, wanted))
            f = &formats[i];
    if (!f)
        return instance_complain(fault, "unknown format '%s'", wanted);
    in.name = instance_text(&in, name, strlen(name));
    in.format = f->name;
    struct vrp_fault problem;
    int status = in.name ? f->read(text, n, options, &in, fault) : instance_complain(fault, "out of memory");
    if (status == 0 && vrp_problem_check(&in.p, &problem) < 0)
        status = instance_complain(fault, "%s", problem.text);
    if (status < 0) {
        instance_free(&in);
        return -1;
    }
    *ret = in;
    return 0;
}
