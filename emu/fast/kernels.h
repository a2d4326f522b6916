/* The kernels of each instruction set (fast/dispatch.h says what they compute). */
#ifndef BT_FAST_KERNELS_H
#define BT_FAST_KERNELS_H

#include "fast/dispatch.h"

void bt_tile_6x16_portable(const bt_word_tile *t);
void bt_tile_6x16_avx2(const bt_word_tile *t);
void bt_tile_6x64_avx512(const bt_word_tile *t);
void bt_tile_6x64_vnni_a(const bt_word_tile *t); /* A unsigned */
void bt_tile_6x64_vnni_b(const bt_word_tile *t); /* B unsigned */

void bt_widen_portable(size_t n, const int8_t *from, void *to);
void bt_pair_runs_portable(size_t words, size_t columns, const int8_t *from, size_t step,
                      uint8_t *to, size_t to_step);
void bt_pair_rows_portable(size_t columns, const int8_t *const *row, const uint8_t *lift,
                           uint8_t *to);
void bt_align_portable(size_t n, int32_t *m, unsigned left, unsigned right);
void bt_extremes_portable(size_t n, const int32_t *m, int32_t *low, int32_t *high);
void bt_stream_portable(size_t n, const int32_t *from, int32_t *to);
void bt_fence_portable(void);
void bt_widen_avx2(size_t n, const int8_t *from, void *to);
void bt_pair_runs_avx2(size_t words, size_t columns, const int8_t *from, size_t step,
                      uint8_t *to, size_t to_step);
void bt_pair_rows_avx2(size_t columns, const int8_t *const *row, const uint8_t *lift, uint8_t *to);
void bt_align_avx2(size_t n, int32_t *m, unsigned left, unsigned right);
void bt_extremes_avx2(size_t n, const int32_t *m, int32_t *low, int32_t *high);
void bt_stream_avx2(size_t n, const int32_t *from, int32_t *to);
void bt_fence_avx2(void);
void bt_offset_vnni(size_t n, const int8_t *from, void *to);
void bt_choose_vnni(size_t n, size_t groups, const uint8_t *control, const int8_t *from,
                    uint8_t *to);
void bt_quad_runs_vnni(size_t words, size_t columns, const int8_t *from, size_t step, uint8_t *to,
                       size_t to_step);
void bt_quad_rows_vnni(size_t columns, const int8_t *const *row, const uint8_t *lift, uint8_t *to);

void bt_pairs_portable(size_t n, const int8_t *const *row, uint8_t flip, void *words,
                     size_t step);
void bt_pairs_avx2(size_t n, const int8_t *const *row, uint8_t flip, void *words,
                     size_t step);
void bt_quads_vnni(size_t n, const int8_t *const *row, uint8_t flip, void *words,
                     size_t step);
void bt_add_rows_portable(size_t rows, size_t columns, const int8_t *m, int32_t *sum);
void bt_add_rows_avx2(size_t rows, size_t columns, const int8_t *m, int32_t *sum);
void bt_add_rows_vnni(size_t rows, size_t columns, const int8_t *m, int32_t *sum);

uint32_t bt_magnitude_portable(size_t n, const int32_t *m);
int bt_log2_largest_portable(size_t n, const int32_t *m, const int16_t *e);
uint64_t bt_quantize_same_portable(const bt_quantizer *q, bt_lane_state *lanes, size_t n,
                               const int32_t *m, int s, void *out);
uint64_t bt_quantize_each_portable(const bt_quantizer *q, bt_lane_state *lanes, size_t n,
                               const int32_t *m, const bt_surpluses *s, void *out);
uint32_t bt_float_magnitude_portable(size_t n, const float *x);
uint64_t bt_quantize_float_portable(const bt_quantizer *q, bt_lane_state *lanes, size_t n,
                                    const float *x, bool each, const int32_t *k, int8_t *out);

uint32_t bt_magnitude_avx2(size_t n, const int32_t *m);
int bt_log2_largest_avx2(size_t n, const int32_t *m, const int16_t *e);
uint64_t bt_quantize_same_avx2(const bt_quantizer *q, bt_lane_state *lanes, size_t n,
                               const int32_t *m, int s, void *out);
uint64_t bt_quantize_each_avx2(const bt_quantizer *q, bt_lane_state *lanes, size_t n,
                               const int32_t *m, const bt_surpluses *s, void *out);
uint32_t bt_float_magnitude_avx2(size_t n, const float *x);
uint64_t bt_quantize_float_avx2(const bt_quantizer *q, bt_lane_state *lanes, size_t n,
                                const float *x, bool each, const int32_t *k, int8_t *out);

uint32_t bt_magnitude_avx512(size_t n, const int32_t *m);
int bt_log2_largest_avx512(size_t n, const int32_t *m, const int16_t *e);
uint64_t bt_quantize_same_avx512(const bt_quantizer *q, bt_lane_state *lanes, size_t n,
                               const int32_t *m, int s, void *out);
uint64_t bt_quantize_each_avx512(const bt_quantizer *q, bt_lane_state *lanes, size_t n,
                               const int32_t *m, const bt_surpluses *s, void *out);
uint32_t bt_float_magnitude_avx512(size_t n, const float *x);
uint64_t bt_quantize_float_avx512(const bt_quantizer *q, bt_lane_state *lanes, size_t n,
                                  const float *x, bool each, const int32_t *k, int8_t *out);

void bt_gate_portable(size_t n, const int8_t *x, const uint8_t *mask, int8_t *out);
void bt_pool_portable(const bt_pool_row *r);
void bt_pool_back_portable(const bt_pool_row *r);
void bt_reduce_portable(const bt_columns *c, int64_t *result);
void bt_sums_portable(const bt_columns *c, int64_t *first, int64_t *second);
void bt_ends_portable(const bt_columns *c, int32_t *low, int32_t *high);

void bt_gate_avx2(size_t n, const int8_t *x, const uint8_t *mask, int8_t *out);
void bt_pool_avx2(const bt_pool_row *r);
void bt_pool_back_avx2(const bt_pool_row *r);
void bt_reduce_avx2(const bt_columns *c, int64_t *result);
void bt_sums_avx2(const bt_columns *c, int64_t *first, int64_t *second);
void bt_ends_avx2(const bt_columns *c, int32_t *low, int32_t *high);

void bt_gate_avx512(size_t n, const int8_t *x, const uint8_t *mask, int8_t *out);
void bt_pool_avx512(const bt_pool_row *r);
void bt_pool_back_avx512(const bt_pool_row *r);
void bt_reduce_avx512(const bt_columns *c, int64_t *result);
void bt_sums_avx512(const bt_columns *c, int64_t *first, int64_t *second);
void bt_ends_avx512(const bt_columns *c, int32_t *low, int32_t *high);

void bt_affine_portable(const bt_affine_run *a);
void bt_affine_relu_portable(size_t n, int32_t *y, uint8_t *mask);
void bt_affine_mask_portable(size_t n, const uint8_t *mask, int32_t *y);
void bt_range_portable(size_t n, const int32_t *m, int32_t *low, int32_t *high);

void bt_affine_avx2(const bt_affine_run *a);
void bt_affine_relu_avx2(size_t n, int32_t *y, uint8_t *mask);
void bt_affine_mask_avx2(size_t n, const uint8_t *mask, int32_t *y);
void bt_range_avx2(size_t n, const int32_t *m, int32_t *low, int32_t *high);

void bt_affine_avx512(const bt_affine_run *a);
void bt_affine_relu_avx512(size_t n, int32_t *y, uint8_t *mask);
void bt_affine_mask_avx512(size_t n, const uint8_t *mask, int32_t *y);
void bt_range_avx512(size_t n, const int32_t *m, int32_t *low, int32_t *high);

#endif
