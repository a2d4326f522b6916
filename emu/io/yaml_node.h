/* The tree behind io/yaml.h, private to its two files. */
#ifndef BT_IO_YAML_NODE_H
#define BT_IO_YAML_NODE_H

#include "io/yaml.h"

typedef enum { YAML_KIND_SCALAR, YAML_KIND_LIST, YAML_KIND_MAP } yaml_kind;

typedef struct {
  bool known; /* some call asked for the key */
  char *key;
  unsigned line;
  bt_yaml_node *node;
} yaml_entry;

struct bt_yaml_node {
  yaml_kind kind;
  unsigned line;
  bool plain; /* scalar: written without quotes */
  char *text; /* scalar */
  size_t count;
  const bt_yaml_node **item; /* list: `count` of them */
  yaml_entry *entry;         /* map: `count` of them */
  char *asked;               /* map: the keys asked for, "a, b, c", or NULL */
};

struct bt_yaml {
  char *path;
  bt_yaml_node *root;
};

#endif
