/* Exponents and mantissas of captured steps, and what co-simulation covered. */
#include <string.h>

#include "report/html.h"
#include "report/sections.h"

static void values_tables(FILE *out, const json_t *run) {
  static const char *const key[] = {"label", "role", "wl", "elements", "blocks", "zero_blocks",
                                    "min", "max", "limit", "zero", "clipped", "flushed",
                                    "overflow"};
  static const char *const head[] = {"written by", "kind", "bits", "elements", "blocks",
                                     "zero blocks", "least E", "greatest E", "at the limit",
                                     "zero", "clipped", "flushed", "overflowed"};
  const json_t *step;
  size_t i;
  char summary[256];
  json_array_foreach(json_object_get(run, "steps"), i, step) {
    snprintf(summary, sizeof summary, "%s: tensors of the %s captured step, number %lld",
             bt_page_label(run), json_string_value(json_object_get(step, "at")),
             (long long)json_integer_value(json_object_get(step, "step")));
    bt_page_columns(out, summary, json_object_get(step, "values"), 13, key, head);
  }
}

void bt_page_values(FILE *out, const json_t *doc) {
  const json_t *runs = json_object_get(doc, "runs"), *run;
  size_t i;
  if (json_array_size(runs) == 0) {
    return;
  }
  fputs("<section id=\"values\"><h2>Exponents and saturation</h2>\n<div class=\"charts whole\">\n",
        out);
  json_array_foreach(runs, i, run) {
    if (json_array_size(json_object_get(run, "steps")) > 0) {
      bt_page_chart(out, "exponents", (int)i, runs, "Shared exponents E",
                    "least to greatest over the blocks of each tensor, in the captured steps");
      bt_page_chart(out, "limits", (int)i, runs, "Mantissas at the clip limit, %",
                    "of each tensor's elements, in the captured steps");
    }
  }
  fputs("</div>\n", out);
  json_array_foreach(runs, i, run) {
    const char *why = json_string_value(json_object_get(run, "no_steps"));
    if (why != NULL) {
      fputs("<p class=\"note\">", out);
      bt_html_text(out, bt_page_label(run));
      fputs(": exponents not recorded in this run: ", out);
      bt_html_text(out, why);
      fputs("</p>\n", out);
    }
    values_tables(out, run);
  }
  fputs("</section>\n", out);
}

/* "N of M", or N where there is no M. */
static void count_row(FILE *out, const json_t *cosim, const char *head, const char *key,
                      const char *of) {
  const json_t *n = json_object_get(cosim, key), *all = json_object_get(cosim, of);
  char text[BT_CELL_SIZE], both[2 * BT_CELL_SIZE];
  if (json_is_integer(n)) {
    snprintf(both, sizeof both, json_is_integer(all) ? "%s of %lld" : "%s",
             bt_page_cell(n, 0, text), (long long)json_integer_value(all));
    const char *cell[] = {head, both};
    bt_table_row(out, 2, cell);
  }
}

static void counts_table(FILE *out, const json_t *cosim) {
  static const char *const row[][3] = {
      {"steps", "steps", ""},
      {"commands compared", "commands_covered", "commands"},
      {"contractions compared", "contractions_covered", "contractions"},
      {"quantizations compared", "quantizations_covered", "quantizations"},
      {"elements compared", "elements", ""},
      {"tiles in Verilog", "tiles", "tiles_total"},
      {"array cycles, as the cost model says", "array_cycles", ""},
      {"quantizer cycles, as it says", "quantizer_cycles", ""},
      {"vector units' cycles, as it says", "vector_cycles", ""},
      {"scalar unit's cycles, as it says", "scalar_cycles", ""},
      {"cycles from doorbells to interrupts", "machine_cycles", ""}};
  static const char *const head[] = {"", "count"};
  bt_table_open(out, NULL, NULL, 2, head);
  for (size_t k = 0; k < sizeof row / sizeof row[0]; k++) {
    count_row(out, cosim, row[k][0], row[k][1], row[k][2]);
  }
  bt_table_close(out, false);
}

/* The contract's cases: those met with their counts, and those not. */
static void bins(FILE *out, const json_t *cosim) {
  const char *name;
  const json_t *count;
  size_t met = 0, all = 0;
  json_object_foreach((json_t *)json_object_get(cosim, "coverage"), name, count) {
    met += json_integer_value(count) > 0;
    all++;
  }
  if (all == 0) {
    fputs("<p class=\"note\">Cases of the contract: not recorded (bittrue cosim --coverage "
          "--json).</p>\n", out);
    return;
  }
  fprintf(out, "<p>%zu of %zu cases of the contract met.</p>\n<ul class=\"bins\">\n", met, all);
  json_object_foreach((json_t *)json_object_get(cosim, "coverage"), name, count) {
    const char *text = json_string_value(json_object_get(json_object_get(cosim, "bins"), name));
    fprintf(out, "<li class=\"%s\"><span>", json_integer_value(count) > 0 ? "met" : "empty");
    bt_html_text(out, name);
    fputs("<small>", out);
    bt_html_text(out, text == NULL ? "" : text);
    fprintf(out, "</small></span><b>%lld</b></li>\n", (long long)json_integer_value(count));
  }
  fputs("</ul>\n", out);
}

static void coverage(FILE *out, const json_t *run) {
  const json_t *cosim = json_object_get(run, "cosim");
  fputs("<h3>", out);
  bt_html_text(out, bt_page_label(run));
  if (cosim == NULL) {
    fputs("</h3><p class=\"note\">Co-simulation: not recorded in this run (bittrue cosim RUN "
          "--engines fast,rtl --coverage --json &gt;RUN/cosim.json).</p>\n", out);
    return;
  }
  const char *engines = json_string_value(json_object_get(cosim, "engines"));
  const char *difference = json_string_value(json_object_get(cosim, "difference"));
  fputs(": ", out);
  bt_html_text(out, engines == NULL ? "" : engines);
  fputs(json_is_true(json_object_get(cosim, "agreed")) ? " agree</h3>\n" : " DIFFER</h3>\n", out);
  if (difference != NULL) {
    fputs("<pre>", out);
    bt_html_text(out, difference);
    fputs("</pre>\n", out);
  }
  counts_table(out, cosim);
  bins(out, cosim);
}

void bt_page_coverage(FILE *out, const json_t *doc) {
  const json_t *runs = json_object_get(doc, "runs"), *run;
  size_t i;
  if (json_array_size(runs) == 0) {
    return;
  }
  fputs("<section id=\"coverage\"><h2>Co-simulation</h2>\n", out);
  json_array_foreach(runs, i, run) {
    coverage(out, run);
  }
  fputs("</section>\n", out);
}
