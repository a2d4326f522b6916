#include "io/npy.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "num/error.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "arrays are written as they lie in memory");

#define NPY_MAGIC "\x93NUMPY"
#define NPY_ALIGN 64u

static const struct {
  char descr[4];
  size_t size;
  const char *name;
} types[] = {
    [BT_NPY_F4] = {"<f4", 4, "float32"}, [BT_NPY_F8] = {"<f8", 8, "float64"},
    [BT_NPY_I1] = {"|i1", 1, "int8"},    [BT_NPY_I2] = {"<i2", 2, "int16"},
    [BT_NPY_I4] = {"<i4", 4, "int32"},   [BT_NPY_I8] = {"<i8", 8, "int64"},
    [BT_NPY_U1] = {"|u1", 1, "uint8"},
};
#define TYPES (sizeof types / sizeof types[0])

size_t bt_npy_size(bt_npy_type type) { return types[type].size; }

const char *bt_npy_name(bt_npy_type type) { return types[type].name; }

void bt_npy_shape(size_t ndim, const size_t *dim, char text[BT_NPY_SHAPE]) {
  size_t at = (size_t)snprintf(text, BT_NPY_SHAPE, "(");
  for (size_t i = 0; i < ndim; i++) {
    at += (size_t)snprintf(text + at, BT_NPY_SHAPE - at, "%s%zu", i == 0 ? "" : ", ", dim[i]);
  }
  snprintf(text + at, BT_NPY_SHAPE - at, ndim == 1 ? ",)" : ")");
}

/* The header's text, a Python dictionary, and a place in it. */
typedef struct {
  const char *path;
  const char *text; /* from the file's first byte, so that `at` is the file's offset */
  size_t at, end;
  bool has_descr, has_order, has_shape;
  bt_npy *array;
  bt_error *error;
} header;

static bt_status expected(const header *h, const char *what) {
  return bt_fail(h->error, BT_BAD_INPUT, "%s: offset %zu: NPY header: expected %s", h->path, h->at,
                 what);
}

static void skip_space(header *h) {
  while (h->at < h->end && strchr(" \t\n", h->text[h->at]) != NULL && h->text[h->at] != '\0') {
    h->at++;
  }
}

static bool skip(header *h, const char *token) {
  skip_space(h);
  size_t length = strlen(token);
  if (h->end - h->at < length || memcmp(h->text + h->at, token, length) != 0) {
    return false;
  }
  h->at += length;
  return true;
}

/* Reads a quoted word of less than `size` bytes. */
static bool quoted(header *h, char *word, size_t size) {
  size_t start = h->at;
  bool single = skip(h, "'");
  if (single || skip(h, "\"")) {
    size_t n = 0;
    while (h->at + n < h->end && n + 1 < size && h->text[h->at + n] != (single ? '\'' : '"')) {
      word[n] = h->text[h->at + n];
      n++;
    }
    word[n] = '\0';
    h->at += n;
    if (skip(h, single ? "'" : "\"")) {
      return true;
    }
  }
  h->at = start;
  return false;
}

static bt_status read_descr(header *h) {
  char word[16] = "";
  skip_space(h);
  size_t start = h->at;
  if (quoted(h, word, sizeof word)) {
    for (size_t i = 0; i < TYPES; i++) {
      bool byte = types[i].size == 1; /* '<i1' is as good as '|i1' */
      if (strcmp(word + byte, types[i].descr + byte) == 0 && (!byte || strchr("<>|=", word[0]))) {
        h->array->type = (bt_npy_type)i;
        h->has_descr = true;
        return BT_OK;
      }
    }
    h->at = start;
    return bt_fail(h->error, BT_BAD_INPUT,
                   "%s: offset %zu: element type '%s', expected little-endian "
                   "<f4, <f8, |i1, <i2, <i4, <i8 or |u1", h->path, start, word);
  }
  return expected(h, "a plain element type such as '<f4'");
}

static bt_status read_order(header *h) {
  if (skip(h, "True")) {
    return bt_fail(h->error, BT_BAD_INPUT,
                   "%s: offset %zu: array in Fortran order, expected C order (row-major)", h->path,
                   h->at - 4);
  }
  h->has_order = skip(h, "False");
  return h->has_order ? BT_OK : expected(h, "False or True");
}

static bool read_size(header *h, size_t *value) {
  skip_space(h);
  size_t start = h->at;
  *value = 0;
  while (h->at < h->end && h->text[h->at] >= '0' && h->text[h->at] <= '9') {
    size_t digit = (size_t)(h->text[h->at] - '0');
    if (__builtin_mul_overflow(*value, (size_t)10, value) ||
        __builtin_add_overflow(*value, digit, value)) {
      h->at = start;
      return false;
    }
    h->at++;
  }
  return h->at > start;
}

static bt_status read_shape(header *h) {
  bt_npy *a = h->array;
  a->ndim = 0;
  if (!skip(h, "(")) {
    return expected(h, "a shape such as (2, 3)");
  }
  while (!skip(h, ")")) {
    if (a->ndim == BT_MAX_DIMS) {
      return bt_fail(h->error, BT_BAD_INPUT, "%s: offset %zu: more than %u dimensions", h->path,
                     h->at, BT_MAX_DIMS);
    }
    if (!read_size(h, &a->dim[a->ndim])) {
      return expected(h, "a dimension, a whole number");
    }
    a->ndim++;
    if (!skip(h, ",")) {
      if (!skip(h, ")")) {
        return expected(h, "',' or ')'");
      }
      break;
    }
  }
  h->has_shape = true;
  return BT_OK;
}

static bt_status read_dictionary(header *h) {
  if (!skip(h, "{")) {
    return expected(h, "'{'");
  }
  while (!skip(h, "}")) {
    char key[32];
    size_t start = h->at;
    if (!quoted(h, key, sizeof key) || !skip(h, ":")) {
      return expected(h, "a quoted key and ':'");
    }
    bt_status status;
    if (strcmp(key, "descr") == 0) {
      status = read_descr(h);
    } else if (strcmp(key, "fortran_order") == 0) {
      status = read_order(h);
    } else if (strcmp(key, "shape") == 0) {
      status = read_shape(h);
    } else {
      h->at = start;
      status = expected(h, "the keys descr, fortran_order and shape only");
    }
    if (status != BT_OK) {
      return status;
    }
    if (!skip(h, ",")) {
      if (!skip(h, "}")) {
        return expected(h, "',' or '}'");
      }
      break;
    }
  }
  skip_space(h);
  if (h->at != h->end) {
    return expected(h, "its end");
  }
  bool all = h->has_descr && h->has_order && h->has_shape;
  return all ? BT_OK : expected(h, "the keys descr, fortran_order and shape, one is missing");
}

/* Where the header's text begins and ends. */
static bt_status find_header(const uint8_t *data, size_t size, header *h) {
  if (size < 6 || memcmp(data, NPY_MAGIC, 6) != 0) {
    return bt_fail(h->error, BT_BAD_INPUT, "%s: offset 0: not an NPY file, expected \\x93NUMPY",
                   h->path);
  }
  unsigned version = size < 8 ? 0 : data[6];
  if (size >= 8 && version != 1 && version != 2) {
    return bt_fail(h->error, BT_BAD_INPUT, "%s: offset 6: NPY version %u, expected 1 or 2", h->path,
                   version);
  }
  size_t start = version == 2 ? 12 : 10, length = 0;
  if (size >= start) {
    length = (size_t)(data[8] | data[9] << 8);
    length |= version == 2 ? (size_t)data[10] << 16 | (size_t)data[11] << 24 : 0;
  }
  if (size < start || size - start < length) {
    return bt_fail(h->error, BT_BAD_INPUT, "%s: offset %zu: file cut short, expected an NPY header",
                   h->path, size);
  }
  h->at = start;
  h->end = start + length;
  return BT_OK;
}

/* That the elements fill the rest of the file exactly. */
static bt_status check_length(const header *h, size_t size, const bt_npy *a) {
  size_t bytes = bt_npy_size(a->type), got = size - h->end;
  bool huge = false, none = false;
  for (size_t i = 0; i < a->ndim; i++) {
    none = none || a->dim[i] == 0;
    huge = __builtin_mul_overflow(bytes, a->dim[i], &bytes) || huge;
  }
  if (none) {
    bytes = 0;
  } else if (huge) {
    bytes = SIZE_MAX;
  }
  if (got == bytes) {
    return BT_OK;
  }
  char shape[BT_NPY_SHAPE];
  bt_npy_shape(a->ndim, a->dim, shape);
  return bt_fail(h->error, BT_BAD_INPUT,
                 "%s: offset %zu: %s, expected %zu bytes of %s %s, got %zu", h->path,
                 got < bytes ? size : h->end + bytes,
                 got < bytes ? "file cut short" : "bytes left over", bytes, bt_npy_name(a->type),
                 shape, got);
}

bt_status bt_npy_read(const char *path, bt_npy *a, bt_error *error) {
  uint8_t *data = NULL;
  size_t size = 0;
  *a = (bt_npy){0};
  bt_status status = bt_file_read(path, SIZE_MAX / 8, &data, &size, error);
  if (status != BT_OK) {
    return status;
  }
  header h = {.path = path, .text = (const char *)data, .array = a, .error = error};
  status = find_header(data, size, &h);
  if (status == BT_OK) {
    status = read_dictionary(&h);
  }
  if (status == BT_OK) {
    status = check_length(&h, size, a);
  }
  if (status != BT_OK) {
    free(data);
    *a = (bt_npy){0};
    return status;
  }
  memmove(data, data + h.end, size - h.end); /* the buffer's start is aligned */
  a->data = data;
  return BT_OK;
}

void bt_npy_free(bt_npy *a) {
  free(a->data);
  *a = (bt_npy){0};
}

bt_status bt_npy_put(bt_file *f, bt_npy_type type, size_t ndim, const size_t *dim, const void *data,
                     bt_error *error) {
  char shape[BT_NPY_SHAPE], text[8 * NPY_ALIGN] = NPY_MAGIC "\x01";
  bt_npy_shape(ndim, dim, shape);
  size_t length = 10 + (size_t)snprintf(text + 10, sizeof text - 10,
                                        "{'descr': '%s', 'fortran_order': False, 'shape': %s, }",
                                        types[type].descr, shape);
  size_t whole = (length + 1 + NPY_ALIGN - 1) / NPY_ALIGN * NPY_ALIGN;
  memset(text + length, ' ', whole - length);
  text[whole - 1] = '\n';
  text[8] = (char)((whole - 10) & 0xff);
  text[9] = (char)((whole - 10) >> 8);
  bt_status status = bt_file_put(f, text, whole, error);
  if (status != BT_OK) {
    return status;
  }
  return bt_file_put(f, data, bt_elements(ndim, dim) * bt_npy_size(type), error);
}

bt_status bt_npy_write(const char *path, bt_npy_type type, size_t ndim, const size_t *dim,
                       const void *data, bt_error *error) {
  bt_file f;
  bt_status status = bt_file_create(&f, path, error);
  if (status == BT_OK) {
    status = bt_npy_put(&f, type, ndim, dim, data, error);
  }
  if (status == BT_OK) {
    return bt_file_commit(&f, error);
  }
  bt_file_abandon(&f);
  return status;
}
