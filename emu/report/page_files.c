/* What the runs were made from, and with which commands. */
#include "report/html.h"
#include "report/sections.h"

static void file(FILE *out, const char *label, const json_t *f) {
  fputs("<details><summary>", out);
  bt_html_text(out, label);
  fputs(": ", out);
  bt_html_text(out, json_string_value(json_object_get(f, "what")));
  fputs(", ", out);
  bt_html_text(out, json_string_value(json_object_get(f, "name")));
  fputs("</summary><p class=\"note\">SHA-256 ", out);
  bt_html_text(out, json_string_value(json_object_get(f, "sha256")));
  fputs("</p><pre>", out);
  bt_html_text(out, json_string_value(json_object_get(f, "text")));
  fputs("</pre></details>\n", out);
}

/* A key of run.json that a reader compares. */
static void fact(FILE *out, const json_t *run, const char *head, const char *key) {
  char text[BT_CELL_SIZE];
  const char *cell[] = {head, bt_page_cell(json_object_get(json_object_get(run, "run"), key), 2,
                                           text)};
  if (cell[1] != NULL) {
    bt_table_row(out, 2, cell);
  }
}

static void reproduce(FILE *out, const json_t *run) {
  static const char *const head[] = {"", "recorded"};
  const json_t *list = json_object_get(run, "reproduce");
  fputs("<h3>", out);
  bt_html_text(out, bt_page_label(run));
  fputs("</h3>\n", out);
  if (json_array_size(list) > 0) {
    fputs("<pre>", out);
  }
  for (size_t i = 0; i < json_array_size(list); i++) {
    bt_html_text(out, json_string_value(json_array_get(list, i)));
    fputc('\n', out);
  }
  if (json_array_size(list) > 0) {
    fputs("</pre>\n", out);
  }
  bt_table_open(out, NULL, NULL, 2, head);
  fact(out, run, "digest", "digest");
  fact(out, run, "bittrue", "version");
  fact(out, run, "compiler", "compiler");
  fact(out, run, "openblas", "openblas");
  fact(out, run, "engine", "engine");
  fact(out, run, "instruction set", "isa");
  fact(out, run, "threads", "threads");
  fact(out, run, "started", "started");
  fact(out, run, "ended", "ended");
  fact(out, run, "training, ms", "training_milliseconds");
  fact(out, run, "training, s", "train_seconds");
  fact(out, run, "memory at its peak, bytes", "memory_peak_bytes");
  bt_table_close(out, false);
}

void bt_page_files(FILE *out, const json_t *doc) {
  static const char *const part[] = {"runs", "baselines"};
  const json_t *run, *f;
  size_t i, k;
  fputs("<section id=\"reproduce\"><h2>How to reproduce it</h2>\n", out);
  for (size_t p = 0; p < 2; p++) {
    json_array_foreach(json_object_get(doc, part[p]), i, run) {
      reproduce(out, run);
    }
  }
  fputs("<p>This page: <code>", out);
  bt_html_text(out, json_string_value(json_object_get(doc, "command")));
  fputs("</code></p></section>\n<section id=\"files\"><h2>Recipe and machine</h2>\n", out);
  json_array_foreach(json_object_get(doc, "runs"), i, run) {
    json_array_foreach(json_object_get(run, "files"), k, f) {
      file(out, bt_page_label(run), f);
    }
  }
  fputs("</section>\n", out);
}
