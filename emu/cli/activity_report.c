#include "cli/activity_report.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#define NAME_WIDTH 30

void bt_activity_sum(const bt_activity_report *r, size_t direction, bool scaled, bt_activity *real,
                     bt_activity *random) {
  void (*add)(bt_activity *, const bt_activity *) =
      scaled ? bt_activity_add_scaled : bt_activity_add;
  *real = *random = (bt_activity){0};
  for (size_t i = 0; i < r->rows; i++) {
    if (direction == BT_FACTOR_TOTAL || (size_t)r->row[i].direction == direction) {
      add(real, &r->row[i].real);
      add(random, &r->row[i].random);
    }
  }
}

static const char *row_name(size_t direction) {
  return direction == BT_FACTOR_TOTAL ? "total" : bt_direction_name((bt_direction)direction);
}

static void print_toggles(const char *name, const bt_activity *real) {
  printf("%-*s %7" PRIu64 " %9" PRIu64, NAME_WIDTH, name, real->tiles, real->tiles_total);
  for (int r = 0; r < BT_REG_CLASSES; r++) {
    printf(" %12" PRIu64, real->toggles[r]);
  }
  printf("\n");
}

/* n / of to three decimals, rounded half up; "-" where `of` is 0. */
static void print_ratio(uint64_t n, uint64_t of, int width) {
  if (of == 0) {
    printf(" %*s", width, "-");
    return;
  }
  unsigned __int128 thousandths = ((unsigned __int128)n * 1000 + of / 2) / of;
  printf(" %*" PRIu64 ".%03u", width - 4, (uint64_t)(thousandths / 1000),
         (unsigned)(thousandths % 1000));
}

static void print_factors(const char *name, const bt_activity *real, const bt_activity *random) {
  printf("%-*s", NAME_WIDTH, name);
  for (int r = 0; r < BT_REG_CLASSES; r++) {
    print_ratio(real->toggles[r], random->toggles[r], 8);
  }
  print_ratio(bt_activity_toggles(real), bt_activity_toggles(random), 8);
  printf("\n");
}

static void print_registers(const bt_activity *real, const bt_activity *random) {
  printf("\n%-8s %14s %14s %16s %16s %10s   all tiles, scaled up\n", "register", "toggles",
         "of random", "bit-cycles", "gated", "per cycle");
  for (int r = 0; r < BT_REG_CLASSES; r++) {
    printf("%-8s %14" PRIu64 " %14" PRIu64 " %16" PRIu64 " %16" PRIu64,
           bt_register_name((bt_register)r), real->toggles[r], random->toggles[r],
           real->bit_cycles[r], real->gated[r]);
    print_ratio(real->toggles[r], real->bit_cycles[r], 10);
    printf("\n");
  }
}

static void print_rtl(const bt_activity_report *r) {
  if (r->difference[0] != '\0') {
    fputs(r->difference, stdout);
    printf("model and Verilated array: DIFFER\n");
  } else if (r->rtl) {
    printf("model and Verilated array: %s toggles in %zu contractions\n",
           r->compared > 0 ? "equal" : "NOTHING COMPARED,", r->compared);
  }
}

void bt_activity_print(const bt_activity_report *r) {
  bt_activity real, random;
  printf("activity of %s, epoch %" PRIu64 " step %" PRIu64 ", on %s; random operands of seed %"
         PRIu64 "\n\n%-*s %7s %9s", r->recipe, r->epoch, r->step, r->machine, r->seed, NAME_WIDTH,
         "toggles", "tiles", "of");
  for (int c = 0; c < BT_REG_CLASSES; c++) {
    printf(" %12s", bt_register_name((bt_register)c));
  }
  printf("\n");
  for (size_t i = 0; i < r->rows; i++) {
    print_toggles(r->row[i].name, &r->row[i].real);
  }
  for (size_t d = 0; d < BT_FACTOR_ROWS; d++) {
    bt_activity_sum(r, d, false, &real, &random);
    print_toggles(row_name(d), &real);
  }
  printf("\n%-*s", NAME_WIDTH, "factor, to random operands");
  for (size_t f = 0; f < BT_FACTORS; f++) {
    printf(" %8s", bt_factor_name(f));
  }
  printf("\n");
  for (size_t i = 0; i < r->rows; i++) {
    print_factors(r->row[i].name, &r->row[i].real, &r->row[i].random);
  }
  for (size_t d = 0; d < BT_FACTOR_ROWS; d++) {
    bt_activity_sum(r, d, true, &real, &random);
    print_factors(row_name(d), &real, &random);
  }
  print_registers(&real, &random);
  if (r->left_out > 0) {
    printf("left out: %zu contractions that the model does not cover\n", r->left_out);
  }
  print_rtl(r);
}

static json_t *integer(uint64_t n) {
  return json_integer(n > INT64_MAX ? INT64_MAX : (json_int_t)n);
}

static json_t *registers_json(const bt_activity *real, const bt_activity *random,
                              const bt_activity_factors *f) {
  json_t *o = json_object();
  for (size_t r = 0; r < BT_REG_CLASSES; r++) {
    json_t *c = json_object();
    json_object_set_new(c, "toggles", integer(real->toggles[r]));
    json_object_set_new(c, "toggles_random", integer(random->toggles[r]));
    json_object_set_new(c, "factor_ppm", f->known[r] ? integer(f->ppm[r]) : json_null());
    json_object_set_new(c, "bit_cycles", integer(real->bit_cycles[r]));
    json_object_set_new(c, "gated_bit_cycles", integer(real->gated[r]));
    json_object_set_new(o, bt_factor_name(r), c);
  }
  return o;
}

static json_t *counts_json(const bt_activity *real, const bt_activity *random,
                           const bt_activity_factors *f) {
  json_t *o = json_object();
  json_object_set_new(o, "tiles", integer(real->tiles));
  json_object_set_new(o, "tiles_total", integer(real->tiles_total));
  json_object_set_new(o, "passes", integer(real->passes));
  json_object_set_new(o, "cycles", integer(real->cycles));
  json_object_set_new(o, "toggles", integer(bt_activity_toggles(real)));
  json_object_set_new(o, "toggles_random", integer(bt_activity_toggles(random)));
  json_object_set_new(o, "factor_ppm",
                      f->known[BT_FACTOR_ALL] ? integer(f->ppm[BT_FACTOR_ALL]) : json_null());
  json_object_set_new(o, "registers", registers_json(real, random, f));
  return o;
}

static json_t *contractions_json(const bt_activity_report *r) {
  json_t *list = json_array();
  for (size_t i = 0; i < r->rows; i++) {
    const bt_activity_row *row = &r->row[i];
    json_t *o = json_object();
    json_object_set_new(o, "name", json_string(row->name));
    json_object_set_new(o, "direction", json_string(bt_direction_name(row->direction)));
    bt_activity_factors f = bt_activity_factors_of(&row->real, &row->random);
    json_t *counts = counts_json(&row->real, &row->random, &f);
    json_object_update(o, counts);
    json_decref(counts);
    json_array_append_new(list, o);
  }
  return list;
}

void bt_activity_print_json(const bt_activity_report *r) {
  bt_activity real, random;
  json_t *o = json_object();
  json_object_set_new(o, "recipe", json_string(r->recipe));
  json_object_set_new(o, "machine", json_string(r->machine));
  json_object_set_new(o, "epoch", integer(r->epoch));
  json_object_set_new(o, "step", integer(r->step));
  json_object_set_new(o, "tiles_asked", integer(r->tiles));
  json_object_set_new(o, "seed", integer(r->seed));
  json_object_set_new(o, "contractions_left_out", integer(r->left_out));
  for (size_t d = 0; d < BT_FACTOR_ROWS; d++) {
    bt_activity real_all, random_all;
    bt_activity_sum(r, d, false, &real, &random);
    bt_activity_sum(r, d, true, &real_all, &random_all);
    bt_activity_factors f = bt_activity_factors_of(&real_all, &random_all);
    json_object_set_new(o, row_name(d), counts_json(&real, &random, &f));
  }
  json_object_set_new(o, "contractions", contractions_json(r));
  if (r->rtl) {
    json_object_set_new(o, "rtl_equal",
                        json_boolean(r->difference[0] == '\0' && r->compared > 0));
    json_object_set_new(o, "rtl_contractions", integer(r->compared));
  }
  if (r->difference[0] != '\0') {
    json_object_set_new(o, "difference", json_string(r->difference));
  }
  json_dumpf(o, stdout, JSON_INDENT(2));
  printf("\n");
  json_decref(o);
}

bt_status bt_activity_report_write(const bt_activity_report *r, const char *path,
                                   bt_error *error) {
  bt_activity_file f = {.tiles = r->tiles, .seed = r->seed};
  snprintf(f.name, sizeof f.name, "%s", r->recipe);
  snprintf(f.source, sizeof f.source, "%s", r->source);
  snprintf(f.machine, sizeof f.machine, "%s", r->machine);
  for (size_t d = 0; d < BT_FACTOR_ROWS; d++) {
    bt_activity real, random;
    bt_activity_sum(r, d, true, &real, &random);
    f.row[d] = bt_activity_factors_of(&real, &random);
  }
  return bt_activity_file_write(path, &f, error);
}
