#include "cost/scalesim_topology.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cost/scalesim_text.h"
#include "num/error.h"

enum { MOST_FIELDS = 16, SIZES = 8, MOST_LAYERS = 65536 };

typedef struct {
  bt_scalesim_text text;
  bt_scalesim_topology *topology;
  size_t room; /* layers that there is memory for */
  FILE *notes;
} reader;

typedef struct {
  char *field[MOST_FIELDS];
  size_t count; /* of fields, which may be more than are kept */
} row;

static const char *const conv_names[] = {"IFMAP height",  "IFMAP width", "filter height",
                                         "filter width",  "channels",    "number of filters",
                                         "stride", "stride width"};
static const char *const gemm_names[] = {"M", "N", "K"};

bt_scalesim_layer bt_scalesim_gemm(const char *name, uint64_t m, uint64_t n, uint64_t k) {
  bt_scalesim_layer l = {.ifmap_height = m, .ifmap_width = k, .filter_height = 1,
                         .filter_width = k, .channels = 1, .filters = n,
                         .stride_height = 1, .stride_width = 1};
  snprintf(l.name, sizeof l.name, "%s", name);
  return l;
}

/* Cuts a line at its commas; without one at its end, a note says so. */
static row cut(const reader *r, char *line) {
  row fields = {.count = 0};
  size_t length = strlen(line);
  if (length > 0 && line[length - 1] == ',') {
    line[length - 1] = '\0';
  } else if (r->notes != NULL) {
    fprintf(r->notes, "%s:%u: no comma at the end of the row, read as if there were one\n",
            r->text.path, r->text.line);
  }
  for (char *next = line; next != NULL; fields.count++) {
    char *comma = strchr(next, ',');
    if (comma != NULL) {
      *comma = '\0';
    }
    if (fields.count < MOST_FIELDS) {
      fields.field[fields.count] = bt_scalesim_trim(next);
    }
    next = comma != NULL ? comma + 1 : NULL;
  }
  return fields;
}

static bt_status add(reader *r, const bt_scalesim_layer *layer, bt_error *error) {
  bt_scalesim_topology *t = r->topology;
  if (t->count == MOST_LAYERS) {
    return bt_fail(error, BT_BAD_INPUT,
                   "%s:%u: expected at most %d layers, a depthwise one counting its channels",
                   r->text.path, r->text.line, MOST_LAYERS);
  }
  if (t->count == r->room) {
    size_t room = r->room == 0 ? 16 : 2 * r->room;
    bt_scalesim_layer *more = realloc(t->layer, room * sizeof *more);
    if (more == NULL) {
      return bt_fail(error, BT_FAILED, "%s: no memory for %zu layers", r->text.path, room);
    }
    t->layer = more;
    r->room = room;
  }
  t->layer[t->count++] = *layer;
  return BT_OK;
}

static bt_status wrong_count(const reader *r, const row *fields, const char *expected,
                             bt_error *error) {
  return bt_fail(error, BT_BAD_INPUT, "%s:%u: %zu fields: expected %s", r->text.path,
                 r->text.line, fields->count, expected);
}

static bt_status numbers(const reader *r, const row *fields, size_t count,
                         const char *const *names, uint64_t *value, bt_error *error) {
  for (size_t i = 0; i < count; i++) {
    if (!bt_scalesim_number(fields->field[i + 1], 1, INT32_MAX, &value[i])) {
      return bt_fail(error, BT_BAD_INPUT, "%s:%u: %s '%s': expected a whole number in 1..%" PRId32,
                     r->text.path, r->text.line, names[i], fields->field[i + 1], INT32_MAX);
    }
  }
  return BT_OK;
}

/* The ratio N:M that a last field may hold. */
static bool ratio(const reader *r, const char *field) {
  char *colon = strchr(field, ':');
  uint64_t n, m;
  if (colon == NULL || colon - field > 9) {
    return false;
  }
  char first[10] = "";
  memcpy(first, field, (size_t)(colon - field));
  if (!bt_scalesim_number(first, 1, INT32_MAX, &n) ||
      !bt_scalesim_number(colon + 1, 1, INT32_MAX, &m)) {
    return false;
  }
  if (n != m && r->notes != NULL) {
    fprintf(r->notes, "%s:%u: sparsity %s is not modelled, the layer counts as dense\n",
            r->text.path, r->text.line, field);
  }
  return true;
}

static bt_status add_gemm(reader *r, row *fields, bt_error *error) {
  uint64_t v[SIZES];
  if (fields->count == 5 && ratio(r, fields->field[4])) {
    fields->count = 4;
  }
  if (fields->count != 4) {
    return wrong_count(r, fields, "4: layer, M, N, K (and a sparsity N:M or none)", error);
  }
  bt_status status = numbers(r, fields, 3, gemm_names, v, error);
  if (status != BT_OK) {
    return status;
  }
  bt_scalesim_layer layer = bt_scalesim_gemm(fields->field[0], v[0], v[1], v[2]);
  return add(r, &layer, error);
}

/* A depthwise layer as SCALE-Sim makes it: a layer a channel, each with all the filters. */
static bt_status add_depthwise(reader *r, const bt_scalesim_layer *whole, bt_error *error) {
  bt_status status = BT_OK;
  for (uint64_t c = 0; status == BT_OK && c < whole->channels; c++) {
    bt_scalesim_layer part = *whole;
    part.channels = 1;
    snprintf(part.name, sizeof part.name, "%.64sChannel_%" PRIu64, whole->name, c);
    status = add(r, &part, error);
  }
  return status;
}

static bt_status add_conv(reader *r, row *fields, bt_error *error) {
  uint64_t v[SIZES];
  if (fields->count == 9 && ratio(r, fields->field[8])) {
    fields->count = 8;
  }
  if (fields->count != 8 && fields->count != 9) {
    return wrong_count(r, fields,
                       "8: layer name, IFMAP height and width, filter height and width, channels, "
                       "filters, stride (and a stride of the width, or a sparsity N:M)",
                       error);
  }
  bt_status status = numbers(r, fields, fields->count - 1, conv_names, v, error);
  if (status != BT_OK) {
    return status;
  }
  v[7] = fields->count == 9 ? v[7] : v[6];
  if (v[2] > v[0] || v[3] > v[1]) {
    return bt_fail(error, BT_BAD_INPUT,
                   "%s:%u: filter of %" PRIu64 "x%" PRIu64 ": expected one inside its image of "
                   "%" PRIu64 "x%" PRIu64,
                   r->text.path, r->text.line, v[2], v[3], v[0], v[1]);
  }
  bt_scalesim_layer layer = {.ifmap_height = v[0], .ifmap_width = v[1], .filter_height = v[2],
                             .filter_width = v[3], .channels = v[4], .filters = v[5],
                             .stride_height = v[6], .stride_width = v[7]};
  snprintf(layer.name, sizeof layer.name, "%s", fields->field[0]);
  return strstr(layer.name, "DP") != NULL ? add_depthwise(r, &layer, error)
                                          : add(r, &layer, error);
}

/* Which kind of rows follow; SCALE-Sim itself passes over the first line unread. */
static bt_status read_header(reader *r, bt_scalesim_kind kind, bt_error *error) {
  char *line = bt_scalesim_text_line(&r->text);
  if (line == NULL) {
    return bt_fail(error, BT_BAD_INPUT, "%s: no header: expected 'Layer name, IFMAP Height, ...' "
                   "or 'Layer, M, N, K,'", r->text.path);
  }
  FILE *notes = r->notes;
  r->notes = NULL; /* a header's comma is nobody's concern */
  row names = cut(r, line);
  r->notes = notes;
  bool gemm = names.count >= 4 && bt_scalesim_same(names.field[1], "M") &&
              bt_scalesim_same(names.field[2], "N") && bt_scalesim_same(names.field[3], "K");
  uint64_t number;
  if (names.count < 4 || bt_scalesim_number(names.field[1], 0, UINT64_MAX, &number) ||
      (!gemm && names.count < 8 && kind == BT_SCALESIM_BY_HEADER)) {
    return bt_fail(error, BT_BAD_INPUT, "%s:%u: expected a header, 'Layer name, IFMAP Height, "
                   "...' or 'Layer, M, N, K,'", r->text.path, r->text.line);
  }
  if (kind == BT_SCALESIM_GEMM && !gemm && names.count >= 8) {
    return bt_fail(error, BT_BAD_INPUT, "%s:%u: a header of %zu fields: expected that of matrix "
                   "products, 'Layer, M, N, K,'", r->text.path, r->text.line, names.count);
  }
  r->topology->gemm = gemm || kind == BT_SCALESIM_GEMM;
  return BT_OK;
}

bt_status bt_scalesim_topology_load(const char *path, bt_scalesim_kind kind,
                                    bt_scalesim_topology *topology, FILE *notes, bt_error *error) {
  reader r = {.topology = topology, .notes = notes};
  *topology = (bt_scalesim_topology){0};
  bt_status status = bt_scalesim_text_open(&r.text, path, notes, error);
  if (status != BT_OK) {
    return status;
  }
  status = read_header(&r, kind, error);
  char *line;
  while (status == BT_OK && (line = bt_scalesim_text_line(&r.text)) != NULL) {
    line = bt_scalesim_trim(line);
    if (*line == '\0') {
      continue;
    }
    row fields = cut(&r, line);
    status = topology->gemm ? add_gemm(&r, &fields, error) : add_conv(&r, &fields, error);
  }
  if (status == BT_OK && topology->count == 0) {
    status = bt_fail(error, BT_BAD_INPUT, "%s: no layers: expected a row after the header", path);
  }
  bt_scalesim_text_close(&r.text);
  if (status != BT_OK) {
    bt_scalesim_topology_free(topology);
  }
  return status;
}

void bt_scalesim_topology_free(bt_scalesim_topology *topology) {
  free(topology->layer);
  *topology = (bt_scalesim_topology){0};
}
