/* What the elements of a result that differ have in common. */
#ifndef BT_ENGINE_VECTORS_HINT_H
#define BT_ENGINE_VECTORS_HINT_H

#include "engine/vectors_load.h"

/* Places that have a power of two in common: all are `rest` modulo `modulus`. */
typedef struct {
  uint64_t count, first, steps; /* steps: greatest common divisor of the places' distances */
} bt_places;
void bt_places_add(bt_places *p, uint64_t place);
/* The largest power of two, at most 64, modulo which all places agree; 1 where so few would often
 * do so by chance. */
unsigned bt_places_modulus(const bt_places *p);

/* An array as expected and as it came. t is its tensor, or NULL. */
typedef struct {
  const bt_tensor *t;
  const bt_vectors_values *expected, *got;
  bool mantissas; /* of t; else its exponents */
} bt_vectors_pair;

bool bt_vectors_differs(const bt_vectors_pair *p, size_t i);

/* Lines of text on what all that differ have in common. */
void bt_vectors_hints(const bt_vectors_pair *p, char *text, size_t size);

/* A quantization: its operand, its draws (NULL if it draws none), and its result. */
typedef struct {
  bt_tensor in, out;             /* in.exp and out.exp are as expected */
  bt_round_options round;
  bt_vectors_values x, draws;    /* x: mantissas of in */
  const int16_t *got_exp;        /* of out; NULL where unknown */
} bt_vectors_quantization;

/* Lines on which wrong rounding would give every element as it came, and on ties. */
void bt_vectors_rounding_hints(const bt_vectors_quantization *q, const bt_vectors_pair *p,
                               char *text, size_t size);
/* A line on the elements that decide the exponent of `block`; their places within their block are
 * added to *places. */
void bt_vectors_deciding(const bt_vectors_quantization *q, size_t block, bt_places *places,
                         char *text, size_t size);

#endif
