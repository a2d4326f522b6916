/* Batches: sizes, and images into a step's input. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "num/error.h"
#include "train/train.h"

size_t bt_epoch_steps(const bt_recipe *recipe, const bt_dataset *data) {
  return (data->train.count + recipe->batch - 1) / recipe->batch;
}

size_t bt_step_samples(const bt_recipe *recipe, const bt_dataset *data, size_t step) {
  size_t left = data->train.count - step * recipe->batch;
  return left < recipe->batch ? left : recipe->batch;
}

void bt_batch_place(const bt_images *images, size_t first, bt_step *step) {
  size_t size = images->height * images->width * images->channels;
  memcpy(step->pixels->data, images->pixels + first * size, step->batch * size);
  if (step->labels != NULL) { /* a pass for statistics has none */
    memcpy(step->labels->data, images->labels + first, step->batch);
  }
}

void bt_batch_augment(const bt_recipe *recipe, uint64_t epoch, const bt_images *images,
                      size_t first, bt_step *step) {
  size_t size = images->height * images->width * images->channels;
  uint8_t *pixels = step->pixels->data;
  for (size_t i = 0; i < step->batch; i++) {
    bt_augment(&recipe->augmentation, recipe->seed, epoch, images, first + i, pixels + i * size);
  }
  if (step->labels != NULL) {
    memcpy(step->labels->data, images->labels + first, step->batch);
  }
}

bt_status bt_shuffled_open(bt_shuffled *s, const bt_images *images, const bt_recipe *recipe,
                           bt_error *error) {
  *s = (bt_shuffled){.images = images, .recipe = recipe};
  s->order = malloc(images->count * sizeof *s->order);
  return s->order != NULL ? BT_OK
                          : bt_fail(error, BT_FAILED, "out of memory for an order of %zu samples",
                                    images->count);
}

void bt_shuffled_close(bt_shuffled *s) { free(s->order); }

static bt_status fill(void *context, uint64_t epoch, uint64_t step, uint8_t *pixels,
                      uint8_t *labels, bt_error *error) {
  bt_shuffled *s = context;
  const bt_images *x = s->images;
  const bt_recipe *recipe = s->recipe;
  size_t first = (size_t)step * recipe->batch, size = x->height * x->width * x->channels;
  (void)error;
  if (s->ordered != epoch) {
    bt_dataset_shuffle(recipe->seed, epoch, x->count, s->order);
    s->ordered = epoch;
  }
  for (size_t i = 0; i < recipe->batch && first + i < x->count; i++) {
    size_t sample = s->order[first + i];
    bt_augment(&recipe->augmentation, recipe->seed, epoch, x, sample, pixels + i * size);
    labels[i] = x->labels[sample];
  }
  return BT_OK;
}

bt_batch_source bt_shuffled_source(bt_shuffled *s) {
  const bt_images *x = s->images;
  size_t batch = s->recipe->batch, most = x->count < batch ? x->count : batch;
  return (bt_batch_source){.fill = fill, .context = s,
                           .steps = (x->count + batch - 1) / batch,
                           .pixels = most * x->height * x->width * x->channels, .labels = most};
}

bt_status bt_train_check_data(const bt_recipe *recipe, const bt_dataset *data, bt_error *error) {
  const bt_net *net = &recipe->net;
  const bt_images *set[] = {&data->train, &data->test};
  for (int i = 0; i < 2; i++) {
    const bt_images *x = set[i];
    if (x->height != net->height || x->width != net->width || x->channels != net->channels ||
        x->classes != net->classes) {
      return bt_fail(error, BT_BAD_INPUT,
                     "%s: net %s takes %zux%zux%zu images of %zu classes, data set %s has "
                     "%zux%zux%zu of %zu",
                     recipe->path, net->name, net->height, net->width, net->channels, net->classes,
                     recipe->dataset, x->height, x->width, x->channels, x->classes);
    }
    if (x->count == 0) {
      return bt_fail(error, BT_BAD_INPUT, "%s: data set %s has no images", recipe->path,
                     recipe->dataset);
    }
  }
  return BT_OK;
}

bt_lowering bt_recipe_lowering(const bt_recipe *recipe, bt_rational rate) {
  bt_lowering how = {.rate = rate,
                     .momentum = recipe->momentum,
                     .weight_decay = recipe->weight_decay,
                     .a = recipe->a,
                     .g = recipe->g,
                     .e = recipe->e,
                     .residual = recipe->residual,
                     .round = recipe->round,
                     .seed = recipe->seed};
  memcpy(how.mean, recipe->mean, sizeof how.mean);
  memcpy(how.std, recipe->std, sizeof how.std);
  return how;
}

void bt_capture_steps(uint64_t total, uint64_t steps[3]) {
  steps[0] = 0;
  steps[1] = total / 2;
  steps[2] = total - 1;
}

void bt_capture_path(const char *directory, uint64_t step, char *path, size_t size) {
  snprintf(path, size, "%s/capture-%08llu.bt", directory, (unsigned long long)step);
}
