// A command for each status with which the machine ends a run: what the check of descriptors
// refuses, and what only the command's sequencer does.
#ifndef BT_RTL_MACHINE_REFUSALS_H
#define BT_RTL_MACHINE_REFUSALS_H

#include <functional>

#include "descriptor_check.h"
#include "sample.h"

namespace bench {

// A command that is described into `memory`, and given to `use` with the status it earns.
class Refusals {
public:
  using Use = std::function<void(const bt_rtl::Descriptor &, unsigned status, bool by_sequencer)>;

  Refusals(bt_rtl::MemoryImage &memory, const Use &use) : memory_(memory), use_(use) {}
  ~Refusals() {
    for (auto &t : tensors_) bt_tensor_free(t.get());
  }
  Refusals(const Refusals &) = delete;
  Refusals &operator=(const Refusals &) = delete;

  void all() {
    checked();
    reduces();
    average();
    norm();
  }

private:
  bt_tensor *keep(bt_tensor t) {
    tensors_.emplace_back(new bt_tensor(t));
    if (!bt_tensor_alloc(tensors_.back().get())) std::exit(1);
    return tensors_.back().get();
  }
  bt_tensor *bfp(std::vector<size_t> dim, bt_block block) {
    bt_format f = {BT_BFP, 8, 0, false, block, 0, 0};
    bt_tensor *t = keep(bt_tensor_bfp("x", f, dim.size(), dim.data()));
    for (size_t i = 0; i < bt_tensor_elements(t); i++) bt_tensor_store(t, i, 100);
    return t;
  }

  // A quantization with one word changed.
  void checked() {
    const size_t in = bt_rtl::DESCRIPTOR_PARAMETERS;
    const size_t out = in + bt_rtl::SLOT_OUT * bt_rtl::SLOT_WORDS;
    bt_command c = bt_command();
    c.op = BT_OP_QUANTIZE;
    c.in[0] = bfp({4, 10}, BT_BLOCK_TENSOR);
    c.out[0] = bfp({4, 10}, BT_BLOCK_DIM0);
    c.u.quantize.round = {BT_NEAREST_EVEN, 16, false};
    const bt_rtl::Descriptor good = bt_rtl::describe(c, memory_);
    const struct {
      size_t word;
      uint32_t value;
      unsigned status;
    } changes[] = {{0, 200, bt_rtl::STATUS_COMMAND},
                   {0, good[0] | 2u << 16, bt_rtl::STATUS_OPTION},
                   {in + 4, 0, bt_rtl::STATUS_ZERO},
                   {in, good[in] + 4, bt_rtl::STATUS_MISALIGNED},
                   {in, 0xFFFFFF00, bt_rtl::STATUS_RANGE},
                   {out, good[in], bt_rtl::STATUS_OVERLAP},
                   {in + 2, good[in + 2] | 7, bt_rtl::STATUS_FORMAT},
                   {in + 4, 0x80000000, bt_rtl::STATUS_LARGE},
                   {in + 5, good[in + 5] + 1, bt_rtl::STATUS_SHAPE}};
    for (const auto &change : changes) {
      bt_rtl::Descriptor d = good;
      d[change.word] = change.value;
      use_(d, change.status, false);
    }
  }

  // Squares in blocks other than one; a last dimension above the store of sums.
  void reduces() {
    bt_command c = bt_command();
    c.op = BT_OP_REDUCE;
    c.u.reduce.kind = BT_SUM_XX;
    c.in[0] = bfp({4, 6}, BT_BLOCK_DIM0);
    size_t six = 6, many = 1025;
    c.out[0] = keep(bt_tensor_wide("y", 1, &six, false, false));
    use_(bt_rtl::describe(c, memory_), bt_rtl::STATUS_FORMAT, true);
    c.in[0] = bfp({2, many}, BT_BLOCK_TENSOR);
    c.out[0] = keep(bt_tensor_wide("y", 1, &many, false, false));
    use_(bt_rtl::describe(c, memory_), bt_rtl::STATUS_LARGE, true);
  }

  // 2^62 - 1 + 100 is out of range (numerics 16).
  void average() {
    int64_t sums[3] = {0, (int64_t{1} << 62) - 1, 0};
    int16_t emin = 0;
    bt_average a = {sums, &emin, 1};
    bt_command c = bt_command();
    c.op = BT_OP_AVERAGE;
    c.in[0] = bfp({3}, BT_BLOCK_TENSOR);
    c.in[0]->exp[0] = emin;
    c.u.average.average = &a;
    use_(bt_rtl::describe(c, memory_), bt_rtl::STATUS_SUM, true);
  }

  // Statistics of no rows.
  void norm() {
    size_t n = 3;
    bt_statistics statistics = bt_statistics();
    if (!bt_statistics_alloc(&statistics, n)) std::exit(1);
    bt_statistics_reset(&statistics);
    bt_command c = bt_command();
    c.op = BT_OP_NORM;
    c.in[2] = bfp({n}, BT_BLOCK_TENSOR);
    c.in[3] = bfp({n}, BT_BLOCK_TENSOR);
    c.out[0] = keep(bt_tensor_constants("a", n));
    c.out[1] = keep(bt_tensor_constants("b", n));
    c.u.norm.eps = {1407374883, -47};
    c.u.norm.statistics = &statistics;
    use_(bt_rtl::describe(c, memory_), bt_rtl::STATUS_SUM, true);
    bt_statistics_free(&statistics);
  }

  bt_rtl::MemoryImage &memory_;
  const Use &use_;
  std::vector<std::unique_ptr<bt_tensor>> tensors_;
};

} // namespace bench
#endif
