/* What AVX-512 (F, BW, VL, DQ) overrides. */
#include "fast/kernels.h"

void bt_kernels_avx512(bt_kernels *k) { (void)k; }
