/* How many bytes of memory elements take (cost 5). */
#ifndef BT_COST_STORED_H
#define BT_COST_STORED_H

#include "cmd/tensor.h"

/* Bits of an element of a tensor that is no mask: a bfp mantissa its wl; 32 if `fp32`, as sums and
 * wide values then are, too. */
static inline unsigned bt_stored_bits(const bt_tensor *t, bool fp32) {
  switch (t->kind) {
    case BT_T_BYTE: return 8;
    case BT_T_WIDE: return 32;
    case BT_T_SUMS: return fp32 ? 32 : 64;
    case BT_T_BFP8:
    case BT_T_BFP16:
    default: return fp32 ? 32 : (unsigned)t->fmt.wl;
  }
}

/* Elements are packed; the last byte may have bits to spare. */
static inline unsigned __int128 bt_stored_bytes(unsigned __int128 elements, unsigned bits) {
  return (elements * bits + 7) / 8;
}

#endif
