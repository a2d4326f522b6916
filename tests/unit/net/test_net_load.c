/* Net files: shapes inferred, and every way in which a file can be wrong. */
#include "net/net.h"
#include "unit/io/scratch.h"

#define HEAD "name: n\ninput: {height: 8, width: 6, channels: 2}\nclasses: 3\nlayers:\n"
#define LAST "  - {fc: last, out: 3}\n"
#define NAME31 "abcdefghijklmnopqrstuvwxyz12345"

static void load(const char *text, bt_net *net) {
  scratch s = scratch_open();
  bt_error error;
  if (bt_net_load(scratch_text(&s, "net.yaml", text), net, &error) != BT_OK) {
    fail_msg("%s", error.text);
  }
  scratch_close(&s);
}

/* Refused in one line that names the file, the line, and the two parts. */
static void refuse(const char *text, unsigned line, const char *first, const char *second) {
  scratch s = scratch_open();
  bt_net net;
  bt_error error = {""};
  char place[64];
  snprintf(place, sizeof place, "net.yaml:%u: ", line);
  bt_status status = bt_net_load(scratch_text(&s, "net.yaml", text), &net, &error);
  assert_refused(status, BT_BAD_INPUT, &error, place, first, second, NULL);
  scratch_close(&s);
}

static void expect_layer(const bt_layer *l, const char *name, const size_t shape[6],
                         int parameter) {
  assert_string_equal(l->name, name);
  const size_t got[6] = {l->in_h, l->in_w, l->in_c, l->out_h, l->out_w, l->out_c};
  for (int i = 0; i < 6; i++) {
    if (got[i] != shape[i]) {
      fail_msg("%s: shape %d is %zu, expected %zu", name, i, got[i], shape[i]);
    }
  }
  assert_int_equal(l->parameter, parameter);
}

static void test_lenet5(void **state) {
  (void)state;
  bt_net net;
  bt_error error;
  if (bt_net_load(NETS "/lenet5.yaml", &net, &error) != BT_OK) {
    fail_msg("%s", error.text);
  }
  assert_string_equal(net.name, "lenet5");
  assert_int_equal(net.layers, 7);
  assert_int_equal(net.parameters, 10);
  expect_layer(&net.layer[0], "conv1", (const size_t[]){28, 28, 1, 28, 28, 6}, 0);
  expect_layer(&net.layer[1], "pool1", (const size_t[]){28, 28, 6, 14, 14, 6}, -1);
  expect_layer(&net.layer[2], "conv2", (const size_t[]){14, 14, 6, 10, 10, 16}, 2);
  expect_layer(&net.layer[3], "pool2", (const size_t[]){10, 10, 16, 5, 5, 16}, -1);
  expect_layer(&net.layer[4], "fc1", (const size_t[]){1, 1, 400, 1, 1, 120}, 4);
  expect_layer(&net.layer[5], "fc2", (const size_t[]){1, 1, 120, 1, 1, 84}, 6);
  expect_layer(&net.layer[6], "fc3", (const size_t[]){1, 1, 84, 1, 1, 10}, 8);
  assert_true(net.layer[5].relu);
  assert_false(net.layer[6].relu);
}

/* (8 + 2 - 3) / 2 + 1 = 4 and (6 + 2 - 3) / 2 + 1 = 3; a pool of 2 leaves out the third column. */
static void test_strides_and_rests(void **state) {
  (void)state;
  bt_net net;
  load(HEAD "  - {conv: c, out: 5, kernel: 3, stride: 2, pad: 1}\n  - {pool: p, kernel: 2}\n"
       "  - {dropout: d, p: 0.25}\n" LAST, &net);
  expect_layer(&net.layer[0], "c", (const size_t[]){8, 6, 2, 4, 3, 5}, 0);
  expect_layer(&net.layer[1], "p", (const size_t[]){4, 3, 5, 2, 1, 5}, -1);
  expect_layer(&net.layer[2], "d", (const size_t[]){2, 1, 5, 2, 1, 5}, -1);
  expect_layer(&net.layer[3], "last", (const size_t[]){1, 1, 10, 1, 1, 3}, 2);
  assert_int_equal(net.layer[2].drop.num, 1);
  assert_int_equal(net.layer[2].drop.den, 4);
  bt_geometry g = bt_layer_geometry(&net.layer[0], 7);
  const size_t got[] = {g.n, g.h, g.w, g.c, g.o, g.kh, g.kw, g.stride, g.pad, g.oh, g.ow};
  const size_t want[] = {7, 8, 6, 2, 5, 3, 3, 2, 1, 4, 3};
  assert_memory_equal(got, want, sizeof want);
}

static void test_parameters(void **state) {
  (void)state;
  bt_net net;
  char name[64];
  size_t dim[4], fan_in;
  load(HEAD "  - {conv: c, out: 5, kernel: 3}\n  - {pool: p, kernel: 2}\n" LAST, &net);
  assert_int_equal(bt_net_parameter(&net, 0, dim, &fan_in), 4);
  assert_memory_equal(dim, ((const size_t[]){5, 3, 3, 2}), sizeof dim);
  assert_int_equal(fan_in, 18);
  assert_int_equal(bt_net_parameter(&net, 1, dim, &fan_in), 1);
  assert_int_equal(dim[0], 5);
  assert_int_equal(fan_in, 0);
  assert_int_equal(bt_net_parameter(&net, 2, dim, &fan_in), 2);
  assert_memory_equal(dim, ((const size_t[]){3, 30}), 2 * sizeof *dim);
  assert_int_equal(fan_in, 30);
  bt_net_parameter_name(&net, 3, name, sizeof name);
  assert_string_equal(name, "last.bias");
  assert_ptr_equal(bt_net_parameter_layer(&net, 3), &net.layer[2]);
}

static void test_wrong_keys(void **state) {
  (void)state;
  refuse(HEAD "  - {fc: last, out: 3, kernal: 3}\n", 5, "kernal", "out");
  refuse(HEAD LAST "extra: 1\n", 6, "extra", "layers");
  refuse(HEAD "  - {norm: a}\n" LAST, 5, "unknown kind",
         "conv, fc, pool, dropout, batch_norm, add");
  refuse(HEAD "  - fc\n", 5, "map", "");
  refuse(HEAD "  - {conv: c, out: 4}\n" LAST, 5, "kernel", "");
  refuse(HEAD "  - {conv: c, out: many, kernel: 3}\n" LAST, 5, "out", "many");
  refuse(HEAD "  - {conv: c, out: 0, kernel: 3}\n" LAST, 5, "out", "0");
  refuse(HEAD "  - {fc: f, out: 3, relu: maybe}\n" LAST, 5, "relu", "maybe");
  refuse("name: n\ninput: {height: 8, width: 6}\nclasses: 3\nlayers:\n" LAST, 2, "channels", "");
  refuse("name: n\ninput: {height: 8, width: 6, channels: 1, depth: 2}\nclasses: 3\nlayers:\n" LAST,
         2, "depth", "channels");
  refuse("name: n\ninput: {height: 8, width: 6, channels: 1}\nclasses: 1\nlayers:\n" LAST, 3,
         "classes", "1");
  refuse("input: {height: 8, width: 6, channels: 1}\nclasses: 3\nlayers:\n" LAST, 1, "name", "");
  refuse("name: n\ninput: {height: 8, width: 6, channels: 1}\nclasses: 3\nlayers: []\n", 1,
         "0 layers", "expected 1 to 640");
}

static void test_wrong_shapes(void **state) {
  (void)state;
  refuse(HEAD "  - {conv: c, out: 4, kernel: 7}\n" LAST, 5, "layer c: expected a kernel inside",
         "8x6x2");
  refuse(HEAD "  - {conv: c, out: 4, kernel: 3, pad: 3}\n" LAST, 5, "a pad below the kernel",
         "8x6x2");
  refuse(HEAD "  - {pool: p, kernel: 4}\n  - {pool: q, kernel: 2}\n" LAST, 6,
         "layer q: expected a window inside the image", "2x1x2");
  refuse(HEAD "  - {pool: p, kernel: 17}\n" LAST, 5, "kernel", "17");
  refuse(HEAD "  - {dropout: d, p: 1}\n" LAST, 5, "at least 0 and below 1", "8x6x2");
  refuse(HEAD "  - {dropout: d, p: -0.1}\n" LAST, 5, "at least 0 and below 1", "layer d");
}

/* After an fc there is no image: its output is [n][features]. */
static void test_image_layers_after_fc(void **state) {
  (void)state;
  refuse(HEAD "  - {fc: f, out: 4}\n  - {pool: p, kernel: 1}\n" LAST, 6, "layer p", "1x1x4");
  refuse(HEAD "  - {fc: f, out: 4}\n  - {dropout: d, p: 0}\n  - {pool: p, kernel: 1}\n" LAST, 7,
         "layer p", "1x1x4");
}

static void test_wrong_last(void **state) {
  (void)state;
  refuse(HEAD "  - {fc: f, out: 4}\n", 5, "last layer f", "3 outputs");
  refuse(HEAD "  - {fc: f, out: 3, relu: true}\n", 5, "last layer f", "without relu");
  refuse(HEAD LAST "  - {dropout: d, p: 0}\n", 6, "last layer d", "expected an fc");
  refuse(HEAD "  - {conv: c, out: 3, kernel: 1}\n", 5, "last layer c", "expected an fc");
}

static void test_too_many_and_too_long(void **state) {
  (void)state;
  bt_net net;
  static char text[32768] = HEAD;
  char layer[64];
  for (size_t i = 0; i < BT_MAX_LAYERS; i++) {
    snprintf(layer, sizeof layer, "  - {dropout: d%zu, p: 0}\n", i);
    strcat(text, layer);
  }
  strcat(text, LAST);
  refuse(text, 1, "641 layers", "expected 1 to 640");
  load(HEAD "  - {fc: " NAME31 ", out: 3}\n", &net);
  assert_string_equal(net.layer[0].name, NAME31);
  refuse(HEAD "  - {fc: " NAME31 "6, out: 3}\n", 5, NAME31 "6", "at most 31 bytes");
  refuse("name: " NAME31 NAME31 "12\ninput: {height: 8, width: 6, channels: 2}\nclasses: 3\n"
         "layers:\n" LAST, 1, "name", "at most 63 bytes");
}

/* Parameters are told apart by their layers' names, in checkpoints too. */
static void test_equal_names(void **state) {
  (void)state;
  refuse(HEAD "  - {fc: f, out: 4}\n  - {fc: f, out: 3}\n", 6, "'f'", "expected a name of its own");
}

static void test_no_file(void **state) {
  (void)state;
  bt_net net;
  bt_error error;
  assert_refused(bt_net_load("/nowhere/net.yaml", &net, &error), BT_BAD_INPUT, &error,
                 "/nowhere/net.yaml", NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_lenet5),
      cmocka_unit_test(test_strides_and_rests),
      cmocka_unit_test(test_parameters),
      cmocka_unit_test(test_wrong_keys),
      cmocka_unit_test(test_wrong_shapes),
      cmocka_unit_test(test_image_layers_after_fc),
      cmocka_unit_test(test_wrong_last),
      cmocka_unit_test(test_too_many_and_too_long),
      cmocka_unit_test(test_equal_names),
      cmocka_unit_test(test_no_file),
  };
  return scratch_report("test_net_load", cmocka_run_group_tests(tests, NULL, NULL));
}
