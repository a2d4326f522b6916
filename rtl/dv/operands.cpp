#include "operands.h"

namespace bt_rtl {

Operands::Operands(const bt_command &c)
    : direction_(c.u.contract.direction), g_(c.u.contract.geometry), a_(c.in[0]), b_(c.in[1]),
      a_data_(static_cast<const int8_t *>(a_->data)),
      b_data_(static_cast<const int8_t *>(b_->data)) {
  switch (direction_) {
  case BT_FORWARD:
    rows = g_.n * g_.oh * g_.ow, cols = g_.o, k = g_.kh * g_.kw * g_.c;
    row_dims_ = {g_.oh, g_.ow}, col_dims_ = {1, 1}, k_dims_ = {g_.kw, g_.c};
    break;
  case BT_DATA_GRADIENT:
    rows = g_.n * g_.h * g_.w, cols = g_.c, k = g_.o * g_.kh * g_.kw;
    row_dims_ = {g_.h, g_.w}, col_dims_ = {1, 1}, k_dims_ = {g_.kh, g_.kw};
    break;
  case BT_WEIGHT_GRADIENT:
    rows = g_.o, cols = g_.kh * g_.kw * g_.c, k = g_.n * g_.oh * g_.ow;
    row_dims_ = {1, 1}, col_dims_ = {g_.kw, g_.c}, k_dims_ = {g_.oh, g_.ow};
    break;
  }
  k_inner = k_dims_[0] * k_dims_[1];
}

// x at (n, y - pad, x - pad, c).
int8_t Operands::image(size_t n, size_t y, size_t x, size_t c) const {
  if (y < g_.pad || y - g_.pad >= g_.h || x < g_.pad || x - g_.pad >= g_.w) return 0;
  const int8_t *data = direction_ == BT_FORWARD ? a_data_ : b_data_;
  return data[((n * g_.h + y - g_.pad) * g_.w + x - g_.pad) * g_.c + c];
}

int8_t Operands::a(const Index &row, const Index &kk) const {
  if (direction_ == BT_FORWARD)
    return image(row[0], row[1] * g_.stride + kk[0], row[2] * g_.stride + kk[1], kk[2]);
  if (direction_ == BT_WEIGHT_GRADIENT)
    return a_data_[((kk[0] * g_.oh + kk[1]) * g_.ow + kk[2]) * g_.o + row[0]];
  size_t y = row[1] + g_.pad, x = row[2] + g_.pad;
  if (y < kk[1] || x < kk[2]) return 0;
  y -= kk[1], x -= kk[2];
  if (y % g_.stride != 0 || x % g_.stride != 0) return 0;
  y /= g_.stride, x /= g_.stride;
  if (y >= g_.oh || x >= g_.ow) return 0;
  return a_data_[((row[0] * g_.oh + y) * g_.ow + x) * g_.o + kk[0]];
}

int8_t Operands::b(const Index &kk, const Index &col) const {
  switch (direction_) {
  case BT_FORWARD:
    return b_data_[((col[0] * g_.kh + kk[0]) * g_.kw + kk[1]) * g_.c + kk[2]];
  case BT_DATA_GRADIENT:
    return b_data_[((kk[0] * g_.kh + kk[1]) * g_.kw + kk[2]) * g_.c + col[0]];
  case BT_WEIGHT_GRADIENT:
    return image(kk[0], kk[1] * g_.stride + col[0], kk[2] * g_.stride + col[1], col[2]);
  }
  return 0;
}

bool Operands::a_varies() const {
  return direction_ == BT_WEIGHT_GRADIENT && a_->fmt.block != BT_BLOCK_TENSOR;
}

bool Operands::b_varies() const {
  return direction_ != BT_FORWARD && b_->fmt.block != BT_BLOCK_TENSOR;
}

// Blocks other than `tensor` are numbered by dimension 0: the sample n, or the channel o of w.
size_t Operands::a_block(size_t i, size_t outer) const {
  if (a_->fmt.block == BT_BLOCK_TENSOR) return 0;
  return direction_ == BT_WEIGHT_GRADIENT ? outer : row(i)[0];
}

size_t Operands::b_block(size_t j, size_t outer) const {
  if (b_->fmt.block == BT_BLOCK_TENSOR) return 0;
  return direction_ == BT_FORWARD ? col(j)[0] : outer;
}

} // namespace bt_rtl
