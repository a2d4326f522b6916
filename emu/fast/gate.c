/* gate: mantissas with 0 where the mask is 0 (numerics 9.1). */
#include <string.h>

#include "fast/commands.h"
#include "fast/parts.h"

typedef struct {
  const bt_fast *f;
  size_t n, size;
  const uint8_t *x, *mask;
  uint8_t *y;
} gate_job;

static void run_part(void *context, size_t first, size_t end, unsigned thread) {
  const gate_job *j = context;
  (void)thread;
  first *= BT_PART_ELEMENTS;
  end = end * BT_PART_ELEMENTS < j->n ? end * BT_PART_ELEMENTS : j->n;
  if (j->size == 1) {
    j->f->kernels.gate(end - first, (const int8_t *)j->x + first, j->mask + first,
                       (int8_t *)j->y + first);
    return;
  }
  for (size_t i = first; i < end; i++) {
    int16_t m;
    memcpy(&m, j->x + 2 * i, sizeof m);
    m = j->mask[i] == 0 ? 0 : m;
    memcpy(j->y + 2 * i, &m, sizeof m);
  }
}

bool bt_fast_gate(bt_fast *f, const bt_command *c) {
  const bt_tensor *x = c->in[0];
  bt_tensor *y = c->out[0];
  gate_job j = {f, bt_tensor_elements(x), bt_tensor_element_size(x), x->data, c->in[1]->data,
                y->data};
  memcpy(y->exp, x->exp, bt_tensor_exponents(x) * sizeof *x->exp);
  bt_parts_run(f, (j.n + BT_PART_ELEMENTS - 1) / BT_PART_ELEMENTS, BT_PART_ELEMENTS, run_part, &j);
  return true;
}
