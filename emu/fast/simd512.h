/* AVX-512 intrinsics: the compiler's, or SIMDe's where BT_EMULATE_AVX512 asks for them, so that
 * tests run the kernels on a CPU that has no AVX-512. */
#ifndef BT_FAST_SIMD512_H
#define BT_FAST_SIMD512_H

#ifdef BT_EMULATE_AVX512
#define SIMDE_ENABLE_NATIVE_ALIASES
#include <simde/x86/avx512.h>
#undef _mm512_madd_epi16 /* SIMDe 0.7.4 gives this name to the masked form */
#define _mm512_madd_epi16(a, b) simde_mm512_madd_epi16(a, b)
#else
#include <immintrin.h>
#endif

#endif
