/* The tiles of each instruction set (fast/dispatch.h says what they compute). */
#ifndef BT_FAST_TILES_H
#define BT_FAST_TILES_H

#include "fast/dispatch.h"

void bt_tile_6x16_portable(const bt_tile *t, int32_t *out);
void bt_tile_6x16_avx2(const bt_tile *t, int32_t *out);

#endif
