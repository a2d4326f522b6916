#include "train/convex_recipe.h"

#include <string.h>

#include "num/error.h"
#include "train/recipe_format.h"

typedef struct {
  const bt_yaml *doc;
  const bt_yaml_node *root;
  bt_convex_recipe *recipe;
  bt_error *error;
} reader;

static bt_status at(const reader *r, const bt_yaml_node *node, const char *expected) {
  return bt_fail(r->error, BT_BAD_INPUT, "%s:%u: %s", bt_yaml_path(r->doc), bt_yaml_line(node),
                 expected);
}

static bt_status read_text(const reader *r, const bt_yaml_node *map, const char *key, bool optional,
                           char *text, size_t size) {
  return bt_recipe_read_text(r->doc, map, key, optional, text, size, r->error);
}

/* Optional ones keep what they held. */
static bt_status read_count(const reader *r, const bt_yaml_node *map, const char *key,
                            bool optional, int64_t min, int64_t max, uint64_t *value) {
  int64_t v = (int64_t)*value;
  bt_status s = bt_yaml_integer(r->doc, map, key, optional, min, max, &v, r->error);
  *value = (uint64_t)v;
  return s;
}

static bt_status read_size(const reader *r, const bt_yaml_node *map, const char *key, int64_t max,
                           size_t *value) {
  uint64_t v = 0;
  bt_status s = read_count(r, map, key, false, 1, max, &v);
  *value = (size_t)v;
  return s;
}

static bt_status read_rows(const reader *r, const bt_yaml_node *map) {
  uint64_t pool = 1, fl = 7;
  bt_status s = read_count(r, map, "pool", true, 1, BT_POOL_LARGEST, &pool);
  s = s == BT_OK ? read_count(r, map, "fractional_bits", true, 0, 15, &fl) : s;
  r->recipe->rows = (bt_image_rows){(size_t)pool, (int)fl};
  return s;
}

static bt_status read_data(const reader *r) {
  bt_convex_recipe *recipe = r->recipe;
  const bt_yaml_node *map = NULL;
  bt_status s = bt_yaml_map(r->doc, r->root, "data", false, &map, r->error);
  s = s == BT_OK ? read_text(r, map, "set", false, recipe->dataset, sizeof recipe->dataset) : s;
  if (s != BT_OK) {
    return s;
  }
  bool synthetic = strcmp(recipe->dataset, "synthetic") == 0;
  if (synthetic != (recipe->loss == BT_LINEAR_SQUARES)) {
    return at(r, map, "set: expected synthetic for a regression, and images for a classification");
  }
  if (synthetic) {
    bt_synthetic *of = &recipe->synthetic;
    s = read_size(r, map, "samples", 1 << 20, &of->count);
    s = s == BT_OK ? read_size(r, map, "features", 4096, &of->features) : s;
    s = s == BT_OK ? read_count(r, map, "seed", true, 0, INT64_MAX, &of->seed) : s;
  } else {
    s = read_text(r, map, "directory", true, recipe->directory, sizeof recipe->directory);
    s = s == BT_OK ? read_rows(r, map) : s;
  }
  return s == BT_OK ? bt_yaml_done(r->doc, map, r->error) : s;
}

static bt_status read_schedule(const reader *r) {
  static const char *const ways[] = {"replacement", "shuffle", NULL};
  bt_convex_recipe *recipe = r->recipe;
  int sampling = BT_WITH_REPLACEMENT;
  const bt_yaml_node *root = r->root;
  bt_status s = read_size(r, root, "batch", 65536, &recipe->batch);
  s = s == BT_OK ? read_count(r, root, "steps", false, 1, INT32_MAX, &recipe->steps) : s;
  s = s == BT_OK
          ? read_count(r, root, "average_start", false, 0, INT32_MAX, &recipe->average_start)
          : s;
  s = s == BT_OK ? read_count(r, root, "average_every", true, 1, INT32_MAX, &recipe->average_every)
                 : s;
  s = s == BT_OK ? read_count(r, root, "report_every", true, 1, INT32_MAX, &recipe->report_every)
                 : s;
  s = s == BT_OK ? bt_yaml_word(r->doc, root, "sampling", true, ways, &sampling, r->error) : s;
  recipe->sampling = (bt_sampling)sampling;
  s = s == BT_OK ? bt_yaml_rational(r->doc, root, "lr", false, &recipe->lr, r->error) : s;
  s = s == BT_OK
          ? bt_yaml_rational(r->doc, root, "weight_decay", true, &recipe->weight_decay, r->error)
          : s;
  s = s == BT_OK ? read_count(r, root, "seed", true, 0, INT64_MAX, &recipe->seed) : s;
  if (s == BT_OK && (recipe->lr.num <= 0 || recipe->weight_decay.num < 0)) {
    return at(r, root, "lr: expected a number above 0; weight_decay: of at least 0");
  }
  return s;
}

static bool by_sample(const bt_format *f) { return f->block == BT_BLOCK_SAMPLE; }

static bt_status read_formats(const reader *r) {
  const bt_format_range any = {16, true}, weights = {15, true}, bytes = {8, false},
                        logits = {16, false};
  bt_convex_recipe *recipe = r->recipe;
  const bt_yaml_node *map = NULL;
  bt_status s = bt_yaml_map(r->doc, r->root, "formats", false, &map, r->error);
  s = s == BT_OK ? bt_recipe_read_format(r->doc, map, "weights", weights, &recipe->w, r->error) : s;
  s = s == BT_OK ? bt_recipe_read_format(r->doc, map, "gradients", any, &recipe->g, r->error) : s;
  s = s == BT_OK ? bt_recipe_read_format(r->doc, map, "errors", bytes, &recipe->e, r->error) : s;
  if (s == BT_OK && recipe->loss == BT_LINEAR_SOFTMAX) {
    s = bt_recipe_read_format(r->doc, map, "logits", logits, &recipe->logits, r->error);
  }
  if (s == BT_OK && (by_sample(&recipe->w) || by_sample(&recipe->g))) {
    return at(r, map, "weights and gradients take blocks tensor, dim0, tile:RxC or k32");
  }
  if (s == BT_OK &&
      (recipe->e.block != BT_BLOCK_TENSOR || recipe->logits.block != BT_BLOCK_TENSOR)) {
    return at(r, map, "errors and logits take block tensor");
  }
  return s == BT_OK ? bt_yaml_done(r->doc, map, r->error) : s;
}

static bt_status read_recipe(const reader *r) {
  static const char *const tasks[] = {"regression", "classification", NULL};
  bt_convex_recipe *recipe = r->recipe;
  int task = 0;
  bt_status s = bt_yaml_is_map(r->doc, r->root, r->error);
  s = s == BT_OK ? read_text(r, r->root, "name", false, recipe->name, sizeof recipe->name) : s;
  s = s == BT_OK ? bt_yaml_word(r->doc, r->root, "task", false, tasks, &task, r->error) : s;
  recipe->loss = task == 0 ? BT_LINEAR_SQUARES : BT_LINEAR_SOFTMAX;
  recipe->bias = recipe->loss == BT_LINEAR_SOFTMAX;
  if (s == BT_OK && recipe->bias) {
    s = bt_yaml_bool(r->doc, r->root, "bias", true, &recipe->bias, r->error);
  }
  s = s == BT_OK ? read_data(r) : s;
  s = s == BT_OK ? read_schedule(r) : s;
  s = s == BT_OK ? read_formats(r) : s;
  s = s == BT_OK ? bt_recipe_read_rounding(r->doc, r->root, &recipe->round, r->error) : s;
  return s == BT_OK ? bt_yaml_done(r->doc, r->root, r->error) : s;
}

bt_status bt_convex_recipe_load(const char *path, bt_convex_recipe *recipe, bt_error *error) {
  bt_yaml *doc = NULL;
  *recipe = (bt_convex_recipe){.synthetic = {.seed = 1}, .average_every = 1, .seed = 1,
                               .weight_decay = {0, 1}};
  if (strlen(path) >= sizeof recipe->path) {
    return bt_fail(error, BT_BAD_INPUT, "%.60s...: a path that is too long", path);
  }
  strcpy(recipe->path, path);
  bt_status s = bt_yaml_load(path, &doc, error);
  if (s == BT_OK) {
    reader r = {doc, bt_yaml_root(doc), recipe, error};
    s = read_recipe(&r);
  }
  bt_yaml_free(doc);
  return s;
}

static bt_status load_samples(const bt_convex_recipe *recipe, bt_samples *samples,
                              bt_error *error) {
  if (recipe->loss == BT_LINEAR_SQUARES) {
    return bt_samples_synthetic(&recipe->synthetic, samples, error);
  }
  bt_dataset set;
  bt_status s = bt_dataset_load(recipe->dataset, recipe->directory, &set, error);
  s = s == BT_OK ? bt_samples_of_images(&set.train, &recipe->rows, samples, error) : s;
  bt_dataset_free(&set);
  return s;
}

bt_status bt_convex_samples(const bt_convex_recipe *recipe, bt_samples *samples, bt_error *error) {
  memset(samples, 0, sizeof *samples);
  bt_status s = load_samples(recipe, samples, error);
  if (s == BT_OK && recipe->sampling == BT_SHUFFLED && samples->count % recipe->batch != 0) {
    return bt_fail(error, BT_BAD_INPUT, "%s: batch %zu: expected a divisor of the %zu samples of "
                   "%s, which are shuffled", recipe->path, recipe->batch, samples->count,
                   recipe->dataset);
  }
  return s;
}
