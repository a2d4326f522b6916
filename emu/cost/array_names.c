#include "cost/array_names.h"

#include "cost/clocked_array.h"

/* gen_a[r] or gen_b[c]: delay_line u_skew; line 0 is a wire. */
static void show_lines(const bt_array_visitor *v, const char *name, bt_register class,
                       size_t lines) {
  for (size_t line = 1; line < lines; line++) {
    v->open(v->context, BT_SCOPE_BLOCK, name, line);
    v->open(v->context, BT_SCOPE_MODULE, "u_skew", BT_NO_INDEX);
    v->open(v->context, BT_SCOPE_BLOCK, "gen_stages", BT_NO_INDEX);
    for (size_t stage = 0; stage < line; stage++) {
      v->data(v->context, class, bt_skew_place(line, stage), "stage_q", stage);
    }
    v->close(v->context);
    v->close(v->context);
    v->close(v->context);
  }
}

static void show_pe(const bt_array_visitor *v, size_t place) {
  v->open(v->context, BT_SCOPE_MODULE, "u_pe", BT_NO_INDEX);
  v->data(v->context, BT_REG_A, place, "a_q", BT_NO_INDEX);
  v->data(v->context, BT_REG_B, place, "b_q", BT_NO_INDEX);
  v->data(v->context, BT_REG_ACC, place, "acc_q", BT_NO_INDEX);
  v->close(v->context);
}

void bt_array_show(size_t rows, size_t cols, const bt_array_visitor *v) {
  v->open(v->context, BT_SCOPE_MODULE, "u_array", BT_NO_INDEX);
  v->array(v->context);
  show_lines(v, "gen_a", BT_REG_SKEW_A, rows);
  show_lines(v, "gen_b", BT_REG_SKEW_B, cols);
  for (size_t r = 0; r < rows; r++) {
    v->open(v->context, BT_SCOPE_BLOCK, "gen_row", r);
    for (size_t c = 0; c < cols; c++) {
      v->open(v->context, BT_SCOPE_BLOCK, "gen_col", c);
      show_pe(v, r * cols + c);
      v->close(v->context);
    }
    v->close(v->context);
  }
  v->close(v->context);
}
