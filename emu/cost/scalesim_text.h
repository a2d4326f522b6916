/* Lines of the text files SCALE-Sim reads, as its users write them: with a byte order mark, with
 * carriage returns, with spaces anywhere (docs/scalesim.md 2). */
#ifndef BT_COST_SCALESIM_TEXT_H
#define BT_COST_SCALESIM_TEXT_H

#include <stdio.h>

#include "bittrue.h"

/* A file being read; zeroed it holds none. */
typedef struct {
  const char *path; /* as the caller named it; borrowed */
  char *data, *next;
  unsigned line; /* of the line last given, from 1 */
} bt_scalesim_text;

/* Reads the file. A byte order mark is skipped, with a line on `notes` (NULL: none). BT_BAD_INPUT:
 * unreadable, over 16 MiB, or a zero byte in it. */
bt_status bt_scalesim_text_open(bt_scalesim_text *t, const char *path, FILE *notes,
                                bt_error *error);
void bt_scalesim_text_close(bt_scalesim_text *t);

/* The next line, without what is blank at its end; NULL after the last one. It may be changed. */
char *bt_scalesim_text_line(bt_scalesim_text *t);

/* Cuts blanks from the end of `text` and returns where its first other character is. */
char *bt_scalesim_trim(char *text);

/* A decimal number of min..max, digits only. */
bool bt_scalesim_number(const char *text, uint64_t min, uint64_t max, uint64_t *value);

/* Upper and lower case are one. */
bool bt_scalesim_same(const char *a, const char *b);

#endif
