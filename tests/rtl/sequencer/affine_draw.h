// Drawn affine and gate commands, of the shapes that training makes of them and of others, with
// operands of every kind; and counts of what was met.
#ifndef BT_RTL_AFFINE_DRAW_H
#define BT_RTL_AFFINE_DRAW_H

#include <memory>
#include <vector>

#include "bench.h"
#include "emu.h"

namespace affine_draw {

// Tensors of one command.
class Tensors {
public:
  Tensors() = default;
  Tensors(const Tensors &) = delete;
  Tensors &operator=(const Tensors &) = delete;
  ~Tensors();
  bt_tensor *add(const bt_tensor &shape);

private:
  std::vector<std::unique_ptr<bt_tensor>> all_;
};

struct Drawn {
  bt_command command = {};
  Tensors tensors;
};

// What a size is drawn for: the lanes of the machine.
void affine(bench::Random &random, size_t lanes, Drawn &drawn);
void gate(bench::Random &random, size_t lanes, Drawn &drawn);

// The update of training (numerics 15), v' or w', of weights in blocks of shape `block`.
void update(bench::Random &random, size_t lanes, bt_format format, bool weights, Drawn &drawn);

// An affine of these dimensions with a wide output, cells as asked for, and one operand like it.
void plain(bench::Random &random, size_t ndim, const size_t *dim, bool per0, bool per_last,
           Drawn &drawn);

} // namespace affine_draw
#endif
