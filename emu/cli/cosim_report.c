#include "cli/cosim_report.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "cli/engine_spec.h"
#include "cost/count.h"
#include "num/error.h"
#ifdef BITTRUE_HAVE_RTL
#include "machine_engine.h"
#include "rtl_engine.h"
#endif

void bt_cosim_begin(bt_cosim_report *r, uint64_t epoch, uint64_t step, uint64_t step_of_run) {
  r->steps++;
  if (r->verbose) {
    printf("step %" PRIu64 " (epoch %" PRIu64 ", step %" PRIu64 ")\n", step_of_run, epoch, step);
  }
}

#ifdef BITTRUE_HAVE_RTL
/* The model's cycles for the tiles that the Verilog ran. */
static bt_status model_cycles(const bt_cosim_report *r, const bt_command *c, bt_rtl_stats stats,
                              uint64_t *cycles, bt_error *error) {
  unsigned __int128 all = 0;
  bt_passes passes;
  bt_status s = BT_OK;
  if (c->op == BT_OP_QUANTIZE) {
    all = bt_cost_quantizer_cycles(r->machine, c);
  } else {
    s = bt_cost_passes(r->machine, c, false, &passes, error);
    if (s == BT_OK) {
      all = bt_cost_array_cycles(r->machine, &passes);
      all = all / stats.tiles_total * stats.tiles_run; /* tiles take equal times */
    }
  }
  *cycles = (uint64_t)all;
  return s;
}

static bt_status cycles_differ(const bt_command *c, const char *unit, uint64_t counted,
                               uint64_t model, const bt_error *error, bt_difference *difference) {
  difference->found = true;
  snprintf(difference->text, sizeof difference->text,
           "MISMATCH between rtl's cycle counter and the cost model\n  command   %s\n"
           "  unit      %s\n  counter   %" PRIu64 "\n  model     %" PRIu64 "%s%s\n",
           c->label.text, unit, counted, model, error->text[0] == '\0' ? "" : ": ", error->text);
  return BT_MISMATCH;
}

/* The whole machine: the command's unit took what the model says, the others nothing. */
static bt_status compare_machine(bt_cosim_report *r, const bt_command *c,
                                 bt_difference *difference) {
  bt_cost cost = {0};
  bt_demand demand = {0};
  bt_error error = {""};
  bt_machine_stats took = bt_machine_last(r->lockstep->second);
  const uint64_t counted[BT_UNITS] = {[BT_UNIT_ARRAY] = took.array,
                                      [BT_UNIT_SCALAR] = took.scalar,
                                      [BT_UNIT_VECTOR] = took.vector,
                                      [BT_UNIT_QUANTIZER] = took.quantizer};
  bt_status s = bt_cost_add_demand(&cost, r->machine, c, false, &demand, &error);
  for (unsigned u = 0; u < BT_UNITS; u++) {
    uint64_t model = u == demand.unit ? demand.unit_cycles : 0;
    if (s != BT_OK || counted[u] != model) {
      return cycles_differ(c, bt_unit_name((bt_unit)u), counted[u], model, &error, difference);
    }
  }
  uint64_t elapsed = 0;
  s = bt_cosim_time_add(&r->time, r->machine, c, took.cycles, &elapsed, &error);
  if (s != BT_OK) {
    return cycles_differ(c, "machine", took.cycles, elapsed, &error, difference);
  }
  r->array_cycles += took.array;
  r->quantizer_cycles += took.quantizer;
  r->vector_cycles += took.vector;
  r->scalar_cycles += took.scalar;
  r->machine_cycles += took.cycles;
  if (r->verbose) {
    printf("  %-34s %10" PRIu64 " cycles, %10" PRIu64 " of work, the model says %10" PRIu64 "\n",
           c->label.text, took.cycles, demand.unit_cycles, elapsed);
  }
  return BT_OK;
}

static bt_status compare_cycles(bt_cosim_report *r, const bt_command *c,
                                bt_difference *difference) {
  bt_error error = {""};
  uint64_t model = 0;
  bt_rtl_stats stats = bt_rtl_last(r->lockstep->second);
  bt_status s = model_cycles(r, c, stats, &model, &error);
  uint64_t counted = c->op == BT_OP_QUANTIZE ? stats.quantizer_cycles : stats.array_cycles;
  if (s != BT_OK || model != counted) {
    return cycles_differ(c, c->op == BT_OP_QUANTIZE ? "quantizer" : "array", counted, model,
                         &error, difference);
  }
  if (c->op == BT_OP_QUANTIZE) {
    r->quantizer_cycles += counted;
  } else {
    r->array_cycles += counted;
    r->tiles += stats.tiles_run;
    r->tiles_total += stats.tiles_total;
  }
  if (r->verbose) {
    printf("  %-34s %6zu of %6zu %-6s %10" PRIu64 " cycles\n", c->label.text, stats.tiles_run,
           stats.tiles_total, c->op == BT_OP_QUANTIZE ? "blocks" : "tiles", counted);
  }
  return BT_OK;
}
#endif

static bt_status agreed(void *context, const bt_command *c, const bt_ran *ran,
                        bt_difference *difference) {
  bt_cosim_report *r = context;
  if (r->coverage != NULL) {
    bt_cover_command(r->coverage, r->machine, c, ran->before, ran->after, &ran->counts);
  }
  r->contract.covered += c->op == BT_OP_CONTRACT;
  r->quantize.covered += c->op == BT_OP_QUANTIZE;
  bt_status s = BT_OK;
#ifdef BITTRUE_HAVE_RTL
  if (r->cycles_known) {
    s = r->whole ? compare_machine(r, c, difference) : compare_cycles(r, c, difference);
  }
#endif
  (void)difference;
  if (r->verbose && !r->cycles_known) {
    printf("  %s\n", c->label.text);
  }
  bt_platform_times_add(&r->platform, r->lockstep->first, r->lockstep->second, c, r->whole,
                        r->verbose);
  return s;
}

bt_status bt_cosim_run(bt_cosim_report *r, bt_lockstep *l, const bt_program *p,
                       const bt_machine *machine, bt_lfsr *rng, bt_error *error) {
  r->machine = machine;
  r->lockstep = l;
  r->cycles_known = bt_engine_is_rtl(l->second);
#ifdef BITTRUE_HAVE_RTL
  l->covered = r->cycles_known && !r->whole ? bt_rtl_covered_element : NULL;
#endif
  bt_engine_compare(l->second);
  l->machine = machine;
  l->agreed = agreed;
  l->agreed_context = r;
  for (size_t i = 0; i < bt_program_size(p); i++) {
    bt_op op = bt_program_at(p, i)->op;
    r->contract.commands += op == BT_OP_CONTRACT;
    r->quantize.commands += op == BT_OP_QUANTIZE;
  }
  r->all.commands += bt_program_size(p);
  bt_status s = bt_lockstep_run(l, p, rng, error);
  r->all.covered += l->counts.commands_covered;
  r->elements += l->counts.elements;
  r->compared_tiles += l->counts.tiles;
  if (r->whole) {
    r->tiles = r->tiles_total = r->compared_tiles;
  }
  r->difference = l->difference;
  return s;
}

static void print_json(const bt_cosim_report *r, const char *engines) {
  json_t *o = json_object();
  json_object_set_new(o, "engines", json_string(engines));
  json_object_set_new(o, "agreed", json_boolean(!r->difference.found && r->all.covered > 0));
  json_object_set_new(o, "steps", json_integer((json_int_t)r->steps));
  json_object_set_new(o, "commands", json_integer((json_int_t)r->all.commands));
  json_object_set_new(o, "commands_covered", json_integer((json_int_t)r->all.covered));
  json_object_set_new(o, "contractions", json_integer((json_int_t)r->contract.commands));
  json_object_set_new(o, "contractions_covered", json_integer((json_int_t)r->contract.covered));
  json_object_set_new(o, "quantizations", json_integer((json_int_t)r->quantize.commands));
  json_object_set_new(o, "quantizations_covered", json_integer((json_int_t)r->quantize.covered));
  json_object_set_new(o, "elements", json_integer((json_int_t)r->elements));
  json_object_set_new(o, "compared_tiles", json_integer((json_int_t)r->compared_tiles));
  if (r->cycles_known) {
    json_object_set_new(o, "tiles", json_integer((json_int_t)r->tiles));
    json_object_set_new(o, "tiles_total", json_integer((json_int_t)r->tiles_total));
    json_object_set_new(o, "array_cycles", json_integer((json_int_t)r->array_cycles));
    json_object_set_new(o, "quantizer_cycles", json_integer((json_int_t)r->quantizer_cycles));
  }
  if (r->cycles_known && r->whole) {
    json_object_set_new(o, "vector_cycles", json_integer((json_int_t)r->vector_cycles));
    json_object_set_new(o, "scalar_cycles", json_integer((json_int_t)r->scalar_cycles));
    json_object_set_new(o, "machine_cycles", json_integer((json_int_t)r->machine_cycles));
    json_object_set_new(o, "elapsed", bt_cosim_time_json(&r->time));
  }
  if (r->platform.tlm) {
    uint64_t cycles = bt_platform_times_tlm(&r->platform);
    json_object_set_new(o, "tlm_cycles", json_integer((json_int_t)cycles));
  }
  if (r->difference.found) {
    json_object_set_new(o, "difference", json_string(r->difference.text));
  }
  if (r->coverage != NULL) {
    json_t *bins = json_object();
    for (unsigned bin = 0; bin < BT_COVER_COUNT; bin++) {
      json_object_set_new(bins, bt_cover_name((bt_cover)bin),
                          json_integer((json_int_t)r->coverage->n[bin]));
    }
    json_object_set_new(o, "coverage", bins);
  }
  json_dumpf(o, stdout, JSON_INDENT(2));
  printf("\n");
  json_decref(o);
}

static void print_coverage(const bt_coverage *coverage) {
  printf("  coverage\n");
  for (unsigned bin = 0; bin < BT_COVER_COUNT; bin++) {
    printf("    %-24s %12" PRIu64 "  %s\n", bt_cover_name((bt_cover)bin), coverage->n[bin],
           bt_cover_text((bt_cover)bin));
  }
}

/* Names the promised bins that stayed empty; whether there are none. */
static bool promise_kept(const bt_cosim_report *r, const char *promised) {
  if (r->coverage == NULL || promised == NULL) {
    return true;
  }
  bt_cover first = bt_cover_missing(r->coverage, promised, (bt_cover)0);
  for (bt_cover bin = first; bin != BT_COVER_COUNT;
       bin = bt_cover_missing(r->coverage, promised, bin + 1)) {
    fprintf(stderr, "bittrue cosim: promised, but empty: %s (%s)\n", bt_cover_name(bin),
            bt_cover_text(bin));
  }
  return first == BT_COVER_COUNT;
}

int bt_cosim_print(const bt_cosim_report *r, const char *engines, const char *promised,
                   bool json) {
  bool agree = !r->difference.found && r->all.covered > 0;
  bool good = agree && promise_kept(r, promised);
  if (json) {
    print_json(r, engines);
    return good ? 0 : 1;
  }
  fputs(r->difference.text, stdout);
  printf("%s: %s in %" PRIu64 " steps\n", engines,
         r->difference.found ? "DIFFER" : agree ? "agree" : "NOTHING COMPARED", r->steps);
  printf("  commands        %" PRIu64 " of %" PRIu64 " (contractions %" PRIu64 " of %" PRIu64
         ", quantizations %" PRIu64 " of %" PRIu64 ")\n",
         r->all.covered, r->all.commands, r->contract.covered, r->contract.commands,
         r->quantize.covered, r->quantize.commands);
  printf("  elements        %" PRIu64 "\n", r->elements);
  if (r->cycles_known) {
    printf("  tiles           %" PRIu64 " of %" PRIu64 "\n", r->tiles, r->tiles_total);
    printf("  array           %" PRIu64 " cycles, as the cost model says\n", r->array_cycles);
    printf("  quantizer       %" PRIu64 " cycles, as the cost model says\n", r->quantizer_cycles);
  }
  if (r->cycles_known && r->whole) {
    printf("  vector units    %" PRIu64 " cycles, as the cost model says\n", r->vector_cycles);
    printf("  scalar unit     %" PRIu64 " cycles, as the cost model says\n", r->scalar_cycles);
    printf("  machine         %" PRIu64 " cycles from doorbells to interrupts\n",
           r->machine_cycles);
    bt_cosim_time_print(&r->time);
  }
  bt_platform_times_print(&r->platform);
  if (r->coverage != NULL) {
    print_coverage(r->coverage);
  }
  return good ? 0 : 1;
}
