/* The loops of contractions in blocks, for AVX2. */
#define BT_BLOCKS_KERNELS bt_blocks_avx2
#include "fast/blocks_loops.h"
