#include "patterns.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *pattern_name(pattern p) {
  static const char *const name[PATTERN_COUNT] = {
      "uniform", "spread", "powers", "ties", "clip edges", "carry",  "grid",
      "zeros",   "single", "denormals", "huge", "tiny",    "blocks", "bits"};
  return name[p];
}

static int in(const pattern_target *t, int low, int high) {
  return (int)oracle_stream_in(t->stream, low, high);
}

/* -1, 0 or 1 unit in the last place away from v, in the type. */
static double neighbour(const pattern_target *t, double v) {
  int way = in(t, -1, 1);
  if (way == 0)
    return v;
  double to = way < 0 ? -INFINITY : INFINITY;
  return t->f32 ? (double)nextafterf((float)v, (float)to) : nextafter(v, to);
}

/* 1 <= v < 2 with all the type's bits random, or few of them. */
static double random_significand(const pattern_target *t) {
  uint64_t u = oracle_stream_next(t->stream);
  int bits = in(t, 0, 3) == 0 ? in(t, 0, 10) : t->f32 ? 23 : 52;
  return 1 + ldexp((double)(u >> 12 >> (52 - bits)), -bits);
}

static double signed_value(const pattern_target *t, double v) {
  return in(t, 0, 1) ? -v : v;
}

/* A shared exponent: mostly ordinary, at times at an end of the format's or the type's range. */
static int scale(const pattern_target *t) {
  switch (in(t, 0, 7)) {
  case 0:
    return t->f32 ? in(t, 120, 127) : in(t, 122, 130);
  case 1:
    return in(t, -131, -118);
  case 2:
    return t->f32 ? in(t, -149, -127) : in(t, -1074, -1000);
  case 3:
    return t->f32 ? 127 : in(t, 1000, 1023);
  default:
    return in(t, -30, 30);
  }
}

/* k steps of the target format at block exponent e. */
static double steps(const pattern_target *t, double k, int e) {
  return ldexp(k, t->format->kind == BT_FIXED ? -t->format->fl : e - (t->format->wl - 2));
}

static double tie(const pattern_target *t, int e) {
  int half = 1 << (t->format->wl - 1);
  int k = in(t, 0, 1) ? in(t, -half, half - 1) : in(t, -3, 2);
  return neighbour(t, steps(t, k + 0.5, e));
}

static double clip_edge(const pattern_target *t, int e) {
  static const double beyond[] = {0, 0.25, 0.5, 0.75, 1, 1.5, 0, 0.5};
  double top = (1 << (t->format->wl - 1)) - 1;
  double v = steps(t, top + beyond[in(t, 0, 7)], e);
  return neighbour(t, signed_value(t, v));
}

static double carry(const pattern_target *t, int e) {
  int reach = 1 << (t->format->wl - 1);
  int k = t->f32 || in(t, 0, 1) ? in(t, -2, 1) : in(t, -reach, reach - 1);
  unsigned bits = t->random_bits + (unsigned)in(t, -1, 1);
  double j = (double)oracle_stream_in(t->stream, 0, (int64_t)1 << bits);
  if (in(t, 0, 3) == 0)
    j = in(t, 0, 2);
  double v = k + ldexp(j, -(int)bits);
  if (in(t, 0, 2) == 0)
    v += ldexp(in(t, -1, 1), -(int)bits - in(t, 1, 20));
  return steps(t, v, e);
}

static double denormal(const pattern_target *t) {
  uint64_t u = oracle_stream_next(t->stream) >> (t->f32 ? 41 : 12);
  u >>= in(t, 0, t->f32 ? 22 : 51);
  return ldexp((double)u, t->f32 ? -149 : -1074);
}

static double huge(const pattern_target *t) {
  double largest = t->f32 ? (double)FLT_MAX : DBL_MAX;
  switch (in(t, 0, 3)) {
  case 0:
    return largest;
  case 1:
    return ldexp(random_significand(t), t->f32 ? 127 : 1023);
  default:
    return ldexp(random_significand(t), t->f32 ? in(t, 110, 127) : in(t, 110, 140));
  }
}

static double tiny(const pattern_target *t) {
  if (in(t, 0, 2) == 0)
    return neighbour(t, ldexp(1, in(t, -130, -126)));
  return ldexp(random_significand(t), in(t, -149, -120));
}

/* Random bits of the type, exponent of all ones left out. */
static double bits(const pattern_target *t) {
  uint64_t u = oracle_stream_next(t->stream);
  if (t->f32) {
    uint32_t w = (uint32_t)(u >> 32);
    float f;
    if ((w & 0x7F800000u) == 0x7F800000u)
      w ^= 0x00800000u;
    memcpy(&f, &w, sizeof f);
    return (double)f;
  }
  double d;
  if ((u & 0x7FF0000000000000u) == 0x7FF0000000000000u)
    u ^= 0x0010000000000000u;
  memcpy(&d, &u, sizeof d);
  return d;
}

/* A value of the pattern in a block of exponent e. */
static double draw(const pattern_target *t, pattern p, int e) {
  int reach = 1 << (t->format->wl - 1);
  switch (p) {
  case PATTERN_UNIFORM:
  case PATTERN_BLOCKS:
    return ldexp(random_significand(t), e - in(t, 0, 4));
  case PATTERN_SPREAD:
    return ldexp(random_significand(t), e - in(t, 0, 130));
  case PATTERN_POWERS:
    return neighbour(t, ldexp(1, e - in(t, 0, t->format->wl + 2)));
  case PATTERN_TIES:
    return tie(t, e);
  case PATTERN_CLIP_EDGES:
    return clip_edge(t, e);
  case PATTERN_CARRY:
    return carry(t, e);
  case PATTERN_GRID:
    return steps(t, in(t, -reach, reach - 1), e);
  case PATTERN_DENORMALS:
    return denormal(t);
  case PATTERN_HUGE:
    return huge(t);
  case PATTERN_TINY:
    return tiny(t);
  case PATTERN_BITS:
    return bits(t);
  default:
    return 0;
  }
}

/* Sends a value to the type, below infinity. */
static double fit(const pattern_target *t, double v) {
  double largest = t->f32 ? (double)FLT_MAX : DBL_MAX;
  if (fabs(v) > largest)
    return copysign(largest, v);
  return t->f32 ? (double)(float)v : v;
}

/* Whether one element of a block is to set the block's exponent. */
static bool is_anchored(pattern p) {
  return p == PATTERN_SPREAD || p == PATTERN_TIES || p == PATTERN_CARRY || p == PATTERN_GRID;
}

void pattern_fill(const pattern_target *t, pattern p, double *x) {
  size_t n = oracle_elements(t->ndim, t->dim);
  size_t blocks = oracle_block_count(t->format, t->ndim, t->dim);
  int *exponent = calloc(blocks + 1, sizeof *exponent);
  bool *seen = calloc(blocks + 1, sizeof *seen);
  size_t single = n > 0 ? (size_t)oracle_stream_in(t->stream, 0, (int64_t)n - 1) : 0;
  int common = scale(t);
  for (size_t b = 0; b < blocks; b++)
    exponent[b] = p == PATTERN_BLOCKS ? scale(t) : common;
  for (size_t i = 0; i < n; i++) {
    size_t b = oracle_block_of(t->format, t->ndim, t->dim, i);
    double v = signed_value(t, draw(t, p, exponent[b]));
    if (is_anchored(p) && !seen[b])
      v = signed_value(t, ldexp(in(t, 0, 1) ? 1 : random_significand(t), exponent[b]));
    if (p == PATTERN_SINGLE && i == single)
      v = neighbour(t, signed_value(t, ldexp(1, common)));
    if ((p == PATTERN_BLOCKS && exponent[b] % 4 == 3) || in(t, 0, 31) == 0)
      v = signed_value(t, 0);
    seen[b] = true;
    x[i] = fit(t, v);
  }
  free(exponent);
  free(seen);
}
