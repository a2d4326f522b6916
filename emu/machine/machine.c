#include "machine/machine.h"

#include <stdio.h>
#include <string.h>

#include "io/yaml.h"
#include "num/error.h"

#define MAX_SIDE 1024                  /* rows or columns of the array */
#define MAX_SRAM ((int64_t)1 << 32)    /* bytes of one buffer */
#define MAX_CLOCK INT64_C(100000000000) /* 100 GHz */

bt_machine bt_machine_default(void) {
  return (bt_machine){
      .name = "systolic-16x16",
      .rows = 16,
      .cols = 16,
      .dataflow = BT_DATAFLOW_OS,
      .acc = bt_accumulator_default(),
      .lanes = 16,
      .exponent = BT_EXPONENT_SPILL,
      .sram_input_bytes = 65536,
      .sram_weight_bytes = 65536,
      .sram_output_bytes = 65536,
      .sram_word_bytes = 8,
      .dram_bytes_per_cycle = 16,
      .dram_row_bytes = 2048,
      .clock_hz = 1000000000,
  };
}

/* The map that is being read; the first failure sticks and later reads do nothing. */
typedef struct {
  const bt_yaml *doc;
  const bt_yaml_node *map;
  bt_status status;
  bt_error *error;
} reader;

static int64_t read_integer(reader *r, const char *key, int64_t min, int64_t max, int64_t value) {
  if (r->status == BT_OK) {
    r->status = bt_yaml_integer(r->doc, r->map, key, true, min, max, &value, r->error);
  }
  return value;
}

static size_t read_size(reader *r, const char *key, int64_t min, int64_t max, size_t value) {
  return (size_t)read_integer(r, key, min, max, (int64_t)value);
}

static int read_word(reader *r, const char *key, const char *const *words, int value) {
  if (r->status == BT_OK) {
    r->status = bt_yaml_word(r->doc, r->map, key, true, words, &value, r->error);
  }
  return value;
}

static int64_t read_power_of_two(reader *r, const char *key, int64_t max, int64_t value) {
  int64_t v = read_integer(r, key, 1, max, value);
  if (r->status == BT_OK && (v & (v - 1)) != 0) {
    r->status = bt_fail(r->error, BT_BAD_INPUT, "%s:%u: %s: expected a power of two, got %lld",
                        bt_yaml_path(r->doc), bt_yaml_line(bt_yaml_get(r->map, key)), key,
                        (long long)v);
  }
  return v;
}

/* Reads the map at `key` with `take`, if it is there; then no key may be left. */
static void read_part(reader *r, const char *key, void (*take)(reader *, bt_machine *),
                      bt_machine *m) {
  const bt_yaml_node *outer = r->map;
  if (r->status == BT_OK) {
    r->status = bt_yaml_map(r->doc, outer, key, true, &r->map, r->error);
  }
  if (r->status == BT_OK && r->map != NULL) {
    take(r, m);
    if (r->status == BT_OK) {
      r->status = bt_yaml_done(r->doc, r->map, r->error);
    }
  }
  r->map = outer;
}

static void read_array(reader *r, bt_machine *m) {
  static const char *const dataflows[] = {"os", "ws", "is", NULL};
  m->rows = read_size(r, "rows", 1, MAX_SIDE, m->rows);
  m->cols = read_size(r, "cols", 1, MAX_SIDE, m->cols);
  m->dataflow = (bt_dataflow)read_word(r, "dataflow", dataflows, (int)m->dataflow);
}

static void read_accumulator(reader *r, bt_machine *m) {
  static const char *const overflows[] = {"saturate", "wrap", NULL};
  static const char *const roundings[] = {"floor", "nearest_even", "stochastic", NULL};
  static const bt_rounding modes[] = {BT_FLOOR, BT_NEAREST_EVEN, BT_STOCHASTIC};
  bt_accumulator *a = &m->acc;
  a->acc_bits = (int)read_integer(r, "acc_bits", 8, 32, a->acc_bits);
  a->wrap = read_word(r, "overflow", overflows, a->wrap ? 1 : 0) == 1;
  a->acc_shift = (int)read_integer(r, "acc_shift", 0, 14, a->acc_shift);
  a->acc_round.mode = modes[read_word(r, "acc_rounding", roundings, 0)];
  a->acc_round.random_bits =
      (unsigned)read_integer(r, "random_bits", 1, 24, a->acc_round.random_bits);
  a->chunk = read_size(r, "chunk", 0, INT32_MAX, a->chunk);
  a->psum_bits = (int)read_integer(r, "psum_bits", 8, 32, a->psum_bits);
}

static void read_quantizer(reader *r, bt_machine *m) {
  static const char *const policies[] = {"spill", "recompute", NULL};
  m->lanes = (unsigned)read_power_of_two(r, "lanes", BT_MAX_LANES, m->lanes);
  m->exponent = (bt_exponent_policy)read_word(r, "exponent", policies, (int)m->exponent);
}

static void read_memory(reader *r, bt_machine *m) {
  m->sram_input_bytes = read_size(r, "sram_input_bytes", 1, MAX_SRAM, m->sram_input_bytes);
  m->sram_weight_bytes = read_size(r, "sram_weight_bytes", 1, MAX_SRAM, m->sram_weight_bytes);
  m->sram_output_bytes = read_size(r, "sram_output_bytes", 1, MAX_SRAM, m->sram_output_bytes);
  m->sram_word_bytes = (size_t)read_power_of_two(r, "sram_word_bytes", 4096,
                                                 (int64_t)m->sram_word_bytes);
  m->dram_bytes_per_cycle = read_size(r, "dram_bytes_per_cycle", 1, 65536, m->dram_bytes_per_cycle);
  m->dram_row_bytes = read_size(r, "dram_row_bytes", 1, 1 << 20, m->dram_row_bytes);
}

/* The file's name for the machine, which reports carry. */
static void read_name(reader *r, bt_machine *m) {
  const char *name = NULL;
  r->status = bt_yaml_string(r->doc, r->map, "name", false, &name, r->error);
  if (r->status == BT_OK && (name[0] == '\0' || strlen(name) >= sizeof m->name)) {
    r->status = bt_fail(r->error, BT_BAD_INPUT, "%s:%u: name: expected 1..%zu bytes",
                        bt_yaml_path(r->doc), bt_yaml_line(bt_yaml_get(r->map, "name")),
                        sizeof m->name - 1);
  }
  if (r->status == BT_OK) {
    snprintf(m->name, sizeof m->name, "%s", name);
  }
}

bt_status bt_machine_load(const char *path, bt_machine *machine, bt_error *error) {
  bt_yaml *doc;
  bt_status status = bt_yaml_load(path, &doc, error);
  if (status != BT_OK) {
    return status;
  }
  bt_machine m = bt_machine_default();
  reader r = {.doc = doc, .map = bt_yaml_root(doc), .error = error};
  read_name(&r, &m);
  read_part(&r, "array", read_array, &m);
  read_part(&r, "accumulator", read_accumulator, &m);
  read_part(&r, "quantizer", read_quantizer, &m);
  read_part(&r, "memory", read_memory, &m);
  m.clock_hz = (uint64_t)read_integer(&r, "clock_hz", 1, MAX_CLOCK, (int64_t)m.clock_hz);
  if (r.status == BT_OK) {
    r.status = bt_yaml_done(doc, r.map, error);
  }
  bt_yaml_free(doc);
  if (r.status == BT_OK) {
    *machine = m;
  }
  return r.status;
}
