/* Tensors of a program: mantissas with their exponents (numerics 2 and 6). */
#ifndef BT_CMD_TENSOR_H
#define BT_CMD_TENSOR_H

#include "bittrue.h"

typedef enum {
  BT_T_BFP8,  /* int8_t mantissas, fmt.wl <= 8; exp[] are shared exponents E, one a block. Fixed
               * point too: one block of constant exponent (numerics 2.2) */
  BT_T_BFP16, /* int16_t mantissas, fmt.wl 9..16; exp[] as above */
  BT_T_WIDE,  /* int32_t mantissas; exp[] are step exponents, one a cell (n0 x nl) */
  BT_T_BYTE,  /* uint8_t without exponents: pixels, labels, masks, pool indices */
  BT_T_SUMS   /* int64_t sums (numerics 6); exp[0] is their step exponent */
} bt_tensor_kind;

/* What a tensor is in training: the kind its bytes are counted under (cost 5.4). */
typedef enum {
  BT_ROLE_OTHER,    /* sums, vectors of constants, statistics; whatever was given no role */
  BT_ROLE_INPUT,    /* pixels and labels */
  BT_ROLE_WEIGHT,   /* W */
  BT_ROLE_ACTIVATION, /* A */
  BT_ROLE_ERROR,    /* E */
  BT_ROLE_GRADIENT, /* G */
  BT_ROLE_MOMENTUM, /* M */
  BT_ROLE_AVERAGE,  /* sums of the weights' average */
  BT_ROLE_MASK,     /* of a ReLU or a dropout: a bit an element */
  BT_ROLE_INDEX,    /* a max-pool's */
  BT_ROLE_WIDE,     /* values before their quantization */
  BT_ROLE_COUNT
} bt_tensor_role;
const char *bt_role_name(bt_tensor_role role); /* "other", "input", "weight", ... */

typedef struct {
  const char *name; /* for reports; not owned */
  bt_tensor_kind kind;
  bt_tensor_role role;
  size_t ndim;
  size_t dim[4];
  bt_format fmt; /* BT_T_BFP8, BT_T_BFP16 */
  size_t n0, nl; /* BT_T_WIDE: cells n0 x nl (numerics 6); n0 is 1, dim[0] or elements / last,
                  * nl is 1 or last */
  int bits;      /* BT_T_WIDE: |mantissa| <= 2^bits, 0..31; set by the command that writes it */
  void *data;    /* elements in row-major order */
  int16_t *exp;  /* bt_tensor_exponents() of them */
} bt_tensor;

/* Shapes without storage. dims are copied; data and exp stay NULL. The role is WIDE for wide
 * tensors, OTHER for the rest: who makes a tensor for a program gives it its role. */
bt_tensor bt_tensor_bfp(const char *name, bt_format fmt, size_t ndim, const size_t *dim);
bt_tensor bt_tensor_wide(const char *name, size_t ndim, const size_t *dim, bool per0,
                         bool per_last);
/* The same with a cell for each element. */
bt_tensor bt_tensor_wide_each(const char *name, size_t ndim, const size_t *dim);
/* As bt_tensor_wide_each() if one of `count` bfp tensors is in blocks tile or k32; else as
 * bt_tensor_wide(). NULL tensors count for nothing. */
bt_tensor bt_tensor_wide_from(const char *name, size_t ndim, const size_t *dim, bool per0,
                              bool per_last, size_t count, const bt_tensor *const *from);
bt_tensor bt_tensor_byte(const char *name, size_t ndim, const size_t *dim);
/* [count] sums; a vector of constants (numerics 6): wide, 16-bit or 32-bit mantissas. */
bt_tensor bt_tensor_sums(const char *name, size_t count);
bt_tensor bt_tensor_constants(const char *name, size_t count);
/* The shape with another role. */
bt_tensor bt_tensor_as(bt_tensor_role role, bt_tensor shape);

/* Allocates zeroed data and exp (zero blocks: E = -128; fixed point: its own; wide: -512). false
 * when out of memory. */
bool bt_tensor_alloc(bt_tensor *t);
void bt_tensor_free(bt_tensor *t); /* data and exp, if any; safe on a zeroed struct */

size_t bt_tensor_elements(const bt_tensor *t);
size_t bt_tensor_last(const bt_tensor *t);      /* the last dimension; 1 for ndim 0 */
size_t bt_tensor_exponents(const bt_tensor *t); /* blocks, cells, or 0 */
size_t bt_tensor_element_size(const bt_tensor *t);

/* Reads as the contract's wide value: mantissa, and step exponent, of element i. Not of sums. */
int32_t bt_tensor_mantissa(const bt_tensor *t, size_t i);
int bt_tensor_step(const bt_tensor *t, size_t i);
/* The integer that element i holds, whatever the kind. */
int64_t bt_tensor_integer(const bt_tensor *t, size_t i);
/* Writes element i of a bfp tensor; m is within the format's clip range. */
void bt_tensor_store(bt_tensor *t, size_t i, int32_t m);

/* Width (numerics 6): wl - 1 for bfp, bits for wide, 8 for bytes. */
int bt_tensor_width(const bt_tensor *t);

/* The number of the exponent that element i uses. */
size_t bt_tensor_exponent_of(const bt_tensor *t, size_t i);

/* Wide: a cell for each element. */
bool bt_tensor_has_each(const bt_tensor *t);

/* Bfp in blocks `tile` or `k32`, which do not follow dimension 0. */
bool bt_tensor_has_tiles(const bt_tensor *t);

/* True for a zero block (numerics 2.1): E = -128 and all mantissas zero. */
bool bt_tensor_zero_block(const bt_tensor *t, size_t block);

/* Same kind and dimensions. */
bool bt_tensor_same_shape(const bt_tensor *a, const bt_tensor *b);

#endif
