/* Text and data as parts of an HTML page: whatever a file or a name holds stays text. */
#ifndef BT_REPORT_HTML_H
#define BT_REPORT_HTML_H

#include <jansson.h>
#include <stdio.h>

#include "bittrue.h"

/* The text with & < > " ' as entities: fits between tags and in quoted attributes. */
void bt_html_text(FILE *out, const char *text);

/* JSON for a script element of type application/json: every '<' as \u003c, so that nothing in it
 * ends the element. BT_FAILED when out of memory. */
bt_status bt_html_json(FILE *out, const json_t *value, bt_error *error);

/* A table. `summary`, if not NULL, puts it into a <details> that opens without scripts. The first
 * column has row headers, the others are aligned right. */
void bt_table_open(FILE *out, const char *summary, const char *caption, size_t columns,
                   const char *const *head);
void bt_table_row(FILE *out, size_t columns, const char *const *cell); /* NULL: an empty cell */
void bt_table_close(FILE *out, bool in_details);

/* A number with four digits and an SI prefix before the unit, "1.975 mJ", "62 B"; "0 J". */
#define BT_SI_SIZE 40u
const char *bt_si_text(double value, const char *unit, char text[BT_SI_SIZE]);

#endif
