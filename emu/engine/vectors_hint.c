#include "engine/vectors_hint.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "num/round.h"

static uint64_t divisor(uint64_t a, uint64_t b) {
  while (b != 0) {
    uint64_t rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

void bt_places_add(bt_places *p, uint64_t place) {
  if (p->count++ == 0) {
    p->first = place;
  }
  p->steps = divisor(p->steps, place > p->first ? place - p->first : p->first - place);
}

#define CHANCE 10 /* bits: places that agree by chance less often than once in 1024 */

unsigned bt_places_modulus(const bt_places *p) {
  unsigned bits = 0;
  while (bits < 6 && p->count > 1 && p->steps % (UINT64_C(2) << bits) == 0) {
    bits++;
  }
  return p->count > 1 && (p->count - 1) * bits >= CHANCE ? 1u << bits : 1;
}

bool bt_vectors_differs(const bt_vectors_pair *p, size_t i) {
  return p->got->state[i] != BT_HEX_VALUE || p->got->value[i] != p->expected->value[i];
}

/* Counts over the elements that differ. */
typedef struct {
  uint64_t n, unknown, absent, above, below, at_limit, negated, zero, next, previous;
  bt_places places;
  size_t column, block;          /* of the first */
  bool one_column, one_block;
} pattern;

static void add_place(const bt_vectors_pair *p, size_t i, pattern *f) {
  size_t column = p->t != NULL && p->mantissas ? i % bt_tensor_last(p->t) : 0;
  size_t block = p->t != NULL && p->mantissas && bt_tensor_exponents(p->t) > 0
                     ? bt_tensor_exponent_of(p->t, i)
                     : 0;
  if (f->n == 0) {
    f->column = column;
    f->block = block;
    f->one_column = f->one_block = true;
  }
  f->one_column = f->one_column && column == f->column;
  f->one_block = f->one_block && block == f->block;
  bt_places_add(&f->places, i);
}

static void add_element(const bt_vectors_pair *p, size_t i, pattern *f) {
  const int64_t *e = p->expected->value, *g = p->got->value;
  bool small = p->t != NULL && p->mantissas &&
               (p->t->kind == BT_T_BFP8 || p->t->kind == BT_T_BFP16);
  add_place(p, i, f);
  f->n++;
  if (p->got->state[i] != BT_HEX_VALUE) {
    f->absent += p->got->state[i] == BT_HEX_ABSENT;
    f->unknown += p->got->state[i] != BT_HEX_ABSENT;
    return;
  }
  f->above += g[i] == e[i] + 1;
  f->below += g[i] == e[i] - 1;
  f->negated += g[i] == -e[i];
  f->zero += g[i] == 0;
  f->at_limit += small && (e[i] == bt_clip_high(&p->t->fmt) || e[i] == bt_clip_low(&p->t->fmt));
  f->next += i + 1 == p->expected->count || g[i] == e[i + 1];
  f->previous += i == 0 || g[i] == e[i - 1];
}

typedef struct {
  char *text;
  size_t used, size;
} lines;

static void add_line(lines *l, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add_line(lines *l, const char *format, ...) {
  va_list args;
  if (l->used + 1 < l->size) {
    va_start(args, format);
    int n = vsnprintf(l->text + l->used, l->size - l->used, format, args);
    va_end(args);
    size_t room = l->size - l->used - 1;
    l->used += n < 0 ? 0 : (size_t)n < room ? (size_t)n : room;
  }
}

static void value_lines(const pattern *f, lines *l) {
  if (f->absent > 0) {
    add_line(l, "not in the file: %" PRIu64 "\n", f->absent);
  }
  if (f->unknown > 0) {
    add_line(l, "x or z: %" PRIu64 ", never written or made of what was not\n", f->unknown);
  }
  if (f->above + f->below == f->n) {
    add_line(l, "all are off by one: %" PRIu64 " above, %" PRIu64 " below\n", f->above, f->below);
  }
  if (f->n < 3) {
    return;
  }
  if (f->at_limit == f->n) {
    add_line(l, "all are elements that the clip holds\n");
  }
  if (f->negated == f->n) {
    add_line(l, "all have the wrong sign\n");
  } else if (f->zero == f->n) {
    add_line(l, "all are 0\n");
  } else if (f->next == f->n || f->previous == f->n) {
    add_line(l, "each is the value of the element %s it: the order is shifted by one\n",
             f->next > f->previous ? "after" : "before");
  }
}

static void place_lines(const bt_vectors_pair *p, const pattern *f, lines *l) {
  unsigned modulus = bt_places_modulus(&f->places);
  bool mantissas = p->t != NULL && p->mantissas;
  if (f->n < 3) {
    return;
  }
  if (mantissas && f->one_block && bt_tensor_exponents(p->t) > 1) {
    add_line(l, "all are in block %zu\n", f->block);
  }
  if (mantissas && f->one_column && p->t->ndim > 1 && bt_tensor_last(p->t) > 1) {
    add_line(l, "all have last index %zu\n", f->column);
  } else if (modulus > 1) {
    add_line(l, "all are elements i with i mod %u = %" PRIu64 ": one lane, of up to %u\n",
             modulus, f->places.first % modulus, modulus);
  }
}

void bt_vectors_hints(const bt_vectors_pair *p, char *text, size_t size) {
  pattern f = {0};
  lines l = {text, 0, size};
  text[0] = '\0';
  for (size_t i = 0; i < p->expected->count; i++) {
    if (bt_vectors_differs(p, i)) {
      add_element(p, i, &f);
    }
  }
  if (f.n > 0) {
    value_lines(&f, &l);
    place_lines(p, &f, &l);
  }
}
