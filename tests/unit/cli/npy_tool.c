/* For the scripts here: makes and shows .npy files.
 *   npy_tool make TYPE SHAPE FILE [VALUE...]   "make float32 2,3 a.npy 1 nan -0.5"; the values are
 *                                              repeated until the array is full, 0 without any
 *   npy_tool show FILE                         prints "float32 (2, 3) 1 nan -0.5 1 nan -0.5" */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/npy.h"

static void store(bt_npy *a, size_t i, const char *text) {
  switch (a->type) {
    case BT_NPY_F4: ((float *)a->data)[i] = strtof(text, NULL); break;
    case BT_NPY_F8: ((double *)a->data)[i] = strtod(text, NULL); break;
    case BT_NPY_I1: ((int8_t *)a->data)[i] = (int8_t)strtol(text, NULL, 10); break;
    case BT_NPY_I2: ((int16_t *)a->data)[i] = (int16_t)strtol(text, NULL, 10); break;
    case BT_NPY_I4: ((int32_t *)a->data)[i] = (int32_t)strtol(text, NULL, 10); break;
    case BT_NPY_I8: ((int64_t *)a->data)[i] = strtoll(text, NULL, 10); break;
    case BT_NPY_U1: ((uint8_t *)a->data)[i] = (uint8_t)strtoul(text, NULL, 10); break;
    default: break;
  }
}

static void show(const bt_npy *a, size_t i) {
  switch (a->type) {
    case BT_NPY_F4: printf(" %.9g", (double)((const float *)a->data)[i]); break;
    case BT_NPY_F8: printf(" %.17g", ((const double *)a->data)[i]); break;
    case BT_NPY_I1: printf(" %d", ((const int8_t *)a->data)[i]); break;
    case BT_NPY_I2: printf(" %d", ((const int16_t *)a->data)[i]); break;
    case BT_NPY_I4: printf(" %" PRId32, ((const int32_t *)a->data)[i]); break;
    case BT_NPY_I8: printf(" %" PRId64, ((const int64_t *)a->data)[i]); break;
    case BT_NPY_U1: printf(" %u", ((const uint8_t *)a->data)[i]); break;
    default: break;
  }
}

static bt_status make(char **arg, int values, bt_error *error) {
  bt_npy a = {.type = BT_NPY_F4};
  while (a.type < BT_NPY_U1 && strcmp(bt_npy_name(a.type), arg[0]) != 0) {
    a.type++;
  }
  for (char *at = arg[1]; *at != '\0' && a.ndim < BT_MAX_DIMS; at += *at == ',') {
    a.dim[a.ndim++] = strtoul(at, &at, 10);
  }
  size_t n = bt_elements(a.ndim, a.dim);
  a.data = calloc(n + 1, bt_npy_size(a.type));
  if (a.data == NULL) {
    return BT_FAILED;
  }
  for (size_t i = 0; i < n && values > 0; i++) {
    store(&a, i, arg[3 + i % (size_t)values]);
  }
  bt_status status = bt_npy_write(arg[2], a.type, a.ndim, a.dim, a.data, error);
  bt_npy_free(&a);
  return status;
}

static bt_status print(const char *path, bt_error *error) {
  bt_npy a;
  char shape[BT_NPY_SHAPE];
  bt_status status = bt_npy_read(path, &a, error);
  if (status != BT_OK) {
    return status;
  }
  bt_npy_shape(a.ndim, a.dim, shape);
  printf("%s %s", bt_npy_name(a.type), shape);
  for (size_t i = 0; i < bt_elements(a.ndim, a.dim); i++) {
    show(&a, i);
  }
  printf("\n");
  bt_npy_free(&a);
  return BT_OK;
}

int main(int argc, char **argv) {
  bt_error error = {"usage: npy_tool make TYPE SHAPE FILE [VALUE...] | show FILE"};
  bt_status status = BT_BAD_INPUT;
  if (argc >= 5 && strcmp(argv[1], "make") == 0) {
    status = make(argv + 2, argc - 5, &error);
  } else if (argc == 3 && strcmp(argv[1], "show") == 0) {
    status = print(argv[2], &error);
  }
  if (status != BT_OK) {
    fprintf(stderr, "npy_tool: %s\n", error.text);
  }
  return status == BT_OK ? 0 : 2;
}
