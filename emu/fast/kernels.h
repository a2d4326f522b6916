/* The kernels of each instruction set (fast/dispatch.h says what they compute). */
#ifndef BT_FAST_KERNELS_H
#define BT_FAST_KERNELS_H

#include "fast/dispatch.h"

void bt_tile_6x16_portable(const bt_tile *t, int32_t *out);
void bt_tile_6x16_avx2(const bt_tile *t, int32_t *out);


void bt_magnitudes_portable(size_t n, size_t columns, const int32_t *m, uint32_t *magnitude);
void bt_draw_portable(uint32_t *lane, size_t lanes, size_t rounds, unsigned bits, uint32_t *draws);
uint64_t bt_quantize_portable(const bt_quantizer *q, size_t n, const int32_t *m,
                           const uint32_t *draws, void *out);

void bt_magnitudes_avx2(size_t n, size_t columns, const int32_t *m, uint32_t *magnitude);
void bt_draw_avx2(uint32_t *lane, size_t lanes, size_t rounds, unsigned bits, uint32_t *draws);
uint64_t bt_quantize_avx2(const bt_quantizer *q, size_t n, const int32_t *m,
                           const uint32_t *draws, void *out);
#endif
