#include "routing/cli/load.h"
#include "routing/format/native.h"
#include "routing/format/sol.h"
#include "routing/format/vroom.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_BYTES = 1 << 30 };

static bool choose(const char *what, const char *word, const char *const *words, int *ret)
{
    for (int i = 0; words[i]; i++)
        if (!strcmp(words[i], word)) {
            *ret = i;
            return true;
        }
    fprintf(stderr, "yizhan-route: no %s '%s'\n", what, word);
    return false;
}

bool load_objective(struct load *l, const char *word)
{
    static const char *const words[] = {"native", "distance", "hierarchical", NULL};
    int i;
    if (!choose("objective", word, words, &i))
        return false;
    l->options.objective = (enum instance_objective)i;
    return true;
}

bool load_rounding(struct load *l, const char *word)
{
    static const char *const words[] = {"auto", "exact", "round", "trunc1", NULL};
    int i;
    if (!choose("rounding", word, words, &i))
        return false;
    l->options.rounding = (enum instance_rounding)i;
    return true;
}

/* The whole file, NUL-terminated; NULL with the reason told. */
static char *slurp(const char *path, size_t *ret_n)
{
    FILE *f = fopen(path, "rb");
    char *text = NULL;
    size_t n = 0, room = 0;
    if (!f) {
        fprintf(stderr, "yizhan-route: %s: %s\n", path, strerror(errno));
        return NULL;
    }
    for (;;) {
        if (n + 1 >= room) {
            room = room * 2 + 65536;
            char *more = room <= MOST_BYTES ? realloc(text, room) : NULL;
            if (!more)
                break;
            text = more;
        }
        size_t got = fread(text + n, 1, room - n - 1, f);
        n += got;
        if (got)
            continue;
        if (ferror(f))
            break;
        fclose(f);
        text[n] = 0;
        *ret_n = n;
        return text;
    }
    fprintf(stderr, "yizhan-route: %s: cannot be read or is too large\n", path);
    fclose(f);
    free(text);
    return NULL;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

bool load_instance(struct load *l, const char *path)
{
    struct instance_fault fault;
    size_t n;
    char *text = slurp(path, &n);
    if (!text)
        return false;
    int status = instance_read(l->format, base_name(path), text, n, &l->options, &l->in, &fault);
    if (status < 0)
        fprintf(stderr, "yizhan-route: %s: %s\n", path, fault.text);
    free(text);
    return status == 0;
}

bool load_solution(const struct load *l, const char *path, struct vrp_solution *ret)
{
    struct instance_fault fault;
    size_t n;
    char *text = slurp(path, &n);
    if (!text)
        return false;
    bool json = text[strspn(text, " \t\r\n")] == '{';
    int status = json && !strcmp(l->in.format, "vroom") ? vroom_read_solution(&l->in, text, n, ret, &fault)
                 : json                                 ? native_read_solution(&l->in, text, n, ret, &fault)
                                                        : sol_read(&l->in, text, n, ret, &fault);
    if (status < 0)
        fprintf(stderr, "yizhan-route: %s: %s\n", path, fault.text);
    free(text);
    return status == 0;
}

void load_free(struct load *l)
{
    instance_free(&l->in);
}
