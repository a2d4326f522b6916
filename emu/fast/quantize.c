/* quantize: wide to bfp in all blocks (numerics 7). Where the mantissas' extremes are known it is
 * one pass over them, else one for the exponents and one for the mantissas; threads take stretches
 * of elements and jump to their draws. */
#include "fast/quantize.h"

#include <stdatomic.h>

#include "fast/commands.h"
#include "fast/parts.h"
#include "fast/quantize_parts.h"

#define GROUP 64u

typedef struct {
  const bt_quantize_plan *p;
  atomic_ullong clipped;
} job;

static void quantize_groups(void *context, size_t first, size_t end, unsigned thread) {
  job *j = context;
  const bt_quantize_plan *p = j->p;
  bt_lane_state lanes = {0};
  (void)thread;
  first *= GROUP;
  end = end * GROUP < p->n ? end * GROUP : p->n;
  bt_lanes_seek(&lanes, &p->start, p->jump, first);
  atomic_fetch_add(&j->clipped,
                   bt_fast_quantize_chunk(p, &lanes, first, end - first,
                                          (const int32_t *)p->in->data + first));
}

bool bt_fast_quantize(bt_fast *f, const bt_command *c, const bt_extremes *known, bt_lfsr *rng,
                      bt_counts *counts) {
  bt_quantize_plan p;
  if (c->in[0]->kind != BT_T_WIDE) {
    return bt_fast_quantize_bfp(f, c, rng, counts);
  }
  if (known == NULL || !bt_fast_quantize_plan(f, c, known, rng, &p)) {
    if (!bt_quantize_begin(f, c, rng, &p) || !bt_quantize_find_exponents(f, &p)) {
      return false;
    }
  }
  job j = {.p = &p};
  bt_parts_run(f, (p.n + GROUP - 1) / GROUP, GROUP, quantize_groups, &j);
  counts->quantize.clipped += atomic_load(&j.clipped);
  bt_fast_quantize_finish(&p, rng);
  return true;
}
