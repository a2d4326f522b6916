#include "train/recipe.h"

#include <stdio.h>
#include <string.h>

#include "io/yaml.h"
#include "num/error.h"
#include "train/recipe_format.h"

/* What the functions below read from. */
typedef struct {
  const bt_yaml *doc;
  const bt_yaml_node *root, *formats;
  bt_recipe *recipe;
  bt_error *error;
} reader;

static bt_status at_line(const reader *r, const bt_yaml_node *node, const char *what) {
  return bt_fail(r->error, BT_BAD_INPUT, "%s:%u: %s", bt_yaml_path(r->doc), bt_yaml_line(node),
                 what);
}

static bt_status read_text(const reader *r, const bt_yaml_node *map, const char *key, bool optional,
                           char *text, size_t size) {
  return bt_recipe_read_text(r->doc, map, key, optional, text, size, r->error);
}

static bt_status read_positive(const reader *r, const bt_yaml_node *map, const char *key,
                               bool zero_too, bt_rational *value) {
  bt_status s = bt_yaml_rational(r->doc, map, key, false, value, r->error);
  if (s == BT_OK && (value->num < 0 || (value->num == 0 && !zero_too))) {
    return bt_fail(r->error, BT_BAD_INPUT, "%s:%u: %s: expected a number %s 0",
                   bt_yaml_path(r->doc), bt_yaml_line(map), key,
                   zero_too ? "of at least" : "above");
  }
  return s;
}

static bt_status read_size(const reader *r, const char *key, int64_t min, int64_t max,
                           size_t *value) {
  int64_t v = 0;
  bt_status s = bt_yaml_integer(r->doc, r->root, key, false, min, max, &v, r->error);
  *value = (size_t)v;
  return s;
}

/* A number for each channel of the net: one for all of them, or a list. */
static bt_status read_channels(const reader *r, const bt_yaml_node *map, const char *key,
                               bt_rational value[BT_MAX_CHANNELS]) {
  const bt_net *net = &r->recipe->net;
  size_t count;
  bt_status s = bt_yaml_rationals(r->doc, map, key, BT_MAX_CHANNELS, value, &count, r->error);
  if (s == BT_OK && count != 0 && count != net->channels) {
    return bt_fail(r->error, BT_BAD_INPUT,
                   "%s:%u: %s: a list of %zu numbers, expected one number or the %zu of net %s's "
                   "channels", bt_yaml_path(r->doc), bt_yaml_line(map), key, count, net->channels,
                   net->name);
  }
  for (size_t i = 1; s == BT_OK && count == 0 && i < net->channels; i++) {
    value[i] = value[0];
  }
  return s;
}

static bt_status read_data(const reader *r) {
  const bt_yaml_node *map = NULL;
  bt_recipe *recipe = r->recipe;
  bt_augmentation *augment = &recipe->augmentation;
  int64_t pad = 0;
  bt_status s = bt_yaml_map(r->doc, r->root, "data", false, &map, r->error);
  s = s == BT_OK ? read_text(r, map, "set", false, recipe->dataset, sizeof recipe->dataset) : s;
  s = s == BT_OK
          ? read_text(r, map, "directory", true, recipe->directory, sizeof recipe->directory)
          : s;
  s = s == BT_OK ? bt_yaml_integer(r->doc, map, "crop_pad", true, 0, 256, &pad, r->error) : s;
  s = s == BT_OK ? bt_yaml_bool(r->doc, map, "flip", true, &augment->flip, r->error) : s;
  augment->crop_pad = (size_t)pad;
  s = s == BT_OK ? read_channels(r, map, "mean", recipe->mean) : s;
  s = s == BT_OK ? read_channels(r, map, "std", recipe->std) : s;
  for (size_t i = 0; s == BT_OK && i < recipe->net.channels; i++) {
    if (recipe->std[i].num <= 0) {
      s = bt_fail(r->error, BT_BAD_INPUT, "%s:%u: std: expected numbers above 0",
                  bt_yaml_path(r->doc), bt_yaml_line(map));
    }
  }
  return s == BT_OK ? bt_yaml_done(r->doc, map, r->error) : s;
}

static bt_status read_format(const reader *r, const bt_yaml_node *formats, const char *key,
                             bt_format_range range, bt_format *format) {
  return bt_recipe_read_format(r->doc, formats, key, range, format, r->error);
}

static bt_status read_formats(reader *r) {
  const bt_format_range weights = {15, true}, any8 = {8, true}, bfp8 = {8, false},
                        bfp16 = {16, false};
  const bt_yaml_node *map = NULL;
  bt_recipe *recipe = r->recipe;
  bt_status s = bt_yaml_map(r->doc, r->root, "formats", false, &map, r->error);
  r->formats = map;
  s = s == BT_OK ? read_format(r, map, "weights", weights, &recipe->w) : s;
  s = s == BT_OK ? read_format(r, map, "gradients", any8, &recipe->g) : s;
  s = s == BT_OK ? read_format(r, map, "momentum", any8, &recipe->m) : s;
  s = s == BT_OK ? read_format(r, map, "activations", bfp8, &recipe->a) : s;
  s = s == BT_OK ? read_format(r, map, "errors", bfp8, &recipe->e) : s;
  recipe->residual = (bt_format){.kind = BT_BFP, .wl = 16, .block = BT_BLOCK_TENSOR};
  if (s == BT_OK && bt_yaml_get(map, "residual") != NULL) {
    s = read_format(r, map, "residual", bfp16, &recipe->residual);
  }
  if (s == BT_OK && recipe->residual.block != BT_BLOCK_TENSOR) {
    return at_line(r, map, "residual outputs take block tensor");
  }
  if (s == BT_OK && (recipe->a.block == BT_BLOCK_DIM0 || recipe->e.block == BT_BLOCK_DIM0)) {
    return at_line(r, map, "activations and errors take blocks tensor, sample, tile:RxC or k32");
  }
  if (s == BT_OK && (recipe->w.block == BT_BLOCK_SAMPLE || recipe->g.block == BT_BLOCK_SAMPLE ||
                     recipe->m.block == BT_BLOCK_SAMPLE)) {
    return at_line(r, map,
                   "weights, gradients and momentum take blocks tensor, dim0, tile:RxC or k32");
  }
  return s == BT_OK ? bt_yaml_done(r->doc, map, r->error) : s;
}

static bt_status read_schedule(const reader *r) {
  bt_recipe *recipe = r->recipe;
  int64_t seed = 1, swa_bits = 15;
  bt_status s = read_size(r, "batch", 1, 65536, &recipe->batch);
  s = s == BT_OK ? read_size(r, "epochs", 1, 100000, &recipe->epochs) : s;
  s = s == BT_OK ? read_size(r, "swa_start", 1, 100000, &recipe->swa_start) : s;
  recipe->evaluate_every = 1;
  s = s == BT_OK && bt_yaml_get(r->root, "evaluate_every") != NULL
          ? read_size(r, "evaluate_every", 1, 100000, &recipe->evaluate_every)
          : s;
  s = s == BT_OK ? read_positive(r, r->root, "lr", false, &recipe->lr) : s;
  s = s == BT_OK ? read_positive(r, r->root, "swa_lr", true, &recipe->swa_lr) : s;
  s = s == BT_OK ? read_positive(r, r->root, "momentum", true, &recipe->momentum) : s;
  s = s == BT_OK ? read_positive(r, r->root, "weight_decay", true, &recipe->weight_decay) : s;
  s = s == BT_OK ? bt_yaml_integer(r->doc, r->root, "seed", true, 0, INT64_MAX, &seed, r->error)
                 : s;
  s = s == BT_OK
          ? bt_yaml_integer(r->doc, r->root, "swa_bits", true, 8, 15, &swa_bits, r->error)
          : s;
  recipe->seed = (uint64_t)seed;
  recipe->swa_bits = (int)swa_bits;
  return s;
}

/* The net's path is relative to the recipe's directory. */
static bt_status read_net(const reader *r) {
  char name[256] = "";
  bt_recipe *recipe = r->recipe;
  bt_status s = read_text(r, r->root, "net", false, name, sizeof name);
  if (s != BT_OK) {
    return s;
  }
  const char *slash = strrchr(recipe->path, '/');
  int directory = slash == NULL || name[0] == '/' ? 0 : (int)(slash - recipe->path + 1);
  int length = snprintf(recipe->net_path, sizeof recipe->net_path, "%.*s%s", directory,
                        recipe->path, name);
  if (length < 0 || (size_t)length >= sizeof recipe->net_path) {
    return at_line(r, r->root, "net: a path that is too long");
  }
  s = bt_net_load(recipe->net_path, &recipe->net, r->error);
  if (s == BT_OK && recipe->net.channels > BT_MAX_CHANNELS) {
    return bt_fail(r->error, BT_BAD_INPUT, "%s: input of %zu channels, expected at most %u",
                   recipe->net_path, recipe->net.channels, BT_MAX_CHANNELS);
  }
  return s;
}

static bool has_tiles(const bt_format *f) {
  return f->block == BT_BLOCK_TILE || f->block == BT_BLOCK_K32;
}

/* Weights of more than 8 bits go forward in two passes, but not back (numerics 8.3). */
static bt_status check_wide_weights(const bt_recipe *recipe, bt_error *error) {
  const bt_net *net = &recipe->net;
  bool parameters = false;
  for (size_t i = 0; i < net->layers; i++) {
    const bt_layer *l = &net->layer[i];
    bool product = l->kind == BT_LAYER_CONV || l->kind == BT_LAYER_FC;
    if (product && parameters && recipe->w.wl > 8) {
      return bt_fail(error, BT_BAD_INPUT,
                     "layer %s: weights: expected formats of at most 8 bits, as this layer has a "
                     "data gradient", l->name);
    }
    parameters = parameters || l->parameter >= 0;
  }
  return BT_OK;
}

/* Layers that need more of an activation's or error's blocks than a contraction (numerics 13
 * and 14). */
static bt_status check_layers(const bt_recipe *recipe, bt_error *error) {
  const bt_net *net = &recipe->net;
  const bt_format *a = &recipe->a;
  for (size_t i = 0; i < net->layers; i++) {
    const bt_layer *l = &net->layer[i];
    if (l->kind == BT_LAYER_NORM &&
        (a->block != BT_BLOCK_TENSOR || recipe->e.block != BT_BLOCK_TENSOR)) {
      return bt_fail(error, BT_BAD_INPUT,
                     "layer %s: batch norm takes activations and errors in block tensor", l->name);
    }
    bool pools = l->kind == BT_LAYER_POOL || l->kind == BT_LAYER_AVERAGE_POOL;
    if (pools && (has_tiles(a) || has_tiles(&recipe->e))) {
      return bt_fail(error, BT_BAD_INPUT,
                     "layer %s: a pool takes activations and errors in blocks tensor or sample",
                     l->name);
    }
  }
  size_t columns = a->block == BT_BLOCK_TILE ? a->tile_cols : 32;
  if (has_tiles(a) && net->classes > columns) {
    return bt_fail(error, BT_BAD_INPUT,
                   "layer %s: the loss takes logits with one exponent a row: activations in "
                   "blocks tensor, sample or tile:RxC with C at least the %zu classes%s",
                   net->layer[net->layers - 1].name, net->classes,
                   net->classes > 32 ? "" : ", or k32");
  }
  return BT_OK;
}

bt_status bt_recipe_check(const bt_recipe *recipe, bt_error *error) {
  bt_status s = check_layers(recipe, error);
  return s == BT_OK ? check_wide_weights(recipe, error) : s;
}

bt_status bt_recipe_load(const char *path, bt_recipe *recipe, bt_error *error) {
  bt_yaml *doc = NULL;
  memset(recipe, 0, sizeof *recipe);
  if (strlen(path) >= sizeof recipe->path) {
    return bt_fail(error, BT_BAD_INPUT, "%.60s...: a path that is too long", path);
  }
  strcpy(recipe->path, path);
  bt_status s = bt_yaml_load(path, &doc, error);
  if (s != BT_OK) {
    return s;
  }
  reader r = {doc, bt_yaml_root(doc), NULL, recipe, error};
  s = bt_yaml_is_map(doc, r.root, error);
  s = s == BT_OK ? read_text(&r, r.root, "name", false, recipe->name, sizeof recipe->name) : s;
  s = s == BT_OK ? read_net(&r) : s;
  s = s == BT_OK ? read_data(&r) : s;
  s = s == BT_OK ? read_schedule(&r) : s;
  s = s == BT_OK ? read_formats(&r) : s;
  s = s == BT_OK ? bt_recipe_read_rounding(doc, r.root, &recipe->round, error) : s;
  s = s == BT_OK ? bt_recipe_place(doc, r.formats, bt_recipe_check(recipe, error), error) : s;
  s = s == BT_OK ? bt_yaml_done(doc, r.root, error) : s;
  bt_yaml_free(doc);
  return s;
}
