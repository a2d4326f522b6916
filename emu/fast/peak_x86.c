/* In assembly, so that nothing but the products is timed, and so that no file of these needs
 * options of the compiler. Twelve sums in flight hide every latency there is; what the registers
 * hold does not matter. */
#include "fast/peak.h"

#define SUMS 12u

/* `step` for each sum, \s being its register's number, until `rounds` is counted down. */
#define LOOP(step)                                                                              \
  __asm__ volatile("1:\n\t.irp s, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15\n\t" step             \
                   "\n\t.endr\n\tdec %0\n\tjnz 1b\n\tvzeroupper"                                \
                   : "+r"(left)                                                                 \
                   :                                                                            \
                   : "cc", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7",      \
                     "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15")

uint64_t bt_peak_avx2(size_t rounds) {
  size_t left = rounds + 1; /* at least one */
  LOOP("vpmaddwd %%ymm0, %%ymm1, %%ymm2\n\tvpaddd %%ymm2, %%ymm\\s, %%ymm\\s");
  return (uint64_t)(rounds + 1) * SUMS * 16;
}

uint64_t bt_peak_avx512(size_t rounds) {
  size_t left = rounds + 1;
  LOOP("vpmaddwd %%zmm0, %%zmm1, %%zmm2\n\tvpaddd %%zmm2, %%zmm\\s, %%zmm\\s");
  return (uint64_t)(rounds + 1) * SUMS * 32;
}

uint64_t bt_peak_vnni(size_t rounds) {
  size_t left = rounds + 1;
  LOOP("vpdpbusd %%zmm0, %%zmm1, %%zmm\\s");
  return (uint64_t)(rounds + 1) * SUMS * 64;
}
