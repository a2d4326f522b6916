#include "engine/vectors_load.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "engine/vectors_parts.h"
#include "num/error.h"
#include "num/format.h"

bt_status bt_vectors_manifest(const char *directory, json_t **manifest, bt_error *error) {
  char path[4096];
  json_error_t why;
  bt_status s = bt_vectors_path(directory, "", BT_VECTORS_MANIFEST, "", path, error);
  *manifest = NULL;
  if (s != BT_OK) {
    return s;
  }
  *manifest = json_load_file(path, 0, &why);
  if (*manifest == NULL) {
    return bt_fail(error, BT_BAD_INPUT, "%s:%d: %s; expected the manifest that `bittrue vectors` "
                   "writes", path, why.line > 0 ? why.line : 1, why.text);
  }
  const char *format = json_string_value(json_object_get(*manifest, "format"));
  if (format == NULL || strcmp(format, BT_VECTORS_FORMAT) != 0) {
    return bt_fail(error, BT_BAD_INPUT, "%s: format '%s', expected " BT_VECTORS_FORMAT, path,
                   format == NULL ? "" : format);
  }
  return json_is_array(json_object_get(*manifest, "commands"))
             ? BT_OK
             : bt_fail(error, BT_BAD_INPUT, "%s: expected a list 'commands'", path);
}

void bt_vectors_values_free(bt_vectors_values *v) {
  free(v->value);
  free(v->state);
  *v = (bt_vectors_values){0};
}

static bt_status make_values(bt_vectors_values *v, size_t count, bt_error *error) {
  *v = (bt_vectors_values){.count = count};
  v->value = calloc(count + 1, sizeof *v->value);
  v->state = calloc(count + 1, sizeof *v->state);
  return v->value != NULL && v->state != NULL ? BT_OK
                                              : bt_fail(error, BT_FAILED, "out of memory");
}

bt_status bt_vectors_read_shape(const json_t *array, bt_vectors_shape *shape, bt_error *error) {
  json_t *dims = json_object_get(array, "shape");
  *shape = (bt_vectors_shape){.ndim = json_array_size(dims), .count = 1};
  if (!json_is_array(dims) || shape->ndim > BT_MAX_DIMS) {
    return bt_fail(error, BT_BAD_INPUT, "manifest: an array without a shape");
  }
  for (size_t d = 0; d < shape->ndim; d++) {
    json_int_t n = json_integer_value(json_array_get(dims, d));
    if (n < 0 || __builtin_mul_overflow(shape->count, (size_t)n, &shape->count) ||
        shape->count > SIZE_MAX / 64) {
      return bt_fail(error, BT_BAD_INPUT, "manifest: dimension %lld", (long long)n);
    }
    shape->dim[d] = (size_t)n;
  }
  json_int_t width = json_integer_value(json_object_get(array, "width"));
  shape->width = (int)width;
  shape->is_signed = json_is_true(json_object_get(array, "signed"));
  return width >= 1 && width <= 64
             ? BT_OK
             : bt_fail(error, BT_BAD_INPUT, "manifest: width %lld, expected 1 to 64",
                       (long long)width);
}

static bool npy_integer(const bt_npy *a, size_t i, int64_t *v) {
  switch (a->type) {
    case BT_NPY_I1: *v = ((const int8_t *)a->data)[i]; return true;
    case BT_NPY_I2: *v = ((const int16_t *)a->data)[i]; return true;
    case BT_NPY_I4: *v = ((const int32_t *)a->data)[i]; return true;
    case BT_NPY_I8: *v = ((const int64_t *)a->data)[i]; return true;
    case BT_NPY_U1: *v = ((const uint8_t *)a->data)[i]; return true;
    default: return false;
  }
}

static bt_status read_npy(const char *path, size_t count, bt_vectors_values *v, bt_error *error) {
  bt_npy a;
  bt_status s = bt_npy_read(path, &a, error);
  if (s != BT_OK) {
    return s;
  }
  size_t n = bt_elements(a.ndim, a.dim);
  v->beyond = n > count ? n - count : 0;
  for (size_t i = 0; s == BT_OK && i < n && i < count; i++) {
    v->state[i] = BT_HEX_VALUE;
    if (!npy_integer(&a, i, &v->value[i])) {
      s = bt_fail(error, BT_BAD_INPUT, "%s: elements of %s, expected integers", path,
                  bt_npy_name(a.type));
    }
  }
  bt_npy_free(&a);
  return s;
}

static bt_status verify(const char *directory, const char *folder, const json_t *file,
                        char path[4096], bt_error *error) {
  char sha[65];
  const char *name = json_string_value(json_object_get(file, "file"));
  const char *expected = json_string_value(json_object_get(file, "sha256"));
  if (name == NULL || expected == NULL || strchr(name, '/') != NULL) {
    return bt_fail(error, BT_BAD_INPUT, "manifest: %s: an array without a file and its sha256",
                   folder);
  }
  bt_status s = bt_vectors_path(directory, folder, name, "", path, error);
  s = s == BT_OK ? bt_vectors_sha256(path, sha, error) : s;
  if (s == BT_OK && strcmp(sha, expected) != 0) {
    return bt_fail(error, BT_BAD_INPUT, "%s: changed since it was written: SHA-256 %.16s..., "
                   "expected %.16s...", path, sha, expected);
  }
  return s;
}

bt_status bt_vectors_verify(const char *directory, const char *folder, json_t *entry,
                            bt_error *error) {
  char path[4096];
  const char *key;
  json_t *below;
  bt_status s = BT_OK;
  if (json_object_get(entry, "sha256") != NULL) {
    return verify(directory, folder, entry, path, error);
  }
  json_object_foreach(entry, key, below) {
    s = s == BT_OK && json_is_object(below) ? bt_vectors_verify(directory, folder, below, error)
                                            : s;
  }
  return s;
}

bt_status bt_vectors_read_expected(const char *directory, const char *folder, const json_t *array,
                                   bt_vectors_values *values, bt_error *error) {
  char path[4096];
  bt_vectors_shape shape;
  *values = (bt_vectors_values){0};
  bt_status s = bt_vectors_read_shape(array, &shape, error);
  s = s == BT_OK ? verify(directory, folder, json_object_get(array, "npy"), path, error) : s;
  s = s == BT_OK ? make_values(values, shape.count, error) : s;
  s = s == BT_OK ? read_npy(path, shape.count, values, error) : s;
  if (s == BT_OK && shape.count > 0 && values->state[shape.count - 1] != BT_HEX_VALUE) {
    return bt_fail(error, BT_BAD_INPUT, "%s: less elements than the manifest says", path);
  }
  return s;
}

static bt_status read_hex(const char *path, const bt_vectors_shape *shape, bool bits,
                          bt_vectors_values *v, bt_error *error) {
  bt_hexmem m;
  bt_status s = bt_hexmem_read(path, bits ? (shape->count + 31) / 32 : shape->count, &m, error);
  if (s != BT_OK) {
    return s;
  }
  v->beyond = m.beyond;
  for (size_t i = 0; i < shape->count; i++) {
    bt_hex_word w = m.word[bits ? i / 32 : i];
    v->state[i] = w.state;
    v->value[i] = bits ? (int64_t)(w.value >> i % 32 & 1)
                       : bt_hex_integer(w, shape->width, shape->is_signed);
  }
  bt_hexmem_free(&m);
  return s;
}

bt_status bt_vectors_read_result(const char *results, const char *folder, const char *name,
                                 const bt_vectors_shape *shape, bool *found,
                                 bt_vectors_values *values, bt_error *error) {
  static const char *const ending[] = {".hex", ".bits.hex", ".npy"};
  char path[4096];
  struct stat file;
  bt_status s = BT_OK;
  *found = false;
  *values = (bt_vectors_values){0};
  for (size_t i = 0; s == BT_OK && !*found && i < 3; i++) {
    s = bt_vectors_path(results, folder, name, ending[i], path, error);
    if (s == BT_OK && (i != 1 || shape->width == 1) && stat(path, &file) == 0) {
      *found = true;
      s = make_values(values, shape->count, error);
      s = s != BT_OK ? s
          : i < 2    ? read_hex(path, shape, i == 1, values, error)
                     : read_npy(path, shape->count, values, error);
    }
  }
  return s;
}

static bt_status read_small(const json_t *tensor, bt_tensor *t, bt_error *error) {
  const char *kind = json_string_value(json_object_get(tensor, "kind"));
  const char *block = json_string_value(json_object_get(tensor, "block"));
  const char *clip = json_string_value(json_object_get(tensor, "clip"));
  t->fmt = (bt_format){.kind = strcmp(kind, "fixed") == 0 ? BT_FIXED : BT_BFP};
  t->fmt.wl = (int)json_integer_value(json_object_get(tensor, "wl"));
  t->fmt.fl = (int)json_integer_value(json_object_get(tensor, "fl"));
  t->fmt.asymmetric = clip != NULL && strcmp(clip, "asymmetric") == 0;
  t->kind = t->fmt.wl <= 8 ? BT_T_BFP8 : BT_T_BFP16;
  bt_status s = block == NULL ? BT_OK : bt_block_parse(block, &t->fmt, error);
  return s == BT_OK ? bt_format_check(&t->fmt, error) : s;
}

bt_status bt_vectors_read_tensor(const json_t *tensor, bt_tensor *t, bt_error *error) {
  const char *kind = json_string_value(json_object_get(tensor, "kind"));
  const char *name = json_string_value(json_object_get(tensor, "tensor"));
  bt_vectors_shape shape;
  *t = (bt_tensor){.name = name == NULL ? "?" : name, .kind = BT_T_BYTE};
  bt_status s = bt_vectors_read_shape(json_object_get(tensor, "mantissas"), &shape, error);
  if (s != BT_OK || kind == NULL || shape.ndim > 4) {
    return s != BT_OK ? s : bt_fail(error, BT_BAD_INPUT, "manifest: tensor %s: expected a kind and "
                                    "up to four dimensions", t->name);
  }
  t->ndim = shape.ndim;
  memcpy(t->dim, shape.dim, sizeof t->dim);
  if (strcmp(kind, "bfp") == 0 || strcmp(kind, "fixed") == 0) {
    return read_small(tensor, t, error);
  }
  if (strcmp(kind, "sums") == 0) {
    t->kind = BT_T_SUMS;
  } else if (strcmp(kind, "wide") == 0) {
    size_t last = bt_tensor_last(t);
    t->kind = BT_T_WIDE;
    t->n0 = (size_t)json_integer_value(json_object_get(tensor, "n0"));
    t->nl = (size_t)json_integer_value(json_object_get(tensor, "nl"));
    if (t->n0 == 0 || shape.count % t->n0 != 0 || (t->nl != 1 && t->nl != last)) {
      return bt_fail(error, BT_BAD_INPUT, "manifest: tensor %s: cells %zu x %zu do not divide it",
                     t->name, t->n0, t->nl);
    }
  }
  return BT_OK;
}
