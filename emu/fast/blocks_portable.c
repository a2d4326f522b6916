/* The loops of contractions in blocks, for every CPU. */
#define BT_BLOCKS_KERNELS bt_blocks_portable
#include "fast/blocks_loops.h"
