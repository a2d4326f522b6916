/* Typed access to a YAML tree; every error names file and line. */
#include "io/yaml.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/yaml_node.h"
#include "num/error.h"

const bt_yaml_node *bt_yaml_root(const bt_yaml *doc) {
  return doc->root;
}

const char *bt_yaml_path(const bt_yaml *doc) {
  return doc->path;
}

unsigned bt_yaml_line(const bt_yaml_node *node) {
  return node->line;
}

static bool listed(const char *list, const char *key) {
  size_t length = strlen(key);
  for (const char *at = list; at != NULL && *at != '\0';) {
    size_t word = strcspn(at, ",");
    if (word == length && strncmp(at, key, word) == 0) {
      return true;
    }
    at += word + (at[word] == '\0' ? 0 : 2);
  }
  return false;
}

/* The list only serves an error's text: without memory it stays shorter. */
static void note_asked(bt_yaml_node *map, const char *key) {
  if (listed(map->asked, key)) {
    return;
  }
  size_t old = map->asked == NULL ? 0 : strlen(map->asked);
  char *list = realloc(map->asked, old + strlen(key) + 3);
  if (list != NULL) {
    strcpy(list + old, old == 0 ? "" : ", ");
    strcat(list + old, key);
    map->asked = list;
  }
}

const bt_yaml_node *bt_yaml_get(const bt_yaml_node *map, const char *key) {
  if (map->kind != YAML_KIND_MAP) {
    return NULL;
  }
  /* The tree belongs to the document, which the caller loaded: the mark is the reader's own. */
  note_asked((bt_yaml_node *)map, key);
  for (size_t i = 0; i < map->count; i++) {
    if (strcmp(map->entry[i].key, key) == 0) {
      map->entry[i].known = true;
      return map->entry[i].node;
    }
  }
  return NULL;
}

static const char *kind_name(const bt_yaml_node *node) {
  if (node->kind == YAML_KIND_MAP) {
    return "a map";
  }
  return node->kind == YAML_KIND_LIST ? "a list" : "a value";
}

bt_status bt_yaml_is_map(const bt_yaml *doc, const bt_yaml_node *node, bt_error *error) {
  if (node->kind == YAML_KIND_MAP) {
    return BT_OK;
  }
  return bt_fail(error, BT_BAD_INPUT, "%s:%u: expected a map of keys, got %s", doc->path,
                 node->line, kind_name(node));
}

/* *found becomes NULL if absent and optional. */
static bt_status find(const bt_yaml *doc, const bt_yaml_node *map, const char *key, bool optional,
                      const bt_yaml_node **found, bt_error *error) {
  *found = NULL;
  bt_status status = bt_yaml_is_map(doc, map, error);
  if (status != BT_OK) {
    return status;
  }
  *found = bt_yaml_get(map, key);
  if (*found == NULL && !optional) {
    return bt_fail(error, BT_BAD_INPUT, "%s:%u: missing key '%s' in the map that starts here",
                   doc->path, map->line, key);
  }
  return BT_OK;
}

/* A scalar's value in `want` words, for the line that refuses it. */
static bt_status refuse(const bt_yaml *doc, const bt_yaml_node *node, const char *key,
                        const char *want, bt_error *error) {
  if (node->kind != YAML_KIND_SCALAR) {
    return bt_fail(error, BT_BAD_INPUT, "%s:%u: %s: expected %s, got %s", doc->path, node->line,
                   key, want, kind_name(node));
  }
  return bt_fail(error, BT_BAD_INPUT, "%s:%u: %s: expected %s, got '%.80s'%s", doc->path,
                 node->line, key, want, node->text, node->plain ? "" : " in quotes");
}

static bool is_plain(const bt_yaml_node *node) {
  return node->kind == YAML_KIND_SCALAR && node->plain;
}

bt_status bt_yaml_string(const bt_yaml *doc, const bt_yaml_node *map, const char *key,
                         bool optional, const char **value, bt_error *error) {
  const bt_yaml_node *node;
  bt_status status = find(doc, map, key, optional, &node, error);
  if (status != BT_OK || node == NULL) {
    return status;
  }
  bool null = is_plain(node) && (node->text[0] == '\0' || strcmp(node->text, "~") == 0 ||
                                 strcmp(node->text, "null") == 0);
  if (node->kind != YAML_KIND_SCALAR || null) {
    return refuse(doc, node, key, "a text", error);
  }
  *value = node->text;
  return BT_OK;
}

/* Digits with an optional minus sign, within int64. */
static bool parse_integer(const char *text, int64_t *value) {
  size_t sign = text[0] == '-' ? 1 : 0;
  size_t digits = strspn(text + sign, "0123456789");
  if (digits == 0 || text[sign + digits] != '\0') {
    return false;
  }
  errno = 0;
  *value = strtoll(text, NULL, 10);
  return errno == 0;
}

bt_status bt_yaml_integer(const bt_yaml *doc, const bt_yaml_node *map, const char *key,
                          bool optional, int64_t min, int64_t max, int64_t *value,
                          bt_error *error) {
  const bt_yaml_node *node;
  bt_status status = find(doc, map, key, optional, &node, error);
  if (status != BT_OK || node == NULL) {
    return status;
  }
  int64_t v = 0;
  if (!is_plain(node) || !parse_integer(node->text, &v) || v < min || v > max) {
    char want[96];
    snprintf(want, sizeof want, "an integer in %" PRId64 "..%" PRId64, min, max);
    return refuse(doc, node, key, want, error);
  }
  *value = v;
  return BT_OK;
}

bt_status bt_yaml_bool(const bt_yaml *doc, const bt_yaml_node *map, const char *key, bool optional,
                       bool *value, bt_error *error) {
  const bt_yaml_node *node;
  bt_status status = find(doc, map, key, optional, &node, error);
  if (status != BT_OK || node == NULL) {
    return status;
  }
  bool yes = is_plain(node) && strcmp(node->text, "true") == 0;
  if (!yes && !(is_plain(node) && strcmp(node->text, "false") == 0)) {
    return refuse(doc, node, key, "true or false", error);
  }
  *value = yes;
  return BT_OK;
}

static bt_status parse_rational(const bt_yaml *doc, const bt_yaml_node *node, const char *key,
                                bt_rational *value, bt_error *error) {
  bt_rational r;
  if (!is_plain(node) || bt_rational_parse(node->text, &r, NULL) != BT_OK) {
    return refuse(doc, node, key, "a decimal number of at most 18 digits", error);
  }
  *value = r;
  return BT_OK;
}

bt_status bt_yaml_rational(const bt_yaml *doc, const bt_yaml_node *map, const char *key,
                           bool optional, bt_rational *value, bt_error *error) {
  const bt_yaml_node *node;
  bt_status status = find(doc, map, key, optional, &node, error);
  if (status != BT_OK || node == NULL) {
    return status;
  }
  return parse_rational(doc, node, key, value, error);
}

bt_status bt_yaml_rationals(const bt_yaml *doc, const bt_yaml_node *map, const char *key,
                            size_t most, bt_rational *value, size_t *count, bt_error *error) {
  const bt_yaml_node *node;
  *count = 0;
  bt_status status = find(doc, map, key, false, &node, error);
  if (status != BT_OK || node->kind == YAML_KIND_SCALAR) {
    return status != BT_OK ? status : parse_rational(doc, node, key, value, error);
  }
  if (node->kind != YAML_KIND_LIST || node->count == 0 || node->count > most) {
    char want[96];
    snprintf(want, sizeof want, "a number or a list of 1..%zu numbers", most);
    return refuse(doc, node, key, want, error);
  }
  for (size_t i = 0; i < node->count && status == BT_OK; i++) {
    status = parse_rational(doc, node->item[i], key, &value[i], error);
  }
  *count = node->count;
  return status;
}

bt_status bt_yaml_strings(const bt_yaml *doc, const bt_yaml_node *map, const char *key, size_t most,
                          const char **value, size_t *count, bt_error *error) {
  const bt_yaml_node *node;
  *count = 0;
  bt_status status = find(doc, map, key, true, &node, error);
  if (status != BT_OK || node == NULL) {
    return status;
  }
  bool list = node->kind == YAML_KIND_LIST;
  size_t items = list ? node->count : 1;
  bool good = items >= 1 && items <= most;
  for (size_t i = 0; good && i < items; i++) {
    const bt_yaml_node *item = list ? node->item[i] : node;
    good = item->kind == YAML_KIND_SCALAR;
    value[i] = item->text;
  }
  if (!good) {
    char want[96];
    snprintf(want, sizeof want, "a name or a list of 1..%zu names", most);
    return refuse(doc, node, key, want, error);
  }
  *count = items;
  return BT_OK;
}

bt_status bt_yaml_word(const bt_yaml *doc, const bt_yaml_node *map, const char *key, bool optional,
                       const char *const *words, int *value, bt_error *error) {
  const bt_yaml_node *node;
  bt_status status = find(doc, map, key, optional, &node, error);
  if (status != BT_OK || node == NULL) {
    return status;
  }
  char want[256] = "";
  for (int i = 0; words[i] != NULL; i++) {
    if (node->kind == YAML_KIND_SCALAR && strcmp(node->text, words[i]) == 0) {
      *value = i;
      return BT_OK;
    }
    size_t at = strlen(want);
    snprintf(want + at, sizeof want - at, "%s%s",
             i == 0 ? "" : words[i + 1] == NULL ? " or " : ", ", words[i]);
  }
  return refuse(doc, node, key, want, error);
}

bt_status bt_yaml_list(const bt_yaml *doc, const bt_yaml_node *map, const char *key, bool optional,
                       size_t *count, const bt_yaml_node *const **items, bt_error *error) {
  const bt_yaml_node *node;
  *count = 0;
  *items = NULL;
  bt_status status = find(doc, map, key, optional, &node, error);
  if (status != BT_OK || node == NULL) {
    return status;
  }
  if (node->kind != YAML_KIND_LIST) {
    return refuse(doc, node, key, "a list", error);
  }
  *count = node->count;
  *items = node->item;
  return BT_OK;
}

bt_status bt_yaml_map(const bt_yaml *doc, const bt_yaml_node *map, const char *key, bool optional,
                      const bt_yaml_node **value, bt_error *error) {
  const bt_yaml_node *node;
  *value = NULL;
  bt_status status = find(doc, map, key, optional, &node, error);
  if (status != BT_OK || node == NULL) {
    return status;
  }
  if (node->kind != YAML_KIND_MAP) {
    return refuse(doc, node, key, "a map of keys", error);
  }
  *value = node;
  return BT_OK;
}

bt_status bt_yaml_done(const bt_yaml *doc, const bt_yaml_node *map, bt_error *error) {
  bt_status status = bt_yaml_is_map(doc, map, error);
  if (status != BT_OK) {
    return status;
  }
  for (size_t i = 0; i < map->count; i++) {
    if (!map->entry[i].known) {
      return bt_fail(error, BT_BAD_INPUT, "%s:%u: unknown key '%.80s', expected one of: %s",
                     doc->path, map->entry[i].line, map->entry[i].key,
                     map->asked == NULL ? "none" : map->asked);
    }
  }
  return BT_OK;
}
