#include "cli/cost_parameter.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "num/error.h"

/* What takes a whole number, and how it is set. */
typedef struct {
  const char *name;
  uint64_t min, max;
  bool power_of_two;
  void (*set)(bt_machine *m, bt_recipe *r, uint64_t v);
} parameter;

static void set_array(bt_machine *m, bt_recipe *r, uint64_t v) {
  (void)r;
  m->rows = m->cols = (size_t)v;
}

static void set_rows(bt_machine *m, bt_recipe *r, uint64_t v) {
  (void)r;
  m->rows = (size_t)v;
}

static void set_cols(bt_machine *m, bt_recipe *r, uint64_t v) {
  (void)r;
  m->cols = (size_t)v;
}

static void set_acc_bits(bt_machine *m, bt_recipe *r, uint64_t v) {
  (void)r;
  m->acc.acc_bits = (int)v;
}

static void set_psum_bits(bt_machine *m, bt_recipe *r, uint64_t v) {
  (void)r;
  m->acc.psum_bits = (int)v;
}

static void set_chunk(bt_machine *m, bt_recipe *r, uint64_t v) {
  (void)r;
  m->acc.chunk = (size_t)v;
}

static void set_lanes(bt_machine *m, bt_recipe *r, uint64_t v) {
  (void)r;
  m->lanes = (unsigned)v;
}

static void set_sram(bt_machine *m, bt_recipe *r, uint64_t v) {
  (void)r;
  m->sram_input_bytes = m->sram_weight_bytes = m->sram_output_bytes = (size_t)v;
}

static void set_sram_input(bt_machine *m, bt_recipe *r, uint64_t v) {
  (void)r;
  m->sram_input_bytes = (size_t)v;
}

static void set_sram_weight(bt_machine *m, bt_recipe *r, uint64_t v) {
  (void)r;
  m->sram_weight_bytes = (size_t)v;
}

static void set_sram_output(bt_machine *m, bt_recipe *r, uint64_t v) {
  (void)r;
  m->sram_output_bytes = (size_t)v;
}

static void set_sram_word(bt_machine *m, bt_recipe *r, uint64_t v) {
  (void)r;
  m->sram_word_bytes = (size_t)v;
}

static void set_dram_row(bt_machine *m, bt_recipe *r, uint64_t v) {
  (void)r;
  m->dram_row_bytes = (size_t)v;
}

static void set_dram(bt_machine *m, bt_recipe *r, uint64_t v) {
  (void)r;
  m->dram_bytes_per_cycle = (size_t)v;
}

static void set_clock(bt_machine *m, bt_recipe *r, uint64_t v) {
  (void)r;
  m->clock_hz = v;
}

static void set_wl(bt_machine *m, bt_recipe *r, uint64_t v) {
  (void)m;
  r->w.wl = r->a.wl = r->g.wl = r->e.wl = r->m.wl = (int)v;
}

static void set_batch(bt_machine *m, bt_recipe *r, uint64_t v) {
  (void)m;
  r->batch = (size_t)v;
}

#define SRAM_MOST (UINT64_C(1) << 32)

/* Ranges as in the files of machines and recipes. */
static const parameter parameters[] = {
    {"array", 1, 1024, false, set_array},
    {"rows", 1, 1024, false, set_rows},
    {"cols", 1, 1024, false, set_cols},
    {"acc_bits", 8, 32, false, set_acc_bits},
    {"psum_bits", 8, 32, false, set_psum_bits},
    {"chunk", 0, INT32_MAX, false, set_chunk},
    {"lanes", 1, BT_MAX_LANES, true, set_lanes},
    {"sram_bytes", 1, SRAM_MOST, false, set_sram},
    {"sram_input_bytes", 1, SRAM_MOST, false, set_sram_input},
    {"sram_weight_bytes", 1, SRAM_MOST, false, set_sram_weight},
    {"sram_output_bytes", 1, SRAM_MOST, false, set_sram_output},
    {"sram_word_bytes", 1, 4096, true, set_sram_word},
    {"dram_bytes_per_cycle", 1, 65536, false, set_dram},
    {"dram_row_bytes", 1, 1 << 20, false, set_dram_row},
    {"clock_hz", 1, UINT64_C(100000000000), false, set_clock},
    {"batch", 1, 65536, false, set_batch},
    {"wl", 2, 8, false, set_wl},
};
#define PARAMETERS (sizeof parameters / sizeof parameters[0])

/* These take a word. */
#define BLOCK "block"
#define DATAFLOW "dataflow"
#define EXPONENT "exponent"
#define WORDS DATAFLOW ", " EXPONENT ", " BLOCK

bool bt_parameter_of_recipe(const char *name) {
  return strcmp(name, BLOCK) == 0 || strcmp(name, "wl") == 0 || strcmp(name, "batch") == 0;
}

static bt_status unknown(const char *name, bt_error *error) {
  char known[400] = "";
  for (size_t i = 0; i < PARAMETERS; i++) {
    size_t at = strlen(known);
    snprintf(known + at, sizeof known - at, "%s, ", parameters[i].name);
  }
  return bt_fail(error, BT_BAD_INPUT, "--sweep: parameter '%.40s': unknown, expected one of: %s"
                 WORDS, name, known);
}

static bt_status set_number(const parameter *p, const char *text, bt_machine *machine,
                            bt_recipe *recipe, bt_error *error) {
  size_t digits = strspn(text, "0123456789");
  errno = 0;
  uint64_t v = strtoull(text, NULL, 10);
  bool good = digits > 0 && text[digits] == '\0' && errno == 0 && v >= p->min && v <= p->max;
  if (!good || (p->power_of_two && (v & (v - 1)) != 0)) {
    return bt_fail(error, BT_BAD_INPUT, "--sweep %s: expected %s in %" PRIu64 "..%" PRIu64
                   ", got '%.40s'", p->name, p->power_of_two ? "a power of two" : "a whole number",
                   p->min, p->max, text);
  }
  p->set(machine, recipe, v);
  return BT_OK;
}

/* All formats take tensor, k32 and tile:RxC. With dim0 activations and errors stay in block tensor
 * (SWALP's small blocks); with sample weights, gradients and momentum do. */
static bt_status set_block(const char *text, bt_recipe *r, bt_error *error) {
  bt_format *const format[] = {&r->w, &r->g, &r->m, &r->a, &r->e};
  bt_format whole = {.block = BT_BLOCK_TENSOR}, block = whole;
  if (bt_block_parse(text, &block, NULL) != BT_OK) {
    return bt_fail(error, BT_BAD_INPUT, "--sweep block: expected tensor, dim0, sample, k32 or "
                   "tile:RxC, got '%.40s'", text);
  }
  for (size_t i = 0; i < 5; i++) {
    bool of_data = i >= 3;
    bool takes = !(block.block == BT_BLOCK_DIM0 && of_data) &&
                 !(block.block == BT_BLOCK_SAMPLE && !of_data);
    const bt_format *from = takes ? &block : &whole;
    format[i]->block = from->block;
    format[i]->tile_rows = from->tile_rows;
    format[i]->tile_cols = from->tile_cols;
  }
  return BT_OK;
}

/* The place of a word in a list that ends with NULL. */
static bt_status find_word(const char *name, const char *text, const char *const *word,
                           const char *expected, int *place, bt_error *error) {
  for (*place = 0; word[*place] != NULL; ++*place) {
    if (strcmp(text, word[*place]) == 0) {
      return BT_OK;
    }
  }
  return bt_fail(error, BT_BAD_INPUT, "--sweep %s: expected %s, got '%.40s'", name, expected, text);
}

static bt_status set_dataflow(const char *text, bt_machine *m, bt_error *error) {
  static const char *const words[] = {"os", "ws", "is", NULL};
  int place = 0;
  bt_status s = find_word(DATAFLOW, text, words, "os, ws or is", &place, error);
  m->dataflow = (bt_dataflow)place;
  return s;
}

static bt_status set_exponent(const char *text, bt_machine *m, bt_error *error) {
  static const char *const words[] = {"spill", "recompute", NULL};
  int place = 0;
  bt_status s = find_word(EXPONENT, text, words, "spill or recompute", &place, error);
  m->exponent = (bt_exponent_policy)place;
  return s;
}

static bt_status only_bfp(const char *name, const bt_recipe *r, bt_error *error) {
  return r->w.kind == BT_BFP && r->g.kind == BT_BFP && r->m.kind == BT_BFP
             ? BT_OK
             : bt_fail(error, BT_BAD_INPUT, "--sweep %s: recipe %s has fixed-point formats, "
                       "expected block floating point", name, r->name);
}

bt_status bt_parameter_set(const char *name, const char *value, bt_machine *machine,
                           bt_recipe *recipe, bt_error *error) {
  bool formats = strcmp(name, "wl") == 0 || strcmp(name, BLOCK) == 0;
  bt_status s = formats ? only_bfp(name, recipe, error) : BT_OK;
  if (s == BT_OK && strcmp(name, BLOCK) == 0) {
    bt_error why;
    s = set_block(value, recipe, error);
    if (s == BT_OK && bt_recipe_check(recipe, &why) != BT_OK) {
      return bt_fail(error, BT_BAD_INPUT, "--sweep block=%.40s: %s", value, why.text);
    }
    return s;
  }
  if (strcmp(name, DATAFLOW) == 0) {
    return set_dataflow(value, machine, error);
  }
  if (strcmp(name, EXPONENT) == 0) {
    return set_exponent(value, machine, error);
  }
  for (size_t i = 0; s == BT_OK && i < PARAMETERS; i++) {
    if (strcmp(parameters[i].name, name) == 0) {
      return set_number(&parameters[i], value, machine, recipe, error);
    }
  }
  return s == BT_OK ? unknown(name, error) : s;
}
