#include "cost/trace_map.h"

#include <inttypes.h>
#include <stdlib.h>

#include "cmd/statistics.h"
#include "cost/stored.h"
#include "cost/traffic.h"
#include "io/csv.h"
#include "num/error.h"

#define MOST_ADDRESS (UINT64_C(1) << 62)

/* What a step keeps comes first, what it makes anew after. */
static const bt_tensor_role region[] = {
    BT_ROLE_WEIGHT, BT_ROLE_MOMENTUM, BT_ROLE_GRADIENT, BT_ROLE_AVERAGE,
    BT_ROLE_INPUT,  BT_ROLE_ACTIVATION, BT_ROLE_ERROR, BT_ROLE_MASK,
    BT_ROLE_INDEX,  BT_ROLE_OTHER, BT_ROLE_WIDE,
};
#define REGIONS (sizeof region / sizeof region[0])
_Static_assert(REGIONS == BT_ROLE_COUNT, "a region a role");

/* Vectors stay on the chip, and so do wide values of at most half the output buffer (cost 8.1). */
static bool is_stored(const bt_machine *m, const bt_tensor *t) {
  bool wide = t->kind == BT_T_WIDE;
  return bt_tensor_elements(t) > 0 &&
         (!wide || (t->ndim > 1 && bt_traffic_wide_bytes(t) > m->sram_output_bytes / 2));
}

static bt_trace_section elements_of(const bt_command *c, const bt_tensor *t) {
  unsigned bits = bt_traffic_mask(c, t) ? 1 : bt_stored_bits(t, false);
  uint64_t items = bt_tensor_elements(t);
  unsigned kind = t->kind == BT_T_WIDE ? BT_ROLE_WIDE : (unsigned)t->role;
  return (bt_trace_section){.tensor = t, .kind = kind, .bits = bits, .items = items,
                            .bytes = (uint64_t)bt_stored_bytes(items, bits)};
}

/* A byte an exponent; that of sums two (cost 5). */
static bt_trace_section exponents_of(const bt_tensor *t) {
  bool narrow = t->kind == BT_T_BFP8 || t->kind == BT_T_BFP16, sums = t->kind == BT_T_SUMS;
  uint64_t items = narrow ? bt_tensor_exponents(t) : sums;
  return (bt_trace_section){.tensor = t, .exponents = true, .kind = BT_TRAFFIC_EXPONENT,
                            .bits = sums ? 16 : 8, .items = items,
                            .bytes = items * (sums ? 2 : 1)};
}

static void add_section(bt_trace_map *map, const void *key, bt_trace_section s) {
  s.key = key;
  if (s.bytes > 0) {
    map->section[map->count++] = s;
  }
}

static void add(bt_trace_map *map, const bt_machine *m, const bt_command *c, const bt_tensor *t) {
  if (t != NULL && is_stored(m, t) && bt_trace_map_find(map, t, false) == NULL) {
    add_section(map, t, elements_of(c, t));
    add_section(map, t, exponents_of(t));
  }
}

const void *bt_trace_state(const bt_command *c) {
  return c->op == BT_OP_AVERAGE ? (const void *)&c->u.average
                                : (const void *)bt_command_statistics(c);
}

/* Sums of an average of 8 bytes, with an Emin of 2 a block; statistics of 32 bytes a channel and
 * 12 (cost 5). */
static void add_state(bt_trace_map *map, const bt_command *c) {
  const void *key = bt_trace_state(c);
  if (key == NULL || bt_trace_map_find(map, key, false) != NULL) {
    return;
  }
  if (c->op == BT_OP_AVERAGE) {
    uint64_t n = bt_tensor_elements(c->in[0]), blocks = bt_tensor_exponents(c->in[0]);
    add_section(map, key, (bt_trace_section){.tensor = c->in[0], .kind = BT_ROLE_AVERAGE,
                                             .bits = 64, .items = n, .bytes = 8 * n});
    add_section(map, key, (bt_trace_section){.tensor = c->in[0], .exponents = true,
                                             .kind = BT_TRAFFIC_EXPONENT, .bits = 16,
                                             .items = blocks, .bytes = 2 * blocks});
    return;
  }
  uint64_t bytes = 32 * (uint64_t)bt_command_statistics(c)->channels + 12;
  add_section(map, key, (bt_trace_section){.kind = BT_ROLE_OTHER, .bits = 8, .items = bytes,
                                           .bytes = bytes});
}

static uint64_t round_up(uint64_t n, uint64_t to) {
  return n % to == 0 ? n : n + (to - n % to);
}

static bt_tensor_role role_of(const bt_trace_section *s) {
  const bt_tensor *t = s->tensor;
  return t == NULL                  ? BT_ROLE_OTHER
         : (const void *)t != s->key ? BT_ROLE_AVERAGE
         : t->kind == BT_T_WIDE     ? BT_ROLE_WIDE
                                    : t->role;
}

/* Moves the sections of one region, in order, behind those that are placed. */
static bt_status place(bt_trace_map *map, bt_trace_section *placed, size_t *n, bt_tensor_role role,
                       uint64_t row, uint64_t burst, bt_error *error) {
  bool any = false;
  for (size_t i = 0; i < map->count; i++) {
    bt_trace_section s = map->section[i];
    if (role_of(&s) != role) {
      continue;
    }
    map->end = round_up(map->end, any ? burst : row);
    map->end = round_up(map->end, burst);
    any = true;
    s.first = map->end;
    if (map->end > MOST_ADDRESS || s.bytes > MOST_ADDRESS) {
      return bt_fail(error, BT_BAD_INPUT, "trace: an address beyond 2^62 bytes");
    }
    map->end += s.bytes;
    placed[(*n)++] = s;
  }
  return BT_OK;
}

bt_status bt_trace_map_new(bt_trace_map *map, const bt_program *program, const bt_machine *machine,
                           uint64_t burst, bt_error *error) {
  size_t room = bt_program_size(program) * 2 * (BT_MAX_INPUTS + BT_MAX_OUTPUTS + 1) + 1, n = 0;
  *map = (bt_trace_map){.section = calloc(room, sizeof *map->section)};
  bt_trace_section *placed = calloc(room, sizeof *placed);
  if (map->section == NULL || placed == NULL) {
    free(placed);
    return bt_fail(error, BT_FAILED, "out of memory for a trace's addresses");
  }
  for (size_t i = 0; i < bt_program_size(program); i++) {
    const bt_command *c = bt_program_at(program, i);
    for (size_t k = 0; k < BT_MAX_INPUTS; k++) {
      add(map, machine, c, c->in[k]);
    }
    for (size_t k = 0; k < BT_MAX_OUTPUTS; k++) {
      add(map, machine, c, c->out[k]);
    }
    add_state(map, c);
  }
  bt_status s = BT_OK;
  for (size_t r = 0; s == BT_OK && r < REGIONS; r++) {
    s = place(map, placed, &n, region[r], machine->dram_row_bytes, burst, error);
  }
  free(map->section);
  map->section = placed;
  map->end = round_up(map->end, burst);
  return s;
}

void bt_trace_map_free(bt_trace_map *map) {
  free(map->section);
  *map = (bt_trace_map){0};
}

const bt_trace_section *bt_trace_map_find(const bt_trace_map *map, const void *key,
                                          bool exponents) {
  for (size_t i = 0; i < map->count; i++) {
    if (map->section[i].key == key && map->section[i].exponents == exponents) {
      return &map->section[i];
    }
  }
  return NULL;
}

static void print_blocks(FILE *out, const bt_tensor *t) {
  static const char *const name[] = {"tensor", "dim0", "sample", "tile", "k32"};
  bool narrow = t->kind == BT_T_BFP8 || t->kind == BT_T_BFP16;
  if (!narrow || t->fmt.kind != BT_BFP) {
    return;
  }
  fputs(name[t->fmt.block], out);
  if (t->fmt.block == BT_BLOCK_TILE) {
    fprintf(out, ":%zux%zu", t->fmt.tile_rows, t->fmt.tile_cols);
  }
}

static const char *type_of(const bt_trace_section *s) {
  static const char *const type[] = {"bfp", "bfp", "wide", "byte", "sums"};
  const bt_tensor *t = s->tensor;
  if (t == NULL || (const void *)t != s->key) {
    return t == NULL ? "statistics" : "average";
  }
  bool fixed = t->kind <= BT_T_BFP16 && t->fmt.kind == BT_FIXED;
  return s->bits == 1 ? "mask" : fixed ? "fixed" : type[t->kind];
}

void bt_trace_map_csv(FILE *out, const bt_trace_map *map) {
  fputs("address,bytes,kind,section,bits,items,type,shape,block,role,tensor\n", out);
  for (size_t i = 0; i < map->count; i++) {
    const bt_trace_section *s = &map->section[i];
    fprintf(out, "0x%" PRIx64 ",%" PRIu64 ",%s,%s,%u,%" PRIu64 ",%s,", s->first, s->bytes,
            bt_traffic_name(s->kind), s->exponents ? "exponents" : "elements", s->bits, s->items,
            type_of(s));
    for (size_t d = 0; s->tensor != NULL && d < s->tensor->ndim; d++) {
      fprintf(out, "%s%zu", d == 0 ? "" : "x", s->tensor->dim[d]);
    }
    fputc(',', out);
    if (s->tensor != NULL) {
      print_blocks(out, s->tensor);
    }
    fprintf(out, ",%s,", bt_role_name(role_of(s)));
    bt_csv_text(out, s->tensor != NULL ? s->tensor->name : "statistics");
    fputc('\n', out);
  }
}
