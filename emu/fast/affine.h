/* An affine command (numerics 9) chunk by chunk: what is decided once a command, then any stretch
 * of elements to wherever they are wanted. */
#ifndef BT_FAST_AFFINE_H
#define BT_FAST_AFFINE_H

#include "fast/context.h"
#include "num/affine.h"

/* What elements of one cell row (index of dimension 0 where the output's cells split it) need: the
 * kernels' steps, those of the last index; they run on beyond it, so that a run of elements never
 * comes to their end. */
typedef struct {
  size_t segment; /* that it is set for */
  int32_t *mantissa;             /* [products][period] */
  uint32_t *left, *right, *down; /* [products][period] */
  uint32_t *t;                   /* [period] */
  int32_t *high, *low;           /* [period] */
  int64_t *base;                 /* [period] */
} bt_affine_pattern;

typedef struct {
  const bt_fast *f;
  const bt_command *c;
  size_t n, last, segments, segment_size, period;
  bt_affine_form form;
  bool uniform;                         /* one exponent a cell row */
  bool vectors;                         /* of constants */
  bool flat, rights;                    /* as in bt_affine_run */
  size_t products, term[BT_MAX_TERMS];  /* terms of the output's shape */
  bt_affine_plan *plan;                 /* [cells] */
  bt_affine_pattern *pattern;           /* [threads], or one for all where segments is 1 */
} bt_affine_job;

/* Decides the command: writes the output's exponents and bits. The operands' exponents, and the
 * vectors that serve every row, are not read after it where there is one cell row; vectors are
 * otherwise. Takes scratch. False, with nothing written but exponents and bits, where the engine
 * does not cover it (cells for each element) or is out of memory. */
bool bt_fast_affine_begin(bt_fast *f, const bt_command *c, bt_affine_job *job);

/* Elements first .. first+n-1 to out[n]; relu's mask to its place. On any thread of the team. */
void bt_fast_affine_chunk(const bt_affine_job *job, unsigned thread, size_t first, size_t n,
                          int32_t *out);

/* The least and the largest of the elements of column j of cell row `segment` whose one operand of
 * the output's shape is low..high, relu included. For jobs of one product without a mask, in which
 * the affine is monotone. */
void bt_fast_affine_ends(const bt_affine_job *job, size_t segment, size_t j, int32_t *low,
                         int32_t *high);

#endif
