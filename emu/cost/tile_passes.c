#include "cost/tile_passes.h"

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
  const size_t *only;
  const bt_tile_visitor *visitor;
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

static void show_tile(walk *w, size_t tile) {
  size_t done = 0;
  if (w->visitor->tile != NULL) {
    w->visitor->tile(w->visitor->context, tile);
  }
  for (size_t i = 0; i < w->groups.groups; i++) {
    bt_tile_pass pass = {.tile = tile,
                         .group = i,
                         .len = w->groups.length[i],
                         .a = w->side[0].slice + done * w->side[0].per_tile,
                         .b = w->side[1].slice + done * w->side[1].per_tile};
    w->visitor->pass(w->visitor->context, &pass);
    done += pass.len;
  }
}

static bool shows(const walk *w, size_t total, size_t tile_cols, size_t tile) {
  return w->only != NULL ? tile == *w->only
                         : bt_activity_samples(w->options->tiles, total, tile_cols, tile);
}

static void show_tiles(walk *w, size_t total) {
  operand *a = &w->side[0], *b = &w->side[1];
  size_t tile_cols = (b->lines + b->per_tile - 1) / b->per_tile;
  size_t filled_row = SIZE_MAX;
  for (size_t tile = 0; tile < total; tile++) {
    if (!shows(w, total, tile_cols, tile)) {
      continue;
    }
    if (tile / tile_cols != filled_row) {
      filled_row = tile / tile_cols;
      fill_slice(w, a, filled_row * a->per_tile);
    }
    fill_slice(w, b, tile % tile_cols * b->per_tile);
    show_tile(w, tile);
  }
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
  return s == BT_OK ? open_side(w, 1, e.cols, machine->cols, error) : s;
}

static void close_walk(walk *w) {
  free(w->side[0].slice);
  free(w->side[1].slice);
  bt_k_groups_free(&w->groups);
  free(w->offset);
}

size_t bt_tile_count(const bt_machine *machine, const bt_command *c) {
  bt_extent e = bt_geometry_extent(&c->u.contract.geometry, c->u.contract.direction);
  return (e.rows + machine->rows - 1) / machine->rows *
         ((e.cols + machine->cols - 1) / machine->cols);
}

bt_status bt_tile_passes(const bt_machine *machine, const bt_command *c,
                         const bt_activity_options *options, const size_t *only,
                         const bt_tile_visitor *visitor, bt_error *error) {
  walk w = {.c = c, .options = options, .only = only, .visitor = visitor};
  if (!bt_activity_covers(machine, c)) {
    return bt_fail(error, BT_BAD_INPUT,
                   "%s: not covered: expected dataflow os, int8 operands in blocks tensor, dim0 or "
                   "sample, and an accumulator without shift and chunks",
                   c->label.text ? c->label.text : bt_op_name(c->op));
  }
  for (int i = 0; i < 2; i++) {
    if (c->in[i]->data == NULL || c->in[i]->exp == NULL) {
      return bt_fail(error, BT_BAD_INPUT, "%s: operand %s has no storage: expected one in place",
                     c->label.text, c->in[i]->name);
    }
  }
  size_t total = bt_tile_count(machine, c);
  if (only != NULL && *only >= total) {
    return bt_fail(error, BT_BAD_INPUT, "%s: no tile %zu: expected one of 0-%zu", c->label.text,
                   *only, total - 1);
  }
  bt_status s = open_walk(&w, machine, error);
  if (s == BT_OK) {
    show_tiles(&w, total);
  }
  close_walk(&w);
  return s;
}
