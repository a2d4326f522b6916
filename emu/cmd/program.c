/* Programs: growing lists of commands with the tensors made for them. */
#include "cmd/program.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "cmd/program_parts.h"

bt_program *bt_program_new(void) { return calloc(1, sizeof(bt_program)); }

bt_program *bt_program_new_shapes(void) {
  bt_program *p = bt_program_new();
  if (p != NULL) {
    p->shapes = true;
  }
  return p;
}

bool bt_program_has_storage(const bt_program *p) { return !p->shapes; }

static void free_list(bt_list *l) {
  for (size_t i = 0; i < l->count; i++) {
    free(l->item[i]);
  }
  free(l->item);
}

void bt_program_free(bt_program *p) {
  if (p == NULL) {
    return;
  }
  for (size_t i = 0; i < p->command.count; i++) {
    bt_command *c = p->command.item[i];
    free((char *)(uintptr_t)c->label.text);
  }
  for (size_t i = 0; i < p->tensor.count; i++) {
    bt_tensor_free(p->tensor.item[i]);
  }
  free_list(&p->command);
  free_list(&p->tensor);
  free_list(&p->temporary);
  free(p->arena);
  free(p);
}

/* Makes room for one more item; false when out of memory. */
static bool grow(bt_list *l) {
  if (l->count < l->room) {
    return true;
  }
  size_t more = l->room == 0 ? 32 : 2 * l->room;
  void **p = realloc(l->item, more * sizeof *p);
  if (p == NULL) {
    return false;
  }
  l->item = p;
  l->room = more;
  return true;
}

bt_tensor *bt_program_tensor(bt_program *p, bt_tensor shape) {
  bt_tensor *t = malloc(sizeof *t);
  if (t == NULL || !grow(&p->tensor)) {
    free(t);
    return NULL;
  }
  *t = shape;
  t->data = NULL;
  t->exp = NULL;
  if (!p->shapes && !bt_tensor_alloc(t)) {
    free(t);
    return NULL;
  }
  p->tensor.item[p->tensor.count++] = t;
  return t;
}

bt_tensor *bt_program_temporary(bt_program *p, bt_tensor shape) {
  bt_temporary *t = calloc(1, sizeof *t);
  if (t == NULL || !grow(&p->temporary)) {
    free(t);
    return NULL;
  }
  t->tensor = shape;
  t->tensor.data = NULL;
  t->tensor.exp = NULL;
  p->temporary.item[p->temporary.count++] = t;
  p->planned = false;
  return &t->tensor;
}

bt_command *bt_program_add(bt_program *p, const bt_command *c, const char *format, ...) {
  va_list args;
  char *text = NULL;
  bt_command *copy = malloc(sizeof *copy);
  if (copy == NULL || !grow(&p->command)) {
    free(copy);
    return NULL;
  }
  va_start(args, format);
  int length = vasprintf(&text, format, args);
  va_end(args);
  if (length < 0) {
    free(copy);
    return NULL;
  }
  *copy = *c;
  copy->label.text = text;
  p->command.item[p->command.count++] = copy;
  p->planned = false;
  return copy;
}

size_t bt_program_size(const bt_program *p) { return p->command.count; }

bt_command *bt_program_at(const bt_program *p, size_t i) { return p->command.item[i]; }
