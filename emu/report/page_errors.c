/* Errors, losses and clipped values by epoch. */
#include "report/html.h"
#include "report/sections.h"

/* The columns of metrics.csv that a run has, in the file's order. */
static void table(FILE *out, const json_t *run) {
  const char *name[24], *head[24], *key;
  const json_t *metrics = json_object_get(run, "metrics"), *column;
  size_t n = 0;
  json_object_foreach((json_t *)metrics, key, column) {
    if (n < 24) {
      name[n] = head[n] = key;
      n++;
    }
  }
  char summary[256];
  snprintf(summary, sizeof summary, "%s: metrics.csv", bt_page_label(run));
  bt_page_columns(out, summary, metrics, n, name, head);
}

static void tables(FILE *out, const json_t *runs) {
  size_t i;
  const json_t *run;
  json_array_foreach(runs, i, run) {
    table(out, run);
  }
}

void bt_page_errors(FILE *out, const json_t *doc) {
  fputs("<section id=\"errors\"><h2>Errors by epoch</h2>\n<div class=\"charts\">\n", out);
  bt_page_chart(out, "errors", -1, NULL, "Test error, %",
                "iterate and average of 8 bits, and of fp32");
  bt_page_chart(out, "training", -1, NULL, "Training error, %", "of the iterate, over each epoch");
  bt_page_chart(out, "loss", -1, NULL, "Loss, nats",
                "of training, and of the test set where taken");
  if (json_array_size(json_object_get(doc, "runs")) > 0) {
    bt_page_chart(out, "clipped", -1, NULL, "Clipped values",
                  "by a quantizer's clip in training, in each epoch");
  }
  fputs("</div>\n", out);
  if (json_array_size(json_object_get(doc, "baselines")) == 0) {
    fputs("<p class=\"note\">fp32 baseline: not recorded beside these runs (bittrue baseline "
          "RECIPE --out RUN/baseline).</p>\n", out);
  }
  tables(out, json_object_get(doc, "runs"));
  tables(out, json_object_get(doc, "baselines"));
  fputs("</section>\n", out);
}
