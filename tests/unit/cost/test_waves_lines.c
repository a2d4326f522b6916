/* SAIF and VCD of one processing element, worked by hand.
 * Alone: ctest -R test_cost_waves_lines$ */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "waves_case.h"

/* 1 x 1, two products in one pass: 3 * 2 + -1 * 5 = 1. Cycles: 0 reset, 1 start, 2 and 3 feed, 4
 * drains, 5 idle; a cycle is 1000 ps, its edge 500 behind. Identifiers: 16 of controls and ports up
 * to '0' (! is 0: ' 0 ' is 15), then a_q '1', b_q '2', acc_q '3'. left_q counts 1, 0 in the pass, 0
 * in the drain, then 2^32 - 1 for one cycle, as the Verilog's. -1 is 11111111; row_o is left_q's
 * low byte. */
static const char one_pe[] =
    "$version bittrue $end\n"
    "$comment case, tile 0 of 0-0, machine systolic-16x16 $end\n"
    "$timescale 1 ps $end\n"
    "$scope module mac_tile $end\n"
    "$var wire 1 ! clk_i $end\n"
    "$var wire 1 \" rst_ni $end\n"
    "$var wire 1 # start_i $end\n"
    "$var wire 32 $ len_i [31:0] $end\n"
    "$var wire 1 % busy_o $end\n"
    "$var wire 1 & ready_o $end\n"
    "$var wire 1 ' done_o $end\n"
    "$var wire 32 ( cycles_o [31:0] $end\n"
    "$var wire 8 / a_i [7:0] $end\n"
    "$var wire 8 0 b_i [7:0] $end\n"
    "$scope module u_array $end\n"
    "$var reg 2 ) state_q [1:0] $end\n"
    "$var reg 32 * left_q [31:0] $end\n"
    "$var reg 32 + cycles_q [31:0] $end\n"
    "$var wire 1 , compute $end\n"
    "$var wire 1 - drain_o $end\n"
    "$var wire 8 . row_o [7:0] $end\n"
    "$scope begin gen_row[0] $end\n"
    "$scope begin gen_col[0] $end\n"
    "$scope module u_pe $end\n"
    "$var reg 8 1 a_q [7:0] $end\n"
    "$var reg 8 2 b_q [7:0] $end\n"
    "$var reg 32 3 acc_q [31:0] $end\n"
    "$upscope $end\n$upscope $end\n$upscope $end\n$upscope $end\n$upscope $end\n"
    "$enddefinitions $end\n"
    "#0\n$dumpvars\n0!\n0\"\n0#\nb0 $\n0%\n0&\n0'\nb0 (\nb0 )\nb0 *\nb0 +\n0,\n0-\nb0 .\nb0 /\n"
    "b0 0\nb0 1\nb0 2\nb0 3\n$end\n"
    "#500\n1!\n"
    "#1000\n0!\n1\"\n1#\nb10 $\n"
    "#1500\n1!\n1%\n1&\nb1 )\nb1 *\n1,\nb1 .\n"
    "#2000\n0!\n0#\nb00000011 /\nb00000010 0\n"
    "#2500\n1!\nb1 (\nb0 *\nb1 +\nb0 .\nb11 1\nb10 2\nb110 3\n"
    "#3000\n0!\nb11111111 /\nb00000101 0\n"
    "#3500\n1!\n0&\n1'\nb10 (\nb11 )\nb10 +\n0,\n1-\nb11111111 1\nb101 2\nb1 3\n"
    "#4000\n0!\nb00000000 /\nb00000000 0\n"
    "#4500\n1!\n0%\n0'\nb11 (\nb0 )\nb11111111111111111111111111111111 *\nb11 +\n0-\nb11111111 .\n"
    "b0 3\n"
    "#5000\n0!\n"
    "#5500\n1!\nb0 *\nb0 .\n"
    "#6000\n0!\n";

static contraction two_products(void) {
  contraction t = contraction_of(BT_FORWARD, 1, 2, 1, 1, BT_BLOCK_TENSOR, BT_BLOCK_TENSOR, 8);
  assert_true(bt_tensor_alloc(&t.a) && bt_tensor_alloc(&t.b) && bt_tensor_alloc(&t.out));
  bt_tensor_store(&t.a, 0, 3);
  bt_tensor_store(&t.a, 1, -1);
  bt_tensor_store(&t.b, 0, 2);
  bt_tensor_store(&t.b, 1, 5);
  t.a.exp[0] = t.b.exp[0] = 0;
  return t;
}

static void test_vcd_by_hand(void **state) {
  (void)state;
  bt_machine m = machine_of(1, 1, 32, false);
  contraction t = two_products();
  memory text = {0};
  uint64_t cycles = 0;
  vcd_file f = vcd_of(&m, &t, 0, &text, &cycles);
  assert_int_equal(cycles, 6);
  text.data = realloc(text.data, text.size + 1);
  text.data[text.size] = '\0';
  assert_string_equal(text.data, one_pe);
  vcd_free(&f);
  free(text.data);
  release(&t);
}

/* The same in 8 bits of accumulator: three busy cycles of 1000 ps. Behind their edges a_q holds 3,
 * -1, -1; b_q 2, 5, 5; acc_q 6, 1, 0. So a_q's bit 0 is one for 3000 and rises once, bit 2 for
 * 2000; b_q's bit 1 for 1000, changing twice; acc_q's bits 1 and 2 for 1000, changing twice, bit
 * 0 for 1000 in the middle. */
static void test_saif_by_hand(void **state) {
  (void)state;
  static const char expected[] =
      "(SAIFILE\n  (SAIFVERSION \"2.0\")\n  (DIRECTION \"backward\")\n  (DESIGN \"mac_tile\")\n"
      "  (PROGRAM_NAME \"bittrue\")\n  (DIVIDER / )\n  (TIMESCALE 1 ps)\n  (DURATION 3000)\n"
      "  (INSTANCE mac_tile\n    (NET\n"
      "      (clk_i (T0 1500) (T1 1500) (TX 0) (TC 6) (IG 0))\n    )\n"
      "    (INSTANCE u_array\n      (INSTANCE gen_row\\[0\\]\n        (INSTANCE gen_col\\[0\\]\n"
      "          (INSTANCE u_pe\n            (NET\n"
      "              (a_q\\[0\\] (T0 0) (T1 3000) (TX 0) (TC 1) (IG 0))\n"
      "              (a_q\\[1\\] (T0 0) (T1 3000) (TX 0) (TC 1) (IG 0))\n"
      "              (a_q\\[2\\] (T0 1000) (T1 2000) (TX 0) (TC 1) (IG 0))\n";
  bt_machine m = machine_of(1, 1, 8, false);
  contraction t = two_products();
  memory text = {0};
  bt_saif saif;
  bt_error error;
  assert_int_equal(bt_saif_open(&saif, &m, &error), BT_OK);
  assert_int_equal(bt_saif_contract(&saif, command_of(&t), &(bt_activity_options){0}, &error),
                   BT_OK);
  saif_file f = saif_of(&saif, &text);
  assert_true(text.size > sizeof expected);
  text.data[sizeof expected - 1] = '\0';
  assert_string_equal(text.data, expected);
  static const struct {
    const char *bit;
    uint64_t t1, tc;
  } others[] = {{"b_q[0]", 2000, 1},   {"b_q[1]", 1000, 2},   {"b_q[2]", 2000, 1},
                {"b_q[3]", 0, 0},      {"acc_q[0]", 1000, 2}, {"acc_q[1]", 1000, 2},
                {"acc_q[2]", 1000, 2}, {"acc_q[7]", 0, 0}};
  for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
    char path[100];
    snprintf(path, sizeof path, "mac_tile.u_array.gen_row[0].gen_col[0].u_pe.%s", others[i].bit);
    const saif_net *n = saif_find(&f, path);
    assert_non_null(n);
    assert_int_equal(n->t1, others[i].t1);
    assert_int_equal(n->tc, others[i].tc);
  }
  assert_int_equal(f.nets, 1 + 24);
  saif_free(&f);
  free(text.data);
  bt_saif_close(&saif);
  release(&t);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_vcd_by_hand),
      cmocka_unit_test(test_saif_by_hand),
  };
  return cmocka_run_group_tests_name(
      "cost waves lines (alone: ctest -R test_cost_waves_lines$)", tests, NULL, NULL);
}
