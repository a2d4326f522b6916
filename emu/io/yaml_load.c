/* From libyaml's events to a tree with line numbers. Events and not libyaml's documents, as
 * those hide aliases and duplicate keys. */
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "io/file.h"
#include "io/yaml_node.h"
#include "num/error.h"

#define YAML_LIMIT (1u << 20)
#define YAML_DEPTH 32

typedef struct {
  const char *path;
  yaml_parser_t *parser;
  bt_error *error;
} loader;

static bt_status read_node(loader *l, yaml_event_t *event, int depth, bt_yaml_node **out);

static unsigned line_of(yaml_mark_t mark) {
  return (unsigned)mark.line + 1;
}

static bt_status no_memory(loader *l) {
  return bt_fail(l->error, BT_FAILED, "%s: out of memory", l->path);
}

static bt_status next_event(loader *l, yaml_event_t *event) {
  if (yaml_parser_parse(l->parser, event)) {
    return BT_OK;
  }
  const yaml_parser_t *p = l->parser;
  if (p->error == YAML_MEMORY_ERROR) {
    return no_memory(l);
  }
  const char *problem = p->problem == NULL ? "unreadable" : p->problem;
  if (p->error == YAML_READER_ERROR) {
    return bt_fail(l->error, BT_BAD_INPUT, "%s: offset %zu: not YAML: %s", l->path,
                   p->problem_offset, problem);
  }
  return bt_fail(l->error, BT_BAD_INPUT, "%s:%u: not YAML: %s", l->path, line_of(p->problem_mark),
                 problem);
}

/* Makes room for one more in an array of `count`, which doubles at powers of two. */
static void *grown(void *array, size_t count, size_t size) {
  bool full = (count & (count - 1)) == 0;
  return full ? realloc(array, (count == 0 ? 1 : 2 * count) * size) : array;
}

static void free_node(bt_yaml_node *node) {
  if (node == NULL) {
    return;
  }
  for (size_t i = 0; i < node->count; i++) {
    if (node->kind == YAML_KIND_LIST) {
      free_node((bt_yaml_node *)node->item[i]);
    } else {
      free(node->entry[i].key);
      free_node(node->entry[i].node);
    }
  }
  free(node->text);
  free(node->item);
  free(node->entry);
  free(node->asked);
  free(node);
}

/* Text of a scalar event; C strings carry it, so a zero byte (written "\0") is refused. */
static bt_status read_text(loader *l, const yaml_event_t *event, char **text) {
  const char *value = (const char *)event->data.scalar.value;
  if (strlen(value) != event->data.scalar.length) {
    return bt_fail(l->error, BT_BAD_INPUT, "%s:%u: zero byte in a text", l->path,
                   line_of(event->start_mark));
  }
  *text = strdup(value);
  return *text == NULL ? no_memory(l) : BT_OK;
}

static bt_status read_list(loader *l, int depth, bt_yaml_node *node) {
  for (;;) {
    yaml_event_t event;
    bt_status status = next_event(l, &event);
    if (status != BT_OK) {
      return status;
    }
    if (event.type == YAML_SEQUENCE_END_EVENT) {
      yaml_event_delete(&event);
      return BT_OK;
    }
    bt_yaml_node *item = NULL;
    status = read_node(l, &event, depth, &item);
    const bt_yaml_node **items =
        status != BT_OK ? NULL : grown(node->item, node->count, sizeof *node->item);
    if (items == NULL) {
      free_node(item);
      return status != BT_OK ? status : no_memory(l);
    }
    node->item = items;
    node->item[node->count++] = item;
  }
}

/* Takes the key out of `event` into a new entry at the map's end. */
static bt_status read_key(loader *l, const yaml_event_t *event, bt_yaml_node *map) {
  unsigned line = line_of(event->start_mark);
  if (event->type != YAML_SCALAR_EVENT) {
    return bt_fail(l->error, BT_BAD_INPUT, "%s:%u: expected a key that is a word", l->path, line);
  }
  for (size_t i = 0; i < map->count; i++) {
    if (strcmp(map->entry[i].key, (const char *)event->data.scalar.value) == 0) {
      return bt_fail(l->error, BT_BAD_INPUT, "%s:%u: key '%s' stands twice, first in line %u",
                     l->path, line, map->entry[i].key, map->entry[i].line);
    }
  }
  yaml_entry *entries = grown(map->entry, map->count, sizeof *map->entry);
  if (entries == NULL) {
    return no_memory(l);
  }
  map->entry = entries;
  map->entry[map->count] = (yaml_entry){.line = line};
  bt_status status = read_text(l, event, &map->entry[map->count].key);
  map->count += status == BT_OK ? 1 : 0;
  return status;
}

static bt_status read_map(loader *l, int depth, bt_yaml_node *node) {
  for (;;) {
    yaml_event_t event;
    bt_status status = next_event(l, &event);
    if (status != BT_OK) {
      return status;
    }
    bool end = event.type == YAML_MAPPING_END_EVENT;
    status = end ? BT_OK : read_key(l, &event, node);
    yaml_event_delete(&event);
    if (end || status != BT_OK) {
      return status;
    }
    status = next_event(l, &event);
    if (status == BT_OK) {
      status = read_node(l, &event, depth, &node->entry[node->count - 1].node);
    }
    if (status != BT_OK) {
      return status;
    }
  }
}

/* What an event must not be or carry. */
static bt_status check_event(loader *l, const yaml_event_t *event, int depth) {
  unsigned line = line_of(event->start_mark);
  const yaml_char_t *tag = NULL;
  if (event->type == YAML_ALIAS_EVENT) {
    return bt_fail(l->error, BT_BAD_INPUT, "%s:%u: alias '*%s': aliases are not read here", l->path,
                   line, (const char *)event->data.alias.anchor);
  }
  if (event->type == YAML_SCALAR_EVENT) {
    tag = event->data.scalar.tag;
  } else if (event->type == YAML_SEQUENCE_START_EVENT) {
    tag = event->data.sequence_start.tag;
  } else if (event->type == YAML_MAPPING_START_EVENT) {
    tag = event->data.mapping_start.tag;
  }
  if (tag != NULL) {
    return bt_fail(l->error, BT_BAD_INPUT, "%s:%u: tag '%s': tags are not read here", l->path, line,
                   (const char *)tag);
  }
  if (depth >= YAML_DEPTH) {
    return bt_fail(l->error, BT_BAD_INPUT, "%s:%u: nested deeper than %d levels", l->path, line,
                   YAML_DEPTH);
  }
  return BT_OK;
}

/* Consumes `event` and, for a list or map, all up to its end. */
static bt_status read_node(loader *l, yaml_event_t *event, int depth, bt_yaml_node **out) {
  bt_status status = check_event(l, event, depth);
  bt_yaml_node *node = status != BT_OK ? NULL : calloc(1, sizeof *node);
  if (node == NULL) {
    yaml_event_delete(event);
    return status != BT_OK ? status : no_memory(l);
  }
  node->line = line_of(event->start_mark);
  if (event->type == YAML_SCALAR_EVENT) {
    node->kind = YAML_KIND_SCALAR;
    node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    status = read_text(l, event, &node->text);
  } else {
    node->kind = event->type == YAML_MAPPING_START_EVENT ? YAML_KIND_MAP : YAML_KIND_LIST;
  }
  yaml_event_delete(event);
  if (status == BT_OK && node->kind == YAML_KIND_LIST) {
    status = read_list(l, depth + 1, node);
  } else if (status == BT_OK && node->kind == YAML_KIND_MAP) {
    status = read_map(l, depth + 1, node);
  }
  if (status != BT_OK) {
    free_node(node);
    return status;
  }
  *out = node;
  return BT_OK;
}

/* One document and then the stream's end. */
static bt_status read_stream(loader *l, bt_yaml_node **root) {
  for (;;) {
    yaml_event_t event;
    bt_status status = next_event(l, &event);
    if (status != BT_OK) {
      return status;
    }
    bool frame = event.type == YAML_STREAM_START_EVENT || event.type == YAML_DOCUMENT_END_EVENT ||
                 event.type == YAML_STREAM_END_EVENT || event.type == YAML_DOCUMENT_START_EVENT;
    bool end = event.type == YAML_STREAM_END_EVENT;
    if (event.type == YAML_DOCUMENT_START_EVENT && *root != NULL) {
      status = bt_fail(l->error, BT_BAD_INPUT, "%s:%u: a second document, expected one", l->path,
                       line_of(event.start_mark));
    }
    if (frame) {
      yaml_event_delete(&event);
    } else {
      status = read_node(l, &event, 0, root);
    }
    if (status != BT_OK || end) {
      return status;
    }
  }
}

static bt_status read_tree(const char *path, const uint8_t *data, size_t size, bt_yaml_node **root,
                           bt_error *error) {
  yaml_parser_t parser;
  loader l = {.path = path, .parser = &parser, .error = error};
  if (!yaml_parser_initialize(&parser)) {
    return no_memory(&l);
  }
  yaml_parser_set_input_string(&parser, data, size);
  bt_status status = read_stream(&l, root);
  yaml_parser_delete(&parser);
  if (status == BT_OK && *root == NULL) {
    return bt_fail(error, BT_BAD_INPUT, "%s:1: empty, expected a map of keys", path);
  }
  return status;
}

bt_status bt_yaml_load(const char *path, bt_yaml **doc, bt_error *error) {
  uint8_t *data = NULL;
  size_t size = 0;
  *doc = NULL;
  bt_status status = bt_file_read(path, YAML_LIMIT, &data, &size, error);
  if (status != BT_OK) {
    return status;
  }
  bt_yaml *d = calloc(1, sizeof *d);
  char *name = strdup(path);
  if (d == NULL || name == NULL) {
    free(d);
    free(name);
    free(data);
    return bt_fail(error, BT_FAILED, "%s: out of memory", path);
  }
  d->path = name;
  status = read_tree(path, data, size, &d->root, error);
  free(data);
  if (status != BT_OK) {
    bt_yaml_free(d);
    return status;
  }
  *doc = d;
  return BT_OK;
}

void bt_yaml_free(bt_yaml *doc) {
  if (doc != NULL) {
    free_node(doc->root);
    free(doc->path);
    free(doc);
  }
}
