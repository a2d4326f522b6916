/* What AVX-512 VNNI overrides. */
#include "fast/kernels.h"

void bt_kernels_vnni(bt_kernels *k) { (void)k; }
