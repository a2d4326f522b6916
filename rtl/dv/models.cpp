#include "models.h"

#include "simulation.h"
#include "tile_driver.h"
#include "quantizer_driver.h"

#define BT_RTL_INCLUDES
#include "bt_rtl_models.inc"
#undef BT_RTL_INCLUDES

namespace bt_rtl {

namespace {

bool same(const TileParameters &a, const TileParameters &b) {
  return a.rows == b.rows && a.cols == b.cols && a.acc_bits == b.acc_bits &&
         a.saturate == b.saturate && a.fault_bit == b.fault_bit && a.watched == b.watched;
}

} // namespace

const std::vector<TileParameters> &tile_models() {
  static const std::vector<TileParameters> models = {
#define BT_TILE(model, ...) {__VA_ARGS__},
#define BT_QUANTIZER(model, lanes)
#include "bt_rtl_models.inc"
#undef BT_TILE
#undef BT_QUANTIZER
  };
  return models;
}

const std::vector<size_t> &quantizer_models() {
  static const std::vector<size_t> models = {
#define BT_TILE(model, ...)
#define BT_QUANTIZER(model, lanes) lanes,
#include "bt_rtl_models.inc"
#undef BT_TILE
#undef BT_QUANTIZER
  };
  return models;
}

std::unique_ptr<Tile> make_tile(const TileParameters &p, const std::string &waves) {
#define BT_TILE(model, ...)                                                                        \
  if (same(p, TileParameters{__VA_ARGS__}))                                                        \
    return std::unique_ptr<Tile>(                                                                  \
        new TileDriver<model>(p.rows, p.cols, waves, p.watched ? p.acc_bits : 0));
#define BT_QUANTIZER(model, lanes)
#include "bt_rtl_models.inc"
#undef BT_TILE
#undef BT_QUANTIZER
  return nullptr;
}

std::unique_ptr<Quantizer> make_quantizer(size_t lanes, const std::string &waves) {
#define BT_TILE(model, ...)
#define BT_QUANTIZER(model, model_lanes)                                                           \
  if (lanes == model_lanes)                                                                        \
    return std::unique_ptr<Quantizer>(new QuantizerDriver<model>(lanes, waves));
#include "bt_rtl_models.inc"
#undef BT_TILE
#undef BT_QUANTIZER
  return nullptr;
}

bool have_waves() { return VM_TRACE; }

} // namespace bt_rtl
