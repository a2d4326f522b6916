/* The baseline's number type: float, or double where a test compiles these files with
 * BT_FLOAT_DOUBLE, so that finite differences can check the very same source to many digits. */
#ifndef BT_FLOAT_REAL_H
#define BT_FLOAT_REAL_H

#include <cblas.h>
#include <stddef.h>

#ifdef BT_FLOAT_DOUBLE
typedef double bt_real;
#define BT_REAL_GEMM cblas_dgemm
#else
typedef float bt_real;
#define BT_REAL_GEMM cblas_sgemm
#endif

/* c[m][n] = op(a) * op(b) + beta * c, all row-major and dense; op(a) is m x k (a is k x m where
 * `ta` is CblasTrans), op(b) is k x n. Each extent is at most INT_MAX (bt_float_model_create()
 * sees to it). */
static inline void bt_real_gemm(CBLAS_TRANSPOSE ta, CBLAS_TRANSPOSE tb, size_t m, size_t n,
                                size_t k, const bt_real *a, const bt_real *b, bt_real beta,
                                bt_real *c) {
  BT_REAL_GEMM(CblasRowMajor, ta, tb, (blasint)m, (blasint)n, (blasint)k, 1, a,
               (blasint)(ta == CblasTrans ? m : k), b, (blasint)(tb == CblasTrans ? k : n), beta, c,
               (blasint)n);
}

#endif
