/* Programs: growing lists of commands with the tensors made for them. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "cmd/command.h"

struct bt_program {
  bt_command **command;
  size_t commands, command_room;
  bt_tensor **tensor;
  size_t tensors, tensor_room;
};

bt_program *bt_program_new(void) { return calloc(1, sizeof(bt_program)); }

void bt_program_free(bt_program *p) {
  if (p == NULL) {
    return;
  }
  for (size_t i = 0; i < p->commands; i++) {
    free((char *)(uintptr_t)p->command[i]->label.text);
    free(p->command[i]);
  }
  for (size_t i = 0; i < p->tensors; i++) {
    bt_tensor_free(p->tensor[i]);
    free(p->tensor[i]);
  }
  free(p->command);
  free(p->tensor);
  free(p);
}

/* Makes room for one more pointer; false when out of memory. */
static bool grow(void ***list, size_t used, size_t *room) {
  if (used < *room) {
    return true;
  }
  size_t more = *room == 0 ? 32 : 2 * *room;
  void **p = realloc(*list, more * sizeof *p);
  if (p == NULL) {
    return false;
  }
  *list = p;
  *room = more;
  return true;
}

bt_tensor *bt_program_tensor(bt_program *p, bt_tensor shape) {
  bt_tensor *t = malloc(sizeof *t);
  if (t == NULL || !grow((void ***)&p->tensor, p->tensors, &p->tensor_room)) {
    free(t);
    return NULL;
  }
  *t = shape;
  if (!bt_tensor_alloc(t)) {
    free(t);
    return NULL;
  }
  p->tensor[p->tensors++] = t;
  return t;
}

bt_command *bt_program_add(bt_program *p, const bt_command *c, const char *format, ...) {
  va_list args;
  char *text = NULL;
  bt_command *copy = malloc(sizeof *copy);
  if (copy == NULL || !grow((void ***)&p->command, p->commands, &p->command_room)) {
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
  p->command[p->commands++] = copy;
  return copy;
}

size_t bt_program_size(const bt_program *p) { return p->commands; }

bt_command *bt_program_at(const bt_program *p, size_t i) { return p->command[i]; }
