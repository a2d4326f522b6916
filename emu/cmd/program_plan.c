/* The plan of a program's arena: lifetimes from the list of commands, places from cmd/arena.h. */
#include <stdlib.h>

#include "cmd/arena.h"
#include "cmd/program_parts.h"
#include "num/error.h"

static int by_address(const void *a, const void *b) {
  uintptr_t x = (uintptr_t)*(void *const *)a, y = (uintptr_t)*(void *const *)b;
  return x < y ? -1 : x > y ? 1 : 0;
}

/* The program's temporary at this address, or NULL. */
static bt_temporary *find(const bt_program *p, const bt_tensor *t) {
  const void *key = t;
  void **at = p->temporary.count == 0 ? NULL
                                      : bsearch(&key, p->temporary.item, p->temporary.count,
                                                sizeof *p->temporary.item, by_address);
  return at == NULL ? NULL : *at;
}

static bt_status read_by(const bt_program *p, const bt_tensor *t, size_t command,
                         bt_error *error) {
  bt_temporary *x = t == NULL ? NULL : find(p, t);
  if (x == NULL) {
    return BT_OK;
  }
  if (!x->used) {
    const bt_command *c = p->command.item[command];
    return bt_fail(error, BT_BAD_INPUT,
                   "%s: reads tensor %s before any command wrote it: expected a writer first",
                   c->label.text, t->name);
  }
  x->last = command;
  return BT_OK;
}

static void written_by(const bt_program *p, const bt_tensor *t, size_t command) {
  bt_temporary *x = t == NULL ? NULL : find(p, t);
  if (x == NULL) {
    return;
  }
  x->first = x->used ? x->first : command;
  x->last = command;
  x->used = true;
}

static bt_status find_lifetimes(bt_program *p, bt_error *error) {
  bt_status s = BT_OK;
  for (size_t i = 0; i < p->temporary.count; i++) {
    ((bt_temporary *)p->temporary.item[i])->used = false;
  }
  for (size_t i = 0; s == BT_OK && i < p->command.count; i++) {
    const bt_command *c = p->command.item[i];
    for (size_t k = 0; s == BT_OK && k < BT_MAX_INPUTS; k++) {
      s = read_by(p, c->in[k], i, error);
    }
    for (size_t k = 0; k < BT_MAX_OUTPUTS; k++) {
      written_by(p, c->out[k], i);
    }
  }
  return s;
}

static size_t data_bytes(const bt_tensor *t) {
  return bt_tensor_elements(t) * bt_tensor_element_size(t);
}

static size_t exponent_bytes(const bt_tensor *t) { return bt_tensor_exponents(t) * sizeof *t->exp; }

/* Each takes two leases, of mantissas and of exponents; what no command names is 0 bytes long. */
static void make_leases(const bt_program *p, bt_lease *lease) {
  for (size_t i = 0; i < p->temporary.count; i++) {
    const bt_temporary *x = p->temporary.item[i];
    bt_lease l = {.first = x->first, .last = x->last + BT_PROGRAM_WINDOW - 1};
    l.bytes = x->used ? data_bytes(&x->tensor) : 0;
    lease[2 * i] = l;
    l.bytes = x->used ? exponent_bytes(&x->tensor) : 0;
    lease[2 * i + 1] = l;
  }
}

static bt_status no_memory(const bt_program *p, bt_error *error) {
  return bt_fail(error, BT_FAILED, "out of memory for the tensors of %zu commands",
                 p->command.count);
}

/* Leases for two a temporary; NULL when out of memory. */
static bt_lease *new_leases(const bt_program *p) {
  return malloc(2 * p->temporary.count * sizeof(bt_lease));
}

/* Finds the leases' places and returns the arena's size, 0 when out of memory. */
static size_t find_places(const bt_program *p, bt_lease *lease) {
  size_t bytes;
  make_leases(p, lease);
  if (!bt_arena_place(lease, 2 * p->temporary.count, &bytes)) {
    return 0;
  }
  /* One unit more: an arena is never empty, and what a vector load takes beyond a tensor's end
   * is there. */
  return (bytes / BT_ARENA_ALIGN + 2) * BT_ARENA_ALIGN;
}

static bt_status give_places(bt_program *p, bt_lease *lease, bt_error *error) {
  size_t bytes = find_places(p, lease);
  uint8_t *arena = bytes == 0 ? NULL : aligned_alloc(BT_ARENA_ALIGN, bytes);
  if (arena == NULL) {
    return no_memory(p, error);
  }
  free(p->arena);
  p->arena = arena;
  p->arena_bytes = bytes;
  for (size_t i = 0; i < p->temporary.count; i++) {
    bt_temporary *x = p->temporary.item[i];
    x->tensor.data = x->used ? arena + lease[2 * i].offset : NULL;
    x->tensor.exp = x->used ? (int16_t *)(void *)(arena + lease[2 * i + 1].offset) : NULL;
  }
  p->planned = true;
  return BT_OK;
}

bt_status bt_program_plan(bt_program *p, bt_error *error) {
  if (p->temporary.count == 0) {
    p->planned = true;
    return BT_OK;
  }
  qsort(p->temporary.item, p->temporary.count, sizeof *p->temporary.item, by_address);
  bt_status s = find_lifetimes(p, error);
  if (s != BT_OK || p->shapes) {
    p->planned = s == BT_OK;
    return s;
  }
  bt_lease *lease = new_leases(p);
  if (lease == NULL) {
    return no_memory(p, error);
  }
  s = give_places(p, lease, error);
  free(lease);
  return s;
}

size_t bt_program_arena_bytes(const bt_program *p) {
  if (!p->shapes || !p->planned || p->temporary.count == 0) {
    return p->arena_bytes;
  }
  bt_lease *lease = new_leases(p);
  size_t bytes = lease == NULL ? 0 : find_places(p, lease);
  free(lease);
  return bytes;
}

static size_t kept_bytes(const bt_program *p) {
  size_t bytes = 0;
  for (size_t i = 0; i < p->tensor.count; i++) {
    bytes += data_bytes(p->tensor.item[i]) + exponent_bytes(p->tensor.item[i]);
  }
  return bytes;
}

size_t bt_program_bytes(const bt_program *p) {
  return bt_program_arena_bytes(p) + kept_bytes(p);
}

size_t bt_program_tensor_bytes(const bt_program *p) {
  size_t bytes = kept_bytes(p);
  for (size_t i = 0; i < p->temporary.count; i++) {
    const bt_temporary *x = p->temporary.item[i];
    bytes += data_bytes(&x->tensor) + exponent_bytes(&x->tensor);
  }
  return bytes;
}

bool bt_program_lifetime(const bt_program *p, const bt_tensor *t, size_t *first, size_t *last) {
  const bt_temporary *x = p->planned ? find(p, t) : NULL;
  if (x == NULL || !x->used) {
    return false;
  }
  *first = x->first;
  *last = x->last;
  return true;
}

bool bt_program_private(const bt_program *p, const bt_tensor *t, size_t first, size_t end) {
  const bt_temporary *x = p->planned ? find(p, t) : NULL;
  return x != NULL && x->used && x->first >= first && x->last < end;
}
