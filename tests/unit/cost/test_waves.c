/* The array's registers as SAIF and VCD, read back by parsers that know only the grammars.
 * Alone: ctest -R test_cost_waves$ */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "cost/activity_tiles.h"
#include "waves_case.h"

/* The class of a net by its path, as rtl/hdl names it, and its PE or stage; checks the place. */
static bt_register class_of(const char *path, const bt_machine *m) {
  size_t i, j, bit;
  char rest[20] = "";
  int at = 0;
  if (sscanf(path, "mac_tile.u_array.gen_row[%zu].gen_col[%zu].u_pe.%19[a-z_][%zu]%n", &i, &j, rest,
             &bit, &at) == 4 && path[at] == '\0' && i < m->rows && j < m->cols) {
    if (strcmp(rest, "a_q") == 0 && bit < 8) {
      return BT_REG_A;
    }
    if (strcmp(rest, "b_q") == 0 && bit < 8) {
      return BT_REG_B;
    }
    if (strcmp(rest, "acc_q") == 0 && bit < (size_t)m->acc.acc_bits) {
      return BT_REG_ACC;
    }
  }
  char side;
  at = 0;
  if (sscanf(path, "mac_tile.u_array.gen_%c[%zu].u_skew.gen_stages.stage_q[%zu][%zu]%n", &side, &i,
             &j, &bit, &at) == 4 && path[at] == '\0' && j < i && bit < 8 &&
      i < (side == 'a' ? m->rows : m->cols) && (side == 'a' || side == 'b')) {
    return side == 'a' ? BT_REG_SKEW_A : BT_REG_SKEW_B;
  }
  fail_msg("a net %s that the Verilog does not have", path);
  return BT_REG_CLASSES;
}

/* Nets: bits of each class, none twice; their time is the duration, their toggles the counts. */
static void check_nets(const saif_file *f, const bt_machine *m, const bt_activity *x) {
  uint64_t toggles[BT_REG_CLASSES] = {0}, bits[BT_REG_CLASSES] = {0};
  const saif_net *clock = saif_find(f, "mac_tile.clk_i");
  assert_non_null(clock);
  assert_int_equal(clock->tc, 2 * x->cycles);
  assert_int_equal(clock->t0, clock->t1);
  for (size_t i = 0; i < f->nets; i++) {
    const saif_net *n = &f->net[i];
    if (n->t0 + n->t1 + n->tx != f->duration || n->tx != 0 || n->ig != 0) {
      fail_msg("%s: its times are not the duration", n->path);
    }
    assert_ptr_equal(saif_find(f, n->path), n);
    if (n != clock) {
      bt_register class = class_of(n->path, m);
      toggles[class] += n->tc;
      bits[class]++;
    }
  }
  for (int r = 0; r < BT_REG_CLASSES; r++) {
    assert_int_equal(bits[r] * x->cycles, x->bit_cycles[r]);
    if (toggles[r] != x->toggles[r]) {
      fail_msg("register %s: %llu toggles, expected %llu", bt_register_name((bt_register)r),
               (unsigned long long)toggles[r], (unsigned long long)x->toggles[r]);
    }
  }
}

/* Three contractions, partial tiles and several groups, sampled and all, on several arrays. */
static void test_saif(void **state) {
  (void)state;
  static const size_t side[4][2] = {{4, 4}, {3, 5}, {1, 1}, {8, 2}};
  bt_error error;
  for (size_t i = 0; i < 8; i++) {
    bt_machine m = machine_of(side[i % 4][0], side[i % 4][1], i < 4 ? 32 : 16, i == 5);
    m.clock_hz = 500000000u; /* a cycle is 2 ns */
    bt_activity_options how = {.tiles = i % 2 == 0 ? 3 : 0};
    bt_saif saif;
    bt_activity x = {0};
    memory text = {0};
    assert_int_equal(bt_saif_open(&saif, &m, &error), BT_OK);
    for (int d = BT_FORWARD; d <= BT_WEIGHT_GRADIENT; d++) {
      contraction t = drawn((bt_direction)d, 7, 30, 11, 2);
      assert_int_equal(bt_activity_contract(&m, command_of(&t), &how, &x, &error), BT_OK);
      assert_int_equal(bt_saif_contract(&saif, command_of(&t), &how, &error), BT_OK);
      release(&t);
    }
    assert_true(x.passes > x.tiles);
    assert_int_equal(saif.cycles, x.cycles);
    assert_int_equal(saif.tiles, x.tiles);
    assert_int_equal(saif.contractions, 3);
    saif_file f = saif_of(&saif, &text);
    assert_string_equal(f.timescale, "1 ns");
    assert_string_equal(f.design, "mac_tile");
    assert_int_equal(f.duration, 2 * x.cycles);
    check_nets(&f, &m, &x);
    saif_free(&f);
    free(text.data);
    bt_saif_close(&saif);
  }
}

static uint64_t value_at(const vcd_file *f, const char *path, uint64_t time) {
  uint64_t number = 0;
  const vcd_variable *v = vcd_find(f, path);
  if (v == NULL || !vcd_number(f, v, time, &number)) {
    fail_msg("%s has no value at %llu", path, (unsigned long long)time);
  }
  return number;
}

/* The activity of a net, counted in the waves: of a contraction that is one tile, behind each edge
 * of a cycle in which the array is busy. */
static void count_waves(const vcd_file *f, const vcd_variable *v, unsigned bit, uint64_t cycles,
                        saif_net *n) {
  uint64_t before = 0, now = 0, busy = 0;
  for (uint64_t i = 1; i < cycles; i++) {
    assert_true(vcd_number(f, v, 1000 * i, &before));
    assert_true(vcd_number(f, v, 1000 * i + 500, &now));
    assert_true(vcd_number(f, vcd_find(f, "mac_tile.busy_o"), 1000 * i + 499, &busy));
    n->tc += (before ^ now) >> bit & 1;
    n->t1 += busy != 0 ? 1000 * (now >> bit & 1) : 0;
  }
}

/* The waves of one tile say bit by bit what its SAIF says. */
static void test_both(void **state) {
  (void)state;
  bt_machine m = machine_of(4, 3, 16, false);
  contraction t = drawn(BT_WEIGHT_GRADIENT, 5, 3, 4, 1);
  memory waves = {0}, activity = {0};
  bt_saif saif;
  bt_error error;
  uint64_t cycles = 0;
  assert_int_equal(bt_tile_count(&m, command_of(&t)), 1);
  vcd_file f = vcd_of(&m, &t, 0, &waves, &cycles);
  assert_int_equal(bt_saif_open(&saif, &m, &error), BT_OK);
  assert_int_equal(bt_saif_contract(&saif, command_of(&t), &(bt_activity_options){0}, &error),
                   BT_OK);
  saif_file s = saif_of(&saif, &activity);
  assert_int_equal(cycles, saif.cycles + 3);
  assert_int_equal(f.unit_fs, 1000);
  assert_int_equal(f.end, 1000 * cycles);
  assert_int_equal(value_at(&f, "mac_tile.cycles_o", f.end), saif.cycles);
  assert_int_equal(f.variables, 16 + 4 * 3 * 3 + 6 + 3);
  for (size_t i = 0; i < s.nets; i++) {
    char path[200];
    saif_net counted = {0};
    snprintf(path, sizeof path, "%s", s.net[i].path);
    unsigned bit = 0;
    if (strstr(path, "clk_i") == NULL) {
      char *bracket = strrchr(path, '[');
      bit = (unsigned)strtoul(bracket + 1, NULL, 10);
      *bracket = '\0';
      const vcd_variable *v = vcd_find(&f, path);
      assert_non_null(v);
      count_waves(&f, v, bit, cycles, &counted);
      if (counted.tc != s.net[i].tc || counted.t1 != s.net[i].t1) {
        fail_msg("%s: T1 %llu TC %llu, the waves %llu %llu", s.net[i].path,
                 (unsigned long long)s.net[i].t1, (unsigned long long)s.net[i].tc,
                 (unsigned long long)counted.t1, (unsigned long long)counted.tc);
      }
    }
  }
  vcd_free(&f);
  saif_free(&s);
  free(waves.data);
  free(activity.data);
  bt_saif_close(&saif);
  release(&t);
}

/* Tile 4 of 5 samples and 7 outputs on 4 x 3 is row 1 and column 1 of 2 x 3 tiles: samples 4..7, of
 * which only 4 is there, and outputs 3..5. Product k enters in cycle 2 + k, behind the reset and
 * the start. */
static void test_tile(void **state) {
  (void)state;
  bt_machine m = machine_of(4, 3, 32, false);
  contraction t = drawn(BT_FORWARD, 5, 6, 7, 1);
  memory text = {0};
  uint64_t cycles = 0;
  assert_int_equal(bt_tile_count(&m, command_of(&t)), 6);
  vcd_file f = vcd_of(&m, &t, 4, &text, &cycles);
  for (size_t k = 0; k < 6; k++) {
    uint64_t a = value_at(&f, "mac_tile.a_i", 1000 * (2 + k));
    uint64_t b = value_at(&f, "mac_tile.b_i", 1000 * (2 + k));
    assert_int_equal(a, ((const uint8_t *)t.a.data)[4 * 6 + k]);
    for (size_t j = 0; j < 3; j++) {
      assert_int_equal(b >> (8 * j) & 0xff, ((const uint8_t *)t.b.data)[(3 + j) * 6 + k]);
    }
  }
  vcd_free(&f);
  free(text.data);
  release(&t);
}

/* A sink that fails, a tile beyond the last, a machine that is not covered, a tensor of zeros. */
static void test_refusals(void **state) {
  (void)state;
  bt_machine m = machine_of(4, 4, 32, false), chunked = m;
  contraction t = drawn(BT_WEIGHT_GRADIENT, 5, 6, 4, 1);
  memory full = {.fails_at = 1}, text = {0};
  bt_trace_sink sink = {take, &full};
  bt_saif saif;
  bt_error error = {""};
  uint64_t cycles;
  chunked.acc.chunk = 4;
  assert_int_equal(bt_vcd_tile(&m, command_of(&t), 0, &sink, &cycles, &error), BT_BAD_INPUT);
  assert_string_equal(error.text, "full");
  assert_int_equal(bt_vcd_tile(&m, command_of(&t), 2, &sink, &cycles, &error), BT_BAD_INPUT);
  assert_non_null(strstr(error.text, "no tile 2: expected one of 0-1"));
  assert_int_equal(bt_vcd_tile(&chunked, command_of(&t), 0, &sink, &cycles, &error),
                   BT_BAD_INPUT);
  assert_non_null(strstr(error.text, "not covered"));
  assert_int_equal(bt_saif_open(&saif, &m, &error), BT_OK);
  assert_int_equal(bt_saif_write(&saif, &sink, &error), BT_BAD_INPUT);
  assert_non_null(strstr(error.text, "no cycle to count"));
  assert_int_equal(bt_saif_contract(&saif, command_of(&t), &(bt_activity_options){0}, &error),
                   BT_OK);
  assert_int_equal(bt_saif_write(&saif, &sink, &error), BT_BAD_INPUT);
  assert_string_equal(error.text, "full");
  bt_saif_close(&saif);
  for (size_t i = 0; i < bt_tensor_exponents(&t.a); i++) {
    t.a.exp[i] = -128;
  }
  memset(t.a.data, 0, bt_tensor_elements(&t.a));
  vcd_file f = vcd_of(&m, &t, 1, &text, &cycles); /* a reset and an idle cycle */
  assert_int_equal(cycles, 2);
  assert_int_equal(value_at(&f, "mac_tile.cycles_o", f.end), 0);
  vcd_free(&f);
  free(text.data);
  free(full.data);
  release(&t);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_saif),
      cmocka_unit_test(test_both),
      cmocka_unit_test(test_tile),
      cmocka_unit_test(test_refusals),
  };
  return cmocka_run_group_tests_name("cost waves (alone: ctest -R test_cost_waves$)", tests, NULL,
                                     NULL);
}
