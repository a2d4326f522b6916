/* The choice of kernels: the CPU's best, or what BITTRUE_ISA asks for. */
#include "fast/dispatch.h"

#include <stdlib.h>
#include <string.h>

#include "fast/fast.h"
#include "num/error.h"

static bool has_avx2(void) {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx2") != 0;
#else
  return false;
#endif
}

bool bt_fast_supports(const char *isa) {
  return strcmp(isa, "portable") == 0 || (strcmp(isa, "avx2") == 0 && has_avx2());
}

bt_status bt_fast_isa(const char **isa, bt_error *error) {
  const char *wanted = getenv("BITTRUE_ISA");
  *isa = has_avx2() ? "avx2" : "portable";
  if (wanted == NULL || wanted[0] == '\0' || strcmp(wanted, *isa) == 0) {
    return BT_OK;
  }
  *isa = "portable";
  if (strcmp(wanted, "portable") == 0) {
    return BT_OK;
  }
  return bt_fail(error, BT_BAD_INPUT,
                 strcmp(wanted, "avx2") == 0 ? "BITTRUE_ISA %s: this CPU lacks it"
                                             : "BITTRUE_ISA %s: expected portable or avx2",
                 wanted);
}

void bt_kernels_fill(bt_kernels *k, const char *isa) {
  bt_kernels_portable(k);
#if defined(__x86_64__)
  if (strcmp(isa, "avx2") == 0) {
    bt_kernels_avx2(k);
  }
#else
  (void)isa;
#endif
}
