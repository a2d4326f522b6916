#include "fast/peak.h"

#define LENGTH 512u

/* The compiler must not see that each round is like the last. */
#define HIDE(pointer) __asm__ volatile("" : : "r"(pointer) : "memory")

uint64_t bt_peak_portable(size_t rounds) {
  int16_t a[LENGTH], b[LENGTH];
  volatile int32_t kept = 0;
  for (size_t i = 0; i < LENGTH; i++) {
    a[i] = (int16_t)(i % 255) - 127;
    b[i] = (int16_t)(i % 253) - 126;
  }
  for (size_t r = 0; r < rounds; r++) {
    int32_t sum = 0;
    HIDE(a);
    HIDE(b);
    for (size_t i = 0; i < LENGTH; i++) {
      sum += a[i] * b[i];
    }
    kept = sum;
  }
  (void)kept;
  return (uint64_t)rounds * LENGTH;
}
