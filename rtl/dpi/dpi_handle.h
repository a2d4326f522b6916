/* A handle of bittrue_dpi.svh, and what its functions share. */
#ifndef BT_DPI_HANDLE_H
#define BT_DPI_HANDLE_H

#include "bittrue_dpi.h"
#include "bittrue_wide.h"

typedef struct {
  bt_lfsr generator;
  bt_format format;
  bt_round_options round;
  bt_accumulator acc;
  bt_quantize_counts counts;
  uint64_t saturations;
  int errors;
  bt_error last;
  bt_affine affine; /* the terms so far, x[] and each[] their storage */
  bt_wide x[BT_WIDE_TERMS];
  bt_constant *each[BT_WIDE_TERMS];
  size_t constants[BT_WIDE_TERMS];
} bt_dpi;

/* Counts an error whose line stands in h->last; returns its status. */
int bt_dpi_failed(bt_dpi *h, bt_status status);

/* The same with a line of its own. */
int bt_dpi_fail(bt_dpi *h, bt_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The product of two sizes given by a bench; false, with an error, unless it is 1 to 2^31 - 1. */
bool bt_dpi_sizes(bt_dpi *h, const char *what, int rows, int columns, size_t *count);

/* Whether the array is of one dimension, and `count` elements of `bytes`; else fails with a line
 * that calls it `name`. */
bool bt_dpi_array(bt_dpi *h, const char *name, const svOpenArrayHandle array, size_t bytes,
                  size_t count);

/* Element i of a checked array: from its lowest index on. */
static inline void *bt_dpi_at(const svOpenArrayHandle array, size_t i) {
  return svGetArrElemPtr1(array, svLow(array, 1) + (int)i);
}

/* Takes the terms and the addend of an affine away. */
void bt_dpi_affine_clear(bt_dpi *h);

#endif
