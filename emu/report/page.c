#include "report/page.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "io/file.h"
#include "num/error.h"
#include "report/assets.h"
#include "report/html.h"
#include "report/sections.h"

#define MAX_KEYS 24u

const char *bt_page_cell(const json_t *value, int decimals, char text[BT_CELL_SIZE]) {
  if (json_is_integer(value)) {
    snprintf(text, BT_CELL_SIZE, "%lld", (long long)json_integer_value(value));
  } else if (json_is_real(value)) {
    snprintf(text, BT_CELL_SIZE, "%.*f", decimals, json_real_value(value));
  } else if (json_is_string(value)) {
    return json_string_value(value);
  } else {
    return NULL;
  }
  return text;
}

const char *bt_page_label(const json_t *run) {
  return json_string_value(json_object_get(run, "label"));
}

void bt_page_chart(FILE *out, const char *chart, int run, const json_t *runs, const char *title,
                   const char *note) {
  fprintf(out, "<figure data-chart=\"%s\"", chart);
  if (run >= 0) {
    fprintf(out, " data-run=\"%d\"", run);
  }
  fputs("><figcaption><b>", out);
  if (run >= 0 && json_array_size(runs) > 1) {
    bt_html_text(out, bt_page_label(json_array_get(runs, (size_t)run)));
    fputs(": ", out);
  }
  bt_html_text(out, title);
  fputs("</b> ", out);
  bt_html_text(out, note);
  fputs("</figcaption><div class=\"chart\"></div></figure>\n", out);
}

void bt_page_columns(FILE *out, const char *summary, const json_t *columns, size_t keys,
                     const char *const *key, const char *const *head) {
  const json_t *list[MAX_KEYS];
  const char *cell[MAX_KEYS];
  char text[MAX_KEYS][BT_CELL_SIZE];
  size_t rows = 0;
  for (size_t k = 0; k < keys; k++) {
    list[k] = json_object_get(columns, key[k]);
    rows = json_array_size(list[k]) > rows ? json_array_size(list[k]) : rows;
  }
  bt_table_open(out, summary, NULL, keys, head);
  for (size_t i = 0; i < rows; i++) {
    for (size_t k = 0; k < keys; k++) {
      cell[k] = bt_page_cell(json_array_get(list[k], i), 6, text[k]);
    }
    bt_table_row(out, keys, cell);
  }
  bt_table_close(out, summary != NULL);
}

static void write_title(FILE *out, const json_t *doc) {
  const char *part[] = {"runs", "baselines"};
  const char *comma = "";
  for (size_t k = 0; k < 2; k++) {
    size_t i;
    const json_t *run;
    json_array_foreach(json_object_get(doc, part[k]), i, run) {
      fputs(comma, out);
      bt_html_text(out, bt_page_label(run));
      comma = ", ";
    }
  }
}

static void write_head(FILE *out, const json_t *doc) {
  fputs("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta name=\"color-scheme\" content=\"light dark\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
        "style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:\">\n"
        "<link rel=\"icon\" href=\"data:,\">\n<title>",
        out);
  write_title(out, doc);
  fputs(" - bittrue report</title>\n<style>\n", out);
  fputs(bt_asset_style, out);
  fputs("</style></head>\n<body><header><h1>", out);
  write_title(out, doc);
  fputs("</h1></header>\n<main>\n", out);
}

/* What the charts do not draw stays out of the page's data. */
static void drop_texts(json_t *doc) {
  size_t i;
  json_t *run;
  json_array_foreach(json_object_get(doc, "runs"), i, run) {
    json_object_del(run, "files");
    json_object_del(run, "reproduce");
    json_object_del(json_object_get(run, "cost"), "ledger");
  }
}

static bt_status write_page(FILE *out, json_t *doc, bt_error *error) {
  write_head(out, doc);
  bt_page_summary(out, doc);
  bt_page_errors(out, doc);
  bt_page_cost(out, doc);
  bt_page_values(out, doc);
  bt_page_coverage(out, doc);
  bt_page_files(out, doc);
  fputs("</main>\n<script type=\"application/json\" id=\"data\">", out);
  drop_texts(doc);
  bt_status s = bt_html_json(out, doc, error);
  fputs("</script>\n", out);
  const char *const script[] = {bt_asset_d3, bt_asset_plot, bt_asset_script};
  for (size_t i = 0; i < sizeof script / sizeof script[0]; i++) {
    fputs("<script>\n", out);
    fputs(script[i], out);
    fputs("</script>\n", out);
  }
  fputs("</body></html>\n", out);
  return s;
}

bt_status bt_page_write(const char *path, json_t *doc, bt_error *error) {
  bt_file f;
  bt_status s = bt_file_create(&f, path, error);
  if (s != BT_OK) {
    return s;
  }
  s = write_page(f.stream, doc, error);
  s = s == BT_OK ? bt_file_commit(&f, error) : s;
  bt_file_abandon(&f);
  return s;
}
