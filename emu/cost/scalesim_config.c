#include "cost/scalesim_config.h"

#include <inttypes.h>
#include <string.h>

#include "cost/scalesim_text.h"
#include "num/error.h"

typedef enum {
  KEY_RUN_NAME,
  KEY_HEIGHT,
  KEY_WIDTH,
  KEY_IFMAP_KB,
  KEY_FILTER_KB,
  KEY_OFMAP_KB,
  KEY_IFMAP_OFFSET,
  KEY_FILTER_OFFSET,
  KEY_OFMAP_OFFSET,
  KEY_DATAFLOW,
  KEY_BANDWIDTH_MODE,
  KEY_RAMULATOR,
  KEY_SPARSITY,
  KEY_COUNT
} known_key;

static const struct {
  const char *section, *name;
  bool required;
  uint64_t min, max; /* of a number; max 0: a word */
} known[KEY_COUNT] = {
    [KEY_RUN_NAME] = {"general", "run_name", false, 0, 0},
    [KEY_HEIGHT] = {"architecture_presets", "ArrayHeight", true, 1, 65536},
    [KEY_WIDTH] = {"architecture_presets", "ArrayWidth", true, 1, 65536},
    [KEY_IFMAP_KB] = {"architecture_presets", "IfmapSramSzkB", true, 1, 1048576},
    [KEY_FILTER_KB] = {"architecture_presets", "FilterSramSzkB", true, 1, 1048576},
    [KEY_OFMAP_KB] = {"architecture_presets", "OfmapSramSzkB", true, 1, 1048576},
    [KEY_IFMAP_OFFSET] = {"architecture_presets", "IfmapOffset", false, 0, INT64_MAX},
    [KEY_FILTER_OFFSET] = {"architecture_presets", "FilterOffset", false, 0, INT64_MAX},
    [KEY_OFMAP_OFFSET] = {"architecture_presets", "OfmapOffset", false, 0, INT64_MAX},
    [KEY_DATAFLOW] = {"architecture_presets", "Dataflow", true, 0, 0},
    [KEY_BANDWIDTH_MODE] = {"run_presets", "InterfaceBandwidth", true, 0, 0},
    [KEY_RAMULATOR] = {"run_presets", "UseRamulatorTrace", false, 0, 0},
    [KEY_SPARSITY] = {"sparsity", "SparsitySupport", false, 0, 0},
};

/* Keys and whole sections that SCALE-Sim has and no count here depends on. */
static const char *const unused_keys[] = {
    "Bandwidth",         "MemoryBanks",        "OnChipMemoryBanks", "OnChipMemoryBankPorts",
    "ReadRequestBuffer", "WriteRequestBuffer", "TimeLinearModel"};
static const char *const unused_sections[] = {"layout", "sparsity", "network_presets"};
#define LENGTH(array) (sizeof(array) / sizeof *(array))

typedef struct {
  bt_scalesim_text text;
  bt_scalesim_config *config;
  uint64_t number[KEY_COUNT];
  unsigned line[KEY_COUNT]; /* where the key stands; 0 if it was not seen */
  char section[64];
  size_t indent; /* of the last key: what stands further right continues its value */
  known_key last; /* the last key, KEY_COUNT if it is none of ours */
  FILE *notes;
} reader;

const char *bt_scalesim_dataflow_name(bt_dataflow dataflow) {
  static const char *const name[] = {
      [BT_DATAFLOW_OS] = "os", [BT_DATAFLOW_WS] = "ws", [BT_DATAFLOW_IS] = "is"};
  return name[dataflow];
}

static bool listed(const char *word, const char *const *list, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (bt_scalesim_same(word, list[i])) {
      return true;
    }
  }
  return false;
}

static bt_status bad(const reader *r, known_key key, const char *value, const char *expected,
                     bt_error *error) {
  return bt_fail(error, BT_BAD_INPUT, "%s:%u: %s '%s': expected %s", r->text.path, r->text.line,
                 known[key].name, value, expected);
}

static bt_status take_dataflow(reader *r, const char *value, bt_error *error) {
  for (int d = BT_DATAFLOW_OS; d <= BT_DATAFLOW_IS; d++) {
    if (strcmp(value, bt_scalesim_dataflow_name((bt_dataflow)d)) == 0) {
      r->config->dataflow = (bt_dataflow)d;
      return BT_OK;
    }
  }
  return bad(r, KEY_DATAFLOW, value, "os, ws or is", error);
}

/* A key whose value is a word. */
static bt_status take_word(reader *r, known_key key, const char *value, bt_error *error) {
  bool off = bt_scalesim_same(value, "false");
  switch (key) {
    case KEY_RUN_NAME:
      snprintf(r->config->run_name, sizeof r->config->run_name, "%s", value);
      return BT_OK;
    case KEY_DATAFLOW: return take_dataflow(r, value, error);
    case KEY_BANDWIDTH_MODE:
      return strcmp(value, "CALC") == 0
                 ? BT_OK
                 : bad(r, key, value, "CALC; stalls on a given bandwidth (USER) are not modelled",
                       error);
    case KEY_RAMULATOR:
      return off ? BT_OK : bad(r, key, value, "False: Ramulator's latencies are not read", error);
    default:
      return off ? BT_OK : bad(r, key, value, "false: sparsity is not modelled", error);
  }
}

static bt_status take_number(reader *r, known_key key, const char *value, bt_error *error) {
  char expected[80];
  if (bt_scalesim_number(value, known[key].min, known[key].max, &r->number[key])) {
    return BT_OK;
  }
  snprintf(expected, sizeof expected, "a whole number in %" PRIu64 "..%" PRIu64, known[key].min,
           known[key].max);
  return bad(r, key, value, expected, error);
}

static void note_unknown(const reader *r, const char *key) {
  bool passed = listed(r->section, unused_sections, LENGTH(unused_sections)) ||
                listed(key, unused_keys, LENGTH(unused_keys));
  if (!passed && r->notes != NULL) {
    fprintf(r->notes, "%s:%u: key %s of [%s] is not known, passed over\n", r->text.path,
            r->text.line, key, r->section);
  }
}

static bt_status take(reader *r, const char *key, const char *value, bt_error *error) {
  for (int k = 0; k < KEY_COUNT; k++) {
    if (strcmp(r->section, known[k].section) != 0 || !bt_scalesim_same(key, known[k].name)) {
      continue;
    }
    r->last = (known_key)k;
    if (r->line[k] != 0) {
      return bt_fail(error, BT_BAD_INPUT, "%s:%u: key %s: expected once, it is in line %u already",
                     r->text.path, r->text.line, known[k].name, r->line[k]);
    }
    r->line[k] = r->text.line;
    return known[k].max == 0 ? take_word(r, (known_key)k, value, error)
                             : take_number(r, (known_key)k, value, error);
  }
  r->last = KEY_COUNT;
  note_unknown(r, key);
  return BT_OK;
}

static bt_status take_section(reader *r, char *line, bt_error *error) {
  char *end = strrchr(line, ']');
  if (end == NULL || (size_t)(end - line) > sizeof r->section) {
    return bt_fail(error, BT_BAD_INPUT, "%s:%u: '%s': expected a section, [name]", r->text.path,
                   r->text.line, line);
  }
  *end = '\0';
  snprintf(r->section, sizeof r->section, "%s", line + 1);
  r->indent = SIZE_MAX;
  r->last = KEY_COUNT;
  return BT_OK;
}

static bt_status take_line(reader *r, char *line, bt_error *error) {
  size_t indent = strspn(line, " \t");
  line += indent;
  if (*line == '\0' || *line == '#' || *line == ';') {
    return BT_OK;
  }
  if (r->indent != SIZE_MAX && indent > r->indent) {
    return r->last == KEY_COUNT
               ? BT_OK
               : bt_fail(error, BT_BAD_INPUT,
                         "%s:%u: an indented line continues the value of %s: expected a key",
                         r->text.path, r->text.line, known[r->last].name);
  }
  if (*line == '[') {
    return take_section(r, line, error);
  }
  char *mark = strpbrk(line, "=:");
  if (mark == NULL || mark == line || r->section[0] == '\0') {
    return bt_fail(error, BT_BAD_INPUT, "%s:%u: '%s': expected key = value under a [section]",
                   r->text.path, r->text.line, line);
  }
  *mark = '\0';
  r->indent = indent;
  return take(r, bt_scalesim_trim(line), bt_scalesim_trim(mark + 1), error);
}

static bt_status finish(const reader *r, bt_error *error) {
  bt_scalesim_config *c = r->config;
  for (int k = 0; k < KEY_COUNT; k++) {
    if (known[k].required && r->line[k] == 0) {
      return bt_fail(error, BT_BAD_INPUT, "%s: missing key %s of [%s]", r->text.path,
                     known[k].name, known[k].section);
    }
  }
  c->rows = r->number[KEY_HEIGHT];
  c->cols = r->number[KEY_WIDTH];
  c->ifmap_kb = r->number[KEY_IFMAP_KB];
  c->filter_kb = r->number[KEY_FILTER_KB];
  c->ofmap_kb = r->number[KEY_OFMAP_KB];
  memcpy(c->offset, &r->number[KEY_IFMAP_OFFSET], sizeof c->offset);
  return BT_OK;
}

bt_status bt_scalesim_config_load(const char *path, bt_scalesim_config *config, FILE *notes,
                                  bt_error *error) {
  reader r = {.config = config, .indent = SIZE_MAX, .last = KEY_COUNT, .notes = notes};
  r.number[KEY_FILTER_OFFSET] = 10000000;
  r.number[KEY_OFMAP_OFFSET] = 20000000;
  *config = (bt_scalesim_config){.run_name = "scale_run"};
  bt_status status = bt_scalesim_text_open(&r.text, path, notes, error);
  if (status != BT_OK) {
    return status;
  }
  char *line;
  while (status == BT_OK && (line = bt_scalesim_text_line(&r.text)) != NULL) {
    status = take_line(&r, line, error);
  }
  status = status == BT_OK ? finish(&r, error) : status;
  bt_scalesim_text_close(&r.text);
  return status;
}
