/* Hints on quantizations: which wrong rounding explains a result, what decides an exponent. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "engine/vectors_hint.h"
#include "num/format.h"
#include "num/quantize.h"

/* What a design may have done in place of numerics 7. */
typedef enum {
  AS_STATED, /* with the exponents that it wrote */
  FLOOR, EVEN, AWAY, DRAW_HIGH, DRAW_LOW, DRAW_NEXT, DRAW_PREVIOUS, NO_CLIP, OTHER_CLIP,
  SUSPECTS
} suspect;

static const char *const suspect_text[SUSPECTS] = {
    [AS_STATED] = "every mantissa is right for the exponents that came: only those are wrong",
    [FLOOR] = "every element is as rounding `floor` makes it",
    [EVEN] = "every element is as rounding `nearest_even` makes it",
    [AWAY] = "every element is as rounding `nearest_away` makes it",
    [DRAW_HIGH] = "every element is as its draw makes it, added one bit too high",
    [DRAW_LOW] = "every element is as its draw makes it, added one bit too low",
    [DRAW_NEXT] = "every element is as the draw of the element after it makes it",
    [DRAW_PREVIOUS] = "every element is as the draw of the element before it makes it",
    [NO_CLIP] = "every element is right but for the clip: what it should hold wraps around",
    [OTHER_CLIP] = "every element is as the other clip makes it (symmetric for asymmetric)"};

static uint32_t draw_of(const bt_vectors_quantization *q, suspect s, size_t i) {
  size_t n = q->draws.count;
  size_t at = s == DRAW_NEXT ? i + 1 : s == DRAW_PREVIOUS ? i - 1 : i;
  uint32_t draw = at < n ? (uint32_t)q->draws.value[at] : 0;
  return s == DRAW_HIGH ? draw << 1 : s == DRAW_LOW ? draw >> 1 : draw;
}

static int exponent_of(const bt_vectors_quantization *q, size_t i) {
  size_t b = bt_tensor_exponent_of(&q->out, i);
  return q->got_exp != NULL ? q->got_exp[b] : q->out.exp[b];
}

/* Element i as the suspect makes it, wl bits. */
static int64_t make(const bt_vectors_quantization *q, suspect s, size_t i) {
  bt_round_options round = q->round;
  bt_format f = q->out.fmt;
  bt_quantize_counts counts = {0};
  int surplus = exponent_of(q, i) - (f.wl - 2) - bt_tensor_step(&q->in, i);
  round.mode = s == FLOOR ? BT_FLOOR : s == EVEN ? BT_NEAREST_EVEN : s == AWAY ? BT_NEAREST_AWAY
                                                                               : round.mode;
  f.asymmetric = f.asymmetric != (s == OTHER_CLIP);
  uint32_t draw = draw_of(q, s, i);
  if (s == NO_CLIP) {
    uint64_t kept = (uint64_t)bt_round(q->x.value[i], surplus, &round, draw) << (64 - f.wl);
    return (int64_t)kept >> (64 - f.wl);
  }
  return bt_quantize_one(q->x.value[i], surplus, &f, &round, draw, &counts);
}

static bool explains(const bt_vectors_quantization *q, const bt_vectors_pair *p, suspect s) {
  for (size_t i = 0; i < p->got->count; i++) {
    bool at_end = (s == DRAW_PREVIOUS && i == 0) || (s == DRAW_NEXT && i + 1 == p->got->count);
    bool zero = exponent_of(q, i) == -128;
    if (p->got->state[i] != BT_HEX_VALUE) {
      return false;
    }
    if (!at_end && p->got->value[i] != (zero ? 0 : make(q, s, i))) {
      return false;
    }
  }
  return true;
}

/* Whether element i lies exactly between two. */
static bool is_tie(const bt_vectors_quantization *q, size_t i) {
  int surplus = exponent_of(q, i) - (q->out.fmt.wl - 2) - bt_tensor_step(&q->in, i);
  uint64_t m = (uint64_t)q->x.value[i];
  return surplus > 0 && surplus < 63 &&
         (m & ((UINT64_C(1) << surplus) - 1)) == UINT64_C(1) << (surplus - 1);
}

static size_t add_text(char *text, size_t used, size_t size, const char *line) {
  int n = used + 1 < size ? snprintf(text + used, size - used, "%s\n", line) : 0;
  size_t room = size - used - 1;
  return used + (n < 0 ? 0 : (size_t)n < room ? (size_t)n : room);
}

void bt_vectors_rounding_hints(const bt_vectors_quantization *q, const bt_vectors_pair *p,
                               char *text, size_t size) {
  size_t used = strlen(text);
  bool stochastic = q->round.mode == BT_STOCHASTIC;
  uint64_t different = 0, ties = 0;
  for (suspect s = AS_STATED; s < SUSPECTS; s++) {
    bool draws = s >= DRAW_HIGH && s <= DRAW_PREVIOUS;
    if ((!draws || stochastic) && explains(q, p, s)) {
      used = add_text(text, used, size, suspect_text[s]);
      if (s == AS_STATED) {
        return; /* nothing is wrong with the rounding */
      }
    }
  }
  for (size_t i = 0; i < p->got->count; i++) {
    bool differs = bt_vectors_differs(p, i);
    different += differs;
    ties += differs && is_tie(q, i);
  }
  if (!stochastic && different > 0 && ties == different) {
    add_text(text, used, size, "all are ties, exactly between two");
  }
}

void bt_vectors_deciding(const bt_vectors_quantization *q, size_t block, bt_places *places,
                         char *text, size_t size) {
  bt_block_extent x = bt_block_elements(&q->out.fmt, q->out.ndim, q->out.dim, block);
  int largest = BT_ALL_ZERO;
  size_t first = 0;
  uint64_t count = 0;
  for (int pass = 0; pass < 2; pass++) {
    for (size_t j = 0; j < x.runs * x.length; j++) {
      size_t i = x.first + j / x.length * x.stride + j % x.length;
      int64_t m = q->x.value[i];
      int top = m == 0 ? BT_ALL_ZERO : bt_log2_floor(m, bt_tensor_step(&q->in, i));
      if (pass == 0 || top != largest) {
        largest = top > largest ? top : largest;
        continue;
      }
      first = count++ == 0 ? j : first;
      bt_places_add(places, j);
    }
  }
  size_t i = x.first + (x.length == 0 ? 0 : first / x.length * x.stride + first % x.length);
  if (largest != BT_ALL_ZERO) {
    snprintf(text, size, "decided   by element %zu of in0, number %zu of the block: mantissa "
             "%" PRId64 " at step 2^%d; as large are %" PRIu64 " more\n", i, first,
             q->x.value[i], bt_tensor_step(&q->in, i), count - 1);
  } else if (size > 0) {
    snprintf(text, size, "decided   by no element: the block is all 0\n");
  }
}
