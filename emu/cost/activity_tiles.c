#include "cost/activity_tiles.h"

#include <stdlib.h>
#include <string.h>

#include "cmd/gather.h"
#include "cost/k_groups.h"
#include "num/error.h"
#include "num/stream.h"

static bool plain_operand(const bt_tensor *t) {
  return t->kind == BT_T_BFP8 && !bt_tensor_has_tiles(t);
}

bool bt_activity_covers(const bt_machine *machine, const bt_command *c) {
  return c->op == BT_OP_CONTRACT && machine->dataflow == BT_DATAFLOW_OS &&
         machine->acc.acc_shift == 0 && machine->acc.chunk == 0 && plain_operand(c->in[0]) &&
         plain_operand(c->in[1]);
}

/* Whether tile is floor(s * (total - 1) / (wanted - 1)) for an s below wanted. */
static bool in_spread(size_t wanted, size_t total, size_t tile) {
  if (wanted == 1) {
    return tile == 0;
  }
  unsigned __int128 above = (unsigned __int128)tile * (wanted - 1) + total - 2;
  unsigned __int128 s = above / (total - 1); /* the least s with s * (total - 1) >= tile * .. */
  return s * (total - 1) / (wanted - 1) == tile;
}

bool bt_activity_samples(size_t wanted, size_t total, size_t tile_cols, size_t tile) {
  return wanted == 0 || wanted >= total || in_spread(wanted, total, tile) ||
         tile == tile_cols - 1 || tile == total - tile_cols || tile == total - 1;
}

/* One operand: its lines are rows of the first, columns of the second. */
typedef struct {
  void (*gather)(const bt_geometry *g, bt_direction d, size_t line, int32_t *offset);
  const int8_t *data;
  size_t lines;     /* of the whole operand */
  size_t per_tile;  /* in a tile: the array's rows or columns */
  bt_stream random; /* used with options->random */
  int8_t *slice;    /* [groups.total][per_tile] */
} operand;

typedef struct {
  const bt_command *c;
  const bt_activity_options *options;
  size_t k;
  bt_k_groups groups;
  int32_t *offset; /* [k] */
  operand side[2];
  bt_activity_array array;
} walk;

static int8_t random_byte(const walk *w, const operand *o, size_t line, size_t k) {
  uint64_t i = (uint64_t)line * w->k + k;
  uint64_t byte = bt_stream_at(o->random, i / 8) >> (8 * (i % 8)) & 0xff;
  return (int8_t)((int)byte - 128);
}

/* The lines of an operand that a tile takes, as the array takes them. */
static void fill_slice(walk *w, const operand *o, size_t first) {
  const bt_geometry *g = &w->c->u.contract.geometry;
  for (size_t i = 0; i < o->per_tile; i++) {
    int8_t *to = o->slice + i;
    bool outside = first + i >= o->lines;
    if (!outside && !w->options->random) {
      o->gather(g, w->c->u.contract.direction, first + i, w->offset);
    }
    for (size_t n = 0; n < w->groups.total; n++) {
      size_t k = w->groups.k[n];
      int8_t value = 0;
      if (!outside && w->options->random) {
        value = random_byte(w, o, first + i, k);
      } else if (!outside && w->offset[k] >= 0) {
        value = o->data[w->offset[k]];
      }
      to[n * o->per_tile] = value;
    }
  }
}

static void add_tile(walk *w, bt_activity *activity) {
  size_t done = 0;
  for (size_t i = 0; i < w->groups.groups; i++) {
    bt_activity_pass(&w->array, w->groups.length[i], w->side[0].slice + done * w->side[0].per_tile,
                     w->side[1].slice + done * w->side[1].per_tile, activity);
    done += w->groups.length[i];
  }
}

static void add_tiles(walk *w, bt_activity *activity) {
  operand *a = &w->side[0], *b = &w->side[1];
  size_t tile_rows = (a->lines + a->per_tile - 1) / a->per_tile;
  size_t tile_cols = (b->lines + b->per_tile - 1) / b->per_tile;
  size_t total = tile_rows * tile_cols, filled_row = SIZE_MAX;
  for (size_t tile = 0; tile < total; tile++) {
    if (!bt_activity_samples(w->options->tiles, total, tile_cols, tile)) {
      continue;
    }
    if (tile / tile_cols != filled_row) {
      filled_row = tile / tile_cols;
      fill_slice(w, a, filled_row * a->per_tile);
    }
    fill_slice(w, b, tile % tile_cols * b->per_tile);
    add_tile(w, activity);
    activity->tiles++;
  }
  activity->tiles_total += total;
}

static bt_status open_side(walk *w, int side, size_t lines, size_t per_tile, bt_error *error) {
  const bt_command *c = w->c;
  uint64_t key = ((uint64_t)c->label.layer * 3 + (uint64_t)c->u.contract.direction) * 2;
  operand *o = &w->side[side];
  *o = (operand){.gather = side == 0 ? bt_gather_a : bt_gather_b,
                 .data = c->in[side]->data,
                 .lines = lines,
                 .per_tile = per_tile,
                 .random = bt_stream_open(w->options->seed, BT_STREAM_SYNTHETIC,
                                          key + (uint64_t)side)};
  o->slice = malloc(w->groups.total * per_tile + 1);
  return o->slice != NULL ? BT_OK
                          : bt_fail(error, BT_FAILED, "%s: out of memory", c->label.text);
}

static bt_status open_walk(walk *w, const bt_machine *machine, bt_error *error) {
  bt_extent e = bt_geometry_extent(&w->c->u.contract.geometry, w->c->u.contract.direction);
  w->k = e.k;
  w->offset = malloc((e.k + 1) * sizeof *w->offset);
  if (w->offset == NULL) {
    return bt_fail(error, BT_FAILED, "%s: out of memory", w->c->label.text);
  }
  bt_status s = bt_k_groups_make(w->c, &w->groups, error);
  s = s == BT_OK ? open_side(w, 0, e.rows, machine->rows, error) : s;
  s = s == BT_OK ? open_side(w, 1, e.cols, machine->cols, error) : s;
  return s == BT_OK ? bt_activity_array_open(&w->array, machine, error) : s;
}

static void close_walk(walk *w) {
  bt_activity_array_close(&w->array);
  free(w->side[0].slice);
  free(w->side[1].slice);
  bt_k_groups_free(&w->groups);
  free(w->offset);
}

static bt_status check(const bt_command *c, const bt_activity *activity, bt_error *error) {
  for (int r = 0; r < BT_REG_CLASSES; r++) {
    if (activity->bit_cycles[r] == UINT64_MAX) {
      return bt_fail(error, BT_BAD_INPUT, "%s: its bit-cycles of %s are beyond 64 bits",
                     c->label.text, bt_register_name((bt_register)r));
    }
  }
  return BT_OK;
}

bt_status bt_activity_contract(const bt_machine *machine, const bt_command *c,
                               const bt_activity_options *options, bt_activity *activity,
                               bt_error *error) {
  walk w = {.c = c, .options = options};
  if (!bt_activity_covers(machine, c)) {
    return bt_fail(error, BT_BAD_INPUT,
                   "%s: no activity: expected dataflow os, int8 operands in blocks tensor, dim0 or "
                   "sample, and an accumulator without shift and chunks",
                   c->label.text ? c->label.text : bt_op_name(c->op));
  }
  for (int i = 0; i < 2; i++) {
    if (c->in[i]->data == NULL || c->in[i]->exp == NULL) {
      return bt_fail(error, BT_BAD_INPUT, "%s: operand %s has no storage: expected one in place",
                     c->label.text, c->in[i]->name);
    }
  }
  bt_status s = open_walk(&w, machine, error);
  if (s == BT_OK) {
    add_tiles(&w, activity);
    s = check(c, activity, error);
  }
  close_walk(&w);
  return s;
}
