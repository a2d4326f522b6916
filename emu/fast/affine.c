/* affine: y = c0 + sum of c_i * x_i, with ReLU or mask (numerics 9), in runs of elements whose
 * steps lie side by side (affine_plan.c). */
#include "fast/affine.h"

#include "fast/affine_pattern.h"
#include "fast/commands.h"
#include "fast/parts.h"

/* Elements first .. first+n-1, of one cell row, column being the last index of the first. */
static void run_elements(const bt_affine_job *j, const bt_affine_pattern *p, size_t column,
                         size_t first, size_t n, int32_t *out) {
  bt_affine_run r; /* not cleared: runs are short */
  r.form = j->form;
  r.flat = j->flat;
  r.rights = j->rights;
  r.n = n;
  r.products = j->products;
  r.t = p->t + column;
  r.high = p->high + column;
  r.low = p->low + column;
  r.base = p->base + column;
  r.out = out;
  for (size_t i = 0; i < j->products; i++) {
    const bt_tensor *x = j->c->in[j->term[i]];
    size_t at = i * j->period + column;
    r.product[i] = (bt_product){x->kind,
                                (const uint8_t *)x->data + first * bt_tensor_element_size(x),
                                p->mantissa + at, p->left + at, p->right + at, p->down + at};
  }
  j->f->kernels.affine(&r);
}

static size_t least(size_t a, size_t b) { return a < b ? a : b; }

void bt_fast_affine_chunk(const bt_affine_job *j, unsigned thread, size_t first, size_t n,
                          int32_t *out) {
  const bt_kernels *k = &j->f->kernels;
  size_t segment = first / j->segment_size, left = (segment + 1) * j->segment_size - first;
  size_t column = j->flat ? 0 : first % j->last;
  for (size_t i = 0, run; i < n; i += run) {
    run = least(least(n - i, left), BT_AFFINE_RUN);
    run_elements(j, bt_fast_affine_pattern(j, thread, segment), column, first + i, run, out + i);
    left -= run;
    if (left == 0) {
      segment++;
      left = j->segment_size;
    }
    column = j->flat ? 0 : column + run < j->last ? column + run : (column + run) % j->last;
  }
  if (j->c->u.affine.relu) {
    k->affine_relu(n, out, (uint8_t *)j->c->out[1]->data + first);
  } else if (j->c->u.affine.masked) {
    k->affine_mask(n, (const uint8_t *)j->c->in[BT_IN_MASK]->data + first, out);
  }
}

static void run_part(void *context, size_t first, size_t end, unsigned thread) {
  const bt_affine_job *j = context;
  size_t begin = first * BT_PART_ELEMENTS, stop = end * BT_PART_ELEMENTS;
  stop = stop < j->n ? stop : j->n;
  for (size_t i = begin, n; i < stop; i += n) {
    n = stop - i < BT_PART_ELEMENTS ? stop - i : BT_PART_ELEMENTS;
    bt_fast_affine_chunk(j, thread, i, n, (int32_t *)j->c->out[0]->data + i);
  }
}

bool bt_fast_affine(bt_fast *f, const bt_command *c) {
  bt_affine_job j;
  if (!bt_fast_affine_begin(f, c, &j)) {
    return false;
  }
  bt_parts_run(f, (j.n + BT_PART_ELEMENTS - 1) / BT_PART_ELEMENTS, BT_PART_ELEMENTS, run_part, &j);
  return true;
}
