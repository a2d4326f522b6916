// The same from C++.
#include <bittrue.h>
#include <bittrue_run.h>
#include <bittrue_wide.h>

#include <iostream>
#include <vector>

static std::vector<std::int16_t> quantize(const std::vector<double> &x, std::int8_t *exponent) {
  bt_format bfp8;
  bt_error error;
  const bt_round_options round = {BT_NEAREST_EVEN, 0, false};
  const size_t size = x.size();
  std::vector<std::int16_t> m(size);
  if (bt_format_parse("bfp8", &bfp8, &error) != BT_OK ||
      bt_quantize_f64(&bfp8, &round, 1, &size, x.data(), nullptr, m.data(), exponent, nullptr,
                      &error) != BT_OK) {
    std::cerr << error.text << '\n';
  }
  return m;
}

int main() {
  std::int8_t xe = 0, we = 0;
  const std::vector<std::int16_t> x = quantize({3, -0.5}, &xe), w = quantize({1, 0.25}, &we);
  const std::vector<std::int8_t> a(x.begin(), x.end()), b(w.begin(), w.end());
  const bt_accumulator acc = bt_accumulator_default();
  std::int32_t sum = 0;
  if (bt_gemm_s8(&acc, 1, 1, 2, a.data(), b.data(), nullptr, &sum, nullptr, nullptr) != BT_OK) {
    return 1;
  }
  std::cout << bt_version() << ": (" << x[0] << ' ' << x[1] << ") * 2^" << xe - 6 << " by (" << w[0]
            << ' ' << w[1] << ") * 2^" << we - 6 << ": " << sum << " * 2^" << xe + we - 12 << '\n';
  return 0;
}
