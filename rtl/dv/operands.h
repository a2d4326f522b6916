// Which elements of the operand tensors meet where: the table of numerics 8.
#ifndef BT_RTL_OPERANDS_H
#define BT_RTL_OPERANDS_H

#include <array>

#include <cstddef>
#include <cstdint>

#include "emu.h"

namespace bt_rtl {

using Index = std::array<size_t, 3>;

// Row i, column j and k of the matrix view, each taken apart into up to three indices.
class Operands {
public:
  explicit Operands(const bt_command &c);

  size_t rows, cols, k;
  size_t k_inner; // k = outer * k_inner + the rest

  Index row(size_t i) const { return split(i, row_dims_); }
  Index col(size_t j) const { return split(j, col_dims_); }
  Index along(size_t n) const { return split(n, k_dims_); }

  // The mantissas A[i][k] and B[k][j]; 0 for places outside the image or between strides.
  int8_t a(const Index &row, const Index &k) const;
  int8_t b(const Index &k, const Index &col) const;

  // The block of A in row i, of B in column j, where these do not vary along k; of A and B at
  // k's outermost index where they do.
  size_t a_block(size_t i, size_t outer) const;
  size_t b_block(size_t j, size_t outer) const;
  bool a_varies() const; // along k
  bool b_varies() const;

private:
  static Index split(size_t i, const std::array<size_t, 2> &dims) {
    return {i / dims[0] / dims[1], i / dims[1] % dims[0], i % dims[1]};
  }
  int8_t image(size_t n, size_t y, size_t x, size_t c) const;

  bt_direction direction_;
  bt_geometry g_;
  const bt_tensor *a_, *b_;
  const int8_t *a_data_, *b_data_;
  std::array<size_t, 2> row_dims_, col_dims_, k_dims_; // the second and third dimension
};

} // namespace bt_rtl
#endif
