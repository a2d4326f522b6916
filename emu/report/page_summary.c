/* The first table: a column a run, what came out and what it costs. */
#include <string.h>

#include "report/html.h"
#include "report/sections.h"

#define MAX_COLUMNS 32u

typedef struct {
  size_t count;           /* columns besides the head */
  const json_t *run[MAX_COLUMNS];
  bool baseline[MAX_COLUMNS];
} columns;

static void collect(const json_t *list, bool baseline, columns *c) {
  size_t i;
  const json_t *run;
  json_array_foreach(list, i, run) {
    if (c->count < MAX_COLUMNS - 1) {
      c->run[c->count] = run;
      c->baseline[c->count++] = baseline;
    }
  }
}

static const json_t *at(const json_t *o, const char *a, const char *b, const char *c) {
  const json_t *v = json_object_get(o, a);
  v = b == NULL ? v : json_object_get(v, b);
  return c == NULL ? v : json_object_get(v, c);
}

typedef struct {
  char text[MAX_COLUMNS][2 * BT_CELL_SIZE];
  const char *cell[MAX_COLUMNS];
} row;

static void write_row(FILE *out, const columns *c, row *r, const char *head) {
  r->cell[0] = head;
  bt_table_row(out, c->count + 1, r->cell);
}

/* Values of run.json, `low` for 8-bit runs and `full` for baselines; NULL: no such figure. */
static void values(FILE *out, const columns *c, const char *head, const char *low,
                   const char *full) {
  row r;
  char text[BT_CELL_SIZE];
  for (size_t i = 0; i < c->count; i++) {
    const char *key = c->baseline[i] ? full : low;
    const char *v = key == NULL ? NULL : bt_page_cell(at(c->run[i], "run", key, NULL), 2, text);
    snprintf(r.text[i], sizeof r.text[i], "%s", v == NULL ? "\xe2\x80\x93" : v);
    r.cell[i + 1] = r.text[i];
  }
  write_row(out, c, &r, head);
}

/* Points that an 8-bit run has more than the first baseline. */
static void differences(FILE *out, const columns *c, const char *head, const char *low,
                        const char *full) {
  row r;
  const json_t *base = NULL;
  for (size_t i = 0; i < c->count; i++) {
    base = base == NULL && c->baseline[i] ? at(c->run[i], "run", full, NULL) : base;
  }
  for (size_t i = 0; i < c->count; i++) {
    const json_t *v = at(c->run[i], "run", low, NULL);
    bool known = !c->baseline[i] && json_is_number(v) && json_is_number(base);
    r.cell[i + 1] = "\xe2\x80\x93";
    if (known) {
      snprintf(r.text[i], sizeof r.text[i], "%+.2f",
               json_number_value(v) - json_number_value(base));
      r.cell[i + 1] = r.text[i];
    }
  }
  if (base != NULL) {
    write_row(out, c, &r, head);
  }
}

/* A share has no prefix. */
static void quantity(double value, const char *unit, char text[BT_SI_SIZE]) {
  if (*unit == '%') {
    snprintf(text, BT_SI_SIZE, "%.2f %%", value);
  } else {
    bt_si_text(value, unit, text);
  }
}

/* LOW to HIGH of two numbers of the epoch's cost. */
static void range(FILE *out, const columns *c, const char *head, const char *unit,
                  const char *const low[3], const char *const high[3], double scale) {
  row r;
  char a[BT_SI_SIZE], b[BT_SI_SIZE];
  for (size_t i = 0; i < c->count; i++) {
    const json_t *v = at(json_object_get(c->run[i], "cost"), low[0], low[1], low[2]);
    const json_t *w = at(json_object_get(c->run[i], "cost"), high[0], high[1], high[2]);
    r.cell[i + 1] = "\xe2\x80\x93";
    if (json_is_number(v) && json_is_number(w)) {
      quantity(json_number_value(v) * scale, unit, a);
      quantity(json_number_value(w) * scale, unit, b);
      snprintf(r.text[i], sizeof r.text[i], strcmp(a, b) == 0 ? "%s" : "%s to %s", a, b);
      r.cell[i + 1] = r.text[i];
    }
  }
  write_row(out, c, &r, head);
}

static void sizes(FILE *out, const columns *c) {
  row r;
  char a[BT_SI_SIZE];
  for (size_t i = 0; i < c->count; i++) {
    const json_t *f = json_object_get(c->run[i], "footprint");
    const json_t *total = json_object_get(f, "total");
    size_t peak = (size_t)json_integer_value(json_object_get(f, "peak"));
    r.cell[i + 1] = "\xe2\x80\x93";
    if (json_array_size(total) > 0) {
      snprintf(r.text[i], sizeof r.text[i], "%s",
               bt_si_text(json_number_value(json_array_get(total, peak)), "B", a));
      r.cell[i + 1] = r.text[i];
    }
  }
  write_row(out, c, &r, "Footprint of a step, peak");
}

static void costs(FILE *out, const columns *c) {
  static const char *const train[2][3] = {{"training", "energy_per_image_low_pj", NULL},
                                          {"training", "energy_per_image_high_pj", NULL}};
  static const char *const seconds[3] = {"priced", "seconds", NULL};
  static const char *const use[3] = {"use", "utilisation", NULL};
  static const char *const priced[2][3] = {{"priced", "joules_low", NULL},
                                           {"priced", "joules_high", NULL}};
  static const char *const spread[2][3] = {{"totals", "spread", "joules_low"},
                                           {"totals", "spread", "joules_high"}};
  const char *table = json_string_value(at(at(c->run[0], "cost", NULL, NULL), "table", NULL, NULL));
  char head[2][BT_CELL_SIZE];
  snprintf(head[0], sizeof head[0], "Energy of an epoch, %s", table);
  snprintf(head[1], sizeof head[1], "Energy of a training image, %s", table);
  range(out, c, head[0], "J", priced[0], priced[1], 1);
  range(out, c, "Energy of an epoch, spread over all tables", "J", spread[0], spread[1], 1);
  range(out, c, head[1], "J", train[0], train[1], 1e-12);
  range(out, c, "Time of an epoch on the machine", "s", seconds, seconds, 1);
  range(out, c, "Array utilisation over an epoch", "%", use, use, 100);
  sizes(out, c);
}

void bt_page_summary(FILE *out, const json_t *doc) {
  columns c = {.count = 0};
  const char *head[MAX_COLUMNS] = {""};
  collect(json_object_get(doc, "runs"), false, &c);
  collect(json_object_get(doc, "baselines"), true, &c);
  for (size_t i = 0; i < c.count; i++) {
    head[i + 1] = bt_page_label(c.run[i]);
  }
  bool priced = json_array_size(json_object_get(doc, "runs")) > 0;
  fputs("<section id=\"results\"><h2>Results</h2>\n", out);
  bt_table_open(out, NULL, NULL, c.count + 1, head);
  values(out, &c, "Test error of the average (SWALP, SWA-FP), %", "test_error_swalp",
         "test_error_swa_fp");
  differences(out, &c, "\xe2\x80\x83to fp32, points", "test_error_swalp", "test_error_swa_fp");
  values(out, &c, "Test error at swa_start (SGD-LP, SGD-FP), %", "test_error_sgd_lp",
         "test_error_sgd_fp");
  differences(out, &c, "\xe2\x80\x83to fp32, points", "test_error_sgd_lp", "test_error_sgd_fp");
  values(out, &c, "Test error of the last iterate, %", "test_error_last", "test_error_last");
  if (priced) {
    costs(out, &c);
  }
  values(out, &c, "Epochs", "epochs", "epochs");
  values(out, &c, "Steps", "steps", "steps");
  values(out, &c, "Seed", "seed", "seed");
  values(out, &c, "Machine", "machine", NULL);
  values(out, &c, "Digest", "digest", NULL);
  values(out, &c, "bittrue", "version", "version");
  bt_table_close(out, false);
  fputs("</section>\n", out);
}
