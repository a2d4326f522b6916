/* Quantizes two rows, multiplies them, prints. floor(log2 3) = 1: step 2^-5, 3 is 96 and -0.5 is
 * -16; floor(log2 1) = 0: step 2^-6, 1 is 64 and 0.25 is 16. 96 * 64 - 16 * 16 = 5888, which is
 * 2.875 * 2^11. */
#include <bittrue.h>
#include <bittrue_run.h>
#include <bittrue_wide.h>
#include <stdio.h>

int main(void) {
  const double x[] = {3, -0.5}, w[] = {1, 0.25};
  const size_t dim[] = {2};
  const bt_round_options round = {BT_NEAREST_EVEN, 0, false};
  bt_format bfp8;
  bt_error error;
  int16_t xm[2], wm[2];
  int8_t xe, we, a[2], b[2];
  int32_t sum;
  const bt_accumulator acc = bt_accumulator_default();
  if (bt_api_version() != BT_API_VERSION || bt_format_parse("bfp8", &bfp8, &error) != BT_OK ||
      bt_quantize_f64(&bfp8, &round, 1, dim, x, NULL, xm, &xe, NULL, &error) != BT_OK ||
      bt_quantize_f64(&bfp8, &round, 1, dim, w, NULL, wm, &we, NULL, &error) != BT_OK) {
    return 1;
  }
  for (int i = 0; i < 2; i++) {
    a[i] = (int8_t)xm[i];
    b[i] = (int8_t)wm[i];
  }
  if (bt_gemm_s8(&acc, 1, 1, 2, a, b, NULL, &sum, NULL, &error) != BT_OK) {
    return 1;
  }
  printf("%s: (%d %d) * 2^%d by (%d %d) * 2^%d: %d * 2^%d\n", bt_version(), xm[0], xm[1], xe - 6,
         wm[0], wm[1], we - 6, (int)sum, xe + we - 12);
  return 0;
}
