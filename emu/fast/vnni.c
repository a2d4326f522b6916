/* What AVX-512 VNNI overrides. */
#include "fast/kernels.h"
#include "fast/peak.h"

void bt_kernels_vnni(bt_kernels *k) {
  k->word = BT_QUAD;
  k->tile_a = bt_tile_6x64_vnni_a;
  k->tile_b = bt_tile_6x64_vnni_b;
  k->pack = bt_offset_vnni;
  k->choose = bt_choose_vnni;
  k->pack_runs = bt_quad_runs_vnni;
  k->pack_rows = bt_quad_rows_vnni;
  k->peak = bt_peak_vnni;
  k->interleave = bt_quads_vnni;
  k->add_rows = bt_add_rows_vnni;
}
