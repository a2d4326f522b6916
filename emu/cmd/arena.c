#include "cmd/arena.h"

#include <stdint.h>
#include <stdlib.h>

/* The larger first; of the same size the one that begins earlier, then ends earlier: those still
 * equal may change places, so that the result does not depend on the order of the leases. */
static int by_size(const void *a, const void *b) {
  const bt_lease *x = *(bt_lease *const *)a, *y = *(bt_lease *const *)b;
  if (x->bytes != y->bytes) {
    return x->bytes > y->bytes ? -1 : 1;
  }
  if (x->first != y->first) {
    return x->first < y->first ? -1 : 1;
  }
  return x->last < y->last ? -1 : x->last > y->last ? 1 : 0;
}

static bool overlap(const bt_lease *a, const bt_lease *b) {
  return a->first <= b->last && b->first <= a->last;
}

static size_t aligned_end(const bt_lease *l) {
  return l->offset + (l->bytes + BT_ARENA_ALIGN - 1) / BT_ARENA_ALIGN * BT_ARENA_ALIGN;
}

/* The lowest free offset for `l`; `placed` in ascending order of offsets. */
static size_t lowest(const bt_lease *l, bt_lease *const *placed, size_t count) {
  size_t offset = 0;
  for (size_t i = 0; i < count; i++) {
    if (!overlap(l, placed[i])) {
      continue;
    }
    if (placed[i]->offset >= offset && placed[i]->offset - offset >= l->bytes) {
      return offset;
    }
    size_t end = aligned_end(placed[i]);
    offset = end > offset ? end : offset;
  }
  return offset;
}

static bool too_large(const bt_lease *lease, size_t count) {
  size_t sum = 0;
  for (size_t i = 0; i < count; i++) {
    if (lease[i].bytes > SIZE_MAX - BT_ARENA_ALIGN - sum) {
      return true;
    }
    sum += lease[i].bytes + BT_ARENA_ALIGN;
  }
  return false;
}

bool bt_arena_place(bt_lease *lease, size_t count, size_t *bytes) {
  *bytes = 0;
  if (count == 0) {
    return true;
  }
  bt_lease **order = malloc(2 * count * sizeof *order);
  if (order == NULL || too_large(lease, count)) {
    free(order);
    return false;
  }
  bt_lease **placed = order + count;
  for (size_t i = 0; i < count; i++) {
    order[i] = &lease[i];
  }
  qsort(order, count, sizeof *order, by_size);
  for (size_t i = 0; i < count; i++) {
    bt_lease *l = order[i];
    l->offset = lowest(l, placed, i);
    size_t end = l->offset + l->bytes, at = i;
    *bytes = end > *bytes ? end : *bytes;
    for (; at > 0 && placed[at - 1]->offset > l->offset; at--) {
      placed[at] = placed[at - 1];
    }
    placed[at] = l;
  }
  free(order);
  return true;
}
