/* NumPy .npy files, versions 1 and 2, little-endian, C order. */
#ifndef BT_IO_NPY_H
#define BT_IO_NPY_H

#include "bittrue.h"
#include "io/file.h"

typedef enum {
  BT_NPY_F4,
  BT_NPY_F8,
  BT_NPY_I1,
  BT_NPY_I2,
  BT_NPY_I4,
  BT_NPY_I8,
  BT_NPY_U1
} bt_npy_type;

typedef struct {
  bt_npy_type type;
  size_t ndim; /* 0 for a scalar, at most BT_MAX_DIMS */
  size_t dim[BT_MAX_DIMS];
  void *data; /* row-major, aligned for its type */
} bt_npy;

/* Reads a file; Fortran order, big-endian, other types, a short or an over-long file are
 * BT_BAD_INPUT with path, offset and what was expected. */
bt_status bt_npy_read(const char *path, bt_npy *a, bt_error *error);
void bt_npy_free(bt_npy *a); /* safe on a zeroed struct */
/* Writes atomically (io/file.h). */
bt_status bt_npy_write(const char *path, bt_npy_type type, size_t ndim, const size_t *dim,
                       const void *data, bt_error *error);
/* Writes into an open file, for several files committed together. */
bt_status bt_npy_put(bt_file *f, bt_npy_type type, size_t ndim, const size_t *dim, const void *data,
                     bt_error *error);

size_t bt_npy_size(bt_npy_type type);      /* bytes of an element */
const char *bt_npy_name(bt_npy_type type); /* "float32", "int8", ... */

/* "(3, 4)", as NumPy prints a shape, into text of at least BT_NPY_SHAPE bytes. */
#define BT_NPY_SHAPE 192u
void bt_npy_shape(size_t ndim, const size_t *dim, char text[BT_NPY_SHAPE]);

#endif
