/* YAML files (libyaml) read key by key, so that every error names file and line.
 *
 * A reader takes the keys it knows and then calls bt_yaml_done() on the map: a key that
 * nobody asked for is an error that lists the keys that were expected. */
#ifndef BT_IO_YAML_H
#define BT_IO_YAML_H

#include "bittrue.h"
#include "num/constant.h"

typedef struct bt_yaml bt_yaml;           /* a loaded document */
typedef struct bt_yaml_node bt_yaml_node; /* a node of it; freed with it */

/* Loads one document. BT_BAD_INPUT: unreadable, a syntax error, a duplicate key, an alias,
 * a tag, a second document ("FILE:LINE: ..."). */
bt_status bt_yaml_load(const char *path, bt_yaml **doc, bt_error *error);
void bt_yaml_free(bt_yaml *doc);
const bt_yaml_node *bt_yaml_root(const bt_yaml *doc);
const char *bt_yaml_path(const bt_yaml *doc);
unsigned bt_yaml_line(const bt_yaml_node *node); /* from 1 */

/* The node at `key` of a map, marked as known, or NULL if the key is absent or `map` is no map. */
const bt_yaml_node *bt_yaml_get(const bt_yaml_node *map, const char *key);

/* The value at `key` of a map. Absent: BT_BAD_INPUT ("missing key"), unless `optional`, when
 * *value keeps what it held. A value of another type or outside min..max is BT_BAD_INPUT, and so
 * is a `map` that is no map. Numbers and booleans are unquoted; an empty value is none of these. */
bt_status bt_yaml_string(const bt_yaml *doc, const bt_yaml_node *map, const char *key,
                         bool optional, const char **value, bt_error *error);
bt_status bt_yaml_integer(const bt_yaml *doc, const bt_yaml_node *map, const char *key,
                          bool optional, int64_t min, int64_t max, int64_t *value, bt_error *error);
bt_status bt_yaml_bool(const bt_yaml *doc, const bt_yaml_node *map, const char *key, bool optional,
                       bool *value, bt_error *error);
/* A decimal number, exact (num/constant.h). */
bt_status bt_yaml_rational(const bt_yaml *doc, const bt_yaml_node *map, const char *key,
                           bool optional, bt_rational *value, bt_error *error);
/* One such number, into value[0], *count becoming 0; or a list of 1..most of them, of *count. */
bt_status bt_yaml_rationals(const bt_yaml *doc, const bt_yaml_node *map, const char *key,
                            size_t most, bt_rational *value, size_t *count, bt_error *error);
/* One string, or a list of 1..most of them; *count is 0 if the key is absent. */
bt_status bt_yaml_strings(const bt_yaml *doc, const bt_yaml_node *map, const char *key, size_t most,
                          const char **value, size_t *count, bt_error *error);
/* One of `words` (NULL-terminated); *value is its index. */
bt_status bt_yaml_word(const bt_yaml *doc, const bt_yaml_node *map, const char *key, bool optional,
                       const char *const *words, int *value, bt_error *error);
/* A sequence: its length and items; 0 and NULL if optional and absent. */
bt_status bt_yaml_list(const bt_yaml *doc, const bt_yaml_node *map, const char *key, bool optional,
                       size_t *count, const bt_yaml_node *const **items, bt_error *error);
/* A nested map; *value becomes NULL if optional and absent. */
bt_status bt_yaml_map(const bt_yaml *doc, const bt_yaml_node *map, const char *key, bool optional,
                      const bt_yaml_node **value, bt_error *error);

/* Checks that `node` is a map (also the items of a list are checked with this). */
bt_status bt_yaml_is_map(const bt_yaml *doc, const bt_yaml_node *node, bt_error *error);

/* BT_BAD_INPUT if the map has a key that no call above asked for: names it, its line, and the
 * keys that were asked for. */
bt_status bt_yaml_done(const bt_yaml *doc, const bt_yaml_node *map, bt_error *error);

#endif
