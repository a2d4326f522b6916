#include <inttypes.h>
#include <stdio.h>

#include "support/small.h"

static FILE *create(const char *directory, const char *name) {
  char path[4096];
  snprintf(path, sizeof path, "%s/%s", directory, name);
  return fopen(path, "w");
}

bool small_recipe_write(const char *directory, const small_recipe *r) {
  FILE *net = create(directory, "net.yaml");
  if (net == NULL) {
    return false;
  }
  fprintf(net, "name: small\ninput: {height: %zu, width: %zu, channels: %d}\nclasses: 10\n"
               "layers:\n%s", r->side, r->side, r->set == NULL ? 1 : 3, r->layers);
  bool good = fclose(net) == 0;
  FILE *f = create(directory, "recipe.yaml");
  if (f == NULL) {
    return false;
  }
  fprintf(f, "name: small\nnet: net.yaml\n"
             "data: {set: %s, directory: %s, mean: 0.5, std: 0.25%s}\n"
             "batch: %zu\nepochs: %zu\nswa_start: %zu\n"
             "lr: 0.05\nswa_lr: 0.01\nmomentum: 0.9\nweight_decay: 5e-4\nseed: %" PRIu64 "\n",
          r->set == NULL ? "mnist" : r->set, r->data, r->options == NULL ? "" : r->options,
          r->batch, r->epochs, r->swa_start, r->seed);
  fprintf(f, "formats:\n"
             "  weights: {format: bfp8, block: dim0}\n"
             "  gradients: {format: bfp8, block: dim0}\n"
             "  momentum: {format: bfp8, block: dim0}\n"
             "  activations: {format: bfp8, block: tensor}\n"
             "  errors: {format: bfp8, block: tensor}\n"
             "rounding: {mode: %s, random_bits: 16}\n", r->rounding);
  return fclose(f) == 0 && good;
}
