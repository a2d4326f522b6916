/* Energy, footprint and the machine's use: what an epoch of each run costs. */
#include <string.h>

#include "report/html.h"
#include "report/sections.h"

static const json_t *cost_of(const json_t *run, const char *key) {
  return json_object_get(json_object_get(run, "cost"), key);
}

/* Joules by one of the three indices of the energy's rows. */
static void energy_table(FILE *out, const json_t *run, const char *names, size_t which) {
  static const char *const head[] = {"", "low, J", "high, J", "share of low, %"};
  const json_t *list = json_object_get(run, names), *rows = json_object_get(run, "energy"), *row;
  char summary[256], text[3][BT_CELL_SIZE];
  double whole = 0;
  size_t i;
  json_array_foreach(rows, i, row) {
    whole += json_number_value(json_array_get(row, 3));
  }
  snprintf(summary, sizeof summary, "%s: energy of an epoch by %s", bt_page_label(run), names);
  bt_table_open(out, summary, NULL, 4, head);
  for (size_t n = 0; n < json_array_size(list); n++) {
    double sum[2] = {0, 0};
    json_array_foreach(rows, i, row) {
      bool own = (size_t)json_integer_value(json_array_get(row, which)) == n;
      sum[0] += own ? json_number_value(json_array_get(row, 3)) : 0;
      sum[1] += own ? json_number_value(json_array_get(row, 4)) : 0;
    }
    snprintf(text[0], BT_CELL_SIZE, "%.6g", sum[0]);
    snprintf(text[1], BT_CELL_SIZE, "%.6g", sum[1]);
    snprintf(text[2], BT_CELL_SIZE, "%.2f", whole > 0 ? 100 * sum[0] / whole : 0);
    const char *cell[] = {json_string_value(json_array_get(list, n)), text[0], text[1], text[2]};
    if (sum[1] > 0) {
      bt_table_row(out, 4, cell);
    }
  }
  bt_table_close(out, true);
}

static void spread_rows(FILE *out, const json_t *tables, const char *of) {
  const char *name;
  const json_t *t;
  json_object_foreach((json_t *)tables, name, t) {
    static const char *const key[] = {"joules_low", "joules_high", "watts_low", "watts_high",
                                      "tops_per_watt_low", "tops_per_watt_high"};
    char text[6][BT_CELL_SIZE];
    const char *cell[8] = {name, of};
    for (size_t k = 0; k < 6; k++) {
      const json_t *v = json_object_get(t, key[k]);
      snprintf(text[k], BT_CELL_SIZE, "%.6g", json_number_value(v));
      cell[k + 2] = json_is_number(v) ? text[k] : NULL;
    }
    bt_table_row(out, 8, cell);
  }
}

static void spread_table(FILE *out, const json_t *run) {
  static const char *const head[] = {"table", "of", "J, low", "J, high", "W, low", "W, high",
                                     "TOPS/W, low", "TOPS/W, high"};
  char summary[256];
  snprintf(summary, sizeof summary, "%s: an epoch by energy table", bt_page_label(run));
  bt_table_open(out, summary, NULL, 8, head);
  spread_rows(out, json_object_get(cost_of(run, "totals"), "tables"), "all it prices");
  spread_rows(out, json_object_get(cost_of(run, "totals_of_what_all_price"), "tables"),
              "what all price");
  bt_table_close(out, true);
}

static void ledger_table(FILE *out, const json_t *run) {
  static const char *const key[] = {"phase", "component", "action",  "count",
                                    "price", "each_low_aj", "low_aj", "high_aj"};
  static const char *const head[] = {"phase", "component", "action", "count",
                                     "price", "each, aJ", "low, aJ", "high, aJ"};
  const json_t *row;
  char summary[256], text[8][BT_CELL_SIZE];
  size_t i;
  snprintf(summary, sizeof summary, "%s: ledger of an epoch, priced by %s", bt_page_label(run),
           json_string_value(cost_of(run, "table")));
  bt_table_open(out, summary, NULL, 8, head);
  json_array_foreach(cost_of(run, "ledger"), i, row) {
    const char *cell[8];
    for (size_t k = 0; k < 8; k++) {
      cell[k] = bt_page_cell(json_object_get(row, key[k]), 0, text[k]);
    }
    bt_table_row(out, 8, cell);
  }
  bt_table_close(out, true);
}

/* Where the prices are from, and what they leave out. */
static void sources(FILE *out, const json_t *run) {
  const char *action;
  const json_t *count;
  const char *comma = "";
  fputs("<p class=\"note\">", out);
  bt_html_text(out, bt_page_label(run));
  fputs(": prices of ", out);
  bt_html_text(out, json_string_value(cost_of(run, "table")));
  fputs(" (", out);
  bt_html_text(out, json_string_value(cost_of(run, "source")));
  fputs("). Counted but not in this table, so the figures are lower bounds: ", out);
  json_object_foreach((json_t *)cost_of(run, "not_in_table"), action, count) {
    fputs(comma, out);
    bt_html_text(out, action);
    comma = ", ";
  }
  fputs(*comma == '\0' ? "nothing.</p>\n" : ".</p>\n", out);
}

static void energy(FILE *out, const json_t *runs) {
  static const char *const by[] = {"layers", "phases", "components"};
  size_t i;
  const json_t *run;
  fputs("<section id=\"energy\"><h2>Energy of an epoch</h2>\n<div class=\"charts\">\n", out);
  bt_page_chart(out, "spread", -1, runs, "Energy by table, J",
                "each table's low to high: of all it prices, and of what all tables price");
  json_array_foreach(runs, i, run) {
    if (json_array_size(runs) > 1) { /* a run's charts side by side */
      fputs("</div><div class=\"charts three\">\n", out);
    }
    static const char note[] = "bars: low; line: to high";
    bt_page_chart(out, "phases", (int)i, runs, "By phase and component, J", note);
    bt_page_chart(out, "components", (int)i, runs, "By component, J", note);
    bt_page_chart(out, "layers", (int)i, runs, "By layer and phase, J", note);
  }
  fputs("</div>\n", out);
  json_array_foreach(runs, i, run) {
    sources(out, run);
  }
  json_array_foreach(runs, i, run) {
    spread_table(out, run);
    for (size_t k = 0; k < 3; k++) {
      energy_table(out, run, by[k], k);
    }
    ledger_table(out, run);
  }
  fputs("</section>\n", out);
}

static void footprint_table(FILE *out, const json_t *run) {
  const char *key[24] = {"label", "phase", "total", "fp32"};
  const char *head[24] = {"command", "phase", "total, B", "in fp32, B"};
  const json_t *f = json_object_get(run, "footprint"), *list, *kinds = json_object_get(f, "kinds");
  const char *kind;
  char summary[256];
  size_t n = 4;
  json_t *flat = json_object();
  for (size_t k = 0; k < 4; k++) {
    json_object_set(flat, key[k], json_object_get(f, key[k]));
  }
  json_object_foreach((json_t *)kinds, kind, list) {
    if (n < 24) {
      json_object_set(flat, kind, (json_t *)list);
      key[n] = head[n] = kind;
      n++;
    }
  }
  snprintf(summary, sizeof summary, "%s: bytes held at each command of a step",
           bt_page_label(run));
  bt_page_columns(out, summary, flat, n, key, head);
  json_decref(flat);
}

static void footprint(FILE *out, const json_t *runs) {
  size_t i;
  const json_t *run;
  fputs("<section id=\"footprint\"><h2>Footprint over a training step</h2>\n"
        "<div class=\"charts whole\">\n", out);
  json_array_foreach(runs, i, run) {
    bt_page_chart(out, "footprint", (int)i, runs, "Bytes held while each command runs",
                  "by kind of tensor; line: the same in fp32");
  }
  fputs("</div>\n", out);
  json_array_foreach(runs, i, run) {
    footprint_table(out, run);
  }
  fputs("</section>\n", out);
}

static void use_table(FILE *out, const json_t *run) {
  static const char *const key[] = {"macs", "cycles", "stall_cycles", "array_cycles",
                                    "quantizer_cycles", "vector_cycles", "scalar_cycles"};
  static const char *const head[] = {"phase", "MACs", "cycles", "of these stalls", "array",
                                     "quantizer", "vector", "scalar"};
  char summary[256], text[7][BT_CELL_SIZE];
  const char *phase;
  const json_t *counts;
  snprintf(summary, sizeof summary, "%s: cycles of an epoch by phase", bt_page_label(run));
  bt_table_open(out, summary, NULL, 8, head);
  json_object_foreach((json_t *)cost_of(run, "phases"), phase, counts) {
    const char *cell[8] = {phase};
    for (size_t k = 0; k < 7; k++) {
      cell[k + 1] = bt_page_cell(json_object_get(counts, key[k]), 0, text[k]);
    }
    bt_table_row(out, 8, cell);
  }
  bt_table_close(out, true);
}

static void use(FILE *out, const json_t *runs) {
  static const char *const key[] = {"label", "phase", "macs", "bytes", "cycles", "stall", "array",
                                    "quantizer", "vector", "scalar"};
  static const char *const head[] = {"chain", "phase", "MACs", "DRAM bytes", "cycles", "stalls",
                                     "array", "quantizer", "vector", "scalar"};
  size_t i;
  const json_t *run;
  char summary[256];
  fputs("<section id=\"use\"><h2>Roofline and utilisation</h2>\n<div class=\"charts\">\n", out);
  json_array_foreach(runs, i, run) {
    bt_page_chart(out, "roofline", (int)i, runs, "MACs a cycle over MACs a DRAM byte",
                  "a point a chain of commands around a contraction, of one step; line: what array "
                  "and DRAM allow");
    bt_page_chart(out, "units", (int)i, runs, "Share of elapsed cycles in which a unit works, %",
                  "by phase of an epoch");
  }
  fputs("</div>\n", out);
  json_array_foreach(runs, i, run) {
    use_table(out, run);
    snprintf(summary, sizeof summary, "%s: chains of commands of a step", bt_page_label(run));
    bt_page_columns(out, summary, json_object_get(run, "chains"), 10, key, head);
  }
  fputs("</section>\n", out);
}

void bt_page_cost(FILE *out, const json_t *doc) {
  const json_t *runs = json_object_get(doc, "runs");
  if (json_array_size(runs) > 0) {
    energy(out, runs);
    footprint(out, runs);
    use(out, runs);
  }
}
