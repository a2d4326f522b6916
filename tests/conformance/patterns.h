/* Values that sit on the boundaries of quantize: where a shift, a carry, a clip or an exponent
 * changes its mind. */
#ifndef BT_TESTS_PATTERNS_H
#define BT_TESTS_PATTERNS_H

#include "oracle.h"

typedef enum {
  PATTERN_UNIFORM,    /* random mantissas at one scale */
  PATTERN_SPREAD,     /* exponents spread over 0 to 130 binary orders within a block */
  PATTERN_POWERS,     /* powers of two and their neighbours */
  PATTERN_TIES,       /* k + 1/2 steps and their neighbours */
  PATTERN_CLIP_EDGES, /* the last mantissas, a quarter and a half step beyond, neighbours */
  PATTERN_CARRY,      /* k + j / 2^R steps, exactly or a little more or less */
  PATTERN_GRID,       /* values of the format itself */
  PATTERN_ZEROS,      /* 0 and -0 */
  PATTERN_SINGLE,     /* one nonzero element */
  PATTERN_DENORMALS,
  PATTERN_HUGE,       /* around E = 127 and above, to the type's largest */
  PATTERN_TINY,       /* around E = -128 and below */
  PATTERN_BLOCKS,     /* every block at a scale of its own, some of them zero */
  PATTERN_BITS,       /* random bits of the type */
  PATTERN_COUNT
} pattern;

typedef struct {
  const bt_format *format;
  size_t ndim;
  const size_t *dim;
  unsigned random_bits;
  bool f32; /* every value is a float's */
  oracle_stream *stream;
} pattern_target;

const char *pattern_name(pattern p);

/* Fills x[elements]. Every block of a bfp tensor whose pattern aims at steps holds one element
 * that sets its exponent. */
void pattern_fill(const pattern_target *t, pattern p, double *x);

#endif
