// flexquant as a block in bittrue's loop: the model behind bittrue_engine.h. FLEXQUANT is the
// verilated class, FLEXQUANT_NAME what reports call it.
//
// It takes bfp formats in blocks of successive elements, rounded stochastically with 16 bits or to
// nearest even; other quantizations stay with the engine whose place it takes.
#include <cstdio>
#include <memory>
#include <new>

#include "bittrue_engine.h"
#include "flexquant_model.h"

namespace {

struct Block {
  VerilatedContext verilator;
  std::unique_ptr<FLEXQUANT> core;
  const bt_user_host *host;
  unsigned lanes;

  void edge() {
    core->CLK = 1;
    core->eval();
    core->CLK = 0;
    core->eval();
  }

  void offer(const bt_user_input &x, size_t i) {
    if (x.kind == BT_USER_WIDE) {
      size_t row = i / (x.elements / x.cells_first);
      size_t column = x.cells_last > 1 ? i % x.cells_last : 0;
      core->X = static_cast<uint32_t>(static_cast<const int32_t *>(x.data)[i]);
      core->XE = static_cast<uint16_t>(x.exponent[row * x.cells_last + column]);
      return;
    }
    int m = x.kind == BT_USER_BFP8 ? static_cast<const int8_t *>(x.data)[i]
                                   : static_cast<const int16_t *>(x.data)[i];
    size_t block = host->block_of(&x.format, x.ndim, x.dim, i);
    core->X = static_cast<uint32_t>(m);
    core->XE = static_cast<uint16_t>(x.exponent[block] - (x.format.wl - 2));
  }

  // Elements begin .. end-1, which are block number `block` of the output.
  void quantize(const bt_user_command &c, size_t block, size_t begin, size_t end, bt_lfsr *lane,
                bt_quantize_counts *counts) {
    const bt_user_input &x = *c.in[0];
    const bt_user_output &y = *c.out[0];
    core->CLR = 1;
    edge();
    core->CLR = 0;
    core->SCAN = 1;
    for (size_t i = begin; i < end; i++) {
      offer(x, i);
      edge();
    }
    core->SCAN = 0;
    core->EMIT = 1;
    for (size_t i = begin; i < end; i++) {
      offer(x, i);
      core->NOISE = c.draws == 0 ? 0 : static_cast<uint16_t>(
          host->lfsr_draw(&lane->lane[i % lanes], c.draw_bits));
      edge();
      int16_t q = static_cast<int16_t>(core->Q);
      if (y.kind == BT_USER_BFP8)
        static_cast<int8_t *>(y.data)[i] = static_cast<int8_t>(q);
      else
        static_cast<int16_t *>(y.data)[i] = q;
      counts->clipped += core->CLIPPED;
      counts->overflow += core->OVER;
      counts->flushed += core->UNDER && core->X != 0;
    }
    core->EMIT = 0;
    y.exponent[block] = static_cast<int8_t>(core->BEXP);
  }
};

bt_status create(const bt_user_setup *setup, void **context, bt_error *error) {
  try {
    std::unique_ptr<Block> b(new Block());
    b->core.reset(new FLEXQUANT(&b->verilator, "flexquant"));
    b->host = setup->host;
    b->lanes = setup->lanes;
    *context = b.release();
    return BT_OK;
  } catch (const std::bad_alloc &) {
    std::snprintf(error->text, sizeof error->text, "out of memory");
    return BT_FAILED;
  }
}

bool covers(void *, const bt_user_command *c) {
  if (c->op != BT_USER_QUANTIZE) return false;
  const bt_format &f = c->out[0]->format;
  const bt_round_options &r = c->u.quantize.round;
  bool successive = f.block == BT_BLOCK_TENSOR || f.block == BT_BLOCK_DIM0 ||
                    f.block == BT_BLOCK_SAMPLE;
  return f.kind == BT_BFP && !f.asymmetric && successive &&
         (r.mode == BT_NEAREST_EVEN ||
          (r.mode == BT_STOCHASTIC && r.random_bits == 16 && !r.sr_half));
}

bt_status run(void *context, const bt_user_command *c, bt_lfsr *generator, bt_user_counts *counts,
              bt_error *) {
  Block *b = static_cast<Block *>(context);
  const bt_user_output &y = *c->out[0];
  bt_lfsr lane = *generator;
  b->core->EVEN = c->draws == 0;
  b->core->WL = static_cast<uint8_t>(y.format.wl);
  size_t length = y.exponents == 0 ? 0 : y.elements / y.exponents;
  for (size_t k = 0; k < y.exponents; k++)
    b->quantize(*c, k, k * length, (k + 1) * length, &lane, &counts->quantize);
  b->host->advance(c, generator);
  return BT_OK;
}

void destroy(void *context) {
  Block *b = static_cast<Block *>(context);
  b->core->final();
  delete b;
}

} // namespace

const bt_user_engine *bittrue_engine(uint32_t abi) {
  static const bt_user_engine engine = {BT_ENGINE_ABI, FLEXQUANT_NAME, create, covers, run,
                                        destroy};
  return abi == BT_ENGINE_ABI ? &engine : nullptr;
}
