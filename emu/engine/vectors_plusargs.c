/* A command's entry in the manifest as plusargs, for benches that read no JSON. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/vectors_parts.h"

typedef struct {
  FILE *to;
  char name[256]; /* of the value being written: levels joined by '_' */
} writer;

/* Levels that say nothing in a name: "in0_elements", not "inputs_in0_mantissas_elements". */
static bool is_silent(const char *key) {
  static const char *const silent[] = {"inputs", "outputs", "parameters", "label", "mantissas"};
  for (size_t i = 0; i < sizeof silent / sizeof silent[0]; i++) {
    if (strcmp(key, silent[i]) == 0) {
      return true;
    }
  }
  return false;
}

static bool is_file(const char *key) {
  return strcmp(key, "hex") == 0 || strcmp(key, "npy") == 0;
}

static void put(writer *w, json_t *value);

static void put_under(writer *w, const char *key, json_t *value) {
  size_t length = strlen(w->name);
  if (!is_silent(key)) {
    snprintf(w->name + length, sizeof w->name - length, "%s%s", length == 0 ? "" : "_", key);
  }
  put(w, value);
  w->name[length] = '\0';
}

static void put(writer *w, json_t *value) {
  const char *key;
  json_t *below;
  size_t i;
  if (json_is_object(value)) {
    json_object_foreach(value, key, below) {
      if (!is_file(key) && !(strcmp(key, "bits") == 0 && json_is_object(below))) {
        put_under(w, key, below);
      }
    }
  } else if (json_is_array(value)) {
    json_array_foreach(value, i, below) {
      char number[24];
      snprintf(number, sizeof number, "%zu", i);
      put_under(w, number, below);
    }
  } else if (json_is_integer(value)) {
    fprintf(w->to, "+%s=%lld\n", w->name, (long long)json_integer_value(value));
  } else if (json_is_boolean(value)) {
    fprintf(w->to, "+%s=%d\n", w->name, json_is_true(value));
  } else if (json_is_string(value) && strpbrk(json_string_value(value), " \t\n'\"") == NULL) {
    fprintf(w->to, "+%s=%s\n", w->name, json_string_value(value));
  }
}

char *bt_vectors_plusargs(json_t *command) {
  char *text = NULL;
  size_t size = 0;
  writer w = {.to = open_memstream(&text, &size)};
  if (w.to == NULL) {
    return NULL;
  }
  put(&w, command);
  bool good = ferror(w.to) == 0;
  good = fclose(w.to) == 0 && good;
  if (!good) {
    free(text);
    return NULL;
  }
  return text;
}
