/* The page's sections, each a heading, charts and the tables behind them. */
#ifndef BT_REPORT_SECTIONS_H
#define BT_REPORT_SECTIONS_H

#include <jansson.h>
#include <stdio.h>

void bt_page_summary(FILE *out, const json_t *doc);
void bt_page_errors(FILE *out, const json_t *doc);
void bt_page_cost(FILE *out, const json_t *doc);
void bt_page_values(FILE *out, const json_t *doc);
void bt_page_coverage(FILE *out, const json_t *doc);
void bt_page_files(FILE *out, const json_t *doc);

/* A place for a chart of page.js: of run `run`, which is named if there are several `runs`, or of
 * all together if it is negative. */
void bt_page_chart(FILE *out, const char *chart, int run, const json_t *runs, const char *title,
                   const char *note);

/* A value as text: texts as they are, whole numbers in decimal, reals with `decimals`, NULL where
 * it is null or absent. */
#define BT_CELL_SIZE 96u
const char *bt_page_cell(const json_t *value, int decimals, char text[BT_CELL_SIZE]);

/* The label of a run or baseline. */
const char *bt_page_label(const json_t *run);

/* A table of columns {"NAME": [...], ...}: those of `keys` in their order under `head`, a row for
 * each place in the lists. */
void bt_page_columns(FILE *out, const char *summary, const json_t *columns, size_t keys,
                     const char *const *key, const char *const *head);

#endif
