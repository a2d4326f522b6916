/* The rate that an instruction set can reach at best: loops that multiply int8 values exactly and
 * do nothing else, for benchmarks to compare with. */
#ifndef BT_FAST_PEAK_H
#define BT_FAST_PEAK_H

#include <stddef.h>
#include <stdint.h>

/* Each runs about `rounds` rounds on the calling thread and returns how many products they
 * added. All but the first need a CPU that has the instructions. */
uint64_t bt_peak_portable(size_t rounds); /* plain C, operands in the first cache */
uint64_t bt_peak_avx2(size_t rounds);     /* vpmaddwd and vpaddd, in registers */
uint64_t bt_peak_avx512(size_t rounds);   /* the same, 512 bits wide */
uint64_t bt_peak_vnni(size_t rounds);     /* vpdpbusd, in registers */

#endif
