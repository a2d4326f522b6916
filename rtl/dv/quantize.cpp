// A quantization on the quantizer: the tensor block by block (numerics 7), with the lanes set to
// the generator's position first and read back afterwards (numerics 4.3).
#include "emu.h"
#include "engine.h"

namespace bt_rtl {

namespace {

const unsigned RANDOM_BITS = 16; // of the quantizers built

// Elements of blocks above and below the exponent's range (bt_quantize_counts).
void count_block(const Quantization &q, const BlockResult &r, size_t begin, size_t end,
                 bt_quantize_counts &counts) {
  counts.clipped += r.clipped;
  if (r.overflow) counts.overflow += end - begin;
  for (size_t i = begin; r.flushed && i < end; i++) counts.flushed += q.mantissa[i] != 0;
}

void store(bt_tensor &out, const std::vector<int16_t> &mantissa) {
  for (size_t i = 0; i < mantissa.size(); i++) {
    if (out.kind == BT_T_BFP8) static_cast<int8_t *>(out.data)[i] = static_cast<int8_t>(mantissa[i]);
    else static_cast<int16_t *>(out.data)[i] = mantissa[i];
  }
}

} // namespace

bt_status run_quantize(Engine &e, const bt_command &c, bt_lfsr *rng, bt_counts *counts,
                       bt_error *error) {
  const bt_tensor &in = *c.in[0];
  bt_tensor &out = *c.out[0];
  const bt_round_options &round = c.u.quantize.round;
  bool draws = round.mode == BT_STOCHASTIC;
  size_t lanes = e.machine.lanes, n = bt_tensor_elements(&in);
  if (draws && (!rng || rng->lanes != lanes))
    return bt_fail(error, BT_BAD_INPUT, "rtl engine: %s: a generator of %zu lanes expected",
                   c.label.text ? c.label.text : "quantize", lanes);

  std::vector<int32_t> mantissa(n);
  std::vector<int16_t> step(n), result(n);
  for (size_t i = 0; i < n; i++) {
    mantissa[i] = bt_tensor_mantissa(&in, i);
    step[i] = static_cast<int16_t>(bt_tensor_step(&in, i));
  }
  Quantization q = {out.fmt.wl, round.mode, out.fmt.asymmetric, n, mantissa.data(), step.data(),
                    result.data()};
  if (draws) e.quantizer->load(rng->lane);
  uint32_t start = e.quantizer->cycles();
  size_t blocks = n == 0 ? 0 : out.fmt.block == BT_BLOCK_TENSOR ? 1 : out.dim[0];
  for (size_t block = 0; block < blocks; block++) {
    size_t begin = n / blocks * block, end = begin + n / blocks;
    BlockResult r = e.quantizer->block(q, begin, end);
    out.exp[block] = static_cast<int16_t>(r.shared_exponent);
    if (counts) count_block(q, r, begin, end, counts->quantize);
  }
  e.quantizer->finish();
  e.stats.quantizer_cycles = e.quantizer->cycles() - start;
  e.stats.tiles_run = e.stats.tiles_total = blocks;
  store(out, result);
  if (draws) {
    e.quantizer->read(rng->lane);
    rng->steps += (n + lanes - 1) / lanes * RANDOM_BITS;
  }
  return BT_OK;
}

} // namespace bt_rtl
