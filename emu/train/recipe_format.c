#include "train/recipe_format.h"

#include <stdio.h>
#include <string.h>

#include "num/error.h"

bt_status bt_recipe_place(const bt_yaml *doc, const bt_yaml_node *node, bt_status status,
                          bt_error *error) {
  char text[sizeof error->text];
  if (status != BT_OK) {
    snprintf(text, sizeof text, "%s", error->text);
    bt_fail(error, status, "%s:%u: %.400s", bt_yaml_path(doc), bt_yaml_line(node), text);
  }
  return status;
}

static bt_status check_range(const char *key, bt_format_range range, const bt_format *f,
                             bt_error *error) {
  const char *fixed = range.fixed ? " or as many bits of fixed point" : "";
  const char *bytes = range.most == 8 ? ": the array multiplies bytes" : "";
  if (f->wl > range.most || (f->kind == BT_FIXED && !range.fixed)) {
    return bt_fail(error, BT_BAD_INPUT, "%s: expected formats bfp2 to bfp%d%s%s", key, range.most,
                   fixed, bytes);
  }
  if (f->kind == BT_FIXED && f->block != BT_BLOCK_TENSOR) {
    return bt_fail(error, BT_BAD_INPUT, "%s: fixed point has no blocks: expected block tensor, or "
                   "no block", key);
  }
  return BT_OK;
}

bt_status bt_recipe_read_format(const bt_yaml *doc, const bt_yaml_node *formats, const char *key,
                                bt_format_range range, bt_format *format, bt_error *error) {
  static const char *const clips[] = {"symmetric", "asymmetric", NULL};
  const bt_yaml_node *map = NULL;
  const char *text = NULL, *block = NULL;
  int clip = -1;
  bt_status s = bt_yaml_map(doc, formats, key, false, &map, error);
  s = s == BT_OK ? bt_yaml_string(doc, map, "format", false, &text, error) : s;
  s = s == BT_OK ? bt_recipe_place(doc, map, bt_format_parse(text, format, error), error) : s;
  bool fixed = s == BT_OK && format->kind == BT_FIXED;
  s = s == BT_OK ? bt_yaml_string(doc, map, "block", fixed, &block, error) : s;
  s = s == BT_OK ? bt_yaml_word(doc, map, "clip", true, clips, &clip, error) : s;
  s = s == BT_OK ? bt_yaml_done(doc, map, error) : s;
  if (s == BT_OK && block != NULL) {
    s = bt_recipe_place(doc, map, bt_block_parse(block, format, error), error);
  }
  if (s == BT_OK && clip >= 0) {
    format->asymmetric = clip == 1;
  }
  return s == BT_OK ? bt_recipe_place(doc, map, check_range(key, range, format, error), error) : s;
}

bt_status bt_recipe_read_text(const bt_yaml *doc, const bt_yaml_node *map, const char *key,
                              bool optional, char *text, size_t size, bt_error *error) {
  const char *value = NULL;
  bt_status s = bt_yaml_string(doc, map, key, optional, &value, error);
  if (s == BT_OK && value != NULL) {
    if (strlen(value) >= size) {
      return bt_fail(error, BT_BAD_INPUT, "%s:%u: %s: a text that is too long", bt_yaml_path(doc),
                     bt_yaml_line(map), key);
    }
    strcpy(text, value);
  }
  return s;
}

bt_status bt_recipe_read_rounding(const bt_yaml *doc, const bt_yaml_node *root,
                                  bt_round_options *round, bt_error *error) {
  static const char *const modes[] = {"stochastic", "nearest_even", "nearest_away", "floor", NULL};
  const bt_yaml_node *map = NULL;
  int mode = BT_STOCHASTIC;
  int64_t bits = 16;
  bt_status s = bt_yaml_map(doc, root, "rounding", true, &map, error);
  if (s == BT_OK && map != NULL) {
    s = bt_yaml_word(doc, map, "mode", true, modes, &mode, error);
    s = s == BT_OK ? bt_yaml_integer(doc, map, "random_bits", true, 1, 24, &bits, error) : s;
    s = s == BT_OK ? bt_yaml_bool(doc, map, "sr_half", true, &round->sr_half, error) : s;
    s = s == BT_OK ? bt_yaml_done(doc, map, error) : s;
  }
  round->mode = (bt_rounding)mode;
  round->random_bits = (unsigned)bits;
  return s;
}
