/* The timeline of one chain, every character worked by hand: cycles, microseconds, rates; and what
 * its text does with long strings and large numbers.
 * Alone: ctest -R '^test_cost_timeline_lines$' */
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "cases.h"
#include "cost/timeline.h"
#include "cost/timeline_text.h"

static bt_status put(void *context, unsigned file, const void *data, size_t size,
                     bt_error *error) {
  (void)file;
  (void)error;
  assert_int_equal(fwrite(data, 1, size, context), size);
  return BT_OK;
}

static bt_tensor *add(bt_program *p, bt_tensor_role role, bt_tensor t) {
  bt_tensor *added = bt_program_tensor(p, bt_tensor_as(role, t));
  assert_non_null(added);
  return added;
}

/* y = quantize(x w), x 4 x 3, w 2 x 3. */
static bt_program *layer(void) {
  contraction c = contraction_of(BT_FORWARD, 4, 3, 2, 1, BT_BLOCK_TENSOR, BT_BLOCK_DIM0, 8);
  bt_program *p = bt_program_new();
  c.a.name = "x";
  c.b.name = "w";
  c.out.name = "sums";
  c.c.in[0] = add(p, BT_ROLE_INPUT, c.a);
  c.c.in[1] = add(p, BT_ROLE_WEIGHT, c.b);
  c.c.out[0] = add(p, BT_ROLE_WIDE, c.out);
  assert_non_null(bt_program_add(p, &c.c, "fc \"1\"\tforward"));
  bt_tensor y = bt_tensor_bfp("y", bfp(8, BT_BLOCK_TENSOR), 4, c.out.dim);
  bt_command q = quantize_of(c.c.out[0], add(p, BT_ROLE_WEIGHT, y), BT_FLOOR);
  assert_non_null(bt_program_add(p, &q, "fc quantize"));
  return p;
}

static bt_machine machine(void) {
  bt_machine m = bt_machine_default();
  strcpy(m.name, "2 \\ 2");
  m.rows = m.cols = m.lanes = 2;
  m.sram_input_bytes = m.sram_weight_bytes = m.sram_output_bytes = 64;
  m.dram_bytes_per_cycle = 1;
  m.clock_hz = 700000000;
  return m;
}

/* The timeline of a program, which is freed, and its cycles. */
static char *timeline(bt_program *p, bool steps, uint64_t *cycles) {
  bt_machine m = machine();
  bt_error error = {""};
  char *text;
  size_t size;
  FILE *stream = open_memstream(&text, &size);
  bt_trace_sink sink = {put, stream};
  bt_timeline_options how = {.steps = steps};
  bt_cost cost = {.plan = true};
  bt_timeline *t = bt_timeline_open(p, &m, &how, &sink, &error);
  assert_non_null(t);
  assert_int_equal(bt_cost_program(&cost, &m, p, bt_timeline_listener(t), &error), BT_OK);
  assert_int_equal(bt_timeline_finish(t, &error), BT_OK);
  *cycles = bt_timeline_cycles(t);
  bt_timeline_free(t);
  bt_program_free(p);
  fclose(stream);
  return text;
}

static const char head[] =
    "{\"displayTimeUnit\":\"ns\",\"otherData\":{\"machine\":\"2 \\\\ 2\",\"clock_hz\":700000000,"
    "\"dram_bytes_per_cycle\":1,\"commands\":2},\"traceEvents\":[\n"
    "{\"ph\":\"M\",\"pid\":1,\"tid\":1,\"name\":\"process_name\",\"args\":{\"name\":"
    "\"2 \\\\ 2, 700 MHz\"}}";

/* x, w and y have 12 + 1, 6 + 2 and 8 + 1 bytes; the sums 8 * 4.
 *
 * Two tiles of two rows: two steps. x stays whole and comes in halves of 6 bytes, w whole at step
 * 0, and the 3 exponents as 2 and 1: loads of 14 and of 7 cycles, to 14 and to 21. A visit takes
 * k + 2 R + C - 2 = 7 cycles: 14..21, 21..28. The quantizer has 4 beats, 2 * 4 + 2 = 10 cycles, 5
 * for the exponent, 3 and 2 a step: 21..24, 28..30. The sums fit the output buffer. The second run
 * is one step: 5 cycles for rounding, 30..35, and 9 bytes stored, 35..44.
 *
 * The array works for 14 cycles, so 30 of 44 are stalls; the port for 30. Six transfers open a row
 * each. A cycle is 1/700 microseconds: 14, 21, 28 and 35 are 0.02, 0.03, 0.04 and 0.05; 30 is
 * 0.042857142857..., 44 is 0.062857142857...
 *
 * 16 windows of 44 cycles begin at 0, 2, 5, 8, 11, 13, 16, 19, 22, ..., 33, 35, ...: in that from
 * 19 two of three cycles read a byte, 0.666 for one cycle and 0.667 for two. */
static const char slices[] =
    "{\"ph\":\"C\",\"pid\":1,\"tid\":1,\"ts\":0,\"name\":\"footprint\",\"args\":{\"bytes\":30}},\n"
    "{\"ph\":\"C\",\"pid\":1,\"tid\":1,\"ts\":0,\"name\":\"wide values\","
    "\"args\":{\"bytes\":32}},\n"
    "{\"ph\":\"X\",\"pid\":1,\"tid\":1,\"ts\":0,\"dur\":0.062857142,\"cat\":\"forward\","
    "\"name\":\"fc quantize\",\"args\":{\"cycle\":0,\"cycles\":44,\"stall_cycles\":30,"
    "\"bytes_read\":21,\"bytes_written\":9,\"dram_activations\":6,\"bound\":\"dram\","
    "\"waits_for_exponent\":\"in the output buffer\",\"commands\":[0,1]}},\n"
    "{\"ph\":\"X\",\"pid\":1,\"tid\":2,\"ts\":0,\"dur\":0.03,\"cat\":\"forward\","
    "\"name\":\"fc \\\"1\\\"\\u0009forward\",\"args\":{\"cycle\":0,\"cycles\":21,"
    "\"work_cycles\":21,\"steps\":2,\"run\":1,\"bound\":\"dram\",\"bytes\":21,\"tensors\":["
    "{\"tensor\":\"x\",\"kind\":\"input\",\"bytes\":12},"
    "{\"tensor\":\"w\",\"kind\":\"weight\",\"bytes\":6},"
    "{\"tensor\":\"x\",\"kind\":\"exponent\",\"bytes\":1},"
    "{\"tensor\":\"w\",\"kind\":\"exponent\",\"bytes\":2}]}},\n"
    "{\"ph\":\"X\",\"pid\":1,\"tid\":3,\"ts\":0.02,\"dur\":0.02,\"cat\":\"forward\","
    "\"name\":\"fc \\\"1\\\"\\u0009forward\",\"args\":{\"cycle\":14,\"cycles\":14,"
    "\"work_cycles\":14,\"steps\":2,\"run\":1,\"bound\":\"dram\",\"commands\":[{\"number\":0,"
    "\"kind\":\"contract\",\"label\":\"fc \\\"1\\\"\\u0009forward\",\"phase\":\"forward\","
    "\"macs\":24,\"in\":["
    "{\"tensor\":\"x\",\"kind\":\"input\",\"type\":\"bfp\",\"bits\":8,\"shape\":[4,1,1,3]},"
    "{\"tensor\":\"w\",\"kind\":\"weight\",\"type\":\"bfp\",\"bits\":8,\"shape\":[2,1,1,3]}],"
    "\"out\":["
    "{\"tensor\":\"sums\",\"kind\":\"wide\",\"type\":\"wide\",\"shape\":[4,1,1,2]}]}]}},\n"
    "{\"ph\":\"X\",\"pid\":1,\"tid\":6,\"ts\":0.03,\"dur\":0.012857142,\"cat\":\"forward\","
    "\"name\":\"fc quantize (exponent)\",\"args\":{\"cycle\":21,\"cycles\":9,\"work_cycles\":5,"
    "\"steps\":2,\"run\":1,\"bound\":\"dram\",\"commands\":[{\"number\":1,\"kind\":\"quantize\","
    "\"label\":\"fc quantize\",\"phase\":\"forward\",\"part\":\"exponent\",\"in\":["
    "{\"tensor\":\"sums\",\"kind\":\"wide\",\"type\":\"wide\",\"shape\":[4,1,1,2]}],\"out\":["
    "{\"tensor\":\"y\",\"kind\":\"weight\",\"type\":\"bfp\",\"bits\":8,\"shape\":[4,1,1,2]}]}]}},\n"
    "{\"ph\":\"X\",\"pid\":1,\"tid\":6,\"ts\":0.042857142,\"dur\":0.007142858,\"cat\":\"forward\","
    "\"name\":\"fc quantize (rounding)\",\"args\":{\"cycle\":30,\"cycles\":5,\"work_cycles\":5,"
    "\"steps\":1,\"run\":2,\"bound\":\"dram\",\"commands\":[{\"number\":1,\"kind\":\"quantize\","
    "\"label\":\"fc quantize\",\"phase\":\"forward\",\"part\":\"rounding\",\"in\":["
    "{\"tensor\":\"sums\",\"kind\":\"wide\",\"type\":\"wide\",\"shape\":[4,1,1,2]}],\"out\":["
    "{\"tensor\":\"y\",\"kind\":\"weight\",\"type\":\"bfp\",\"bits\":8,\"shape\":[4,1,1,2]}]}]}},\n"
    "{\"ph\":\"X\",\"pid\":1,\"tid\":7,\"ts\":0.05,\"dur\":0.012857142,\"cat\":\"forward\","
    "\"name\":\"fc quantize\",\"args\":{\"cycle\":35,\"cycles\":9,\"work_cycles\":9,\"steps\":1,"
    "\"run\":2,\"bound\":\"dram\",\"bytes\":9,\"tensors\":["
    "{\"tensor\":\"y\",\"kind\":\"exponent\",\"bytes\":1},"
    "{\"tensor\":\"y\",\"kind\":\"weight\",\"bytes\":8}]}},\n"
    "{\"ph\":\"C\",\"pid\":1,\"tid\":1,\"ts\":0,\"name\":\"DRAM read\","
    "\"args\":{\"bytes per cycle\":1}},\n"
    "{\"ph\":\"C\",\"pid\":1,\"tid\":1,\"ts\":0.027142857,\"name\":\"DRAM read\","
    "\"args\":{\"bytes per cycle\":0.666}},\n"
    "{\"ph\":\"C\",\"pid\":1,\"tid\":1,\"ts\":0.028571428,\"name\":\"DRAM read\","
    "\"args\":{\"bytes per cycle\":0.667}},\n"
    "{\"ph\":\"C\",\"pid\":1,\"tid\":1,\"ts\":0.031428571,\"name\":\"DRAM read\","
    "\"args\":{\"bytes per cycle\":0}},\n"
    "{\"ph\":\"C\",\"pid\":1,\"tid\":1,\"ts\":0.05,\"name\":\"DRAM write\","
    "\"args\":{\"bytes per cycle\":1}},\n";

static const char end[] =
    "{\"ph\":\"C\",\"pid\":1,\"tid\":1,\"ts\":0.062857142,\"name\":\"DRAM write\","
    "\"args\":{\"bytes per cycle\":0}},\n"
    "{\"ph\":\"C\",\"pid\":1,\"tid\":1,\"ts\":0.062857142,\"name\":\"footprint\","
    "\"args\":{\"bytes\":30}},\n"
    "{\"ph\":\"C\",\"pid\":1,\"tid\":1,\"ts\":0.062857142,\"name\":\"wide values\","
    "\"args\":{\"bytes\":32}}]}\n";

/* A step's slice, with more arguments behind the cycles. */
static void add_step(FILE *to, unsigned track, const char *ts, const char *dur, const char *name,
                     const char *arguments) {
  fprintf(to, "{\"ph\":\"X\",\"pid\":1,\"tid\":%u,\"ts\":%s,\"dur\":%s,\"cat\":\"forward\","
          "\"name\":\"%s\",\"args\":{%s}},\n", track, ts, dur, name, arguments);
}

static void add_steps(FILE *to) {
  add_step(to, 2, "0", "0.008571428", "x", "\"cycle\":0,\"cycles\":6,\"step\":0,\"bytes\":6");
  add_step(to, 2, "0.008571428", "0.008571429", "w",
           "\"cycle\":6,\"cycles\":6,\"step\":0,\"bytes\":6");
  add_step(to, 2, "0.017142857", "0.002857143", "others",
           "\"cycle\":12,\"cycles\":2,\"step\":0,\"bytes\":2");
  add_step(to, 3, "0.02", "0.01", "step", "\"cycle\":14,\"cycles\":7,\"step\":0");
  add_step(to, 6, "0.03", "0.004285714", "step", "\"cycle\":21,\"cycles\":3,\"step\":0");
  add_step(to, 2, "0.02", "0.008571428", "x", "\"cycle\":14,\"cycles\":6,\"step\":1,\"bytes\":6");
  add_step(to, 2, "0.028571428", "0.001428572", "others",
           "\"cycle\":20,\"cycles\":1,\"step\":1,\"bytes\":1");
  add_step(to, 3, "0.03", "0.01", "step", "\"cycle\":21,\"cycles\":7,\"step\":1");
  add_step(to, 6, "0.04", "0.002857142", "step", "\"cycle\":28,\"cycles\":2,\"step\":1");
  add_step(to, 6, "0.042857142", "0.007142858", "step", "\"cycle\":30,\"cycles\":5,\"step\":0");
  add_step(to, 7, "0.05", "0.012857142", "results",
           "\"cycle\":35,\"cycles\":9,\"step\":0,\"bytes\":9");
}

static void check(bool steps) {
  static const char *const track[] = {"chains", "DMA loads", "array", "scalar", "vector",
                                      "quantizer", "DMA stores"};
  uint64_t cycles;
  char *text = timeline(layer(), steps, &cycles), *expected;
  size_t size;
  assert_int_equal(cycles, 44);
  FILE *to = open_memstream(&expected, &size);
  fputs(head, to);
  for (unsigned i = 1; i <= 7; i++) {
    fprintf(to, ",\n{\"ph\":\"M\",\"pid\":1,\"tid\":%u,\"name\":\"thread_name\",\"args\":{\"name\":"
            "\"%s\"}}", i, track[i - 1]);
    fprintf(to, ",\n{\"ph\":\"M\",\"pid\":1,\"tid\":%u,\"name\":\"thread_sort_index\",\"args\":{"
            "\"sort_index\":%u}}", i, i);
  }
  fprintf(to, ",\n%s", slices);
  if (steps) {
    add_steps(to);
  }
  fputs(end, to);
  fclose(to);
  assert_string_equal(text, expected);
  free(text);
  free(expected);
}

static void test_chains(void **state) {
  (void)state;
  check(false);
}

static void test_steps(void **state) {
  (void)state;
  check(true);
}

static size_t count(const char *text, const char *part) {
  size_t n = 0;
  for (const char *p = strstr(text, part); p != NULL; p = strstr(p + 1, part)) {
    n++;
  }
  return n;
}

/* a = quantize(p), of 12 bytes and 1, then the layer of it, which is the second chain. p, w and y
 * stay: 13 + 8 + 9 bytes, and 13 more of a until the contraction has ended; the sums, 32 bytes,
 * are there from the contraction on. So the second chain holds what its first command does, and the
 * footprint never changes. */
static void test_footprint(void **state) {
  (void)state;
  uint64_t cycles;
  bt_error error;
  contraction c = contraction_of(BT_FORWARD, 4, 3, 2, 1, BT_BLOCK_TENSOR, BT_BLOCK_DIM0, 8);
  bt_program *p = bt_program_new();
  c.a.name = c.b.name = c.out.name = "t";
  bt_tensor *from = add(p, BT_ROLE_INPUT, c.a);
  bt_tensor *a = bt_program_temporary(p, bt_tensor_as(BT_ROLE_ACTIVATION, c.a));
  bt_tensor *sums = bt_program_temporary(p, bt_tensor_as(BT_ROLE_WIDE, c.out));
  bt_command before = quantize_of(from, a, BT_FLOOR);
  assert_non_null(bt_program_add(p, &before, "before"));
  c.c.in[0] = a;
  c.c.in[1] = add(p, BT_ROLE_WEIGHT, c.b);
  c.c.out[0] = sums;
  assert_non_null(bt_program_add(p, &c.c, "forward"));
  bt_tensor y = bt_tensor_bfp("y", bfp(8, BT_BLOCK_TENSOR), 4, c.out.dim);
  bt_command q = quantize_of(sums, add(p, BT_ROLE_WEIGHT, y), BT_FLOOR);
  assert_non_null(bt_program_add(p, &q, "quantize"));
  assert_int_equal(bt_program_plan(p, &error), BT_OK);
  char *text = timeline(p, false, &cycles);
  assert_int_equal(count(text, "\"footprint\""), 2); /* at the start and at the end */
  assert_int_equal(count(text, "\"footprint\",\"args\":{\"bytes\":43}"), 2);
  assert_int_equal(count(text, "\"wide values\""), 3);
  assert_int_equal(count(text, "\"ts\":0,\"name\":\"wide values\",\"args\":{\"bytes\":0}"), 1);
  assert_int_equal(count(text, "\"wide values\",\"args\":{\"bytes\":32}"), 2);
  free(text);
}

/* Every character but 0, often enough that the buffer is emptied, and a line's room is passed. */
static void test_strings(void **state) {
  (void)state;
  char *text, name[128];
  size_t size;
  FILE *stream = open_memstream(&text, &size);
  bt_trace_sink sink = {put, stream};
  bt_trace_text *buffer = calloc(1, sizeof *buffer);
  assert_non_null(buffer);
  buffer->sink = &sink;
  bt_event_text e = {.text = buffer, .clock_hz = 1};
  for (int i = 1; i < 128; i++) {
    name[i - 1] = (char)i;
  }
  name[127] = '\0';
  bt_event_open(&e, NULL, '[');
  bt_event_string_open(&e, NULL);
  for (int i = 0; i < 20000; i++) {
    bt_event_string_add(&e, name);
    bt_event_string_add(&e, "größe");
  }
  bt_event_string_close(&e);
  bt_event_integer(&e, NULL, UINT64_MAX / 2);
  bt_event_close(&e, ']');
  bt_trace_flush(buffer);
  fclose(stream);
  json_t *list = json_loadb(text, size, 0, NULL);
  assert_int_equal(json_array_size(list), 2);
  const char *p = json_string_value(json_array_get(list, 0));
  for (int i = 0; i < 20000; i++, p += 127 + strlen("größe")) {
    assert_memory_equal(p, name, 127);
    assert_memory_equal(p + 127, "größe", strlen("größe"));
  }
  assert_int_equal(*p, '\0');
  assert_true(json_integer_value(json_array_get(list, 1)) == INT64_MAX);
  json_decref(list);
  free(text);
  free(buffer);
}

/* 2^62 cycles of a second; of 3 Hz; a cycle at 64 GHz is 15625 femtoseconds. */
static void test_times(void **state) {
  (void)state;
  static const struct {
    uint64_t clock_hz, from, to;
    const char *text;
  } row[] = {
      {1, UINT64_C(1) << 62, (UINT64_C(1) << 62) + 1,
       "{\"ts\":4611686018427387904000000,\"dur\":1000000"},
      {3, 1, 2, "{\"ts\":333333.333333333,\"dur\":333333.333333333"},
      {3, 2, 3, "{\"ts\":666666.666666666,\"dur\":333333.333333334"},
      {UINT64_C(64000000000), 1, 65, "{\"ts\":0.000015625,\"dur\":0.001"},
      {1000000000, 0, 1234560, "{\"ts\":0,\"dur\":1234.56"},
  };
  for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
    bt_trace_text *buffer = calloc(1, sizeof *buffer);
    assert_non_null(buffer);
    bt_event_text e = {.text = buffer, .clock_hz = row[i].clock_hz};
    bt_event_open(&e, NULL, '{');
    bt_event_times(&e, row[i].from, row[i].to);
    buffer->data[buffer->used] = '\0';
    assert_string_equal(buffer->data, row[i].text);
    free(buffer);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_chains),
      cmocka_unit_test(test_steps),
      cmocka_unit_test(test_footprint),
      cmocka_unit_test(test_strings),
      cmocka_unit_test(test_times),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
