/* The reference for SystemVerilog benches: the C side of bittrue_dpi.svh, which is its manual. The
 * prototypes are those that simulators make of its imports. */
#ifndef BITTRUE_DPI_H
#define BITTRUE_DPI_H

#include <svdpi.h>

#ifdef __cplusplus
extern "C" {
#endif

void *bittrue_dpi_open(long long seed, int lanes);
void bittrue_dpi_close(void *handle);
const char *bittrue_dpi_error(void *handle);
int bittrue_dpi_errors(void *handle);

int bittrue_dpi_format(void *handle, const char *format, const char *block, svBit asymmetric);
int bittrue_dpi_rounding(void *handle, const char *mode, int random_bits, svBit sr_half);
int bittrue_dpi_accumulator(void *handle, int acc_bits, svBit wrap, int acc_shift,
                            const char *acc_rounding, int chunk, int psum_bits);

int bittrue_dpi_draw(void *handle, int lane, int bits, int *draw);
int bittrue_dpi_advance(void *handle, long long draws, int bits);
int bittrue_dpi_lane(void *handle, int lane, int *state);
long long bittrue_dpi_position(void *handle);

int bittrue_dpi_round(void *handle, long long mantissa, int surplus, int draw,
                      long long *rounded);
int bittrue_dpi_quantize(void *handle, int rows, int columns, const svOpenArrayHandle mantissa,
                         const svOpenArrayHandle step, const svOpenArrayHandle quantized,
                         const svOpenArrayHandle exponent);
int bittrue_dpi_gemm(void *handle, int m, int n, int k, const svOpenArrayHandle a,
                     const svOpenArrayHandle b, const svOpenArrayHandle out);

int bittrue_dpi_affine_term(void *handle, const svOpenArrayHandle c_mantissa,
                            const svOpenArrayHandle c_exponent, const svOpenArrayHandle x,
                            int x_step, int x_bits);
int bittrue_dpi_affine_addend(void *handle, int mantissa, int exponent);
int bittrue_dpi_affine(void *handle, int rows, int columns, svBit relu, const svOpenArrayHandle y,
                       const svOpenArrayHandle mask, int *y_step, int *y_bits);

long long bittrue_dpi_count(void *handle, const char *name);

#ifdef __cplusplus
}
#endif
#endif
