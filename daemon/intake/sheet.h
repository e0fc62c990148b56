/* A parcel sheet (text/csv, RFC 4180) becomes the JSON array that the API takes, so that one validation
 * serves both. The header row names the columns, in English as in the JSON body (`recipient.name`) or in
 * Chinese (收件人); cells of whole-number columns become JSON integers when they are spelled as such, so a
 * wrong spelling is reported by the validation like any other wrong type. Empty cells are left out. */
#ifndef DAEMON_INTAKE_SHEET_H
#define DAEMON_INTAKE_SHEET_H

#include "base/error.h"

#include <jansson.h>
#include <stddef.h>

enum { SHEET_ROWS_MAX = 1000, SHEET_COLUMNS_MAX = 64, SHEET_CELL_MAX = 2048 };

/* Reads `len` bytes in `charset` ("utf-8", "gb18030", "gbk"; NULL means UTF-8; a byte-order mark is skipped).
 * On success *ret_rows is a new reference to an array of objects and *ret_lines an array (malloc, caller
 * frees) of the line in the sheet where each row began, counted from 1. Fails (-1, err says line and column)
 * on an unknown or repeated column name, bad encoding, an unclosed quote, too many rows or a row longer than
 * the header: a sheet that cannot be read is refused whole, before anything is stored. */
int sheet_read(const char *text, size_t len, const char *charset, json_t **ret_rows, int **ret_lines,
               struct error *err);

#endif
