#include "cost/totals.h"

#include <inttypes.h>
#include <stdlib.h>

#include "num/error.h"

bt_status bt_totals_make(const bt_cost *cost, const bt_machine *machine, const bt_ledger *ledger,
                         bt_totals *totals, bt_error *error) {
  bt_cost_counts n;
  bt_ledger_row missing[BT_COUNT_KINDS + BT_TIME_ROWS];
  bt_status s = bt_cost_total(cost, &n, error);
  if (s != BT_OK) {
    return s;
  }
  *totals = (bt_totals){ledger->low,
                        ledger->high,
                        n.n[BT_COUNT_MACS],
                        n.n[BT_COUNT_CYCLES],
                        machine->clock_hz,
                        bt_ledger_missing(ledger, BT_PHASE_COUNT, missing)};
  return BT_OK;
}

double bt_totals_joules(bt_attojoules energy) {
  return (double)energy * 1e-18;
}

double bt_totals_seconds(const bt_totals *t) {
  return t->clock_hz == 0 ? 0 : (double)t->cycles / (double)t->clock_hz;
}

double bt_totals_watts(const bt_totals *t, bt_attojoules energy) {
  double seconds = bt_totals_seconds(t);
  return seconds > 0 ? bt_totals_joules(energy) / seconds : 0;
}

double bt_totals_tops_per_watt(const bt_totals *t, bt_attojoules energy) {
  return energy == 0 ? 0 : 2 * (double)t->macs / bt_totals_joules(energy) * 1e-12;
}

double bt_totals_delay_product(const bt_totals *t, bt_attojoules energy) {
  return bt_totals_joules(energy) * bt_totals_seconds(t);
}

/* Rows of all ledgers stand for the same counts, in the same order. */
static void sum_common(const bt_ledger *ledger, bt_spread *spread) {
  for (size_t i = 0; i < ledger[0].rows; i++) {
    bool all = true;
    for (size_t t = 0; t < spread->tables; t++) {
      all = all && ledger[t].row[i].state != BT_NOT_IN_TABLE;
    }
    for (size_t t = 0; all && t < spread->tables; t++) {
      spread->common[t].low += ledger[t].row[i].low;
      spread->common[t].high += ledger[t].row[i].high;
    }
  }
}

bt_status bt_spread_make(const bt_cost *cost, const bt_machine *machine,
                         const bt_energy_table *const *table, size_t tables,
                         const bt_energy_options *options, bt_spread *spread, bt_error *error) {
  if (tables == 0 || tables > BT_MAX_TABLES) {
    return bt_fail(error, BT_BAD_INPUT, "%zu energy tables to compare: expected 1 to %u", tables,
                   BT_MAX_TABLES);
  }
  bt_ledger *ledger = calloc(tables, sizeof *ledger);
  if (ledger == NULL) {
    return bt_fail(error, BT_FAILED, "no memory for the ledgers of %zu tables", tables);
  }
  bt_status s = BT_OK;
  spread->tables = tables;
  for (size_t t = 0; s == BT_OK && t < tables; t++) {
    spread->table[t] = table[t];
    s = bt_ledger_make(cost, machine, table[t], options, &ledger[t], error);
    s = s == BT_OK ? bt_totals_make(cost, machine, &ledger[t], &spread->all[t], error) : s;
    if (s == BT_OK) {
      spread->common[t] = spread->all[t];
      spread->common[t].low = spread->common[t].high = 0;
    }
  }
  if (s == BT_OK) {
    sum_common(ledger, spread);
  }
  free(ledger);
  return s;
}

void bt_spread_ends(const bt_totals *t, size_t tables, bt_attojoules ends[2]) {
  ends[0] = t[0].low;
  ends[1] = t[0].high;
  for (size_t i = 1; i < tables; i++) {
    ends[0] = t[i].low < ends[0] ? t[i].low : ends[0];
    ends[1] = t[i].high > ends[1] ? t[i].high : ends[1];
  }
}

static void range(FILE *out, bool known, double low, double high) {
  char text[64] = "-";
  if (known) {
    snprintf(text, sizeof text, "%.5g..%.5g", low, high);
  }
  fprintf(out, " %22s", text);
}

/* Energies from `e`, the rest with the time and MACs of `t`. */
static void text_row(FILE *out, const char *name, const bt_totals *t, const bt_attojoules e[2]) {
  fprintf(out, "%-22.22s", name);
  bool time = t->cycles > 0, priced = e[0] > 0;
  range(out, priced, bt_totals_joules(e[0]), bt_totals_joules(e[1]));
  range(out, priced && time, bt_totals_watts(t, e[0]), bt_totals_watts(t, e[1]));
  range(out, priced, bt_totals_tops_per_watt(t, e[1]), bt_totals_tops_per_watt(t, e[0]));
  range(out, priced && time, bt_totals_delay_product(t, e[0]), bt_totals_delay_product(t, e[1]));
}

static void text_block(FILE *out, const bt_spread *s, const bt_totals *t, const char *what) {
  bt_attojoules ends[2];
  fprintf(out, "%-22s %22s %22s %22s %22s\n", what, "J", "W", "TOPS/W", "J s");
  for (size_t i = 0; i < s->tables; i++) {
    const bt_attojoules e[2] = {t[i].low, t[i].high};
    text_row(out, s->table[i]->name, &t[i], e);
    if (t == s->all && t[i].missing > 0) {
      fprintf(out, "  %zu actions not in table", t[i].missing);
    }
    fputc('\n', out);
  }
  bt_spread_ends(t, s->tables, ends);
  text_row(out, "spread", &t[0], ends);
  fputc('\n', out);
}

void bt_spread_text(FILE *out, const bt_spread *s) {
  text_block(out, s, s->all, "what each table prices");
  if (s->tables > 1) {
    text_block(out, s, s->common, "what all tables price");
  }
}

void bt_spread_csv(FILE *out, const bt_spread *s) {
  fputs("table,of,low_j,high_j,seconds,low_w,high_w,low_tops_per_w,high_tops_per_w,low_js,high_js,"
        "not_in_table\n", out);
  for (size_t i = 0; i < 2 * s->tables; i++) {
    bool all = i % 2 == 0;
    const bt_totals *t = all ? &s->all[i / 2] : &s->common[i / 2];
    fprintf(out, "\"%s\",%s,%.9g,%.9g,%.9g,%.9g,%.9g,%.9g,%.9g,%.9g,%.9g,%zu\n",
            s->table[i / 2]->name, all ? "all" : "common", bt_totals_joules(t->low),
            bt_totals_joules(t->high), bt_totals_seconds(t), bt_totals_watts(t, t->low),
            bt_totals_watts(t, t->high), bt_totals_tops_per_watt(t, t->high),
            bt_totals_tops_per_watt(t, t->low), bt_totals_delay_product(t, t->low),
            bt_totals_delay_product(t, t->high), all ? t->missing : 0);
  }
}
