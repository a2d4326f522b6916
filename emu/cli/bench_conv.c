/* bittrue bench conv: convolutions, all three directions. */
#include "cli/bench_contract.h"
#include "cli/bench_shapes.h"

/* VGG16's 3x3 layers after the first on 32x32 images, batch 128, and how often each is there. */
static const char usual[] = "128x32x32x64-64k3p1s1,128x16x16x64-128k3p1s1,"
                            "128x16x16x128-128k3p1s1,128x8x8x128-256k3p1s1,"
                            "128x8x8x256-256k3p1s1*2,128x4x4x256-512k3p1s1,"
                            "128x4x4x512-512k3p1s1*2,128x2x2x512-512k3p1s1*3";

typedef struct {
  double macs, seconds;
} sum;

/* All products over all time: each shape weighs as much as its products. */
static void add_means(bt_bench *b, const sum total[3]) {
  json_t *means = json_array();
  for (int d = BT_FORWARD; d <= BT_WEIGHT_GRADIENT; d++) {
    json_array_append_new(means, json_pack("{s:s, s:f}", "what", bt_direction_name((bt_direction)d),
                                           "gmac_per_second",
                                           total[d].macs / total[d].seconds * 1e-9));
  }
  json_object_set_new(b->facts, "means", means);
}

bt_status bt_bench_conv(bt_bench *b, bt_error *error) {
  const char *list = b->o->shapes != NULL ? b->o->shapes : usual;
  char text[BT_SHAPE_TEXT];
  sum total[3] = {{0, 0}, {0, 0}, {0, 0}};
  bt_status s = BT_OK;
  while (s == BT_OK && bt_shape_next(&list, text)) {
    bt_geometry g;
    size_t times;
    s = bt_shape_conv(text, &g, &times, error);
    for (int d = BT_FORWARD; s == BT_OK && d <= BT_WEIGHT_GRADIENT; d++) {
      uint64_t macs;
      double seconds;
      s = bt_bench_contract(b, text, &g, (bt_direction)d, &macs, &seconds, error);
      if (s == BT_OK) {
        total[d].macs += (double)macs * (double)times;
        total[d].seconds += seconds * (double)times;
      }
    }
  }
  if (s == BT_OK) {
    add_means(b, total);
  }
  return s;
}
