/* Text, data and numbers in a page. Alone: ctest --preset release -R '^test_report_html$' */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants these first. */
#include <cmocka.h>

#include "report/html.h"

static void equals(FILE *f, char **text, const char *want) {
  fclose(f);
  assert_string_equal(*text, want);
  free(*text);
}

static void test_text(void **state) {
  char *text;
  size_t size;
  FILE *f = open_memstream(&text, &size);
  (void)state;
  bt_html_text(f, "a<b> & \"c\" 'd' \xc2\xb5");
  equals(f, &text, "a&lt;b&gt; &amp; &quot;c&quot; &#39;d&#39; \xc2\xb5");
}

/* A script element ends at "</script" whatever stands around it: no '<' may be left. */
static void test_json(void **state) {
  char *text;
  size_t size;
  bt_error error = {""};
  json_t *o = json_pack("{s:s}", "</script><!--", "<");
  FILE *f = open_memstream(&text, &size);
  (void)state;
  assert_int_equal(bt_html_json(f, o, &error), BT_OK);
  equals(f, &text, "{\"\\u003c/script>\\u003c!--\":\"\\u003c\"}");
  json_decref(o);
}

static void test_table(void **state) {
  static const char *const head[] = {"", "n"}, *const row[] = {"a&", NULL};
  char *text;
  size_t size;
  FILE *f = open_memstream(&text, &size);
  (void)state;
  bt_table_open(f, "more", NULL, 2, head);
  bt_table_row(f, 2, row);
  bt_table_close(f, true);
  equals(f, &text, "<details><summary>more</summary><div class=\"wide\"><table><thead><tr>"
                   "<th scope=\"col\"></th><th scope=\"col\">n</th></tr></thead><tbody>\n"
                   "<tr><th scope=row>a&amp;<td>\n</tbody></table></div></details>\n");
}

/* Four digits; the prefix changes where the digits would become 1000. */
static void test_si(void **state) {
  static const struct {
    double value;
    const char *want;
  } row[] = {{0, "0 J"},          {1, "1 J"},           {1.9750399, "1.975 J"},
             {999.94, "999.9 J"}, {999.96, "1 kJ"},     {0.0009999, "999.9 \xc2\xb5J"},
             {0.00099996, "1 mJ"}, {62e6, "62 MJ"},     {3.5e-17, "35 aJ"},
             {-2500, "-2.5 kJ"},  {2e-21, "0.002 aJ"}};
  char text[BT_SI_SIZE];
  (void)state;
  for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
    assert_string_equal(bt_si_text(row[i].value, "J", text), row[i].want);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_text), cmocka_unit_test(test_json),
                                     cmocka_unit_test(test_table), cmocka_unit_test(test_si)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
