/* The array clock by clock, and its registers as SAIF and VCD, read back by parsers that know only
 * the grammars. Alone: ctest -R test_cost_waves$ */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "cases.h"
#include "cost/activity_tiles.h"
#include "cost/bit_counts.h"
#include "cost/clock_scale.h"
#include "cost/clocked_array.h"
#include "cost/saif.h"
#include "cost/vcd.h"
#include "num/stream.h"
#include "saif_reader.h"
#include "vcd_reader.h"

static bt_machine machine_of(size_t rows, size_t cols, int acc_bits, bool wrap) {
  bt_machine m = bt_machine_default();
  m.rows = rows;
  m.cols = cols;
  m.acc.acc_bits = acc_bits;
  m.acc.wrap = wrap;
  return m;
}

/* Toggles by class as a bit-by-bit comparison of what the registers hold. */
typedef struct {
  uint64_t toggles[BT_REG_CLASSES], cycles;
} tally;

static uint64_t distance(const void *x, const void *y, size_t bytes, uint32_t mask) {
  uint64_t n = 0;
  for (size_t i = 0; i < bytes; i++) {
    unsigned differing = (unsigned)(((const uint8_t *)x)[i] ^ ((const uint8_t *)y)[i]);
    n += (uint64_t)__builtin_popcount(differing & (mask >> (8 * (i % 4)) & 0xff));
  }
  return n;
}

static void tally_edge(void *context, const bt_clocked_array *array, const bt_array_inputs *in) {
  tally *t = context;
  (void)in;
  size_t pes = array->rows * array->cols;
  const bt_array_registers *d = &array->now, *q = &array->before;
  uint32_t mask = UINT32_MAX >> (32 - array->acc_bits);
  t->toggles[BT_REG_A] += distance(d->a, q->a, pes, UINT32_MAX);
  t->toggles[BT_REG_B] += distance(d->b, q->b, pes, UINT32_MAX);
  t->toggles[BT_REG_ACC] += distance(d->acc, q->acc, 4 * pes, mask);
  t->toggles[BT_REG_SKEW_A] += distance(d->skew_a, q->skew_a, bt_skew_stages(array->rows), ~0u);
  t->toggles[BT_REG_SKEW_B] += distance(d->skew_b, q->skew_b, bt_skew_stages(array->cols), ~0u);
  t->cycles += array->worked;
}

/* Three random passes without a gap on every array up to 5 x 5, against bt_activity_pass(). */
static void test_passes(void **state) {
  (void)state;
  static const int width[] = {8, 13, 16, 18, 32};
  bt_stream stream = bt_stream_open(12, BT_STREAM_SYNTHETIC, 0);
  uint64_t draw = 0;
  int8_t a[12 * 5], b[12 * 5];
  bt_error error;
  for (size_t i = 0; i < 250; i++) {
    bt_machine m = machine_of(i % 5 + 1, i / 5 % 5 + 1, width[i / 50], i / 25 % 2 != 0);
    bt_activity_array counted;
    bt_clocked_array array;
    tally t = {{0}, 0};
    bt_activity x = {0};
    assert_int_equal(bt_activity_array_open(&counted, &m, &error), BT_OK);
    assert_int_equal(bt_clocked_array_open(&array, &m, &error), BT_OK);
    bt_array_watch watch = {tally_edge, &t};
    for (size_t pass = 0; pass < 3; pass++) {
      size_t len = (size_t)bt_stream_below(stream, draw++, 12) + 1;
      for (size_t j = 0; j < sizeof a; j++) {
        a[j] = (int8_t)((int)bt_stream_below(stream, draw++, 256) - 128);
        b[j] = (int8_t)((int)bt_stream_below(stream, draw++, 256) - 128);
      }
      bt_activity_pass(&counted, len, a, b, &x);
      bt_clocked_array_pass(&array, len, a, b, &watch);
    }
    bt_clocked_array_finish(&array, &watch);
    for (int r = 0; r < BT_REG_CLASSES; r++) {
      if (x.toggles[r] != t.toggles[r]) {
        fail_msg("%zux%zu acc %d%s, register %s: %llu toggles, expected %llu", m.rows, m.cols,
                 m.acc.acc_bits, m.acc.wrap ? " wrap" : "", bt_register_name((bt_register)r),
                 (unsigned long long)t.toggles[r], (unsigned long long)x.toggles[r]);
      }
    }
    assert_int_equal(t.cycles, x.cycles);
    assert_int_equal(array.cycles, x.cycles);
    bt_activity_array_close(&counted);
    bt_clocked_array_close(&array);
  }
}

/* Two bytes through 600 steps: bit 0 of the first is one in all but the first step and changes
 * once; bit 3 of the second changes in every one, and is one in each odd one of them, 300. */
static void test_bit_counts(void **state) {
  (void)state;
  bt_bit_counts n;
  bt_error error;
  uint8_t now[8] = {0}, before[8];
  assert_int_equal(bt_bit_counts_open(&n, 8, &error), BT_OK);
  for (unsigned step = 0; step < 600; step++) {
    memcpy(before, now, sizeof now);
    now[0] = step > 0;
    now[1] = (uint8_t)(step % 2 == 0 ? 8 : 0);
    bt_bit_counts_add(&n, now, before);
  }
  assert_int_equal(bt_bit_ones(&n, 0, 0), 599);
  assert_int_equal(bt_bit_toggles(&n, 0, 0), 1);
  assert_int_equal(bt_bit_ones(&n, 1, 3), 300);
  assert_int_equal(bt_bit_toggles(&n, 1, 3), 600);
  assert_int_equal(bt_bit_ones(&n, 1, 2), 0);
  bt_bit_counts_close(&n);
}

/* Half a period of 1 GHz is 500 ps, of 500 MHz 1 ns, of 2 GHz 250 ps, of 80 GHz 6250 fs; of 3 GHz
 * 166666.67 fs, of which each edge is rounded down by itself. */
static void test_scale(void **state) {
  (void)state;
  static const struct {
    uint64_t hz;
    const char *unit;
    uint64_t at[4];
  } expected[] = {{1000000000u, "1 ps", {0, 500, 1000, 1500}},
                  {500000000u, "1 ns", {0, 1, 2, 3}},
                  {2000000000u, "1 ps", {0, 250, 500, 750}},
                  {80000000000u, "1 fs", {0, 6250, 12500, 18750}},
                  {3000000000u, "1 fs", {0, 166666, 333333, 500000}},
                  {1, "1 ns", {0, 500000000u, 1000000000u, 1500000000u}}};
  for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
    bt_clock_scale s = bt_clock_scale_of(expected[i].hz);
    assert_string_equal(s.unit, expected[i].unit);
    for (uint64_t k = 0; k < 4; k++) {
      assert_int_equal(bt_clock_time(&s, k), expected[i].at[k]);
    }
  }
  bt_clock_scale slow = bt_clock_scale_of(1);
  assert_true(bt_clock_time(&slow, UINT64_MAX) == UINT64_MAX);
}

typedef struct {
  char *data;
  size_t size, room;
  size_t fails_at; /* 0: never */
} memory;

static bt_status take(void *context, unsigned file, const void *data, size_t size,
                      bt_error *error) {
  memory *m = context;
  assert_int_equal(file, 0);
  if (m->fails_at > 0 && m->size + size >= m->fails_at) {
    snprintf(error->text, sizeof error->text, "full");
    return BT_BAD_INPUT;
  }
  if (m->size + size > m->room) {
    m->room = 2 * (m->size + size);
    m->data = realloc(m->data, m->room);
    assert_non_null(m->data);
  }
  memcpy(m->data + m->size, data, size);
  m->size += size;
  return BT_OK;
}

/* A contraction of random operands, per-sample and per-channel exponents: several groups. */
static contraction drawn(bt_direction d, size_t n, size_t c, size_t o, size_t w) {
  bt_block second = d == BT_WEIGHT_GRADIENT ? BT_BLOCK_SAMPLE : BT_BLOCK_DIM0;
  contraction t = contraction_of(d, n, c, o, w, BT_BLOCK_SAMPLE, second, 8);
  bt_stream s = bt_stream_open(5, BT_STREAM_SYNTHETIC, (uint64_t)d);
  uint64_t draw = 0;
  bt_tensor *both[2] = {&t.a, &t.b};
  assert_true(bt_tensor_alloc(&t.a) && bt_tensor_alloc(&t.b) && bt_tensor_alloc(&t.out));
  for (int k = 0; k < 2; k++) {
    for (size_t i = 0; i < bt_tensor_elements(both[k]); i++) {
      bt_tensor_store(both[k], i, (int32_t)bt_stream_below(s, draw++, 255) - 127);
    }
    for (size_t i = 0; i < bt_tensor_exponents(both[k]); i++) {
      both[k]->exp[i] = (int16_t)bt_stream_below(s, draw++, 3);
    }
  }
  return t;
}

static void release(contraction *t) {
  bt_tensor_free(&t->a);
  bt_tensor_free(&t->b);
  bt_tensor_free(&t->out);
}

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

static saif_file saif_of(bt_saif *saif, memory *text) {
  saif_file f;
  bt_error error;
  bt_trace_sink sink = {take, text};
  assert_int_equal(bt_saif_write(saif, &sink, &error), BT_OK);
  if (!saif_read(&f, text->data, text->size)) {
    fail_msg("%s", f.error);
  }
  return f;
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

static vcd_file vcd_of(const bt_machine *m, contraction *t, size_t tile, memory *text,
                       uint64_t *cycles) {
  vcd_file f;
  bt_error error;
  bt_trace_sink sink = {take, text};
  assert_int_equal(bt_vcd_tile(m, command_of(t), tile, &sink, cycles, &error), BT_OK);
  if (!vcd_read(&f, text->data, text->size)) {
    fail_msg("%s", f.error);
  }
  return f;
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
      cmocka_unit_test(test_passes),       cmocka_unit_test(test_bit_counts),
      cmocka_unit_test(test_scale),        cmocka_unit_test(test_saif),
      cmocka_unit_test(test_both),         cmocka_unit_test(test_tile),
      cmocka_unit_test(test_vcd_by_hand),  cmocka_unit_test(test_saif_by_hand),
      cmocka_unit_test(test_refusals),
  };
  return cmocka_run_group_tests_name("cost waves (alone: ctest -R test_cost_waves$)", tests, NULL,
                                     NULL);
}
