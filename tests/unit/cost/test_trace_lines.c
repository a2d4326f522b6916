/* Memory traces of one command, every line of every format worked by hand: addresses, cycles,
 * packed values, DRAM commands. Alone: ctest -R '^test_cost_trace_lines$' */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "cost/trace.h"
#include "cost/trace_run.h"
#include "cost/trace_values.h"

static FILE *stream[BT_TRACE_FILES];

static bt_status put(void *context, unsigned file, const void *data, size_t size,
                     bt_error *error) {
  (void)context;
  (void)error;
  assert_int_equal(fwrite(data, 1, size, stream[file]), size);
  return BT_OK;
}

static bt_tensor *add(bt_program *p, bt_tensor_role role, bt_tensor t) {
  bt_tensor *added = bt_program_tensor(p, bt_tensor_as(role, t));
  assert_non_null(added);
  return added;
}

/* y = x where the mask is set: 20 elements of 6 bits, one exponent a row of 10. x[i] = i - 3. */
static bt_program *gate(void) {
  bt_program *p = bt_program_new();
  bt_format f = {.wl = 6, .block = BT_BLOCK_DIM0};
  size_t shape[2] = {2, 10};
  bt_tensor *x = add(p, BT_ROLE_INPUT, bt_tensor_bfp("x", f, 2, shape));
  bt_tensor *mask = add(p, BT_ROLE_INPUT, bt_tensor_byte("mask", 2, shape));
  bt_tensor *y = add(p, BT_ROLE_WEIGHT, bt_tensor_bfp("y", f, 2, shape));
  for (size_t i = 0; i < 20; i++) {
    bt_tensor_store(x, i, (int32_t)i - 3);
    bt_tensor_store(y, i, i % 2 == 0 ? (int32_t)i - 3 : 0);
    ((uint8_t *)mask->data)[i] = i % 2 == 0;
  }
  x->exp[0] = y->exp[0] = -2;
  x->exp[1] = y->exp[1] = 5;
  bt_command c = {.op = BT_OP_GATE, .in = {x, mask}, .out = {y}};
  assert_non_null(bt_program_add(p, &c, "gate"));
  return p;
}

static bt_machine machine(void) {
  bt_machine m = bt_machine_default();
  m.dram_bytes_per_cycle = 4;
  return m;
}

/* The text of a format; `more` gets the map, or SCALE-Sim's other files. */
static char *trace(bt_trace_format format, bool whole, char *more[2]) {
  bt_program *p = gate();
  bt_machine m = machine();
  bt_error error = {""};
  bt_trace_sink sink = {put, NULL};
  bt_trace_options o = {.format = format, .burst = 16, .whole = whole, .values = true};
  bt_cost cost = {.fp32 = false};
  char *text[BT_TRACE_FILES];
  size_t size[BT_TRACE_FILES];
  for (unsigned i = 0; i < BT_TRACE_FILES; i++) {
    stream[i] = open_memstream(&text[i], &size[i]);
  }
  bt_trace *t = bt_trace_open(p, &m, &o, &sink, &error);
  assert_non_null(t);
  assert_int_equal(bt_trace_before(t, 0, &error), BT_OK);
  assert_int_equal(bt_cost_program(&cost, &m, p, bt_trace_listener(t), &error), BT_OK);
  assert_int_equal(bt_trace_finish(t, &error), BT_OK);
  if (format != BT_TRACE_SCALESIM) {
    bt_trace_map_csv(stream[1], bt_trace_map_of(t));
  }
  bt_trace_free(t);
  for (unsigned i = 0; i < BT_TRACE_FILES; i++) {
    fclose(stream[i]);
  }
  more[0] = text[1];
  more[1] = text[2];
  bt_program_free(p);
  return text[0];
}

static void same_text(bt_trace_format format, bool whole, const char *expected) {
  char *more[2], *text = trace(format, whole, more);
  assert_string_equal(text, expected);
  free(text);
  free(more[0]);
  free(more[1]);
}

/* Weights first, inputs in the next row of 2048 bytes; sections from multiples of 16. 20 elements
 * of 6 bits are 15 bytes, 20 bits of a mask 3. */
static void test_map(void **state) {
  (void)state;
  char *more[2], *text = trace(BT_TRACE_RAMULATOR1, false, more);
  assert_string_equal(more[0],
                      "address,bytes,kind,section,bits,items,type,shape,block,role,tensor\n"
                      "0x0,15,weight,elements,6,20,bfp,2x10,dim0,weight,\"y\"\n"
                      "0x10,2,exponent,exponents,8,2,bfp,2x10,dim0,weight,\"y\"\n"
                      "0x800,15,input,elements,6,20,bfp,2x10,dim0,input,\"x\"\n"
                      "0x810,2,exponent,exponents,8,2,bfp,2x10,dim0,input,\"x\"\n"
                      "0x820,3,input,elements,1,20,mask,2x10,,input,\"mask\"\n");
  free(text);
  free(more[0]);
  free(more[1]);
}

/* One step. Loads: 2 exponents, 15 bytes of x, 3 of the mask, 20 bytes at 4 a cycle in cycles 0..4;
 * x begins with byte 2, in cycle 0, the mask with byte 17, in cycle 4. The vector unit takes
 * ceil(20 / 16) = 2 cycles, to 7. Stores: 17 bytes from cycle 7 on. */
static void test_lines(void **state) {
  (void)state;
  same_text(BT_TRACE_DRAMSIM3, false,
            "0x810 READ 0\n0x800 READ 0\n0x820 READ 4\n0x10 WRITE 7\n0x0 WRITE 7\n");
  same_text(BT_TRACE_RAMULATOR1, false, "0x810 R\n0x800 R\n0x820 R\n0x10 W\n0x0 W\n");
  same_text(BT_TRACE_RAMULATOR2, false, "LD 0x810\nLD 0x800\nLD 0x820\nST 0x10\nST 0x0\n");
}

/* y is -3 0 -1 0 1 0 3 0 5 0 7 0 9 0 11 0 13 0 15 0. In 6 bits, four of them in three bytes, low
 * bits first: 3d 00 3f 00 = 0x3d + 0x3f << 12 = 3d f0 03; 1 0 3 0 = 01 30 00; 5 0 7 0 = 05 70 00;
 * 9 0 11 0 = 09 b0 00; 13 0 15 0 = 0d f0 00. Exponents -2 and 5: fe 05. */
static void test_stl(void **state) {
  (void)state;
  same_text(BT_TRACE_STL, false,
            "0: (2) read 0x810\n0: (15) read 0x800\n4: (3) read 0x820\n"
            "7: (2) write 0x10 0xfe05\n7: (15) write 0x0 0x3df00301300005700009b0000df000\n");
  same_text(BT_TRACE_STL, true,
            "0: (16) read 0x810\n0: (16) read 0x800\n4: (16) read 0x820\n"
            "7: (16) write 0x10 0xfe050000000000000000000000000000\n"
            "7: (16) write 0x0 0x3df00301300005700009b0000df00000\n");
}

/* Whole bursts, rows of 2048 bytes in turn over 16 banks: 0x800 is bank 1, row 0; 0x810 is its
 * column 2. x: i - 3 = -3 -2 -1 0: 3d 3e 3f 00 is bd ff 03; 1 2 3 4: 81 30 10; 5 6 7 8: 85 71 20;
 * 9 10 11 12: 89 b2 30; 13 14 15 16: 8d f3 40. The mask: 01010101 twice and 0101.
 * ACT 0, RD 14 = tRCD; 18 and 22 = tCCD; bank 0: ACT at 23, the next free cycle, WR at 37. tRTW =
 * 14 + 4 + 2 - 12 = 8 from 22 is earlier. Then tCCD: 41. END: WR 41 + 12 + 4 + 15 = 72. */
static void test_drampower(void **state) {
  (void)state;
  same_text(BT_TRACE_DRAMPOWER, false,
            "0,ACT,0,0,1,0,0\n"
            "14,RD,0,0,1,0,2,fe050000000000000000000000000000\n"
            "18,RD,0,0,1,0,0,bdff0381301085712089b2308df34000\n"
            "22,RD,0,0,1,0,4,55550500000000000000000000000000\n"
            "23,ACT,0,0,0,0,0\n"
            "37,WR,0,0,0,0,2,fe050000000000000000000000000000\n"
            "41,WR,0,0,0,0,0,3df00301300005700009b0000df00000\n"
            "72,END,0,0,0,0,0\n");
}

/* A row a cycle of the port, 4 bytes in it. x's 15 bytes begin in the cycle of the exponents. */
static void test_scalesim(void **state) {
  (void)state;
  char *more[2], *text = trace(BT_TRACE_SCALESIM, false, more);
  assert_string_equal(text, "0,2064,2065,-1,-1\n0,2048,2049,2050,2051\n1,2052,2053,2054,2055\n"
                            "2,2056,2057,2058,2059\n3,2060,2061,2062,-1\n4,2080,2081,2082,-1\n");
  assert_string_equal(more[0], "");
  assert_string_equal(more[1], "7,16,17,-1,-1\n7,0,1,2,3\n8,4,5,6,7\n9,8,9,10,11\n"
                               "10,12,13,14,-1\n");
  free(text);
  free(more[0]);
  free(more[1]);
}

/* A run of 10 bytes from byte 3 of a section of 40, bursts of 8: bytes 3..7 at its address 3, then
 * the 5 that are left, which end inside a burst: its last 5, 8 + 3. */
static void test_a_run_ends_inside_a_burst(void **state) {
  (void)state;
  bt_trace_section s = {.first = 0x100, .bytes = 40, .bits = 8, .items = 40};
  bt_trace_sink sink = {put, NULL};
  bt_machine m = machine();
  bt_error error;
  bt_trace_writer w;
  char *text;
  size_t size;
  stream[0] = open_memstream(&text, &size);
  assert_int_equal(bt_trace_writer_open(&w, BT_TRACE_DRAMSIM3, false, 8, &m, &sink, &error), BT_OK);
  bt_trace_run r = {&s, 3, 3, 13};
  bt_trace_transfer t = {.writer = &w, .at = 50, .cycles = 1};
  bt_trace_run_take(&r, 4, &t);
  t = (bt_trace_transfer){.writer = &w, .at = 60, .cycles = 2}; /* byte 7 is there already */
  bt_trace_run_take(&r, 6, &t);
  assert_int_equal(bt_trace_writer_close(&w, 0, &error), BT_OK);
  bt_trace_writer_free(&w);
  fclose(stream[0]);
  assert_string_equal(text, "0x103 READ 50\n0x10b READ 60\n");
  free(text);
}

/* w = quantized w, 4 bytes, in one chain: what is read is what w held before the quantization, what
 * is written what it holds then. */
static void test_a_tensor_that_is_overwritten(void **state) {
  (void)state;
  bt_program *p = bt_program_new();
  size_t shape[2] = {2, 2};
  bt_tensor *w = add(p, BT_ROLE_WEIGHT, bt_tensor_bfp("w", (bt_format){.wl = 8}, 2, shape));
  bt_tensor *z = bt_program_tensor(p, bt_tensor_wide("z", 2, shape, false, false));
  bt_command a = {.op = BT_OP_AFFINE, .in = {w}, .out = {z}};
  a.u.affine.terms = 1;
  bt_command q = {.op = BT_OP_QUANTIZE, .in = {z}, .out = {w}};
  q.u.quantize.round.mode = BT_FLOOR;
  assert_non_null(bt_program_add(p, &a, "affine"));
  assert_non_null(bt_program_add(p, &q, "quantize"));
  bt_machine m = machine();
  bt_error error = {""};
  bt_trace_sink sink = {put, NULL};
  bt_trace_options o = {.format = BT_TRACE_DRAMPOWER, .burst = 8, .values = true};
  bt_cost cost = {.fp32 = false};
  char *text;
  size_t size;
  stream[0] = open_memstream(&text, &size);
  bt_trace *t = bt_trace_open(p, &m, &o, &sink, &error);
  assert_non_null(t);
  memcpy(w->data, "\x11\x12\x13\x14", 4);
  w->exp[0] = 3;
  for (size_t i = 0; i < 2; i++) {
    assert_int_equal(bt_trace_before(t, i, &error), BT_OK);
  }
  memcpy(w->data, "\x21\x22\x23\x24", 4);
  w->exp[0] = 4;
  assert_int_equal(bt_cost_program(&cost, &m, p, bt_trace_listener(t), &error), BT_OK);
  assert_int_equal(bt_trace_finish(t, &error), BT_OK);
  bt_trace_free(t);
  fclose(stream[0]);
  assert_non_null(strstr(text, "RD,0,0,0,0,1,0300000000000000\n"));
  assert_non_null(strstr(text, "RD,0,0,0,0,0,1112131400000000\n"));
  assert_non_null(strstr(text, "WR,0,0,0,0,1,0400000000000000\n"));
  assert_non_null(strstr(text, "WR,0,0,0,0,0,2122232400000000\n"));
  free(text);
  bt_program_free(p);
}

static void test_other_values(void **state) {
  (void)state;
  uint8_t out[16];
  size_t two[1] = {2};
  bt_tensor t = bt_tensor_bfp("wide bfp", (bt_format){.wl = 12}, 1, two);
  assert_true(bt_tensor_alloc(&t));
  bt_tensor_store(&t, 0, -2); /* ffe */
  bt_tensor_store(&t, 1, 5);  /* 005: fe 5f 00 */
  bt_trace_section s = {.key = &t, .tensor = &t, .bits = 12, .items = 2, .bytes = 3};
  bt_trace_values(&s, &t, 0, 4, out);
  assert_memory_equal(out, "\xfe\x5f\x00\x00", 4);
  bt_trace_values(&s, &t, 1, 2, out);
  assert_memory_equal(out, "\x5f\x00", 2);
  bt_tensor_free(&t);
  bt_tensor wide = bt_tensor_wide("wide", 1, two, false, false);
  assert_true(bt_tensor_alloc(&wide));
  ((int32_t *)wide.data)[0] = -2;
  ((int32_t *)wide.data)[1] = 0x01020304;
  s = (bt_trace_section){.key = &wide, .tensor = &wide, .bits = 32, .items = 2, .bytes = 8};
  bt_trace_values(&s, &wide, 2, 6, out);
  assert_memory_equal(out, "\xff\xff\x04\x03\x02\x01", 6);
  bt_tensor_free(&wide);
}

static void test_refuses(void **state) {
  (void)state;
  bt_trace_writer w;
  bt_trace_format f;
  bt_trace_sink sink = {put, NULL};
  bt_error error;
  bt_machine m = machine();
  assert_int_equal(bt_trace_format_parse("ramulator", &f, &error), BT_BAD_INPUT);
  assert_non_null(strstr(error.text, "dramsim3, ramulator2, ramulator1, stl, drampower, scalesim"));
  for (unsigned burst = 0; burst < 3000; burst += 100) {
    assert_int_equal(bt_trace_writer_open(&w, BT_TRACE_STL, false, burst, &m, &sink, &error),
                     BT_BAD_INPUT);
  }
  m.dram_row_bytes = 96;
  assert_int_equal(bt_trace_writer_open(&w, BT_TRACE_DRAMPOWER, false, 32, &m, &sink, &error),
                   BT_BAD_INPUT);
  assert_non_null(strstr(error.text, "dram_row_bytes 96"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_map),
      cmocka_unit_test(test_lines),
      cmocka_unit_test(test_stl),
      cmocka_unit_test(test_drampower),
      cmocka_unit_test(test_scalesim),
      cmocka_unit_test(test_a_run_ends_inside_a_burst),
      cmocka_unit_test(test_a_tensor_that_is_overwritten),
      cmocka_unit_test(test_other_values),
      cmocka_unit_test(test_refuses),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
