/* bittrue bench gemm: matrix multiplies, as fully connected layers. */
#include "cli/bench_contract.h"
#include "cli/bench_shapes.h"

/* Layers of VGG16 as matrices, a square, and both backward passes of the third. */
static const char usual[] = "512x512x4608,4096x512x4608,131072x64x576,16384x256x2304,"
                            "1024x1024x1024,576x64x131072:tn,131072x576x64:nt";

bt_status bt_bench_gemm(bt_bench *b, bt_error *error) {
  const char *list = b->o->shapes != NULL ? b->o->shapes : usual;
  char text[BT_SHAPE_TEXT];
  bt_status s = BT_OK;
  while (s == BT_OK && bt_shape_next(&list, text)) {
    bt_geometry g;
    bt_direction d;
    uint64_t macs;
    double seconds;
    s = bt_shape_gemm(text, &g, &d, error);
    s = s == BT_OK ? bt_bench_contract(b, text, &g, d, &macs, &seconds, error) : s;
  }
  return s;
}
