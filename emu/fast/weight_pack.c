/* Packs a block of slabs of a weight gradient (weight.h says into what), a row of places at a time:
 * in memory a row is one run of bytes for each of a word's samples. */
#include <string.h>

#include "fast/weight.h"

#define UNITS_A_THREAD 8u /* of work to hand out, about */

/* A slab is packed in `parts` units, a task is `grain` of these. */
typedef struct {
  bt_weight *s;
  size_t parts, grain, units;
} packing;

static bool quads(const bt_weight *s) { return s->per_word == 4; }

/* One row of the output's places; QUAD: adds its elements to the sums of the error's rows. */
static void pack_error_row(const bt_weight *s, const bt_weight_slab *slab, size_t y,
                           int32_t *row_sum) {
  const bt_geometry *g = &s->g;
  const bt_kernels *k = &s->w->f->kernels;
  const int8_t *error = s->w->c->in[0]->data, *row[4];
  uint8_t *to = s->error + (slab->word + y * slab->columns) * s->strip_step;
  for (size_t i = 0; i < s->per_word; i++) {
    size_t n = s->order[slab->first + i];
    row[i] = n == BT_NO_SAMPLE ? s->zeros
                               : error + ((n * g->oh + slab->y + y) * g->ow + slab->x) * g->o;
    if (quads(s) && n != BT_NO_SAMPLE) {
      k->add_rows(slab->columns, g->o, row[i], row_sum);
    }
  }
  if (s->strip_rows == g->o) {
    k->interleave(slab->columns * g->o, row, 0, to, BT_LINE);
    return;
  }
  for (size_t x = 0; x < slab->columns; x++, to += s->strip_step) {
    k->interleave(g->o, row, 0, to, s->strip_bytes);
    for (size_t i = 0; i < s->per_word; i++) {
      row[i] += g->o;
    }
  }
}

/* One row of the image's places, `width` of them. A missing sample's error is 0: any image does. */
static void pack_image_row(const bt_weight *s, const bt_weight_slab *slab, size_t y, size_t width,
                           uint8_t *to) {
  const bt_geometry *g = &s->g;
  const int8_t *image = s->w->c->in[1]->data, *row[4];
  uint8_t outside = quads(s) ? 0x80 : 0;
  size_t top = slab->y * g->stride + y, left = slab->x * g->stride, place = g->c * 4;
  if (top < g->pad || top - g->pad >= g->h || left >= g->w + g->pad || left + width <= g->pad) {
    memset(to, outside, width * place);
    return;
  }
  size_t begin = left < g->pad ? g->pad - left : 0, end = g->w + g->pad - left;
  end = end < width ? end : width;
  for (size_t i = 0; i < s->per_word; i++) {
    size_t n = s->order[slab->first + i];
    n = n == BT_NO_SAMPLE ? s->order[slab->first] : n;
    row[i] = image + ((n * g->h + top - g->pad) * g->w + left + begin - g->pad) * g->c;
  }
  memset(to, outside, begin * place);
  s->w->f->kernels.interleave((end - begin) * g->c, row, outside, to + begin * place,
                                BT_LINE);
  memset(to + end * place, outside, (width - end) * place);
}

static void write_offsets(const bt_weight *s, const bt_weight_slab *slab, size_t image) {
  const bt_geometry *g = &s->g;
  int32_t *to = s->b_offset + slab->word;
  for (size_t y = 0; y < slab->rows; y++) {
    for (size_t x = 0; x < slab->columns; x++) {
      *to++ = (int32_t)(image + (y * s->image_width + x) * g->stride * g->c * 4);
    }
  }
}

static void add_correction(const bt_weight *s, const bt_weight_slab *slab, const int32_t *row_sum,
                           unsigned thread) {
  uint32_t unit = UINT32_C(1) << (slab->shift - s->base);
  int32_t *to = s->correction + thread * s->g.o;
  for (size_t o = 0; o < s->g.o; o++) {
    to[o] = (int32_t)((uint32_t)to[o] + (uint32_t)row_sum[o] * unit);
  }
}

static void pack_part(const packing *p, size_t number, size_t part, unsigned thread) {
  bt_weight *s = p->s;
  const bt_geometry *g = &s->g;
  const bt_weight_slab *slab = &s->slab[s->first + number];
  size_t height = (slab->rows - 1) * g->stride + g->kh;
  size_t width = (slab->columns - 1) * g->stride + g->kw;
  int32_t *row_sum = s->row_sum + thread * g->o;
  if (part == 0) {
    write_offsets(s, slab, number * s->image_bytes);
  }
  if (quads(s)) {
    memset(row_sum, 0, g->o * sizeof *row_sum);
  }
  for (size_t y = slab->rows * part / p->parts; y < slab->rows * (part + 1) / p->parts; y++) {
    pack_error_row(s, slab, y, row_sum);
  }
  for (size_t y = height * part / p->parts; y < height * (part + 1) / p->parts; y++) {
    uint8_t *to = s->image + number * s->image_bytes + y * s->image_width * g->c * 4;
    pack_image_row(s, slab, y, width, to);
  }
  if (quads(s)) {
    add_correction(s, slab, row_sum, thread);
  }
}

static void pack_task(void *context, size_t task, unsigned thread) {
  const packing *p = context;
  size_t end = (task + 1) * p->grain < p->units ? (task + 1) * p->grain : p->units;
  for (size_t i = task * p->grain; i < end; i++) {
    pack_part(p, i / p->parts, i % p->parts, thread);
  }
}

void bt_weight_pack(bt_weight *s) {
  size_t slabs = s->end - s->first, wanted = s->threads == 1 ? 1 : s->threads * UNITS_A_THREAD;
  packing p = {.s = s, .parts = (wanted + slabs - 1) / slabs};
  p.parts = p.parts < s->slab_rows ? p.parts : s->slab_rows;
  p.units = slabs * p.parts;
  p.grain = (p.units + wanted - 1) / wanted;
  bt_threads_run(s->w->f->threads, (p.units + p.grain - 1) / p.grain, pack_task, &p);
}
