#include "engine/substitute.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
  bt_engine base;
  char *name;
  bt_engine *rest; /* what runs all other commands */
  bt_substitution *list;
  size_t count;
} substitute;

/* The substitution that runs the command, or NULL. */
static bt_substitution *route(const substitute *s, const bt_command *c) {
  for (size_t i = 0; i < s->count; i++) {
    if (s->list[i].op == c->op && s->list[i].engine->covers(s->list[i].engine, c)) {
      return &s->list[i];
    }
  }
  return NULL;
}

static bool covers(const bt_engine *engine, const bt_command *c) {
  const substitute *s = (const substitute *)engine;
  return route(s, c) != NULL || s->rest->covers(s->rest, c);
}

static bt_status run(bt_engine *engine, const bt_command *c, bt_lfsr *rng, bt_counts *counts,
                     bt_error *error) {
  substitute *s = (substitute *)engine;
  bt_substitution *to = route(s, c);
  if (to != NULL) {
    to->ran++;
    return to->engine->run(to->engine, c, rng, counts, error);
  }
  for (size_t i = 0; i < s->count; i++) {
    s->list[i].left += s->list[i].op == c->op;
  }
  return s->rest->run(s->rest, c, rng, counts, error);
}

/* Whether base would run the commands from `first` on, as many as it may run as one, by itself. */
static bool all_rest(const substitute *s, const bt_program *program, size_t first) {
  size_t end = bt_program_size(program);
  end = end - first > BT_PROGRAM_WINDOW ? first + BT_PROGRAM_WINDOW : end;
  for (size_t i = first; i < end; i++) {
    for (size_t k = 0; k < s->count; k++) {
      if (s->list[k].op == bt_program_at(program, i)->op) {
        return false;
      }
    }
  }
  return true;
}

static bt_status run_from(bt_engine *engine, const bt_program *program, size_t first, size_t *done,
                          bt_lfsr *rng, bt_counts *counts, bt_error *error) {
  substitute *s = (substitute *)engine;
  if (s->rest->run_from != NULL && all_rest(s, program, first)) {
    return s->rest->run_from(s->rest, program, first, done, rng, counts, error);
  }
  *done = 1;
  return run(engine, bt_program_at(program, first), rng, counts, error);
}

static size_t memory(const bt_engine *engine) {
  const substitute *s = (const substitute *)engine;
  return s->rest->memory == NULL ? 0 : s->rest->memory(s->rest);
}

static void destroy(bt_engine *engine) {
  substitute *s = (substitute *)engine;
  for (size_t i = 0; i < s->count; i++) {
    s->list[i].engine->destroy(s->list[i].engine);
  }
  s->rest->destroy(s->rest);
  free(s->list);
  free(s->name);
  free(s);
}

static void destroy_parts(bt_engine *rest, const bt_substitution *list, size_t count) {
  for (size_t i = 0; i < count; i++) {
    list[i].engine->destroy(list[i].engine);
  }
  rest->destroy(rest);
}

bt_engine *bt_substitute_engine(const char *name, bt_engine *base, const bt_substitution *list,
                                size_t count) {
  substitute *s = calloc(1, sizeof *s);
  char *copy = strdup(name);
  bt_substitution *own = malloc((count + 1) * sizeof *own);
  if (s == NULL || copy == NULL || own == NULL) {
    destroy_parts(base, list, count);
    free(own);
    free(copy);
    free(s);
    return NULL;
  }
  memcpy(own, list, count * sizeof *own);
  *s = (substitute){.base = {.name = copy, .covers = covers, .run = run, .destroy = destroy,
                             .run_from = run_from, .memory = memory},
                    .name = copy, .rest = base, .list = own, .count = count};
  return &s->base;
}

const bt_substitution *bt_substitutions(const bt_engine *engine, size_t *count) {
  const substitute *s = (const substitute *)engine;
  if (engine->run != run) {
    *count = 0;
    return NULL;
  }
  *count = s->count;
  return s->list;
}
