#include "report/html.h"

#include <math.h>
#include <stdlib.h>

#include "num/error.h"

void bt_html_text(FILE *out, const char *text) {
  for (const char *c = text; *c != '\0'; c++) {
    switch (*c) {
      case '&': fputs("&amp;", out); break;
      case '<': fputs("&lt;", out); break;
      case '>': fputs("&gt;", out); break;
      case '"': fputs("&quot;", out); break;
      case '\'': fputs("&#39;", out); break;
      default: fputc(*c, out);
    }
  }
}

bt_status bt_html_json(FILE *out, const json_t *value, bt_error *error) {
  char *text = json_dumps(value, JSON_COMPACT | JSON_REAL_PRECISION(9));
  if (text == NULL) {
    return bt_fail(error, BT_FAILED, "no memory for the report's data");
  }
  for (const char *c = text; *c != '\0'; c++) {
    if (*c == '<') { /* only ever within a string */
      fputs("\\u003c", out);
    } else {
      fputc(*c, out);
    }
  }
  free(text);
  return BT_OK;
}

void bt_table_open(FILE *out, const char *summary, const char *caption, size_t columns,
                   const char *const *head) {
  if (summary != NULL) {
    fputs("<details><summary>", out);
    bt_html_text(out, summary);
    fputs("</summary>", out);
  }
  fputs("<div class=\"wide\"><table>", out);
  if (caption != NULL) {
    fputs("<caption>", out);
    bt_html_text(out, caption);
    fputs("</caption>", out);
  }
  fputs("<thead><tr>", out);
  for (size_t i = 0; i < columns; i++) {
    fputs("<th scope=\"col\">", out);
    bt_html_text(out, head[i]);
    fputs("</th>", out);
  }
  fputs("</tr></thead><tbody>\n", out);
}

void bt_table_row(FILE *out, size_t columns, const char *const *cell) {
  fputs("<tr>", out);
  for (size_t i = 0; i < columns; i++) { /* HTML ends cells and rows by itself: tables are long */
    fputs(i == 0 ? "<th scope=row>" : "<td>", out);
    bt_html_text(out, cell[i] == NULL ? "" : cell[i]);
  }
  fputc('\n', out);
}

void bt_table_close(FILE *out, bool in_details) {
  fputs(in_details ? "</tbody></table></div></details>\n" : "</tbody></table></div>\n", out);
}

const char *bt_si_text(double value, const char *unit, char text[BT_SI_SIZE]) {
  static const char *const prefix[] = {"a", "f", "p", "n", "\xc2\xb5", "m", "",
                                       "k", "M", "G", "T", "P",        "E"};
  int at = 6;
  double scaled = value;
  for (; fabs(scaled) >= 999.95 && at < 12; at++) {
    scaled /= 1000;
  }
  for (; scaled != 0 && fabs(scaled) < 0.99995 && at > 0; at--) {
    scaled *= 1000;
  }
  snprintf(text, BT_SI_SIZE, "%.4g %s%s", scaled, prefix[at], unit);
  return text;
}
