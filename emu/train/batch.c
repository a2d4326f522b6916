/* Batches: sizes, and images into a step's input. */
#include <stdio.h>
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

void bt_batch_place(const bt_images *images, const uint32_t *order, size_t first, bt_step *step) {
  size_t size = images->height * images->width * images->channels;
  uint8_t *pixels = step->pixels->data, *labels = step->labels->data;
  for (size_t i = 0; i < step->batch; i++) {
    size_t sample = order == NULL ? first + i : order[i];
    memcpy(pixels + i * size, images->pixels + sample * size, size);
    labels[i] = images->labels[sample];
  }
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
  return (bt_lowering){.mean = recipe->mean,
                       .std = recipe->std,
                       .rate = rate,
                       .momentum = recipe->momentum,
                       .weight_decay = recipe->weight_decay,
                       .a = recipe->a,
                       .g = recipe->g,
                       .e = recipe->e,
                       .round = recipe->round,
                       .seed = recipe->seed};
}

void bt_capture_steps(uint64_t total, uint64_t steps[3]) {
  steps[0] = 0;
  steps[1] = total / 2;
  steps[2] = total - 1;
}

void bt_capture_path(const char *directory, uint64_t step, char *path, size_t size) {
  snprintf(path, size, "%s/capture-%08llu.bt", directory, (unsigned long long)step);
}
