/* Fields of comma-separated values (RFC 4180). */
#ifndef BT_IO_CSV_H
#define BT_IO_CSV_H

#include <stdio.h>

/* A quoted field: quotes in the text are doubled. */
void bt_csv_text(FILE *out, const char *text);

#endif
