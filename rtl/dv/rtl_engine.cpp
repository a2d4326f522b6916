#include "rtl_engine.h"

#include <new>

#include "emu.h"
#include "engine.h"

namespace {

using bt_rtl::Engine;
using bt_rtl::TileParameters;

bool simple_block(const bt_tensor *t) {
  return t->fmt.kind == BT_BFP && (t->fmt.block == BT_BLOCK_TENSOR ||
                                   t->fmt.block == BT_BLOCK_DIM0 || t->fmt.block == BT_BLOCK_SAMPLE);
}

bool covers(const bt_engine *engine, const bt_command *c) {
  const Engine *e = static_cast<const Engine *>(engine);
  if (c->op == BT_OP_CONTRACT) {
    const bt_accumulator &acc = e->machine.acc;
    return acc.acc_shift == 0 && acc.chunk == 0 && c->in[0]->kind == BT_T_BFP8 &&
           c->in[1]->kind == BT_T_BFP8 && simple_block(c->in[0]) && simple_block(c->in[1]);
  }
  if (c->op != BT_OP_QUANTIZE || c->in[0]->kind == BT_T_BYTE || !simple_block(c->out[0]))
    return false;
  const bt_round_options &round = c->u.quantize.round;
  return round.mode != BT_STOCHASTIC || (round.random_bits == 16 && !round.sr_half);
}

bt_status run(bt_engine *engine, const bt_command *c, bt_lfsr *rng, bt_counts *counts,
              bt_error *error) {
  Engine *e = static_cast<Engine *>(engine);
  const char *text = c->label.text ? c->label.text : bt_op_name(c->op);
  if (!covers(engine, c))
    return bt_fail(error, BT_BAD_INPUT, "rtl engine: %s: not among the commands it covers", text);
  e->stats = bt_rtl_stats();
  e->tile_run.clear();
  try {
    if (c->op == BT_OP_QUANTIZE) return bt_rtl::run_quantize(*e, *c, rng, counts, error);
    bt_rtl::run_contract(*e, *c, counts);
    return BT_OK;
  } catch (const std::bad_alloc &) {
    return bt_fail(error, BT_FAILED, "rtl engine: %s: out of memory", text);
  }
}

void destroy(bt_engine *engine) { delete static_cast<Engine *>(engine); }

std::string describe(const TileParameters &p) {
  std::string text = std::to_string(p.rows) + "x" + std::to_string(p.cols) + " acc " +
                     std::to_string(p.acc_bits) + (p.saturate ? " saturate" : " wrap");
  if (p.watched) text += " watched";
  return p.fault_bit < 0 ? text : text + " fault " + std::to_string(p.fault_bit);
}

std::string list_machines(bool with_faults, bool watched) {
  std::string text;
  for (const TileParameters &p : bt_rtl::tile_models())
    if ((with_faults || p.fault_bit < 0) && p.watched == watched)
      text += (text.empty() ? "" : ", ") + describe(p);
  text += "; lanes";
  for (size_t lanes : bt_rtl::quantizer_models()) text += " " + std::to_string(lanes);
  return text;
}

const TileParameters *find_model(const bt_machine &m, int fault_bit, bool watched) {
  for (const TileParameters &p : bt_rtl::tile_models())
    if (p.rows == m.rows && p.cols == m.cols && p.acc_bits == m.acc.acc_bits &&
        p.saturate == !m.acc.wrap && p.fault_bit == fault_bit && p.watched == watched)
      return &p;
  return nullptr;
}

bool has_lanes(unsigned lanes) {
  for (size_t l : bt_rtl::quantizer_models())
    if (l == lanes) return true;
  return false;
}

} // namespace

bt_rtl_options bt_rtl_options_default(void) { return {-1, 0, nullptr, false}; }

const char *bt_rtl_machines(void) {
  static const std::string text = list_machines(false, false);
  return text.c_str();
}

bt_engine *bt_rtl_engine(const bt_machine *machine, const bt_rtl_options *options,
                         bt_error *error) {
  int fault_bit = options->fault_bit < 0 ? -1 : options->fault_bit;
  const TileParameters *p = find_model(*machine, fault_bit, options->watch);
  if (!p || !has_lanes(machine->lanes)) {
    TileParameters wanted = {machine->rows, machine->cols, machine->acc.acc_bits,
                             !machine->acc.wrap, fault_bit, 0, 0, options->watch};
    bt_fail(error, BT_BAD_INPUT, "machine %s: no RTL was built for %s lanes %u; there is %s",
            machine->name, describe(wanted).c_str(), machine->lanes,
            list_machines(fault_bit >= 0, options->watch).c_str());
    return nullptr;
  }
  std::string waves = options->waves ? options->waves : "";
  if (!waves.empty() && !bt_rtl::have_waves()) {
    bt_fail(error, BT_BAD_INPUT, "%s: no waves in this build; configure with BITTRUE_TRACE=ON",
            options->waves);
    return nullptr;
  }
  try {
    std::unique_ptr<Engine> e(new Engine());
    e->name = "rtl";
    e->covers = covers;
    e->run = run;
    e->destroy = destroy;
    e->machine = *machine;
    e->options = *options;
    e->options.waves = nullptr;
    e->parameters = *p;
    e->tile = bt_rtl::make_tile(*p, waves);
    e->quantizer =
        bt_rtl::make_quantizer(machine->lanes, waves.empty() ? waves : waves + ".quantizer.vcd");
    return e.release();
  } catch (const std::bad_alloc &) {
    bt_fail(error, BT_FAILED, "rtl engine: out of memory");
    return nullptr;
  }
}

bt_rtl_stats bt_rtl_last(const bt_engine *engine) {
  return static_cast<const Engine *>(engine)->stats;
}

bool bt_rtl_covered_element(const bt_engine *engine, size_t element) {
  const Engine *e = static_cast<const Engine *>(engine);
  if (e->tile_run.empty()) return true;
  size_t row = element / e->matrix_cols, col = element % e->matrix_cols;
  return e->tile_run[row / e->parameters.rows * e->tile_cols + col / e->parameters.cols];
}

bool bt_rtl_fault(const bt_engine *engine, int *bit, size_t *row, size_t *col) {
  const TileParameters &p = static_cast<const Engine *>(engine)->parameters;
  *bit = p.fault_bit;
  *row = p.fault_row;
  *col = p.fault_col;
  return p.fault_bit >= 0;
}
