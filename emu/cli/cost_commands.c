#include "cli/cost_commands.h"

#include <inttypes.h>

#include "cost/watch.h"
#include "io/csv.h"
#include "io/file.h"

typedef struct {
  FILE *out;
  uint64_t chains;
} table;

static uint64_t bytes_read(const bt_demand *d) {
  uint64_t bytes = d->loaded;
  bt_count_add(&bytes, d->contracts ? d->nest.read[0] + d->nest.read[1] : 0);
  return bytes;
}

static void print_command(FILE *out, const bt_chain *chain, const bt_demand *d, uint64_t number) {
  const bt_command *c = d->command;
  double places = (double)chain->machine->rows * (double)chain->machine->cols;
  fprintf(out, "%" PRIu64 ",", number);
  bt_csv_text(out, c->label.text);
  fprintf(out, ",%s,%s,%s,%" PRIu64 ",%" PRIu64 ",", bt_op_name(c->op),
          bt_phase_name(c->label.phase), bt_unit_name(d->unit), d->unit_cycles, d->macs);
  if (d->macs > 0 && d->unit_cycles > 0) {
    fprintf(out, "%.4f", (double)d->macs / (places * (double)d->unit_cycles));
  }
  fprintf(out, ",%" PRIu64 ",%" PRIu64, bytes_read(d), d->stored);
}

static void print_chain(void *context, const bt_chain *chain, const bt_chain_cost *cost) {
  table *t = context;
  uint64_t bytes = 0, busiest = bt_chain_busiest(cost);
  t->chains++;
  bt_count_add(&bytes, (unsigned __int128)chain->spilled * 2 + chain->parked + chain->leaves);
  for (unsigned i = 0; i < chain->commands; i++) {
    const bt_demand *d = &chain->demand[i];
    bt_count_add(&bytes, (unsigned __int128)bytes_read(d) + d->stored);
    print_command(t->out, chain, d, t->chains);
    if (i + 1 < chain->commands) {
      fputs(",,,,,machine\n", t->out);
    }
  }
  fprintf(t->out, ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",", cost->cycles, cost->cycles - busiest,
          bytes);
  if (busiest > 0) {
    fprintf(t->out, "%.4f", (double)bytes / (double)busiest);
  }
  fputs(",machine\n", t->out);
}

bt_status bt_cost_commands_write(const char *path, const bt_program *program,
                                 const bt_machine *machine, bool fp32, bt_error *error) {
  bt_file f;
  bt_cost cost = {.plan = true, .fp32 = fp32};
  bt_status s = bt_file_create(&f, path, error);
  if (s != BT_OK) {
    return s;
  }
  table t = {.out = f.stream};
  bt_cost_listener listener = {print_chain, &t};
  fputs("chain,label,operation,phase,unit,unit_cycles,macs,array_utilisation,bytes_read,"
        "bytes_written,chain_cycles,chain_stall_cycles,chain_bytes,bytes_per_cycle_wanted,model\n",
        f.stream);
  s = bt_cost_program(&cost, machine, program, &listener, error);
  s = s == BT_OK ? bt_file_commit(&f, error) : s;
  bt_file_abandon(&f);
  return s;
}
