#include "report/energy.h"

#include <stdlib.h>

#include "cost/totals.h"
#include "num/error.h"

static void subtract(bt_cost *from, const bt_cost *what) {
  for (int p = 0; p < BT_PHASE_COUNT; p++) {
    for (int k = 0; k < BT_COUNT_KINDS; k++) {
      from->phase[p].n[k] -= what->phase[p].n[k];
    }
    for (unsigned k = 0; k < BT_TRAFFIC_KINDS; k++) {
      from->dram[p][k].read -= what->dram[p][k].read;
      from->dram[p][k].written -= what->dram[p][k].written;
    }
  }
}

/* Adds to each layer what the running sum grew by with its commands. */
static bt_status count_part(const bt_page_epoch *e, const bt_page_part *part, bt_cost *layer,
                            bt_error *error) {
  bt_cost own = {.plan = true};
  bt_cost_watch watch = {.cost = &own, .machine = e->machine};
  bt_status s = BT_OK;
  for (size_t i = 0; s == BT_OK && i < bt_program_size(part->program); i++) {
    const bt_command *c = bt_program_at(part->program, i);
    bt_cost before = own, grown;
    s = bt_cost_after(&watch, c, error);
    if (s == BT_OK && c->label.layer >= e->layers) {
      s = bt_fail(error, BT_FAILED, "%s: layer %u, expected below %zu", c->label.text,
                  c->label.layer, e->layers);
    }
    grown = own;
    subtract(&grown, &before);
    s = s == BT_OK ? bt_cost_scale(&layer[c->label.layer], &grown, part->times, error) : s;
  }
  return s;
}

static void append(json_t *rows, size_t layer, int phase, int part, const bt_attojoules e[2]) {
  json_t *row = json_array();
  json_array_append_new(row, json_integer((json_int_t)layer));
  json_array_append_new(row, json_integer(phase));
  json_array_append_new(row, json_integer(part));
  json_array_append_new(row, json_real(bt_totals_joules(e[0])));
  json_array_append_new(row, json_real(bt_totals_joules(e[1])));
  json_array_append_new(rows, row);
}

/* The rows of one layer's ledger, those of a phase and a component as one. */
static void add_rows(const bt_ledger *ledger, size_t layer, json_t *rows) {
  for (int phase = 0; phase < BT_PHASE_COUNT; phase++) {
    for (int part = 0; part < BT_PARTS; part++) {
      bt_attojoules e[2] = {0, 0};
      for (size_t i = 0; i < ledger->rows; i++) {
        const bt_ledger_row *r = &ledger->row[i];
        if ((int)r->phase == phase && (int)r->part == part) {
          e[0] += r->low;
          e[1] += r->high;
        }
      }
      if (e[1] > 0) {
        append(rows, layer, phase, part, e);
      }
    }
  }
}

static bt_status price(const bt_page_epoch *e, const bt_cost *layer, bt_ledger *ledger,
                       json_t *rows, bt_error *error) {
  bt_cost all = {.plan = true};
  bt_attojoules low = 0, high = 0;
  bt_status s = BT_OK;
  for (size_t i = 0; s == BT_OK && i < e->layers; i++) {
    s = bt_cost_scale(&all, &layer[i], 1, error);
    s = s == BT_OK ? bt_ledger_make(&layer[i], e->machine, e->table, NULL, ledger, error) : s;
    if (s == BT_OK) {
      low += ledger->low;
      high += ledger->high;
      add_rows(ledger, i, rows);
    }
  }
  s = s == BT_OK ? bt_ledger_make(&all, e->machine, e->table, NULL, ledger, error) : s;
  if (s == BT_OK && (ledger->low != low || ledger->high != high)) {
    s = bt_fail(error, BT_FAILED, "the energies of the layers do not sum to the epoch's");
  }
  return s;
}

bt_status bt_page_energy(const bt_page_epoch *e, json_t **rows, bt_error *error) {
  bt_cost *layer = calloc(e->layers, sizeof *layer);
  bt_ledger *ledger = malloc(sizeof *ledger);
  bt_status s = BT_OK;
  *rows = json_array();
  if (layer == NULL || ledger == NULL) {
    s = bt_fail(error, BT_FAILED, "no memory for the energy of %zu layers", e->layers);
  }
  for (size_t i = 0; s == BT_OK && i < e->parts; i++) {
    s = count_part(e, &e->part[i], layer, error);
  }
  s = s == BT_OK ? price(e, layer, ledger, *rows, error) : s;
  free(layer);
  free(ledger);
  return s;
}
