// What drawn quantizations met, in numbers that must not be zero.
#ifndef BT_RTL_QUANTIZE_BINS_H
#define BT_RTL_QUANTIZE_BINS_H

#include <cstdio>

#include "bench.h"
#include "emu.h"

struct Bins {
  uint64_t mode[4], bits_not_16, bits_1, bits_24, half, no_bits; // of commands done
  uint64_t block[5], fixed, asymmetric, narrow_out, wide_out;
  uint64_t bfp8, bfp16, blocks_in[5], one_cell, columns, rows0, rows0_columns, rows, each;
  uint64_t below_lanes, last_below, last_above, last_multiple, shared_beats, one_element, thousands;
  uint64_t zero_blocks, overflow, flushed, clipped, too_large;
};

inline void print(bench::Checks &checks, const Bins &b) {
  const struct {
    const char *name;
    uint64_t count;
  } all[] = {
      {"stochastic", b.mode[0]}, {"nearest_even", b.mode[1]}, {"nearest_away", b.mode[2]},
      {"floor", b.mode[3]}, {"random bits not 16", b.bits_not_16}, {"1 random bit", b.bits_1},
      {"24 random bits", b.bits_24}, {"sr_half", b.half}, {"no draws, other bits", b.no_bits},
      {"tensor", b.block[BT_BLOCK_TENSOR]},
      {"dim0", b.block[BT_BLOCK_DIM0]}, {"sample", b.block[BT_BLOCK_SAMPLE]},
      {"tile", b.block[BT_BLOCK_TILE]}, {"k32", b.block[BT_BLOCK_K32]}, {"fixed", b.fixed},
      {"asymmetric", b.asymmetric}, {"int8 out", b.narrow_out}, {"int16 out", b.wide_out},
      {"bfp8 in", b.bfp8}, {"bfp16 in", b.bfp16}, {"in tensor", b.blocks_in[BT_BLOCK_TENSOR]},
      {"in dim0", b.blocks_in[BT_BLOCK_DIM0]}, {"in tile", b.blocks_in[BT_BLOCK_TILE]},
      {"in k32", b.blocks_in[BT_BLOCK_K32]}, {"one cell", b.one_cell}, {"columns", b.columns},
      {"dimension 0", b.rows0}, {"dimension 0 and columns", b.rows0_columns}, {"rows", b.rows},
      {"a cell an element", b.each}, {"fewer than lanes", b.below_lanes},
      {"one element", b.one_element}, {"over 2000", b.thousands}, {"last below", b.last_below},
      {"last above", b.last_above}, {"last multiple", b.last_multiple},
      {"bands that share beats", b.shared_beats}, {"zero blocks", b.zero_blocks},
      {"overflowed", b.overflow}, {"flushed", b.flushed}, {"clipped", b.clipped},
      {"above the stores", b.too_large}};
  for (const auto &bin : all) {
    std::printf("%s %" PRIu64 "; ", bin.name, bin.count);
    checks.that(bin.count > 0, "never met: %s", bin.name);
  }
  std::printf("\n");
}

#endif
