/* Nets that are graphs: the published ones' sizes, stages of blocks, and what is refused. */
#include "net/net.h"
#include "unit/io/scratch.h"

#define HEAD "name: n\ninput: {height: 8, width: 8, channels: 3}\nclasses: 3\nlayers:\n"
#define CONV(name) "  - {conv: " name ", out: 4, kernel: 3, pad: 1}\n"
#define LAST "  - {fc: last, out: 3}\n"

static void load(const char *path, bt_net *net) {
  bt_error error;
  if (bt_net_load(path, net, &error) != BT_OK) {
    fail_msg("%s", error.text);
  }
}

static void load_text(const char *text, bt_net *net) {
  scratch s = scratch_open();
  load(scratch_text(&s, "net.yaml", text), net);
  scratch_close(&s);
}

/* Refused in one line that names the line and the two parts. */
static void refuse(const char *text, unsigned line, const char *first, const char *second) {
  scratch s = scratch_open();
  static bt_net net;
  bt_error error = {""};
  char place[64];
  snprintf(place, sizeof place, "net.yaml:%u: ", line);
  bt_status status = bt_net_load(scratch_text(&s, "net.yaml", text), &net, &error);
  assert_refused(status, BT_BAD_INPUT, &error, place, first, second, NULL);
  scratch_close(&s);
}

static size_t count_parameters(const bt_net *net) {
  size_t sum = 0;
  for (size_t p = 0; p < net->parameters; p++) {
    size_t dim[4], fan;
    sum += bt_elements(bt_net_parameter(net, p, dim, &fan), dim);
  }
  return sum;
}

/* Multiply-accumulates of one image's forward pass. */
static size_t count_macs(const bt_net *net) {
  size_t sum = 0;
  for (size_t i = 0; i < net->layers; i++) {
    const bt_layer *l = &net->layer[i];
    if (l->kind == BT_LAYER_CONV || l->kind == BT_LAYER_FC) {
      bt_geometry g = bt_layer_geometry(l, 1);
      bt_extent x = bt_geometry_extent(&g, BT_FORWARD);
      sum += x.rows * x.cols * x.k;
    }
  }
  return sum;
}

/* PreResNet-20: 432 + 14,016 + 51,552 + 205,504 in the convolutions and their batch norms, 128 in
 * the last batch norm, 650 in the fc. VGG-16: 14,714,688 in the convolutions with their biases, two
 * matrices of 512 x 512 with biases, 5,130; batch norm adds two for each of 4,224 channels.
 * ResNet-18: 11,173,962, as its public forms for CIFAR print. PreResNet-164 (18 bottlenecks a stage
 * of 16, 32 and 64, four times as wide outside): 1,703,258. */
static void test_published_nets(void **state) {
  static const struct {
    const char *file;
    size_t parameters, layers_with_macs;
  } want[] = {
      {NETS "/preresnet20-cifar10.yaml", 272282, 22},
      {NETS "/preresnet164-cifar10.yaml", 1703258, 167},
      {NETS "/vgg16-cifar10.yaml", 15245130, 16},
      {NETS "/vgg16bn-cifar10.yaml", 15253578, 16},
      {NETS "/resnet18-cifar10.yaml", 11173962, 21},
      {NETS "/vgg16-cifar100.yaml", 15291300, 16},
      {NETS "/preresnet164-cifar100.yaml", 1726388, 167},
  };
  (void)state;
  for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
    static bt_net net;
    size_t products = 0;
    load(want[i].file, &net);
    for (size_t l = 0; l < net.layers; l++) {
      products += net.layer[l].kind == BT_LAYER_CONV || net.layer[l].kind == BT_LAYER_FC;
    }
    if (count_parameters(&net) != want[i].parameters || products != want[i].layers_with_macs) {
      fail_msg("%s: %zu parameters and %zu products, expected %zu and %zu", want[i].file,
               count_parameters(&net), products, want[i].parameters, want[i].layers_with_macs);
    }
  }
}

/* 32*32*16*27 in the first convolution; of nine blocks the first of stages 2 and 3 read twice the
 * side: 18,874,368 a stage of 16 channels at 32x32 would be six convolutions of 2,359,296. */
static void test_macs(void **state) {
  static bt_net net;
  (void)state;
  load(NETS "/preresnet20-cifar10.yaml", &net);
  const size_t conv = 32 * 32 * 16 * 144, first = 32 * 32 * 16 * 27;
  const size_t down = 16 * 16 * 32 * 16 + 8 * 8 * 64 * 32;
  assert_int_equal(count_macs(&net), first + (6 + 5 + 5) * conv + 2 * (conv / 2) + down + 640);
}

static const bt_layer *named(const bt_net *net, const char *name) {
  for (size_t i = 0; i < net->layers; i++) {
    if (strcmp(net->layer[i].name, name) == 0) {
      return &net->layer[i];
    }
  }
  fail_msg("no layer %s", name);
  return NULL;
}

static void reads(const bt_net *net, const char *layer, size_t k, const char *from) {
  assert_string_equal(net->layer[named(net, layer)->input[k]].name, from);
}

/* The shortcut of a block that reshapes reads the block's input, not its batch norm. */
static void test_preact_stage(void **state) {
  static bt_net net;
  (void)state;
  load(NETS "/preresnet20-cifar10.yaml", &net);
  reads(&net, "s1b1.bn1", 0, "conv1");
  reads(&net, "s1b1", 0, "s1b1.conv2");
  reads(&net, "s1b1", 1, "conv1");
  reads(&net, "s2b1.down", 0, "s1b3");
  reads(&net, "s2b1", 1, "s2b1.down");
  reads(&net, "s2b2", 1, "s2b1");
  const bt_layer *down = named(&net, "s2b1.down"), *sum = named(&net, "s2b1");
  assert_int_equal(down->output, BT_OUTPUT_WIDE);
  assert_int_equal(down->stride, 2);
  assert_int_equal(down->kernel, 1);
  assert_int_equal(down->parameters, 1);
  assert_int_equal(sum->output, BT_OUTPUT_RESIDUAL);
  assert_false(sum->relu);
  assert_true(named(&net, "s2b1.bn2")->relu);
  assert_int_equal(named(&net, "conv1")->output, BT_OUTPUT_ACTIVATIONS);
}

static void test_bottleneck_and_basic_stages(void **state) {
  static bt_net net;
  (void)state;
  load(NETS "/preresnet164-cifar10.yaml", &net);
  assert_int_equal(named(&net, "s1b1.conv3")->out_c, 64);
  reads(&net, "s1b1", 1, "s1b1.down"); /* 16 to 64 channels without a stride */
  assert_int_equal(named(&net, "s3b1.conv2")->stride, 2);
  assert_int_equal(named(&net, "s3b1.conv1")->kernel, 1);
  load(NETS "/resnet18-cifar10.yaml", &net);
  reads(&net, "s2b1", 1, "s2b1.down.bn");
  assert_true(named(&net, "s2b1")->relu);
  assert_int_equal(named(&net, "s2b1")->output, BT_OUTPUT_ACTIVATIONS);
  assert_int_equal(named(&net, "s2b1.bn2")->output, BT_OUTPUT_RESIDUAL);
}

static void test_names_of_parameters(void **state) {
  static bt_net net;
  char name[64];
  (void)state;
  load_text(HEAD "  - {conv: c, out: 4, kernel: 3, bias: false}\n  - {batch_norm: bn, eps: 1e-3}\n"
            LAST, &net);
  bt_net_parameter_name(&net, 1, name, sizeof name);
  assert_string_equal(name, "bn.scale");
  bt_net_parameter_name(&net, 2, name, sizeof name);
  assert_string_equal(name, "bn.shift");
  assert_int_equal(net.parameters, 5);
  assert_int_equal(net.layer[1].eps.den, 1000);
  assert_int_equal(bt_net_initial(&net, 1, 3, 1), 1 << 24);
  assert_int_equal(bt_net_initial(&net, 2, 3, 1), 0);
}

/* sqrt(2 / (9 * 4)) by fan-out against sqrt(1 / 27) by fan-in without a ReLU. */
static void test_fan_out(void **state) {
  static bt_net in, out;
  (void)state;
  load_text(HEAD "  - {conv: c, out: 4, kernel: 3}\n" LAST, &in);
  load_text("init: fan_out\n" HEAD "  - {conv: c, out: 4, kernel: 3}\n" LAST, &out);
  double a = bt_net_initial(&in, 0, 5, 1), b = bt_net_initial(&out, 0, 5, 1);
  double want = 0.23570226 / 0.19245009;
  assert_true(b / a > want * 0.9999 && b / a < want * 1.0001);
  assert_int_equal(bt_net_initial(&in, 2, 5, 1), bt_net_initial(&out, 2, 5, 1)); /* the fc's */
}

static void test_shapes_that_do_not_meet(void **state) {
  (void)state;
  refuse(HEAD CONV("a") "  - {conv: b, out: 6, kernel: 3, stride: 2, pad: 1}\n"
         "  - {add: s, from: [a, b]}\n" LAST, 7,
         "layer s: expected inputs of one shape; a gives 8x8x4, b gives 4x4x6", "");
  refuse(HEAD CONV("a") "  - {fc: f, out: 4}\n  - {add: s, from: [a, f]}\n" LAST, 7, "8x8x4",
         "1x1x4");
  refuse(HEAD CONV("a") "  - {add: s, from: a}\n" LAST, 6, "layer s", "two to four");
  refuse(HEAD CONV("a") "  - {add: s}\n" LAST, 6, "layer s", "two to four");
  refuse(HEAD CONV("a") "  - {average_pool: p, kernel: 9}\n" LAST, 6, "layer p", "8x8x4");
  refuse(HEAD CONV("a") "  - {fc: f, out: 4}\n" CONV("b") LAST, 7, "layer b", "1x1x4");
}

static void test_edges_that_are_wrong(void **state) {
  (void)state;
  refuse(HEAD CONV("a") "  - {conv: b, out: 4, kernel: 3, from: z}\n" LAST, 6, "from 'z'",
         "an earlier layer");
  refuse(HEAD CONV("a") CONV("b") "  - {conv: c, out: 4, kernel: 3, from: [a, b]}\n" LAST, 7,
         "layer c", "one input");
  refuse(HEAD CONV("a") CONV("b") "  - {add: s, from: [a, b, a, b, a]}\n" LAST, 7, "from",
         "1..4 names");
  refuse(HEAD CONV("a") "  - {conv: b, out: 4, kernel: 3, output: wide}\n" CONV("c") LAST, 7,
         "reads b, whose output is wide", "");
  refuse(HEAD CONV("a") CONV("b") "  - {conv: c, out: 4, kernel: 3, from: a}\n" LAST, 6, "layer b",
         "expected a later layer to read it");
  refuse(HEAD CONV("a") "  - {batch_norm: b, from: a}\n  - {batch_norm: c, from: a}\n"
         "  - {add: s, from: [b, c]}\n" LAST, 5, "layer a: its error is a sum of 4 terms and 2",
         "one batch norm");
}

static void test_stages_that_are_wrong(void **state) {
  (void)state;
  refuse(HEAD "  - {stage: s, block: plain, blocks: 1, out: 4}\n" LAST, 5, "block",
         "basic, preact or preact_bottleneck");
  refuse(HEAD "  - {stage: s, block: basic, out: 4}\n" LAST, 5, "blocks", "");
  refuse(HEAD "  - {stage: s, block: basic, blocks: 1, out: 4, pad: 1}\n" LAST, 5, "pad", "");
  refuse(HEAD "  - {stage: s, block: basic, blocks: 200, out: 4}\n" LAST, 5, "more than 640 layers",
         "");
  refuse(HEAD CONV("sb1.conv1") "  - {stage: s, block: basic, blocks: 1, out: 4}\n" LAST, 6,
         "'sb1.conv1'", "a name of its own");
  refuse(HEAD "  - {batch_norm: b, eps: 0}\n" LAST, 5, "layer b", "an eps above 0");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_published_nets),
      cmocka_unit_test(test_macs),
      cmocka_unit_test(test_preact_stage),
      cmocka_unit_test(test_bottleneck_and_basic_stages),
      cmocka_unit_test(test_names_of_parameters),
      cmocka_unit_test(test_fan_out),
      cmocka_unit_test(test_shapes_that_do_not_meet),
      cmocka_unit_test(test_edges_that_are_wrong),
      cmocka_unit_test(test_stages_that_are_wrong),
  };
  return scratch_report("test_net_graph", cmocka_run_group_tests(tests, NULL, NULL));
}
