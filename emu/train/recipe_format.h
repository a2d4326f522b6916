/* Parts of recipe files that several kinds of recipes have: texts, formats and rounding. */
#ifndef BT_TRAIN_RECIPE_FORMAT_H
#define BT_TRAIN_RECIPE_FORMAT_H

#include "io/yaml.h"

/* What a format may be: bfp of 2 to `most` bits, or fixed point of as many where `fixed` is set. */
typedef struct {
  int most;
  bool fixed;
} bt_format_range;

/* A text of fewer than `size` bytes; an optional one keeps what it held. */
bt_status bt_recipe_read_text(const bt_yaml *doc, const bt_yaml_node *map, const char *key,
                              bool optional, char *text, size_t size, bt_error *error);

/* One entry of `formats`: {format: bfp8, block: dim0, clip: symmetric} or {format: fixed8.6}; the
 * clip is optional, and fixed point has no block but `tensor`. BT_BAD_INPUT with file and line
 * unless the range holds it. */
bt_status bt_recipe_read_format(const bt_yaml *doc, const bt_yaml_node *formats, const char *key,
                                bt_format_range range, bt_format *format, bt_error *error);

/* `rounding: {mode: stochastic, random_bits: 16, sr_half: false}`; these values where absent. */
bt_status bt_recipe_read_rounding(const bt_yaml *doc, const bt_yaml_node *root,
                                  bt_round_options *round, bt_error *error);

/* Puts file and the node's line before an error that knows neither; returns status. */
bt_status bt_recipe_place(const bt_yaml *doc, const bt_yaml_node *node, bt_status status,
                          bt_error *error);

#endif
