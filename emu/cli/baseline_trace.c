#include "cli/baseline_trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/npy.h"
#include "num/error.h"

bt_status bt_baseline_path(const char *directory, const char *name, char path[4096],
                           bt_error *error) {
  const int length = snprintf(path, 4096, "%s/%s", directory, name);
  return length > 0 && length < 4096
             ? BT_OK
             : bt_fail(error, BT_BAD_INPUT, "a directory's path of %zu bytes: expected fewer than "
                       "%d with a file's name", strlen(directory), 4096);
}

static bt_status write_array(const char *directory, const char *name, bt_npy_type type,
                             size_t ndim, const size_t *dim, const void *data, bt_error *error) {
  char file[128], path[4096];
  snprintf(file, sizeof file, "%s.npy", name);
  const bt_status status = bt_baseline_path(directory, file, path, error);
  return status == BT_OK ? bt_npy_write(path, type, ndim, dim, data, error) : status;
}

static bt_status write_parameter(const char *directory, const bt_recipe *recipe, size_t p,
                                 bt_error *error) {
  char name[64];
  size_t dim[4], fan_in;
  const size_t ndim = bt_net_parameter(&recipe->net, p, dim, &fan_in);
  const size_t count = bt_elements(ndim, dim);
  bt_net_parameter_name(&recipe->net, p, name, sizeof name);
  float *w = malloc(count * sizeof *w);
  if (w == NULL) {
    return bt_fail(error, BT_FAILED, "no memory for %s", name);
  }
  for (size_t i = 0; i < count; i++) {
    const int32_t initial = bt_net_initial(&recipe->net, p, i, recipe->seed);
    w[i] = (float)(initial / 16777216.0); /* units of 2^-24 */
  }
  const bt_status status = write_array(directory, name, BT_NPY_F4, ndim, dim, w, error);
  free(w);
  return status;
}

bt_status bt_baseline_trace(const char *directory, const bt_recipe *recipe,
                            const bt_images *train, bt_error *error) {
  bt_status status = bt_directory_make(directory, error);
  for (size_t p = 0; status == BT_OK && p < recipe->net.parameters; p++) {
    status = write_parameter(directory, recipe, p, error);
  }
  if (status != BT_OK) {
    return status;
  }
  uint32_t *order = malloc(train->count * sizeof *order);
  if (order == NULL) {
    return bt_fail(error, BT_FAILED, "no memory for an order of %zu samples", train->count);
  }
  bt_dataset_shuffle(recipe->seed, 1, train->count, order);
  status = write_array(directory, "order", BT_NPY_I4, 1, &train->count, order, error);
  free(order);
  return status;
}
