/* Checks a JSON value against a JSON Schema (draft 2020-12), as far as the contracts of this project use it:
 * type, const, enum, pattern, minimum, maximum, maxLength, items, minItems, maxItems, uniqueItems,
 * properties, required, additionalProperties, maxProperties, propertyNames. An unknown keyword is an error,
 * so that nothing is silently unchecked. */
#ifndef TESTS_CONTRACT_SCHEMA_H
#define TESTS_CONTRACT_SCHEMA_H

#include <jansson.h>
#include <stddef.h>

/* 0, or -1 and what is wrong where. */
int schema_check(json_t *schema, json_t *value, char *ret_why, size_t cap);

/* doc/schemas/locker/NAME.json under a source tree; ends the program when it cannot be read. */
json_t *schema_load(const char *srcdir, const char *name);

#endif
