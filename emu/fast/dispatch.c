/* The choice of kernels: the CPU's best, or what BITTRUE_ISA asks for. */
#include "fast/dispatch.h"

#include <stdlib.h>
#include <string.h>

#include "fast/fast.h"
#include "num/error.h"

const char *const *bt_fast_isas(void) {
  static const char *const isa[] = {"portable", "avx2", "avx512", "vnni", NULL};
  return isa;
}

#if defined(__x86_64__)
static bool has_avx512(void) {
#if defined(BT_EMULATE_AVX512)
  return __builtin_cpu_supports("avx2"); /* what SIMDe's functions are compiled to */
#else
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
#endif
}

static bool has_avx512_vnni(void) {
#if defined(BT_EMULATE_AVX512)
  return has_avx512();
#else
  return has_avx512() && __builtin_cpu_supports("avx512vnni");
#endif
}
#endif

bool bt_fast_supports(const char *isa) {
#if defined(__x86_64__)
  if (strcmp(isa, "avx2") == 0) {
    return __builtin_cpu_supports("avx2");
  }
  if (strcmp(isa, "avx512") == 0) {
    return has_avx512();
  }
  if (strcmp(isa, "vnni") == 0) {
    return has_avx512_vnni();
  }
#endif
  return strcmp(isa, "portable") == 0;
}

bt_status bt_fast_isa(const char **isa, bt_error *error) {
  const char *wanted = getenv("BITTRUE_ISA");
  bool known = wanted == NULL || wanted[0] == '\0';
  for (const char *const *i = bt_fast_isas(); *i != NULL; i++) {
    if (known && bt_fast_supports(*i)) {
      *isa = *i; /* the last one is the best */
    }
  }
  if (known) {
    return BT_OK;
  }
  *isa = "portable";
  for (const char *const *i = bt_fast_isas(); *i != NULL; i++) {
    known = known || strcmp(wanted, *i) == 0;
  }
  if (known && bt_fast_supports(wanted)) {
    for (const char *const *i = bt_fast_isas(); *i != NULL; i++) {
      *isa = strcmp(wanted, *i) == 0 ? *i : *isa;
    }
    return BT_OK;
  }
  return bt_fail(error, BT_BAD_INPUT,
                 known ? "BITTRUE_ISA %s: this CPU lacks it"
                       : "BITTRUE_ISA %s: expected portable, avx2, avx512 or vnni",
                 wanted);
}

void bt_kernels_fill(bt_kernels *k, const char *isa) {
  bt_kernels_portable(k);
#if defined(__x86_64__)
  int level = strcmp(isa, "vnni") == 0     ? 3
              : strcmp(isa, "avx512") == 0 ? 2
              : strcmp(isa, "avx2") == 0   ? 1
                                           : 0;
  if (level >= 1) {
    bt_kernels_avx2(k);
  }
  if (level >= 2) {
    bt_kernels_avx512(k);
  }
  if (level >= 3) {
    bt_kernels_vnni(k);
  }
#endif
  k->isa = isa;
}
