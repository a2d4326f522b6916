/* Formats and their blocks (numerics 2). */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "num/error.h"
#include "num/format.h"

#define RUN 32u /* of k32 */

/* Reads decimal digits into *value (at most `max`) and moves *text past them. */
static bool read_number(const char **text, unsigned long max, unsigned long *value) {
  const char *p = *text;
  unsigned long v = 0;
  if (*p < '0' || *p > '9') {
    return false;
  }
  for (; *p >= '0' && *p <= '9'; p++) {
    v = v * 10 + (unsigned long)(*p - '0');
    if (v > max) {
      return false;
    }
  }
  *text = p;
  *value = v;
  return true;
}

bt_status bt_format_parse(const char *text, bt_format *format, bt_error *error) {
  unsigned long wl = 0, fl = 0;
  const char *p = text;
  bt_format f = {.kind = BT_BFP, .block = BT_BLOCK_TENSOR};
  bool read;
  if (strncmp(text, "bfp", 3) == 0) {
    p += 3;
    read = read_number(&p, 16, &wl);
  } else if (strncmp(text, "fixed", 5) == 0) {
    p += 5;
    f.kind = BT_FIXED;
    f.asymmetric = true;
    read = read_number(&p, 16, &wl) && *p++ == '.' && read_number(&p, 60, &fl);
  } else {
    read = false;
  }
  if (!read || *p != '\0' || wl < 2) {
    return bt_fail(error, BT_BAD_INPUT,
                   "format '%s': expected bfpW (W 2 to 16) or fixedW.F (W 2 to 16, F 0 to 60)",
                   text);
  }
  f.wl = (int)wl;
  f.fl = (int)fl;
  *format = f;
  return BT_OK;
}

bt_status bt_block_parse(const char *text, bt_format *format, bt_error *error) {
  static const char *const name[] = {"tensor", "dim0", "sample", "tile", "k32"};
  for (int i = 0; i < 5; i++) {
    if (i != BT_BLOCK_TILE && strcmp(text, name[i]) == 0) {
      format->block = (bt_block)i;
      format->tile_rows = format->tile_cols = 0;
      return BT_OK;
    }
  }
  if (strncmp(text, "tile:", 5) == 0) {
    unsigned long rows, cols;
    const char *p = text + 5;
    if (read_number(&p, INT_MAX, &rows) && *p++ == 'x' && read_number(&p, INT_MAX, &cols) &&
        *p == '\0' && rows > 0 && cols > 0) {
      format->block = BT_BLOCK_TILE;
      format->tile_rows = rows;
      format->tile_cols = cols;
      return BT_OK;
    }
  }
  return bt_fail(error, BT_BAD_INPUT,
                 "block '%s': expected tensor, dim0, sample, k32 or tile:RxC (R, C at least 1)",
                 text);
}

bt_status bt_format_check(const bt_format *f, bt_error *error) {
  if ((f->kind != BT_BFP && f->kind != BT_FIXED) || f->wl < 2 || f->wl > 16) {
    return bt_fail(error, BT_BAD_INPUT, "format: expected bfp or fixed of 2 to 16 bits");
  }
  if (f->kind == BT_FIXED && (f->fl < 0 || f->fl > 60)) {
    return bt_fail(error, BT_BAD_INPUT, "format: %d fractional bits, expected 0 to 60", f->fl);
  }
  if ((unsigned)f->block > BT_BLOCK_K32 ||
      (f->block == BT_BLOCK_TILE && (f->tile_rows == 0 || f->tile_cols == 0))) {
    return bt_fail(error, BT_BAD_INPUT, "format: unknown block or a tile without elements");
  }
  return BT_OK;
}

size_t bt_elements(size_t ndim, const size_t *dim) {
  size_t n = 1;
  for (size_t d = 0; d < ndim; d++) {
    n *= dim[d];
  }
  return n;
}

static size_t ceil_div(size_t a, size_t b) { return a / b + (a % b != 0); }

/* Sizes that the block formulas use: dim 0, and the product of the other dimensions. */
static size_t first_dim(size_t ndim, const size_t *dim) { return ndim == 0 ? 1 : dim[0]; }
static size_t rest_dims(size_t ndim, const size_t *dim) {
  return ndim == 0 ? 1 : bt_elements(ndim - 1, dim + 1);
}
static size_t last_dim(size_t ndim, const size_t *dim) { return ndim == 0 ? 1 : dim[ndim - 1]; }

size_t bt_block_count(const bt_format *f, size_t ndim, const size_t *dim) {
  size_t n = bt_elements(ndim, dim);
  if (n == 0) {
    return 0;
  }
  switch (f->block) {
    case BT_BLOCK_DIM0:
    case BT_BLOCK_SAMPLE:
      return first_dim(ndim, dim);
    case BT_BLOCK_TILE:
      return ceil_div(first_dim(ndim, dim), f->tile_rows) *
             ceil_div(rest_dims(ndim, dim), f->tile_cols);
    case BT_BLOCK_K32:
      return n / last_dim(ndim, dim) * ceil_div(last_dim(ndim, dim), RUN);
    case BT_BLOCK_TENSOR:
    default:
      return 1;
  }
}

size_t bt_block_of(const bt_format *f, size_t ndim, const size_t *dim, size_t i) {
  size_t width;
  switch (f->block) {
    case BT_BLOCK_DIM0:
    case BT_BLOCK_SAMPLE:
      return i / rest_dims(ndim, dim);
    case BT_BLOCK_TILE:
      width = rest_dims(ndim, dim);
      return i / width / f->tile_rows * ceil_div(width, f->tile_cols) + i % width / f->tile_cols;
    case BT_BLOCK_K32:
      width = last_dim(ndim, dim);
      return i / width * ceil_div(width, RUN) + i % width / RUN;
    case BT_BLOCK_TENSOR:
    default:
      return 0;
  }
}

size_t bt_block_run(const bt_format *f, size_t ndim, const size_t *dim, size_t i) {
  size_t n = bt_elements(ndim, dim);
  size_t width, end;
  switch (f->block) {
    case BT_BLOCK_DIM0:
    case BT_BLOCK_SAMPLE:
      width = rest_dims(ndim, dim);
      return (i / width + 1) * width;
    case BT_BLOCK_TILE:
      width = rest_dims(ndim, dim);
      end = i - i % width + (i % width / f->tile_cols + 1) * f->tile_cols;
      return end < (i / width + 1) * width ? end : (i / width + 1) * width;
    case BT_BLOCK_K32:
      width = last_dim(ndim, dim);
      end = i - i % width + (i % width / RUN + 1) * RUN;
      return end < (i / width + 1) * width ? end : (i / width + 1) * width;
    case BT_BLOCK_TENSOR:
    default:
      return n;
  }
}

static size_t at_most(size_t a, size_t b) { return a < b ? a : b; }

bt_block_extent bt_block_elements(const bt_format *f, size_t ndim, const size_t *dim,
                                  size_t block) {
  size_t width, across, row, column;
  switch (f->block) {
    case BT_BLOCK_DIM0:
    case BT_BLOCK_SAMPLE:
      width = rest_dims(ndim, dim);
      return (bt_block_extent){block * width, 1, 0, width};
    case BT_BLOCK_TILE:
      width = rest_dims(ndim, dim);
      across = ceil_div(width, f->tile_cols);
      row = block / across * f->tile_rows;
      column = block % across * f->tile_cols;
      return (bt_block_extent){row * width + column,
                               at_most(f->tile_rows, first_dim(ndim, dim) - row), width,
                               at_most(f->tile_cols, width - column)};
    case BT_BLOCK_K32:
      width = last_dim(ndim, dim);
      across = ceil_div(width, RUN);
      column = block % across * RUN;
      return (bt_block_extent){block / across * width + column, 1, 0, at_most(RUN, width - column)};
    case BT_BLOCK_TENSOR:
    default:
      return (bt_block_extent){0, 1, 0, bt_elements(ndim, dim)};
  }
}
