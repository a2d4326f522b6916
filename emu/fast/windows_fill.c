/* Copies images with their padding around them into what words hold of A. */
#include <string.h>

#include "fast/windows.h"

static void gather(const bt_windows *s, const bt_plane *p, const int8_t *from, uint8_t *to) {
  const size_t *channel = s->channel + p->first;
  if (p->control != NULL) {
    s->k->choose(p->channels, s->source_c / 16, p->control, from, to);
    return;
  }
  if (s->unit == 4) {
    for (size_t i = 0; i < p->channels; i++) {
      to[i] = (uint8_t)((uint8_t)from[channel[i]] ^ 0x80u);
    }
    return;
  }
  for (size_t i = 0; i < p->channels; i++) {
    int16_t m = from[channel[i]];
    memcpy(to + 2 * i, &m, sizeof m);
  }
}

/* Columns x0..x1-1 of the source lie in the padded image. */
static void fill_row(const bt_windows *s, const bt_plane *p, const int8_t *from, uint8_t *to,
                     size_t x0, size_t x1) {
  uint8_t *first = to + (size_t)((ptrdiff_t)(x0 * s->spread) + s->left) * p->pixel;
  if (s->natural && s->spread == 1) {
    s->k->pack((x1 - x0) * p->channels, from + x0 * s->source_c, first);
    return;
  }
  for (size_t x = x0; x < x1; x++, first += s->spread * p->pixel) {
    if (s->natural) {
      s->k->pack(p->channels, from + x * s->source_c, first);
    } else {
      gather(s, p, from + x * s->source_c, first);
    }
  }
}

/* The first place of 0..n-1 that lies at `limit` or beyond, at `distance` from each other and the
 * first of them at `origin`. */
static size_t first_from(ptrdiff_t origin, size_t distance, size_t n, ptrdiff_t limit) {
  size_t i = 0;
  if (origin < limit) {
    i = ((size_t)(limit - origin) + distance - 1) / distance;
  }
  return i < n ? i : n;
}

static void fill_plane(const bt_chunk *c, const bt_plane *p) {
  const bt_windows *s = c->s;
  size_t size = s->source_h * s->source_w * s->source_c;
  size_t x0 = first_from(s->left, s->spread, s->source_w, 0);
  size_t x1 = first_from(s->left, s->spread, s->source_w, (ptrdiff_t)s->width);
  size_t y0 = first_from(s->top, s->spread, s->source_h, 0);
  size_t y1 = first_from(s->top, s->spread, s->source_h, (ptrdiff_t)s->height);
  for (size_t i = 0; x0 < x1 && i < c->images; i++) {
    const int8_t *from = (const int8_t *)s->w->c->in[0]->data + (c->image + i) * size;
    uint8_t *to = c->buffer + p->at + i * s->height * s->width * p->pixel;
    for (size_t y = y0; y < y1; y++) {
      size_t at = (size_t)((ptrdiff_t)(y * s->spread) + s->top) * s->width * p->pixel;
      fill_row(s, p, from + y * s->source_w * s->source_c, to + at, x0, x1);
    }
  }
}

/* Images of one pixel: some of their channels. */
static void fill_single(const bt_chunk *c, const bt_plane *p) {
  const bt_windows *s = c->s;
  const int8_t *from = (const int8_t *)s->w->c->in[0]->data + c->image * s->source_c;
  uint8_t *to = c->buffer + p->at;
  if (s->natural && p->channels == s->source_c && p->pixel == p->channels * s->element) {
    s->k->pack(c->images * p->channels, from, to);
    return;
  }
  for (size_t i = 0; i < c->images; i++, from += s->source_c, to += p->pixel) {
    if (s->natural) {
      s->k->pack(p->channels, from + p->first, to);
    } else {
      gather(s, p, from, to);
    }
  }
}

void bt_windows_fill(const bt_chunk *c, const bt_block_of_k *b) {
  const bt_windows *s = c->s;
  for (size_t i = b->step, done = SIZE_MAX; i < b->step + b->steps; i++) {
    if (s->step[i].plane != done) {
      done = s->step[i].plane;
      (s->single ? fill_single : fill_plane)(c, &s->plane[done]);
    }
  }
}
