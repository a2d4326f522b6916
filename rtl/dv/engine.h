// The rtl engine's state, and its two kinds of commands.
#ifndef BT_RTL_ENGINE_STATE_H
#define BT_RTL_ENGINE_STATE_H

#include "emu.h"
#include "models.h"
#include "rtl_engine.h"

namespace bt_rtl {

struct Engine : bt_engine {
  bt_machine machine;
  bt_rtl_options options;
  TileParameters parameters;
  std::unique_ptr<Tile> tile;
  std::unique_ptr<Quantizer> quantizer;
  bt_rtl_stats stats;
  // Elements of out[0] that the hardware did not compute: those of these rows and columns of
  // tiles of the matrix view. Empty: all were computed.
  std::vector<bool> tile_run; // by tile row, tile column
  size_t tile_cols, matrix_cols;
};

// One output's exponent and shift (numerics 8.2).
struct Alignment {
  int gref, t, bits;
};

// A group: the products of equal exponent, by the outermost of k's three indices, ascending.
struct Group {
  int g;
  std::vector<size_t> outer;
};

void run_contract(Engine &engine, const bt_command &c, bt_counts *counts);
bt_status run_quantize(Engine &engine, const bt_command &c, bt_lfsr *rng, bt_counts *counts,
                       bt_error *error);

} // namespace bt_rtl
#endif
