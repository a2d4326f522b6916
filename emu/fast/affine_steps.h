/* The steps of an affine's forms (bt_affine_run) in one column: what each of the column's terms
 * becomes there, and whether a form is exact (affine_steps.c). */
#ifndef BT_FAST_AFFINE_STEPS_H
#define BT_FAST_AFFINE_STEPS_H

#include "fast/affine.h"

/* A product's. */
typedef struct {
  int32_t mantissa;
  uint32_t left, right, down;
} bt_affine_step;

/* All of a column's. */
typedef struct {
  bt_affine_step product[BT_MAX_TERMS]; /* in the order of the job's products */
  uint32_t t;
  int32_t high, low;
  int64_t base;
} bt_affine_steps;

/* The forms that are exact in a column, as bits 1 << form; q is the cell's plan with the constants
 * of the column. *rights becomes true where a product is shifted right before the sum. */
unsigned bt_affine_forms_of(const bt_affine_job *j, const bt_affine_plan *q, bool *rights);

/* Steps of the job's form; base is the sum of the terms that do not depend on the row. */
bt_affine_steps bt_affine_steps_of(const bt_affine_job *j, const bt_affine_plan *q, int64_t base);

#endif
