/* How an operand of a contraction comes from memory into its buffer, as far as time goes: the
 * pieces of contract_walk, one a cycle, and the words that they lie in (docs/rtl.md,
 * "Contractions", Loading). */
#ifndef BT_COST_MACHINE_TIME_WALK_H
#define BT_COST_MACHINE_TIME_WALK_H

#include "cost/machine_time_parts.h"

/* How the operand lies: contract_setup's view. Bytes; places are rows of the tile, or k. */
typedef struct {
  bool lines;               /* pieces are of successive places of a line, not of a run */
  bool spread;              /* the data gradient's A: a run is every windows-th k */
  int64_t places_x, places_y;
  int64_t rows, line, image; /* lines of an image, bytes of a line and of an image */
  int64_t x, y, dx, dy;     /* place (0, 0) in window 0, and from one place to the next */
  int64_t stride, pad, window_x; /* spread */
  int64_t run;              /* elements of a run; spread: channels */
  int64_t windows;
  unsigned apart;           /* log2 of the bytes from an element to the next */
  unsigned banks;           /* most elements of a piece */
  int64_t word;             /* bytes */
} bt_walk_view;

/* A load: so many places from one on, and so many of the other index. */
typedef struct {
  int64_t first_place, places, first, length;
  bool final; /* the last chunk of k */
} bt_walk_load;

typedef struct {
  const bt_walk_view *v;
  bt_walk_load load;
  int64_t blank;             /* cycles without a piece before the next one */
  int64_t window, from, length, position, done; /* the run */
  int64_t place, px, py, image;
  int64_t limit;             /* elements of the piece at hand */
  bool empty;                /* it has none: the window meets nothing in this chunk */
  bool fetch, last;          /* it wants `word`; it is the load's last */
  int64_t word;
} bt_walk;

/* Begins a load; then, while bt_walk_has(), the piece at hand is fetch, word, last. A cycle either
 * takes it or passes (blank). */
void bt_walk_start(bt_walk *w, const bt_walk_view *v, bt_walk_load load);
bool bt_walk_has(const bt_walk *w);
void bt_walk_take(bt_walk *w);

/* Banks of an operand's buffer: the power of two from its rows (columns) up. */
unsigned bt_walk_banks(unsigned units);

/* The views of A and of B in a machine with an array of rows x cols. */
bt_walk_view bt_walk_view_a(const bt_command *c, unsigned rows, unsigned lanes);
bt_walk_view bt_walk_view_b(const bt_command *c, unsigned rows, unsigned cols, unsigned lanes);

#define BT_WALK_DEPTH 2048 /* k of half an operand buffer: `Depth` of contract_sequencer */

#endif
