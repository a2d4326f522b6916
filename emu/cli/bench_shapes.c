#include "cli/bench_shapes.h"

#include <stdio.h>
#include <string.h>

#include "num/error.h"

#define MAX_ELEMENTS ((size_t)1 << 31) /* of a tensor */

bool bt_shape_next(const char **list, char text[BT_SHAPE_TEXT]) {
  if (*list == NULL) {
    return false;
  }
  size_t length = strcspn(*list, ",");
  snprintf(text, BT_SHAPE_TEXT, "%.*s", (int)(length < BT_SHAPE_TEXT ? length : BT_SHAPE_TEXT),
           *list);
  *list = (*list)[length] == '\0' ? NULL : *list + length + 1;
  return true;
}

/* A number of one to nine digits. */
static bool take_number(const char **p, size_t min, size_t *value) {
  size_t digits = strspn(*p, "0123456789");
  *value = 0;
  for (size_t i = 0; i < digits && i < 9; i++) {
    *value = *value * 10 + (size_t)((*p)[i] - '0');
  }
  *p += digits;
  return digits >= 1 && digits <= 9 && *value >= min;
}

static bool take(const char **p, char c) {
  if (**p != c) {
    return false;
  }
  ++*p;
  return true;
}

/* count numbers of at least 1 with an 'x' between them. */
static bool take_sizes(const char **p, size_t count, size_t *value) {
  for (size_t i = 0; i < count; i++) {
    if ((i > 0 && !take(p, 'x')) || !take_number(p, 1, &value[i])) {
      return false;
    }
  }
  return true;
}

/* Whether a tensor of these sizes is one that can be made. */
static bool small(size_t a, size_t b, size_t c, size_t d) {
  const size_t size[] = {a, b, c, d};
  size_t n = 1;
  for (int i = 0; i < 4; i++) {
    if (size[i] > MAX_ELEMENTS / n) {
      return false;
    }
    n *= size[i];
  }
  return true;
}

static bool small_geometry(const bt_geometry *g) {
  return small(g->n, g->h, g->w, g->c) && small(g->o, g->kh, g->kw, g->c) &&
         small(g->n, g->oh, g->ow, g->o);
}

static bt_status refuse(const char *text, const char *expected, bt_error *error) {
  return bt_fail(error, BT_BAD_INPUT, "shape '%s': expected %s", text, expected);
}

static bt_status refuse_size(const char *text, bt_error *error) {
  return refuse(text, "tensors of at most 2^31 elements", error);
}

bt_status bt_shape_gemm(const char *text, bt_geometry *g, bt_direction *d, bt_error *error) {
  const char *p = text;
  size_t m[3];
  bool good = take_sizes(&p, 3, m);
  *g = (bt_geometry){.n = m[0], .c = m[2], .o = m[1]};
  *d = BT_FORWARD;
  if (good && strcmp(p, ":tn") == 0) {
    *g = (bt_geometry){.n = m[2], .c = m[1], .o = m[0]};
    *d = BT_WEIGHT_GRADIENT;
  } else if (good && strcmp(p, ":nt") == 0) {
    *g = (bt_geometry){.n = m[0], .c = m[1], .o = m[2]};
    *d = BT_DATA_GRADIENT;
  } else if (!good || *p != '\0') {
    return refuse(text, "MxNxK, MxNxK:tn or MxNxK:nt, as 512x512x4608", error);
  }
  g->h = g->w = g->kh = g->kw = g->stride = g->oh = g->ow = 1;
  return small_geometry(g) ? BT_OK : refuse_size(text, error);
}

bt_status bt_shape_conv(const char *text, bt_geometry *g, size_t *times, bt_error *error) {
  const char *p = text;
  size_t in[4];
  *g = (bt_geometry){0};
  *times = 1;
  if (!take_sizes(&p, 4, in) || !take(&p, '-') || !take_number(&p, 1, &g->o) || !take(&p, 'k') ||
      !take_number(&p, 1, &g->kh) || !take(&p, 'p') || !take_number(&p, 0, &g->pad) ||
      !take(&p, 's') || !take_number(&p, 1, &g->stride) ||
      (take(&p, '*') && !take_number(&p, 1, times)) || *p != '\0') {
    return refuse(text, "NxHxWxC-OkKpPsS, as 128x32x32x64-64k3p1s1", error);
  }
  g->n = in[0];
  g->h = in[1];
  g->w = in[2];
  g->c = in[3];
  g->kw = g->kh;
  if (g->h + 2 * g->pad < g->kh || g->w + 2 * g->pad < g->kw || g->pad >= g->kh) {
    return refuse(text, "a filter no larger than the padded image, and a pad below it", error);
  }
  g->oh = (g->h + 2 * g->pad - g->kh) / g->stride + 1;
  g->ow = (g->w + 2 * g->pad - g->kw) / g->stride + 1;
  return small_geometry(g) ? BT_OK : refuse_size(text, error);
}

bt_status bt_shape_tensor(const char *text, size_t *ndim, size_t dim[4], bt_error *error) {
  const char *p = text;
  for (*ndim = 1; *ndim <= 4; ++*ndim) {
    p = text;
    dim[0] = dim[1] = dim[2] = dim[3] = 1;
    if (take_sizes(&p, *ndim, dim) && *p == '\0') {
      return small(dim[0], dim[1], dim[2], dim[3]) ? BT_OK : refuse_size(text, error);
    }
  }
  return refuse(text, "one to four dimensions, as 128x32x32x64", error);
}
