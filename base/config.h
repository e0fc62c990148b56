/* Settings: one table per program says name, kind, default, bounds and meaning; the file (INI), the command
 * line
 * (-o section.name=value), --show-config and the manual page all come from it. */
#ifndef BASE_CONFIG_H
#define BASE_CONFIG_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum config_kind {
    CONFIG_TEXT,
    CONFIG_INT,
    CONFIG_REAL,
    CONFIG_BOOL,
    CONFIG_PATH,
    CONFIG_SECRET /* a text that may hold a password or a token: never shown, logged or quoted in an error */
};

struct config_setting {
    const char *name; /* "section.name" */
    enum config_kind kind;
    const char *fallback; /* as text; "" for none */
    double min, max;      /* of numbers; texts are at most CONFIG_TEXT_MAX bytes */
    const char *doc;
};

enum { CONFIG_TEXT_MAX = 512, CONFIG_SETTINGS_MAX = 96 };

struct config;

/* A configuration with every default set. `settings` must outlive it. Ends the program when a default is not
 * within its own bounds. */
struct config *config_new(const struct config_setting *settings, int n);
void config_free(struct config *c);

/* Reads a file; an unknown name or a value out of bounds is an error that names file and line. */
int config_load(struct config *c, const char *path, struct error *err);

/* Takes "section.name=value". */
int config_set(struct config *c, const char *assignment, struct error *err);

/* Values by name; asking for a name that is not in the table, or as another kind, is a bug and ends the
 * program. Texts are owned by c. */
const char *config_text(const struct config *c, const char *name);
int64_t config_int(const struct config *c, const char *name);
double config_real(const struct config *c, const char *name);

/* Writes every setting with its value in force and its meaning, as a file that config_load would take. A
 * secret that was set is left out, with a word that it was. */
void config_show(const struct config *c, FILE *out);

#endif
