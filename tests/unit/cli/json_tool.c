/* For the scripts here: json_tool FILE PATH... reads JSON and prints, one a line, what lies at each
 * path: keys and indices with dots between them, "rows.0.min"; ".#" at the end for the length of
 * an array, ".?" for "positive" or "not positive". Status 1 and a line on stderr for text that is
 * no JSON and for a path that leads nowhere. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const json_t *step(const json_t *at, const char *key) {
  return json_is_array(at) ? json_array_get(at, (size_t)strtoul(key, NULL, 10))
                           : json_object_get(at, key);
}

static int show(const json_t *at, const char *path) {
  char text[256];
  snprintf(text, sizeof text, "%s", path);
  for (char *key = strtok(text, "."); key != NULL; key = strtok(NULL, ".")) {
    if (strcmp(key, "#") == 0 && json_is_array(at)) {
      return printf("%zu\n", json_array_size(at)) < 0;
    }
    if (strcmp(key, "?") == 0 && json_is_number(at)) {
      return puts(json_number_value(at) > 0 ? "positive" : "not positive") < 0;
    }
    at = step(at, key);
    if (at == NULL) {
      fprintf(stderr, "nothing at %s\n", path);
      return 1;
    }
  }
  char *value = json_dumps(at, JSON_ENCODE_ANY | JSON_COMPACT);
  int status = value == NULL || puts(value) < 0;
  free(value);
  return status;
}

int main(int argc, char **argv) {
  json_error_t error;
  json_t *root = argc < 2 ? NULL : json_load_file(argv[1], 0, &error);
  if (root == NULL) {
    fprintf(stderr, "json_tool: %s\n", argc < 2 ? "expected a file" : error.text);
    return 1;
  }
  int status = 0;
  for (int i = 2; i < argc; i++) {
    status |= show(root, argv[i]);
  }
  json_decref(root);
  return status;
}
